"""Which tasks of a year's plan the signs and scores of a protocol stand for, and whether the plan applies to them.

The mask of short answers holds a sign a task in the order of the tasks. Long answers are printed in the same order,
each criterion with its maximum, so whose criterion it is follows from the maxima of the tasks. A plan applies where
the answers add up by it: a protocol of another work is never named by its numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.exam_tasks import ExamTask

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Named:
    """What the columns of a protocol are: tasks and their names, short answers first. points: worth of «+» in each
    short task, балл; fits: pupils whose mask has a sign for every short task.
    """

    names: list[str]
    tasks: list[ExamTask]
    points: Floats
    fits: NDArray[np.bool_]

    @property
    def order(self) -> list[int]:
        """Place of each column in the work, from 1: tasks by their places, criteria as they are printed."""
        ranked = sorted(range(len(self.tasks)), key=lambda column: self.tasks[column].position)
        return [ranked.index(column) + 1 for column in range(len(self.tasks))]


def named(
    plan: Sequence[ExamTask], signs: NDArray[np.int64], long: Floats, tops: Floats, primary: Floats, agree: float
) -> Named | None:
    """The plan applied to a protocol; None where it does not apply.

    signs: characters of the masks, pupils × signs, 0 where a mask is shorter; long: scores of long answers, pupils ×
    criteria, tops: their maxima; primary: primary scores, all NaN where unknown. The share `agree` of the pupils with
    answers must have as many signs as the plan has short tasks and points that add up to the primary score; where the
    protocol lists no tasks of a part (the oral one of a language), up to the maximum of that part less.
    """
    short = [task for task in plan if not task.is_long]
    items = _items([task for task in plan if task.is_long], [int(top) for top in tops])
    if not plan or items is None:
        return None
    lengths = (signs > 0).sum(axis=1)
    has_long = ~np.isnan(long).all(axis=1) if long.shape[1] else np.ones(len(signs), bool)
    has_answers = ((lengths > 0) | (long.shape[1] > 0)) & has_long & ~np.isnan(primary)
    if not has_answers.any():
        return None
    fits = lengths == len(short)
    points = np.array([task.max_score for task in short], dtype=float)
    scores = np.zeros((len(signs), len(short)))
    if signs.shape[1] >= len(short):
        scores = _points(signs[:, : len(short)], points)
        fits &= (scores <= points).all(axis=1)
    listed = {task.position for task, _ in items} | {task.position for task in short}
    unlisted = sum(task.max_score for task in plan if task.position not in listed)
    rest = primary - scores.sum(axis=1) - np.nansum(long, axis=1)
    adds_up = fits & (rest > -0.5) & (rest < unlisted + 0.5)
    if adds_up[has_answers].mean() < agree:
        return None
    names = [*(task.task for task in short), *(name for _, name in items)]
    return Named(names, [*short, *(task for task, _ in items)], points, fits)


def _points(signs: NDArray[np.int64], points: Floats) -> Floats:
    digits = np.where((signs >= ord("0")) & (signs <= ord("9")), signs - ord("0"), 0)
    scores: Floats = np.where(signs == ord("+"), points, digits).astype(float)
    return scores


def _items(tasks: Sequence[ExamTask], tops: Sequence[int]) -> list[tuple[ExamTask, str]] | None:
    """Whose each printed maximum is: task and name (`13`, with several criteria `27.К1`); None where they do not agree.

    The maxima of a task's criteria add up to its own; where the criteria are known, each is as printed. The oral part
    may be in a protocol of its own.
    """
    written = [task for task in tasks if not task.is_oral]
    for listed in (tasks, written) if len(written) < len(tasks) else (tasks,):
        items: list[tuple[ExamTask, str]] = []
        at = 0
        for task in listed:
            end = at
            while end < len(tops) and sum(tops[at:end]) < task.max_score:
                end += 1
            maxima = tuple(tops[at:end])
            if sum(maxima) != task.max_score or (len(maxima) > 1 and task.criteria not in ((), maxima)):
                break
            names = [task.task] if len(maxima) == 1 else [f"{task.task}.К{k}" for k in range(1, len(maxima) + 1)]
            items += [(task, name) for name in names]
            at = end
        else:
            if at == len(tops):
                return items
    return None
