"""Value added from ОГЭ to ЕГЭ: one school that adds is found, others are not; who is not known is not judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.value_added import RELIABILITIES, added, leads, town
from msoko_pipeline.indicators.gia import value_added, value_added_steps
from schemas import catalogue

RULES = catalogue.value_added(2026)
LARGE, SMALL = (50, 110), (25, 60)  # pupils of a school who stay, about
SEEDS = range(9000, 9040)  # none of those whose measurement the methodology page shows


@pytest.mark.parametrize("reliability", RELIABILITIES)
@pytest.mark.parametrize(("schools", "pupils", "seeds"), [(12, LARGE, 40), (12, SMALL, 40), (60, SMALL, 10)])
def test_where_no_school_adds_anything_hardly_a_town_has_a_lead(
    reliability: float, schools: int, pupils: tuple[int, int], seeds: int
) -> None:
    """However reliable ОГЭ is within the range, and though those who stay were chosen by it."""
    named = [set(leads(seed, schools, pupils, reliability)) != {"none"} for seed in SEEDS[:seeds]]
    assert np.mean(named) <= 0.05


def test_an_earlier_exam_that_is_thought_too_reliable_would_name_the_abler_intake() -> None:
    """The same towns by one reliability alone: so the range is needed."""
    sure: dict[str, Any] = RULES | {"reliability": 0.95, "reliability_range": [0.95, 0.95]}
    found = [value_added.of_pupils(town(seed, 12, LARGE, 0.7), sure)["lead"] for seed in SEEDS]
    assert np.mean([(told != "none").any() for told in found]) > 0.2


def test_a_mean_of_those_who_stay_alone_would_name_schools_that_choose() -> None:
    """Those who stay were chosen by chance too, more of it where the intake is weaker."""
    found = [value_added.of_pupils(town(seed, 12, LARGE, 0.7).dropna(), RULES)["lead"] for seed in SEEDS]
    assert np.mean([(told != "none").any() for told in found]) > 0.05


@pytest.mark.parametrize("reliability", RELIABILITIES)
def test_a_school_that_adds_half_a_deviation_is_found(reliability: float) -> None:
    told = [leads(seed, 12, LARGE, reliability, added(seed)) for seed in SEEDS]
    hits = [of[0] == ("above" if added(seed) > 0 else "below") for seed, of in zip(SEEDS, told, strict=True)]
    assert np.mean(hits) >= 0.6
    assert np.mean([set(of[1:]) != {"none"} for of in told]) <= 0.1


def test_the_value_is_shrunken_and_its_interval_covers_the_truth() -> None:
    found = [value_added.of_pupils(town(seed, 12, LARGE, 0.85, 0.5), RULES).set_index("org_id") for seed in SEEDS]
    first = pd.concat([told.iloc[[0]] for told in found])
    others = pd.concat([told.iloc[1:] for told in found])
    assert 0.25 < first["value"].mean() < 0.5, "half a deviation, pulled to the middle"
    assert ((others["ci_low"] <= 0) & (others["ci_high"] >= 0)).mean() >= 0.95
    assert ((first["ci_low"] <= first["value"]) & (first["value"] <= first["ci_high"])).all()


def test_few_schools_and_equal_scores_are_not_judged() -> None:
    pupils = town(9001, 12, LARGE, 0.85, 0.5)
    assert value_added.of_pupils(pupils[pupils["org_id"] < "edu000004"], RULES)["value"].isna().all()
    assert value_added.of_pupils(pupils.assign(earlier=1.0), RULES)["lead"].isna().all()
    assert value_added.of_pupils(pupils.assign(later=pupils["earlier"]), RULES)["lead"].ne("above").all()
    few = pupils.dropna().groupby("org_id").head(RULES["least"] - 1)
    assert value_added.of_pupils(few, RULES).empty


def exams(pupils: pd.DataFrame) -> pd.DataFrame:
    """The same pupils as first attempts of ОГЭ 2024 and ЕГЭ 2026."""
    key = [f"{place:016x}" for place in range(len(pupils))]
    usual = {"org_id": pupils["org_id"], "pupil_key": key, "subject": "RU"}
    score = {name: (100 * (pupils[name] - pupils[name].min())).round() for name in ("earlier", "later")}
    before = pd.DataFrame(
        usual | {"year": 2024, "procedure": "OGE", "primary_score": score["earlier"], "test_score": None}
    )
    after = pd.DataFrame(
        usual | {"year": 2026, "procedure": "EGE", "primary_score": None, "test_score": score["later"]}
    ).dropna(subset="test_score")
    numbers = {"primary_score": "Int64", "test_score": "Int64"}
    return pd.concat([before.astype(numbers), after.astype(numbers)], ignore_index=True)


def of_year(rows: pd.DataFrame) -> pd.DataFrame:
    home = pd.Series("town", index=rows["org_id"].unique())
    return value_added_steps.of_year(rows, 2026, RULES, home, "municipality").set_index("org_id")


def test_pupils_are_known_within_their_school_only() -> None:
    rows = exams(town(9002, 12, LARGE, 0.85, 1.0))
    whole = of_year(rows)
    assert (whole["n"] == whole["takers"]).all()
    assert whole.loc["edu000000", "lead"] == "above"
    assert whole["text_ru"].str.contains("не место среди школ").all()
    assert whole.loc["edu000000", "text_ru"].startswith(
        f"Сдавали здесь же ОГЭ 2024 года (Русский язык) {whole.loc['edu000000', 'n']} из"
    )
    assert whole.loc["edu000000", "value_points"] / whole.loc["edu000000", "value"] == pytest.approx(
        rows.loc[rows["year"] == 2026, "test_score"].astype(float).std()
    )
    moved = rows.copy()
    moved.loc[(moved["year"] == 2024) & (moved["org_id"] == "edu000000"), "org_id"] = "edu000001"
    assert "edu000000" not in of_year(moved).index


def test_a_school_most_of_whose_pupils_came_from_elsewhere_is_not_judged() -> None:
    rows = exams(town(9002, 12, LARGE, 0.85))
    of_school = rows.index[(rows["year"] == 2024) & (rows["org_id"] == "edu000000")]
    told = of_year(rows.drop(index=of_school[: int(len(of_school) * 0.6)])).loc["edu000000"]
    assert (told["not_judged"], pd.isna(told["value"])) == ("few_matched", True)
    assert "Судить нельзя" in told["text_ru"]


def test_namesakes_of_a_school_are_left_out() -> None:
    rows = exams(town(9002, 12, LARGE, 0.85))
    stayed = rows["pupil_key"].duplicated(keep=False) & (rows["org_id"] == "edu000000")
    whole = of_year(rows).loc["edu000000"]
    for year, takers in ((2024, whole["takers"]), (2026, whole["takers"] + 1)):
        twice = rows[stayed & (rows["year"] == year)].iloc[[0]]
        found = of_year(pd.concat([rows, twice], ignore_index=True)).loc["edu000000"]
        assert (found["n"], found["takers"]) == (whole["n"] - 1, takers)


def test_basic_mathematics_is_foretold_by_the_mathematics_of_grade_nine() -> None:
    rows = exams(town(9002, 12, LARGE, 0.85))
    rows["subject"] = np.where(rows["year"] == 2024, "MA", "MB")
    rows.loc[rows["year"] == 2026, "primary_score"] = rows["test_score"]
    rows["test_score"] = pd.array([None] * len(rows), dtype="Int64")
    assert set(of_year(rows)["subject_from"]) == {"MA"}
