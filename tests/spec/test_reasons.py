"""The chance that a reason tells: of what was seen or more, the same in the column and in the sentence."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from scipy import stats

from msoko_pipeline.risk import categories, procedures, reasons
from msoko_pipeline.risk.categories import Evidence
from schemas import catalogue

YEAR = 2025
RULES = catalogue.risk_rules("regulator_2025", YEAR)
PLAIN = catalogue.risk_rules("plain_changes", YEAR)
OTHERS = {"А": (86, 63), "Б": (900, 120)}
"""A school of 86 pupils with 63 below the minimum, beside the rest of the town: participants, below."""


def results(schools: dict[str, tuple[int, int]], year: int = YEAR, good: dict[str, int] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"year": year, "org_id": org, "municipality_id": "город", "procedure": "VPR", "subject": subject,
             "grade": 5, "n": n, "failed": failed, "good": (good or {}).get(org, 0), "completion_pct": 50.0,
             "completion_se": 1.0}
            for org, (n, failed) in schools.items() for subject in ("RU", "MA")
        ]
    )  # fmt: skip


def told(*years: pd.DataFrame, rules: dict[str, Any] = RULES) -> pd.DataFrame:
    """Reasons of the last year's categories."""
    known = procedures.procedures(pd.concat(years, ignore_index=True), rules)
    _, fired = categories.categories(Evidence(YEAR, rules, known, pd.Series(known["org_id"].unique())))
    return reasons.of_categories(fired, known[known["year"] == YEAR], rules)


def row(frame: pd.DataFrame, rule: str) -> Any:
    return frame[(frame["org_id"] == "А") & (frame["rule"] == rule)].iloc[0]


def test_a_far_higher_share_is_told_with_its_own_chance_not_the_thresholds() -> None:
    """63 of 86 where the town has 18,6 %: once in far more than a thousand, not «в 10 % случаев»."""
    reason = row(told(results(OTHERS)), "SHNOR_A")
    assert reason["tail_pct"] == pytest.approx(100 * stats.binom.sf(62, 86, 183 / 986), rel=1e-9)
    assert reason["text_ru"].endswith(
        "при доле муниципалитета 18,6 % столько же или больше бывает случайно менее чем в 0,1 % случаев."
    )


def test_two_years_running_are_the_chance_of_both() -> None:
    reason = row(
        told(results({"А": (20, 7), "Б": (200, 40)}, YEAR - 1), results({"А": (20, 8), "Б": (200, 40)})), "SHNOR_B"
    )
    both = stats.binom.sf(6, 20, 47 / 220) * stats.binom.sf(7, 20, 48 / 220)
    assert reason["tail_pct"] == pytest.approx(100 * both)
    assert "при долях муниципалитета этих лет в обоих столько же или больше" in reason["text_ru"]


@pytest.mark.parametrize(("before", "now"), [((100, 4), (100, 17)), ((30, 2), (60, 11))])
def test_a_rise_is_told_with_the_chance_of_this_rise(before: tuple[int, int], now: tuple[int, int]) -> None:
    reason = row(told(results({"А": before}, YEAR - 1), results({"А": now}), rules=PLAIN), "R3")
    assert reason["tail_pct"] == pytest.approx(100 * one_sided(now, before), rel=1e-9)
    assert f"бывает случайно {reasons.often(reason['tail_pct'])} случаев" in reason["text_ru"]


def test_a_fall_of_quality_is_told_with_the_chance_of_this_fall() -> None:
    reason = row(
        told(results({"А": (61, 1)}, YEAR - 1, {"А": 46}), results({"А": (63, 1)}, good={"А": 31}), rules=PLAIN), "R4"
    )  # fmt: skip
    assert reason["tail_pct"] == pytest.approx(100 * one_sided((61, 46), (63, 31)), rel=1e-9)
    assert "качество 49,2 % против 75,4 % год назад" in reason["text_ru"]
    assert "случайно в 0,1 % случаев" in reason["text_ru"]


def test_a_sure_rise_is_told_with_the_probability_that_it_is_true() -> None:
    """The column and the sentence tell one number; how often chance gives as much is another question."""
    reason = row(told(results({"А": (100, 4)}, YEAR - 1), results({"А": (100, 20)})), "R3")
    assert pd.isna(reason["tail_pct"])
    assert 80 <= reason["probability_pct"] <= 99
    assert reason["text_ru"].endswith(
        f"20 из 100 (20,0 %, 95 %-й интервал 13,3–28,9), год назад 4,0 %; с вероятностью "
        f"{reason['probability_pct']:.0f} % доля «2» действительно выросла не менее чем на 10 п.п."
    )


def test_a_sure_fall_is_told_beside_what_the_town_makes_one_expect() -> None:
    before = now = dict.fromkeys("АБВГДЕ", (100, 5))
    good = dict.fromkeys("БВГДЕ", 50) | {"А": 20}
    reason = row(told(results(before, YEAR - 1, dict.fromkeys("АБВГДЕ", 60)), results(now, good=good)), "R4")
    assert (
        "качество 20,0 % против 60,0 % год назад, с изменением по муниципалитету ожидалось 50,0 %" in reason["text_ru"]
    )
    assert reason["text_ru"].endswith(
        "с вероятностью более 99 % качество действительно упало сверх этого не менее чем на 10 п.п."
    )
    assert reason["value"] == pytest.approx(30, abs=0.2)


def one_sided(more: tuple[int, int], less: tuple[int, int]) -> float:
    """P of the pooled z test of two shares, each (of how many, how many): an account of statsmodels' own."""
    from statsmodels.stats.proportion import proportions_ztest

    counts, sizes = [more[1], less[1]], [more[0], less[0]]
    return float(proportions_ztest(counts, sizes, alternative="larger")[1])


def test_a_rule_that_compares_no_counts_tells_no_chance() -> None:
    _, fired = categories.categories(
        Evidence(YEAR, RULES, procedures.procedures(results(OTHERS), RULES), pd.Series(["А", "Б"]),
                 regulator=pd.DataFrame({"org_id": ["Б"], "indicator": ["индикатор"]}))
    )  # fmt: skip
    assert fired.loc[fired["rule"] == "R7", "tail_pct"].isna().all()
