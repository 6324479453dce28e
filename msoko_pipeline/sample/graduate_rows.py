"""Graduates of the made-up town: as many as there are in classes 9 and 11; where they go on depends on the school."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import Cell, Row

STAY = 0.4  # of class 9 that goes on to class 10, in any school
COLLEGE, WORK, ARMY = 0.9, 0.3, 0.4  # of those who do not stay (or do not enter a university); of the rest; of the rest
UNIVERSITY = 0.6  # of class 11, in a school of mean ability; ABLE more of it per logit
ABLE = 0.15
PROFILE = 0.6  # of those who go on learning


def graduates(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row for class 9 and one for class 11 where there is one; a cell of nobody is empty now and then."""
    for school in town:
        for grade in (9, 11):
            size = int(parallel_sizes([school], seed, year, grade)[0])
            if not size:
                continue
            rng = stream(seed, "graduates", school.login, year, grade)
            likely = STAY if grade == 9 else min(0.95, max(0.2, UNIVERSITY + ABLE * school.truth.ability_in(year)))
            stay = int(rng.binomial(size, likely))
            college = int(rng.binomial(size - stay, COLLEGE))
            rest = size - stay - college
            work = int(rng.binomial(rest, WORK))
            army = int(rng.binomial(rest - work, ARMY)) if grade == 11 else 0
            by_profile = int(rng.binomial(stay + college, PROFILE))
            ways: list[Cell] = [stay, college, None] if grade == 9 else [None, college, stay]
            ends = [number or (0 if rng.random() < 0.8 else None) for number in (work, army, rest - work - army)]
            yield [year, school.login, grade, size, *ways, by_profile, *ends]
