"""Items of the roadmap in a year: what is due when, and how it stands by the register and by acts (M32).

What nobody has told of an item is unknown: no status. Whether the data themselves speak against a status is not asked
here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.text.years import year_of_day
from schemas import catalogue, cycle
from schemas.marts.management import OF_THE_YEAR

KEY = ["year", "item", "period", "level", "unit_id"]
FIXED = "FIX "
OF_ACTS = ("register", "conditional")
"""Kinds of items that an act carries out."""


def statuses(records: pd.DataFrame, acts: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    """A row an item, period and unit: KEY, org_id, responsible, due, status, done_on, evidence, is_overdue, told_by.

    records: of the register `roadmap_item`, as `records.listed` gives them; acts: year, item, level, unit_id,
    act_kind, act_number, dated; territories: year, level, unit_id of whoever answers for the roadmap.
    """
    items = territories.merge(instances(territories["year"].unique()), on="year")
    rows = items.merge(records, on=KEY, how="outer", suffixes=("_of_rule", ""))
    rows = rows.assign(due=rows["due"].astype("string").fillna(rows["due_of_rule"].astype("string")))
    rows = rows.merge(carried_out(acts), on=["year", "item", "level", "unit_id"], how="left")
    by_act = rows["status"].isna() & rows["acted_on"].notna()
    is_late = (rows["acted_on"] > rows["due"]).fillna(False).astype(bool)
    told_by = pd.Series(pd.NA, index=rows.index, dtype="string").mask(rows["status"].notna(), "register")
    return rows.assign(
        told_by=told_by.mask(by_act, "act"),
        status=rows["status"].astype("string").mask(by_act & ~is_late, "done").mask(by_act & is_late, "done_late"),
        done_on=rows["done_on"].astype("string").mask(by_act, rows["acted_on"]),
        evidence=rows["evidence"].astype("string").mask(by_act, rows["act"]),
        is_overdue=rows["is_overdue"].astype("boolean").mask(by_act, False),
    )


def instances(years: Sequence[int]) -> pd.DataFrame:
    """year, item, period, due (ISO, NULL where another table tells it): what the roadmap asks for in each year."""
    rows = [row for year in years for row in _of_year(int(year))]
    return pd.DataFrame(rows, columns=["year", "item", "period", "due"])


def _of_year(year: int) -> Iterator[tuple[Any, ...]]:
    first = catalogue.school_year_days()["from"]
    for item, declared in catalogue.roadmap_items().items():
        rule = declared["due"]
        if rule.startswith(FIXED):
            day = rule.removeprefix(FIXED)
            if year_of_day(dt.date.fromisoformat(day), first) == year:
                yield year, item, OF_THE_YEAR, day
            continue
        for period, day in cycle.DATA["due"][rule].items():
            yield year, item, period, None if day is None else f"{year - 1 if day >= first else year}-{day}"


def carried_out(acts: pd.DataFrame) -> pd.DataFrame:
    """The first act of each item that an act carries out: year, item, level, unit_id, acted_on, act (in words)."""
    kinds = {item: declared["kind"] for item, declared in catalogue.roadmap_items().items()}
    acts = acts[acts["item"].map(kinds).isin(OF_ACTS)]
    first = acts.sort_values("dated", kind="stable").drop_duplicates(["year", "item", "level", "unit_id"])
    of_act = first.assign(act=in_words(first), acted_on=first["dated"].astype("string"))
    return of_act[["year", "item", "level", "unit_id", "acted_on", "act"]]


def in_words(acts: pd.DataFrame) -> pd.Series:
    """`приказ № 12`; NULL for an act without a number."""
    titles = {code: spellings[0] for code, spellings in cycle.DATA["acts"].items()}
    numbers = acts["act_number"].astype("string")
    return acts["act_kind"].map(titles).astype("string") + " № " + numbers
