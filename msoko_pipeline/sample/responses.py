"""How pupils answer: a graded-response model of every task, tasks left untried at the end, and journal marks.

A task of maximum m has discrimination a and m thresholds b₁ < … < b_m; the pupil's score is the number of
thresholds k with a·(θ − b_k) + ε > 0, where ε is one standard logistic draw per pupil and task, so that
P(score ≥ k) = 1 / (1 + exp(−a·(θ − b_k))). Tasks of level П and В are harder than those of level Б.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msoko_pipeline.sample import advanced
from msoko_pipeline.sample.pupils import Floats, Ints
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.works import Work

NOT_TRIED = -1  # `X` in the files: counts as 0
SUBJECT_SPREAD = 0.35  # a pupil is better at one subject than at another, logits
DIFFICULTY = {"Б": -0.9, "": -0.5, "П": 0.5, "В": 1.2}
JOURNAL_NOISE = 0.5
HEAP_REACH = 2  # points below a mark's least score from which pupils are raised
JOURNAL_CUTS = (-2.7, -0.45, 0.95)  # ability at which the usual school begins to give 3, 4, 5

Scores = NDArray[np.int8]


@dataclass(frozen=True)
class Items:
    """Parameters of a work's tasks: `a` per task; `b` tasks × greatest maximum, +inf beyond a task's own maximum."""

    a: Floats
    b: Floats

    def expected_total(self, ability: Floats) -> Floats:
        """Expected primary score at each ability."""
        gap = self.a[:, None] * (ability[:, None, None] - self.b)
        total: Floats = (1 / (1 + np.exp(-gap))).sum(axis=(1, 2))
        return total


def draw_items(work: Work, seed: int) -> Items:
    """Parameters under which the mean score of a usual parallel of the country stands just above the work's bound of
    mark «4», of an advanced work above that of «3»: those who sit it are stronger.
    """
    rng = stream(seed, "items", work.year, *work.key)
    maxima = np.array([task.max_score for task in work.tasks])
    a = rng.lognormal(-0.05, 0.25, len(maxima))
    b = np.array([DIFFICULTY[task.level] for task in work.tasks]) + rng.normal(0, 0.55, len(maxima))
    step = np.arange(maxima.max())
    usual = work.bounds[0 if work.subject in advanced.BASE else 1]
    thresholds = b[:, None] + 0.7 * (step - (maxima[:, None] - 1) / 2)
    thresholds[step >= maxima[:, None]] = np.inf
    return Items(a, thresholds + _shift(Items(a, thresholds), usual + 0.03 * work.max_primary))


def answer(items: Items, ability: Floats, rng: np.random.Generator) -> Scores:
    """Pupils × tasks scores, NOT_TRIED where a weak pupil stopped before the end."""
    uniform = rng.random((len(ability), len(items.a)), dtype=np.float32)
    np.clip(uniform, 1e-6, 1 - 1e-6, out=uniform)
    reached = np.log(uniform / (1 - uniform)) + np.multiply.outer(ability, items.a).astype(np.float32)
    limits = (items.a[:, None] * items.b).astype(np.float32)
    scores = np.zeros(reached.shape, dtype=np.int8)
    for k in range(limits.shape[1]):
        scores += reached > limits[:, k]
    stops = rng.random(len(ability)) < 1 / (1 + np.exp(3.2 + 1.3 * ability))
    tail = np.where(stops, rng.geometric(0.35, len(ability)), 0)
    tasks_left = len(items.a) - np.arange(len(items.a))
    scores[(tasks_left <= np.minimum(tail, len(items.a) // 2)[:, None])] = NOT_TRIED
    return scores


def heap(work: Work, scores: Scores, share: Floats, rng: np.random.Generator) -> Scores:
    """The scores after teachers have raised pupils one or two points below a mark to its least score.

    share: for each pupil, the probability (0–1) of being raised. Points go to tasks that are not full, attempted ones
    first; no task goes above its maximum.
    """
    maxima = np.array([task.max_score for task in work.tasks])
    total = np.maximum(scores, 0).sum(axis=1, dtype=np.int64)
    bounds = np.array([*work.bounds, np.iinfo(np.int64).max])
    missing = bounds[np.searchsorted(bounds, total, side="right")] - total
    raised = np.flatnonzero((missing <= HEAP_REACH) & (rng.random(len(share)) < share))
    liking = rng.random((len(raised), len(maxima)))
    result = scores.copy()
    for point in range(HEAP_REACH):
        still = missing[raised] > point
        pupil = raised[still]
        now = result[pupil]
        wish = np.where(now < maxima, liking[still] + (now > NOT_TRIED), -1)
        task = wish.argmax(axis=1)
        result[pupil, task] = np.maximum(result[pupil, task], 0) + 1
    return result


def journal_marks(ability: Floats, severity: Floats, rng: np.random.Generator) -> Ints:
    """Marks 2–5 of the term before the work, by the school's own severity; 0 where the pupil has no mark."""
    seen = ability - severity + rng.normal(0, JOURNAL_NOISE, len(ability))
    marks = 2 + np.searchsorted(np.array(JOURNAL_CUTS), seen)
    marks[rng.random(len(ability)) < 0.003] = 0
    return marks


def _shift(items: Items, target: float) -> float:
    """What to add to every threshold so that the mean pupil mix of the region scores `target` (bisection)."""
    ability = 1.1 * np.linspace(-3, 3, 25)
    weight = np.exp(-0.5 * np.linspace(-3, 3, 25) ** 2)
    easy, hard = -8.0, 8.0
    for _ in range(40):
        middle = (easy + hard) / 2
        mean = float(np.average(Items(items.a, items.b + middle).expected_total(ability), weights=weight))
        easy, hard = (middle, hard) if mean > target else (easy, middle)
    return (easy + hard) / 2
