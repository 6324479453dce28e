"""The sender's cells as a workbook that may be changed: what a return workbook is made of.

A workbook .xlsx is copied as it is (values instead of formulas, no links to other files); of other formats the cells
are copied as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msoko_pipeline.reading.guard import Format
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.signs import NO_TEXT

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SHEET_NAME_LIMIT = 31
FORMULA_SIGNS = ("=", "+", "-", "@")
NOT_IN_A_TITLE = re.compile(r"[\\*?:/\[\]]")
ELSEWHERE = re.compile(r"(?<!\w)\[\d+\](?=[\w!])")
"""A reference to another file in a formula: `[1]Лист!A1`, `'[1]Мой лист'!A1`; `Таблица[1]` is a column of a table."""

Places = Mapping[str, "Worksheet"]
"""Name of a sheet as the sender's file has it ("" of a text table) → where its cells are in the workbook."""


def blank() -> Workbook:
    """A workbook without sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def copied(source: Path, file_format: Format) -> tuple[Workbook, Places]:
    """The sender's cells: an .xlsx with its looks, anything else (and an .xlsx of another make) as text.

    Raises Refusal for what the reader does not read either.
    """
    from openpyxl import load_workbook

    if file_format == "xlsx":
        try:
            with source.open("rb") as stream:
                book = load_workbook(stream, data_only=True, keep_links=False)
        except Exception:  # a workbook that our reader reads and this library does not: its cells, then
            return _as_text(source, file_format)
        _unlink(book)
        for sheet in book.chartsheets:
            book.remove(sheet)
        return book, {sheet.title: sheet for sheet in book.worksheets}
    return _as_text(source, file_format)


def _as_text(source: Path, file_format: Format) -> tuple[Workbook, Places]:
    book, places = blank(), {}
    for grid in read(source, file_format):
        sheet = places[grid.sheet] = book.create_sheet(_title(grid.sheet, book.sheetnames))
        for row, cells in enumerate(grid.head(grid.cells.num_rows), grid.offset + 1):
            for column, text in enumerate(cells, 1):
                if text:
                    put(sheet.cell(row, column), text)
    return book, places


def _title(name: str, taken: Iterable[str]) -> str:
    """The name of a sheet as far as Excel takes it: no brackets and slashes, 31 signs, no two alike in any case."""
    fit = NOT_IN_A_TITLE.sub(" ", plain(name)).strip("' ")[:SHEET_NAME_LIMIT] or "Данные"
    lowered = {title.lower() for title in taken}
    names = chain([fit], (f"{fit[: SHEET_NAME_LIMIT - 6]} ({number})" for number in count(2)))
    return next(title for title in names if title.lower() not in lowered)


def plain(text: str) -> str:
    """A text without the signs that a workbook cannot hold: one of them, and nothing opens it."""
    return NO_TEXT.sub(" ", text)


def put(cell: Any, text: str) -> None:
    """A text as a text, whatever it begins with: a formula that somebody wrote into a cell is not to be computed."""
    cell.value = plain(text)
    if text.startswith(FORMULA_SIGNS):
        cell.data_type, cell.quotePrefix = "s", True
    cell.number_format = "@"


def _unlink(book: Workbook) -> None:
    """Drop what refers to other files: their parts are left behind, and Excel would call the workbook damaged."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name in [name for name, defined in names.items() if _leads_elsewhere(defined.attr_text)]:
            del names[name]
    for sheet in book.worksheets:
        rules = sheet.data_validations.dataValidation
        rules[:] = [rule for rule in rules if not _leads_elsewhere(rule.formula1, rule.formula2)]
        kept = ConditionalFormattingList()
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                if not _leads_elsewhere(*rule.formula):
                    kept.add(str(area.sqref), rule)
        sheet.conditional_formatting = kept


def _leads_elsewhere(*formulas: str | None) -> bool:
    return any(ELSEWHERE.search(formula) for formula in formulas if formula)
