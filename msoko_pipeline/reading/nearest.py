"""The message about a file that no layout fits: the layout most like it, and how its header differs."""

from __future__ import annotations

from functools import cache
from itertools import islice

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import kind_of, shown, unnamed
from msoko_pipeline.reading.differing import absent, differing, missing_of, needed, place, quoted
from msoko_pipeline.reading.header import HEAD, Header, joined, signs, single, title_fits
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.hidden import hidden
from msoko_pipeline.text.logins import login_in
from msoko_pipeline.text.spelling import compared, is_spelled, normal
from schemas.layout import Layout, layouts

LONGEST_WORD = 30  # letters and signs
LIKE = 0.25  # of a layout's columns: so few known ones are no likeness
SURE = 0.6  # of a layout's columns: with so many known ones the file should have been of it
TABLE = 3  # filled cells of a line of a table
FIRST = 2  # such lines among which data are looked for where no header is


def nearest(grids: list[Grid]) -> Refusal:
    """The refusal of a file that no layout fits: what is wrong with its columns where it is clear what it should be,
    else what was seen in it and which kind it resembles most.
    """
    heads = [grid.head(HEAD) for grid in grids]
    first = next((row for head in heads for row in head if any(cell.strip() for cell in row)), [])
    seen = " | ".join(_seen(cell).strip() for cell in first if cell.strip())
    text = f"в начале стоит «{seen[:120]}»"
    best: tuple[float, float, str] = (0.0, 0.0, "")
    nearby = 0, Header(0, 0, [], [])
    for number, head in enumerate(heads):
        lines = [single(head, row) for row in range(len(head))]
        for header in (*lines, *filter(None, (joined(head, row) for row in range(len(head))))):
            for layout in layouts():
                spellings = _columns(layout)
                columns = {spellings[cell] for cell in header.cells & spellings.keys()}
                if any(not cell.isdigit() for cell in header.cells & spellings.keys()):
                    share = len(columns) / len(needed(layout))
                    candidate = (len(columns) - (len(needed(layout)) - len(columns)) / 2, share, layout)
                    if not best[-1] or candidate > best:
                        best, nearby = candidate, (number, header)
    _, share, layout = best
    if share <= LIKE:
        lacks = "ни на одну известную форму не похоже" if layout else "ни одного знакомого столбца"
        lacks = "над данными нет строки с названиями столбцов" if _is_headless(heads) else lacks
        return Refusal("file_kind_unknown", detail=f"{text}, {lacks}")
    number, header = nearby
    title, where = layouts()[layout].title_ru, place(grids[number], header.last)
    wrong, is_of_columns = _unlike(layout, header, grids[number])
    if share >= SURE and is_of_columns:
        return Refusal("file_columns", layout=title, detail=f"{where}: {wrong}")
    return Refusal("file_kind_unknown", detail=f"{text}; больше всего похоже на: {title} ({where}; {wrong})")


def _is_headless(heads: list[list[list[str]]]) -> bool:
    """Whether the first lines of a table are data: in one of them a number, a date or a login stands."""
    rows = ([cell for cell in row if cell.strip()] for head in heads for row in head)
    first = islice((row for row in rows if len(row) >= TABLE), FIRST)
    return any(re.fullmatch(r"[\d\s.,:/-]*\d", cell) or login_in(cell) for row in first for cell in row)


def _seen(cell: str) -> str:
    """A cell of an unknown file as it may be repeated; what is longer than a word may be a key or a password."""
    longest = max(map(len, cell.split()), default=0)
    return hidden(kind_of(cell)) if longest > LONGEST_WORD else unnamed(shown(cell))


@cache
def _columns(layout: str) -> dict[str, str]:
    """Spelling of each column that the layout needs → the column; expressions are left to the closer look."""
    return {compared(spelling): name for name, spellings in needed(layout).items() for spelling in spellings}


def _unlike(layout: str, header: Header, grid: Grid) -> tuple[str, bool]:
    """What keeps a line of headers from a layout, in words, and whether that is missing columns alone."""
    declared = layouts()[layout]
    by_number = {
        number: name
        for number, cells in enumerate(header.spellings)
        for name, column in declared.columns.items()
        if any(cell and is_spelled(cell, column.spellings) for cell in cells)
    }
    lacks = absent(layout, by_number.values())
    titles = {
        title.strip(): header.spellings[number]
        for number, title in enumerate(header.raw)
        if title.strip() and number not in by_number
    }
    wanted, unwanted = signs(layout)
    lacks_words = sorted(min(words) for words in wanted if not words & header.cells)
    wrong = []
    if missing_of(lacks):
        spare = [title for title, cells in titles.items() if _is_spare(declared, cells)]
        wrong.append(differing(lacks, [title for title in titles if title not in spare], spare=spare))
    elif lacks_words:
        wrong.append(f"в заголовке нет слов {quoted(lacks_words)}")
    if extra := sorted(unwanted & header.cells):
        wrong.append(f"лишние столбцы: {quoted(extra)}")
    has_title = _has_title(declared, header, grid)
    if not has_title:
        wrong.append("над таблицей нет строк с названием отчёта и работы")
    return "; ".join(wrong) or "не тот порядок строк", bool(missing_of(lacks)) and has_title and not extra


def _is_spare(declared: Layout, cells: list[str]) -> bool:
    """Whether a column is one of tasks, or one that the layout does without."""
    patterns = [*declared.ignored, *([declared.tasks] if declared.tasks else [])]
    return any(re.fullmatch(pattern, compared(cell)) for pattern in patterns for cell in cells)


def _has_title(declared: Layout, header: Header, grid: Grid) -> bool:
    return title_fits([[normal(cell) for cell in row if cell] for row in grid.head(header.top)], declared)
