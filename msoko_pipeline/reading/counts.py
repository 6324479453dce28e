"""How many participants a file says it lists, held against its rows: above its table, over a school's rows, in totals.

What the words are is data: `counts.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

RESULTS = ("total", "primary_score", "score", "mark", "short_answers", "completion_pct")
"""Columns beside the tasks in which whoever took part has something."""
TITLE = -1
"""The line of a count that stands above the header."""


@dataclass(frozen=True)
class Count:
    """A count that a file states. line: under the header, from 0, or TITLE; row: of the sheet, from 1."""

    line: int
    row: int
    count: int


def counts_in(table: Recognised, grid: Grid) -> list[Count]:
    """The counts that a sheet states above its table and in the lines of it, in their order."""
    if table.kind not in catalogue.counts()["kinds"]:
        return []
    head = [" ".join(filter(None, row)) for row in grid.head(table.header_row)]
    stated = [
        Count(TITLE, grid.offset + row, count)
        for row, line in enumerate(head, 1)
        if (count := count_of(line)) is not None
    ]
    start = table.header_row + 1
    body = grid.cells.slice(start)
    for line in grid.rows_with(lambda word: _words().search(word) is not None):
        if line < start:
            continue
        cells = [text for column in body.columns if (text := column[line - start].as_py())]
        if (count := count_of(" ".join(cells))) is not None and not _is_row(table, body, line - start):
            stated.append(Count(line - start, grid.offset + line + 1, count))
    return stated


def count_of(line: str) -> int | None:
    """The number of participants that a line states; None where it states none, or of some of them only."""
    text = normal(line)
    if _besides().search(text):
        return None
    match = next(filter(None, (pattern.search(text) for pattern in _patterns())), None)
    return int(match["count"]) if match else None


@cache
def _patterns() -> list[Any]:
    import re2

    return [re2.compile(pattern) for pattern in catalogue.counts()["patterns"]]


@cache
def _words() -> re.Pattern[str]:
    return re.compile(catalogue.counts()["words"])


@cache
def _besides() -> Any:
    import re2

    return re2.compile(catalogue.counts()["besides"])


def _is_row(table: Recognised, body: Any, line: int) -> bool:
    """Whether a line has most of the cells of a participant's row."""
    numbers = [*table.columns.values(), *(task.column for task in table.tasks)]
    return 2 * sum(body.column(number)[line].is_valid for number in numbers) > len(numbers)


def differing(table: Recognised, grid: Grid, stated: list[Count]) -> list[tuple[Count, str]]:
    """Counts that equal neither the number of rows they cover nor of those who took part; with both, in words.

    A count above the first row covers the rows below it, one under rows covers those above it, or all.
    """
    if not stated:
        return []
    start = table.header_row + 1
    is_row = grid.columns[table.columns[table.declared.row_key]].below(start).filled
    is_row &= ~np.isin(np.arange(len(is_row)), [count.line for count in stated])
    took_part = is_row & _has_result(table, grid)
    first = int(np.argmax(is_row)) if is_row.any() else len(is_row)
    inside = [count for count in stated if count.line != TITLE]
    is_above = bool(inside) and inside[0].line < first
    wrong = []
    for number, count in enumerate(stated):
        begin, end = 0, len(is_row)
        at = inside.index(count) if count in inside else None
        if at is not None and is_above and is_row[count.line :].any():
            begin, end = count.line, inside[at + 1].line if at + 1 < len(inside) else len(is_row)
        elif at is not None and not is_above:
            begin, end = (inside[at - 1].line if at else 0), count.line
        parts = [slice(begin, end)] + [slice(None)] * (number == len(stated) - 1)
        sizes = [int(rows[part].sum()) for part in parts for rows in (is_row, took_part)]
        if count.count not in sizes:
            absent = f" (из них с результатом {sizes[1]})" if sizes[1] != sizes[0] else ""
            wrong.append((count, f"{sizes[0]}{absent}"))
    return wrong


def _has_result(table: Recognised, grid: Grid) -> np.ndarray:
    """Rows (under the header) in which a score, a mark or an answer stands."""
    columns = [task.column for task in table.tasks]
    columns += [table.columns[name] for name in RESULTS if name in table.columns]
    start = table.header_row + 1
    has = np.zeros(grid.cells.num_rows - start, bool)
    for number in columns:
        below = grid.columns[number].below(start)
        has |= below.is_in(lambda word: any(map(str.isdigit, word)) or set(word) <= set("+-−"))
    return has
