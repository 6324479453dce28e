"""Rows of the control of procedures: a day in a venue, a person, a visit, a rechecked work; flags are 0 and 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import facts, typed
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import REFERRING, resolved
from msoko_pipeline.settings import Settings
from schemas.sources.procedure_control import Control

KEY = {"year": "int64", "org_id": "string", "procedure": "string"}
VENUES = KEY | dict.fromkeys(
    ("rooms", "rooms_online", "rooms_offline", "rooms_failed", "observers_planned", "observers_present",
     "observers_public", "observers_independent", "observers_federal", "observers_authority", "violations", "works",
     "works_by_commission"), "Int64",
) | {"has_agreement": "boolean", "held_on": "string", "venue": "string"}  # fmt: skip
PEOPLE = KEY | dict.fromkeys(("held_on", "role", "instructed_on"), "string") | dict.fromkeys(
    ("has_declared", "has_conflict", "is_replaced"), "boolean"
)  # fmt: skip
VISITS = KEY | dict.fromkeys(("planned_on", "visited_on"), "string") | {"violations": "Int64", "is_mended": "boolean"}
RECHECKS = KEY | dict.fromkeys(("mark_before", "mark_after", "primary_before", "primary_after"), "Int64")
ORGANISERS = ("head", "organiser")


@makes(Control)
def of_procedures(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of all four registers, one below another; what a register does not tell is NULL."""
    sources: dict[str, tuple[dict[str, str], Callable[[pd.DataFrame], pd.DataFrame]]] = {
        "exam_venue": (VENUES, venues), "procedure_person": (PEOPLE, people),
        "control_visit": (VISITS, visits), "recheck": (RECHECKS, rechecks),
    }  # fmt: skip
    parts = []
    for kind, (columns, flags) in sources.items():
        read = resolved if kind in REFERRING else facts
        parts.append(flags(typed(read(connection, settings, kind, years), columns)))
    return pd.concat(parts, ignore_index=True)


def venues(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each day in a venue. rows: VENUES. Rooms with video are those online and offline, where both are told; of the
    observers planned no more can have come than were there.
    """
    came = rows[["observers_planned", "observers_present"]].min(axis=1, skipna=False)
    return rows.assign(
        days=1, rooms_video=rows["rooms_online"] + rows["rooms_offline"], observers_came=came,
        observed=(rows["observers_present"] > 0).astype("Int64"), venue_violations=rows["violations"],
        agreed=rows["has_agreement"].astype("Int64"),
    )  # fmt: skip


def people(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each person, role and day. rows: PEOPLE. Instructed is who was so on the day of the procedure or before it; no
    date says that nobody was. Only a conflict asks for a replacement, and one that is not told of is none. Without the
    day: of a day and a school these may be one person.
    """
    is_instructed = (rows["instructed_on"] <= rows["held_on"]).fillna(False)
    conflict = rows["has_conflict"].astype("Int64")
    return rows.drop(columns="held_on").assign(
        people=1, instructed=is_instructed.astype("Int64"),
        organisers=rows["role"].isin(ORGANISERS).astype("Int64"),
        technicians=(rows["role"] == "technician").astype("Int64"),
        declared=rows["has_declared"].astype("Int64"), conflicts=conflict,
        replaced=rows["is_replaced"].fillna(False).astype("Int64").where(conflict == 1),
    )  # fmt: skip


def visits(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each visit, planned or made. rows: VISITS."""
    is_planned, is_made = rows["planned_on"].notna(), rows["visited_on"].notna()
    return rows.assign(
        visits=is_made.astype("Int64"), visits_planned=is_planned.astype("Int64").where(is_planned),
        unplanned=(is_made & ~is_planned).astype("Int64"), visit_violations=rows["violations"],
        mended=rows["is_mended"].astype("Int64").where(is_made),
    )  # fmt: skip


def rechecks(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each work whose marks before and after are told, or, without them, the primary scores. rows: RECHECKS."""
    by_mark = rows["mark_before"] != rows["mark_after"]
    changed = by_mark.fillna(rows["primary_before"] != rows["primary_after"]).astype("Int64")
    return rows.assign(rechecked=1, changed=changed, confirmed=1 - changed)[changed.notna()]
