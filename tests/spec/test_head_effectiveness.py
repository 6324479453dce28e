"""Points of heads on a few sheets counted by hand: weights, penalties, levels, places among organisations of a kind."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.heads import beside, placed, scored
from schemas.measure import ALL

YEAR = 2026
POINTS = "year org_id home org_kind criterion points max_points"


def sheet(org: str, *points: tuple[str, float, float], kind: str | None = "СОШ") -> list[tuple[Any, ...]]:
    return [(YEAR, org, "town", kind, *line) for line in points]


def rows(*sheets: list[tuple[Any, ...]]) -> pd.DataFrame:
    lines = [line for lines in sheets for line in lines]
    return placed(scored(pd.DataFrame(lines, columns=POINTS.split()))).set_index(["org_id", "criterion"])


@pytest.mark.parametrize(
    ("points", "criterion", "expected"),
    [
        # two indicators of a criterion are summed
        ([("staff", 7, 10), ("staff", 3, 10), ("vsoko", 8, 10)], "staff", (10, 0, 20, "low")),
        ([("staff", 7, 10), ("staff", 3, 10), ("vsoko", 8, 10)], ALL, (18, 0, 30, "middle")),
        # a penalty is taken away from the total; alone it has no share
        ([("staff", 9, 10), ("discipline", -2, 0)], ALL, (7, 2, 10, "middle")),
        ([("staff", 9, 10), ("discipline", -2, 0)], "discipline", (0, 2, 0, None)),
        ([("staff", 1, 10), ("discipline", -5, 0)], ALL, (0, 5, 10, "low")),  # never below 0
        ([("staff", 8, 10)], ALL, (8, 0, 10, "high")),  # exactly 80 %
        ([("staff", 7.9, 10)], ALL, (7.9, 0, 10, "middle")),
        ([("staff", 0.6, 1)], ALL, (0.6, 0, 1, "middle")),  # exactly 60 %
        ([("staff", 5.9, 10)], ALL, (5.9, 0, 10, "low")),
    ],
)
def test_points_and_levels(
    points: list[tuple[str, float, float]], criterion: str, expected: tuple[float, float, float, str | None]
) -> None:
    row = rows(sheet("A", *points)).loc[("A", criterion)]
    rating = None if pd.isna(row["rated"]) else row["rated"]
    assert (row["points"], row["deducted"], row["max_points"], rating) == pytest.approx(expected)


def places(*shares: int, kinds: str = "") -> dict[str, tuple[Any, Any]]:
    """Place and among how many, of organisations by the points they have of 10."""
    sheets = [
        sheet(chr(65 + number), ("staff", points, 10), kind="ДОО" if kinds[number : number + 1] == "d" else "СОШ")
        for number, points in enumerate(shares)
    ]
    told = rows(*sheets).xs(ALL, level="criterion")
    return {org: tuple(None if pd.isna(cell) else int(cell) for cell in (row.place, row.compared))  # type: ignore[misc]
            for org, row in told.iterrows()}  # fmt: skip


def test_places_among_five_and_more() -> None:
    assert places(9, 8, 8, 5, 1) == {"A": (1, 5), "B": (2, 5), "C": (2, 5), "D": (4, 5), "E": (5, 5)}


def test_no_places_among_fewer_than_five() -> None:
    assert set(places(9, 8, 7, 6).values()) == {(None, None)}


def test_places_are_inside_a_kind() -> None:
    told = places(9, 8, 7, 6, 5, 10, 10, kinds="sssssdd")
    assert told["A"] == (1, 5)
    assert told["F"] == (None, None)


def test_what_is_known_without_the_sheet() -> None:
    staff = pd.DataFrame(
        [(YEAR, "A", f"p{number}", "teacher", "first" if number < 4 else "none") for number in range(6)]
        + [(YEAR, "A", "p0", "tutor", "none"), (YEAR, "A", "h", "head", "highest"), (YEAR, "A", "u", "teacher", None)]
        + [(YEAR, "B", f"q{number}", "teacher", "first") for number in range(4)],
        columns=["year", "org_id", "staff_key", "post", "category"],
    )
    certificates = pd.DataFrame([(YEAR, "A", 9, 50, 48), (YEAR, "A", 11, 20, 20), (YEAR, "C", 9, 10, None)],
                                columns=["year", "org_id", "grade", "graduates", "certificates"])  # fmt: skip
    told = beside(staff, certificates).set_index("org_id")
    assert told.loc["A", ["teachers", "with_category", "graduates", "certificates"]].tolist() == [6, 4, 70, 68]
    assert set(told.index) == {"A"}, "B has four teachers, C does not tell its certificates"
