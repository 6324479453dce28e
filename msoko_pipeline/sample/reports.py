"""The six aggregate reports of a work, each as the rows from its header down (R8 on).

Shares are per cents rounded to two decimals of whole counts; with `comma` they are texts («12,36»), as some exports
give them. A share of nobody is an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from msoko_pipeline.sample.frames import framed_sheet
from msoko_pipeline.sample.pupils import Ints
from msoko_pipeline.sample.tally import MARKS, WHOLE_SAMPLE, Tally
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet
from msoko_pipeline.sample.works import Task, Work

GROUPS, ORGANISATIONS, PARTICIPANTS = "Группы участников", "Кол-во ОО", "Кол-во участников"
LOWER, EQUAL, HIGHER = (
    "Понизили (Отметка < Отметка по журналу)",
    "Подтвердили (Отметка = Отметке по журналу)",
    "Повысили (Отметка > Отметка по журналу)",
)
UNITS = ("%", PARTICIPANTS)
PLANNED_TEXT = (
    "Блоки ПООП обучающийся научится / получит возможность научиться или проверяемые требования (умения) "
    "в соответствии с ФГОС (ФК ГОС)"
)
MARKS_TITLE = "Статистика по отметкам"
JOURNAL_TITLE = "Сравнение отметок с отметками по журналу"
DISTRIBUTION_TITLE = "Распределение первичных баллов"
TASKS_TITLE = "Выполнение заданий"
PLANNED_TITLE = "Достижение планируемых результатов"
TASK_GROUPS_TITLE = "Выполнение заданий группами участников"

Rows = list[Row]
Report = Callable[[Work, Sequence[Tally], bool], Rows]


def marks(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """Share of each mark."""
    header: Row = [GROUPS, ORGANISATIONS, PARTICIPANTS, *MARKS]
    return [header, *([*_unit(t), *_shares(t.marks, t.participants, comma)] for t in tallies)]


def journal(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """Marks against journal marks, one row per unit; there is no row of the whole country."""
    header: Row = [GROUPS, f"{PARTICIPANTS}(всего)", *(f"{w} {u}" for w in (LOWER, EQUAL, HIGHER) for u in UNITS)]
    rows: Rows = [header]
    for t in tallies:
        if t.label != WHOLE_SAMPLE:
            whole = int(t.journal.sum())
            pairs = zip(_shares(t.journal, whole, comma), t.journal.tolist(), strict=True)
            rows.append([t.label, whole, *(cell for pair in pairs for cell in pair)])
    return rows


def journal_vertical(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """The older shape of the same report: a unit's name, then four rows of it."""
    rows: Rows = [[GROUPS, PARTICIPANTS, "%"]]
    for t in tallies:
        if t.label != WHOLE_SAMPLE:
            numbers = np.append(t.journal, t.journal.sum())
            shares = _shares(numbers, int(t.journal.sum()), comma)
            rows.append([t.label])
            rows += map(list, zip((LOWER, EQUAL, HIGHER, "Всего"), numbers.tolist(), shares, strict=True))
    return rows


def distribution(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """Share of participants with each primary score."""
    header: Row = [GROUPS, ORGANISATIONS, PARTICIPANTS, *range(work.max_primary + 1)]
    return [header, *([*_unit(t), *_shares(t.distribution, t.participants, comma)] for t in tallies)]


def tasks(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """Completion of each task, %; the tasks' maxima stand right under the header."""
    header: Row = [GROUPS, ORGANISATIONS, PARTICIPANTS, *map(_task_cell, work.tasks)]
    dearest: Row = ["Макс балл", None, None, *(task.max_score for task in work.tasks)]
    rows = [[*_unit(t), *_shares(t.task_sums, t.participants * _maxima(work), comma)] for t in tallies]
    return [header, dearest, *rows]


def planned(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """The same completion with a row per task: region, municipality, country."""
    whole, region, town = tallies[:3]
    units = (region, town, whole)
    names = ("РФ" if unit is whole else unit.label for unit in units)
    rows: Rows = [
        ["№", PLANNED_TEXT, "Макс балл", *names],
        [None, None, None, *(f"{unit.participants} уч." for unit in units)],
    ]
    shares = [_shares(unit.task_sums, unit.participants * _maxima(work), comma) for unit in units]
    rows += [
        [_task_cell(task), task.skill, task.max_score, *cells]
        for task, cells in zip(work.tasks, zip(*shares, strict=True), strict=True)
    ]
    return rows


def task_groups(work: Work, tallies: Sequence[Tally], comma: bool = False) -> Rows:
    """Completion of each task by those who got 2, 3, 4, 5: a unit's name, then a row for each mark."""
    rows: Rows = [[GROUPS, PARTICIPANTS, *map(_task_cell, work.tasks)]]
    for t in tallies:
        rows.append([t.label])
        for mark, size, sums in zip(MARKS, t.marks.tolist(), t.group_task_sums, strict=True):
            shares = _shares(sums, size * _maxima(work), comma)
            rows.append([f"Ср.% вып. уч. гр.баллов {mark}", size, *shares])
    return rows


REPORTS: dict[str, Report] = {
    MARKS_TITLE: marks,
    JOURNAL_TITLE: journal,
    DISTRIBUTION_TITLE: distribution,
    TASKS_TITLE: tasks,
    PLANNED_TITLE: planned,
    TASK_GROUPS_TITLE: task_groups,
}


def report_sheet(
    title: str, work: Work, tallies: Sequence[Tally], comma: bool = False, vertical: bool = False
) -> Sheet:
    """One report; `vertical` gives the comparison with the journal its older shape."""
    build = journal_vertical if vertical and title == JOURNAL_TITLE else REPORTS[title]
    return framed_sheet(title, work, build(work, tallies, comma))


def _unit(tally: Tally) -> list[Cell]:
    return [tally.label, tally.organisations, tally.participants]


def _maxima(work: Work) -> Ints:
    return np.array([task.max_score for task in work.tasks])


def _task_cell(task: Task) -> Cell:
    return int(task.code) if task.code.isdigit() else task.code


def _shares(part: Ints, whole: int | Ints, comma: bool) -> list[Cell]:
    base = np.broadcast_to(whole, part.shape)
    shares = np.round(100 * part / np.maximum(base, 1), 2).tolist()
    cells: list[Cell] = []
    for share, of in zip(shares, base.tolist(), strict=True):
        cells.append(None if of == 0 else f"{share:g}".replace(".", ",") if comma else share)
    return cells
