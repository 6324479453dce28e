"""Tasks of the state exams by the year: their maxima, levels and what they ask for, as the specifications tell.

A specification is about its own year (gia/tasks.csv), and of the year before where it says that the tasks are the
same: then under the numbers and with the maxima they had (gia/changes.csv). Of other years nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter

from schemas import catalogue


@dataclass(frozen=True)
class ExamTask:
    """A task of an exam. position: its place in the work, from 1; max_score: балл; level: Б, П or В; skill: what it
    asks for, in words; criteria: maxima of its criteria, балл, empty where they are not known; expected: bounds of the
    completion that the specification expects, %, None where it names none; verified: given for this very year.
    """

    task: str
    position: int
    is_oral: bool
    is_long: bool
    max_score: int
    level: str
    skill: str
    criteria: tuple[int, ...]
    expected: tuple[int, int] | None
    verified: bool
    source: str


@cache
def exam_tasks(procedure: str, year: int, subject: str) -> tuple[ExamTask, ...]:
    """Tasks of an exam of a year in the order of the work; empty where they are not known."""
    if listed := _listed().get((procedure, year, subject)):
        return listed
    later = catalogue.exam_changes().get((procedure, year + 1, subject))
    if later is None or not later["max_before"]:
        return ()
    numbers = {now: before for before, now in _pairs(later["renumbered"], "→")}
    maxima = {task: int(most) for task, most in _pairs(later["other_maxima"], ":")}
    tasks = [
        replace(
            task,
            task=numbers.get(task.task, task.task),
            max_score=maxima.get(task.task, task.max_score),
            criteria=() if task.task in maxima else task.criteria,
            expected=None,
            verified=False,
            source=f"{task.source}; прежние задания: {later['source'].rpartition(', ')[2]}",
        )
        for task in exam_tasks(procedure, year + 1, subject)
    ]
    return _numbered(sorted(tasks, key=lambda task: _place(task.task)) if numbers else tasks)


def _numbered(tasks: Iterable[ExamTask]) -> tuple[ExamTask, ...]:
    return tuple(replace(task, position=position) for position, task in enumerate(tasks, 1))


def _place(task: str) -> int:
    """The number a task's name begins with."""
    return int(re.split(r"\D", task, maxsplit=1)[0])


def _pairs(text: str, within: str) -> list[tuple[str, str]]:
    """`19→26|21→22` → its pairs."""
    parts = [pair.rpartition(within) for pair in text.split("|") if pair]
    return [(left, right) for left, _, right in parts]


@cache
def _listed() -> dict[tuple[str, int, str], tuple[ExamTask, ...]]:
    of_task = itemgetter("procedure", "year", "subject", "task")
    criteria: dict[tuple[str, ...], tuple[int, ...]] = {}
    for row in catalogue.rows("gia/criteria.csv"):
        criteria[of_task(row)] = (*criteria.get(of_task(row), ()), int(row["max_score"]))
    by_work: dict[tuple[str, int, str], list[ExamTask]] = {}
    for row in catalogue.rows("gia/tasks.csv"):
        expected = (int(row["expected_from"]), int(row["expected_to"])) if row["expected_from"] else None
        task = ExamTask(
            row["task"], int(row["position"]), row["part"] == "oral", row["answer"] == "long", int(row["max_score"]),
            row["level"], row["skill"],
            criteria.get(of_task(row), ()),
            expected, row["verified"] == "true", row["source"],
        )  # fmt: skip
        by_work.setdefault((row["procedure"], int(row["year"]), row["subject"]), []).append(task)
    return {work: tuple(tasks) for work, tasks in by_work.items()}
