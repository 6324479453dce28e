"""Paths of graduates and profiles of the senior classes (M19, M20), on the drawn cases of the methodology."""

from __future__ import annotations

from typing import Any

import pytest

from msoko_pipeline.indicators.registers.rows.graduates import completed
from schemas.declared import DECLARED_MARTS
from tests.spec.drawn import Rows, differences, facts, marts_rows
from tests.spec.tables import load

CASES = load("choices")["cases"]
ROWS: dict[str, Rows] = {"graduate_paths": completed}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    rows = ROWS[case["mart"]](facts(case["given"], case["register"]))
    assert differences(marts_rows(rows, case["mart"]), case["gives"], DECLARED_MARTS[case["mart"]]) == []


def test_another_figure_would_be_found() -> None:
    rows = completed(facts(CASES[0]["given"], "graduates"))
    other = CASES[0]["gives"].replace("43,33", "44,33")
    assert differences(marts_rows(rows, "graduate_paths"), other, DECLARED_MARTS["graduate_paths"]) == [
        "город tenth_pct: 43.333333333333336, not 44.33"
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_nothing_is_made_of_nothing(case: dict[str, Any]) -> None:
    assert ROWS[case["mart"]](facts(case["given"], case["register"]).iloc[:0]).empty
