"""Which deficits courses have closed, on a few people counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.deficits import closings, diagnoses
from tests.spec.tables import records

YEAR = 2026
DEFICITS = "year org_id staff_key procedure discipline block held_on level recommendation score max_score"
COURSES = "year org_id staff_key topic ends"


def deficit(level: str | None = "minimal", **told: Any) -> dict[str, Any]:
    usual = dict(zip(DEFICITS.split(), (YEAR, "A", "a", "regional", "MA", "method", "2025-10-16", level, None, 12, 30),
                     strict=True))  # fmt: skip
    return usual | told


def course(topic: str = "method", ends: str = "2026-02-01", **told: Any) -> dict[str, Any]:
    return dict(zip(COURSES.split(), (YEAR, "A", "a", topic, ends), strict=True)) | told


def closed(deficits: list[dict[str, Any]], courses: list[dict[str, Any]]) -> list[bool | None]:
    """Whether each deficit is closed in the year."""
    rows = closings(
        pd.DataFrame(deficits, columns=DEFICITS.split()), pd.DataFrame(courses, columns=COURSES.split()), YEAR
    )
    assert (rows["part"] == "deficit").all()
    return [None if pd.isna(value) else bool(value) for value in rows["is_closed"]]


def iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


@pytest.mark.parametrize("case", records("teachers", "deficits"), ids=lambda case: f"{case['курс']}; {case['почему']}")
def test_closed_as_the_methodology_says(case: dict[str, Any]) -> None:
    day = iso(case["диагностика"])
    found = deficit(case["уровень"], year=int(day[:4]) + 1, held_on=day, block=case["блок"])
    topic, end = case["курс"].split(" ") if case["курс"] else (None, None)
    told = closed([found], [course(topic, iso(end))] if end else [])
    is_counted = case["уровень"] in ("minimal", "below") and found["year"] > YEAR - 2
    assert told == ([{"да": True, "нет": False, None: None}[case["закрыт"]]] if is_counted else [])


@pytest.mark.parametrize(
    ("deficits", "courses", "expected"),
    [
        ([deficit()], [course(staff_key="b")], [False]),  # somebody else's
        ([deficit()], [course(org_id="B")], [None]),  # A has told no courses at all
        ([deficit(held_on=None)], [course(ends="2025-09-20")], [True]),  # the day is unknown, the year is this
        ([deficit(held_on=None)], [course(year=2025, ends="2025-05-20")], [False]),
        # found again: the latest diagnosis counts
        ([deficit(year=2025, held_on="2024-10-16"), deficit()], [course(year=2025, ends="2025-02-01")], [False]),
        ([deficit(year=2025, held_on="2024-10-16"), deficit("high")], [course()], []),
        # two subjects are two deficits
        ([deficit(), deficit(discipline="FI")], [course()], [True, True]),
    ],
)
def test_closed_by_courses(
    deficits: list[dict[str, Any]], courses: list[dict[str, Any]], expected: list[bool | None]
) -> None:
    assert closed(deficits, courses) == expected


def test_diagnoses_are_those_of_the_year() -> None:
    rows = diagnoses(
        pd.DataFrame([deficit(), deficit(None, staff_key="b", recommendation="курс"), deficit(year=2025)]), YEAR
    )
    assert rows["result"].tolist() == [40.0, 40.0]
    assert rows[["staff_key", "has_recommendation", "part"]].to_numpy().tolist() == [
        ["a", False, "diagnosed"], ["b", True, "diagnosed"],
    ]  # fmt: skip
    assert [None if pd.isna(rating) else rating for rating in rows["rating"]] == ["minimal", None]
