"""The empty forms: filled in by their own examples they are read back by the layout of their kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.senders.empty_forms import of_sender, write_forms, write_workbook
from msoko_pipeline.senders.hints import hints
from msoko_pipeline.text.years import year_of_day
from schemas.form import forms
from tests.command import msoko
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


# ---- what the sheet itself enforces


def rules(path: Path, sheet: str | None = None) -> dict[str, tuple[str, str | None, str | None]]:
    """Header → type of the rule, its first and second bound."""
    book = openpyxl.load_workbook(path)
    page = book[sheet] if sheet else book.worksheets[0]
    headers = {cell.column_letter: str(cell.value) for cell in page[1]}
    found = {}
    for rule in page.data_validations.dataValidation:
        letter = str(rule.sqref).split(":")[0].rstrip("0123456789")
        found[headers[letter]] = (rule.type, rule.formula1, rule.formula2)
    return found


def test_numbers_and_dates_are_enforced(tmp_path: Path) -> None:
    paths = {path.name: path for path in write_forms(tmp_path)}
    passport = rules(paths["Паспорта детских садов.xlsx"])
    assert passport["Год"] == ("whole", "2015", "2100")
    assert passport["Воспитанников"][:2] == ("whole", "1")
    assert passport["Ставок по штату"][:2] == ("decimal", "0")
    assert passport["Есть АОП"][0] == "list"
    contests = rules(paths["Конкурсы и соревнования.xlsx"])
    assert contests["Дата"][0] == "date"
    assert contests["Школа"][0] is None, "its reader takes more than one spelling"
    sheet = openpyxl.load_workbook(paths["Конкурсы и соревнования.xlsx"]).worksheets[0]
    required = {cell.value for cell in sheet[1] if cell.fill.fgColor.rgb == "FFF9E0B5"}
    assert {"Год", "Школа", "Дата", "ФИО ученика"} <= required
    assert "Организатор" not in required


# ---- one workbook for a sender


def test_a_sender_gets_the_forms_that_it_sends() -> None:
    of_school = {each.name for each in of_sender("edu190003")}
    of_preschool = {each.name for each in of_sender("doo190001")}
    assert {"career", "certificate", "contest"} <= of_school
    assert not {"preschool_passport", "objectivity_list", "preschool_expert"} & of_school
    assert {"preschool_passport", "preschool_scale", "preschool_survey"} <= of_preschool
    assert not {"career", "certificate", "contest"} & of_preschool
    assert of_sender("школа 3") == []
    assert of_sender("edu") == []


def test_year_and_school_come_by_themselves_in_rows_with_anything_else(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, "edu190003", 2026)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[-1] == "Как заполнять"
    assert len(book.sheetnames) == len(of_sender("edu190003")) + 1
    sheet = book["Профориентация"]
    assert sheet["A2"].value == '=IF(COUNTA(C2:H2)=0,"",2026)'
    assert sheet["B301"].value == '=IF(COUNTA(C301:H301)=0,"","edu190003")'
    told = take_in(path)
    assert told.refusal is not None
    assert told.refusal.issue_type in ("file_no_rows", "file_form_empty"), "an empty workbook has no rows"


def test_a_workbook_filled_in_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    """What Excel computes where a row has anything, put there by hand."""
    path = write_workbook(tmp_path, "edu190003", 2026)
    book = openpyxl.load_workbook(path)
    for name in ("Профориентация", "Контингент по классам"):
        sheet, form = book[name], next(each for each in forms().values() if each.file == f"{name}.xlsx")
        for number, cell in enumerate(form.example, 1):
            sheet.cell(2, number, cell)
        for row in range(3, 302):
            sheet.cell(row, 1).value = sheet.cell(row, 2).value = ""
    for other in book.worksheets:
        if other.title not in ("Профориентация", "Контингент по классам"):
            for row in other.iter_rows(min_row=2):
                for cell in row:
                    cell.value = None
    book.save(path)
    told = take_in(path)
    assert (told.refusal, told.counts) == (None, (2, 2, 0))
    assert set(told.facts) == {"career", "contingent"}


@pytest.mark.parametrize(("options", "year"), [(("--year", "2027"), 2027), ((), None)])
def test_the_command_writes_a_workbook(tmp_path: Path, options: tuple[str, ...], year: int | None) -> None:
    done = msoko("templates", tmp_path, "--school", "EDU190003", *options)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    assert path.name == f"Формы edu190003 {year or year_of_day(date.today(), '09-01')}.xlsx"
    refused = msoko("templates", tmp_path, "--school", "школа")
    assert refused.returncode == 2
    assert "ожидается логин школы" in refused.stderr


@pytest.mark.parametrize(("day", "year"), [((2026, 8, 31), 2026), ((2026, 9, 1), 2027), ((2027, 1, 1), 2027)])
def test_the_reporting_year_is_that_in_which_the_school_year_ends(day: tuple[int, int, int], year: int) -> None:
    assert year_of_day(date(*day), "09-01") == year
