"""The empty forms: filled in by their own examples they are read back by the layout of their kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.senders.empty_forms import write_forms
from msoko_pipeline.senders.hints import hints
from schemas.form import forms
from tests.making import filled_form, take_in, xlsx

LAYOUTS = {name: {"reference": "distribution_reference"}.get(name, name) for name in forms()}


def test_every_form_has_a_help_sheet_and_its_lists(tmp_path: Path) -> None:
    paths = write_forms(tmp_path / "forms")
    assert [path.name for path in paths] == [form.file for form in forms().values()]
    for path, form in zip(paths, forms().values(), strict=True):
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [form.sheet, "Как заполнять", "Пример"]
        rules = book[form.sheet].data_validations.dataValidation
        assert [rule.prompt for rule in rules] == hints(form)
        assert all(len(rule.prompt) <= 255 for rule in rules), "Excel mends a book with a longer hint"
        assert sum(rule.type == "list" for rule in rules) == sum(bool(column.choices) for column in form.columns)
        shown = [[cell.value for cell in row] for row in book["Пример"].iter_rows()]
        assert shown == [form.header, [cell or None for cell in form.example]]
        explained = [cell.value for cell in book["Как заполнять"]["A"][3:] if cell.value]
        assert explained == form.header
        assert all(len(rule.formula1 or "") <= 257 for rule in rules), "Excel mends a book with a longer list"


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_filled_form_is_recognised(form: str, tmp_path: Path) -> None:
    path = filled_form(tmp_path, form)
    found = recognise(read(path, sniff(path))[0])
    assert found is not None
    assert found.layout == LAYOUTS[form]


def test_an_empty_form_is_said_to_be_empty_whatever_its_example_holds(tmp_path: Path) -> None:
    for path in write_forms(tmp_path):
        told = take_in(path)
        assert told.refusal is not None, path.name
        assert told.refusal.issue_type in ("file_no_rows", "file_form_empty"), path.name


# ---- hints


def hint(form: str, column: str) -> str:
    declared = forms()[form]
    return dict(zip(declared.header, hints(declared), strict=True))[column]


@pytest.mark.parametrize(
    ("form", "column", "told"),
    [
        ("certificate", "Выпускников всего", "на начало ГИА; единица: чел.; от 0; обязательно"),
        ("social_passport", "Под опекой", "человек; от 0; не больше числа в столбце «Обучающихся»"),
        ("objectivity_list", "Количество маркеров", "сколько единиц в строке; от 0 до 4"),
        ("medallist", "ЕГЭ: русский язык", "тестовый балл, 0–100"),  # its own words say it all
        ("objectivity_list", "4 РУ", "1, если маркер есть; иначе 0 или пусто"),
        ("register", "ИНН", "10 цифр, как текст"),  # a reader of its own: the model's columns are not the sheet's
        ("manifest", "year", "отчётный год"),  # no kind of facts
    ],
)
def test_a_hint_tells_what_the_model_demands(form: str, column: str, told: str) -> None:
    assert hint(form, column) == told


def test_a_hint_never_outgrows_its_limit() -> None:
    form = forms()["certificate"]
    long = replace(form, columns=tuple(replace(column, hint="я" * 249) for column in form.columns))
    assert {told[:249] for told in hints(long)} == {"я" * 249}
    assert {len(told) for told in hints(long)} == {249, 255}  # only «от 0» is short enough


@pytest.mark.parametrize("form", LAYOUTS)
def test_what_a_hint_calls_obligatory_the_reader_demands(form: str, tmp_path: Path) -> None:
    """Each such cell left empty: the row is not taken in."""
    declared = forms()[form]
    header, example = declared.header, declared.example
    obligatory = [number for number, told in enumerate(hints(declared)) if told.endswith("обязательно")]
    for number in obligatory:
        row = [None if place == number else cell or None for place, cell in enumerate(example)]
        told = take_in(xlsx(tmp_path / f"{number}.xlsx", {declared.sheet: [header, row]}))
        assert told.counts[1] == 0, header[number]
