"""Vertically merged cells count for all their rows: a school, a class, a subject written once for many pupils."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from schemas.fields import columns_of
from schemas.kinds import KINDS

SPEAKING = frozenset({
    "login", "org_id", "org_ref", "municipality", "municipality_ref", "municipality_name", "school_name", "class_raw",
    "surname", "first_name", "patronymic", "pupil", "ppe", "exam",
})  # fmt: skip
"""Our columns that may hold for many rows, beside those of words, classes and years in the models."""
READERS = frozenset(
    {"login", "organisation", "school", "subject", "olympiad_subject", "pupil_grade", "school_year", "year"}
)
SILENT = frozenset({"participant_code", "work_code", "number", "pupil_key", "mentor_key", "status", "result"})
"""Texts that are of one row alone."""


def filled_down(recognised: Recognised, grid: Grid) -> tuple[Grid, int]:
    """The sheet with merged cells written in each of their rows below the header, and how many cells that filled."""
    top = grid.offset + recognised.header_row + 1  # the header's sheet row
    speaking = {recognised.columns[name] for name in _speaking(recognised) if name in recognised.columns}
    ranges = [
        part
        for part in grid.states.merged
        if part.first_row > top and part.last_row > part.first_row and part.first_column in speaking
    ]
    table, filled = grid.cells, 0
    for number in {part.first_column for part in ranges}:
        column = table.column(number)
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        indices = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).copy()
        for part in ranges:
            first, last = part.first_row - grid.offset - 1, min(part.last_row - grid.offset, len(indices))
            if part.first_column == number and first < last and indices[first] >= 0:
                below = indices[first + 1 : last]
                filled += int((below < 0).sum())
                below[below < 0] = indices[first]
        kept = pc.if_else(pa.array(indices < 0), None, pa.array(np.maximum(indices, 0), array.indices.type))
        table = table.set_column(
            number, table.field(number).name, pa.DictionaryArray.from_arrays(kept, array.dictionary)
        )
    return (replace(grid, cells=table), filled) if filled else (grid, 0)


def _speaking(recognised: Recognised) -> set[str]:
    specs = columns_of(KINDS[recognised.kind].model) if recognised.kind in KINDS else ()
    of_model = {spec.name for spec in specs if spec.dtype.startswith("str") or spec.reads in READERS}
    return (of_model | SPEAKING) - SILENT
