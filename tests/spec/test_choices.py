"""Paths of graduates and profiles of the senior classes (M19, M20), on the drawn cases of the methodology."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.registers.rows.graduates import completed
from msoko_pipeline.indicators.registers.rows.profile_education import with_choice
from schemas.declared import DECLARED_MARTS
from tests.spec.drawn import YEAR, contingents, differences, facts, marts_rows
from tests.spec.tables import load, table

CASES = load("choices")["cases"]
SITTING = ["year", "org_id", "subject", "pupil_key", "pupil_grade"]


def exams(drawn: str) -> pd.DataFrame:
    """Who sits what: Школа, Предмет and the numbers of the pupils, from – to; of a class 10 everybody sits physics."""
    sat = [
        (YEAR, line["Школа"], line["Предмет"], str(pupil), 11)
        for line in table(drawn).to_dict("records")
        for pupil in range(int(line["с"]), int(line["по"]) + 1)
    ]
    return pd.DataFrame([*sat, *((YEAR, "А", "FI", f"10-{pupil}", 10) for pupil in range(9))], columns=SITTING)


def rows_of(case: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that the mart of a case counts."""
    if case["mart"] == "graduate_paths":
        return completed(rows)
    return with_choice(rows, exams(case["exams"])) if "exams" in case else rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    rows = rows_of(case, facts(case["given"], case["register"]))
    computed = marts_rows(rows, case["mart"], contingents(case.get("contingent")))
    assert differences(computed, case["gives"], DECLARED_MARTS[case["mart"]]) == []


def test_another_figure_would_be_found() -> None:
    rows = completed(facts(CASES[0]["given"], "graduates"))
    other = CASES[0]["gives"].replace("43,33", "44,33")
    assert differences(marts_rows(rows, "graduate_paths"), other, DECLARED_MARTS["graduate_paths"]) == [
        "город tenth_pct: 43.333333333333336, not 44.33"
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_nothing_is_made_of_nothing(case: dict[str, Any]) -> None:
    assert rows_of(case, facts(case["given"], case["register"]).iloc[:0]).empty


def test_nobody_has_chosen_where_no_exam_is_known() -> None:
    case = next(case for case in CASES if "exams" in case)
    rows = with_choice(facts(case["given"], case["register"]), exams(case["exams"]).iloc[:0])
    assert rows[["compared", "choosers"]].isna().all(axis=None)
