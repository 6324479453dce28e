"""Three years of an indicator, as small tables: what goes in stands beside what must come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportions_ztest

from msoko_pipeline.indicators import dynamics, engine
from msoko_pipeline.indicators.procedures import WORK as KEY
from msoko_pipeline.indicators.stats import Z95
from msoko_pipeline.indicators.tables import path
from msoko_pipeline.indicators.values import make_values
from msoko_pipeline.settings import Settings
from schemas import catalogue

LIMITS = catalogue.thresholds(2026)
WORK = {"procedure": "VPR", "level": "school", "unit_id": "edu190001", "subject": "MA", "grade": 4}
NUMBERS = ("value", "numerator", "denominator", "ci_low", "ci_high", "max_primary", "tasks")


def rows(*values: dict[str, Any], limits: dict[str, Any] = LIMITS) -> list[dict[str, Any]]:
    """Dynamics of a table of values; a value tells its year and what of WORK, indicator_id, NUMBERS it has."""
    common = {**WORK, "indicator_id": "vpr_quality", "max_primary": 20, "tasks": 12}
    frame = pd.DataFrame([common | value for value in values], columns=[*KEY, "indicator_id", *NUMBERS])
    connection = duckdb.connect()
    connection.register("told", frame.astype({**dict.fromkeys(NUMBERS, "Float64"), "year": "int64"}))
    connection.register("judged", dynamics.judged_by(catalogue.indicators(), limits["dynamics"]))
    connection.execute(f"create table works as select distinct {', '.join(KEY)}, max_primary, tasks from told")
    told, works, judged = (engine.table(connection, name) for name in ("told", "works", "judged"))
    found = dynamics.dynamics(told, works, judged, limits)
    return sorted(found.collect("pyarrow").to_native().to_pylist(), key=lambda row: (row["year"], row["unit_id"]))


def share(year: int, top: float, base: float, **more: Any) -> dict[str, Any]:
    """A share as make_values tells it."""
    value = top / base * 100 if base else None
    return {"year": year, "numerator": top, "denominator": base, "value": value, **more}


def mean(year: int, value: float, error: float | None, **more: Any) -> dict[str, Any]:
    """A mean primary score with its standard error, as make_values tells it: a 95 % interval."""
    low, high = (None, None) if error is None else (value - Z95 * error, value + Z95 * error)
    name = {"indicator_id": "vpr_mean_primary", "denominator": 30}
    return {"year": year, "value": value, "ci_low": low, "ci_high": high, **name, **more}


def of(year: int, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The one row of a year."""
    (row,) = (row for row in rows(*values, **more) if row["year"] == year)
    return row


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


@pytest.mark.parametrize(("before", "now"), SHARES)
def test_p_of_two_shares_is_that_of_statsmodels(before: tuple[int, int], now: tuple[int, int]) -> None:
    _, p = proportions_ztest([now[0], before[0]], [now[1], before[1]])
    found = of(2022, share(2021, *before), share(2022, *now))
    assert found["p_value"] == pytest.approx(p, rel=1e-9)
    assert found["significant"] is bool(p < 0.05)


@pytest.mark.parametrize("top", [0, 20])
def test_where_nothing_varies_there_is_no_test_and_no_change(top: int) -> None:
    found = of(2022, share(2021, top, 20), share(2022, top, 20))
    assert (found["p_value"], found["significant"], found["change_1"], found["trend"]) == (None, None, 0, "stable")


def test_p_of_two_means_follows_from_their_errors() -> None:
    found = of(2022, mean(2021, 10, 0.6), mean(2022, 12, 0.8))
    assert found["p_value"] == pytest.approx(2 * scipy_stats.norm.sf(2.0), rel=1e-9)  # 2 / √(0,36 + 0,64)
    assert (found["significant"], found["trend"]) == (True, "better")


@pytest.mark.parametrize("errors", [(None, 0.8), (0.6, None), (0.0, 0.0)])
def test_a_mean_without_an_error_has_no_test(errors: tuple[float | None, float | None]) -> None:
    found = of(2022, mean(2021, 10, errors[0]), mean(2022, 12, errors[1]))
    assert (found["p_value"], found["significant"]) == (None, None)


def test_other_indicators_have_no_test() -> None:
    told = {"indicator_id": "vpr_sou", "denominator": 40, "ci_low": 1, "ci_high": 2, "numerator": 1}
    found = of(2022, {"year": 2021, "value": 50, **told}, {"year": 2022, "value": 56, **told})
    assert (found["p_value"], found["significant"], found["trend"]) == (None, None, "better")


def test_p_is_of_the_last_earlier_year_and_that_of_the_trend_of_the_first() -> None:
    told = [share(2020, 20, 100), share(2021, 45, 100), share(2022, 50, 100)]
    found = of(2022, *told)
    assert found["p_value"] == pytest.approx(proportions_ztest([50, 45], [100, 100])[1])
    assert found["trend_p_value"] == pytest.approx(proportions_ztest([50, 20], [100, 100])[1])
    assert (found["significant"], found["trend"]) == (False, "better")  # the last year is noise, the three are not
    without = of(2022, told[0], told[2])
    assert without["p_value"] == without["trend_p_value"] == found["trend_p_value"]


@pytest.mark.parametrize("z", [0, 1e-9, 0.3, 1, 1.959963984540054, 5, 7.07, 7.0711, 9, 20, 37, 60])
def test_two_sided_p_is_that_of_scipy(z: float) -> None:
    connection = duckdb.connect()
    connection.register("told", pd.DataFrame({"z": [z, -z, None]}))
    found = engine.table(connection, "told").select(p=dynamics.two_sided(dynamics.col("z")))
    plus, minus, unknown = found.collect("pyarrow").to_native().column("p").to_pylist()
    assert plus == minus == pytest.approx(2 * scipy_stats.norm.sf(z), rel=1e-8, abs=1e-300)
    assert unknown is None
    assert plus <= 1


@pytest.mark.parametrize(
    ("indicator", "before", "now", "trend"),
    [
        ("vpr_quality", (500, 1000), (600, 1000), "better"),
        ("vpr_quality", (600, 1000), (500, 1000), "worse"),
        ("vpr_low", (200, 1000), (100, 1000), "better"),  # fewer «2» are better
        ("vpr_low", (100, 1000), (200, 1000), "worse"),
        ("vpr_quality", (5, 10), (6, 10), "stable"),  # the same ten points, but noise
        ("vpr_quality", (0, 1), (1, 1), "stable"),  # one pupil
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
        ("vpr_mean_mark", 3.5, 3.58, "stable"), ("vpr_mean_mark", 3.5, 3.6, "better"),
        ("vpr_mean_mark", 3.6, 3.5, "worse"), ("vpr_alpha", 0.8, 0.82, "stable"), ("vpr_alpha", 0.8, 0.83, "better"),
        ("vpr_completion", 50, 52.99, "stable"), ("vpr_completion", 50, 47, "worse"),
        ("vpr_mean_primary", 10, 10.59, "stable"), ("vpr_mean_primary", 10, 10.61, "better"),  # 3 % of 20 points
    ],
)  # fmt: skip
def test_the_least_change_that_counts_is_a_share_of_the_range(
    indicator: str, before: float, now: float, trend: str
) -> None:
    told = {"indicator_id": indicator, "denominator": 40, "max_primary": 20}
    assert of(2022, {"year": 2021, "value": before, **told}, {"year": 2022, "value": now, **told})["trend"] == trend


def test_without_a_test_and_without_a_range_there_is_no_trend() -> None:
    told = {"indicator_id": "vpr_mean_primary", "denominator": 40, "max_primary": None}
    assert of(2022, {"year": 2021, "value": 10, **told}, {"year": 2022, "value": 18, **told})["trend"] is None
    assert of(2022, mean(2021, 10, 0.6, max_primary=None), mean(2022, 12, 0.8, max_primary=None))["trend"] == "better"


def test_a_limit_of_another_year_is_another_verdict() -> None:
    told = [share(2021, 500, 1000), share(2022, 550, 1000)]
    strict = LIMITS | {"dynamics": LIMITS["dynamics"] | {"alpha": 0.001}}
    wide = LIMITS | {"dynamics": LIMITS["dynamics"] | {"stable_pp": 6}}
    assert of(2022, *told)["trend"] == "better"
    assert (of(2022, *told, limits=strict)["significant"], of(2022, *told, limits=strict)["trend"]) == (False, "stable")
    assert (of(2022, *told, limits=wide)["significant"], of(2022, *told, limits=wide)["trend"]) == (True, "stable")


TENS = [(now, now - base // 10, base) for base in (10, 30, 70, 90, 110) for now in range(base // 10, base, 3)]


@pytest.mark.parametrize(("now", "before", "base"), TENS)
def test_ten_points_more_of_low_marks_are_negative(now: int, before: int, base: int) -> None:
    """Exactly 10 п.п. on paper, whatever the binary fractions say; one pupil of many fewer is not."""
    low = {"indicator_id": "vpr_low"}
    assert of(2022, share(2021, before, base, **low), share(2022, now, base, **low))["negative"] is True
    less = [share(2021, before * 100, base * 100, **low), share(2022, now * 100 - 1, base * 100, **low)]
    assert of(2022, *less)["negative"] is False


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
                "sou_pct": 40.0, "alpha": 0.8, "mark_2_pct": n2 / (n2 + n4) * 100, "journal_known": 0, "lower": 0,
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
        ("OGE", "MA", 9, 20, {"mark_2": 2, "mark_3": 8, "mark_4": 6, "mark_5": 4, "mean_mark": 3.6}),
        ("EGE", "MA", 11, 10, {"mean_test": 50.0 + year - 2020, "sd_test": 10.0, "band_81_99": 1, "band_100": 1}),
        ("EGE", "MB", 11, 4, {"mark_2": 0, "mark_3": 1, "mark_4": 1, "mark_5": 2, "mean_mark": 4.25}),
        ("GVE9", "MA", 9, 5, {"mark_2": 0, "mark_3": 5, "mark_4": 0, "mark_5": 0, "mean_mark": 3.0}),
    ]
    told = ("mark_2", "mark_3", "mark_4", "mark_5", "mean_mark", "mean_test", "sd_test", "band_81_99", "band_100")
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
