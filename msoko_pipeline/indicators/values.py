"""Indicators as rows: one per indicator, unit and work, with its interval and the value of the previous cycle."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators import engine
from msoko_pipeline.indicators.stats import mean_interval, num, pct, wilson
from msoko_pipeline.indicators.sums import KEY
from msoko_pipeline.indicators.vpr import path
from msoko_pipeline.settings import Settings
from schemas import catalogue

SUMS = {f"mark_{mark}": f"n{mark}" for mark in (2, 3, 4, 5)} | {
    "participants": "n", "journal_lower": "lower", "journal_equal": "equal", "journal_higher": "higher",
    "journal_gap_2plus": "gap_2plus",
}  # fmt: skip
"""Name of a count in the published table → its name among the sums."""
COLUMNS = ("indicator_id", "numerator", "denominator", "value", "ci_low", "ci_high")

col = nw.col


def values(results: nw.LazyFrame[Any], indicators: dict[str, dict[str, Any]]) -> nw.LazyFrame[Any]:
    """Long table of every ВПР indicator that a unit has: KEY, small_base and COLUMNS.

    Shares are in % with Wilson's interval; means have ± 1,96·s/√n; other indicators have none.
    """
    told = nw.concat([_told(results, name, declared) for name, declared in indicators.items()], how="vertical")
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
        .select(*KEY, *COLUMNS, "small_base")
    )


def _told(results: nw.LazyFrame[Any], name: str, declared: dict[str, Any]) -> nw.LazyFrame[Any]:
    """One indicator's numerator and denominator (of a share) or given value, from the table of results."""
    nothing = nw.lit(None).cast(nw.Float64)
    share = declared["kind"] == "share"
    top = reduce(add, (num(SUMS.get(part, part)) for part in declared["numerator"])) if share else nothing
    return results.select(
        *KEY,
        "small_base",
        indicator_id=nw.lit(name),
        kind=nw.lit(declared["kind"]),
        numerator=top,
        denominator=num(SUMS.get(declared["base"], declared["base"])),
        given=nothing if share else num(declared["column"]),
        sd=num("sd_primary") if declared["kind"] == "mean" else nothing,
    )


def make_values(settings: Settings, year: int) -> int:
    """values: the year's indicators with previous_value, previous_year and change from the last earlier cycle.

    The previous cycle of a work is the latest earlier year with the same subject and grade at the same unit.
    """
    with engine.connect(settings) as connection:
        connection.execute(f"create view results as select * from read_parquet('{path(settings, year, 'results')}')")
        engine.keep(connection, values(engine.table(connection, "results"), catalogue.indicators()), "now")
        key = ", ".join(("indicator_id", *KEY))
        folders = (settings.home / "indicators").glob("year=*")
        before = sorted(y for y in (int(f.name.removeprefix("year=")) for f in folders) if y < year)
        earlier = [
            f"select {y} as previous_year, {key}, value from read_parquet('{file}')"
            for y in before
            if (file := path(settings, y, "values")).exists()
        ]
        if earlier:
            connection.execute(
                f"create view past as select {key}, max(previous_year) as previous_year, max_by(value, previous_year) "
                f"as previous_value from ({' union all by name '.join(earlier)}) group by {key}"
            )
        else:
            connection.execute(
                f"create view past as select {key}, null::bigint as previous_year, null::double as previous_value "
                "from now limit 0"
            )
        query = (
            f"select n.*, p.previous_value, p.previous_year, n.value - p.previous_value as change "
            f"from now n left join past p using ({key}) order by {key}"
        )
        return engine.write(connection, query, path(settings, year, "values"))
