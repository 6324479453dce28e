"""Finds the header of a sheet and the layout it belongs to, by what the cells say; positions are never guessed.

A layout is data (`schemas/layouts/*/layouts.yaml`). A column that is missing or unknown stops the file.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.workbook import Grid
from schemas import catalogue

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
    """A sheet whose layout is known. header_row: 0-based; columns: our name → column number."""

    sheet: str
    layout: str
    header_row: int
    titles: list[str]
    header: list[str]
    columns: dict[str, int]
    tasks: list[Task]
    units: dict[int, str] = field(default_factory=dict)
    beyond: list[Task] = field(default_factory=list)  # padded columns after the last task: nothing may stand there

    @property
    def kind(self) -> str:
        return self.declared["kind"]

    @property
    def declared(self) -> dict[str, Any]:
        return catalogue.layouts()[self.layout]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Recognised:
        tasks = {name: [Task(**task) for task in data[name]] for name in ("tasks", "beyond")}
        return cls(**{**data, **tasks, "units": {int(number): unit for number, unit in data["units"].items()}})


def normal(text: str) -> str:
    """A header cell as it is compared: lower case, ё as е, line breaks and runs of spaces as one space."""
    return re.sub(r"\s+", " ", text.replace("ё", "е").replace("Ё", "е")).strip().lower()


def task_code(text: str) -> str:
    """Canonical code of a task: `10К1` and `11.3 k1` → `10.К1`, `11.3.К1`; `5(1)` → `5.1`."""
    found = re.fullmatch(r"(\d+)(?:[.(](\d+)\)?)?\s*(?:[кk](\d+))?", normal(text))
    if not found:
        return text.strip()
    number, part, criterion = found.groups()
    return number + (f".{part}" if part else "") + (f".К{criterion}" if criterion else "")


def recognise(grid: Grid) -> Recognised | None:
    """The layout of a sheet, or None when no layout fits. Raises Refusal when columns are missing or unknown."""
    rows = [[normal(cell) for cell in row] for row in grid.head(HEAD)]
    for layout, declared in catalogue.layouts().items():
        place = _header_row(rows, declared)
        if place is None or not _title_fits(rows[:place], declared):
            continue
        return _matched(grid, layout, declared, place)
    return None


def _header_row(rows: list[list[str]], declared: dict[str, Any]) -> int | None:
    wanted = [set(str(word).split("|")) for word in declared["header_has"]]
    unwanted = set(declared.get("header_lacks", ()))
    for number, row in enumerate(rows):
        cells = set(row)
        if all(words & cells for words in wanted) and not unwanted & cells:
            return number
    return None


def _title_fits(above: list[list[str]], declared: dict[str, Any]) -> bool:
    title = declared.get("title")
    return title is None or any(re.match(title, cell) for row in above for cell in row if cell)


def _matched(grid: Grid, layout: str, declared: dict[str, Any], place: int) -> Recognised:
    head = grid.head(place + 2)
    raw, titles = head[place], [" ".join(filter(None, row)).strip() for row in head[:place]]
    header = [normal(cell) for cell in raw]
    above = head[place - 1] if place else [""] * len(raw)
    if declared.get("beyond_header_is_junk"):
        last = max((i for i, cell in enumerate(header) if cell in _spellings(declared)), default=-1)
        header = header[: last + 1]
    columns: dict[str, int] = {}
    tasks: list[Task] = []
    unknown: list[str] = []
    units: dict[int, str] = {}
    task_pattern = re.compile(declared["tasks"]) if "tasks" in declared else None
    ignored = re.compile("|".join(f"(?:{word})" for word in declared["ignored"]) or r"(?!)")
    for number, cell in enumerate(header):
        if not cell:
            continue
        name = next((n for n, words in declared["columns"].items() if n not in columns and _is(cell, words)), None)
        if name:
            columns[name] = number
        elif task_pattern and (found := task_pattern.match(cell)):
            maximum = found.groupdict().get("max")
            level = above[number].strip().upper()
            tasks.append(
                Task(
                    task_code(found["task"]), int(maximum) if maximum else None, number,
                    level if level in LEVELS else None,
                )
            )  # fmt: skip
        elif declared.get("units_in_columns") or declared.get("questions"):
            units[number] = raw[number].strip()
        elif not ignored.fullmatch(cell):
            unknown.append(raw[number].strip())
    missing = [
        str(words[0])
        for name, words in declared["columns"].items()
        if name not in columns and not str(words[-1]).endswith("?")
    ]
    if "tasks" in declared and not tasks:
        missing.append("столбцы заданий")
    if missing or unknown:
        lists = [f"нет столбцов: {_quoted(missing)}"] * bool(missing)
        lists += [f"неизвестные столбцы: {_quoted(unknown)}"] * bool(unknown)
        raise Refusal(
            "file_columns",
            layout=declared["title_ru"],
            detail=f"лист «{grid.sheet}», строка {place + 1}: " + "; ".join(lists),
        )
    last = _last_task(grid, place, tasks) if declared.get("padded_tasks") else len(tasks)
    return Recognised(
        grid.sheet, layout, place, [t for t in titles if t], raw, columns, tasks[:last], units, tasks[last:]
    )


def _last_task(grid: Grid, place: int, tasks: list[Task]) -> int:
    """How many of the padded task columns are tasks: up to the last one that enough works fill."""
    body = grid.cells.slice(place + 1)
    filled = [body.num_rows - body.column(task.column).null_count for task in tasks]
    enough = max(1.0, catalogue.codes()["task_padding_share"] * max(filled, default=0))
    return max((number for number, count in enumerate(filled, 1) if count >= enough), default=0)


def _is(cell: str, words: list[str]) -> bool:
    for word in words:
        word = str(word).removesuffix("?") if str(word) != "?" else "?"
        if cell == word or (any(sign in word for sign in "*|") and re.fullmatch(word, cell)):
            return True
    return False


def _spellings(declared: dict[str, Any]) -> set[str]:
    return {str(word).removesuffix("?") for words in declared["columns"].values() for word in words}


def _quoted(names: list[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)


def nearest(grids: list[Grid]) -> str:
    """What was seen in an unknown file and which kind it resembles most, a sentence for the refusal."""
    best, share = None, 0.0
    seen = ""
    for grid in grids:
        rows = [[normal(cell) for cell in row] for row in grid.head(HEAD)]
        cells = {cell for row in rows for cell in row if cell}
        seen = seen or next((" | ".join(filter(None, row)) for row in rows if any(row)), "")
        for declared in catalogue.layouts().values():
            known = _spellings(declared)
            found = len(known & cells) / len(known)
            if found > share:
                best, share = declared, found
    text = f"в начале стоит «{seen[:120]}»"
    if best is None:
        return text + ", ни одного знакомого столбца"
    return text + f"; больше всего похоже на: {best['title_ru']} (знакомых столбцов {share:.0%})"
