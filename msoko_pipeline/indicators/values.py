"""Indicators as rows: one per indicator, unit and work of any procedure, with its interval and the previous cycle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators import engine
from msoko_pipeline.indicators.procedures import WORK, read_works
from msoko_pipeline.indicators.stats import mean_interval, num, pct, wilson
from msoko_pipeline.indicators.tables import path, path_of
from msoko_pipeline.settings import Settings
from schemas import catalogue

SUMS = {f"mark_{mark}": f"n{mark}" for mark in (2, 3, 4, 5)} | {
    "participants": "n", "journal_lower": "lower", "journal_equal": "equal", "journal_higher": "higher",
    "journal_gap_2plus": "gap_2plus",
}  # fmt: skip
"""Name of a count in the published table → its name among the sums."""
COLUMNS = ("indicator_id", "numerator", "denominator", "value", "ci_low", "ci_high")

col = nw.col


def values(works: nw.LazyFrame[Any], indicators: dict[str, dict[str, Any]]) -> nw.LazyFrame[Any]:
    """Long table of every indicator that a unit has of a work: WORK, small_base and COLUMNS.

    works: see `procedures.read_works`.

    Shares are in % with Wilson's interval; means have ± 1,96·s/√n; other indicators have none.
    """
    told = nw.concat([_told(works, name, declared) for name, declared in indicators.items()], how="vertical")
    top, base, is_share, is_mean = num("numerator"), num("denominator"), col("kind") == "share", col("kind") == "mean"
    low, high = wilson(top, base)
    mean_low, mean_high = mean_interval(num("given"), num("sd"), base)
    return (
        told.with_columns(
            value=nw.when(is_share).then(pct(top, base)).otherwise(num("given")),
            ci_low=nw.when(is_share).then(low).when(is_mean).then(mean_low),
            ci_high=nw.when(is_share).then(high).when(is_mean).then(mean_high),
        )
        .filter(~col("value").is_null())
        .select(*WORK, *COLUMNS, "small_base")
    )


def _told(works: nw.LazyFrame[Any], name: str, declared: dict[str, Any]) -> nw.LazyFrame[Any]:
    """One indicator's numerator and denominator (of a share) or given value, from the works of its procedure."""
    nothing = nw.lit(None).cast(nw.Float64)
    share = declared["kind"] == "share"
    top = reduce(add, (num(SUMS.get(part, part)) for part in declared["numerator"])) if share else nothing
    return works.filter(col("procedure") == declared["procedure"]).select(
        *WORK,
        "small_base",
        indicator_id=nw.lit(name),
        kind=nw.lit(declared["kind"]),
        numerator=top,
        denominator=num(SUMS.get(declared["base"], declared["base"])),
        given=nothing if share else num(declared["column"]),
        sd=num(declared["sd"]) if declared["kind"] == "mean" else nothing,
    )


def make_values(settings: Settings, years: Sequence[int]) -> int:
    """values: the years' indicators with previous_value, previous_year and change from the last earlier cycle.

    The previous cycle of a work is the latest earlier year with the same subject and grade at the same unit.
    """
    with engine.connect(settings) as connection:
        engine.keep(connection, values(read_works(connection, settings, years), catalogue.indicators()), "now")
        unit = ", ".join(name for name in ("indicator_id", *WORK) if name != "year")
        folders = (settings.home / "indicators").glob("year=*")
        other = sorted({int(folder.name.removeprefix("year=")) for folder in folders} - set(years))
        told = [f"select year, {unit}, value from now"]
        if known := [year for year in other if path(settings, year, "values").exists()]:
            engine.read_years(connection, "past", known, path_of(settings, "values"))
            told.append(f"select year, {unit}, value from past")
        connection.execute(
            f"""create table dated as
            select now.*, lag(told.value) over cycles as previous_value, lag(told.year) over cycles as previous_year,
                now.value - lag(told.value) over cycles as change
            from ({" union all ".join(told)}) told left join now using (year, {unit})
            window cycles as (partition by {", ".join(f"told.{n}" for n in unit.split(", "))} order by told.year)
            qualify now.year is not null"""
        )
        return engine.write_years(connection, "dated", years, path_of(settings, "values"))
