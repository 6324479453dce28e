"""The reports of «Аналитика» as the same sums that individual rows give, so that one set of formulas serves both.

Counts are restored from printed percentages (`counts_of`). Where a unit has both, `differences` compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.indicators.vpr.sums import COUNTS, KEY
from msoko_pipeline.settings import Settings
from schemas import catalogue

_KEYS = ", ".join(KEY)
_UNIT = ", ".join("grade::bigint as grade" if name == "grade" else name for name in KEY)
_TYPES = {"year": "int64", "level": "string", "unit_id": "string", "subject": "string", "grade": "int64"}
_NO_UNIT = {name: "bigint" if dtype == "int64" else "varchar" for name, dtype in _TYPES.items()}


@dataclass(frozen=True)
class ReportSums:
    """What the reports of years print of units.

    cells: see `cells`; tasks: see `tasks`; groups: KEY, mark, task, participants, completion_pct of groups with the
    same mark; distribution: KEY, primary_score, participants, share_pct, people (participants of the unit); places:
    where each unit's row stands: KEY, seq (of the file), row (of the sheet).
    """

    cells: Relation
    tasks: Relation
    groups: Relation
    distribution: Relation
    places: Relation


def read(connection: Any, settings: Settings, years: Sequence[int]) -> ReportSums:
    """What the reports of these years that hold print."""
    reports = {
        kind: rows
        for kind in (*BLOCKS, "vpr_task_performance", "vpr_task_group")
        if (rows := holding.current(connection, settings, kind, years)) is not None
    }
    counts = dict.fromkeys((*COUNTS, "max_primary"), "Float64")
    of_cells = _TYPES | counts | {"mark_source": "string", "scale_verified": "boolean"}
    of_tasks = _TYPES | {"task": "string"} | dict.fromkeys(("max_score", "c", "s"), "Float64")
    return ReportSums(
        cells=engine.load(connection, cells(connection, reports).astype(of_cells)),
        tasks=engine.load(connection, tasks(connection, reports.get("vpr_task_performance")).astype(of_tasks)),
        groups=engine.keep(connection, _groups(connection, reports.get("vpr_task_group"))),
        distribution=_distribution(connection, reports.get("vpr_distribution")),
        places=_places(connection, {kind: rows for kind, rows in reports.items() if kind in BLOCKS}),
    )


def cells(connection: Any, reports: Mapping[str, Relation]) -> pd.DataFrame:
    """Sums of every unit that a report prints: KEY, max_primary, mark_source, the counts of sums.COUNTS.

    reports: kind (one of BLOCKS) → its facts that hold. What no report tells is NULL. Marks come from the marks report;
    where only a distribution is known, from the scale.
    """
    blocks = [block(connection, reports[kind]) for kind, block in BLOCKS.items() if kind in reports]
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


def _marks(connection: Any, report: Relation) -> pd.DataFrame:
    names = [f"mark_{mark}_pct" for mark in (2, 3, 4, 5)]
    rows = engine.select(
        connection,
        f"select {_KEYS}, max_primary, participants::double as n, {', '.join(names)}, "
        "participants::double as from_file, 'report' as mark_source from report",
        report=report,
    )
    counts = counts_of(rows[names].to_numpy(float), rows["n"].to_numpy(float))
    rows = rows.drop(columns=names).assign(**{f"n{mark}": counts[:, mark - 2] for mark in (2, 3, 4, 5)})
    return rows.assign(marked=counts.sum(axis=1))  # NULL where one of the four is not told


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


def _journal(connection: Any, report: Relation) -> pd.DataFrame:
    return engine.select(
        connection,
        f"select {_KEYS}, max_primary, participants::double as n, (lower + equal + higher)::double as journal_known, "
        "lower::double as lower, equal::double as equal, higher::double as higher from report",
        report=report,
    )


def _scores(connection: Any, report: Relation) -> pd.DataFrame:
    """Σ score and Σ score² from the distribution, and marks by the scale of the year that has one.

    Shares are rounded in print, so sums are brought to the printed number of participants, which is the base of their
    means. A score above the maximum counts as the maximum.
    """
    works = engine.query(connection, "select distinct year, subject, grade from report", report=report)
    scales = [
        {"year": int(year), "subject": subject, "grade": int(grade), **scale}
        for year, subject, grade in engine.tuples(works)
        if (scale := catalogue.scale(int(year), int(grade), subject))
    ]
    columns = ["year", "subject", "grade", "max_primary", "min_3", "min_4", "min_5", "verified"]
    below = "sum(count order by primary_score) filter (where primary_score < {})"
    return engine.select(
        connection,
        f"""with clipped as (
            select d.* exclude (max_primary, primary_score), s.* exclude (year, subject, grade, max_primary),
                coalesce(d.max_primary, s.max_primary) as max_primary,
                least(primary_score, coalesce(d.max_primary, s.max_primary)) as primary_score
            from report d left join scales s using (year, subject, grade)),
        summed as (
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
        from summed""",
        report=report,
        scales=engine.load(connection, pd.DataFrame(scales, columns=columns).astype(_SCALE)),
    )


BLOCKS = {"vpr_marks": _marks, "vpr_journal": _journal, "vpr_distribution": _scores}
"""Kind of report → its counts, the surest first."""

_SCALE = {
    "year": "int64", "subject": "string", "grade": "int64", "max_primary": "Int64", "min_3": "Int64", "min_4": "Int64",
    "min_5": "Int64", "verified": "boolean",
}  # fmt: skip


def tasks(connection: Any, report: Relation | None) -> pd.DataFrame:
    """Task sums of units that a report prints: KEY, task, max_score, c (participants), s (Σ score).

    report: facts of `vpr_task_performance` that hold.
    """
    if report is None:
        return pd.DataFrame(columns=[*KEY, "task", "max_score", "c", "s"])
    return engine.select(
        connection,
        f"select {_KEYS}, task, max_score, participants::double as c, "
        "completion_pct / 100 * participants * max_score as s from report",
        report=report,
    )


def _groups(connection: Any, report: Relation | None) -> Relation:
    if report is None:
        of_groups = {"mark": "bigint", "task": "varchar", "participants": "double", "completion_pct": "double"}
        return engine.empty(connection, _NO_UNIT | of_groups)
    columns = "mark::bigint as mark, task, participants::double as participants, completion_pct"
    return engine.query(connection, f"select {_UNIT}, {columns} from report", report=report)


def _distribution(connection: Any, report: Relation | None) -> Relation:
    if report is None:
        of_scores = {"primary_score": "bigint"} | dict.fromkeys(("participants", "share_pct", "people"), "double")
        return engine.empty(connection, _NO_UNIT | of_scores)
    columns = "primary_score, round(count) as participants, share_pct, participants as people"
    return engine.query(connection, f"select {_UNIT}, {columns} from report", report=report)


def _places(connection: Any, reports: Mapping[str, Relation]) -> Relation:
    if not reports:
        return engine.empty(connection, _NO_UNIT | {"seq": "bigint", "row": "bigint"})
    rows = " union all ".join(
        f"select {_KEYS}, seq, row, {number} as turn from {kind}" for number, kind in enumerate(reports)
    )
    return engine.query(
        connection,
        f"select {_KEYS}, arg_min(seq, turn) as seq, arg_min(row, turn) as row from ({rows}) group by all",
        **reports,
    )
