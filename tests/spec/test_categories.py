"""ШНОР, зона риска and the back-test, as the tables of `methodology/` say; and what the tables cannot show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from msoko_pipeline.risk import backtest, categories, firing, procedures
from msoko_pipeline.risk.categories import Evidence
from schemas import catalogue
from tests.spec.tables import cells, load, table

YEAR = 2025
SPEC = load("categories")


def results(drawn: pd.DataFrame) -> pd.DataFrame:
    """Rows of results from a drawn table."""
    works = [catalogue.procedure(code) for code in drawn["процедура"]]
    return pd.DataFrame(
        {
            "year": drawn["год"].astype(int), "org_id": drawn["школа"], "municipality_id": "город",
            "procedure": [work[0] for work in works], "subject": [work[1] for work in works],
            "grade": [work[2] for work in works], "n": drawn["N"], "failed": drawn["«2»"], "good": drawn["«4–5»"],
            "completion_pct": drawn.get("выполнение", pd.Series(50.0, index=drawn.index)), "completion_se": 1.0,
        }
    )  # fmt: skip


def evidence(case: dict[str, Any]) -> Evidence:
    rules = catalogue.risk_rules(case.get("variant", "regulator_2025"), YEAR)
    told = procedures.procedures(results(table(case["given"])), rules)
    names = case.get("listed", told["org_id"].unique())
    return Evidence(
        YEAR, rules, told, pd.Series(names, dtype="object"),
        shnor_before=frozenset(case.get("shnor_before", ())), signs=frozenset(case.get("signs", ())),
        regulator=pd.DataFrame({"org_id": case.get("regulator", []), "indicator": "индикатор"}),
    )  # fmt: skip


@pytest.mark.parametrize("case", SPEC["cases"], ids=lambda case: case["title"])
def test_categories(case: dict[str, Any]) -> None:
    found, fired = categories.categories(evidence(case))
    answered = cells(found[["org_id", "category", "rules"]])
    assert answered == cells(table(case["gives"]))
    named = {(org, rule) for org, _, rules in answered if rules for rule in rules.split("; ")}
    assert set(fired[["org_id", "rule"]].itertuples(index=False, name=None)) == named


def test_every_rule_and_variant_has_a_case() -> None:
    answers = " ".join(case["gives"] for case in SPEC["cases"])
    rules = catalogue.risk_rules("regulator_2025", YEAR)
    assert [rule for rule in (*firing.SHNOR, *firing.ZONE) if rule not in answers] == []
    assert set(catalogue.risk_variants()) - {"regulator_2025"} <= {case.get("variant") for case in SPEC["cases"]}
    assert {*firing.SHNOR, *firing.ZONE} <= rules.keys()


def test_a_rule_that_is_switched_off_is_silent() -> None:
    case = next(case for case in SPEC["cases"] if case["title"].startswith("Доля «2» от 20"))
    known = evidence(case)
    off = Evidence(
        YEAR, {**known.rules, "R2": {**known.rules["R2"], "enabled": False}}, known.procedures, known.schools
    )
    found, fired = categories.categories(off)
    assert set(found["category"]) == {"none"}
    assert fired.empty


def test_a_fired_rule_tells_value_threshold_base_and_chance() -> None:
    known = evidence(SPEC["cases"][0])
    _, fired = categories.categories(known)
    row = fired[(fired["org_id"] == "А") & (fired["subject"] == "RU")].iloc[0]
    assert (row["value"], row["threshold"], row["basis_n"]) == (30, 30, 10)
    # 32 of 110 in the town failed Russian; 3 or more of 10 happen with the binomial's probability
    assert row["tail_pct"] == pytest.approx(100 * stats.binom.sf(2, 10, 32 / 110))


def test_thresholds_are_read_from_the_rules() -> None:
    known = evidence(SPEC["cases"][0])
    rules = {**known.rules, "low": {"from": 31}}
    told = procedures.procedures(results(table(SPEC["cases"][0]["given"])), rules)
    found, _ = categories.categories(Evidence(YEAR, rules, told, known.schools))
    assert found["category"].tolist() == ["none", "none"]


@pytest.mark.parametrize("n", [*range(1, 60), 100, 999])
def test_thirty_per_cent_is_exact_at_every_size(n: int) -> None:
    counts = np.arange(n + 1)
    exact = np.array([10 * int(k) >= 3 * n for k in counts])
    assert (procedures.at_or_above(counts, np.full(n + 1, n), 30) == exact).all()
    assert procedures.least_low(np.array([n]), 30)[0] == counts[exact].min()


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [("none", "shnor", "worse"), ("shnor", "risk_zone", "better"), ("none", "none", "same"), ("no_data", "shnor", None),
     ("shnor", "no_data", None), (None, "none", None)],
)  # fmt: skip
def test_movement(before: str | None, now: str, moved: str | None) -> None:
    answer = categories.movement(pd.Series([before], dtype="object"), pd.Series([now])).iloc[0]
    assert (answer if isinstance(answer, str) else None) == moved


@pytest.mark.parametrize("case", load("backtest")["cases"], ids=lambda case: case["title"])
def test_backtest(case: dict[str, Any]) -> None:
    names = {"школа": "org_id", "доля «2»": "fail_pct", "прогноз": "probability_pct"}
    drawn = table(case["given"]).rename(columns=names)
    chances = drawn[["org_id", "probability_pct"]] if "probability_pct" in drawn else None
    told = backtest.outcomes(
        drawn[["org_id", "прошлый год"]].rename(columns={"прошлый год": "category"}),
        drawn[["org_id", "этот год"]].rename(columns={"этот год": "category"}),
        drawn[["org_id", "fail_pct"]],
        chances,
    )
    found = backtest.score(told)
    counts = ["schools", "warned", "became_shnor", "hits", "false_alarms", "missed"]
    assert cells(found[["predictor", *counts, "precision_pct", "recall_pct"]]) == cells(table(case["gives"]))
    lift = found.set_index("predictor").loc["zone", "lift"]
    assert (None if np.isnan(lift) else lift) == case["lift"]
    if "chances" in case:
        answered = found[["predictor", "warnings_needed", "expected", "brier", "brier_base"]].round(6)
        assert cells(answered) == cells(table(case["chances"]))
