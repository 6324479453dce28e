"""Groups with deepened mathematics and physics of the made-up town: who sits which work."""

from __future__ import annotations

import numpy as np
import pytest

from msoko_pipeline.sample import advanced
from msoko_pipeline.sample.population import rest_of_region
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.town import GYMNASIUM, LYCEUM, School, make_schools

SEED = 2026
TOWN = make_schools(SEED, 12)
WORKS = {("RU", 7)} | {(subject, grade) for grade in (7, 8) for pair in advanced.BASE.items() for subject in pair}


def sittings(year: int, seed: int = SEED) -> dict[tuple[str, int], Sitting]:
    return {s.work.key: s for s in town_sittings(make_schools(seed, 12), year, seed, WORKS)}


def of(sitting: Sitting, school: School) -> set[int]:
    return set(sitting.number[sitting.school == TOWN.index(school)].tolist())


(GYMN,) = (school for school in TOWN if school.kind is GYMNASIUM)
(LYC,) = (school for school in TOWN if school.kind is LYCEUM)


@pytest.mark.parametrize(
    ("year", "grade", "schools"),
    [(2024, 7, []), (2025, 7, [GYMN]), (2025, 8, []), (2026, 7, [GYMN, LYC]), (2026, 8, [GYMN])],
)
def test_the_gymnasium_has_a_group_since_2025_and_the_lyceum_since_2026(
    year: int, grade: int, schools: list[School]
) -> None:
    found = sittings(year)
    wrote = {TOWN[i].login for i in np.unique(found["MU", grade].school)} if ("MU", grade) in found else set()
    assert wrote == {school.login for school in schools}


@pytest.mark.parametrize(("year", "grade"), [(2025, 7), (2026, 7), (2026, 8)])
def test_a_pupil_sits_the_base_work_or_the_advanced_one(year: int, grade: int) -> None:
    found = sittings(year)
    base, deep = of(found["MA", grade], GYMN), of(found["MU", grade], GYMN)
    assert not base & deep
    assert base | deep == set(range(1, len(base) + len(deep) + 1)), "the whole parallel"
    assert 20 <= len(deep) < len(base)


def test_a_group_goes_from_the_seventh_to_the_eighth_grade_together() -> None:
    assert of(sittings(2025)["MU", 7], GYMN) == of(sittings(2026)["MU", 8], GYMN)
    assert of(sittings(2026)["MU", 7], LYC) != of(sittings(2026)["MU", 7], GYMN)


@pytest.mark.parametrize("seed", range(4))
def test_the_strong_leave_the_base_work_and_the_advanced_one_is_harder(seed: int) -> None:
    found = sittings(2026, seed)
    base, deep, russian = (found[subject, 7] for subject in ("MA", "MU", "RU"))
    here = russian.school == TOWN.index(LYC)
    chosen = np.isin(russian.number, deep.number[deep.school == TOWN.index(LYC)])
    assert russian.mark[here & chosen].mean() > russian.mark[here & ~chosen].mean() + 0.3
    assert 2.8 < deep.present.mark.mean() < 4.5, "a work that neither everybody does with «5» nor nobody"
    assert {task.level for task in deep.work.tasks} == {"Б", "П", "В"}
    assert len(deep.work.tasks) != len(base.work.tasks)
    assert deep.work.title == "Математика (углублённый уровень)"


def test_physics_is_sat_where_the_lot_gave_it() -> None:
    for seed in range(4):
        for year in (2025, 2026):
            found = sittings(year, seed)
            for grade in (7, 8):
                deep = found.get(("FU", grade))
                drew = found["FI", grade].school if ("FI", grade) in found else np.zeros(0)
                groups = np.flatnonzero(advanced.has_group(make_schools(seed, 12), year, grade))
                assert set(np.unique(deep.school) if deep else ()) == set(groups) & set(np.unique(drew))


def test_few_of_the_region_sit_it_and_they_are_the_stronger() -> None:
    found = sittings(2026)
    base, deep = (rest_of_region(found[subject, 7].work, SEED).sitting for subject in ("MA", "MU"))
    assert len(deep) < len(base) / 10
    assert 3.2 < deep.mark.mean() < 4.2
