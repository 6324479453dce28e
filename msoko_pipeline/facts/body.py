"""The data rows of a sheet: what is below the header, without banners, blank and prefilled lines.

Rows that are data but cannot be used (totals, a repeated header, a missing key, a wrong number of fields) are noted
in the findings; they count as read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.reading import cells
from msoko_pipeline.reading.cells import Text
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.header import Recognised, normal
from msoko_pipeline.validation.findings import Findings


@dataclass
class Body:
    """Data rows of a sheet. rows: sheet row numbers (from 1); column(name): text of one of our columns."""

    found: Recognised
    table: pa.Table
    rows: np.ndarray
    findings: Findings

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str) -> bool:
        return name in self.found.columns

    def column(self, name: str) -> Text:
        return self.at(self.found.columns[name]) if self.has(name) else Text.empty(len(self))

    def at(self, number: int) -> Text:
        return Text.of(self.table.column(number))

    def header(self, name: str) -> str:
        """The column's header as it stands in the file."""
        number = self.found.columns.get(name)
        return self.found.header[number].strip() if number is not None else name

    def cells_of(self, position: int, personal: frozenset[str]) -> dict[str, str]:
        """A row as read: header → text, filled cells only; our columns named in `personal` left out."""
        hidden = {self.found.columns[name] for name in personal if self.has(name)}
        return {
            self.found.header[number].strip() or f"столбец {number + 1}": text
            for number in range(min(len(self.found.header), self.table.num_columns))
            if number not in hidden and (text := self.table.column(number)[position].as_py())
        }


def body(sheet: Sheet, sha256: str, file: str) -> Body:
    """The data rows of a sheet with the findings about whole rows already noted."""
    found, declared = sheet.found, sheet.found.declared
    start = found.header_row + 1
    below = sheet.grid.cells.slice(start)
    numbers = np.arange(start + 1, start + 1 + below.num_rows)
    key_column = found.columns[declared["row_key"]]
    key = Text.of(below.column(key_column))
    keyed = key.filled
    loose = np.flatnonzero(~keyed)
    counted = _filled(below, loose, found)
    banner = loose[counted == 1]
    kept = keyed.copy()
    kept[loose[counted > 1]] = True
    kept[banner] = ~_is_banner(below, banner)
    if _is_second_header(below, found):
        kept[0] = False
    header_again = key.is_in(lambda word: normal(word) == normal(found.header[key_column]))
    totals = key.is_in(cells.is_totals) & (not declared.get("totals_are_rows", False))
    if "login" in found.columns:
        totals |= Text.of(below.column(found.columns["login"])).is_in(cells.is_totals)
    positions = np.flatnonzero(kept)
    findings = Findings(sha256, file, sheet.grid.sheet, numbers[positions])
    table = below if len(positions) == below.num_rows else below.take(positions)
    result = Body(found, table, numbers[positions], findings)
    keyless, again, total = ~keyed[positions], header_again[positions], totals[positions]
    findings.cells("row_totals", np.flatnonzero(total))
    findings.cells("row_header_again", np.flatnonzero(again))
    findings.cells("row_without_code", np.flatnonzero(keyless & ~total), result.header(declared["row_key"]))
    _note_ragged(sheet, result)
    _note_faults(sheet, result)
    return result


def _filled(below: pa.Table, rows: np.ndarray, found: Recognised) -> np.ndarray:
    """How many cells under the header are filled in each of these rows; prefilled zeros do not count."""
    counts = np.zeros(len(rows), np.int64)
    if not len(rows):
        return counts
    prefilled = {found.columns[name] for name in found.declared.get("prefilled", ()) if name in found.columns}
    for number in range(min(len(found.header), below.num_columns)):
        text = Text.of(below.column(number)).take(rows)
        filled = text.filled
        if number in prefilled:
            filled &= ~text.is_in(lambda word: word in ("0", "0.0", "0,0"))
        counts += filled
    return counts


def _is_banner(below: pa.Table, rows: np.ndarray) -> np.ndarray:
    """A lone cell in column A is a banner («Школа(edu…) | Кол-во участников: 89») or a note; totals are not."""
    first = Text.of(below.column(0)).take(rows)
    return first.filled & ~first.is_in(cells.is_totals)


def _is_second_header(below: pa.Table, found: Recognised) -> bool:
    """A second header line, as the layout describes it («NNNN уч.» under the units)."""
    pattern = found.declared.get("second_header")
    if pattern is None or not below.num_rows:
        return False
    line = [column[0].as_py() for column in below.columns[: len(found.header)]]
    filled = [cell.strip() for cell in line if cell and cell.strip()]
    return bool(filled) and all(re.fullmatch(pattern, cell) for cell in filled)


def _note_ragged(sheet: Sheet, result: Body) -> None:
    for row, count in sheet.grid.ragged.items():
        position = np.flatnonzero(result.rows == row)
        wide = f"{count} вместо {len(result.found.header)}"
        if count != len(result.found.header):
            result.findings.cells("row_ragged", position, detail=wide)


def _note_faults(sheet: Sheet, result: Body) -> None:
    """Error cells and formulas without a value under the header: the reader left them empty."""
    known = set(result.found.columns.values()) | {task.column for task in result.found.tasks}
    where = {int(row): position for position, row in enumerate(result.rows)}
    for fault in sheet.grid.faults:
        number = _column_number(fault.column)
        if number in known and fault.row in where:
            at = np.array([where[fault.row]])
            result.findings.cells(fault.issue_type, at, result.found.header[number].strip(), [fault.value])


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def dictionary(values: list[str | None]) -> pa.ChunkedArray:
    """Plain values as a text column of a grid (for tests and tools)."""
    return pa.chunked_array([pc.dictionary_encode(pa.array(values, pa.string()))])
