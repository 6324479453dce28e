"""Diagnostics by unit and participation in assessments, on a few rows counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.diagnostics import by_unit
from schemas.measure import ALL
from schemas.sources.diagnostics import LEVELS

YEAR, REGION = 2026, "19"
RESULTS = ["procedure", "wave", "subject", "grade", "planned", "participants", *LEVELS, "mean_score", "max_score"]
SCHOOLS = pd.DataFrame(
    [
        ("A", "REG", "entry", "MA", 6, 50, 40, 4, 6, 20, 8, 2, 6.0, 15),
        ("A", "REG", "final", "MA", 6, 50, 45, 0, 5, 20, 15, 5, 9.0, 15),
        ("B", "REG", "entry", "MA", 6, 30, 30, None, 10, 10, 10, None, 7.5, 15),  # B did not sit the final one
        ("A", "NIKO", "single", "IS", 6, None, 20, *[None] * 5, 11.0, None),  # neither levels nor a maximum
    ],
    columns=["org_id", *RESULTS],
).assign(year=YEAR)  # fmt: skip
TERRITORIES = pd.DataFrame(
    [
        ("region", "REG", "entry", "MA", 6, None, 5000, 500, 1000, 2000, 1000, 500, 7.5, 15),
        ("country", "NIKO", "single", "IS", 6, None, 90000, *[None] * 5, 12.0, 20),
    ],
    columns=["territory", *RESULTS],
).assign(year=YEAR)  # fmt: skip
UNITS = pd.DataFrame(
    [(YEAR, org, level, org if level == "school" else "town") for org in "AB" for level in ("school", "municipality")],
    columns=["year", "org_id", "level", "unit_id"],
)


def row(unit: str, wave: str, procedure: str = "REG", units: pd.DataFrame = UNITS) -> dict[str, Any] | None:
    rows = by_unit(SCHOOLS, TERRITORIES, units, REGION)
    rows = rows[(rows["unit_id"] == unit) & (rows["wave"] == wave) & (rows["procedure"] == procedure)]
    assert len(rows) <= 1
    return {str(name): None if pd.isna(value) else value for name, value in rows.iloc[0].items()} if len(rows) else None


@pytest.mark.parametrize(
    ("unit", "wave", "procedure", "expected"),
    [
        ("A", "entry", "REG", {"with_level": 40, "middle_or_above": 30, "points": 240.0, "points_possible": 600.0}),
        # 40 % of the points against the region's 50 %
        ("A", "entry", "REG", {"above_region": pytest.approx(-10), "school": "A", "planned": 50}),
        # the region has not reported the final work: nothing to compare with
        ("A", "final", "REG", {"above_region": None, "middle_or_above": 40}),
        # a work without two of the levels
        ("B", "entry", "REG", {"with_level": 30, "middle_or_above": 20, "above_region": pytest.approx(0)}),
        # without a maximum a mean says nothing; without levels nobody is below or above
        ("A", "single", "NIKO", {"with_level": None, "middle_or_above": None, "points": None, "points_possible": None}),
        ("A", "single", "NIKO", {"participants": 20, "planned": None, "above_region": None}),
        # territories as they are reported, of no school
        (REGION, "entry", "REG", {"level": "region", "school": None, "middle_or_above": 3500, "above_region": None}),
        ("RU", "single", "NIKO", {"level": "country", "participants": 90000, "points": 1_080_000.0}),
        # the last wave of the year is the final one, for all: B has not sat it
        ("A", ALL, "REG", {"participants": 45, "middle_or_above": 40}),
        ("A", ALL, "NIKO", {"participants": 20}),
        ("B", ALL, "REG", None),
    ],
)  # fmt: skip
def test_results_of_diagnostics(unit: str, wave: str, procedure: str, expected: dict[str, Any] | None) -> None:
    told = row(unit, wave, procedure)
    assert (told if expected is None else {name: (told or {})[name] for name in expected}) == expected


def test_a_region_of_its_own_schools_is_not_told_twice() -> None:
    whole = UNITS.drop_duplicates("org_id").assign(level="region", unit_id=REGION)
    rows = by_unit(SCHOOLS, TERRITORIES, pd.concat([UNITS, whole]), REGION)
    of_region = rows[(rows["level"] == "region") & (rows["wave"] == "entry")]
    assert of_region["participants"].tolist() == [40, 30]
    assert of_region["above_region"].round(6).tolist() == [-10, 0]


def test_nothing_is_made_of_nothing() -> None:
    assert by_unit(SCHOOLS.iloc[:0], TERRITORIES.iloc[:0], UNITS, REGION).empty
