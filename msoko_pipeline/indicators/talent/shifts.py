"""Profile shifts per school and town: participants, how many of them are in the gifted bank, places of the quota."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.organisations.register import homes
from msoko_pipeline.indicators.talent import slices
from schemas import catalogue

SHIFT = ["year", "shift_id"]
DIMENSIONS = ["operator", "direction", "shift_id"]
KEY = [*slices.UNIT, *DIMENSIONS]
COUNTS = (
    "shifts", "schools", "participants", "unique_pupils", "told", "finished", "awarded", "gifted", "quota",
    "quota_filled", "over_quota", "contingent", "covered", "without_contingent",
)  # fmt: skip
TEXTS = ("shift_name", "starts", "ends")
COLUMNS = {
    **dict.fromkeys((*KEY, *TEXTS, "contingent_source"), "string"), "year": "int64", **dict.fromkeys(COUNTS, "Int64"),
    **{f"{name}_{end}": "Float64" for name in ("finished", "gifted", "coverage")
       for end in ("pct", "ci_low", "ci_high")},
    "quota_filled_pct": "Float64", "small_base": "boolean",
}  # fmt: skip
"""Columns of `shifts`: name → type."""
SLICES = ((), ("operator",), ("direction",), tuple(DIMENSIONS))


def participations(rows: pd.DataFrame) -> pd.DataFrame:
    """Each pupil once in a shift; what a shift is all of its rows tell alike, its quota is the greatest told.

    rows: SHIFT, org_id, pupil_key, TEXTS, operator, direction, quota, result, rank.
    """
    told = slices.once(rows, [*SHIFT, "org_id", "pupil_key"])
    return slices.settled(told, SHIFT, [*TEXTS, "operator", "direction"])


def shifts(rows: pd.DataFrame, gifted: pd.DataFrame, units: pd.DataFrame, contingent: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS, one row per unit for all shifts, for each operator, each direction and each shift.

    rows: `participations`; gifted: `talent_gifted.pupils` of the same years; units: year, org_id, level, unit_id;
    contingent: `contingents.COLUMNS`. gifted_pct is the share of those of the unique pupils whose town has a bank this
    year who are in it with a consent, NULL without a bank; finished_pct that of participations whose result is told.
    """
    told = slices.slices(rows.assign(own=rows["shift_id"]), *SLICES).merge(units, on=["year", "org_id"])
    people, results = slices.person(told), catalogue.talent()
    is_gifted = among(told, gifted[gifted["counted"].astype(bool)], slices.PUPIL)
    asked = slices.where(slices.of_towns(told, gifted, units), people)
    told = told.assign(
        pupil=people, is_told=told["result"].notna(),
        is_finished=told["result"].isin(results["finished"]), is_awarded=told["result"] == "awarded",
        asked=asked, bank=slices.where(is_gifted, people),
        covered=slices.where(slices.is_known(told, contingent), people),
        unknown=slices.where(~slices.is_known(told, contingent), told["org_id"]),
    )  # fmt: skip
    found = told.groupby(KEY, as_index=False).agg(
        shifts=("own", "nunique"), schools=("org_id", "nunique"), participants=("pupil", "size"),
        unique_pupils=("pupil", "nunique"), told=("is_told", "sum"), finished=("is_finished", "sum"),
        awarded=("is_awarded", "sum"), gifted=("bank", "nunique"), asked=("asked", "nunique"),
        covered=("covered", "nunique"), without_contingent=("unknown", "nunique"),
        shift_name=("shift_name", "first"), starts=("starts", "min"), ends=("ends", "max"),
    )  # fmt: skip
    of_one = found["shift_id"] != slices.ALL
    found = found.assign(**{name: found[name].where(of_one) for name in TEXTS})
    found["gifted"] = found["gifted"].astype("Int64").where(found["asked"] > 0)
    for name in ("finished", "awarded"):
        found[name] = found[name].astype("Int64").where(found["told"] > 0)
    found = slices.with_share(found, "finished", found["finished"], found["told"])
    found = slices.with_share(found, "gifted", found["gifted"], found["asked"])
    found = slices.with_coverage(found, contingent, units).merge(places(rows, units), on=KEY, how="left")
    found["quota_filled_pct"] = found["quota_filled"].astype("Float64") / found["quota"].astype("Float64") * 100
    found["small_base"] = slices.is_small(found, "unique_pupils")
    return found.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def places(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """KEY, quota, quota_filled and over_quota (чел.) of towns and what is above them: a quota is a town's, no school's.

    Places taken over the quota of one shift do not fill another's.
    """
    above = units[units["level"] != "school"]
    home = rows.merge(homes(units), on=["year", "org_id"])
    group = home.groupby(["year", "home", *DIMENSIONS], as_index=False)
    taken = group.agg(org_id=("org_id", "first"), took_part=("pupil_key", "size"), quota=("quota", "max"))
    taken = taken.dropna(subset=["quota"])
    taken["quota_filled"] = taken[["took_part", "quota"]].min(axis=1)
    taken["over_quota"] = taken["took_part"] - taken["quota_filled"]
    told = slices.slices(taken, *SLICES).merge(above, on=["year", "org_id"])
    return told.groupby(KEY, as_index=False)[["quota", "quota_filled", "over_quota"]].sum()
