"""A sitting: one work as a set of pupils wrote it. Every file of the sample is printed from sittings alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from msoko_pipeline.sample import advanced
from msoko_pipeline.sample.menus import REFORM_YEAR
from msoko_pipeline.sample.plants import HEAPED_WORKS, INFLATED_WORKS
from msoko_pipeline.sample.pupils import Bools, Ints, Parallel, parallel, parallel_sizes
from msoko_pipeline.sample.responses import SUBJECT_SPREAD, Scores, answer, draw_items, heap, journal_marks
from msoko_pipeline.sample.streams import stream
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.works import Work, works_of, writers

ABSENT_SHARE = 0.06


@dataclass(frozen=True)
class Sitting:
    """Columns of equal length, one place per pupil of the parallel, absent ones included.

    scores: pupils × tasks, NOT_TRIED for `X`; journal: 2–5 or 0 for none; school: position in the list of schools.
    """

    work: Work
    school: Ints
    number: Ints
    class_no: Ints
    girl: Bools
    variant: Ints
    journal: Ints
    absent: Bools
    scores: Scores

    def __len__(self) -> int:
        return len(self.school)

    @cached_property
    def total(self) -> Ints:
        """Primary score; meaningless for absent pupils."""
        return np.maximum(self.scores, 0).sum(axis=1, dtype=np.int64)

    @cached_property
    def mark(self) -> Ints:
        return mark_of(self.total, self.work.bounds)

    @cached_property
    def code(self) -> Ints:
        return participant_codes(self.work.pupil_grade, self.number)

    def where(self, mask: Bools) -> Sitting:
        columns: dict[str, Any] = {f.name: getattr(self, f.name)[mask] for f in fields(self) if f.name != "work"}
        return replace(self, **columns)

    @property
    def present(self) -> Sitting:
        return self.where(~self.absent)


def mark_of(total: Ints, bounds: tuple[int, int, int]) -> Ints:
    """Mark 2–5 of each primary score by the least scores of 3, 4 and 5."""
    return 2 + np.searchsorted(np.array(bounds), total, side="right")


def participant_codes(grade: int, number: Ints) -> Ints:
    """`40001`: the grade's digit and a running number; the tenth grade has `20001`, the eleventh `1001`."""
    return number + (grade * 10_000 if grade < 10 else {10: 20_000, 11: 1_000}[grade])


def sit(work: Work, pupils: Parallel, seed: int, *place: str, absent_share: float = ABSENT_SHARE) -> Sitting:
    """Lets the pupils write the work. `place` names the random stream («town», «region»…).

    What a school adds to its results is added in the works of `plants.py` alone and never reaches the journal.
    """
    rng = stream(seed, "sitting", work.year, *work.key, *place)
    ability = pupils.ability + rng.normal(0, SUBJECT_SPREAD, len(pupils))
    shown = pupils.inflation if work.key in INFLATED_WORKS else 0.0
    sitting = Sitting(
        work=work,
        school=pupils.school,
        number=pupils.number,
        class_no=pupils.class_no,
        girl=pupils.girl,
        variant=rng.integers(1, 3, len(pupils)),
        journal=journal_marks(ability, pupils.severity, rng),
        absent=rng.random(len(pupils)) < absent_share,
        scores=answer(draw_items(work, seed), ability + shown, rng),
    )
    if work.key not in HEAPED_WORKS or not pupils.heaping.any():
        return sitting
    of_heaping = stream(seed, "heaping", work.year, *work.key, *place)
    return replace(sitting, scores=heap(work, sitting.scores, pupils.heaping, of_heaping))


def town_sittings(
    schools: Sequence[School], year: int, seed: int, works: Collection[tuple[str, int]] | None = None
) -> list[Sitting]:
    """Every work of the year in the town, or of `works` (subject, grade); works that no school drew are left out."""
    parallels: dict[int, Parallel] = {}
    sittings = []
    levels = {*advanced.BASE, *advanced.BASE.values()} if year >= REFORM_YEAR else set()
    for work in works_of(year):
        if works is not None and work.key not in works:
            continue
        grade = work.pupil_grade
        if grade not in parallels:
            parallels[grade] = parallel(schools, parallel_sizes(schools, seed, year, grade), seed, year, grade)
        pupils = parallels[grade]
        pupils = pupils.where(writers(work, schools, seed)[pupils.school])
        if len(pupils):
            sitting = sit(work, pupils, seed, "town")
            if work.subject in levels:
                in_group = advanced.in_group(pupils, schools, seed)
                sitting = sitting.where(in_group if work.subject in advanced.BASE else ~in_group)
            sittings.append(sitting)
    return sittings
