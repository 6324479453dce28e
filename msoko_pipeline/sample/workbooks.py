"""Workbooks as bytes, the same bytes for the same cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import xlsxwriter

Cell = str | int | float | None
Row = Sequence[Cell]

MADE = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)
SHEET_NAME_LIMIT = 31
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class Formula:
    """A formula with the value Excel keeps beside it."""

    row: int
    column: int
    text: str
    value: str | int


@dataclass(frozen=True)
class Sheet:
    """Rows from the first one down; None leaves a cell out."""

    name: str
    rows: Iterable[Row]
    formulas: Sequence[Formula] = field(default=())


def xlsx(*sheets: Sheet) -> bytes:
    """The workbook's bytes. Nothing in them depends on the clock."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"created": MADE, "author": "", "comments": ""})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:SHEET_NAME_LIMIT])
            for number, row in enumerate(sheet.rows):
                page.write_row(number, 0, row)
            for formula in sheet.formulas:
                page.write_formula(formula.row, formula.column, formula.text, None, formula.value)
    return buffer.getvalue()


def archive(files: Mapping[str, bytes]) -> bytes:
    """A .zip of the files; they are compressed already, so they are only stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, (2026, 6, 1, 0, 0, 0)), content)
    return buffer.getvalue()
