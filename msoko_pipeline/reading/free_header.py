"""Headers as a jury writes them: a layout with `header_columns` is known by which of its columns stand in a line.

Such a layout spells each column in many ways (regular expressions), its header may take two lines, and columns that it
does not know are left unread and told: the layout has people, so nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np

from msoko_pipeline.reading.header import HEAD, Recognised, joined, single
from msoko_pipeline.reading.header import Header as HeaderLine
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.spelling import NUMBERING, is_spelled, normal
from schemas.layout import layouts

LEAST = 3  # filled cells of a header
DEPTH = 2  # lines of parts under a header
NUMBERS = frozenset({"grade", "pupil_grade", "score", "max_score", "completion_pct"})
"""Our columns in which numbers stand."""


@dataclass
class _Assigned:
    """Columns of a header line: our name → number; unread: headers that no spelling knows; is_sure: no column was
    taken for the score that might be the status.
    """

    header: HeaderLine
    columns: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    is_sure: bool = True


def recognise_freely(grid: Grid) -> Recognised | None:
    """The layout of a sheet by its columns alone; None where no line has those that the layout asks for."""
    rows = grid.head(HEAD)
    for layout, declared in layouts().items():
        if not declared.header_columns:
            continue
        fitting = [assigned for header in _lines(rows) if (assigned := _assigned(header, layout)) is not None]
        if not fitting:
            continue
        fitting = [assigned for assigned in fitting if not _takes_a_row(assigned, fitting, rows)]
        best = max(fitting, key=lambda assigned: (len(assigned.columns), assigned.header.top == assigned.header.last))
        titles = [" ".join(filter(None, row)).strip() for row in rows[: best.header.top]]
        named = re.compile(declared.title_like or "")
        if best.is_sure or any(named.search(normal(title)) for title in (*titles, grid.sheet)):
            filled = [title for title in titles if title]
            last, header = _with_parts(rows, best)
            return Recognised(grid.sheet, layout, last, filled, header, best.columns, [], unread=best.unread)
    return None


def other_headers(grid: Grid, recognised: Recognised) -> list[int]:
    """Rows (from 0) of a jury's sheet that are the header of another list: its columns are others, or elsewhere.

    Looked for where words stand in columns of numbers.
    """
    if not recognised.declared.header_columns:
        return []
    start = recognised.header_row + 1
    is_like = np.zeros(grid.cells.num_rows - start, bool)
    for name in NUMBERS & recognised.columns.keys():
        below = grid.columns[recognised.columns[name]].below(start)
        is_like |= below.is_in(
            lambda word: not any(map(str.isdigit, word)) and _names(recognised.layout, normal(word)) != ()
        )
    headers = []
    for row in (start + np.flatnonzero(is_like)).tolist():
        line = [column.at(row) for column in grid.columns]
        other = _assigned(single([line], 0), recognised.layout)
        if other is not None and other.columns != recognised.columns:
            headers.append(row)
    return headers


def _takes_a_row(assigned: _Assigned, fitting: list[_Assigned], rows: list[list[str]]) -> bool:
    """Whether two lines are a header and the first row under it: the upper is a header by itself, and under its person
    stands one.
    """
    if assigned.header.top == assigned.header.last:
        return False
    upper = next((one for one in fitting if one.header.top == one.header.last == assigned.header.top), None)
    return upper is not None and any(
        rows[assigned.header.last][upper.columns[name]].strip()
        for name in ("pupil", "surname", "participant_code")
        if name in upper.columns
    )


def _with_parts(rows: list[list[str]], assigned: _Assigned) -> tuple[int, list[str]]:
    """The last line of the header and the header with its lower lines: those that fill no column of ours, such as the
    numbers of tasks under «Баллы за задания».
    """
    last, header = assigned.header.last, list(assigned.header.raw)
    ours = set(assigned.columns.values())
    for line in rows[last + 1 : last + 1 + DEPTH]:
        parts = [number for number, cell in enumerate(line) if cell.strip()]
        if len(parts) < 2 or ours.intersection(parts):
            break
        for number in parts:
            header[number] = f"{header[number]} {line[number]}".strip()
        last += 1
    return last, header


def _lines(rows: list[list[str]]) -> Iterator[HeaderLine]:
    for number, row in enumerate(rows):
        if sum(bool(cell.strip()) for cell in row) >= LEAST:
            yield single(rows, number)
        if (pair := joined(rows, number)) is not None:
            yield pair


def _assigned(header: HeaderLine, layout: str) -> _Assigned | None:
    declared = layouts()[layout]
    assigned = _Assigned(header)
    ranks: dict[str, int] = {}
    open_to: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(header.spellings):
        if cells == [""] or _is_ignored(layout, cells[0]):
            continue
        names = next((names for cell in cells if (names := _names(layout, cell))), ())
        if len(names) > 1:
            open_to.append((number, tuple(name for name, _ in names)))
        elif names:
            name, rank = names[0]
            if name not in assigned.columns or rank < ranks[name]:
                assigned.columns[name], ranks[name] = number, rank
        elif not any(_is_ignored(layout, cell) for cell in cells):
            assigned.unread.append(header.raw[number].strip())
    for number, choice in open_to:
        free = [name for name in choice if name not in assigned.columns]
        if free:
            assigned.columns[free[0]] = number
            assigned.is_sure = assigned.is_sure and free[0] != choice[0]
    wanted: Iterable[str] = declared.header_columns
    has_all = all(any(name in assigned.columns for name in names.split("|")) for names in wanted)
    lacks = any(_is_foreign(layout, cell) for cells in header.spellings for cell in cells)
    return assigned if has_all and not lacks else None


@lru_cache(20_000)
def _names(layout: str, cell: str) -> tuple[tuple[str, int], ...]:
    """Our columns that a header may be, with the place of its spelling in their lists."""
    if not any("а" <= letter <= "я" for letter in folded(cell)) and "%" not in cell:
        return ()
    names = []
    for name, column in layouts()[layout].columns.items():
        rank = next((rank for rank, word in enumerate(column.spellings) if is_spelled(cell, [word])), None)
        if rank is not None:
            names.append((name, rank))
    return tuple(names)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in words) or r"(?!)")


@lru_cache(20_000)
def _is_ignored(layout: str, cell: str) -> bool:
    ignored = _pattern(layouts()[layout].ignored)
    return any(ignored.fullmatch(form) or NUMBERING.fullmatch(form) for form in (cell, folded(cell)))


@lru_cache(20_000)
def _is_foreign(layout: str, cell: str) -> bool:
    return _pattern(layouts()[layout].foreign).fullmatch(folded(cell)) is not None
