"""Hidden rows and columns of a table: they are read like the others, and an issue says so."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.asides import spoken
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid

SHOWN = 60  # characters of row numbers


def hidden_in_words(recognised: Recognised, grid: Grid) -> str | None:
    """«фильтром строк: 3 (строки 12–14); столбцов: 1 («Класс»)»; None where nothing of the table is hidden."""
    rows, columns = _rows(recognised, grid), _columns(recognised, grid)
    by_filter = "фильтром " if grid.states.is_filtered else ""
    numbers = spoken(rows) if rows else ""
    where = f" ({numbers})" if len(numbers) <= SHOWN else ""
    parts = [f"{by_filter}строк: {len(rows)}{where}"] * bool(rows)
    parts += [f"столбцов: {len(columns)} ({', '.join(columns)})"] * bool(columns)
    return "; ".join(parts) or None


def _rows(recognised: Recognised, grid: Grid) -> list[int]:
    """Hidden sheet rows below the header with anything in them."""
    start = grid.offset + recognised.header_row + 2
    hidden = [row for row in grid.states.hidden_rows if start <= row <= grid.offset + grid.cells.num_rows]
    if not hidden:
        return []
    places = np.array(hidden) - grid.offset - 1
    filled = np.zeros(len(hidden), bool)
    for number in {*recognised.columns.values(), *(task.column for task in recognised.tasks)}:
        filled |= pc.is_valid(grid.cells.column(number)).to_numpy()[places]
    return [row for row, is_filled in zip(hidden, filled.tolist(), strict=True) if is_filled]


def _columns(recognised: Recognised, grid: Grid) -> list[str]:
    numbers = {*recognised.columns.values(), *(task.column for task in recognised.tasks)}
    return [
        f"«{unnamed(recognised.header[number].strip())}»" for number in grid.states.hidden_columns if number in numbers
    ]
