"""Counts of one unit (school, town, region, country) in one work: what all six aggregate reports are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from msoko_pipeline.sample.population import Population
from msoko_pipeline.sample.pupils import Ints
from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.town import REGION_NAME, TOWN, School

WHOLE_SAMPLE = "Вся выборка"
MARKS = (2, 3, 4, 5)


@dataclass(frozen=True)
class Tally:
    """Whole numbers only; shares are taken where they are printed.

    marks: participants with 2, 3, 4, 5; distribution: participants with 0…max; task_sums: points per task;
    group_task_sums: marks × tasks; journal: lower, equal, higher than the journal mark (those who have one).
    organisations is None for a school's own row.
    """

    label: str
    organisations: int | None
    participants: int
    marks: Ints
    distribution: Ints
    task_sums: Ints
    group_task_sums: Ints
    journal: Ints


def count(sitting: Sitting, label: str, organisations: int | None, weight: int = 1) -> Tally:
    """Tally of the pupils of `sitting` (absent ones must be out of it already)."""
    work = sitting.work
    points = np.maximum(sitting.scores, 0).astype(np.int64)
    has_mark = sitting.journal > 0
    gap = np.sign(sitting.mark - sitting.journal)[has_mark]
    return Tally(
        label=label,
        organisations=organisations,
        participants=len(sitting) * weight,
        marks=np.bincount(sitting.mark, minlength=6)[2:] * weight,
        distribution=np.bincount(sitting.total, minlength=work.max_primary + 1) * weight,
        task_sums=points.sum(axis=0) * weight,
        group_task_sums=np.stack([points[sitting.mark == mark].sum(axis=0) for mark in MARKS]) * weight,
        journal=np.bincount(gap + 1, minlength=3) * weight,
    )


def merged(sittings: Sequence[Sitting], label: str, organisations: int) -> Tally:
    """One tally over several sittings of the same work."""
    parts = [count(sitting, label, None) for sitting in sittings]
    return Tally(
        label,
        organisations,
        sum(part.participants for part in parts),
        *(
            np.sum([getattr(part, name) for part in parts], axis=0)
            for name in ("marks", "distribution", "task_sums", "group_task_sums", "journal")
        ),
    )


def tallies(town: Sitting, schools: Sequence[School], region: Population, whole: Population) -> list[Tally]:
    """Rows of a report from the country down to each school that has participants in `town` (present pupils)."""
    present = np.unique(town.school)
    return [
        count(whole.sitting, WHOLE_SAMPLE, whole.organisations, whole.weight),
        merged([region.sitting, town], REGION_NAME, region.organisations + len(present)),
        count(town, TOWN.label, len(present)),
        *(count(town.where(town.school == i), schools[i].label, None) for i in present),
    ]
