"""Three calendar years of every indicator: changes, slope, whether the change is more than noise, better or worse.

The years are the reporting year, the one before and the one before that; a year without the work is NULL, and the year
before it is not moved up. The least-squares slope needs no sums: over years −2, −1, 0 the middle one has no weight, so
the slope is the change over the span of the years there are, by the length of the span. Hence one test, of that
change, judges the slope as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from msoko_pipeline.indicators import engine, insufficient
from msoko_pipeline.indicators.procedures import WORK, read_works
from msoko_pipeline.indicators.stats import Z95, num, pos
from msoko_pipeline.indicators.tables import path, path_of
from msoko_pipeline.settings import Settings
from schemas import catalogue

READ = ("value", "numerator", "denominator", "ci_low", "ci_high")
COLUMNS = ("indicator_id", "value", "value_1", "value_2", "change_1", "change_2", "slope", "base", "base_1", "base_2",
           "p_value", "significant", "comparable", "trend", "trend_p_value", "trend_comparable", "negative",
           "small_base")  # fmt: skip
EXACT = 1e-9
"""A difference of two rounded numbers that is a threshold on paper (23,3 − 13,3) may miss it by 1e-15."""

TAIL = (0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
        220.206867912376)  # fmt: skip
TAIL_BELOW = (0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
              637.333633378831, 793.826512519948, 440.413735824752)  # fmt: skip

col = nw.col


def judged_by(indicators: dict[str, dict[str, Any]], limits: dict[str, Any]) -> pa.Table:
    """What each indicator is judged by, one row each.

    indicators: name → kind, unit, higher_is_better. limits: thresholds of `dynamics`. Columns: indicator_id; kind;
    better (1 up, −1 down, NULL unknown); least: change that counts, in the indicator's unit, or least_of_max: the same
    as a share of the work's maximum; negative_from: change in a year from which the dynamics is negative.
    """
    share = limits["stable_pp"] / 100
    width = {name: limits["ranges"].get(told["unit"]) for name, told in indicators.items()}
    better = {True: 1.0, False: -1.0, None: None}
    told = {
        "indicator_id": list(indicators),
        "kind": [told["kind"] for told in indicators.values()],
        "better": [better[told["higher_is_better"]] for told in indicators.values()],
        "least": [share * width[name] if isinstance(width[name], int | float) else None for name in indicators],
        "least_of_max": [share if width[name] == "max_primary" else None for name in indicators],
        "negative_from": [limits["negative_pp"].get(name) for name in indicators],
    }
    text = ("indicator_id", "kind")
    return pa.table(
        {name: pa.array(column, pa.string() if name in text else pa.float64()) for name, column in told.items()}
    )


def dynamics(
    values: nw.LazyFrame[Any], works: nw.LazyFrame[Any], judged: nw.LazyFrame[Any], thresholds: dict[str, Any]
) -> nw.LazyFrame[Any]:
    """WORK and COLUMNS of every value that has one of the same indicator, unit and work one or two years before.

    values: WORK, indicator_id and READ; works: WORK, max_primary (балл), tasks (count); both of all the years.
    judged: see `judged_by`; of an indicator not there only the numbers are told. thresholds: those of the year.

    value…, change_1 = value − value_1, change_2 = value − value_2: in the indicator's unit; slope: in it a year. base…:
    denominators. p_value: of the change from the last earlier year there is, two-sided; trend_p_value: of that from the
    first (z test of two shares with a common variance; of two means with the errors of their intervals; NULL where
    neither is told or nothing varies). comparable, trend_comparable: the works of those two years have the same
    maximum and number of tasks. trend: stable where that change is noise (trend_p_value ≥ alpha) or below stable_pp %
    of the indicator's range, else better or worse; NULL where nothing tells noise from change, or better from worse.
    negative: «отрицательная динамика» of ФИОКО, change_1 from negative_pp on; NULL for other indicators.
    small_base: a base of any year there is below small_base, or unknown.
    """
    alpha, least = thresholds["dynamics"]["alpha"], thresholds["small_base"]
    told = values.filter(~col("value").is_null()).select(*WORK, "indicator_id", *READ)
    found = _with_years_before(told, (*WORK, "indicator_id"), READ)
    found = found.filter(~(col("value_1").is_null() & col("value_2").is_null()))
    found = found.join(_compared(works), on=list(WORK), how="left").join(judged, on="indicator_id", how="left")
    found = found.with_columns(
        base=num("denominator"),
        base_1=num("denominator_1"),
        base_2=num("denominator_2"),
        change_1=num("value") - num("value_1"),
        change_2=num("value") - num("value_2"),
    )
    found = found.with_columns(
        slope=nw.coalesce(col("change_2") / 2.0, col("change_1")),
        span=nw.coalesce(col("change_2"), col("change_1")),
        z_1=_z("1"),
        z_2=_z("2"),
        small_base=_small("", least) | _small("_1", least) | _small("_2", least),
        negative=col("change_1") >= col("negative_from") - EXACT,
        limit=nw.coalesce(col("least"), col("least_of_max") * num("max_primary")),
    )
    no_1, no_2 = col("value_1").is_null(), col("value_2").is_null()
    found = found.with_columns(
        p_value=two_sided(nw.when(no_1).then(col("z_2")).otherwise(col("z_1"))),
        trend_p_value=two_sided(nw.when(no_2).then(col("z_1")).otherwise(col("z_2"))),
        comparable=nw.when(no_1).then(col("same_2")).otherwise(col("same_1")),
        trend_comparable=nw.when(no_2).then(col("same_1")).otherwise(col("same_2")),
    )
    return found.with_columns(significant=col("p_value") < alpha, trend=_trend(alpha)).select(*WORK, *COLUMNS)


def two_sided(z: nw.Expr) -> nw.Expr:
    """Two-sided p-value of a standard normal z, exact to 1e-15 and to 1e-8 of itself (Hart, 1968; West, 2005).

    The engines have no normal distribution; beyond |z| = 7,07 its tail is a continued fraction.
    """
    x = z.abs()
    near = _polynomial(TAIL, x) / _polynomial(TAIL_BELOW, x)
    far = 1.0 / (x + 1.0 / (x + 2.0 / (x + 3.0 / (x + 4.0 / (x + 0.65))))) / 2.506628274631
    return 2.0 * (x * x * -0.5).exp() * nw.when(x < 7.07106781186547).then(near).when(~x.is_null()).then(far)


def _polynomial(factors: Sequence[float], x: nw.Expr) -> nw.Expr:
    return reduce(lambda total, factor: total * x + factor, factors[1:], nw.lit(factors[0]))


def _with_years_before(told: nw.LazyFrame[Any], key: Sequence[str], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """What is told with what was told one and two years before of the same key, as `value_1`, `value_2`, …"""
    found = told
    for back in (1, 2):
        rest = [name for name in key if name != "year"]
        before = told.select(*rest, year=col("year") + back, **{f"{name}_{back}": col(name) for name in names})
        found = found.join(before, on=list(key), how="left")
    return found


def _compared(works: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """WORK, max_primary, same_1, same_2: whether the work is that of one and of two years before.

    ФИОКО, 2026: years compare only where the codifiers agree; told by the maximum and the number of tasks.
    """
    found = _with_years_before(works.select(*WORK, "max_primary", "tasks"), WORK, ("max_primary", "tasks"))
    same = {
        f"same_{back}": (num("max_primary") == num(f"max_primary_{back}")) & (num("tasks") == num(f"tasks_{back}"))
        for back in (1, 2)
    }
    return found.select(*WORK, "max_primary", **same)


def _z(year: str) -> nw.Expr:
    """z of the change from an earlier year (its suffix): by the common variance of two shares k/n, in points²,
    10⁴·K·(N − K) / (N·n₁·n₂) with K = k₁ + k₂, N = n₁ + n₂; by the widths of two means' intervals."""
    base, base_then = num("denominator"), num(f"denominator_{year}")
    top, whole = num("numerator") + num(f"numerator_{year}"), base + base_then
    width, width_then = num("ci_high") - num("ci_low"), num(f"ci_high_{year}") - num(f"ci_low_{year}")
    variance = (
        nw.when(col("kind") == "share")
        .then(1e4 * top * (whole - top) / pos(whole * base * base_then))
        .when(col("kind") == "mean")
        .then((width * width + width_then * width_then) / (2.0 * Z95) ** 2)
    )
    return num(f"change_{year}") / pos(variance).sqrt()


def _small(year: str, least: int) -> nw.Expr:
    base = num(f"base{year}")
    return ~col(f"value{year}").is_null() & (base.is_null() | (base < least).fill_null(True))


def _trend(alpha: float) -> nw.Expr:
    noise_is_known = ~col("trend_p_value").is_null() | ~col("limit").is_null()
    gain = col("span") * col("better")
    return (
        nw.when((col("trend_p_value") >= alpha) | (col("span").abs() < col("limit") - EXACT)).then(nw.lit("stable"))
        .when(noise_is_known & (gain > 0)).then(nw.lit("better"))
        .when(noise_is_known & (gain < 0)).then(nw.lit("worse"))
    )  # fmt: skip


SUFFICIENT = """create view dynamics as select d.* replace (
        case when l.reason is null then slope end as slope,
        case when l.reason is null then significant end as significant,
        case when l.reason is null then trend end as trend,
        case when l.reason is null then negative end as negative
    ), l.reason as not_judged
    from found d left join insufficient l on d.level = 'school' and d.unit_id = l.org_id
        and d.procedure = l.procedure and d.subject = l.subject and d.grade = l.grade"""
"""No tendency where one of its years rests on too few rows, and the reason."""


def _register_insufficient(connection: Any, settings: Settings, year: int, known: Sequence[int]) -> None:
    """Table insufficient: org_id, procedure, subject, grade → the reason, of the latest of the years that has one."""
    found = insufficient.insufficient(connection, settings, known).sort_values("year")
    found["reason"] = [
        reason if of == year else f"{reason}, {of} год"
        for of, reason in zip(found["year"], found["reason"], strict=True)
    ]
    last = found.drop_duplicates(["org_id", "procedure", "subject", "grade"], keep="last")
    kinds = dict.fromkeys(("org_id", "procedure", "subject", "reason"), "string") | {"grade": "int64"}
    table = pa.Table.from_pandas(last[list(kinds)].astype(kinds), preserve_index=False)
    connection.register("_insufficient", table)
    connection.execute("create table insufficient as select * from _insufficient")


def make_dynamics(settings: Settings, years: Sequence[int]) -> int:
    """dynamics: the years' indicators beside those of the two years before each, whenever these were computed."""
    counted = 0
    for year in years:
        thresholds = catalogue.thresholds(year)
        known = [y for y in (year - 2, year - 1, year) if path(settings, y, "values").exists()]
        with engine.connect(settings) as connection:
            connection.register("judged", judged_by(catalogue.indicators(), thresholds["dynamics"]))
            told = engine.read_years(connection, "told", known, path_of(settings, "values"))
            works = read_works(connection, settings, known)
            judged = engine.table(connection, "judged")
            found = dynamics(told, works, judged, thresholds).filter(col("year") == year)
            nw.to_native(found).create_view("found")
            _register_insufficient(connection, settings, year, known)
            connection.execute(SUFFICIENT)
            counted += engine.write_years(connection, "dynamics", [year], path_of(settings, "dynamics"))
    return counted
