"""The data rows of a sheet: what is below the header, without banners, blank and prefilled lines.

Rows that are data but cannot be used (totals, a repeated header, a missing key, a wrong number of fields) are noted
in the findings; they count as read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from msoko_pipeline.issues.findings import Findings
from msoko_pipeline.privacy.allowed import NUMBERS, rules
from msoko_pipeline.reading.cell_states import column_number, letters
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.hidden import HIDDEN
from msoko_pipeline.text.spelling import normal

NUMBERED = 3  # rows whose numbers may be taken for a numbering
LETTERED = "столбец "
"""How a column without a header is called, before its letters."""


@dataclass
class Body:
    """Data rows of a sheet. rows: sheet row numbers (from 1); column(name): text of one of our columns."""

    recognised: Recognised
    table: pa.Table
    rows: np.ndarray
    findings: Findings

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str) -> bool:
        return name in self.recognised.columns

    def column(self, name: str) -> Text:
        return self.at(self.recognised.columns[name]) if self.has(name) else Text.empty(len(self))

    def at(self, number: int) -> Text:
        return Text.of(self.table.column(number))

    def positions(self) -> dict[int, int]:
        """Sheet row → data row."""
        return {int(row): position for position, row in enumerate(self.rows)}

    def header(self, name: str, otherwise: str = "") -> str:
        """The column's header as it stands in the file; without such a column, the name or what is to be said."""
        number = self.recognised.columns.get(name)
        return self.recognised.header[number].strip() if number is not None else otherwise or name

    def repeatable(self, personal: frozenset[str]) -> list[tuple[str, int]]:
        """The columns of the table as their rows may be repeated: how each is called, its number; our columns named in
        `personal` left out. What stands beside the table is none of our business.
        """
        hidden = {self.recognised.columns[name] for name in personal if self.has(name)}
        titles = [self.recognised.header[number].strip() for number in range(_extent(self.recognised))]
        return [
            (title or f"столбец {number + 1}", number) for number, title in enumerate(titles) if number not in hidden
        ]

    def repeated(self, number: int, text: str | None) -> str | None:
        """A cell of a column as that column's rule lets it be repeated; None if it is empty or not needed."""
        if not text or text == HIDDEN:
            return None
        named = rules(self.recognised.layout)
        rule = next(
            (named[name] for name, at in self.recognised.columns.items() if at == number and name in named), NUMBERS
        )
        return rule.repeated(text)


def body(sheet: Sheet, sha256: str, file: str) -> Body:
    """The data rows of a sheet with the findings about whole rows already noted."""
    recognised, declared = sheet.recognised, sheet.recognised.declared
    start = recognised.header_row + 1
    below = sheet.grid.cells.slice(start)
    numbers = sheet.grid.offset + np.arange(start + 1, start + 1 + below.num_rows)
    key_column = recognised.columns[declared.row_key]
    key = Text.of(below.column(key_column))
    keyed = key.filled
    loose = np.flatnonzero(~keyed)
    counted = _filled(below, loose, recognised)
    banner = loose[counted == 1]
    kept = keyed.copy()
    kept[loose[counted > 1]] = True
    kept[banner] = ~_is_banner(below, banner, recognised)
    if _is_second_header(below, recognised):
        kept[0] = False
    kept &= _are_data(below, recognised)
    again = key.is_in(lambda word: normal(word) == normal(recognised.header[key_column]))
    totals = key.is_in(cells.is_totals)
    for number in (
        {_first(recognised), recognised.columns.get("login", key_column)} if declared.kind == "vpr_result" else ()
    ):
        totals |= Text.of(below.column(number)).is_in(cells.is_totals)
    if declared.totals_are_rows:  # «Всего» is one of the report's own rows
        totals[:] = False
    positions = np.flatnonzero(kept)
    findings = Findings(sha256, file, sheet.grid.sheet, numbers[positions])
    table = below if len(positions) == below.num_rows else below.take(positions)
    result = Body(recognised, table, numbers[positions], findings)
    _set_broken_aside(sheet, result)
    findings.set_aside("row_totals", np.flatnonzero(totals[positions]))
    findings.set_aside("row_header_again", np.flatnonzero(again[positions]))
    faulty = np.isin(
        result.rows, [fault.row for fault in sheet.grid.states.faults if fault.column == letters(key_column)]
    )
    findings.set_aside("row_without_key", np.flatnonzero(~keyed[positions] & ~faulty), result.header(declared.row_key))
    if recognised.kind != "vpr_result":  # there it depends on the scores: `vpr_result`
        for header, text, at in strays(result):
            findings.cells("cell_beside_table", at, header, text.texts(at))
    _note_faults(sheet, result)
    return result


def _are_data(below: pa.Table, recognised: Recognised) -> np.ndarray:
    """Lines that are data by what the layout wants of them (`rows_have`): means and titles between blocks are none."""
    wanted = recognised.declared.rows_have
    if not wanted:
        return np.ones(below.num_rows, bool)
    number, *others = (Text.of(below.column(recognised.columns[name])) for name in wanted)
    data = number.is_in(lambda word: cells.whole(word).isdigit())
    for other in others:
        data |= other.filled
    return data


def _first(recognised: Recognised) -> int:
    """The first column of the table: sheets may begin with empty ones."""
    return next((number for number, cell in enumerate(recognised.header) if cell.strip()), 0)


def _extent(recognised: Recognised) -> int:
    """Number of columns up to the last of the table; what stands right of a form is its own scratch."""
    if not recognised.declared.beyond_header_is_junk:
        return len(recognised.header)
    return max((*recognised.columns.values(), *(task.column for task in recognised.tasks)), default=-1) + 1


def _filled(below: pa.Table, rows: np.ndarray, recognised: Recognised) -> np.ndarray:
    """How many cells are filled in each of these rows; not counted: prefilled zeros, columns filled down a form,
    remarks.
    """
    counts = np.zeros(len(rows), np.int64)
    if not len(rows):
        return counts
    prefilled, down = (
        _numbers(recognised, recognised.declared.prefilled),
        _numbers(recognised, recognised.declared.filled_down),
    )
    down |= {number for number, title in enumerate(recognised.header) if title.strip() in recognised.unread}
    for number in range(_extent(recognised)):
        column = below.column(number)
        if column.null_count == len(column) or number in down:
            continue
        text = Text.of(column).take(rows)
        filled = text.filled
        if number in prefilled:
            filled &= ~text.is_in(lambda word: cells.whole(word) == "0")
        counts += filled
    return counts


def _numbers(recognised: Recognised, names: Iterable[str]) -> set[int]:
    """Numbers of those of our columns that the sheet has."""
    return {recognised.columns[name] for name in names if name in recognised.columns}


def _is_banner(below: pa.Table, rows: np.ndarray, recognised: Recognised) -> np.ndarray:
    """A lone cell in the first column is a banner («Школа(edu…) | Кол-во участников: 89») or a note."""
    number = _first(recognised)
    first = Text.of(below.column(number)).take(rows)
    lone = first.filled & ~first.is_in(cells.is_totals)
    down = _numbers(recognised, recognised.declared.filled_down)  # of a form filled down the lone cell is another one
    return lone & (number not in down)


def _is_second_header(below: pa.Table, recognised: Recognised) -> bool:
    """A second header line, as the layout describes it («NNNN уч.» under the units)."""
    pattern = recognised.declared.second_header
    if pattern is None or not below.num_rows:
        return False
    line = [column[0].as_py() for column in below.columns]
    filled = [cell.strip() for cell in line if cell and cell.strip()]
    return bool(filled) and all(re.fullmatch(pattern, cell) for cell in filled)


def _set_broken_aside(sheet: Sheet, result: Body) -> None:
    """Lines of a text file whose quotes do not close, or with too few fields or too many."""
    width = result.recognised.width
    result.findings.set_aside("row_quotes", np.flatnonzero(np.isin(result.rows, sheet.grid.unclosed)))
    where = result.positions() if sheet.grid.ragged else {}
    by_count: dict[int, list[int]] = {}
    for row, count in sheet.grid.ragged.items():
        at = where.get(row)
        if at is None:
            continue
        if count < width or any(result.table.column(number)[at].as_py() for number in range(width, count)):
            by_count.setdefault(count, []).append(at)
    for count, rows in by_count.items():
        result.findings.set_aside("row_ragged", np.array(rows), detail=f"{count} вместо {width}")


def strays(result: Body) -> Iterator[tuple[str, Text, np.ndarray]]:
    """Columns that have no header and yet something in them: how each is called, its text, the filled data rows."""
    if result.recognised.declared.header_columns:
        return  # scores of tasks, as a jury puts them under a merged title
    for number in range(_extent(result.recognised)):
        column = result.table.column(number)
        if result.recognised.header[number].strip() or column.null_count == len(column):
            continue
        text = result.at(number)
        if _is_numbering(text):
            continue
        yield f"{LETTERED}{letters(number)}", text, np.flatnonzero(text.filled)


def _is_numbering(text: Text) -> bool:
    """Whether a column numbers its rows: 1, 2, 3 and so on down to the last."""
    if len(text) < NUMBERED or not text.filled.all():
        return False
    return all(cells.whole(text.at(row)).rstrip(".") == str(row + 1) for row in range(len(text)))


@dataclass(frozen=True)
class Faults:
    """Cells of one column with an error of Excel, or a formula without a value: the reader left them empty."""

    issue_type: str
    positions: np.ndarray
    values: list[str]


def faults(sheet: Sheet, result: Body) -> dict[int, list[Faults]]:
    """Column number → its cells that are empty only for the reader."""
    where = result.positions() if sheet.grid.states.faults else {}
    cells_of: dict[tuple[int, str], dict[int, str]] = {}
    for fault in sheet.grid.states.faults:
        if fault.row in where:
            place = (column_number(fault.column), fault.issue_type)
            cells_of.setdefault(place, {})[where[fault.row]] = fault.value
    recognised: dict[int, list[Faults]] = {}
    for (number, issue_type), values in cells_of.items():
        recognised.setdefault(number, []).append(Faults(issue_type, np.array(list(values)), list(values.values())))
    return recognised


def _note_faults(sheet: Sheet, result: Body) -> None:
    """Error cells and formulas without a value under the header. Their values are unknown, as if the cells were empty;
    where an empty cell refuses its row, so do they (`Findings`).

    A total without a value is no loss where it can be summed: its absence is noted with the totals. Of the scores of
    tasks `vpr_scores` tells.
    """
    recognised = result.recognised
    numbers = set(recognised.columns.values())
    if recognised.kind != "vpr_result":
        numbers |= {task.column for task in recognised.tasks} | set(recognised.units)
    key, total = recognised.columns[recognised.declared.row_key], recognised.columns.get("total")
    for number, in_column in faults(sheet, result).items():
        for fault in in_column if number in numbers else ():
            if fault.issue_type == "cell_formula_empty" and number == total:
                continue
            header = recognised.header[number].strip()
            result.findings.cells(fault.issue_type, fault.positions, header, fault.values, is_spared=number != key)
