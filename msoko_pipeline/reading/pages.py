"""A sheet that a reader of ours puts together cell by cell, where no library gives the table whole."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.cell_states import Fault

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14  # what a sheet of Excel can hold
MOST_CELLS = 30_000_000  # empty ones counted: a table of 64-bit places of so many takes 240 MB


@dataclass
class Page:
    """A sheet. cells: (row, column), from 0, → text; faults and hidden as of a grid."""

    sheet: str
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    hidden: bool = False

    def put(self, row: int, column: int, text: str) -> None:
        """Keep a cell with anything in it. Raises Refusal beyond the last corner of a sheet."""
        if row >= MOST_ROWS or column >= MOST_COLUMNS:
            raise Refusal("file_too_large", detail=f"ячейка в строке {row + 1}, столбце {column + 1}")
        if text:
            self.cells[row, column] = text

    def columns(self) -> list[pa.Array]:
        """The page as text columns from its first corner to the last cell; NULL is an empty cell."""
        rows = max((row for row, _ in self.cells), default=-1) + 1
        width = max((column for _, column in self.cells), default=-1) + 1
        if rows * width > MOST_CELLS:
            raise Refusal("file_too_large", detail=f"{rows} строк на {width} столбцов")
        columns: list[list[str | None]] = [[None] * rows for _ in range(width)]
        for (row, column), text in self.cells.items():
            columns[column][row] = text
        return [pa.array(column, pa.string()) for column in columns]


def number(value: float) -> str:
    """A number as workbooks are read: `40001`, `0.5`."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
