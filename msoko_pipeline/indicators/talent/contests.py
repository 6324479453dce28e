"""Contests: participations, pupils and awards per school and town, by level of the contest and by direction."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.indicators.talent import slices
from schemas import catalogue

EVENT = ["year", "event_id"]
KEY = [*slices.UNIT, "contest_level", "direction"]
COUNTS = (
    "events", "schools", "participants", "unique_pupils", "winners", "prizewinners", "award_pupils",
    "listed_participants", "contingent", "covered", "without_contingent",
)  # fmt: skip
COLUMNS = {
    **dict.fromkeys((*KEY, "contingent_source"), "string"), "year": "int64", **dict.fromkeys(COUNTS, "Int64"),
    **{f"{name}_{end}": "Float64" for name in ("efficiency", "awarded", "coverage")
       for end in ("pct", "ci_low", "ci_high")},
    "small_base": "boolean",
}  # fmt: skip
"""Columns of `contests`: name → type."""
PRIZES = {"year": "int64", "org_id": "string", "pupil_key": "string", "award": "string"}
"""Columns of `prizes`: name → type. award: level of the contest, or stage of ВсОШ."""


def participations(rows: pd.DataFrame) -> pd.DataFrame:
    """Each pupil once in an event; level and list of an event are told alike by all of its rows.

    rows: EVENT, org_id, pupil_key, contest_level, in_minpros_list, direction, result, rank.
    """
    told = slices.once(rows, [*EVENT, "org_id", "pupil_key"])
    return slices.settled(told, EVENT, ["contest_level", "in_minpros_list"])


def prizes(rows: pd.DataFrame) -> pd.DataFrame:
    """PRIZES: who won what, one row per pupil and level of contests."""
    awarded = rows[rows["result"].isin(catalogue.talent()["awards"])].rename(columns={"contest_level": "award"})
    return awarded[list(PRIZES)].drop_duplicates(ignore_index=True).astype(PRIZES)


def contests(rows: pd.DataFrame, units: pd.DataFrame, contingent: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS, one row per unit for all contests, for each level and for each direction of them.

    rows: `participations`; units: year, org_id, level, unit_id; contingent: `contingents.COLUMNS`.
    participants counts participations, unique_pupils and award_pupils (who has an award) people; efficiency is winners
    and prize-winners among participations, awarded award_pupils among unique_pupils, coverage unique pupils of the
    contingent of the unit's schools; listed_participants: in contests of the ministry's list.
    """
    told = slices.slices(rows, (), ("contest_level",), ("direction",)).merge(units, on=["year", "org_id"])
    people = slices.person(told)
    award = told["result"].isin(catalogue.talent()["awards"])
    told = told.assign(
        pupil=people, awarded=slices.where(award, people), is_listed=told["in_minpros_list"].astype("Int64"),
        covered=slices.where(slices.is_known(told, contingent), people),
        unknown=slices.where(~slices.is_known(told, contingent), told["org_id"]), winner=told["result"] == "winner",
        prizewinner=award & (told["result"] != "winner"),
    )  # fmt: skip
    found = told.groupby(KEY, as_index=False).agg(
        events=("event_id", "nunique"), schools=("org_id", "nunique"), participants=("pupil", "size"),
        unique_pupils=("pupil", "nunique"), winners=("winner", "sum"), prizewinners=("prizewinner", "sum"),
        award_pupils=("awarded", "nunique"), listed_participants=("is_listed", "sum"), covered=("covered", "nunique"),
        without_contingent=("unknown", "nunique"),
    )  # fmt: skip
    found = slices.with_coverage(found, contingent, units)
    found = slices.with_share(found, "efficiency", found["winners"] + found["prizewinners"], found["participants"])
    found = slices.with_share(found, "awarded", found["award_pupils"], found["unique_pupils"])
    found["small_base"] = slices.is_small(found, "unique_pupils")
    return found.reindex(columns=list(COLUMNS)).astype(COLUMNS)
