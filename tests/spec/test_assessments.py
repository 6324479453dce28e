"""Diagnostics by unit and participation in assessments, on a few rows counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.calendar import ROW, WORK, sittings
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


# ---- participation

ROWS = [*WORK[1:], "org_id"]
LINES = pd.DataFrame(
    [
        ("NIKO", "IS", 6, "sample", True), ("NIKO", "BI", 6, "sample", True), ("OGE", "RU", 9, "all", True),
        ("OGE", "FI", 9, "choice", False), ("REG", "MA", 6, "choice", None), ("REG", "MA", 6, "all", True),
        ("VSOSH-SHE", ALL, 6, "choice", False),
    ],
    columns=[*WORK[1:], "sits", "is_obligatory"],
).assign(year=YEAR)  # fmt: skip
SAMPLED = pd.DataFrame(
    [("NIKO", "IS", 6, "A", 25), ("NIKO", "IS", 6, "B", None)], columns=[*ROWS, "sampled"]
).assign(year=YEAR)  # fmt: skip
CLASSES = pd.DataFrame(  # the contingent of C is not known, B has no ninth class
    [("A", 6, 60), ("A", 9, 50), ("B", 6, 30), ("B", 9, 0)], columns=["org_id", "grade", "pupils"]
).assign(year=YEAR)  # fmt: skip
SAT = pd.DataFrame(
    [
        ("NIKO", "IS", 6, "A", 24, None), ("NIKO", "IS", 6, "C", 9, None), ("NIKO", "BI", 6, "A", 20, None),
        ("OGE", "RU", 9, "A", 49, None), ("OGE", "FI", 9, "A", 5, None), ("REG", "MA", 6, "A", 50, 52),
        ("REG", "MA", 6, "C", 8, None), ("VSOSH-SHE", "MA", 6, "B", 4, None), ("MUNICIPAL", "RU", 6, "A", 55, None),
    ],
    columns=[*ROWS, "participants", "planned"],
).assign(year=YEAR)  # fmt: skip


@pytest.mark.parametrize(
    ("org", "procedure", "subject", "expected"),  # is_expected, has_sent, pupils, participants
    [
        ("A", "NIKO", "IS", (True, True, 25, 24)),  # as many as were sampled
        ("B", "NIKO", "IS", (True, False, 30, None)),  # sampled, of the class; has sent nothing
        ("C", "NIKO", "IS", (False, True, None, 9)),  # beside the sample
        ("A", "NIKO", "BI", (None, True, 60, 20)),  # a sample that nobody has listed
        ("B", "NIKO", "BI", None),
        ("A", "OGE", "RU", (True, True, 50, 49)),
        ("B", "OGE", "RU", None),  # it has no such class
        ("A", "OGE", "FI", (False, True, 50, 5)),  # by choice
        ("A", "REG", "MA", (True, True, 52, 50)),  # as many as the report of the work plans
        ("B", "REG", "MA", (True, False, 30, None)),
        ("C", "REG", "MA", (True, True, None, 8)),  # it has sat something in the class, its contingent is unknown
        ("B", "VSOSH-SHE", "MA", (False, True, 30, 4)),  # a line of all subjects
        ("A", "MUNICIPAL", "RU", (False, True, 60, 55)),  # not in the calendar
    ],
)
def test_who_is_to_sit_a_work_and_who_has(
    org: str, procedure: str, subject: str, expected: tuple[Any, ...] | None
) -> None:
    rows = sittings(LINES, SAMPLED, CLASSES, SAT)
    assert not rows.duplicated(ROW).any()
    rows = rows[(rows["org_id"] == org) & (rows["procedure"] == procedure) & (rows["subject"] == subject)]
    values = rows[["is_expected", "has_sent", "pupils", "participants"]].itertuples(index=False, name=None)
    told = [tuple(None if pd.isna(value) else value for value in row) for row in values]
    assert told == ([] if expected is None else [expected])


def test_the_stricter_of_two_lines_holds() -> None:
    rows = sittings(LINES, SAMPLED, CLASSES, SAT)
    work = rows[rows["procedure"] == "REG"]
    assert set(work["sits"]) == {"all"}
    assert work["is_obligatory"].all()


@pytest.mark.parametrize(("line", "expected"), [(None, {"MA", "RU"}), ("BI", {"BI"})])
def test_without_lines_of_vpr_what_every_school_sits_is_expected(line: str | None, expected: set[str]) -> None:
    sat = pd.DataFrame([("VPR", "BI", 6, "A", 20, None, YEAR)], columns=SAT.columns)
    columns = [*WORK, "sits", "is_obligatory"]
    lines = pd.DataFrame([(YEAR, "VPR", line, 6, "all", True)] if line else [], columns=columns)
    rows = sittings(lines, SAMPLED.iloc[:0], CLASSES, sat)
    assert set(rows.loc[rows["is_expected"] & (rows["grade"] == 6), "subject"]) == expected


def test_of_nothing_nobody_is_asked() -> None:
    assert sittings(LINES.iloc[:0], SAMPLED.iloc[:0], CLASSES, SAT.iloc[:0]).empty
