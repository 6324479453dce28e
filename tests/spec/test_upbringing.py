"""Upbringing (M24–M27), on the drawn cases of the methodology."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.reached_levels import reached
from msoko_pipeline.indicators.registers.rows.associations import with_absent
from msoko_pipeline.indicators.registers.rows.upbringing import analysed, programmes
from msoko_pipeline.indicators.registers.rows.value_orientations import of_units
from schemas.declared import DECLARED_MARTS
from schemas.sources.upbringing import DATA
from tests.spec.drawn import Rows, differences, facts, marts_rows, units_of
from tests.spec.tables import load

CASES = load("upbringing")["cases"]
ROWS: dict[str, Rows] = {
    "additional_education": lambda rows: rows,
    "associations_volunteers": with_absent,
    "upbringing": programmes,
    "upbringing_analysis": analysed,
    "value_orientations": lambda rows: of_units(rows, units_of(rows["org_id"])),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    rows = ROWS[case["mart"]](facts(case["given"], case["register"]))
    assert differences(marts_rows(rows, case["mart"]), case["gives"], DECLARED_MARTS[case["mart"]]) == []


def test_another_figure_would_be_found() -> None:
    (case,) = (case for case in CASES if case["mart"] == "associations_volunteers")
    rows = with_absent(facts(case["given"], case["register"]))
    other = case["gives"].replace("| 25           |", "| 26           |")
    assert other != case["gives"]
    found = differences(marts_rows(rows, case["mart"]), other, DECLARED_MARTS[case["mart"]])
    assert [line.split(":")[0] for line in found] == ["А coverage_pct"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_nothing_is_made_of_nothing(case: dict[str, Any]) -> None:
    assert ROWS[case["mart"]](facts(case["given"], case["register"]).iloc[:0]).empty


@pytest.mark.parametrize(("points", "rating"), [(100, "high"), (75, "high"), (74.9, "medium"), (50, "medium"),
                                                (49.9, "low"), (0, "low"), (None, None)])  # fmt: skip
def test_levels_of_the_self_analysis(points: float | None, rating: str | None) -> None:
    (level,) = reached(pd.Series([points], dtype="Float64"), DATA["levels"])
    assert (None if pd.isna(level) else level) == rating
