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

RISK = ("objectivity_list", "risk_profile", "social_passport", "recheck", "medallist", "risk_indicator")
LAYOUTS = {"register": "register", "manifest": "manifest", "reference": "distribution_reference"} | {
    name: name for name in RISK
}


def test_every_form_has_a_help_sheet_and_its_lists(tmp_path: Path) -> None:
    paths = write_forms(tmp_path / "forms")
    assert [path.name for path in paths] == [form["file"] for form in catalogue.forms().values()]
    for path, form in zip(paths, catalogue.forms().values(), strict=True):
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [form["sheet"], "Как заполнять"]
        listed = sum("list" in column for column in form["columns"])
        assert len(book[form["sheet"]].data_validations.dataValidation) == listed
        explained = [cell.value for cell in book["Как заполнять"]["A"][3:] if cell.value]
        assert explained == [column["name"] for column in form["columns"]]
        rules = book[form["sheet"]].data_validations.dataValidation
        assert all(len(rule.formula1) <= 257 for rule in rules), "Excel mends a book with a longer list"


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
