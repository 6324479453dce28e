"""Finds the header of a sheet and the layout it belongs to, by what the cells say; positions are never guessed.

A layout is data (`schemas/layouts/*/layouts.yaml`). A column that is missing, unknown or there twice stops the file;
one of remarks is left unread.
A header of two lines (merged cells above, their parts below) is read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from typing import Any

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.differing import absent, differing, missing_of, place
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.spelling import NUMBERING, bare, compared, is_remark, is_spelled, normal
from schemas import catalogue
from schemas.layout import Column, Layout, layouts

HEAD = 40  # rows within which a header must stand
LEVELS = ("Б", "П", "В")


@dataclass
class Task:
    """A task column: canonical code («4.К1»), maximum and level (Б, П, В) where the sheet tells them, its number."""

    task: str
    max_score: int | None
    column: int
    level: str | None = None


@dataclass
class Recognised:
    """A sheet whose layout is known. header_row: 0-based, the last line of the header; columns: our name → number.

    beyond: padded task columns after the last task, where nothing may stand; unread: headers of columns that the layout
    does not know and does without; above: titles of the reports above it on the sheet, the nearest first.
    """

    sheet: str
    layout: str
    header_row: int
    titles: list[str]
    header: list[str]
    columns: dict[str, int]
    tasks: list[Task]
    units: dict[int, str] = field(default_factory=dict)
    beyond: list[Task] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    above: list[list[str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.declared.kind

    @property
    def declared(self) -> Layout:
        return layouts()[self.layout]

    @property
    def width(self) -> int:
        """Number of columns up to the last one with a header."""
        return max((number for number, cell in enumerate(self.header, 1) if cell.strip()), default=0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Recognised:
        tasks = {name: [Task(**task) for task in data[name]] for name in ("tasks", "beyond")}
        return cls(**{**data, **tasks, "units": {int(number): unit for number, unit in data["units"].items()}})


def task_code(text: str) -> str:
    """Canonical code of a task: `10К1` and `11.3 k1` → `10.К1`, `11.3.К1`; `5(1)` → `5.1`."""
    match = re.fullmatch(r"(\d+)(?:[.(](\d+)\)?)?\s*(?:[кk](\d+))?", normal(text))
    if not match:
        return text.strip()
    number, part, criterion = match.groups()
    return number + (f".{part}" if part else "") + (f".К{criterion}" if criterion else "")


@dataclass(frozen=True)
class Header:
    """A header line, or two joined: spellings[i] are those column i may go by, raw[i] is how to call it.

    stacked: columns with a cell of their own in both lines.
    """

    top: int
    last: int
    raw: list[str]
    spellings: list[list[str]]
    stacked: frozenset[int] = frozenset()

    @cached_property
    def cells(self) -> set[str]:
        return {compared(cell) for cells in self.spellings for cell in cells}


def recognise(grid: Grid) -> Recognised | None:
    """The layout of a sheet, or None when no layout fits. Raises Refusal when columns are missing or unknown."""
    rows = grid.head(HEAD)
    above = [[normal(cell) for cell in row if cell] for row in rows]
    singles = [single(rows, number) for number in range(len(rows))]
    for layout, declared, header in _candidates(singles, above):
        try:
            return _matched(grid, layout, declared, header)
        except Refusal:
            for number in (header.last, header.last - 1):
                twofold = joined(rows, number)
                if twofold and (recognised := _matched_twofold(grid, layout, declared, twofold)):
                    return recognised
            raise
    pairs = [pair for number in range(len(rows)) if (pair := joined(rows, number))]
    for layout, declared, header in _candidates(pairs, above):
        if recognised := _matched_twofold(grid, layout, declared, header):
            return recognised
    from msoko_pipeline.reading.free_header import recognise_freely  # which is built of what is here

    return recognise_freely(grid)


def _candidates(headers: list[Header], above: list[list[str]]) -> Iterator[tuple[str, Layout, Header]]:
    """Layouts whose marks stand in one of these lines, with the first such line."""
    headers = [header for header in headers if not marks().isdisjoint(header.cells)]
    for layout, declared in layouts().items():
        if not declared.header_has:
            continue  # known by its columns alone: free_header
        header = next((header for header in headers if _fits(header, layout)), None)
        if header is not None and title_fits(above[: header.top], declared):
            yield layout, declared, header


def _matched_twofold(grid: Grid, layout: str, declared: Layout, header: Header) -> Recognised | None:
    """The layout, if two lines together are its header; a header and the first row of data are not."""
    key = declared.columns.get(declared.row_key)  # a person's key is no column of the sheet
    if key is not None and any(
        is_spelled(cell, key.spellings) for number in header.stacked for cell in header.spellings[number][1:]
    ):
        return None
    try:
        return _matched(grid, layout, declared, header)
    except Refusal:
        return None


def single(rows: list[list[str]], number: int) -> Header:
    return Header(number, number, rows[number], [[normal(cell)] for cell in rows[number]])


def joined(rows: list[list[str]], number: int) -> Header | None:
    """Two lines as one: a merged cell above stands over the columns to its right that have a cell only below."""
    if not 0 <= number < len(rows) - 1:
        return None
    upper, lower = rows[number], rows[number + 1]
    raw: list[str] = []
    spellings: list[list[str]] = []
    over = ""
    for above, below in zip(upper, lower, strict=True):
        over = above or (over if below else "")
        both = f"{over} {below}".strip()
        raw.append(both)
        spellings.append(list(dict.fromkeys(normal(cell) for cell in (both, below, above) if cell.strip())) or [""])
    stacked = frozenset(
        i for i, pair in enumerate(zip(upper, lower, strict=True)) if all(cell.strip() for cell in pair)
    )
    return Header(number, number + 1, raw, spellings, stacked)


@cache
def signs(layout: str) -> tuple[list[set[str]], set[str]]:
    """What a layout's header line must have (one of each set) and must not have."""
    declared = layouts()[layout]
    wanted = [{compared(spelling) for spelling in word.split("|")} for word in declared.header_has]
    return wanted, set(map(compared, declared.header_lacks))


def _fits(header: Header, layout: str) -> bool:
    wanted, unwanted = signs(layout)
    return all(words & header.cells for words in wanted) and not unwanted & header.cells


@cache
def marks() -> frozenset[str]:
    """Every word that the header line of some layout must have, as headers are compared."""
    return frozenset(word for layout in layouts() for words in signs(layout)[0] for word in words)


@cache
def sign_words() -> frozenset[str]:
    """Every word by which the header of some layout is known, as `normal` has it."""
    wanted = (word for declared in layouts().values() for word in declared.header_has)
    return frozenset(normal(spelling) for word in wanted for spelling in word.split("|"))


def heads_a_layout(cells: Sequence[str]) -> bool:
    """Whether these cells of a line are the header of some layout."""
    header = Header(0, 0, list(cells), [[cell] for cell in cells])
    return any(declared.header_has and _fits(header, layout) for layout, declared in layouts().items())


def title_fits(above: list[list[str]], declared: Layout) -> bool:
    title = declared.title
    return title is None or any(re.match(title, form) for row in above for cell in row for form in (cell, folded(cell)))


def _matched(grid: Grid, layout: str, declared: Layout, header: Header) -> Recognised:
    head = grid.head(header.last + 1)
    titles = [" ".join(filter(None, row)).strip() for row in head[: header.top]]
    above = head[header.top - 1] if header.top else [""] * len(header.raw)
    extent = _extent(header, declared)
    columns: dict[str, int] = {}
    tasks: list[Task] = []
    unknown: list[str] = []
    spare: list[str] = []
    remarks: list[str] = []
    repeated: list[str] = []
    units: dict[int, str] = {}
    task_pattern = re.compile(declared.tasks) if declared.tasks else None
    ignored = re.compile("|".join(f"(?:{word})" for word in declared.ignored) or r"(?!)")
    for number, cells in enumerate(header.spellings[:extent]):
        if cells == [""]:
            continue
        title = header.raw[number].strip()
        name = next((n for cell in cells for n, c in declared.columns.items() if is_spelled(cell, c.spellings)), None)
        if name:
            if name in columns:
                repeated.append(title)
            columns.setdefault(name, number)
            continue
        forms = [form for cell in cells for form in (bare(cell), compared(cell))]
        task = next((m for form in forms if task_pattern and (m := task_pattern.match(form))), None)
        if task:
            maximum, code = task.groupdict().get("max"), task_code(task["task"])
            if any(other.task == code for other in tasks):
                repeated.append(title)
            level = above[number].strip().upper()
            tasks.append(Task(code, int(maximum) if maximum else None, number, level if level in LEVELS else None))
        elif declared.units_in_columns or declared.questions:
            units[number] = title
        elif any(
            ignored.fullmatch(form) or NUMBERING.fullmatch(form) for form in (*cells, *map(folded, cells), *forms)
        ):
            spare.append(title)
        elif any(is_remark(cell) for cell in cells):
            remarks.append(title)
        else:
            unknown.append(title)
    lacks = absent(layout, columns)
    if declared.tasks and not tasks:
        lacks["столбцы заданий"] = Column(())
    if missing_of(lacks) or unknown or repeated:
        wrong = differing(lacks, unknown, repeated, spare=[*spare, *remarks])
        raise Refusal("file_columns", layout=declared.title_ru, detail=f"{place(grid, header.last)}: {wrong}")
    last = _last_task(grid, header.last, tasks) if declared.padded_tasks else len(tasks)
    return Recognised(
        grid.sheet,
        layout,
        header.last,
        [t for t in titles if t],
        header.raw,
        columns,
        tasks[:last],
        units,
        tasks[last:],
        remarks,
    )


def _extent(header: Header, declared: Layout) -> int:
    """How many columns belong to the table: all, or up to the last one we know where junk may stand beside it."""
    if not declared.beyond_header_is_junk:
        return len(header.spellings)
    words = [word for column in declared.columns.values() for word in column.spellings]
    numbers = [
        number for number, cells in enumerate(header.spellings) if any(is_spelled(cell, words) for cell in cells)
    ]
    return max(numbers, default=-1) + 1


def _last_task(grid: Grid, place: int, tasks: list[Task]) -> int:
    """How many of the padded task columns are tasks: up to the last one that enough works fill."""
    body = grid.cells.slice(place + 1)
    filled = [body.num_rows - body.column(task.column).null_count for task in tasks]
    enough = max(1.0, catalogue.codes()["task_padding_share"] * max(filled, default=0))
    return max((number for number, count in enumerate(filled, 1) if count >= enough), default=0)
