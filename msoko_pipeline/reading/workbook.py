"""Reads a guarded file into grids of text: every cell as it stands, row and column numbers as in the sheet.

Workbooks go through calamine (fastexcel), all cells as text; text tables through `reading.text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.reading import text
from msoko_pipeline.reading.guard import BROKEN_ZIP, Fault, Format, faults
from msoko_pipeline.reading.problems import Refusal


@dataclass
class Grid:
    """A sheet, or a block of one, as text. cells: dictionary-encoded text columns; NULL is an empty cell.

    offset: sheet rows above the first row of `cells`: row i is sheet row offset + i + 1; ragged: sheet row → number of
    fields, where it differs; unclosed: sheet rows whose quotes do not close.
    """

    sheet: str
    cells: pa.Table
    faults: list[Fault] = field(default_factory=list)
    ragged: dict[int, int] = field(default_factory=dict)
    unclosed: list[int] = field(default_factory=list)
    hidden: bool = False
    offset: int = 0

    def head(self, rows: int) -> list[list[str]]:
        """The first rows as lists of text, "" for empty."""
        columns = [column.cast(pa.string()).to_pylist() for column in self.cells.slice(0, rows).columns]
        return [["" if cell is None else cell for cell in line] for line in zip(*columns, strict=True)]


def read(path: Path, file_format: Format) -> list[Grid]:
    """All sheets with at least one cell. Raises Refusal where the file cannot be read."""
    if file_format == "text":
        found = text.parse(path.read_bytes())
        grids = [Grid("", _encoded(found.columns), [], found.ragged, found.unclosed)]
    else:
        grids = _read_workbook(path, file_format)
    filled = [grid for grid in grids if grid.cells.num_rows]
    if not filled:
        raise Refusal("file_empty")
    return filled


def _read_workbook(path: Path, file_format: Format) -> list[Grid]:
    import fastexcel

    grids = []
    try:
        book = fastexcel.read_excel(path)
        for number, name in enumerate(book.sheet_names):
            sheet = book.load_sheet(number, header_row=None, skip_rows=0, dtypes="string")
            batch = sheet.to_arrow()
            if batch.num_rows == 0 or batch.num_columns == 0:
                continue
            kept = _trimmed(batch)
            blank = pa.nulls(len(kept[0]), pa.string())  # the reader leaves out empty columns on the left
            cells = _encoded([blank] * sheet.selected_columns[0].absolute_index + kept)
            found = _faults(path, name) if file_format == "xlsx" else []
            grids.append(Grid(name, cells, found, hidden=sheet.visible != "visible"))
    except fastexcel.FastExcelError as error:
        if "password" in str(error).lower():
            raise Refusal("file_password") from error
        raise Refusal("file_unreadable", detail="книга испорчена внутри") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how the reader's own breakdown looks in Python
            raise Refusal("file_unreadable", detail="книга испорчена внутри") from None
        raise
    return grids


def _faults(path: Path, sheet: str) -> list[Fault]:
    try:
        return faults(path, sheet)
    except BROKEN_ZIP as error:
        raise Refusal("file_unreadable", detail=f"лист «{sheet}» испорчен") from error


def _trimmed(batch: pa.RecordBatch) -> list[pa.Array]:
    """Columns without the empty rows below the last filled one: Excel keeps a million of them for a stray format."""
    if any(column[-1].as_py() for column in batch.columns):
        return list(batch.columns)
    filled = (np.flatnonzero(pc.not_equal(column, "").fill_null(False)) for column in batch.columns)
    last = max((int(rows[-1]) for rows in filled if len(rows)), default=-1)
    return [column.slice(0, last + 1) for column in batch.columns]


def _encoded(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Text columns as dictionaries: what follows interprets each spelling once, not each cell."""
    encoded = [_dictionary(column) for column in columns]
    return pa.table(encoded, names=[str(number) for number in range(len(encoded))])


def _dictionary(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    column = column.cast(pa.string()) if column.type != pa.string() else column
    encoded = pc.dictionary_encode(column)
    if pc.any(pc.equal(encoded.dictionary, "")).as_py():  # a formula that gives "" is an empty cell
        encoded = pc.dictionary_encode(pc.if_else(pc.equal(column, ""), None, column))
    return encoded
