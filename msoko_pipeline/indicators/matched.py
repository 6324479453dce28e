"""Changes over the same units: only who was there both times tells how a whole changed.

A town's mean of other schools than last year's, or a mean of six preschools beside one of five, is another mean, not a
change. Works on DuckDB relations and on pandas frames alike (`nw.from_native(frame).lazy()`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.numbers.expressions import num, pos

col = nw.col

DIGITS = 9
"""Decimals of a change and its error: the engine sums in the order of its threads, and the last bits differ from run
to run."""


def matched(now: nw.LazyFrame[Any], then: nw.LazyFrame[Any], group: Sequence[str], member: str) -> nw.LazyFrame[Any]:
    """Rates of a group over the members it has both times; one row per group that has members at any of them.

    now, then: group, member, top, base: one row per member with a positive base; the rate is Σ top / Σ base (for a
    mean of members that count alike, base is 1 and top the member's value). Of `then` group is as in `now`: whoever
    compares years moves them himself.

    units, units_then: members of each time; matched: of both times; matched_base, matched_base_then: their Σ base;
    matched_change: rate now − rate then over them (NULL without any); matched_error: its standard error, NULL for
    fewer than two.

    The error is that between the members, linearised (Cochran, 1977, 6.4; to the first order the jackknife):
    d = (top − rate·base)/Σbase − (top' − rate'·base')/Σbase', error² = m/(m − 1) · Σ d². What stands in a member from
    year to year falls out of d; what happens to all of a member's pupils at once does not, as it would where pupils
    are taken for independent.
    """
    key = [*group]
    before = then.select(*key, member, top_then=num("top"), base_then=num("base"))
    counted = now.group_by(key).agg(units=nw.len())
    counted_then = then.group_by(key).agg(units_then=nw.len())
    both = now.select(*key, member, top=num("top"), base=num("base")).join(before, on=[*key, member], how="inner")
    names = ("top", "base", "top_then", "base_then")
    both = both.with_columns(**{f"all_{name}": col(name).sum().over(*key) for name in names})
    both = both.with_columns(apart=_share_of_rate() - _share_of_rate("_then"))
    sums = (
        both.with_columns(squared=col("apart") * col("apart"))
        .group_by(key)
        .agg(matched=nw.len(), squares=col("squared").sum(), **{f"matched_{name}": col(name).sum() for name in names})
    )
    every = nw.concat([counted.select(*key), counted_then.select(*key)], how="vertical").unique()
    for part in (counted, counted_then, sums):
        every = every.join(part, on=key, how="left")
    m = nw.coalesce(num("matched"), nw.lit(0.0))
    return every.select(
        *key,
        units=nw.coalesce(num("units"), nw.lit(0.0)).cast(nw.Int64),
        units_then=nw.coalesce(num("units_then"), nw.lit(0.0)).cast(nw.Int64),
        matched=m.cast(nw.Int64),
        matched_base=col("matched_base"),
        matched_base_then=col("matched_base_then"),
        matched_change=(
            col("matched_top") / pos(col("matched_base")) - col("matched_top_then") / pos(col("matched_base_then"))
        ).round(DIGITS),
        matched_error=(m / pos(m - 1.0) * col("squares")).sqrt().round(DIGITS),
    )


def between(members: nw.LazyFrame[Any], group: Sequence[str]) -> nw.LazyFrame[Any]:
    """Standard error of a group's rate Σ top / Σ base between its members: group, members (how many), members_base
    (Σ base), error (NULL for one).

    error² = m/(m − 1) · Σ (top − rate·base)² / (Σ base)² (Cochran, 1977, 2.11). members: group, top, base > 0.
    """
    key = [*group]
    rows = members.select(*key, top=num("top"), base=num("base"))
    rows = rows.with_columns(all_top=col("top").sum().over(*key), all_base=col("base").sum().over(*key))
    sums = (
        rows.with_columns(squared=_share_of_rate() * _share_of_rate())
        .group_by(key)
        .agg(members=nw.len(), members_base=col("base").sum(), squares=col("squared").sum())
    )
    m = num("members")
    error = (m / pos(m - 1.0) * col("squares")).sqrt().round(DIGITS)
    return sums.select(*key, "members_base", members=m.cast(nw.Int64), error=error)


def _share_of_rate(time: str = "") -> nw.Expr:
    """How far a member moves the rate of its group: (top − rate·base) / Σ base. time: suffix of the columns."""
    top, base, all_top, all_base = (col(f"{name}{time}") for name in ("top", "base", "all_top", "all_base"))
    return (top - all_top / pos(all_base) * base) / pos(all_base)
