"""Training in three years, groups, diagnostics and young teachers on a few people counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.teacher_development import development, topics, young
from tests.spec.tables import records

YEAR = 2026
STAFF = "year org_id home staff_key post discipline education birth_year ped_experience has_mentor mentor_key"
COURSES = "year org_id home staff_key kind topic hours"
DEFICITS = "year org_id staff_key level"
MEMBERS = "year org_id home staff_key"
TYPES = {"has_mentor": "boolean", "birth_year": "Int16", "ped_experience": "Int16", "hours": "Int16"}


def frame(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns.split())
    return table.astype({name: dtype for name, dtype in TYPES.items() if name in table})


def person(key: str, org: str = "A", year: int = YEAR, **told: Any) -> tuple[Any, ...]:
    """Somebody on the staff: a teacher of mathematics of 40 with 15 years of teaching, unless told otherwise."""
    usual = {
        "year": year, "org_id": org, "home": "town", "staff_key": key, "post": "teacher", "discipline": "MA",
        "education": "higher_teaching", "birth_year": year - 40, "ped_experience": 15, "has_mentor": None,
        "mentor_key": None,
    }  # fmt: skip
    return tuple((usual | told).values())


def course(key: str, year: int, org: str = "A", topic: str = "method", kind: str = "improvement") -> tuple[Any, ...]:
    return (year, org, "town", key, kind, topic, 36)


THREE_YEARS = (course("a", 2024), course("b", 2025, topic="talent"), course("c", 2026, "B", kind="retraining"))


def made(staff: pd.DataFrame, courses: tuple[tuple[Any, ...], ...] = THREE_YEARS, **others: Any) -> pd.DataFrame:
    deficits = frame(DEFICITS, *others.get("deficits", ()))
    members = frame(MEMBERS, *others.get("members", ()))
    return development(staff, frame(COURSES, *courses), deficits, members, YEAR).set_index("staff_key")


def value(cell: Any) -> Any:
    return None if pd.isna(cell) else bool(cell) if isinstance(cell, bool) else cell


def years(cell: Any) -> list[int]:
    return [int(float(year)) for year in str(cell).split(", ")] if cell else []


YES_NO = {"да": True, "нет": False, None: None}


@pytest.mark.parametrize("case", records("teachers", "training"), ids=lambda case: f"{case['он']}; {case['почему']}")
def test_training_in_three_years(case: dict[str, Any]) -> None:
    who = {"he": ("A", case["он"]), "other": ("A", case["в школе А"]), "third": ("B", case["в школе Б"])}
    courses = tuple(course(key, year, org) for key, (org, cell) in who.items() for year in years(cell))
    told = made(frame(STAFF, person("he"), person("other"), person("third", "B")), courses).loc["he"]
    assert value(told["is_trained"]) == YES_NO[case["за три года"]]
    assert value(told["is_trained_now"]) == YES_NO[case["в 2026 году"]]
    assert value(told["hours"]) == case["часов"]


def test_what_was_learnt() -> None:
    told = made(frame(STAFF, person("a"), person("b"), person("c", "B"), person("a", "B", post="tutor")))
    assert [value(cell) for cell in told["is_trained_talent"]] == [False, True, False, False]
    assert [value(cell) for cell in told["is_retrained"]] == [False, False, True, False]
    assert [value(cell) for cell in told["is_trained"]] == [True, True, True, False], "a namesake of B is another one"


def test_groups_and_diagnostics_are_unknown_where_nobody_sent_them() -> None:
    staff = frame(STAFF, person("a"), person("b"), person("c", "B"))
    none = made(staff)
    assert none[["is_in_group", "is_diagnosed"]].isna().all().all()
    told = made(staff, members=[(YEAR, "A", "town", "a")],
                deficits=[(YEAR, "A", "a", "middle"), (YEAR, "A", "b", None)])  # fmt: skip
    assert [value(cell) for cell in told["is_in_group"]] == [True, False, False]
    assert [value(cell) for cell in told["is_diagnosed"]] == [True, False, None]


def test_topics_are_of_the_teachers_whose_courses_are_known() -> None:
    staff = frame(STAFF, person("a"), person("b"), person("x"), person("d", "C"), person("h", post="head"))
    rows = topics(staff, frame(COURSES, *THREE_YEARS, course("h", 2026, topic="management")), YEAR)
    counted = rows.set_index(["org_id", "topic"])[["trained", "teachers"]]
    assert counted.loc[("A", "talent")].tolist() == [1, 3]
    assert counted.loc[("A", "fgos")].tolist() == [0, 3]
    assert counted.loc[("A", "management")].tolist() == [0, 3]  # the head is no teacher
    assert set(rows["org_id"]) == {"A"}


def cohorts(*people: tuple[Any, ...]) -> pd.DataFrame:
    return young(frame(STAFF, *people), [YEAR]).set_index(["cohort", "staff_key"])


@pytest.mark.parametrize(
    ("told", "column", "expected"),
    [
        ({"birth_year": 1991}, "is_under_35", True),
        ({"birth_year": 1990}, "is_under_35", False),
        ({"birth_year": None}, "is_under_35", None),
        ({"ped_experience": 3}, "is_beginner", True),
        ({"ped_experience": 4}, "is_beginner", False),
        ({"ped_experience": None}, "is_beginner", None),
        ({"has_mentor": False}, "has_mentor", False),
        ({"has_mentor": None}, "has_mentor", None),
        ({"has_mentor": None, "mentor_key": "m"}, "has_mentor", True),
    ],
)
def test_who_is_young_and_who_has_a_mentor(told: dict[str, Any], column: str, expected: object) -> None:
    assert value(cohorts(person("a", **told)).loc[("now", "a"), column]) == expected


def test_a_teacher_of_two_posts_is_one() -> None:
    rows = cohorts(person("a", ped_experience=2), person("a", post="tutor", ped_experience=2, has_mentor=True))
    assert len(rows) == 1
    assert bool(rows.loc[("now", "a"), "has_mentor"])


@pytest.mark.parametrize(
    "case", records("teachers", "retention"), ids=lambda case: f"{case['стаж год назад']}; {case['почему']}"
)
def test_retention_after_a_year(case: dict[str, Any]) -> None:
    experience = case["стаж год назад"]
    people = [
        person("he", year=2025, ped_experience=None if experience is None else int(experience)),
        person("third", "B"),
    ]
    people += [person("other")] * (case["школа А прислала"] is not None)
    people += [person("he", {"А": "A", "Б": "B"}[case["где он теперь"]])] if case["где он теперь"] else []
    rows = young(frame(STAFF, *people), [YEAR])
    after = rows[(rows["cohort"] == "after_1") & (rows["staff_key"] == "he")]
    found = [(bool(row.is_retained), bool(row.has_moved)) for row in after.itertuples()]
    expected = (YES_NO[case["остался"]], YES_NO[case["перешёл"]])
    assert found == ([] if expected == (None, None) else [expected])


def test_whoever_becomes_a_deputy_has_stayed() -> None:
    rows = cohorts(person("a", year=2023, ped_experience=0), person("a", post="deputy"), person("b", year=2025))
    assert bool(rows.loc[("after_3", "a"), "is_retained"]) is True
