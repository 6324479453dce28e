"""ВСОКО of the made-up town: the weaker a school, the more of its pupils fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from msoko_pipeline.sample.pupils import parallel_sizes
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import LAST_YEAR, School
from msoko_pipeline.sample.workbooks import Cell, Row
from schemas.sources.vsoko import REQUIREMENTS

FAILING = 0.03  # of the pupils of a school of mean ability in the first quarter; STEEPER: logits per logit of ability
STEEPER = 0.8
EASIER = (1.0, 0.9, 0.85, 0.6)  # the quarters of a year against the first
STAYS, REPEATS, ABSENT = 0.4, 0.1, 0.004  # of the fourth quarter; of those who fail the year; of the pupils
WITH_ROUTE = 0.7  # of those at risk
LESSONS = 45  # missed a year by one who is often absent


def vsoko(town: Sequence[School], year: int, seed: int) -> Iterator[Row]:
    """A row a school; a tiny one has three terms instead of four quarters."""
    for school in town:
        rng = stream(seed, "vsoko", school.login, year)
        pupils = max(1, sum(int(parallel_sizes([school], seed, year, grade)[0]) for grade in range(2, 12)))
        odds = FAILING / (1 - FAILING) * np.exp(-STEEPER * school.truth.ability_in(year))
        at_risk = int(rng.binomial(pupils, 1.4 * odds / (1 + odds)))
        quarters: list[Cell] = [int(rng.binomial(at_risk, 0.7 * part)) for part in EASIER]
        failing = int(rng.binomial(at_risk, 0.7 * EASIER[-1] * STAYS))
        repeaters = int(rng.binomial(failing, REPEATS))
        absent = int(rng.binomial(pupils, ABSENT))
        if school.kind.parallel[1] < 10:
            quarters[-1] = None
        met = ["да" if rng.random() < 0.9 - 0.1 * (LAST_YEAR - year) else "нет" for _ in REQUIREMENTS]
        yield [
            year, school.login, *met, pupils, *quarters, failing, failing - repeaters, repeaters, at_risk,
            int(rng.binomial(at_risk, WITH_ROUTE)), absent, absent * LESSONS + int(rng.integers(0, pupils)),
        ]  # fmt: skip


OWN_ROWS = {"vsoko": vsoko}
