"""Columns of the regional exports as distinct values and positions among them, with each school's own habits.

The sample decodes such a column cell by cell; the benchmark region turns it into sheet XML at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.forms import ABSENT, LETTERS
from msoko_pipeline.sample.frames import NO_MARK
from msoko_pipeline.sample.pupils import Bools, Ints
from msoko_pipeline.sample.responses import NOT_TRIED
from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row

NOT_TRIED_SPELLINGS = ("X", "X", "X", "x", "Х")  # latin, latin small, cyrillic
TEXTBOOK = ("Учебник", "Др.уч. автор", "Др.уч. название")


@dataclass(frozen=True)
class Column:
    """`values[codes[row]]` is the row's cell; None leaves it empty."""

    header: str
    values: Sequence[Cell]
    codes: Ints

    @property
    def is_empty(self) -> bool:
        return all(value is None for value in self.values)


def decoded(columns: Sequence[Column]) -> Iterable[Row]:
    """The header row and then every data row."""
    yield [column.header for column in columns]
    lists = [np.array(column.values, dtype=object)[column.codes].tolist() for column in columns]
    yield from zip(*lists, strict=True)


def of_school(header: str, values: Sequence[Cell], sitting: Sitting) -> Column:
    return Column(header, values, sitting.school)


def same(header: str, value: Cell, sitting: Sitting) -> Column:
    return Column(header, [value], np.zeros(len(sitting), dtype=np.int64))


def nothing(header: str, sitting: Sitting) -> Column:
    return same(header, None, sitting)


def numbers(header: str, numbers: Ints, blank: Bools | None = None) -> Column:
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    codes = numbers - low if blank is None else np.where(blank, high - low + 1, numbers - low)
    return Column(header, [*range(low, high + 1), None], codes)


def journal(header: str, sitting: Sitting) -> Column:
    codes = np.where(sitting.absent, 6, sitting.journal)
    return Column(header, [NO_MARK, None, 2, 3, 4, 5, None], codes)


def variant(header: str, sitting: Sitting) -> Column:
    return Column(header, [ABSENT, 1, 2], np.where(sitting.absent, 0, sitting.variant))


def gender(header: str, sitting: Sitting, schools: Sequence[School]) -> Column:
    """`м`, `ж`, or capitals where the school writes them so."""
    capital = np.array([habit_of(school, "gender", 20) == 0 for school in schools], dtype=np.int64)
    codes = np.where(sitting.absent, 4, 2 * capital[sitting.school] + sitting.girl)
    return Column(header, ["м", "ж", "М", "Ж", None], codes)


def class_of(header: str, sitting: Sitting, schools: Sequence[School]) -> Column:
    labels, width = class_labels(sitting, schools)
    codes = sitting.school * width + sitting.class_no - 1
    return Column(header, [*labels, None], np.where(sitting.absent, len(labels), codes))


def class_labels(sitting: Sitting, schools: Sequence[School]) -> tuple[list[Cell], int]:
    """Spelling of every class of every school: `а`, `А`, `"А"`, `9 а`, `9-А`; `нет` for an only class."""
    width = int(sitting.class_no.max(initial=1))
    classes = np.zeros(len(schools), dtype=np.int64)
    np.maximum.at(classes, sitting.school, sitting.class_no)
    grade = sitting.work.pupil_grade
    labels: list[Cell] = []
    for school, count in zip(schools, classes.tolist(), strict=True):
        habit = habit_of(school, "class", 20)
        for letter in LETTERS[:width]:
            shapes = {0: f'"{letter.upper()}"', 1: f"{grade} {letter}", 2: f"{grade}-{letter.upper()}"}
            usual = letter if habit < 13 else letter.upper()
            labels.append("нет" if count == 1 and habit % 2 else shapes.get(habit, usual))
    return labels, width


def scores_of(heads: Sequence[str], sitting: Sitting, schools: Sequence[School]) -> list[Column]:
    """A column per task; each school has its own way to write `X`."""
    spellings = len(NOT_TRIED_SPELLINGS)
    habits = np.array([habit_of(school, "not tried", spellings) for school in schools], dtype=np.int64)
    columns = []
    for head, task, scores in zip(heads, sitting.work.tasks, sitting.scores.T, strict=True):
        codes = np.where(scores == NOT_TRIED, habits[sitting.school], scores + spellings)
        codes = np.where(sitting.absent, spellings + task.max_score + 1, codes)
        columns.append(Column(head, [*NOT_TRIED_SPELLINGS, *range(task.max_score + 1), None], codes))
    return columns


def textbooks(sitting: Sitting) -> list[Column]:
    first, *others = TEXTBOOK
    codes = np.where(sitting.absent, 2, sitting.school % 2)
    return [
        Column(first, [textbook_name(1), textbook_name(2), None], codes),
        *(nothing(header, sitting) for header in others),
    ]


def textbook_name(number: int) -> str:
    return f"{number}) Учебник из федерального перечня, вариант {number}"


def habit_of(school: School, what: str, kinds: int) -> int:
    """Which of several ways of writing the school keeps to."""
    return zlib.crc32(f"{school.login} {what}".encode()) % kinds
