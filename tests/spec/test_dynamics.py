"""Three years of an indicator, as small tables: what goes in stands beside what must come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import test_proportions_2indep as shares_test

from msoko_pipeline.home.tables import path
from msoko_pipeline.indicators.values import dynamics
from msoko_pipeline.indicators.values.all_works import WORK as KEY
from msoko_pipeline.indicators.values.values import make_values
from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.settings import Settings
from tests.spec.three_years import LIMITS, mean, of, rows, share

shares_test.__test__ = False


@pytest.mark.parametrize(
    ("then", "before", "now", "change_1", "change_2", "slope"),
    [
        # 2020  2021  2022  за год за два  наклон
        (40.0, 50.0, 60.0, 10.0, 20.0, 10.0),
        (40.0, 70.0, 60.0, -10.0, 20.0, 10.0),
        (60.0, 60.0, 60.0, 0.0, 0.0, 0.0),
        (60.0, 20.0, 60.0, 40.0, 0.0, 0.0),
        (None, 50.0, 45.0, -5.0, None, -5.0),  # only two years
        (40.0, None, 60.0, None, 20.0, 10.0),  # the middle year is missing: the slope is still a year's
    ],
)
def test_changes_and_slope(
    then: float | None, before: float | None, now: float, change_1: float | None, change_2: float | None, slope: float
) -> None:
    told = [
        {"year": year, "value": value, "denominator": 50}
        for year, value in ((2020, then), (2021, before), (2022, now))
        if value is not None
    ]
    found = of(2022, *told)
    assert [found[n] for n in ("value", "value_1", "value_2")] == [now, before, then]
    assert [found[n] for n in ("change_1", "change_2", "slope")] == [change_1, change_2, slope]
    assert found["slope"] == pytest.approx(fitted(told))
    assert [found[n] for n in ("base", "base_1", "base_2")] == [50, 50 if before else None, 50 if then else None]


def fitted(told: list[dict[str, Any]]) -> float:
    return float(np.polyfit([t["year"] - 2022 for t in told], [t["value"] for t in told], 1)[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_slope_is_that_of_least_squares(seed: int) -> None:
    values = np.random.default_rng(seed).uniform(0, 100, 3)
    for years in ([2020, 2021, 2022], [2021, 2022], [2020, 2022]):
        told = [{"year": year, "value": values[year - 2020], "denominator": 9} for year in years]
        assert of(2022, *told)["slope"] == pytest.approx(fitted(told))


def test_a_year_that_is_missing_is_not_moved_up() -> None:
    """2019 is three years before 2022: nobody compares with it, and 2019, 2022 alone have nothing to compare."""
    assert rows(share(2019, 1, 20), share(2022, 5, 20)) == []
    found = of(2022, share(2019, 1, 20), share(2020, 10, 20), share(2022, 5, 20))
    assert (found["value_1"], found["value_2"]) == (None, 50)


def test_each_year_and_unit_has_its_own_predecessors() -> None:
    told = [share(year, top, 20) for year, top in ((2020, 2), (2021, 6), (2022, 4))]
    other = [share(year, 20, 20, unit_id="edu190002") for year in (2021, 2022)]
    german = [share(2022, 3, 20, subject="DE"), share(2021, 3, 20, grade=5), share(2021, 3, 20, level="region")]
    found = rows(*told, *other, *german)
    assert [(row["year"], row["unit_id"], row["value_1"], row["value_2"]) for row in found] == [
        (2021, "edu190001", 10, None), (2022, "edu190001", 30, 10), (2022, "edu190002", 100, None)
    ]  # fmt: skip


def test_a_year_of_base_zero_has_no_value() -> None:
    """A share of nobody is no data: it is neither compared nor compared with."""
    assert rows(share(2021, 0, 0), share(2022, 5, 20)) == []
    assert rows(share(2021, 5, 20), share(2022, 0, 0)) == []
    found = of(2022, share(2020, 5, 20), share(2021, 0, 0), share(2022, 15, 20))
    assert (found["value_1"], found["base_1"], found["change_2"], found["trend"]) == (None, None, 50, "better")


SHARES = [((3, 10), (7, 10)), ((1, 89), (11, 93)), ((0, 30), (3, 28)), ((412, 1371), (388, 1402)), ((30, 30), (29, 30)),
          ((200, 22157), (900, 22111)), ((0, 1), (1, 1)), ((5, 20), (5, 20))]  # fmt: skip


def p_of(now: tuple[int, int], before: tuple[int, int], expected: float = 0.0) -> float:
    """p of two shares, whose difference is `expected` (% points) where nothing happened, by statsmodels."""
    told = shares_test(*now, *before, value=expected / 100, method="agresti-caffo", compare="diff")
    return float(told.pvalue)


@pytest.mark.parametrize(("before", "now"), SHARES)
def test_p_of_two_shares_is_that_of_statsmodels(before: tuple[int, int], now: tuple[int, int]) -> None:
    p = p_of(now, before)
    found = of(2022, share(2021, *before), share(2022, *now))
    assert found["p_value"] == pytest.approx(p, rel=1e-9)
    small = min(before[1], now[1]) < LIMITS["small_base"]
    assert found["p_adjusted"] == (None if small else found["p_value"])
    assert found["significant"] is (None if small else bool(p < 0.05))


@pytest.mark.parametrize("top", [0, 20])
def test_where_nothing_varies_nothing_has_changed(top: int) -> None:
    found = of(2022, share(2021, top, 20), share(2022, top, 20))
    assert (found["p_value"], found["significant"], found["change_1"], found["trend"]) == (1, False, 0, "stable")


def test_p_of_two_means_is_that_of_scipy() -> None:
    """Welch's test; each mean is that of thirty pupils."""
    found = of(2022, mean(2021, 10, 0.6), mean(2022, 12, 0.8))
    of_30 = [30**0.5 * error for error in (0.8, 0.6)]
    expected = scipy_stats.ttest_ind_from_stats(12, of_30[0], 30, 10, of_30[1], 30, equal_var=False)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert found["change_se_1"] == pytest.approx(1.0)  # √(0,36 + 0,64)
    assert (found["significant"], found["trend"]) == (False, "stable")
    assert of(2022, mean(2021, 10, 0.6), mean(2022, 12.1, 0.8))["trend"] == "better"


@pytest.mark.parametrize("errors", [(None, 0.8), (0.6, None), (0.0, 0.0)])
def test_a_mean_without_an_error_has_no_test_and_no_verdict(errors: tuple[float | None, float | None]) -> None:
    found = of(2022, mean(2021, 10, errors[0]), mean(2022, 12, errors[1]))
    assert (found["p_value"], found["significant"], found["trend"]) == (None, None, None)
    assert found["not_judged"] == "ошибка изменения неизвестна"


def test_p_is_of_the_last_earlier_year_and_that_of_the_trend_of_the_first() -> None:
    told = [share(2020, 20, 100), share(2021, 45, 100), share(2022, 50, 100)]
    found = of(2022, *told)
    assert found["p_value"] == pytest.approx(p_of((50, 100), (45, 100)))
    assert found["trend_p_value"] == pytest.approx(p_of((50, 100), (20, 100)))
    assert (found["significant"], found["trend"]) == (False, "better")  # the last year is noise, the three are not
    without = of(2022, told[0], told[2])
    assert without["p_value"] == without["trend_p_value"] == found["trend_p_value"]


@pytest.mark.parametrize("t", [0, 0.3, 1.959963984540054, 5, 20, 60])
@pytest.mark.parametrize("freedom", [1, 7.5, 200, None])
def test_two_sided_p_is_that_of_scipy(t: float, freedom: float | None) -> None:
    plus, minus, unknown = dynamics.two_sided(
        pd.Series([t, -t, np.nan]), pd.Series([freedom] * 3, dtype=float)
    ).tolist()
    expected = scipy_stats.norm.sf(t) if freedom is None else scipy_stats.t.sf(t, freedom)
    assert plus == minus == pytest.approx(2 * expected, rel=1e-8, abs=1e-300)
    assert np.isnan(unknown)


def test_tests_of_a_year_are_corrected_together() -> None:
    """Ten schools: by itself one is significant at 5 %, as one of twenty is by chance; together none is."""
    tops = [63, *range(45, 54)]
    told = [
        row
        for number, top in enumerate(tops)
        for row in (share(2021, 49, 100, unit_id=f"s{number}"), share(2022, top, 100, unit_id=f"s{number}"))
    ]
    found = rows(*told)
    p = np.array([row["p_value"] for row in found])
    assert [row["p_adjusted"] for row in found] == pytest.approx(scipy_stats.false_discovery_control(p).tolist())
    assert (p < 0.05).sum() == 1
    assert {row["trend"] for row in found} == {"stable"}
    assert of(2022, *told[:2])["trend"] == "better", "by itself"


def test_small_bases_are_not_tested_with_the_others() -> None:
    """Nine pupils get no verdict and do not make those of others stricter; territories are judged apart."""
    small = [share(year, top, 9, unit_id="small") for year, top in ((2021, 0), (2022, 9))]
    great = [share(2021, 49, 100), share(2022, 63, 100)]
    region = [share(year, 490, 1000, level="region", unit_id="19", subject="RU") for year in (2021, 2022)]
    found = {row["unit_id"]: row for row in rows(*small, *great, *region)}
    assert (found["small"]["p_adjusted"], found["small"]["significant"], found["small"]["trend"]) == (None, None, None)
    assert found["small"]["not_judged"] == "малая база: меньше 10 участников в одном из лет"
    assert found["edu190001"]["p_adjusted"] == found["edu190001"]["p_value"]


@pytest.mark.parametrize(
    ("indicator", "before", "now", "trend"),
    [
        ("vpr_quality", (500, 1000), (600, 1000), "better"),
        ("vpr_quality", (600, 1000), (500, 1000), "worse"),
        ("vpr_low", (200, 1000), (100, 1000), "better"),  # fewer «2» are better
        ("vpr_low", (100, 1000), (200, 1000), "worse"),
        ("vpr_quality", (5, 10), (6, 10), "stable"),  # the same ten points, but noise
        ("vpr_quality", (0, 1), (1, 1), None),  # one pupil: nothing is said
        ("vpr_quality", (50_000, 100_000), (52_999, 100_000), "stable"),  # significant, but below 3 points
        ("vpr_quality", (50_000, 100_000), (53_000, 100_000), "better"),  # exactly 3 points
        ("vpr_quality", (53_000, 100_000), (50_000, 100_000), "worse"),
        ("vpr_quality", (15_016, 30_000), (15_916, 30_000), "better"),  # 3 on paper, 2.999999999999986 in binary
        ("vpr_journal_lower", (500, 1000), (600, 1000), None),  # nobody says which is better
        ("vpr_journal_lower", (500, 1000), (501, 1000), "stable"),
        ("not_declared", (500, 1000), (600, 1000), None),
    ],
)
def test_trend_of_a_share(indicator: str, before: tuple[int, int], now: tuple[int, int], trend: str | None) -> None:
    found = of(2022, share(2021, *before, indicator_id=indicator), share(2022, *now, indicator_id=indicator))
    assert found["trend"] == trend


def test_the_boundary_is_below_it_in_binary() -> None:
    """Otherwise the boundary cases above and below could not fail."""
    assert 15_916 / 30_000 * 100 - 15_016 / 30_000 * 100 < 3
    assert any(a / b * 100 - c / b * 100 < 10 for a, c, b in TENS)


@pytest.mark.parametrize(
    ("indicator", "before", "now", "trend"),
    [
        # surely another number, but less than 3 % of the indicator's range is no change in practice
        ("vpr_mean_mark", 3.5, 3.58, "stable"), ("vpr_mean_mark", 3.5, 3.6, "better"),
        ("vpr_mean_mark", 3.6, 3.5, "worse"), ("vpr_completion", 50, 52.99, "stable"),
        ("vpr_completion", 50, 47, "worse"), ("vpr_sou", 50, 56, "better"),
        ("vpr_mean_primary", 10, 10.59, "stable"), ("vpr_mean_primary", 10, 10.61, "better"),  # 3 % of 20 points
        # the reliability of a work is no quality of teaching: there is no better and no worse
        ("vpr_alpha", 0.8, 0.82, "stable"), ("vpr_alpha", 0.8, 0.9, None), ("vpr_alpha", 0.9, 0.8, None),
    ],
)  # fmt: skip
def test_the_least_change_that_counts_is_a_share_of_the_range(
    indicator: str, before: float, now: float, trend: str | None
) -> None:
    told = {"indicator_id": indicator, "denominator": 40, "max_primary": 20, "se": 1e-4}
    found = of(2022, {"year": 2021, "value": before, **told}, {"year": 2022, "value": now, **told})
    assert (found["trend"], found["significant"], found["not_judged"]) == (trend, True, None)


@pytest.mark.parametrize(
    "indicator", ["vpr_mean_mark", "vpr_sou", "vpr_completion", "vpr_mean_primary", "oge_mean_mark"]
)
def test_a_great_change_that_may_be_noise_is_neither_better_nor_worse(indicator: str) -> None:
    """Half a mark of twelve pupils; a change was a verdict once from 3 % of the range on."""
    told = {"indicator_id": indicator, "denominator": 12, "max_primary": 20, "se": 0.3}
    found = of(2022, {"year": 2021, "value": 3.5, **told}, {"year": 2022, "value": 4.0, **told})
    assert (found["trend"], found["significant"]) == ("stable", False)


def test_a_limit_of_another_year_is_another_verdict() -> None:
    told = [share(2021, 500, 1000), share(2022, 550, 1000)]
    strict = LIMITS | {"dynamics": LIMITS["dynamics"] | {"alpha": 0.001}}
    wide = LIMITS | {"dynamics": LIMITS["dynamics"] | {"stable_pp": 6}}
    assert of(2022, *told)["trend"] == "better"
    assert (of(2022, *told, limits=strict)["significant"], of(2022, *told, limits=strict)["trend"]) == (False, "stable")
    assert (of(2022, *told, limits=wide)["significant"], of(2022, *told, limits=wide)["trend"]) == (True, "stable")


TENS = [(now, now - base // 10, base) for base in (10, 30, 70, 90, 110) for now in range(base // 10, base, 3)]


def test_ten_points_more_of_low_marks_are_negative() -> None:
    """Exactly 10 п.п. on paper, whatever the binary fractions say; one pupil of many fewer is not."""
    exactly, less = [], []
    for number, (now, before, base) in enumerate(TENS):
        low = {"indicator_id": "vpr_low", "unit_id": f"edu{number}"}
        exactly += [share(2021, before, base, **low), share(2022, now, base, **low)]
        less += [share(2021, before * 100, base * 100, **low), share(2022, now * 100 - 1, base * 100, **low)]
    for told, negative in ((exactly, True), (less, False)):
        found = rows(*told)
        assert len(found) == len(TENS)
        assert {row["negative"] for row in found} == {negative}


def test_negative_is_said_of_low_marks_after_a_year_and_of_nothing_else() -> None:
    assert of(2022, share(2021, 1, 20), share(2022, 9, 20))["negative"] is None
    low = {"indicator_id": "vpr_low"}
    assert of(2022, share(2020, 1, 20, **low), share(2022, 9, 20, **low))["negative"] is None
    assert of(2022, share(2021, 9, 20, **low), share(2022, 1, 20, **low))["negative"] is False


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ((20, 12), (20, 12), True), ((20, 12), (19, 12), False), ((20, 12), (20, 13), False),
        ((20, None), (20, 12), None), ((None, 12), (20, 12), None), ((19, None), (20, 12), False),
    ],
)  # fmt: skip
def test_comparable(before: tuple[int | None, int | None], now: tuple[int, int], same: bool | None) -> None:
    first, last = ({"max_primary": top, "tasks": tasks} for top, tasks in (before, now))
    found = of(2022, share(2021, 5, 20, **first), share(2022, 6, 20, **last))
    assert found["comparable"] is found["trend_comparable"] is same
    assert found["change_1"] == 5, "marks are compared all the same"
    assert found["trend"] == (None if same is False else "stable"), "but nothing is said of them without a reference"
    points = of(2022, mean(2021, 9, 1, **first), mean(2022, 10, 1, **last))
    assert points["change_1"] == (1 if same else None), "primary points are not"
    assert (points["not_compared"] is None) is bool(same)


def test_the_works_of_three_years_are_compared_two_by_two() -> None:
    found = of(2022, share(2020, 5, 20, tasks=11), share(2021, 5, 20), share(2022, 6, 20))
    assert (found["comparable"], found["trend_comparable"]) == (True, False)
    found = of(2022, share(2020, 5, 20, tasks=11), share(2022, 6, 20))
    assert (found["comparable"], found["trend_comparable"]) == (False, False)


@pytest.mark.parametrize(
    ("bases", "small"),
    [
        ((10, 10, 10), False), ((10, 10, 9), True), ((10, 9, 10), True), ((9, 10, 10), True), ((None, 10, 10), False),
        ((10, None, 10), False), ((None, 1, 1), True),
    ],
)  # fmt: skip
def test_small_base_of_any_year_there_is(bases: tuple[int | None, ...], small: bool) -> None:
    told = [share(year, 1, base) for year, base in zip((2020, 2021, 2022), bases, strict=True) if base]
    assert of(2022, *told)["small_base"] is small


def test_an_unknown_base_is_small() -> None:
    told = {"indicator_id": "vpr_sou"}
    found = of(2022, {"year": 2021, "value": 50, **told}, {"year": 2022, "value": 56, "denominator": 40, **told})
    assert found["small_base"] is True


# ---- from home to home


def results(settings: Settings, year: int, *units: tuple[str, int, int]) -> None:
    """The year's tables of results: unit, how many have «2» and «4» in mathematics 4; the rest is made up."""
    exams(settings, year)
    frame = pd.DataFrame(
        [
            {
                "level": "school", "unit_id": unit, "subject": "MA", "grade": 4, "n": n2 + n4, "marked": n2 + n4,
                "n2": n2, "n3": 0, "n4": n4, "n5": 0, "max_primary": 20, "tasks": 12, "small_base": n2 + n4 < 10,
                "mean_primary": 10 + n4 / 10, "sd_primary": 3.0, "completion_pct": 50.0, "mean_mark": 3.0,
                "sou_pct": 40.0, "sd_mark": 0.8, "sd_sou": 20.0, "sd_completion": 15.0, "scored": n2 + n4,
                "complete": n2 + n4, "alpha": 0.8, "mark_2_pct": n2 / (n2 + n4) * 100, "journal_known": 0, "lower": 0,
                "equal": 0, "higher": 0, "gap_2plus": 0,
            }
            for unit, n2, n4 in units
        ]
    )  # fmt: skip
    target = path(settings, year, "results")
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(target)


def exams(settings: Settings, year: int) -> None:
    """ОГЭ and ЕГЭ in mathematics of one school, and a ГВЭ, which has no indicators: 20, 10 and 5 pupils."""
    made = [
        ("OGE", "MA", 9, 20, {"mark_2": 2, "mark_3": 8, "mark_4": 6, "mark_5": 4, "mean_mark": 3.6, "sd_mark": 0.94}),
        ("EGE", "MA", 11, 10, {"mean_test": 50.0 + year - 2020, "sd_test": 10.0, "band_81_99": 1, "band_100": 1}),
        ("EGE", "MB", 11, 4, {"mark_2": 0, "mark_3": 1, "mark_4": 1, "mark_5": 2, "mean_mark": 4.25, "sd_mark": 0.96}),
        ("GVE9", "MA", 9, 5, {"mark_2": 0, "mark_3": 5, "mark_4": 0, "mark_5": 0, "mean_mark": 3.0, "sd_mark": 0.0}),
    ]
    told = (
        "mark_2",
        "mark_3",
        "mark_4",
        "mark_5",
        "mean_mark",
        "sd_mark",
        "mean_test",
        "sd_test",
        "band_81_99",
        "band_100",
    )
    frame = pd.DataFrame(
        [
            dict.fromkeys(told) | {
                "procedure": procedure, "subject": subject, "grade": grade, "level": "school", "unit_id": "edu190001",
                "participants": n, "with_result": n, "mean_primary": 12.0, "sd_primary": 4.0, "max_primary": 31,
                "below_minimum": 2, "profile": None, "small_base": n < 10, **numbers,
            }
            for procedure, subject, grade, n, numbers in made
        ]
    )  # fmt: skip
    work = ["procedure", "subject", "grade", "level", "unit_id"]
    tasks = pd.concat([frame[work].assign(task=str(task)) for task in range(1, 26)])
    for name, table in (("gia_results", frame.astype(dict.fromkeys((*told, "profile"), "Float64"))),
                        ("gia_task_results", tasks)):  # fmt: skip
        target = path(settings, year, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(target)


def test_the_exams_have_indicators_too(settings: Settings) -> None:
    years = [2020, 2021, 2022]
    make_values(settings, years)
    values = pd.read_parquet(path(settings, 2021, "values"), partitioning=None)
    of_exams = values[values["procedure"] != "VPR"].set_index(["indicator_id", "subject"])
    assert set(of_exams["procedure"]) == {"OGE", "EGE"}, "a ГВЭ has none"
    shares = {
        ("oge_success", "MA"): (18, 20), ("oge_quality", "MA"): (10, 20), ("oge_excellent", "MA"): (4, 20),
        ("oge_low", "MA"): (2, 20), ("ege_success", "MA"): (8, 10), ("ege_low", "MA"): (2, 10),
        ("ege_high", "MA"): (2, 10), ("ege_success", "MB"): (2, 4), ("ege_low", "MB"): (2, 4),
    }  # fmt: skip
    for key, (top, base) in shares.items():
        row = of_exams.loc[key]
        assert (row["numerator"], row["denominator"]) == (top, base), key
        assert row["value"] == pytest.approx(top / base * 100)
        assert row["ci_low"] < row["value"] < row["ci_high"]
    mean_test = of_exams.loc[("ege_mean_test", "MA")]
    assert (mean_test["value"], mean_test["previous_value"], mean_test["change"]) == (51, 50, 1)
    assert mean_test["ci_high"] - mean_test["value"] == pytest.approx(Z95 * 10 / np.sqrt(10))
    others = {("oge_mean_mark", "MA"), ("oge_mean_primary", "MA"), ("ege_mean_test", "MA")}
    assert set(of_exams.index) == {*shares, *others}, "base mathematics has no test score, and nobody told a profile"
    dynamics.make_dynamics(settings, years)
    found = written(settings, 2022).set_index(["indicator_id", "procedure"])
    row = found.loc[("ege_mean_test", "EGE")]
    assert (row["change_1"], row["slope"], row["trend_comparable"], row["trend"]) == (1, 1, True, "stable")


def written(settings: Settings, *years: int) -> pd.DataFrame:
    """The dynamics of these years, in the order of the key."""
    parts = [pd.read_parquet(path(settings, year, "dynamics"), partitioning=None).assign(year=year) for year in years]
    return pd.concat(parts).sort_values([*KEY, "indicator_id"], ignore_index=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home")
    results(made, 2020, ("edu190001", 4, 16), ("edu190003", 5, 5))
    results(made, 2021, ("edu190001", 2, 18), ("edu190002", 5, 5))
    results(made, 2022, ("edu190001", 4, 16), ("edu190003", 7, 1))
    return made


def test_the_years_of_a_home(settings: Settings) -> None:
    years = [2020, 2021, 2022]
    make_values(settings, years)
    counted = dynamics.make_dynamics(settings, years)
    found = written(settings, *years)
    assert counted == len(found) > 0
    low = found[found["indicator_id"] == "vpr_low"].set_index(["year", "unit_id"])
    assert set(low.index) == {(2021, "edu190001"), (2022, "edu190001"), (2022, "edu190003")}
    first, last, other = low.loc[(2021, "edu190001")], low.loc[(2022, "edu190001")], low.loc[(2022, "edu190003")]
    assert (first["change_1"], first["comparable"], first["small_base"]) == (pytest.approx(-10), True, False)
    assert pd.isna(first["value_2"])
    assert (last["value"], last["value_1"], last["value_2"], last["slope"]) == (20, 10, 20, 0)
    assert (last["negative"], last["trend"]) == (True, "stable")
    assert (other["value"], other["value_2"], other["slope"], other["small_base"]) == (87.5, 50, 18.75, True)
    assert pd.isna(other["value_1"])


def test_years_computed_apart_are_those_computed_together(settings: Settings) -> None:
    for year in (2022, 2020, 2021):  # as files may come
        make_values(settings, [year])
        dynamics.make_dynamics(settings, [year])
    assert written(settings, 2020).empty
    assert set(written(settings, 2021)["year"]) == {2021}
    assert written(settings, 2022).empty, "nothing was there to compare 2022 with when it came first"
    dynamics.make_dynamics(settings, [2022])
    apart = written(settings, 2020, 2021, 2022)
    make_values(settings, [2020, 2021, 2022])
    dynamics.make_dynamics(settings, [2020, 2021, 2022])
    pd.testing.assert_frame_equal(apart, written(settings, 2020, 2021, 2022))
