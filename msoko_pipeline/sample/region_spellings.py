"""How schools of a region fill in what is right and only looks wild: classes, logins, `X`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msoko_pipeline.sample.coded_columns import habit_of
from msoko_pipeline.sample.draft import Draft
from msoko_pipeline.sample.forms import LETTERS
from msoko_pipeline.sample.responses import NOT_TRIED
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell

CLASSES = (
    *("{a}", "{a}", "{a}", "{a}", "{a}", "{a}", "{A}", "{A}", "{A}", '"{A}"', "«{A}»", "{g}{a}", "{g} {a}", "{g}{A}"),
    *("{g} {A}", "{g}-{A}", "{g}-{a}", '{g}"{A}"', '{g} "{A}"', "{g} «{A}»", "{g}.{A}", "{g}_{a}", "{A} ", " {a}"),
    *("{g} {a} ", "{g}{a} класс", "{g} {A} кл."),
)
ONLY_CLASS = ("нет", "Нет", "НЕТ", "ytn", "{g}", "{a}", "{A}")
FORMULA, FORMULA_EVERY = "=[1]Протокол!U2", 97  # one school in so many pasted a formula for its class
NOT_TAUGHT, NOT_TAUGHT_EVERY = "не пройд.", 12
OTHER_LOGINS = {11: "edu", 17: "ksh"}  # habit of the school → prefix that its export has that year


def respell(draft: Draft, schools: Sequence[School]) -> None:
    """Every school's own way to name its classes, its login and what its pupils did not try, in this file."""
    _classes(draft, schools)
    _logins(draft, schools)
    _not_taught(draft, schools)


def _classes(draft: Draft, schools: Sequence[School]) -> None:
    """Column values of `coded_columns.class_of`: school by school, `width` labels each, and an empty one."""
    place, sitting = draft.place("class"), draft.sitting
    width = int(sitting.class_no.max(initial=1))
    count = np.zeros(len(schools), dtype=np.int64)
    np.maximum.at(count, sitting.school, sitting.class_no)
    labels: list[Cell] = []
    for school, classes in zip(schools, count.tolist(), strict=True):
        spellings = ONLY_CLASS if classes == 1 else CLASSES
        spelling = spellings[habit_of(school, f"class {draft.work.year}", len(spellings))]
        if habit_of(school, "formula", FORMULA_EVERY) == 0:
            spelling = FORMULA
        labels += [spelling.format(a=x, A=x.upper(), g=draft.work.pupil_grade) for x in LETTERS[:width]]
    draft.values[place] = [*labels, None]


def _logins(draft: Draft, schools: Sequence[School]) -> None:
    if draft.work.year >= 2022:
        return
    values = draft.values[draft.place("login")]
    for number, school in enumerate(schools):
        prefix = OTHER_LOGINS.get(habit_of(school, f"login {draft.work.title} {draft.work.year}", 20))
        if prefix:
            values[number] = prefix + school.login.removeprefix("edu")


def _not_taught(draft: Draft, schools: Sequence[School]) -> None:
    """In autumn 2020 some schools wrote «не пройд.» for a task whose topic they had not reached."""
    if draft.work.year != 2020:
        return
    habits = [habit_of(school, f"taught {draft.work.title}", NOT_TAUGHT_EVERY) == 0 for school in schools]
    untaught = np.array(habits)[draft.sitting.school] & ~draft.sitting.absent
    task = len(draft.work.tasks) - 1
    for row in np.flatnonzero(untaught & (draft.sitting.scores[:, task] == NOT_TRIED)).tolist():
        draft.put(draft.task(task), row, NOT_TAUGHT)
