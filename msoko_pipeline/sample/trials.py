"""A trial bench: many made-up schools that wrote one work, with one plant of known size in all of them.

Measures a detector: how often it flags planted schools and how often clean ones. There are no detectors
here, only counts of primary scores, as quick to make as to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from msoko_pipeline.sample.population import rest_of_region
from msoko_pipeline.sample.pupils import CLASS_SIZE, CLASS_SPREAD, COHORT_SPREAD, PUPIL_SPREAD, Floats, Ints
from msoko_pipeline.sample.responses import SUBJECT_SPREAD, answer, draw_items, heap
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import SCHOOL_SPREAD
from msoko_pipeline.sample.works import Work


@dataclass(frozen=True)
class Trial:
    """Counts of one work.

    scores: schools × (maximum + 1), participants with each primary score; region: the same of a region without any
    plant; ability: what the schools' pupils know, logits, `drift` included, the plants that only seem knowledge not.
    """

    work: Work
    ability: Floats
    scores: Ints
    region: Ints

    @property
    def bounds(self) -> tuple[int, int, int]:
        """Least primary scores of marks 3, 4 and 5."""
        return self.work.bounds

    @cached_property
    def n(self) -> Ints:
        """Participants of each school."""
        participants: Ints = self.scores.sum(axis=1)
        return participants

    @cached_property
    def mean(self) -> Floats:
        """Mean primary score of each school."""
        return self.scores @ self._points / self.n

    @cached_property
    def sd(self) -> Floats:
        """Standard deviation of each school's primary scores, with n − 1; NaN for a single participant."""
        squares = (self.scores * (self._points - self.mean[:, None]) ** 2).sum(axis=1)
        return np.sqrt(np.divide(squares, self.n - 1, out=np.full(len(self.n), np.nan), where=self.n > 1))

    @property
    def _points(self) -> Ints:
        return np.arange(self.scores.shape[1])


def trial(
    work: Work,
    seed: int,
    *,
    schools: int,
    pupils: int,
    inflation: float = 0.0,
    heaping: float = 0.0,
    drift: float = 0.0,
    cohort: int = 0,
) -> Trial:
    """`schools` schools of `pupils` participants, with abilities spread as SCHOOL_SPREAD says, all planted alike.

    inflation: logits added to the answers; heaping: share (0–1) of pupils one or two points below a mark who are
    raised to it; drift: logits added to every school's ability; cohort: other pupils of the same schools, so that two
    trials with `cohort` 0 and 1 are two years of one town, and `drift` in the second is what happened between them.
    Any work will do, also one in which the sample's own town plants nothing. Trials that differ in a plant alone have
    the same pupils; `region` depends on the work and the seed alone.
    """
    if schools < 1 or pupils < 1 or not 0 <= heaping <= 1:
        raise ValueError(f"needed: schools ≥ 1, pupils ≥ 1, heaping 0…1; got {schools=}, {pupils=}, {heaping=}")
    rng = stream(seed, "trial", work.year, *work.key, cohort)
    ability = stream(seed, "trial schools").normal(0, SCHOOL_SPREAD, schools) + drift
    classes = -(-pupils // CLASS_SIZE)
    of_class = rng.normal(0, COHORT_SPREAD, (schools, 1)) + rng.normal(0, CLASS_SPREAD, (schools, classes))
    of_pupil = rng.normal(0, np.hypot(PUPIL_SPREAD, SUBJECT_SPREAD), (schools, pupils))
    pupil_ability = ability[:, None] + of_class[:, np.arange(pupils) * classes // pupils] + of_pupil
    scores = answer(draw_items(work, seed), pupil_ability.ravel() + inflation, rng)
    if heaping:
        of_heaping = stream(seed, "trial heaping", work.year, *work.key, cohort)
        scores = heap(work, scores, np.full(len(scores), heaping), of_heaping)
    width = work.max_primary + 1
    total = np.maximum(scores, 0).sum(axis=1, dtype=np.int64)
    places = np.repeat(np.arange(schools), pupils) * width + total
    return Trial(
        work=work,
        ability=ability,
        scores=np.bincount(places, minlength=schools * width).reshape(schools, width),
        region=np.bincount(rest_of_region(work, seed).sitting.total, minlength=width),
    )
