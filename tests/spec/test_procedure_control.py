"""Control of procedures and information security on a few rows counted by hand."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import typed
from msoko_pipeline.indicators.registers.measures import measured, sliced
from msoko_pipeline.indicators.registers.rows import procedure_control as control
from schemas.declared import DECLARED_MARTS
from schemas.fields import columns_of
from schemas.sources.procedure_control import Control
from schemas.sources.security import GENERAL

YEAR = 2026
FIRST, LATER = {"held_on": "2026-06-01"}, {"held_on": "2026-06-04"}


def facts(columns: dict[str, str], *rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of a register of organisation A and the procedure EGE, unless they say otherwise."""
    return typed(pd.DataFrame([{"year": YEAR, "org_id": "A", "procedure": "EGE", **row} for row in rows]), columns)


def counted(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The mart of the rows, by municipality and school."""
    units = pd.DataFrame([(YEAR, org, *unit) for org in "AB" for unit in (("school", org), ("municipality", "town"))],
                         columns=["year", "org_id", "level", "unit_id"])  # fmt: skip
    with duckdb.connect() as connection:
        frames = [engine.load(connection, frame) for frame in (rows, units)]
        return measured(sliced(*frames, DECLARED_MARTS[name]), frames[1], None, DECLARED_MARTS[name])


def controlled(*parts: pd.DataFrame) -> pd.DataFrame:
    columns = {spec.name: "string" if spec.dtype == "str" else spec.dtype for spec in columns_of(Control)}
    return counted(typed(pd.concat(parts, ignore_index=True), control.KEY | columns), "procedure_control")


def row(mart: pd.DataFrame, unit: str, **slice_of: str) -> dict[str, Any]:
    all_days = {"held_on": "ALL", "venue": "ALL"} if "venue" in mart else {}
    key = pd.Series({"unit_id": unit, **all_days, **slice_of})
    (one,) = mart[(mart[[*key.index]] == key).all(axis=1)].to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in one.items()}


def test_rooms_and_observers() -> None:
    told = controlled(control.venues(facts(
        control.VENUES,
        {"rooms": 10, "rooms_online": 8, "rooms_offline": 1, "rooms_failed": 2, "observers_planned": 3,
         "observers_present": 2, "violations": 1},
        {"rooms": 5, "rooms_online": 5, "rooms_offline": 0, "rooms_failed": 0, "observers_planned": 1,
         "observers_present": 0, "violations": 0},
        {"rooms": 4, "rooms_online": 4, "rooms_offline": None, "observers_planned": 1, "observers_present": 2},
        {"org_id": "B", "procedure": "VPR", "rooms": 6},
    )))  # fmt: skip
    town = row(told, "town", procedure="ALL")
    # of the third day it is not told how many rooms are offline; of B nothing but its rooms
    assert (town["days"], town["rooms"], town["video_part"], town["video_whole"]) == (4, 25, 14, 15)
    assert (town["online_part"], town["online_whole"]) == (17, 19)
    assert (town["failure_part"], town["failure_whole"]) == (2, 14)
    assert (town["observation_part"], town["observation_whole"]) == (2, 3)
    # who came unplanned does not stand for those who did not come: 2 of 3, 0 of 1, 1 of 1
    assert (town["attendance_part"], town["attendance_whole"], town["observers_present"]) == (3, 5, 4)
    assert town["venue_violations"] == 1
    silent = row(told, "B", procedure="VPR")
    assert (silent["rooms"], silent["video_pct"], silent["observation_pct"], silent["venue_violations"]) == (
        6, None, None, None,
    )  # fmt: skip
    assert (silent["people"], silent["visits"], silent["rechecked"]) == (None, None, None)


def test_days_and_venues_stand_apart() -> None:
    venues = control.venues(facts(
        control.VENUES,
        {**FIRST, "venue": "1901", "rooms": 10, "rooms_online": 8, "rooms_offline": 1, "rooms_failed": 2},
        {**LATER, "venue": "1901", "rooms": 6, "rooms_online": 6, "rooms_offline": 0, "rooms_failed": 0},
        {**FIRST, "venue": "1902", "rooms": 5, "rooms_online": 0, "rooms_offline": 5, "org_id": "B"},
    ))  # fmt: skip
    people = control.people(facts(control.PEOPLE, {"held_on": "2026-06-01", "role": "organiser"}))
    told = controlled(venues, people)
    first = row(told, "town", procedure="EGE", held_on="2026-06-01")
    assert (first["days"], first["rooms"], first["online_part"], first["people"]) == (2, 15, 8, None)
    assert (first["failure_part"], first["failure_whole"]) == (2, 9)
    venue = row(told, "town", procedure="EGE", venue="1901")
    assert (venue["days"], venue["rooms"], venue["online_part"], venue["online_whole"]) == (2, 16, 14, 16)
    assert row(told, "town", procedure="EGE")["people"] == 1


def test_the_works_that_the_commission_marked() -> None:
    told = controlled(control.venues(facts(
        control.VENUES,
        {"procedure": "VSOSH-ME", "works": 100, "works_by_commission": 60, "has_agreement": True},
        {"procedure": "VSOSH-ME", "works": 50, "has_agreement": False},
        {"procedure": "VSOSH-ME"},
    )))  # fmt: skip
    town = row(told, "town", procedure="VSOSH-ME")
    assert (town["works"], town["commission_part"], town["commission_whole"]) == (150, 60, 100)
    assert (town["agreement_part"], town["agreement_whole"]) == (1, 2)


@pytest.mark.parametrize(
    ("instructed_on", "expected"), [("2026-05-31", 1), ("2026-06-01", 1), ("2026-06-02", 0), (None, 0)]
)
def test_instructed_is_who_was_so_by_the_day(instructed_on: str | None, expected: int) -> None:
    rows = control.people(facts(control.PEOPLE, {"held_on": "2026-06-01", "instructed_on": instructed_on}))
    assert rows["instructed"].tolist() == [expected]


def test_people_by_role_and_their_conflicts() -> None:
    day = {"held_on": "2026-06-01", "instructed_on": "2026-05-30"}
    told = controlled(control.people(facts(
        control.PEOPLE,
        {**day, "role": "head", "has_declared": True, "has_conflict": False},
        {**day, "role": "organiser", "instructed_on": None, "has_declared": False, "has_conflict": True,
         "is_replaced": True},
        {**day, "role": "technician", "has_conflict": True},
        {**day, "role": "observer", "is_replaced": True},
    )))  # fmt: skip
    town = row(told, "town", procedure="EGE")
    assert (town["people"], town["instruction_part"]) == (4, 3)
    assert (town["instruction_of_organisers_part"], town["instruction_of_organisers_whole"]) == (1, 2)
    assert (town["instruction_of_technicians_part"], town["instruction_of_technicians_whole"]) == (1, 1)
    assert (town["declaration_part"], town["declaration_whole"]) == (1, 2)
    assert (town["conflict_part"], town["conflict_whole"]) == (2, 3)
    # a conflict without a word of a replacement is none; a replacement without a conflict counts for nothing
    assert (town["replacement_part"], town["replacement_whole"]) == (1, 2)


def test_visits_planned_and_made() -> None:
    told = controlled(control.visits(facts(
        control.VISITS,
        {"planned_on": "2026-06-01", "visited_on": "2026-06-01", "violations": 2, "is_mended": True},
        {"planned_on": "2026-06-01"},
        {"visited_on": "2026-06-03", "violations": 0},
        {"visited_on": "2026-06-03", "violations": 1, "is_mended": False},
    )))  # fmt: skip
    town = row(told, "town", procedure="ALL")
    assert (town["visits"], town["unplanned_visits"]) == (3, 2)
    assert (town["planned_visits_part"], town["planned_visits_whole"]) == (1, 2)
    assert (town["visit_violations"], town["mending_part"], town["mending_whole"]) == (3, 1, 2)


@pytest.mark.parametrize(
    ("work", "changed"),
    [
        ({"mark_before": 4, "mark_after": 3}, [1]),
        ({"mark_before": 4, "mark_after": 4, "primary_before": 14, "primary_after": 12}, [0]),
        ({"primary_before": 14, "primary_after": 12}, [1]),
        ({"mark_before": 4, "primary_before": 14, "primary_after": 14}, [0]),
        ({"mark_before": 4, "primary_before": 14}, []),
    ],
)
def test_a_work_is_changed_where_its_mark_is(work: dict[str, int], changed: list[int]) -> None:
    rows = control.rechecks(facts(control.RECHECKS, work))
    assert (rows["changed"].tolist(), (1 - rows["confirmed"]).tolist()) == (changed, changed)


def test_the_share_that_is_objective_is_of_vpr() -> None:
    same, other = {"mark_before": 4, "mark_after": 4}, {"mark_before": 4, "mark_after": 5}
    vpr = {"procedure": "VPR"}
    told = controlled(control.rechecks(facts(
        control.RECHECKS, {**vpr, **same}, {**vpr, **same}, {**vpr, **other}, {"procedure": "REG", **other}
    )))  # fmt: skip
    town = row(told, "town", procedure="ALL")
    assert (town["rechecked"], town["changed"], town["unchanged_pct"]) == (4, 2, 50)
    assert (town["objective_part"], town["objective_whole"]) == (2, 3)
    assert row(told, "town", procedure="REG")["objective_pct"] is None


def test_controls_of_the_organisation_and_of_procedures_are_apart() -> None:
    def check(scope: str, control_of: str, result: str | None, **more: Any) -> dict[str, Any]:
        return {"year": YEAR, "org_id": "A", "scope": scope, "control": control_of, "result": result, **more}

    rows = pd.DataFrame([
        check(GENERAL, "passwords", "passed", incidents=1), check(GENERAL, "backup", "partly"),
        check(GENERAL, "antivirus", "not_applicable"), check(GENERAL, "officer", None),
        check(GENERAL, "access_review", "passed") | {"org_id": "B"}, check(GENERAL, "access_review", "failed"),
        check(GENERAL, "consent", "failed", consents=90, consents_needed=120), check("VPR", "archives", "passed"),
        check("EGE", "storage", "failed", incidents=2),
    ]).astype({"incidents": "Int64", "consents": "Int64", "consents_needed": "Int64", "result": "string"})  # fmt: skip
    told = counted(rows, "infosec")
    town = row(told, "town", scope="ALL", control="ALL")
    assert (town["organisations"], town["checks"], town["passed"], town["partly"], town["failed"]) == (2, 7, 3, 1, 3)
    assert (town["general_part"], town["general_whole"]) == (2, 5)
    assert (town["of_procedures_part"], town["of_procedures_whole"]) == (1, 2)
    assert (town["incidents"], town["consent_pct"]) == (3, 75)
    assert (town["access_asked"], town["access_reviews"], town["reviewed_pct"]) == (2, 1, 50)
    vpr = row(told, "town", scope="VPR", control="ALL")
    assert (vpr["general_pct"], vpr["of_procedures_pct"], vpr["access_reviews"], vpr["reviewed_pct"]) == (
        None, 100, None, None,
    )  # fmt: skip
