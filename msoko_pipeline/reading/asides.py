"""Lines under the header that are no data: totals, signatures of a jury, notes, a header again, numbered columns.

They leave the cells before anything else is done with the sheet, as they name people; an issue lists their numbers.
A line with most of what a row of data must have stays a row, whatever its words are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

ENOUGH = 0.5  # of the columns that a row must have: so many filled make a row of data
LOOKED_AT = 3  # lines under a header within which columns are numbered or have their maxima

_BEGINS = re.compile(r".{0,3}[\u0400-\u052f_*]")  # how a line that is no data does, a number or a quote before it
_GRADE = re.compile(r"(?<![0-9])[0-9]{1,2}(?![0-9])")
_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,4})?")


@dataclass
class Asides:
    """Lines set aside. rows: kind → sheet rows; sections: sheet row of a line such as «9 класс» → its text; maxima:
    column → greatest score, from a line of them.
    """

    rows: dict[str, list[int]] = field(default_factory=dict)
    sections: dict[int, str] = field(default_factory=dict)
    maxima: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def in_words(self) -> str:
        """«итоги — строки 10, 12–14; подписи — строка 16»."""
        titles = catalogue.asides()
        return "; ".join(f"{titles[kind]['title']} — {spoken(rows)}" for kind, rows in self.rows.items())


def spoken(rows: list[int]) -> str:
    """Row numbers as people write them: «строки 10, 12–14»."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    ranges = [f"{run[0]}" if len(run) == 1 else f"{run[0]}{'–' if len(run) > 2 else ', '}{run[-1]}" for run in runs]
    return f"{'строка' if len(rows) == 1 else 'строки'} {', '.join(ranges)}"


def without_asides(recognised: Recognised, grid: Grid) -> tuple[Grid, Asides]:
    """The sheet with such lines emptied, and what they were."""
    start = recognised.header_row + 1
    if recognised.declared.totals_are_rows or recognised.declared.rows_belong_above or grid.cells.num_rows <= start:
        return grid, Asides()
    lines = _Lines(recognised, grid)
    kinds = lines.kinds()
    if not kinds:
        return grid, Asides()
    result = Asides()
    first_row = grid.offset + start + 1
    for line in sorted(kinds):
        kind = kinds[line]
        result.rows.setdefault(kind, []).append(first_row + line)
        if kind == "sections" and (grades := set(_GRADE.findall(lines.texts(line)[0]))) and len(grades) == 1:
            result.sections[first_row + line] = f"{grades.pop()} класс"  # nothing of what may stand beside it
        elif kind == "maxima":
            result.maxima |= {number: text for number, text in lines.filled(line) if _NUMBER.fullmatch(text)}
    states = replace(grid.states, sections=list(result.sections.items()), maxima=list(result.maxima.items()))
    return replace(grid, cells=_emptied(grid.cells, np.array(sorted(kinds)) + start), states=states), result


class _Lines:
    """The lines under a header, and which of them are no data."""

    def __init__(self, recognised: Recognised, grid: Grid) -> None:
        declared = recognised.declared
        self.recognised, self.grid, self.start = recognised, grid, recognised.header_row + 1
        self.below = grid.cells.slice(self.start)
        besides = {*declared.prefilled, *declared.filled_down}
        self.key = {
            recognised.columns[name] for name in (declared.row_key, *declared.people) if name in recognised.columns
        }
        optional = {name for name, column in declared.columns.items() if column.is_optional}
        names = declared.row_has or [name for name in recognised.columns if name not in optional]
        wanted = [name for name in names if name in recognised.columns and name not in {*besides, *declared.people}]
        self.wanted = [recognised.columns[name] for name in wanted]
        self.has_persons = bool(declared.people)
        self.first = next((number for number, cell in enumerate(recognised.header) if cell.strip()), 0)

    def kinds(self) -> dict[int, str]:
        """Line → kind of each that is no data."""
        kinds = self._by_words() | self._by_header()
        return kinds | self._tail(kinds)

    def filled(self, line: int) -> list[tuple[int, str]]:
        """Filled cells of a line: column, text."""
        filled = ((number, column[line].as_py()) for number, column in enumerate(self.below.columns))
        return [(number, text.strip()) for number, text in filled if text and text.strip()]

    def texts(self, line: int) -> list[str]:
        return [text for _, text in self.filled(line)]

    @cached_property
    def is_row(self) -> np.ndarray:
        """Of each line, whether it has enough of what a row of data must have."""
        counts = np.zeros(self.below.num_rows, np.int64)
        for number in self.wanted:
            counts += self.grid.columns[number].below(self.start).filled
        return counts > ENOUGH * len(self.wanted)

    def _by_words(self) -> dict[int, str]:
        """Lines that a word such as «Итого» or «Председатель жюри» begins."""
        beginning: dict[int, tuple[int, str]] = {}
        for word, places in self.grid.words.items():
            if kind := _kind_of(word):
                for number, code in places:
                    rows = self.grid.columns[number].rows_of([code])
                    lines = rows[rows >= self.start] - self.start
                    for line in lines[self._may_be(lines, number, kind, word)].tolist():
                        beginning[line] = min(beginning.get(line, (number, kind)), (number, kind))
        kinds = {line: kind for line, (number, kind) in sorted(beginning.items()) if self._begins(line, number)}
        return {line: "totals" if kind == "maxima" and line >= LOOKED_AT else kind for line, kind in kinds.items()}

    def _may_be(self, lines: np.ndarray, number: int, kind: str, word: str) -> np.ndarray:
        """Which of these lines the word in this column may set aside, by how many of their cells are filled."""
        if kind == "sections":
            return np.asarray(self.grid.filled[lines + self.start] == 1)
        if kind == "maxima" and not self.has_persons:  # reports read theirs as a row
            return np.zeros(len(lines), bool)
        if kind == "totals" and cells.is_totals(word) and number in {*self.key, self.first}:
            return np.ones(len(lines), bool)
        return np.asarray(~self.is_row[lines])

    def _begins(self, line: int, number: int) -> bool:
        """Whether the first word of a line, beside numbers, stands in this column."""
        return number == next(column for column, text in self.filled(line) if not cells.whole(text).isdigit())

    def _by_header(self) -> dict[int, str]:
        """The header again, wherever it stands, and the numbers of columns under a header."""
        header = {number: normal(cell) for number, cell in enumerate(self.recognised.header) if cell.strip()}
        lines: dict[int, str] = {}
        for number in list(header)[:LOOKED_AT]:
            for line in _lines_with(self.below.column(number), self.recognised.header[number]):
                filled = self.filled(line)
                same = [column for column, text in filled if header.get(column) == normal(text)]
                if len(same) >= min(2, len(header)) and len(same) * 2 > len(filled):
                    lines[line] = "header"
        under = [below for line in (-1, *lines) for below in range(line + 1, line + 1 + LOOKED_AT)]
        for line in under:
            if line < self.below.num_rows and line not in lines and self._is_numbering(line, len(header)):
                lines[line] = "numbering"
        return lines

    def _is_numbering(self, line: int, width: int) -> bool:
        """`1 2 3 4 …` under every column of the header."""
        numbers = [text.rstrip(".").removesuffix(".0") for text in self.texts(line)]
        enough = len(numbers) >= max(3, 0.8 * width)
        return enough and numbers == [str(number) for number in range(1, len(numbers) + 1)]

    def _tail(self, kinds: dict[int, str]) -> dict[int, str]:
        """What stands under the last row of data, once a line set aside or an empty one has ended the table."""
        if not self.wanted:
            return {}
        rows = np.flatnonzero(self.is_row)
        last = int(next((row for row in reversed(rows.tolist()) if row not in kinds), -1))
        if last < 0 or last == self.below.num_rows - 1:
            return {}
        is_over, lines = False, {}
        for line in range(last + 1, min(self.below.num_rows, last + 1 + 200)):
            filled = self.filled(line)
            is_over = is_over or line in kinds or not filled
            is_keyed = any(number in self.key for number, _ in filled)
            signed = self.has_persons and any(kind == "signatures" for at, kind in kinds.items() if last < at < line)
            if filled and is_over and line not in kinds and (not is_keyed or signed):
                lines[line] = "notes"
        return lines


@cache
def _pattern(kind: str) -> str:
    return "|".join(f"(?:{pattern})" for pattern in catalogue.asides()[kind]["patterns"])


@cache
def _kinds() -> list[str]:
    return [kind for kind, declared in catalogue.asides().items() if "patterns" in declared]


@cache
def _words() -> Any:
    """All patterns as one, as the letters of either alphabet are compared."""
    import re2

    return re2.compile("|".join(f"(?P<{kind}>{_pattern(kind)})" for kind in _kinds()))


def _kind_of(word: str) -> str | None:
    """The kind of line that a word such as «Итого» begins."""
    match = _words().match(_compared(word)) if _BEGINS.match(word) else None
    return str(match.lastgroup) if match else None


def _compared(text: str) -> str:
    return folded(normal(text))


def _lines_with(column: pa.ChunkedArray, text: str) -> list[int]:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # no rows
        return []
    code = array.dictionary.index(text).as_py()
    if code < 0:
        return []
    return np.flatnonzero(pc.equal(array.indices, code).fill_null(False).to_numpy(zero_copy_only=False)).tolist()


def _emptied(table: pa.Table, lines: np.ndarray) -> pa.Table:
    """The table with nothing in these lines; their words leave the dictionaries too."""
    gone = np.zeros(table.num_rows, bool)
    gone[lines] = True
    mask = pa.array(gone)
    for number, column in enumerate(table.columns):
        if pc.any(pc.is_valid(column.take(pa.array(lines)))).as_py():
            kept = pc.if_else(mask, None, column.cast(pa.string()))
            table = table.set_column(number, table.field(number).name, pc.dictionary_encode(kept))
    return table
