"""Where on a sheet one report ends and the next begins: at a title or a subject of another work, or at another header.

No row may be read under the subject or the columns of the report above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from msoko_pipeline.reading.free_header import other_headers
from msoko_pipeline.reading.header import Recognised, heads_a_layout, sign_words
from msoko_pipeline.reading.procedures.work import SUBJECT_LABEL, named_parts
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

SHORTEST_TITLE, LONGEST_HEADER = 3, 80  # letters of a cell
TITLE_CELLS = 4  # a line of a title has no more: the label and the value of two things
LABEL_CELLS = 2  # a label and its value
ROW_CELLS = 3  # a line with so many is one of a table


CLASS_ALONE = r"класс\s*[:–—-]?\s*\d{1,2}|\d{1,2}(?:-?[а-я]{1,2})?\s*класс[а-я]*"
_CLASS = re.compile(CLASS_ALONE)


def reports(grid: Grid) -> list[Grid]:
    """The sheet cut above each title of another work and each header of another table: a grid a report, the sheet
    itself where it holds one.

    Empty lines and lone cells right above (the report's name) go with it.
    """
    cuts = sorted({0, *_other_works(grid), *_other_headers(grid)})
    return cut_at(grid, cuts)


def _other_works(grid: Grid) -> Iterator[int]:
    """Rows (from 0) of titles that name another year, subject or class than the titles above the table above them."""
    is_table = grid.filled >= ROW_CELLS
    above: dict[str, object] = {}  # what the titles of the last table name
    frame: dict[str, object] = {}  # what the titles since it name
    start = last = 0
    is_of_work, last_of_table = False, int(np.flatnonzero(is_table)[-1]) if is_table.any() else 0
    for row in grid.rows_with(lambda word: len(word) > SHORTEST_TITLE and _title().search(normal(word)) is not None):
        if grid.filled[row] > TITLE_CELLS:
            continue
        line = " ".join(_texts(grid, row))
        if _CLASS.fullmatch(normal(line)) and not is_of_work:
            continue  # a class among the rows of a list, which are not of one work
        is_of_work |= _work().search(normal(line)) is not None
        if is_table[last:row].any():
            above, frame, start = {**above, **frame}, {}, row
        parts = named_parts(line, is_alone=bool(grid.filled[row] <= LABEL_CELLS) and row < last_of_table)
        frame = {**parts, **frame}
        if any(above.get(name, value) != value for name, value in parts.items()):
            yield start
            above = {}
        last = row


@cache
def _title() -> re.Pattern[str]:
    """What a line of a title has: the procedure, a stage of an olympiad, or the word «Предмет:»."""
    words = catalogue.work_words()
    named = rf"(?<![а-яa-z])(?:{words['procedure']}|{words['olympiad']})(?![a-z])|{SUBJECT_LABEL}"
    return re.compile(rf"{named}|^(?:{CLASS_ALONE})$")


@cache
def _work() -> re.Pattern[str]:
    return re.compile(rf"(?<![а-яa-z])(?:{catalogue.work_words()['procedure']})(?![a-z])")


def cut_at_headers(grid: Grid, recognised: Recognised | None) -> list[Grid]:
    """A report cut above each header of another list in it, where the layout is known by its columns alone."""
    rows = [] if recognised is None else other_headers(grid, recognised)
    return cut_at(grid, [0, *rows])


def continued(part: Grid, recognised: Recognised, above: Grid) -> Recognised | None:
    """A report whose title does not say of which kind it is, under the same header as the report above it, or without
    a header, read by the one above; None where its columns do not plainly agree, or where the header is of one work
    alone (its tasks, its scores).

    recognised, above: the report above, as it was recognised.
    """
    rows = np.flatnonzero(part.filled >= ROW_CELLS)
    if not len(rows) or rows[0] == 0:
        return None
    first = int(rows[0])
    lines = [" ".join(_texts(part, row)) for row in range(first)]
    titles = [line for line in lines if line]
    if [normal(column.at(first)) for column in part.columns] == list(map(normal, recognised.header)):
        return replace(recognised, header_row=first, titles=titles, above=[])
    if recognised.tasks or recognised.units or recognised.declared.tasks:
        return None
    start = recognised.header_row + 1
    rows_above = start + np.flatnonzero(above.filled[start:] >= ROW_CELLS)
    pairs = zip(above.columns, part.columns, strict=True)
    if not all(_agree(of_above.take(rows_above), column.take(rows)) for of_above, column in pairs):
        return None
    return replace(recognised, header_row=first - 1, titles=titles, above=[])


def _agree(above: Text, below: Text) -> bool:
    """Whether a column is filled as the one above it: both with numbers, both with words, both empty; a column that
    is filled in every row above is so here.
    """
    if not below.filled.any():
        return not above.filled.all()
    numbers = [text.is_in(_is_number) for text in (above, below)]
    for every in (numbers, [text.filled & ~is_number for text, is_number in zip((above, below), numbers, strict=True)]):
        if every[0].sum() == above.filled.sum() and every[1].sum() != below.filled.sum():
            return False
    return bool(above.filled.any()) and (bool(below.filled.all()) or not above.filled.all())


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[-+]?[0-9]+(?:[.,][0-9]+)?\s*%?", word) is not None


def _other_headers(grid: Grid) -> Iterator[int]:
    """Rows (from 0) of headers below the first one that are not the same header again."""
    headers: list[list[str]] = []
    last = -2
    for row in grid.rows_with(lambda word: len(word) < LONGEST_HEADER and normal(word) in sign_words()):
        cells = [normal(text) for text in _texts(grid, row)]
        if not heads_a_layout(cells):
            continue
        if headers and cells not in headers and row > last + 1:
            yield row
        headers.append(cells)
        last = row


def _texts(grid: Grid, row: int) -> list[str]:
    return [text for column in grid.columns if (text := column.at(row))]


def cut_at(grid: Grid, rows: list[int]) -> list[Grid]:
    """Blocks that begin at these rows, or above them where a line is empty or has a lone cell."""
    starts = [0]
    for row in rows[1:]:
        while row - 1 > starts[-1] and grid.filled[row - 1] <= 1:
            row -= 1
        if row > starts[-1]:
            starts.append(row)
    return grid.cut(starts)
