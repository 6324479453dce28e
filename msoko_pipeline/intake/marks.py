"""Where on its sheet each finding stands: row and column numbers, for whoever marks the sender's own cells.

Findings name a column by its header; which column that is, the sheet as it was recognised says. People have left the
kept cells by then, but rows and columns stand where they stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msoko_pipeline.facts.body import LETTERED
from msoko_pipeline.issues.findings import place
from msoko_pipeline.issues.refusals import Refusal, advice, said
from msoko_pipeline.reading.cell_states import column_number
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.text.signs import in_line
from schemas import catalogue


@dataclass(frozen=True)
class Mark:
    """One finding. sheet: name, None for the file or a text table; row: from 1; columns: numbers from 0 of the cells to
    mark, one where the finding is about a cell, the table's width where it is about the row, none where about more.
    """

    sheet: str | None
    row: int | None
    columns: tuple[int, ...]
    column: str | None
    wrong: str
    mend: str
    severity: str


def marks_of(issues: Iterable[Mapping[str, Any]], file: str, sheets: Iterable[Sheet]) -> list[Mark]:
    """A mark for every issue (rows of `ops.issue`) that asks for mending, in the order of sheets and rows."""
    tables = [_Table.of(sheet) for sheet in sheets]
    order = {table.sheet: number for number, table in reversed(list(enumerate(tables)))}
    made = [_mark(issue, file, tables) for issue in issues if issue["severity"] != "info"]
    return sorted(made, key=lambda mark: (order.get(mark.sheet, -1) if mark.row else -1, mark.row or 0, mark.columns))


def mark_of(refusal: Refusal) -> Mark:
    """The mark of a file refused as a whole."""
    declared = catalogue.issue_types()[refusal.issue_type]
    wrong = said(refusal.issue_type, **refusal.details)
    return Mark(refusal.details.get("sheet"), None, (), None, wrong, declared["mend"], declared["severity"])


@dataclass(frozen=True)
class _Table:
    """A block of a sheet: rows from `first` (from 1) to `last`, the headers of its columns."""

    sheet: str | None
    first: int
    last: int
    header: list[str]

    @classmethod
    def of(cls, sheet: Sheet) -> _Table:
        above = sheet.grid.offset
        header = [in_line(cell.strip()) for cell in sheet.recognised.header]
        return cls(sheet.grid.sheet or None, above + 1, above + sheet.grid.cells.num_rows, header)

    def columns(self, title: str | None) -> tuple[int, ...]:
        if title in self.header:
            return (self.header.index(title),)
        lettered = (title or "").removeprefix(LETTERED)
        if title and lettered != title and lettered.isascii() and lettered.isalpha():
            return (column_number(lettered),)
        return tuple(number for number, cell in enumerate(self.header) if cell)


def _mark(issue: Mapping[str, Any], file: str, tables: list[_Table]) -> Mark:
    sheet, row, column = issue["sheet"], issue["row"], issue["column"]
    mend = advice(issue["issue_type"], to_sender=True)
    message = issue["message_ru"].removeprefix(f"{place(file, sheet, row, column)}: ")
    wrong = message.removesuffix(f". {advice(issue['issue_type'])}")
    table = next((t for t in tables if t.sheet == sheet and row and t.first <= row <= t.last), None)
    columns = table.columns(column) if table else ()
    return Mark(sheet, row, columns, column, wrong, mend, issue["severity"])
