"""Indicators as rows: one per indicator, unit and work of any procedure, or unit and class of a register, with its
interval and the previous cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path_of, years_having
from msoko_pipeline.indicators.matched import between
from msoko_pipeline.indicators.values import changes
from msoko_pipeline.indicators.values.all_works import WORK, read_works
from msoko_pipeline.indicators.values.register_shares import read_shares
from msoko_pipeline.numbers.expressions import alpha_error, mean_interval, num, pct, pos, widened, wilson
from msoko_pipeline.settings import Settings
from schemas import catalogue

SUMS = {f"mark_{mark}": f"n{mark}" for mark in (2, 3, 4, 5)} | {
    "participants": "n", "journal_lower": "lower", "journal_equal": "equal", "journal_higher": "higher",
    "journal_gap_2plus": "gap_2plus",
}  # fmt: skip
"""Name of a count in the published table → its name among the sums."""
COLUMNS = ("indicator_id", "kind", "numerator", "denominator", "value", "se", "ci_low", "ci_high", "marks_incomplete")
COUNTS = (*WORK, "small_base", "indicator_id", "kind", "numerator", "denominator", "given", "sd", "tasks", "least",
          "greatest", "marks_incomplete")  # fmt: skip
PREVIOUS = {
    **dict.fromkeys(("value_then", "change", "matched_base", "matched_base_then", "reference_change",
                     "relative_change", "change_se"), "Float64"),
    "matched_schools": "Int64", "comparable": "boolean", "reference": "string", "not_compared": "string",
    "few_marks_then": "boolean",
}  # fmt: skip
"""What of `changes.changes` is told beside a value, and its types."""

col = nw.col


def values(counts: nw.LazyFrame[Any], design_effect: float) -> nw.LazyFrame[Any]:
    """Long table of every indicator that a unit has: WORK, small_base and COLUMNS.

    counts: `of_works`, `of_registers`.

    A value is numerator / denominator, times 100 where it is in %; that of a reliability has no numerator. Shares have
    Wilson's interval; means have ± 1,96·s/√n within their `bounds`; other indicators have none. se: standard error of
    the value, of pupils taken for independent: √(p̃(1 − p̃)/(n + 2)) of a share (`expressions.widened`), s/√n of a mean,
    Bonett's of a reliability; of a territory's row times √design_effect, as its pupils come school by school.
    """
    top, base, is_share, is_mean = num("numerator"), num("denominator"), col("kind") == "share", col("kind") == "mean"
    low, high = wilson(top, base)
    mean_low, mean_high = mean_interval(num("given"), num("sd"), base, col("least"), col("greatest"))
    error = (
        nw.when(is_share).then(widened(top, base)[1].sqrt() * 100.0)
        .when(is_mean).then(num("sd") / pos(base).sqrt())
        .when(col("kind") == "reliability").then(alpha_error(num("given"), num("tasks"), base))
    )  # fmt: skip
    return (
        counts.with_columns(
            value=nw.when(is_share).then(pct(top, base)).otherwise(num("given")),
            se=error * nw.when(col("level") == "school").then(nw.lit(1.0)).otherwise(nw.lit(design_effect**0.5)),
            ci_low=nw.when(is_share).then(low).when(is_mean).then(mean_low),
            ci_high=nw.when(is_share).then(high).when(is_mean).then(mean_high),
        )
        .filter(~col("value").is_null())
        .select(*WORK, *COLUMNS, "small_base")
    )


def of_works(works: nw.LazyFrame[Any], indicators: dict[str, dict[str, Any]], marked_least: float) -> nw.LazyFrame[Any]:
    """What the indicators of works are computed of, COUNTS: numerator and denominator, the given value (of no share),
    the least and the greatest that it can be (of a mean) and marks_incomplete: fewer than marked_least % of the
    participants have a mark; NULL of what is not drawn from marks.

    works: see `all_works.read_works`.
    """
    return nw.concat([_of_works(works, *each, marked_least) for each in indicators.items()], how="vertical")


def of_registers(shares: nw.LazyFrame[Any], small_base: float) -> nw.LazyFrame[Any]:
    """COUNTS of the figures of declared marts, see `register_shares.read_shares`. small_base: the least that is no
    small base.
    """
    return shares.with_columns(
        small_base=col("denominator") < small_base,
        tasks=nw.lit(None).cast(nw.Float64),
        marks_incomplete=nw.lit(None).cast(nw.Boolean),
    ).select(*COUNTS)


def _of_works(works: nw.LazyFrame[Any], name: str, declared: dict[str, Any], marked_least: float) -> nw.LazyFrame[Any]:
    """COUNTS of one indicator, from the works of its procedure."""
    nothing = nw.lit(None).cast(nw.Float64)
    share, mean = declared["kind"] == "share", declared["kind"] == "mean"
    base = num(SUMS.get(declared["base"], declared["base"]))
    given = nothing if share else num(declared["column"])
    total = given * base / changes.factor(declared) if mean else nothing
    least, greatest = (
        num(bound) if isinstance(bound, str) else nw.lit(bound).cast(nw.Float64)
        for bound in declared.get("bounds", (None, None))
    )
    top = reduce(add, (num(SUMS.get(part, part)) for part in declared["numerator"])) if share else total
    return works.filter(col("procedure") == declared["procedure"]).select(
        *WORK,
        "small_base",
        indicator_id=nw.lit(name),
        kind=nw.lit(declared["kind"]),
        numerator=top,
        denominator=base,
        given=given,
        sd=num(declared["sd"]) if mean else nothing,
        tasks=num("tasks"),
        least=least,
        greatest=greatest,
        marks_incomplete=pct(pos(num("marked")), num("n")) < marked_least
        if declared["base"] == "marked"
        else nw.lit(None).cast(nw.Boolean),
    )


def with_errors_between_schools(
    values: nw.LazyFrame[Any], members: nw.LazyFrame[Any], judged: nw.LazyFrame[Any], least_pct: float
) -> nw.LazyFrame[Any]:
    """The values, with the errors between their schools of the territories whose schools are known.

    members, judged: see `changes`; least_pct: % of a territory's participants that the known schools have at least.
    """
    key = [*WORK, "indicator_id"]
    spread = between(changes.of_members(values, members), key)
    rows = values.join(spread, on=key, how="left").join(
        judged.select("indicator_id", "factor"), on="indicator_id", how="left"
    )
    is_covered = (num("members_base") >= least_pct / 100 * num("denominator")).fill_null(value=False)
    error = nw.when(is_covered).then(num("factor") * num("error"))
    rows = rows.with_columns(se=nw.coalesce(error, num("se")))
    return rows.select(*WORK, *COLUMNS, "small_base")


def make_values(settings: Settings, years: Sequence[int]) -> int:
    """values: the years' indicators with what `changes.changes` tells of each against the last earlier cycle.

    The previous cycle of a work is the latest earlier year with the same subject and grade at the same unit.
    """
    return sum(_values(settings, together) for together in catalogue.alike(years, catalogue.thresholds))


def _values(settings: Settings, years: Sequence[int]) -> int:
    thresholds = catalogue.thresholds(years[0])
    limits, marked_least = thresholds["dynamics"], thresholds["sufficiency"]["marked_least_pct"]
    folders = (settings.home / "indicators").glob("year=*")
    other = sorted({int(folder.name.removeprefix("year=")) for folder in folders} - set(years))
    computed_years = years_having(settings, other, "values")
    with engine.connect(settings) as connection:
        changes.register(connection, settings, [*computed_years, *years], limits)
        judged, members = (engine.table(connection, name) for name in ("judged", "members"))
        counts = [of_works(read_works(connection, settings, years), catalogue.indicators(), marked_least)]
        if (shares := read_shares(connection, settings, years)) is not None:
            counts.append(of_registers(shares, thresholds["small_base"]))
        rows = values(nw.concat(counts, how="vertical"), limits["design_effect"])
        rows = engine.keep(connection, rows, "by_pupils")
        engine.keep(connection, with_errors_between_schools(rows, members, judged, limits["matched_least_pct"]), "now")
        queries = ["select * from now"]
        if computed_years:
            engine.read_years(connection, "past", computed_years, path_of(settings, "values"))
            queries.append(f"select {', '.join((*changes.KEY, *changes.READ))} from past")
        connection.execute(f"create view told as {' union all by name '.join(queries)}")
        unit = ", ".join(changes.REST)
        connection.execute(
            f"""create view pairs as select * from (
                select year, {unit}, lag(year) over (partition by {unit} order by year) as before from told)
            where before is not null and year in ({", ".join(map(str, years))})"""
        )
        read_works(connection, settings, [*computed_years, *years])
        changed = changes.changes(connection, limits, settings.region_code)
        connection.register("changed", engine.arrow(changed[[*changes.KEY, "before", *PREVIOUS]].astype(PREVIOUS)))
        connection.execute(
            f"""create table dated as select now.*, c.before as previous_year, c.value_then as previous_value,
                c.few_marks_then as previous_marks_incomplete,
                c.* exclude (year, {unit}, before, value_then, few_marks_then)
            from now left join changed c using (year, {unit})"""
        )
        return engine.write_years(connection, "dated", years, path_of(settings, "values"))
