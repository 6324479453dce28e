"""Groups with deepened mathematics and physics: they sit a work of their own, the rest of the parallel the base one.

A group is gathered in the seventh grade and stays together in the eighth. The gymnasium has had one since 2025, so its
parallels are split alike from year to year; the lyceum has its first in 2026, and its base works are of other pupils
than a year before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msoko_pipeline.sample.pupils import CLASS_SIZE, Bools, Parallel
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import GYMNASIUM, LYCEUM, School
from schemas import catalogue

BASE = catalogue.advanced_works()
GRADES = (7, 8)
FIRST_YEAR = {GYMNASIUM: 2025, LYCEUM: 2026}  # in which the first group was gathered
CHOSEN_BY = 0.6  # logits: how far the choice of a group strays from ability
WRITING_SHARE, ADVANTAGE = 0.07, 1.0  # of the region's and the country's parallel; logits above the rest


def has_group(schools: Sequence[School], year: int, grade: int) -> Bools:
    """Which schools have a group in the grade."""
    since = [FIRST_YEAR.get(school.kind) for school in schools]
    return np.array([grade in GRADES and first is not None and year - grade >= first - GRADES[0] for first in since])


def in_group(pupils: Parallel, schools: Sequence[School], seed: int) -> Bools:
    """Which pupils are in their school's group: about a class of the ablest, the same ones in both grades."""
    chosen = np.zeros(len(pupils), dtype=bool)
    for school in np.flatnonzero(has_group(schools, pupils.year, pupils.grade)).tolist():
        own = np.flatnonzero(pupils.school == school)
        strays = stream(seed, "advanced", schools[school].login, pupils.year - pupils.grade)
        merit = pupils.ability[own] + strays.normal(0, CHOSEN_BY, len(own))
        by_merit = own[np.argsort(-merit, kind="stable")]
        chosen[by_merit[: min(CLASS_SIZE, len(own) // 2)]] = True
    return chosen
