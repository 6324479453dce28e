"""The scan of published tables: every kind of impossible figure is found, and possible ones are not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from schemas.fields import columns_of
from schemas.marts import MARTS
from tests.impossible import impossible

POSSIBLE: dict[str, dict[str, Any]] = {
    "vpr_school": {
        "participants": 20, "marked": 19, "marked_pct": 95.0, "mark_2": 3, "mark_3": 7, "mark_4": 6, "mark_5": 3,
        "mark_2_pct": 300 / 19, "success_pct": 1600 / 19, "success_ci_low": 62.4, "success_ci_high": 94.5,
        "quality_pct": 900 / 19, "quality_ci_low": 27.3, "quality_ci_high": 68.3, "sou_pct": 50.0, "mean_mark": 3.5,
        "mean_primary": 9.0, "max_primary": 20, "journal_lower": 2, "journal_equal": 8, "journal_higher": 0,
        "journal_gap_2plus": 0, "alpha": -0.2, "facts_source": "individual",
    },
    "vpr_task": {"participants": 20, "completion_pct": 0.0, "completion_ci_low": 0.0, "completion_ci_high": 16.1,
                 "full_pct": 0.0, "zero_pct": 100.0, "discrimination": -0.3},
    "indicator_value": {
        "indicator_id": "vpr_quality", "numerator": 9.0, "denominator": 19.0, "value": 900 / 19, "ci_low": 27.3,
        "ci_high": 68.3, "change": -5.0, "change_se": 3.0,
    },
    "dynamics_3y": {"indicator_id": "vpr_alpha", "value": 0.8, "value_1": -0.1, "denominator": 20.0, "p_value": 1e-30,
                    "level": "municipality"},
    "school_procedure": {"participants": 40, "failed": 0, "fail_pct": 0.0, "fail_ci_low": 0.0, "fail_ci_high": 8.8,
                         "chance_pct": 5e-20, "funnel_low": 3.0, "funnel_high": 20.0},
    "school_forecast": {"probability_pct": 12.0, "ci_low": 4.0, "ci_high": 31.0},
    "risk_movement": {"previous_shnor": 4, "judged_schools": 4, "left_shnor": 1, "expected_low": 0, "expected_high": 3},
    "preschool_quality": {"kind": "share", "unit": "%", "value": 75.0, "numerator": 3.0, "denominator": 4.0,
                          "ci_low": 30.1, "ci_high": 95.4, "responses": 40, "families": 80, "response_pct": 50.0},
    "contests": {"contingent": 100, "covered": 20, "coverage_pct": 20.0, "coverage_ci_low": 13.3,
                 "coverage_ci_high": 28.9, "participants": 30, "winners": 3, "prizewinners": 6, "efficiency_pct": 30.0},
    "gia9": {"participants": 20, "with_result": 19, "profile_pct": 10.0},
}  # fmt: skip


def found(mart: str, **changed: Any) -> list[str]:
    """What the scan says of one possible row with some figures changed."""
    row = POSSIBLE[mart] | changed
    return impossible({mart: pd.DataFrame([row]), "indicator": pd.DataFrame({"indicator_id": [], "unit": []})})


@pytest.mark.parametrize("mart", POSSIBLE)
def test_possible_figures_are_left_alone(mart: str) -> None:
    assert found(mart) == []
    assert {*POSSIBLE[mart]} <= {spec.name for spec in columns_of(MARTS[mart])}


@pytest.mark.parametrize("mart", MARTS)
def test_empty_tables_and_tables_of_nulls_are_possible(mart: str) -> None:
    names = [spec.name for spec in columns_of(MARTS[mart])]
    assert impossible({mart: pd.DataFrame(columns=names)}) == []
    assert impossible({mart: pd.DataFrame([dict.fromkeys(names)] * 2)}) == []


IMPOSSIBLE = """
vpr_school      | success_pct | 100.2                          | вне 0…100
vpr_school      | alpha | 1.01                                 | вне -inf…1
vpr_school      | mean_mark | 1.9                              | вне 2…5
vpr_school      | absent | -1                                  | вне 0…inf
vpr_school      | mark_2_pct | 5e-15                           | остаток округления вместо 0
vpr_school      | success_ci_high | 99.99999999999999          | остаток округления вместо 100
vpr_school      | quality_ci_low | 70.0                        | больше quality_ci_high
vpr_school      | success_pct | 50.0                           | вне своего интервала
vpr_school      | success_pct | None                           | есть, а значения (success_pct) нет
vpr_school      | quality_ci_high | None                       | есть одна граница из двух
vpr_school      | marked | 21                                  | Участников с отметкой не больше
vpr_school      | mark_4 | 20                                  | больше целого (marked)
vpr_school      | marked | 0                                   | доля от ничего (marked)
vpr_school      | mean_primary | 21.0                          | не выше максимального
vpr_school      | sou_pct | inf                                | бесконечность
vpr_task        | discrimination | -1.2                        | вне -1…1
vpr_task        | full_pct | 60.0                              | Выполнившие полностью
indicator_value | value | 101.0                                | вне 0…100 (%)
indicator_value | numerator | 19.5                             | больше целого (denominator)
indicator_value | denominator | 0.0                            | значение от нуля (denominator)
indicator_value | denominator | None                           | доля от неизвестного (denominator)
indicator_value | change | 1e-12                               | остаток округления вместо 0
dynamics_3y     | value_1 | 1.2                                | вне -inf…1 (коэффициент
dynamics_3y     | p_adjusted | 1.3                             | вне 0…1
dynamics_3y     | denominator | 0.0                            | значение от нуля (denominator)
school_procedure | chance_pct | 100.5                          | вне 0…100
school_procedure | funnel_high | 2.0                           | больше funnel_high
school_procedure | participants | 0                            | вне 1…inf
school_forecast | probability_pct | 3.0                        | вне своего интервала
school_forecast | ci_low | 1e-21                               | остаток округления вместо 0
risk_movement   | expected_high | -1                           | вне 0…inf
preschool_quality | value | 120.0                              | вне 0…100 (%)
preschool_quality | numerator | 5.0                            | больше целого (denominator)
preschool_quality | families | None                            | доля от ничего (families)
contests        | covered | 101                                | больше целого (contingent)
contests        | contingent | 0                               | доля от ничего (contingent)
contests        | coverage_pct | None                          | нет, а числитель (covered) и целое (contingent) есть
contests        | winners | 40                                 | Победы и призовые места
gia9            | with_result | 0                              | доля от ничего (with_result)
"""


@pytest.mark.parametrize("line", IMPOSSIBLE.strip().splitlines(), ids=lambda line: " ".join(line.split()))
def test_what_cannot_be_is_found(line: str) -> None:
    mart, column, value, says = (cell.strip() for cell in line.split("|"))
    told = found(mart, **{column: None if value == "None" else float(value)})
    assert any(said.startswith(f"{mart}.") and says in said for said in told), told


def test_a_share_that_is_zero_where_nobody_counted_is_found() -> None:
    told = found("contests", covered=None, coverage_pct=0.0, coverage_ci_low=0.0, coverage_ci_high=3.7)
    assert told == ["contests.coverage_pct: 0, а числитель (covered) неизвестен (1, 0.0)"]
