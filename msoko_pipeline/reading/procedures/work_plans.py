"""The plan of a work (the maxima of its tasks, in order) as a file prints it, held against what is known of the work.

Only what cannot be is asked about: the known plans are of a few years, and works change (decision 0017).
"""

from __future__ import annotations

from bisect import bisect_right

from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.procedures.work import Work
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import parse
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

Plan = tuple[int, ...]
INDIVIDUAL = "vpr_result"
"""Kind of the files that hold all tasks of a work; a report may be cut down to some of them."""
TOP_ROW = "макс"
"""How the line of maxima under a header begins."""


def printed(recognised: Recognised, grid: Grid) -> Plan | None:
    """Maxima of the tasks of a report, балл: of its header, of the line «Макс балл», of the column of maxima where a
    row is a task. None unless all are printed.
    """
    if "task" in recognised.columns and "max_score" in recognised.columns:
        key, numbers = (_body(recognised, grid, recognised.columns[name]) for name in ("task", "max_score"))
        return _whole(numbers.take(key.filled.nonzero()[0]))
    maxima = [task.max_score for task in recognised.tasks]
    if all(maxima):
        return tuple(filter(None, maxima)) or None
    if "group" not in recognised.columns:
        return None
    group = _body(recognised, grid, recognised.columns["group"])
    (rows,) = group.is_in(lambda word: normal(word).startswith(TOP_ROW)).nonzero()
    parts = (
        [_whole(_body(recognised, grid, task.column).take(rows[:1])) for task in recognised.tasks]
        if len(rows)
        else [None]
    )
    return tuple(number for part in parts if part for number in part) if all(parts) else None


def _body(recognised: Recognised, grid: Grid, column: int) -> Text:
    return grid.columns[column].below(recognised.header_row + 1)


def _whole(numbers: Text) -> Plan | None:
    """The numbers of some cells; None where one of them is none."""
    values, unread = parse(numbers, cells.integer, "Int32")
    return tuple(map(int, values)) if len(values) and not unread and not values.isna().any() else None


def contradiction(work: Work, recognised: Recognised, plan: Plan) -> str | None:
    """Why a printed plan is not that of the work, in words; None where it may be.

    It is not where it fits nothing that is known of the work in any year, and is the known plan of another work or
    has both far more, or far fewer, tasks and points than in any year of the same model.
    """
    own, totals = catalogue.plans(work.grade, work.subject), catalogue.totals(work.grade, work.subject)
    if not totals or plan in own.values():
        return None
    in_file = f"{work.title()}: в файле заданий {len(plan)}, вместе {sum(plan)} баллов"
    is_total = sum(plan) in totals.values() and work.year not in own
    for year, grade, subject in catalogue.works_of_plan(plan):
        is_neighbour = is_total and subject == work.subject  # what another class wrote may be the class's next work
        if not is_neighbour and not _is_twin(grade, subject, own):
            return f"{in_file}; это задания работы «{Work(year, subject, grade).title()}»"
    counts = {len(each) for year, each in own.items() if _model(year) == _model(work.year)}
    points = {each for year, each in totals.items() if _model(year) == _model(work.year)}
    if recognised.kind != INDIVIDUAL or not counts or not (_far(len(plan), counts) * _far(sum(plan), points) > 0):
        return None
    return f"{in_file}; известно: заданий {_span(counts)}, баллов {_span(points)}"


def _is_twin(grade: int, subject: str, own: dict[int, Plan]) -> bool:
    """Whether another work is known to have had our plan in some year, as those of the foreign languages have."""
    return any(own.get(year) == plan for year, plan in catalogue.plans(grade, subject).items())


def _model(year: int) -> int:
    """Which model the works of a year are of: between two models lengths do not compare."""
    return bisect_right(catalogue.copies()["plans"]["models_from"], year)


def _far(number: int, numbers: set[int]) -> int:
    """1 where a number is far above all that are known, −1 where far below, else 0."""
    rules = catalogue.copies()["plans"]
    return int(number >= rules["times_most"] * max(numbers)) - int(number <= rules["times_least"] * min(numbers))


def _span(numbers: set[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"от {low} до {high}"
