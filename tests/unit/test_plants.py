"""The planted schools are what they are said to be, nothing else changes, and the trial bench is fair."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.sample.plants import HEAPED_WORKS, HEAPING, INFLATED, LOW, PLANTS, SLIDING
from msoko_pipeline.sample.population import rest_of_region
from msoko_pipeline.sample.reported_year import form_senders
from msoko_pipeline.sample.responses import NOT_TRIED, heap
from msoko_pipeline.sample.sitting import Sitting, town_sittings
from msoko_pipeline.sample.town import LAST_YEAR, SECONDARY, Municipality, SchoolTruth, make_schools, planted
from msoko_pipeline.sample.trials import Trial, trial
from msoko_pipeline.sample.works import Work, works_of

SEEDS, SCHOOLS = (1, 2, 2026), 12
YEARS = (LAST_YEAR - 2, LAST_YEAR - 1, LAST_YEAR)
RISK_WORKS = (("RU", 5), ("MA", 5), ("RU", 6), ("MA", 6))
MARKER_WORKS = (("RU", 4), ("MA", 4), ("RU", 5), ("MA", 5))


@cache
def sittings(seed: int, year: int, plants: bool = True) -> dict[tuple[str, int], Sitting]:
    return {s.work.key: s for s in town_sittings(make_schools(seed, SCHOOLS, plants=plants), year, seed)}


def logins(seed: int, role: str) -> list[str]:
    return [login for login, truth in planted(seed, SCHOOLS).items() if truth.role == role]


def positions(seed: int, *roles: str) -> list[int]:
    return [i for i, school in enumerate(make_schools(seed, SCHOOLS)) if school.truth.role in roles]


@cache
def written(seed: int, year: int) -> pd.DataFrame:
    """A row per participant of the four works that the risk rules ask about; `points` anew from the task scores."""
    town = make_schools(seed, SCHOOLS)
    frames = []
    for key in RISK_WORKS:
        sitting = sittings(seed, year)[key].present
        points = np.where(sitting.scores == NOT_TRIED, 0, sitting.scores).astype(int).sum(axis=1)
        login = [town[i].login for i in sitting.school]
        below = points < sitting.work.bounds[0]
        frames.append(pd.DataFrame({"work": f"{key[0]}{key[1]}", "login": login, "points": points, "below": below}))
    return pd.concat(frames)


def shares_of_two(seed: int, year: int) -> pd.DataFrame:
    """Share of «2», login × work; empty where fewer than 10 wrote."""
    counted = written(seed, year).groupby(["login", "work"])["below"].agg(["mean", "size"])
    return counted["mean"].where(counted["size"] >= 10).unstack()


# Who is planted


@pytest.mark.parametrize(
    ("schools", "roles"),
    [
        (1, {}),
        (3, {LOW: 1}),
        (4, {LOW: 1, SLIDING: 1}),
        (6, {LOW: 1, SLIDING: 1}),
        (12, {LOW: 2, SLIDING: 1, INFLATED: 1, HEAPING: 1}),
        (24, {LOW: 4, SLIDING: 2, INFLATED: 2, HEAPING: 2}),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_plants_go_by_the_size_of_the_town(seed: int, schools: int, roles: dict[str, int]) -> None:
    truths = planted(seed, schools)
    assert Counter(truth.role for truth in truths.values()) == roles
    town = make_schools(seed, schools)
    assert {school.login: school.truth for school in town if school.truth.role} == truths
    chosen = [position for position, school in enumerate(town) if school.truth.role]
    assert {town[position].kind for position in chosen} <= {SECONDARY}
    assert schools < 3 or not set(chosen) & set(form_senders(town))


def test_a_plant_sets_what_it_plants_and_leaves_the_rest_as_drawn() -> None:
    numbers = {plant.role: plant for plant in PLANTS}
    for planted_one, drawn in zip(make_schools(1, 24), make_schools(1, 24, plants=False), strict=True):
        truth = planted_one.truth
        assert drawn.truth == SchoolTruth(drawn.truth.ability, drawn.truth.severity)
        assert replace(planted_one, truth=drawn.truth) == drawn
        if not truth.role:
            assert truth == drawn.truth
        else:
            plant = numbers[truth.role]
            assert truth.severity == drawn.truth.severity
            told = (plant.ability, plant.inflation, plant.drift, plant.heaping)
            assert (truth.ability, truth.inflation, truth.drift, truth.heaping) == told


def test_the_low_ones_are_those_that_drew_least() -> None:
    drawn = {s.login: s.truth.ability for s in make_schools(2026, SCHOOLS, plants=False)}
    low = [drawn[login] for login in logins(2026, LOW)]
    others = [drawn[login] for login in planted(2026, SCHOOLS) if login not in logins(2026, LOW)]
    assert max(low) < min(others)


def test_what_the_others_drew_does_not_tell_their_roles() -> None:
    ranks = set()
    for seed in range(8):
        drawn = [school.truth.ability for school in make_schools(seed, SCHOOLS, plants=False)]
        others = sorted(positions(seed, SLIDING, INFLATED, HEAPING), key=drawn.__getitem__)
        ranks.add(others.index(positions(seed, SLIDING)[0]))
    assert ranks == {0, 1, 2}


def test_only_the_sample_s_own_town_is_planted() -> None:
    elsewhere = make_schools(1, 21, Municipality("reg19_m001", "Прочий район"))
    assert not [school for school in elsewhere if school.truth.role]


def test_a_drift_begins_two_years_before_the_last() -> None:
    truth = SchoolTruth(ability=-1.0, drift=-0.5)
    assert [truth.ability_in(year) for year in range(2020, 2027)] == [0, 0, 0, 0, 0, -0.5, -1.0]


# What the plants show


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("year", YEARS)
def test_low_schools_are_shnor_by_rule_a(seed: int, year: int) -> None:
    shares = shares_of_two(seed, year)
    low = logins(seed, LOW)
    assert len(low) == 2
    assert (shares.loc[low].ge(0.40).sum(axis=1) >= 3).all(), shares.loc[low]
    ordinary = shares.drop(index=[*low, *logins(seed, SLIDING)])
    assert (ordinary.ge(0.30).sum(axis=1) >= 2).mean() <= 0.2, ordinary


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sliding_school_goes_from_fine_through_the_zone_to_shnor(seed: int) -> None:
    (login,) = logins(seed, SLIDING)
    fine, zone, low = (shares_of_two(seed, year).loc[login] for year in YEARS)
    assert (fine < 0.20).all()
    assert (zone >= 0.30).sum() < 2
    assert zone.between(0.20, 0.30, inclusive="left").sum() >= 2 or (zone - fine).max() >= 0.10
    assert (low >= 0.30).sum() >= 2
    assert fine.mean() + 0.06 < zone.mean() < low.mean() - 0.10


def above_region(seed: int, year: int, key: tuple[str, int], position: int) -> bool:
    """Sign A of ФИОКО: the school's lower bound is above the region's upper one."""
    town = sittings(seed, year)[key].present
    school = town.total[town.school == position]
    region = np.concatenate([rest_of_region(town.work, seed).sitting.total, town.total])
    lower = school.mean() - 1.96 * school.std(ddof=1) / np.sqrt(len(school))
    return bool(lower > region.mean() + 1.96 * region.std(ddof=1) / np.sqrt(len(region)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("year", YEARS)
def test_the_inflated_school_stands_above_the_region_and_its_journal_does_not(seed: int, year: int) -> None:
    (position,) = positions(seed, INFLATED)
    assert sum(above_region(seed, year, key, position) for key in MARKER_WORKS) >= 3
    for key in MARKER_WORKS:
        shown = sittings(seed, year)[key]
        there = (shown.school == position) & (shown.journal > 0) & ~shown.absent
        gap = (shown.mark - shown.journal)[there].mean()
        others = (shown.school != position) & (shown.journal > 0) & ~shown.absent
        assert gap > (shown.mark - shown.journal)[others].mean() + 0.3


@pytest.mark.parametrize("year", [2022, LAST_YEAR])  # in autumn, by pupils a grade older, and in spring
def test_what_schools_add_is_in_the_named_works_and_never_in_the_journal(year: int) -> None:
    town = make_schools(2026, SCHOOLS)
    honest = [replace(s, truth=replace(s.truth, inflation=0.0, heaping=0.0)) for s in town]
    touched: dict[str, set[tuple[str, int]]] = {INFLATED: set(), HEAPING: set()}
    for plain in town_sittings(honest, year, 2026):
        shown = sittings(2026, year)[plain.work.key]
        assert (shown.journal == plain.journal).all()
        differ = (shown.scores != plain.scores).any(axis=1)
        for role, keys in touched.items():
            here = np.isin(shown.school, positions(2026, role))
            if differ[here].any():
                keys.add(plain.work.key)
            differ[here] = False
        assert not differ.any()
    assert touched == {INFLATED: set(MARKER_WORKS), HEAPING: {*MARKER_WORKS, *RISK_WORKS}}


@pytest.mark.parametrize("seed", SEEDS)
def test_heaps_stand_at_the_bounds_and_hollows_below_them(seed: int) -> None:
    (position,) = positions(seed, HEAPING)
    at, near = Counter[bool](), Counter[bool]()
    for year in YEARS:
        for key in HEAPED_WORKS:
            sitting = sittings(seed, year)[key].present
            for bound in sitting.work.bounds:
                for here in (True, False):
                    total = sitting.total[(sitting.school == position) == here]
                    at[here] += int((total == bound).sum())
                    near[here] += int(np.isin(total, (bound - 1, bound - 2)).sum())
    assert at[True] > 3 * near[True]
    assert at[False] < 0.75 * near[False]


@pytest.mark.parametrize("seed", SEEDS)
def test_heaped_scores_are_still_scores(seed: int) -> None:
    for sitting in sittings(seed, LAST_YEAR).values():
        maxima = np.array([task.max_score for task in sitting.work.tasks])
        assert (sitting.scores <= maxima).all()
        assert (sitting.scores >= NOT_TRIED).all()
        assert (sitting.total == np.where(sitting.scores > 0, sitting.scores, 0).sum(axis=1)).all()


# What heaping does to a pupil


WORK = next(work for work in works_of(2026) if work.key == ("RU", 4))  # «3» from 10, «4» from 16, «5» from 21


def with_totals(*totals: int) -> np.ndarray:
    """Pupils with these totals, the first tasks full and the rest not attempted."""
    rows = []
    for total in totals:
        row, left = [], total
        for task in WORK.tasks:
            row.append(min(task.max_score, left) if left else NOT_TRIED)
            left -= max(row[-1], 0)
        rows.append(row)
    return np.array(rows, dtype=np.int8)


def test_only_those_one_or_two_points_below_a_mark_are_raised_and_exactly_to_it() -> None:
    totals = list(range(WORK.max_primary + 1))
    before = with_totals(*totals)
    after = heap(WORK, before, np.ones(len(totals)), np.random.default_rng(0))
    raised = {8: 10, 9: 10, 14: 16, 15: 16, 19: 21, 20: 21}
    assert np.maximum(after, 0).sum(axis=1).tolist() == [raised.get(total, total) for total in totals]
    assert (after >= before).all()
    assert (after <= [task.max_score for task in WORK.tasks]).all()
    assert (before == with_totals(*totals)).all()  # what came in is left alone


def test_attempted_tasks_get_the_points_first() -> None:
    pupil = with_totals(9)
    pupil[0, :2] = 0, 1
    pupil[0, -1] = 1  # 2 points lost in the first task, one and the first attempted of the others
    assert np.maximum(pupil, 0).sum() == 8
    for seed in range(20):
        after = heap(WORK, pupil, np.ones(1), np.random.default_rng(seed))
        assert ((after == NOT_TRIED) == (pupil == NOT_TRIED)).all()
    nothing_else = with_totals(8)  # every attempted task is full
    assert (heap(WORK, nothing_else, np.ones(1), np.random.default_rng(0)) >= 0).sum() > (nothing_else >= 0).sum()


def test_the_share_of_the_raised_is_the_asked_one() -> None:
    before = with_totals(*[9] * 4000)
    after = np.maximum(heap(WORK, before, np.full(4000, 0.3), np.random.default_rng(0)), 0).sum(axis=1)
    assert set(after.tolist()) == {9, 10}
    assert abs((after == 10).mean() - 0.3) < 0.03


# What is not planted stays


@pytest.mark.parametrize("seed", SEEDS)
def test_planting_changes_no_answer_of_the_other_schools(seed: int) -> None:
    for key, bare in sittings(seed, LAST_YEAR, False).items():
        shown = sittings(seed, LAST_YEAR)[key]
        same = np.isin(shown.school, positions(seed, ""))
        for column in ("school", "number", "class_no", "girl", "variant", "absent"):
            assert (getattr(bare, column) == getattr(shown, column)).all()
        assert (bare.scores[same] == shown.scores[same]).all()
        assert (bare.journal[same] == shown.journal[same]).all()
        assert same.all() or (bare.scores[~same] != shown.scores[~same]).any()


# The trial bench


def work(subject: str, grade: int, year: int = 2026) -> Work:
    return next(w for w in works_of(year) if w.key == (subject, grade))


@cache
def bench(key: tuple[str, int] = ("MA", 5), seed: int = 1, **plant: float) -> Trial:
    return trial(work(*key), seed, schools=1000, pupils=80, **plant)  # type: ignore[arg-type]


def test_a_trial_counts_every_pupil_once() -> None:
    made = bench()
    width = made.work.max_primary + 1
    assert made.scores.shape == (1000, width)
    assert made.region.shape == (width,)
    assert np.issubdtype(made.scores.dtype, np.integer)
    assert (made.n == 80).all()
    assert made.bounds == made.work.bounds
    assert made.ability.shape == made.mean.shape == made.sd.shape == (1000,)


def test_mean_and_sd_are_those_of_the_pupils() -> None:
    made = bench()
    for school in (0, 1, 999):
        pupils = np.repeat(np.arange(made.scores.shape[1]), made.scores[school])
        assert made.mean[school] == pytest.approx(pupils.mean())
        assert made.sd[school] == pytest.approx(pupils.std(ddof=1))
    assert np.isnan(trial(WORK, 1, schools=2, pupils=1).sd).all()


def test_a_trial_is_the_same_for_the_same_seed() -> None:
    again = trial(work("MA", 5), 1, schools=1000, pupils=80)
    assert (again.scores == bench().scores).all()
    assert (again.region == bench().region).all()
    other = trial(work("MA", 5), 2, schools=1000, pupils=80)
    assert (other.scores != bench().scores).any()
    assert (other.region != bench().region).any()


def bound_shares(counts: np.ndarray, bounds: tuple[int, int, int]) -> np.ndarray:
    return np.array([counts[bound - step] for bound in bounds for step in (0, 1, 2)]) / counts.sum()


@pytest.mark.parametrize("key", [("RU", 4), ("MA", 5), ("RU", 6), ("RU", 8)])
@pytest.mark.parametrize("seed", SEEDS)
def test_without_heaping_the_bounds_are_the_region_s(key: tuple[str, int], seed: int) -> None:
    made, heaped = bench(key, seed), bench(key, seed, heaping=0.7)
    expected = bound_shares(made.region, made.bounds)
    noise = 5 * np.sqrt(expected * (1 - expected) / made.region.sum())
    assert (np.abs(bound_shares(made.scores.sum(axis=0), made.bounds) - expected) < noise).all()
    assert (np.abs(bound_shares(heaped.scores.sum(axis=0), made.bounds) - expected) > noise).mean() > 0.9


def test_heaping_moves_the_asked_share_of_the_same_pupils() -> None:
    clean, heaped = bench().scores.sum(axis=0), bench(heaping=0.6).scores.sum(axis=0)
    bounds = np.array(bench().bounds)
    assert (clean.sum(), bench().region.tolist()) == (heaped.sum(), bench(heaping=0.6).region.tolist())
    moved = 1 - heaped[np.r_[bounds - 1, bounds - 2]] / clean[np.r_[bounds - 1, bounds - 2]]
    assert np.abs(moved - 0.6).max() < 0.04
    others = np.setdiff1d(np.arange(len(clean)), np.r_[bounds, bounds - 1, bounds - 2])
    assert (clean[others] == heaped[others]).all()


def test_inflation_raises_means_and_not_ability() -> None:
    clean, raised = bench(), bench(inflation=1.0)
    assert (raised.ability == clean.ability).all()
    assert (raised.mean > clean.mean).all()
    assert np.corrcoef(clean.ability, clean.mean)[0, 1] > 0.85


def test_drift_is_the_same_schools_a_year_later() -> None:
    first, second = bench(), bench(drift=-0.5, cohort=1)
    assert second.ability == pytest.approx(first.ability - 0.5)
    assert (second.scores != first.scores).any(axis=1).all()
    fallen = (second.scores[:, : second.bounds[0]].sum(axis=1) - first.scores[:, : first.bounds[0]].sum(axis=1)) / 80
    assert 0.04 < fallen.mean() < 0.16
    still = bench(cohort=1)
    assert abs(still.mean.mean() - first.mean.mean()) < 0.1
    assert 0.7 < np.corrcoef(still.mean, first.mean)[0, 1] < 0.98


@pytest.mark.parametrize("wrong", [{"schools": 0}, {"pupils": 0}, {"heaping": 1.1}, {"heaping": -0.1}])
def test_impossible_trials_are_refused(wrong: dict[str, float]) -> None:
    asked = {"schools": 2, "pupils": 5, **wrong}
    with pytest.raises(ValueError, match="needed"):
        trial(WORK, 1, **asked)  # type: ignore[arg-type]
