"""Cells with control signs, which are no text (`signs`): the reader put «�» in their place; an issue says where."""

from __future__ import annotations

from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.asides import spoken
from msoko_pipeline.reading.cell_states import letters
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid

SHOWN = 20  # rows of a column that are named


def lost_signs(recognised: Recognised, grid: Grid) -> dict[str, object] | None:
    """`first_row` with such signs, and `detail`: «столбец «ОО» — строки 7, 9»; None where no cell has them."""
    rows: dict[int, list[int]] = {}
    for row, number in grid.states.no_text:
        if grid.offset < row <= grid.offset + grid.cells.num_rows:
            rows.setdefault(number, []).append(row)
    columns = [
        f"столбец «{_title(recognised, number)}» — {spoken(in_column[:SHOWN])}"
        + f" и ещё {len(in_column) - SHOWN}" * (len(in_column) > SHOWN)
        for number, in_column in sorted(rows.items())
    ]
    return (
        {"first_row": min(min(in_column) for in_column in rows.values()), "detail": "; ".join(columns)}
        if columns
        else None
    )


def _title(recognised: Recognised, number: int) -> str:
    header = recognised.header[number].strip() if number < len(recognised.header) else ""
    return unnamed(header) or letters(number)
