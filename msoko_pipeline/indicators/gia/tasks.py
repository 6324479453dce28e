"""Tasks of the state exams, from the masks of protocols: what `+` is worth, and sums per school and task.

Tasks have the numbers of the year's plan where it applies to the protocol (`exam_plans`). Else short ones are numbered
as they stand (`1`, `2`, …), long ones and their criteria `Р1`, `Р2`, …: a protocol does not tell how its two lists are
numbered together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.indicators.gia import exam_plans
from msoko_pipeline.text import linear as re
from schemas.exam_tasks import ExamTask

Floats = NDArray[np.float64]
SUMS = ("n", "t", "tt", "c", "s", "f", "z", "x", "b", "q", "r")
PLANNED = ("difficulty", "skill", "plan_source", "expected_low_pct", "expected_high_pct")
"""What the year's plan says about a task, NULL where no plan applies."""
_LONG = re.compile(r"(\d+)\((\d+)\)")


@dataclass(frozen=True)
class Matrix:
    """Answers to one exam. scores: pupils × tasks, балл, NaN where a task has none; top: maximum of each task, NaN
    where unknown; full, zero: done in full, not done (0/1, NaN where there is no answer); order: places of the tasks in
    the work, from 1; plan: the tasks of the year's plan that they are or are criteria of, empty where no plan applies.
    """

    tasks: list[str]
    scores: Floats
    top: Floats
    full: Floats
    zero: Floats
    order: list[int]
    plan: list[ExamTask]


def matrix(
    short: pd.Series, long: pd.Series, primary: pd.Series, agree: float, plan: Sequence[ExamTask] = ()
) -> Matrix:
    """The answers of an exam's pupils; `agree`: see `worth` and `exam_plans.named`; plan: tasks of the exam that year.

    By a plan, the answers of a mask that has not a sign for every short task are left out: whose they are is not known.
    """
    signs = _signs(short)
    long_scores, long_top = _long(long)
    named = exam_plans.named(plan, signs, long_scores, long_top, primary.to_numpy(float, na_value=np.nan), agree)
    if named:
        signs = np.where(named.fits[:, None], signs[:, : len(named.points)], 0)
    plus, partial = (signs == ord("+")).astype(float), np.where(_digit(signs), signs - float(ord("0")), 0.0)
    rest = primary.to_numpy(float, na_value=np.nan) - np.nansum(long_scores, axis=1) - partial.sum(axis=1)
    rest[_all_missing(np.isnan(long_scores)) | _all_missing(signs == 0)] = np.nan  # of unread answers nothing follows
    points = named.points if named else worth(plus, rest, agree)
    there = signs > 0
    scores = np.where(there, np.where(plus > 0, points, partial), np.nan)
    highest = np.where(_digit(signs), partial, 0).max(axis=0, initial=0)
    top = np.where(np.isnan(points), np.nan, np.maximum(points, highest))
    full = np.where(there, np.maximum(plus, (partial >= top) & _digit(signs)), np.nan)
    zero = np.where(there, (signs == ord("-")) | (signs == ord("0")), np.nan)
    has_score = ~np.isnan(long_scores)
    seen = [str(number) for number in range(1, signs.shape[1] + 1)]
    seen += [f"Р{number}" for number in range(1, long_scores.shape[1] + 1)]
    return Matrix(
        named.names if named else seen,
        np.hstack([scores, long_scores]),
        np.concatenate([top, long_top]),
        np.hstack([full, np.where(has_score, long_scores >= long_top, np.nan)]),
        np.hstack([zero, np.where(has_score, long_scores == 0, np.nan)]),
        named.order if named else list(range(1, len(seen) + 1)),
        named.tasks if named else [],
    )


def _all_missing(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pupils without an answer in any of the tasks, where there are tasks."""
    return np.asarray(missing.all(axis=1) & (missing.shape[1] > 0), dtype=np.bool_)


def worth(plus: Floats, rest: Floats, agree: float) -> Floats:
    """Points of `+` in each short task, from the protocol itself: those with which the answers add up to `rest`.

    plus: pupils × tasks, 1 where `+`; rest: primary score less the points told openly. Least squares, rounded to whole
    points of at least one; NaN for all tasks where fewer than the share `agree` of the pupils add up exactly, or where
    there are not enough different pupils to tell.
    """
    tasks = plus.shape[1]
    usable = ~np.isnan(rest)
    if not tasks or not usable.any():
        return np.full(tasks, np.nan)
    solution, _, rank, _ = np.linalg.lstsq(plus[usable], rest[usable], rcond=None)
    points: Floats = np.maximum(np.rint(solution), 1.0)
    exact = np.abs(plus[usable] @ points - rest[usable]) < 0.5
    always = plus[usable].any(axis=0).sum()
    return points if exact.mean() >= agree and rank >= always else np.full(tasks, np.nan)


def sums(answers: Matrix, primary: pd.Series, school: NDArray[np.int64], schools: int) -> pd.DataFrame:
    """Sums per school and task, as `vpr.tasks` takes them: school (number), task, position (in the work),
    max_score, PLANNED, SUMS.

    t is the pupil's primary score, so that discrimination is against the rest of the exam.
    """
    total = primary.to_numpy(float, na_value=np.nan)
    whole = ~np.isnan(total)

    def per_school(values: Floats) -> Floats:
        return np.bincount(school, weights=np.nan_to_num(values), minlength=schools).astype(float)

    parts = []
    for position, task in enumerate(answers.tasks):
        score, top = answers.scores[:, position], answers.top[position]
        is_answered = ~np.isnan(answers.zero[:, position])
        valued = not np.isnan(top)  # else the points of a «+» are not known, and those of the others say nothing
        of_whole = np.where(whole, score, np.nan)
        against_total = np.where(np.isnan(score) & valued, np.nan, total)
        counted = (~np.isnan(against_total)).astype(float)
        against = {"b": of_whole, "q": of_whole * score, "r": of_whole * total}
        parts.append(
            pd.DataFrame(
                {
                    "school": np.arange(schools), "task": task, "position": answers.order[position], "max_score": top,
                    **_planned(answers.plan[position] if answers.plan else None),
                    "n": per_school(counted), "t": per_school(against_total),
                    "tt": per_school(against_total * against_total), "c": per_school(is_answered.astype(float)),
                    "s": per_school(score) if valued else np.nan,
                    "f": per_school(answers.full[:, position]), "z": per_school(answers.zero[:, position]), "x": np.nan,
                    **{name: per_school(values) if valued else np.nan for name, values in against.items()},
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["school", "task", *PLANNED, *SUMS])


def _planned(task: ExamTask | None) -> dict[str, str | int | None]:
    if task is None:
        return dict.fromkeys(PLANNED)
    return dict(zip(PLANNED, (task.level, task.skill, task.source, *(task.expected or (None, None))), strict=True))


def _signs(masks: pd.Series) -> NDArray[np.int64]:
    """Characters of the masks as numbers, pupils × tasks, 0 where the mask is shorter."""
    texts = masks.fillna("").astype(str).to_numpy(str)
    width = texts.dtype.itemsize // 4
    if not len(texts) or width == 0:
        return np.zeros((len(texts), 0), np.int64)
    characters: NDArray[np.int64] = texts.view(np.uint32).reshape(len(texts), width).astype(np.int64)
    return characters if characters.any() else characters[:, :0]


def _digit(signs: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (signs >= ord("0")) & (signs <= ord("9"))


def _long(texts: pd.Series) -> tuple[Floats, Floats]:
    """Scores of long answers, pupils × tasks, and the maxima: those that most pupils' protocols print. A score above
    its maximum counts as the maximum.
    """
    codes, distinct = pd.factorize(texts)
    answered = [[(float(score), float(top)) for score, top in _LONG.findall(str(text))] for text in distinct]
    width = max(map(len, answered), default=0)
    table = np.full((len(answered) + 1, width, 2), np.nan)  # the last row: no answers, code −1
    for row, answers in enumerate(answered):
        table[row, : len(answers)] = answers
    scores, tops = table[codes, :, 0], table[codes, :, 1]
    usual = np.array([_mode(tops[:, task]) for task in range(width)], dtype=float)
    return np.minimum(scores, usual), usual


def _mode(values: Floats) -> float:
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return float(distinct[counts.argmax()]) if len(distinct) else float("nan")
