"""What profile shifts need beside their declared measures (`schemas.talent`): the bank of gifted pupils, the quota."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.organisations.register import homes
from msoko_pipeline.indicators.registers.unit_shares import UNIT
from msoko_pipeline.indicators.talent import slices as talent
from schemas.kinds import DECLARED_MARTS

SHIFTS = DECLARED_MARTS["shifts"]


def with_bank(participations: pd.DataFrame, gifted: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Adds in_bank: whether the pupil is in the year's bank with a consent; NULL where the town has no bank this year.

    gifted: `gifted.pupils` of the same years; units: year, org_id, level, unit_id.
    """
    is_gifted = among(participations, gifted[gifted["counted"].astype(bool)], talent.PUPIL)
    is_asked = talent.of_towns(participations, gifted, units)
    return participations.assign(in_bank=is_gifted.astype("boolean").where(is_asked))


def with_places(shifts: pd.DataFrame, participations: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Adds quota, quota_filled, over_quota (мест) and quota_filled_pct of towns and what is above them: a quota is a
    town's, no school's, and the greatest that the town's rows tell.

    shifts: the computed mart. Places taken over the quota of one shift do not fill another's.
    """
    above = units[units["level"] != "school"]
    of_towns = participations.merge(homes(units), on=["year", "org_id"])
    group = of_towns.groupby(["year", "home", *SHIFTS.dimensions], as_index=False)
    places = group.agg(org_id=("org_id", "first"), taken=("pupil_key", "size"), quota=("quota", "max"))
    places = places.dropna(subset=["quota"])
    places["quota_filled"] = places[["taken", "quota"]].min(axis=1)
    places["over_quota"] = places["taken"] - places["quota_filled"]
    slices = talent.slices(places, *SHIFTS.slices).merge(above, on=["year", "org_id"])
    key = [*UNIT, *SHIFTS.dimensions]
    sums = slices.groupby(key, as_index=False)[["quota", "quota_filled", "over_quota"]].sum()
    whole = shifts.merge(sums, on=key, how="left")
    return whole.assign(
        quota_filled_pct=whole["quota_filled"].astype("Float64") / whole["quota"].astype("Float64") * 100
    )
