"""Teachers of a year with what they learnt in several: rows of the marts of `schemas.sources.teacher_development`.

A person is the key of the name within an organisation; courses that a former organisation told are not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.registers.facts_at_home import facts_at_home
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.settings import Settings
from schemas.sources.teacher_development import TeacherRow, TopicRow, YoungRow
from schemas.teachers import DATA, TEACHING_POSTS

PERSON = ["org_id", "staff_key"]
WINDOW = DATA["course_years"]["value"]
YOUNG = DATA["young"]


@makes(TeacherRow)
def teacher_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`development` of the registers."""
    staff = facts_at_home(connection, settings, "staff", years)
    courses = facts_at_home(connection, settings, "course", years, WINDOW - 1)
    deficits = facts_at_home(connection, settings, "deficit", years)
    members = facts_at_home(connection, settings, "method_group", years)
    return pd.concat([development(staff, courses, deficits, members, year) for year in years], ignore_index=True)


@makes(TopicRow)
def topic_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`topics` of the registers."""
    staff = facts_at_home(connection, settings, "staff", years)
    courses = facts_at_home(connection, settings, "course", years, WINDOW - 1)
    return pd.concat([topics(staff, courses, year) for year in years], ignore_index=True)


@makes(YoungRow)
def young_rows(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """`young` of the staff."""
    return young(facts_at_home(connection, settings, "staff", years, max(YOUNG["retained_after"])), years)


def development(
    staff: pd.DataFrame, courses: pd.DataFrame, deficits: pd.DataFrame, members: pd.DataFrame, year: int
) -> pd.DataFrame:
    """A row a member of staff of the year and post; NULL for what the organisation, or its municipality, did not send.

    staff, courses, deficits, members: facts of the registers, of more years too, with org_id and home.
    """
    staff, courses = staff[staff["year"] == year], _window(courses, year)
    deficits, members = deficits[deficits["year"] == year], members[members["year"] == year]
    whole, now = known(staff, courses, _years(year)), known(staff, courses, [year])
    retraining, latest = courses[courses["kind"] == "retraining"], courses[courses["year"] == year]
    hours = staff[PERSON].merge(courses.groupby(PERSON, as_index=False)["hours"].sum(), on=PERSON, how="left")["hours"]
    diagnosed = deficits[deficits["level"].notna()]
    return staff.assign(
        discipline=staff["discipline"].fillna("none"),
        is_trained_now=among(staff, latest, PERSON).where(now),
        is_trained=among(staff, courses, PERSON).where(whole),
        is_retrained=among(staff, retraining, PERSON).where(whole),
        is_trained_talent=among(staff, courses[courses["topic"] == "talent"], PERSON).where(whole),
        is_trained_management=among(staff, courses[courses["topic"] == "management"], PERSON).where(whole),
        has_higher=staff["education"].isin(DATA["higher"]).where(staff["education"].notna()),
        is_in_group=among(staff, members, PERSON).where(staff["home"].isin(members["home"].dropna())),
        is_diagnosed=among(staff, diagnosed, PERSON).where(staff["org_id"].isin(deficits["org_id"])),
        hours=pd.Series(hours.to_numpy(), index=staff.index).fillna(0).where(whole),
    )


def known(staff: pd.DataFrame, courses: pd.DataFrame, years: Sequence[int]) -> pd.Series:
    """Whether the courses of each member of staff are known in all these years: the organisation has told some, and
    its municipality of each of the years; an organisation where nobody learns in a year has nothing to tell.
    """
    told_years = courses[courses["year"].isin(years)].groupby("home")["year"].nunique()
    return staff["org_id"].isin(courses["org_id"]) & (staff["home"].map(told_years) == len(years))


def _years(year: int) -> range:
    return range(year - WINDOW + 1, year + 1)


def _window(courses: pd.DataFrame, year: int) -> pd.DataFrame:
    return courses[courses["year"].isin(_years(year))]


def topics(staff: pd.DataFrame, courses: pd.DataFrame, year: int) -> pd.DataFrame:
    """A row an organisation whose courses of three years are known and topic: teachers, and how many learnt it."""
    is_teacher = (staff["year"] == year) & staff["post"].isin(TEACHING_POSTS)
    teachers, window = staff[is_teacher].drop_duplicates(PERSON), _window(courses, year)
    teachers = teachers[known(teachers, window, _years(year))]
    learnt = window[[*PERSON, "topic"]].drop_duplicates().merge(teachers[PERSON], on=PERSON)
    places = teachers.groupby("org_id", as_index=False).agg(teachers=("staff_key", "nunique"))
    counted = learnt.groupby(["org_id", "topic"], as_index=False).agg(trained=("staff_key", "nunique"))
    rows = places.merge(pd.DataFrame({"topic": list(DATA["topics"])}), how="cross")
    return rows.merge(counted, on=["org_id", "topic"], how="left").fillna({"trained": 0}).assign(year=year)


def young(staff: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """A row a teacher of the years, and one each who began a year or three years before, of organisations that told
    both years.
    """
    teachers = _ages(staff[staff["post"].isin(TEACHING_POSTS)])
    parts = [teachers[teachers["year"].isin(years)].assign(cohort="now")]
    for after in YOUNG["retained_after"]:
        began = teachers[teachers["is_beginner"].fillna(False)]
        began = began.assign(year=began["year"] + after, cohort=f"after_{after}")
        began = began[began["year"].isin(years) & among(began, staff, ["year", "org_id"])]
        stays = among(began, staff, ["year", *PERSON])
        moved = ~stays & among(began, staff, ["year", "home", "staff_key"])
        parts.append(began.assign(is_retained=stays, has_moved=moved))
    return pd.concat(parts, ignore_index=True)


def _ages(teachers: pd.DataFrame) -> pd.DataFrame:
    """A row a teacher of a year, whatever posts: the longest experience, and a mentor where any post has one."""
    rows = teachers.assign(
        age=teachers["year"] - teachers["birth_year"].astype("Int64"),
        experience=teachers["ped_experience"].astype("Int64"),
        has_mentor=teachers["has_mentor"].astype("boolean") | teachers["mentor_key"].notna(),
    )
    whole = rows.groupby(["year", "home", *PERSON], as_index=False, dropna=False)[
        ["age", "experience", "has_mentor"]
    ].max()
    return whole.assign(
        is_under_35=whole["age"] <= YOUNG["age"], is_beginner=whole["experience"] <= YOUNG["experience"]
    )
