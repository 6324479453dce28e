"""Points of heads on a few sheets counted by hand: weights, penalties, levels, places among organisations of a kind."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.heads import beside, latest_scores, placed, scored
from schemas.measure import ALL
from tests.spec.tables import records

YEAR = 2026
POINTS = "year org_id home org_kind criterion points max_points"


def sheet(org: str, *points: tuple[str, float, float], kind: str | None = "СОШ") -> list[tuple[Any, ...]]:
    return [(YEAR, org, "town", kind, *line) for line in points]


def rows(*sheets: list[tuple[Any, ...]]) -> pd.DataFrame:
    lines = [line for lines in sheets for line in lines]
    return placed(scored(pd.DataFrame(lines, columns=POINTS.split()))).set_index(["org_id", "criterion"])


CODES = {"кадры": "staff", "ВСОКО": "vsoko", "дисциплина": "discipline"}


@pytest.mark.parametrize("case", records("heads", "points"), ids=lambda case: case["лист"])
def test_points_and_levels(case: dict[str, Any]) -> None:
    points = [(CODES[criterion], *(float(number.replace(",", ".")) for number in pair.split("/")))
              for criterion, pair in (line.split(" ") for line in case["лист"].split(", "))]  # fmt: skip
    row = rows(sheet("A", *points)).loc[("A", ALL)]
    rating = None if pd.isna(row["rated"]) else row["rated"]
    expected = (case["баллы"], case["снято"], case["наибольшие"], case["уровень"])
    assert (row["points"], row["deducted"], row["max_points"], rating) == pytest.approx(expected)


def test_a_penalty_alone_has_no_level_in_its_criterion() -> None:
    told = rows(sheet("A", ("staff", 9, 10), ("discipline", -2, 0)))
    assert (told.loc[("A", "discipline"), "deducted"], told.loc[("A", "staff"), "rated"]) == (2, "high")
    assert pd.isna(told.loc[("A", "discipline"), "rated"])


@pytest.mark.parametrize("case", records("heads", "places"), ids=lambda case: case["почему"])
def test_places_inside_a_kind(case: dict[str, Any]) -> None:
    lists = {kind: [float(number) for number in str(case[kind] or "").split(", ") if number] for kind in ("СОШ", "ДОО")}
    sheets = [sheet(f"{kind}{number}", ("staff", points, 10), kind=kind)
              for kind, listed in lists.items() for number, points in enumerate(listed)]  # fmt: skip
    told = rows(*sheets).xs(ALL, level="criterion")
    for kind, listed in lists.items():
        places = [told.loc[f"{kind}{number}", "place"] for number in range(len(listed))]
        assert ", ".join("—" if pd.isna(place) else str(int(place)) for place in places) == (
            case[f"места {kind}"] or ""
        )
        compared = {told.loc[f"{kind}{number}", "compared"] for number in range(len(listed))}
        assert all(pd.isna(number) or number == len(listed) for number in compared)


@pytest.mark.parametrize("case", records("heads", "nok"), ids=lambda case: case["почему"])
def test_the_latest_assessment_stands_beside(case: dict[str, Any]) -> None:
    pairs = [line.split(" ") for line in case["НОК"].split(", ")]
    scores = pd.DataFrame(
        [(int(year), "A", float(score)) for year, score in pairs], columns=["year", "org_id", "score"]
    )
    told = latest_scores(scores, [YEAR])
    assert told["nok_score"].tolist() == ([] if case["рядом"] is None else [case["рядом"]])
    assert (told["year"] == YEAR).all()


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
