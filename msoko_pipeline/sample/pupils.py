"""The pupils of a parallel: how many, in which classes, how able. A cohort is the same people from year to year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import TINY, School

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CLASS_SIZE = 27
COHORT_SPREAD, CLASS_SPREAD, PUPIL_SPREAD = 0.12, 0.12, 0.85  # logits


@dataclass(frozen=True)
class Parallel:
    """The pupils of one grade in one year, as columns of equal length.

    school: position in the list of schools; number: running number inside the school's parallel, from 1;
    class_no: from 1; ability, severity, inflation: logits, the school's part included; heaping: the share of the
    school's pupils just below a mark who are raised to it.
    """

    year: int
    grade: int
    school: Ints
    number: Ints
    class_no: Ints
    girl: Bools
    ability: Floats
    severity: Floats
    inflation: Floats
    heaping: Floats

    def __len__(self) -> int:
        return len(self.school)

    def where(self, mask: Bools) -> Parallel:
        return Parallel(
            self.year,
            self.grade,
            self.school[mask],
            self.number[mask],
            self.class_no[mask],
            self.girl[mask],
            self.ability[mask],
            self.severity[mask],
            self.inflation[mask],
            self.heaping[mask],
        )


def parallel_sizes(schools: Sequence[School], seed: int, year: int, grade: int) -> Ints:
    """Pupils of the grade in each school; a cohort keeps its size as it goes from grade to grade up to the ninth."""
    sizes = []
    for school in schools:
        low, high = school.kind.parallel
        usual = stream(seed, "size", school.login).uniform(low, high)
        size = round(usual * stream(seed, "cohort size", school.login, year - grade).lognormal(0, 0.1))
        if grade >= 10:
            size = round(size * 0.4) if school.kind.senior else 0
        elif school.kind is TINY:
            size = int(stream(seed, "cohort size", school.login, year - grade).integers(low, high + 1))
        sizes.append(size)
    return np.array(sizes, dtype=np.int64)


def parallel(schools: Sequence[School], sizes: Ints, seed: int, year: int, grade: int) -> Parallel:
    """The pupils of `grade` in `year`, `sizes` of them in each school. A cohort is the same people every year; those
    who stay after the ninth grade are some of it.
    """
    cohort = year - grade
    of_ninth = parallel_sizes(schools, seed, cohort + 9, 9) if grade > 9 else sizes
    ever = np.maximum(sizes, of_ninth)
    school, number = _in_order(ever)
    people = stream(seed, "people", cohort)
    girl, own = people.random(len(school)) < 0.49, people.normal(0, PUPIL_SPREAD, len(school))
    stays = number <= sizes[school]
    school, number, girl, own = school[stays], number[stays], girl[stays], own[stays]
    classes = -(-sizes // CLASS_SIZE)
    class_no = (number - 1) * classes[school] // np.maximum(sizes[school], 1) + 1
    truth = [s.truth for s in schools]
    of_school = np.array([t.ability_in(year) for t in truth])
    of_cohort = stream(seed, "cohort", cohort).normal(0, COHORT_SPREAD, len(schools))
    most = int(classes.max(initial=1))
    of_class = stream(seed, "classes", cohort).normal(0, CLASS_SPREAD, (len(schools), most))
    return Parallel(
        year=year,
        grade=grade,
        school=school,
        number=number,
        class_no=class_no,
        girl=girl,
        ability=(of_school + of_cohort)[school] + of_class[school, class_no - 1] + own,
        severity=np.array([t.severity for t in truth])[school],
        inflation=np.array([t.inflation for t in truth])[school],
        heaping=np.array([t.heaping for t in truth])[school],
    )


def _in_order(sizes: Ints) -> tuple[Ints, Ints]:
    """School and running number of pupils who stand school by school."""
    school = np.repeat(np.arange(len(sizes)), sizes)
    return school, np.arange(len(school)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
