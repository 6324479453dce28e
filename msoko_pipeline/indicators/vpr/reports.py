"""The reports of «Аналитика» as the same sums that individual rows give, so that one set of formulas serves both.

Counts are restored from printed percentages (`counts_of`). Where a unit has both, `differences` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr.sums import COUNTS, KEY
from msoko_pipeline.settings import Settings
from schemas import catalogue

_KEYS = ", ".join(KEY)


def cells(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Sums of every unit that a report of these years prints: KEY, max_primary, mark_source, the counts of sums.COUNTS.

    What no report tells is NULL. Marks come from the marks report; where only a distribution is known, from the scale.
    """
    return of_views(connection, [kind for kind in BLOCKS if engine.current(connection, settings, kind, years, kind)])


def of_views(connection: Any, kinds: Iterable[str]) -> pd.DataFrame:
    """`cells` of the views that are there, named as their kinds."""
    blocks = [BLOCKS[kind](connection) for kind in kinds]
    if not blocks:
        return pd.DataFrame(columns=[*KEY, "max_primary", "mark_source", "scale_verified", *COUNTS])
    merged = blocks[0]
    for block in blocks[1:]:
        both = merged.merge(block, on=list(KEY), how="outer", suffixes=("", "_other"))
        for name in [name for name in both.columns if name.endswith("_other")]:
            kept = name.removesuffix("_other")
            first, second = (name, kept) if kept == "max_primary" else (kept, name)  # the scores' own maximum
            both[kept] = both[first].combine_first(both[second])
            both = both.drop(columns=name)
        merged = both
    for name in (*COUNTS, "max_primary", "mark_source", "scale_verified"):
        if name not in merged:
            merged[name] = pd.NA
    return merged


def _marks(connection: Any) -> pd.DataFrame:
    names = [f"mark_{mark}_pct" for mark in (2, 3, 4, 5)]
    told = connection.execute(
        f"select {_KEYS}, max_primary, participants::double as n, {', '.join(names)}, "
        f"participants::double as from_file, 'report' as mark_source from vpr_marks"
    ).df()
    counts = counts_of(told[names].to_numpy(float), told["n"].to_numpy(float))
    told = told.drop(columns=names).assign(**{f"n{mark}": counts[:, mark - 2] for mark in (2, 3, 4, 5)})
    return told.assign(marked=counts.sum(axis=1))  # NULL where one of the four is not told


def counts_of(shares: NDArray[np.float64], people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole counts of shares that a report prints, % (units × shares), together `people`.

    round(% · N / 100), which is exact for four shares with two decimals. Where that is more or fewer than there are
    people, the shares are brought to 100 % and the greatest remainders are rounded up. The count of an unknown share is
    NaN.
    """
    unknown = np.isnan(shares)
    shares = np.where(unknown, np.maximum(100 - np.nansum(shares, axis=1, keepdims=True), 0), shares)
    counts = np.floor(shares * people[:, None] / 100 + 0.5)
    astray = np.flatnonzero((counts.sum(axis=1) != people) & (shares.sum(axis=1) > 0))
    exact = shares[astray] / shares[astray].sum(axis=1, keepdims=True) * people[astray, None]
    whole = np.floor(exact)
    place = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1)
    counts[astray] = whole + (place < (people[astray] - whole.sum(axis=1))[:, None])
    return np.where(unknown, np.nan, counts)


def _journal(connection: Any) -> pd.DataFrame:
    return connection.execute(
        f"select {_KEYS}, max_primary, participants::double as n, (lower + equal + higher)::double as journal_known, "
        f"lower::double as lower, equal::double as equal, higher::double as higher from vpr_journal"
    ).df()


def _scores(connection: Any) -> pd.DataFrame:
    """Σ score and Σ score² from the distribution, and marks by the scale of the year that has one.

    Shares are rounded in print, so sums are brought to the printed number of participants, which is the base of their
    means. A score above the maximum counts as the maximum.
    """
    known = connection.execute("select distinct year, subject, grade from vpr_distribution").fetchall()
    scales = [
        {"year": int(year), "subject": subject, "grade": int(grade), **scale}
        for year, subject, grade in known
        if (scale := catalogue.scale(int(year), int(grade), subject))
    ]
    columns = ["year", "subject", "grade", "max_primary", "min_3", "min_4", "min_5", "verified"]
    connection.register("_scales", pa.Table.from_pandas(pd.DataFrame(scales, columns=columns).astype(_SCALE)))
    below = "sum(count order by primary_score) filter (where primary_score < {})"
    return connection.execute(
        f"""with clipped as (
            select d.* exclude (max_primary, primary_score), s.* exclude (year, subject, grade, max_primary),
                coalesce(d.max_primary, s.max_primary) as max_primary,
                least(primary_score, coalesce(d.max_primary, s.max_primary)) as primary_score
            from vpr_distribution d left join _scales s using (year, subject, grade)),
        told as (
            select {_KEYS}, any_value(max_primary) as max_primary, max(participants)::double as n,
                max(participants) / nullif(sum(count order by primary_score), 0) as factor,
                sum(count * primary_score order by primary_score) as p,
                sum(count * primary_score * primary_score order by primary_score) as pp,
                any_value(verified) as scale_verified, sum(count order by primary_score) as total,
                coalesce({below.format("min_3")}, 0) as b3, coalesce({below.format("min_4")}, 0) as b4,
                coalesce({below.format("min_5")}, 0) as b5
            from clipped group by {_KEYS})
        select {_KEYS}, max_primary, n, n as scored, p * factor as p, pp * factor as pp, scale_verified,
            case when scale_verified is not null then 'scale' end as mark_source,
            case when scale_verified is not null then round(b3) end as n2,
            case when scale_verified is not null then round(b4 - b3) end as n3,
            case when scale_verified is not null then round(b5 - b4) end as n4,
            case when scale_verified is not null then round(total - b5) end as n5,
            n2 + n3 + n4 + n5 as marked
        from told"""
    ).df()


BLOCKS = {"vpr_marks": _marks, "vpr_journal": _journal, "vpr_distribution": _scores}
"""Kind of report → its counts from the view of its name, the surest first."""

_SCALE = {
    "year": "int64", "subject": "string", "grade": "int64", "max_primary": "Int64", "min_3": "Int64", "min_4": "Int64",
    "min_5": "Int64", "verified": "boolean",
}  # fmt: skip


def tasks(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Task sums of units that a report of these years prints: KEY, task, max_score, c (participants), s (Σ score)."""
    if not engine.current(connection, settings, "vpr_task_performance", years, "vpr_task_performance"):
        return pd.DataFrame(columns=[*KEY, "task", "max_score", "c", "s"])
    return connection.execute(
        f"select {_KEYS}, task, max_score, participants::double as c, "
        f"completion_pct / 100 * participants * max_score as s from vpr_task_performance"
    ).df()


def places(connection: Any) -> pd.DataFrame:
    """Where each unit's report row stands: KEY, seq (of the file), row (of the sheet)."""
    views = {row[0] for row in connection.execute("select view_name from duckdb_views()").fetchall()}
    parts = [
        f"select {_KEYS}, seq, row, {number} as turn from {kind}"
        for number, kind in enumerate(("vpr_marks", "vpr_journal", "vpr_distribution"))
        if kind in views
    ]
    first = f"select {_KEYS}, arg_min(seq, turn) as seq, arg_min(row, turn) as row"
    return connection.execute(f"{first} from ({' union all '.join(parts)}) group by all").df()
