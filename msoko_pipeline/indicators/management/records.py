"""Records of the management cycle by unit: whom they are about, to which area they belong, what is due and overdue.

Nothing here looks at a clock. What is due is judged by the day on which the record was filled in, or, where it does not
say, on which its file came: an older register says less, and never that what lay after it is overdue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.tables import facts
from msoko_pipeline.indicators.organisations.register import units_of
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas import cycle
from schemas.facts import NO_ORGANISATION
from schemas.kinds import KINDS
from schemas.rules import school_year


def of_units(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> pd.DataFrame:
    """The facts of a register with level and unit_id: a row for each unit of the organisation that a record names, and
    one of the territory for a record that names none; addressee: the organisation, NULL without.
    """
    units = units_of(connection, settings, years)
    named = resolved(connection, settings, kind, years).merge(units, on=["year", "org_id"])
    every = facts(connection, settings, kind, years)
    of_all = every[every["org_ref"] == NO_ORGANISATION].merge(territories(settings, units, years), on="year")
    rows = pd.concat([named, of_all], ignore_index=True)
    return rows.rename(columns={"org_id": "addressee"})


def once_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `of_units` a row for each organisation that a record names, or one of the territory."""
    return rows[rows["addressee"].isna() | (rows["level"] == "school")]


def territories(settings: Settings, units: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """year, level, unit_id: the region where the inbox covers it, else the municipality."""
    is_region = settings.scope == "region"
    level, code = ("region", settings.region_code) if is_region else ("municipality", settings.municipality_code)
    covered = units.loc[units["level"] == level, ["year", "level", "unit_id"]].drop_duplicates()
    own = pd.DataFrame({"year": [*years], "level": level, "unit_id": code})
    return pd.concat([covered, own[~own["year"].isin(covered["year"])]], ignore_index=True)


def areas(items: pd.Series, categories: pd.Series | None = None) -> pd.Series:
    """The area of each item of the roadmap; a category of schools, where it is told, says more than the item."""
    declared = cycle.DATA["areas"]
    beginnings = {item: area for area, each in declared.items() for item in each["items"]}
    of_items = {item: _area(item, beginnings) for item in cycle.ITEMS}
    by_item = items.map(of_items)
    if categories is None:
        return by_item
    of_categories = {category: area for area, each in declared.items() for category in each.get("categories", ())}
    return categories.map(of_categories).fillna(by_item)


def _area(item: str, beginnings: dict[str, str]) -> str:
    parts = item.rstrip("*").split(".")
    ends = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(beginnings[beginning] for beginning in ends if beginning in beginnings)


def judged(rows: pd.DataFrame, received: Mapping[int, str]) -> pd.DataFrame:
    """The rows with is_done, is_due, is_in_time, is_overdue, is_due_by_checkpoint; is_void: cancelled or not required.

    rows: year, seq, status, due, done_on, as_of (ISO days); received: seq of a file → the day on which it came. A day
    after the school year says nothing more than its last. What has no term is never due, unless the register itself
    says that it is overdue.
    """
    first, last = school_year(rows)
    due, done_on, as_of = (rows[name].astype("string") for name in ("due", "done_on", "as_of"))
    known_to = as_of.fillna(rows["seq"].map(dict(received)).astype("string"))
    known_to = known_to.mask((known_to > last).fillna(False), last)
    checkpoint = first.str.slice(stop=len("2025-")) + cycle.DATA["checkpoint"]
    is_void, is_done = rows["status"].isin(cycle.DATA["void_statuses"]), rows["status"].isin(cycle.DONE)
    has_come = _is(due <= known_to)
    is_overdue = ~is_void & ~is_done & (has_come | _is(rows["status"] == "overdue"))
    is_due = is_overdue | (has_come & is_done)
    return rows.assign(
        is_void=is_void, is_done=is_done, is_due=is_due, is_overdue=is_overdue,
        is_in_time=is_due & is_done & _is(done_on <= due), is_due_by_checkpoint=is_due & _is(due <= checkpoint),
    )  # fmt: skip


def judged_records(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> pd.DataFrame:
    """`of_units` of a register of the cycle, `judged`; facts kept before it had a column lack it."""
    rows = of_units(connection, settings, kind, years)
    rows = rows.reindex(columns=dict.fromkeys([*rows.columns, *KINDS[kind].model.to_schema().columns, "seq"]))
    files = sorted({int(seq) for seq in rows["seq"]})
    entries = ledger_of(settings).files(f"seq in ({', '.join('?' * len(files))})", *files)
    return judged(rows, {entry.seq: entry.received_on for entry in entries})


def _is(compared: pd.Series) -> pd.Series:
    """What is not known is not so."""
    return compared.astype("boolean").fillna(False).astype(bool)


def listed(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> pd.DataFrame:
    """The records of a register as they are published: a row for each organisation that a record names, or one of the
    territory; level, unit_id, org_id, system (section of the roadmap), area, is_overdue and the facts' columns.
    """
    rows = once_each(judged_records(connection, settings, kind, years)).rename(columns={"addressee": "org_id"})
    return rows.assign(system=rows["item"].str.split(".").str[0], area=areas(rows["item"]))
