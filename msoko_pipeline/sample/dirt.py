"""The planted dirt: everything that is wrong in the sample, on purpose, and where it is.

In Ф1 of the last year, one kind of dirt per work (grade 4 «Русский язык» and every work not named here stay clean):

| work | dirt |
|---|---|
| РУ 5 | `X` written `x` (latin) and `Х` (cyrillic) in up to a dozen cells |
| МА 5 | ten rows with a task score one above the task's maximum; the total goes along, the mark stays true |
| МА 6 | three totals that are not the sum of the tasks (the mark still fits the printed total) |
| РУ 6 | a text instead of a task score: «не пройд.» in one cell, «зачёт» in another; total and mark left alone |
| РУ 7 | a last row «Итого» with the mean of every task |
| МА 7 | class labels of three schools: `нет`, `"А"`, `7 а` instead of ordinal numbers |
| МА 8 | the login of one school as it was before 2022, `sch…`, in all its cells; the register knows it |
| РУ 8 | the same school as `ksh…` |

Whole files of the last year:
* an exact copy of Ф1 of МА 4 under another name;
* «Статистика по отметкам» of РУ 4 again, saved from Excel as a Windows-1251 CSV with semicolons;
* a collection form of МА 8 sent without a single participant;
* «График дежурств.xlsx», which is no file of ours;
* a report cut off in the middle of the upload: the first 60 % of its bytes.

Regional exports (years before 2025) need no planting: every school keeps its own way to spell classes, gender and
`X` there (`exports.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.frames import LEAD, NOT_TRIED_TEXT
from msoko_pipeline.sample.sitting import mark_of
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row, Sheet, xlsx
from msoko_pipeline.sample.works import Work

FIRST_TASK = len(LEAD)
OTHER_SPELLINGS = ("x", "Х")
TEXT_SCORES = ("не пройд.", "зачёт")
TOTALS_LABEL = "Итого"
SCORES_ABOVE_MAXIMUM = 10
UNEQUAL_TOTALS = 3
KEPT_OF_DAMAGED = 0.6
DUTY_ROSTER = "График дежурств.xlsx"


@dataclass(frozen=True)
class Soiling:
    """Ф1 rows of one work (header, banners, pupils) to be soiled in place."""

    work: Work
    rows: list[list[Cell]]
    schools: Sequence[School]
    rng: np.random.Generator

    @property
    def pupils(self) -> list[list[Cell]]:
        return [row for row in self.rows[1:] if len(row) > 1]

    @property
    def total(self) -> int:
        return FIRST_TASK + len(self.work.tasks)

    def shuffled(self) -> list[list[Cell]]:
        pupils = self.pupils
        return [pupils[i] for i in self.rng.permutation(len(pupils))]

    def keeps_mark(self, row: Sequence[Cell], total: int) -> bool:
        """Whether another total would still give the row's mark."""
        fits = 0 <= total <= self.work.max_primary
        return fits and int(mark_of(np.array([total]), self.work.bounds)[0]) == row[self.total + 1]


def soil(work: Work, rows: list[list[Cell]], schools: Sequence[School], seed: int) -> None:
    """Plants the work's dirt, if it has any in the table above."""
    plant = PLANTED.get(work.key)
    if plant:
        plant(Soiling(work, rows, schools, stream(seed, "dirt", work.year, *work.key)))


def spell_not_tried(at: Soiling) -> None:
    cells = [(row, i) for row in at.shuffled() for i, cell in enumerate(row) if cell == NOT_TRIED_TEXT]
    for number, (row, i) in enumerate(cells[:12]):
        row[i] = OTHER_SPELLINGS[number % 2]


def raise_above_maximum(at: Soiling) -> None:
    left = SCORES_ABOVE_MAXIMUM
    for row in at.shuffled():
        total = _number(row[at.total])
        full = [i for i, task in enumerate(at.work.tasks, FIRST_TASK) if row[i] == task.max_score]
        if left and full and at.keeps_mark(row, total + 1):
            task = int(at.rng.choice(full))
            row[task] = _number(row[task]) + 1
            row[at.total] = total + 1
            left -= 1


def unbalance_totals(at: Soiling) -> None:
    left = UNEQUAL_TOTALS
    for row in at.shuffled():
        other = _number(row[at.total]) - 1
        if left and at.keeps_mark(row, other):
            row[at.total] = other
            left -= 1


def write_text_score(at: Soiling) -> None:
    for text, row in zip(TEXT_SCORES, at.shuffled(), strict=False):
        row[FIRST_TASK + int(at.rng.integers(0, len(at.work.tasks)))] = text


def add_totals_row(at: Soiling) -> None:
    pupils = at.pupils
    scores = [[_number(row[FIRST_TASK + i]) for row in pupils] for i in range(len(at.work.tasks))]
    means = [round(sum(column) / len(column), 2) for column in scores]
    at.rows.append([TOTALS_LABEL, None, None, None, None, None, *means])


def relabel_classes(at: Soiling) -> None:
    schools = list(dict.fromkeys(str(row[0]) for row in at.pupils))
    labels = {1: "нет", 2: '"А"', 3: f"{at.work.pupil_grade} а"}
    for number, login in enumerate(schools[:3], 1):
        for row in at.pupils:
            if row[0] == login and row[4] == 1:
                row[4] = labels[number]


def rename_school(at: Soiling, place: int) -> None:
    """Writes the login of the last school of the file as its `place`-th other login, banner included."""
    school = next(s for s in reversed(at.schools) if any(row[0] == s.login for row in at.pupils))
    for row in at.rows:
        for i, cell in enumerate(row[:3]):
            if isinstance(cell, str):
                row[i] = cell.replace(school.login, school.other_logins[place])


def duty_roster() -> bytes:
    """A workbook that has nothing to do with results."""
    days = ("понедельник", "вторник", "среда", "четверг", "пятница")
    rows: list[Row] = [["График дежурств на июнь"], [], ["День", "Этаж", "Класс"]]
    rows += [[day, number % 3 + 1, f"{7 + number % 3} а"] for number, day in enumerate(days)]
    return xlsx(Sheet("Лист1", rows))


def damaged(content: bytes) -> bytes:
    return content[: int(len(content) * KEPT_OF_DAMAGED)]


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


PLANTED: dict[tuple[str, int], Callable[[Soiling], None]] = {
    ("RU", 5): spell_not_tried,
    ("MA", 5): raise_above_maximum,
    ("MA", 6): unbalance_totals,
    ("RU", 6): write_text_score,
    ("RU", 7): add_totals_row,
    ("MA", 7): relabel_classes,
    ("MA", 8): lambda at: rename_school(at, 0),
    ("RU", 8): lambda at: rename_school(at, 1),
}
