"""The forecast of ШНОР: when there is none, how procedures make a chance, what it learns from, and that it is right."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from msoko_pipeline.risk import forecast, multilevel, outlook
from msoko_pipeline.risk.procedures import procedures
from schemas import catalogue
from tests.spec.tables import load, table

YEAR = 2025
SPEC = {case["title"]: table(case["cases"]) for case in load("forecast")["cases"]}
WORKS = [(subject, grade) for subject in ("RU", "MA") for grade in (4, 5, 6)]


def results(shares: dict[str, float], years: list[int], seed: int = 0, n: int = 80) -> pd.DataFrame:
    """Every school in every work of every year, its share of «2» as given, with chance."""
    rng = np.random.default_rng(seed)
    rows = [
        {"year": year, "org_id": school, "municipality_id": "город", "procedure": "VPR", "subject": subject,
         "grade": grade, "n": n, "failed": rng.binomial(n, share), "good": n // 4, "completion_pct": 50.0,
         "completion_se": 1.0}
        for (school, share), year, (subject, grade) in product(shares.items(), years, WORKS)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def told(rows: pd.DataFrame, variant: str = "regulator_2025", last: int = YEAR) -> pd.DataFrame:
    """The forecast made in `last`, by school."""
    rules = catalogue.risk_rules(variant, last)
    schools = pd.DataFrame({"org_id": sorted(rows["org_id"].unique()), "municipality_id": "город", "category": "none"})
    found = forecast.forecast(procedures(rows, rules), schools, rules, catalogue.forecast(last), last)
    return found.set_index("org_id")


def town(schools: int, share: float = 0.15) -> dict[str, float]:
    return {f"школа {number:02d}": share for number in range(1, schools + 1)}


@pytest.mark.parametrize("case", SPEC["Когда прогноза нет"].to_dict("records"), ids=str)
def test_when_there_is_none(case: dict[str, Any]) -> None:
    years = [YEAR - ago for ago in range(int(case["лет"]))]
    found = told(results(town(int(case["школ"])), years), case["вариант"])
    assert len(found) == case["школ"]
    assert set(found["withheld"].dropna()) == ({case["почему нет"]} if case["почему нет"] else set())
    has_chance = found[["probability_pct", "ci_low", "ci_high", "basis"]].notna().all(axis=1)
    assert (has_chance == found["withheld"].isna()).all()


def test_a_school_without_a_procedure_or_with_a_small_parallel_has_none() -> None:
    rows = results(town(12), [YEAR - 1, YEAR])
    rows.loc[(rows["org_id"] == "школа 01") & (rows["year"] == YEAR), "n"] = 6
    rows.loc[rows["org_id"] == "школа 01", "failed"] = 0
    below = rows["org_id"].eq("школа 02") & rows["year"].eq(YEAR) & rows["grade"].isin([4, 5])
    rows.loc[below, ["n", "failed"]] = [8, 0]  # the children who will sit the works of grades 5 and 6
    found = told(rows)
    assert found.loc["школа 01", "withheld"] == forecast.WITHHELD["no_procedure"]
    assert found.loc["школа 02", "withheld"] == forecast.WITHHELD["small"].format(needed=10)
    assert found["probability_pct"].notna().sum() == 10


@pytest.mark.parametrize("case", SPEC["Что складывается в вероятность"].to_dict("records"), ids=str)
def test_what_makes_a_chance(case: dict[str, Any]) -> None:
    drawn = [part.strip() for part in str(case["процедуры: вероятность, %"]).split(";")]
    low = np.array([float(part.split()[0]) / 100 for part in drawn])[None, None, :, None]
    was_low = np.array([["была" in part for part in drawn]])
    rules = forecast.rules_of(catalogue.risk_rules(case["вариант"], YEAR))
    assert outlook._category(low, was_low, rules)[0, 0, 0] * 100 == pytest.approx(case["ШНОР, %"])


@pytest.mark.parametrize("variant", ["regulator_2025", "both", "two_years"])
def test_every_outcome_of_the_procedures_is_counted_once(variant: str) -> None:
    """Against the sum over all 2⁵ outcomes."""
    declared = catalogue.risk_rules(variant, YEAR)
    rng = np.random.default_rng(5)
    chance, was_low = rng.random(5), rng.random(5) < 0.4
    total = 0.0
    for lows in product((False, True), repeat=5):
        now = np.array(lows)
        by_count = now.sum() + (was_low.sum() if declared["SHNOR_A"]["years"] == 2 else 0) >= 2
        again = bool((now & was_low).any())
        if (by_count and again) if declared["mode"] == "both" else (by_count or again):
            total += float(np.prod(np.where(now, chance, 1 - chance)))
    found = outlook._category(chance[None, None, :, None], was_low[None], forecast.rules_of(declared))
    assert found[0, 0, 0] == pytest.approx(total)


@pytest.mark.parametrize("n", [10, 25, 80, 200])
def test_the_normal_logit_of_a_bound_is_close_to_the_binomial_tail(n: int) -> None:
    shares = np.linspace(0.05, 0.7, 40)
    logit, spread = outlook.bounds(np.array(float(n)), 30)
    told_by = stats.norm.cdf((np.log(shares / (1 - shares)) - logit) / np.sqrt(spread))
    exact = stats.binom.sf(np.ceil(0.3 * n) - 1, n, shares)
    assert np.abs(told_by - exact).max() < (0.03 if n == 10 else 0.015)


def test_what_came_later_changes_nothing() -> None:
    rows = results(town(12), [YEAR - 1, YEAR, YEAR + 1])
    later = rows.assign(failed=rows["failed"].where(rows["year"] <= YEAR, rows["n"]))
    known = rows[rows["year"] <= YEAR]
    pd.testing.assert_frame_equal(told(rows), told(known))
    pd.testing.assert_frame_equal(told(later), told(known))
    changed = rows.assign(failed=rows["failed"].where(rows["year"] != YEAR, rows["n"] // 2))
    assert not told(changed)["probability_pct"].equals(told(known)["probability_pct"])


def test_a_low_school_is_told_from_a_good_one_and_from_one_at_the_bound() -> None:
    shares = town(12, 0.1) | {"школа 01": 0.6, "школа 02": 0.28, "школа 03": 0.02}
    found = told(results(shares, [YEAR - 2, YEAR - 1, YEAR]))
    chance = found["probability_pct"]
    assert chance["школа 01"] > 95
    assert 20 < chance["школа 02"] < 90
    assert chance["школа 03"] < 2
    assert (found["ci_low"] <= chance).all()
    assert (chance <= found["ci_high"]).all()
    width = found["ci_high"] - found["ci_low"]
    assert width["школа 02"] > 20 > width["школа 03"]


def test_two_years_leave_more_unknown_than_three() -> None:
    shares = town(12, 0.1) | {"школа 02": 0.28}
    widths = [
        float((found["ci_high"] - found["ci_low"]).mean())
        for years in (2, 3)
        for found in [told(results(shares, [YEAR - ago for ago in range(years)], n=30))]
    ]
    assert widths[0] > widths[1]


def drawn_from_the_model(schools: int, variances: np.ndarray, seed: int) -> pd.DataFrame:
    """Rows as `known_rows` gives them, drawn from the model itself; three years of six works."""
    rng = np.random.default_rng(seed)
    places = pd.DataFrame(
        [(subject, grade, year) for year in (2023, 2024, 2025) for subject, grade in WORKS],
        columns=["subject", "grade", "year"],
    )
    places["work"] = places["subject"] + places["grade"].astype(str)
    codes = {
        "year": places["year"].to_numpy() - 2025, "subject": pd.factorize(places["subject"])[0],
        "work": pd.factorize(places["work"])[0], "cohort": (places["year"] - places["grade"]).to_numpy(),
    }  # fmt: skip
    left, right = ({k: v[:, None] for k, v in codes.items()}, {k: v[None, :] for k, v in codes.items()})
    kernels = multilevel.covariances(left, right, 0.7)
    whole = sum(v * kernel for v, (_, kernel) in zip(variances, kernels, strict=True)) + 1e-9 * np.eye(len(places))
    of_work = rng.normal(-1.2, 0.3, len(places))
    parts = []
    for school in range(schools):
        share = 1 / (1 + np.exp(-(of_work + np.linalg.cholesky(whole) @ rng.standard_normal(len(places)))))
        n = int(rng.integers(30, 120))
        parts.append(places.assign(org_id=f"{school:04d}", n=float(n), failed=rng.binomial(n, share).astype(float)))
    return pd.concat(parts, ignore_index=True)


PRIOR = [catalogue.forecast(YEAR)["variances"][name] for name in multilevel.COMPONENTS]
MEDIANS, SDS = np.array([p["median"] for p in PRIOR]), np.array([p["sd"] for p in PRIOR])
TRUE = dict(zip(multilevel.COMPONENTS, (0.5, 0.1, 0.0, 0.1, 0.0, 0.15, 0.0, 0.05, 0.0, 0.2), strict=True))


def test_variances_are_found_again() -> None:
    rows = drawn_from_the_model(150, np.array(list(TRUE.values())), seed=3)
    fitted = multilevel.fit(multilevel.layout(rows, 2025, 0.7), MEDIANS, SDS)
    found = dict(zip(multilevel.COMPONENTS, fitted.variances, strict=True))
    lasting = found["school"] + found["fading"]
    assert lasting == pytest.approx(0.6, rel=0.25)
    assert found["cohort"] == pytest.approx(0.15, rel=0.4)
    assert found["noise"] == pytest.approx(0.2, rel=0.25)
    assert max(found["slope"], found["work"], found["subject_cohort"]) < 0.06


def test_the_fit_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where schools without a single «2» and with nothing else stand beside the others."""
    rows = drawn_from_the_model(12, np.array(list(TRUE.values())), seed=6)
    rows.loc[rows["org_id"] == "0000", "failed"] = 0.0
    rows.loc[rows["org_id"] == "0001", "failed"] = rows["n"]
    rounds: list[float] = []
    slopes = multilevel._slopes

    def counted(*told: Any) -> Any:
        answer = slopes(*told)
        rounds.append(answer[2])
        return answer

    monkeypatch.setattr(multilevel, "_slopes", counted)
    fitted = multilevel.fit(multilevel.layout(rows, 2025, 0.7), MEDIANS, SDS)
    assert len(rounds) < multilevel.ROUNDS
    assert rounds[-1] < multilevel.CLOSE_LOGIT
    assert (fitted.variances < 10).all()


def dense(laid: multilevel.Layout, variances: np.ndarray) -> tuple[float, np.ndarray]:
    """Restricted log-likelihood of the working responses and the works' effects, on one matrix of all rows."""
    count = len(laid.works)
    rows = [(block, s) for block in laid.blocks for s in range(len(block.schools))]
    size = sum(int(block.used[s].sum()) for block, s in rows)
    whole, design, response, at = np.zeros((size, size)), np.zeros((size, count)), np.zeros(size), 0
    for block, s in rows:
        used = block.used[s]
        here = slice(at, at + int(used.sum()))
        told_by = sum(v * kernel[s] for v, kernel in zip(variances, block.shared, strict=True))
        whole[here, here] = told_by[np.ix_(used, used)] + np.diag(1 / block.weight[s][used])
        design[np.arange(here.start, here.stop), block.work_year[s][used]] = 1
        response[here] = block.response[s][used]
        at = here.stop
    inverse = np.linalg.inv(whole)
    information = design.T @ inverse @ design + multilevel.LEVEL_PRECISION * np.eye(count)
    pulled = design.T @ inverse @ response + multilevel.LEVEL_PRECISION * multilevel.LEVEL
    effects = np.linalg.solve(information, pulled)
    rest = response - design @ effects
    prior = multilevel.LEVEL_PRECISION * np.sum((effects - multilevel.LEVEL) ** 2)
    fitted = float(rest @ inverse @ rest + prior)
    return -0.5 * (np.linalg.slogdet(whole)[1] + np.linalg.slogdet(information)[1] + fitted), effects


def test_effects_and_slopes_are_those_of_the_whole_matrix() -> None:
    """Blocks of schools against one dense matrix; slopes against differences of the restricted likelihood."""
    rows = drawn_from_the_model(7, np.array(list(TRUE.values())), seed=4)
    laid = multilevel.layout(rows.drop(index=[3, 40, 41]), 2025, 0.7)  # schools with fewer works than others
    for block in laid.blocks:
        block.logit = multilevel._first_logit(block, laid)
        multilevel._respond(block)
    variances = np.array([0.4, 0.2, 0.05, 0.1, 0.03, 0.1, 0.02, 0.04, 0.03, 0.2])
    solved = multilevel.solve(laid, variances)
    assert solved.effects == pytest.approx(dense(laid, variances)[1])
    slopes = multilevel._slopes(laid, solved)[0]
    for kind in range(len(variances)):
        step = np.eye(len(variances))[kind] * 1e-5
        change = dense(laid, variances + step)[0] - dense(laid, variances - step)[0]
        assert slopes[kind] == pytest.approx(change / 2e-5, rel=1e-3, abs=1e-4)


def test_shifts_of_works_and_of_years_are_told_apart() -> None:
    """Works drawn with a shift of the year for all of them, and with one of their own."""
    rng = np.random.default_rng(8)
    works = pd.DataFrame(list(product(range(40), (-2, -1, 0))), columns=["work", "year"])
    laid = multilevel.Layout([], pd.Index([]), works, 2025, 0.7)
    common = np.array([0.0, 0.8, -0.4])
    effects = rng.normal(0, 1, 40)[works["work"]] + common[works["year"] + 2] + rng.normal(0, 0.3, len(works))
    solved = multilevel.Solved(effects, np.zeros((len(works), len(works))), [])
    prior = catalogue.forecast(YEAR)["shifts"]
    found = outlook.shifts(laid, solved, prior)
    assert found.work == pytest.approx(0.09, rel=0.3)
    own = prior["year"]["weight"] * prior["year"]["variance"]
    seen = np.sum((common - common.mean()) ** 2)
    assert found.year == pytest.approx((own + seen) / (prior["year"]["weight"] + 2), rel=0.2)
    alone = works[works["year"] == 0].reset_index(drop=True)
    one = outlook.shifts(
        multilevel.Layout([], pd.Index([]), alone, 2025, 0.7),
        multilevel.Solved(effects[:40], np.zeros((40, 40)), []),
        prior,
    )
    assert one.work == prior["work"]["variance"], "one year shows no change: the prior alone"
    assert one.year == prior["year"]["variance"]


@pytest.mark.parametrize(
    ("drawn", "probability", "low", "high"),
    [
        ([10.0] * 10 + [20.0] * 10, 15, 10, 20),
        ([1e-18] * 99 + [50.0], 0.5, 0, 0.5),  # the mean of a skewed chance lies above the middle 95 % of it
        ([100.0] * 99 + [40.0], 99.4, 99.4, 100),
        ([1.6e-21] * 100, 0, 0, 0),  # hundreds of draws do not know that much of nothing
    ],
)
def test_a_chance_lies_within_its_interval(drawn: list[float], probability: float, low: float, high: float) -> None:
    told = forecast.interval(np.array(drawn)[:, None])
    assert [told[name][0] for name in ("probability_pct", "ci_low", "ci_high")] == pytest.approx(
        [probability, low, high], abs=1e-12
    )
