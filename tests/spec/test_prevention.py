"""Failing pupils, the schools' own assessment, practices (M33, M36), on the drawn cases of the methodology."""

from __future__ import annotations

from typing import Any

import pytest

from msoko_pipeline.indicators.registers.rows.practices import shared
from msoko_pipeline.indicators.registers.rows.vsoko import requirements
from schemas.declared import DECLARED_MARTS
from tests.spec.drawn import Rows, differences, facts, marts_rows
from tests.spec.tables import load

CASES = load("prevention")["cases"]
ROWS: dict[str, Rows] = {"vsoko_checklist": requirements, "best_practices": shared}


def computed(case: dict[str, Any]) -> Any:
    rows = facts(case["given"], case["register"])
    return marts_rows(ROWS.get(case["mart"], lambda given: given)(rows), case["mart"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    assert differences(computed(case), case["gives"], DECLARED_MARTS[case["mart"]]) == []


@pytest.mark.parametrize(
    ("mart", "figure", "other", "where"),
    [
        ("vsoko_prevention", "67,5", "68,5", "город route_pct"),
        ("vsoko_checklist", "66,67", "67,67", "Б score_pct"),
        ("best_practices", "33,33", "34,33", "город adopted_pct"),
    ],
)
def test_another_figure_would_be_found(mart: str, figure: str, other: str, where: str) -> None:
    (case,) = (case for case in CASES if case["mart"] == mart)
    found = differences(computed(case), case["gives"].replace(figure, other), DECLARED_MARTS[mart])
    assert [line.split(":")[0] for line in found] == [where]


@pytest.mark.parametrize("case", [case for case in CASES if case["mart"] in ROWS], ids=lambda case: case["title"])
def test_nothing_is_made_of_nothing(case: dict[str, Any]) -> None:
    assert ROWS[case["mart"]](facts(case["given"], case["register"]).iloc[:0]).empty
