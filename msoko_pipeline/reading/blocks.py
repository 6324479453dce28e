"""Where on a sheet one report of ВПР ends and the next begins: at a title that names another work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from msoko_pipeline import linear as re
from msoko_pipeline.reading.cells import Text
from msoko_pipeline.reading.header import normal
from msoko_pipeline.reading.work import named_work
from msoko_pipeline.reading.workbook import Grid
from schemas import catalogue


def reports(grid: Grid) -> list[Grid]:
    """The sheet cut above each title of another work: a grid a report, the sheet itself where it holds one.

    Empty lines and lone cells right above a title (the report's name) go with it.
    """
    cuts, last = [0], None
    titles = _titles(grid)
    for row in sorted(titles):
        if last is not None and titles[row] != last:
            cuts.append(row)
        last = titles[row]
    return cut_at(grid, cuts, filled_at_most=1)


def _titles(grid: Grid) -> dict[int, tuple[object, ...]]:
    """Row (from 0) of each title of a work → the work it names; looked for among the distinct words of a column."""
    procedure = re.compile(rf"(?<![а-яa-z])(?:{catalogue.work_words()['procedure']})(?![а-яa-z])")
    found: dict[int, tuple[object, ...]] = {}
    for column in grid.cells.columns:
        text = Text.of(column)
        for number, word in enumerate(text.words):
            if len(word) > 3 and not word.isdecimal() and procedure.search(normal(word)) and (work := named_work(word)):
                found |= dict.fromkeys(np.flatnonzero(text.codes == number).tolist(), work)
    return found


def cut_at(grid: Grid, rows: list[int], filled_at_most: int) -> list[Grid]:
    """Blocks that begin at these rows, or above them where lines have no more than so many cells filled."""
    if len(rows) < 2:
        return [grid]
    filled = np.zeros(grid.cells.num_rows, np.int64)
    for column in grid.cells.columns:
        filled += pc.is_valid(column).to_numpy()
    starts = [0]
    for row in rows[1:]:
        while row - 1 > starts[-1] and filled[row - 1] <= filled_at_most:
            row -= 1
        starts.append(row)
    ends = [*starts[1:], grid.cells.num_rows]
    return [
        replace(grid, cells=grid.cells.slice(start, end - start), offset=grid.offset + start)
        for start, end in zip(starts, ends, strict=True)
    ]
