"""The empty forms: filled in by their own examples they are read back by the layout of their kind."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.reporting.forms import write_forms
from schemas import catalogue
from tests.making import take_in

LAYOUTS = {name: {"reference": "distribution_reference"}.get(name, name) for name in catalogue.forms()}


def test_every_form_has_a_help_sheet_and_its_lists(tmp_path: Path) -> None:
    paths = write_forms(tmp_path / "forms")
    assert [path.name for path in paths] == [form["file"] for form in catalogue.forms().values()]
    for path, form in zip(paths, catalogue.forms().values(), strict=True):
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [form["sheet"], "Как заполнять", "Пример"]
        rules = book[form["sheet"]].data_validations.dataValidation
        assert [rule.prompt for rule in rules] == [column["hint"][:255] for column in form["columns"]]
        assert sum(rule.type == "list" for rule in rules) == sum("list" in column for column in form["columns"])
        shown = [[cell.value for cell in row] for row in book["Пример"].iter_rows()]
        assert shown == [[column[name] or None for column in form["columns"]] for name in ("name", "example")]
        explained = [cell.value for cell in book["Как заполнять"]["A"][3:] if cell.value]
        assert explained == [column["name"] for column in form["columns"]]
        assert all(len(rule.formula1 or "") <= 257 for rule in rules), "Excel mends a book with a longer list"


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_filled_form_is_recognised(form: str, tmp_path: Path) -> None:
    declared = catalogue.forms()[form]
    path = next(path for path in write_forms(tmp_path) if path.name == declared["file"])
    book = openpyxl.load_workbook(path)
    for number, column in enumerate(declared["columns"], 1):
        book[declared["sheet"]].cell(2, number, column["example"])
    book.save(path)
    found = recognise(read(path, sniff(path))[0])
    assert found is not None
    assert found.layout == LAYOUTS[form]


def test_an_empty_form_is_said_to_be_empty_whatever_its_example_holds(tmp_path: Path) -> None:
    for path in write_forms(tmp_path):
        told = take_in(path)
        assert told.refusal is not None, path.name
        assert told.refusal.issue_type in ("file_no_rows", "file_form_empty"), path.name
