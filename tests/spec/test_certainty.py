"""How sure a category is, what other rules say, who would have left ШНОР by chance: against independent accounts."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from msoko_pipeline.risk import categories, certainty, exits, in_words, posterior, procedures, sensitivity
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.firing import fire
from schemas import catalogue

YEAR = 2025
RULES = catalogue.risk_rules("regulator_2025", YEAR)
LIMITS = RULES["certainty"]
VARIANTS = catalogue.risk_sensitivity()["variants"]
WORKS = [("VPR", "RU", 5), ("VPR", "MA", 5), ("VPR", "RU", 6), ("OGE", "MA", 9), ("VPR", "RU", 7), ("VPR", "MA", 8)]


def town(seed: int, schools: int = 20) -> pd.DataFrame:
    """Results of three years: schools of 6 to 80 participants, every third of them weak; some works not sat."""
    rng = np.random.default_rng(seed)
    rows = [
        (year, f"ш{school:02d}", "город", *work, rng.integers(6, 80), 0.35 if school % 3 == 0 else 0.1)
        for year, school, work in product((2023, 2024, YEAR), range(schools), WORKS)
        if rng.random() < 0.9
    ]
    told = pd.DataFrame(
        rows, columns=["year", "org_id", "municipality_id", "procedure", "subject", "grade", "n", "share"]
    )
    told["failed"] = rng.binomial(told["n"], told["share"])
    told["good"] = rng.binomial(told["n"] - told["failed"], 0.5)
    return told.drop(columns="share").assign(completion_pct=rng.uniform(20, 80, len(told)), completion_se=1.0)


def evidence(results: pd.DataFrame, rules: dict[str, Any] = RULES, shnor_before: tuple[str, ...] = ()) -> Evidence:
    told = certainty.with_posteriors(procedures.procedures(results, rules), rules)
    also = frozenset(sensitivity.procedures_of(VARIANTS, YEAR))
    return Evidence(
        YEAR, rules, told, pd.Series(told["org_id"].unique()), frozenset(shnor_before), frozenset({"ш01", "ш02"}),
        pd.DataFrame({"org_id": ["ш04"], "indicator": ["индикатор"]}), also,
    )  # fmt: skip


def counts(n: list[int], failed: list[int], **more: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"year": YEAR, "municipality_id": "город", "procedure": "VPR", "subject": "RU", "grade": 5, "n": n,
         "failed": failed, "org_id": [f"ш{place}" for place in range(len(n))], **more}
    )  # fmt: skip


def test_the_prior_has_the_towns_share_and_weighs_as_its_schools_differ() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(20, 100, 3000)
    told = counts(n.tolist(), rng.binomial(n, rng.beta(0.2 * 20, 0.8 * 20, 3000)).tolist())
    a, b = posterior.prior(told, "failed", LIMITS)
    assert (a / (a + b)).iloc[0] == pytest.approx(0.2, abs=0.01)
    assert (a + b).iloc[0] == pytest.approx(20, rel=0.1)


def test_the_priors_weight_has_bounds_and_a_stated_value_where_schools_are_few() -> None:
    least, most = LIMITS["strength_between"]
    alike, apart, few = counts([50] * 8, [10] * 8), counts([50] * 8, [0, 50] * 4), counts([50] * 2, [10, 40])
    for told, strength in ((alike, most), (apart, least), (few, LIMITS["strength"])):
        a, b = posterior.prior(told, "failed", LIMITS)
        assert (a + b).tolist() == pytest.approx([strength] * len(told))


def test_a_small_municipality_takes_the_prior_of_all() -> None:
    large = counts([50] * 6, [5, 10, 20, 5, 10, 10])
    small = counts([50], [40], municipality_id="посёлок").assign(org_id="ш9")
    a, b = posterior.prior(pd.concat([large, small], ignore_index=True), "failed", LIMITS)
    assert a.iloc[-1] / (a + b).iloc[-1] == pytest.approx(100.5 / 351)


@pytest.mark.parametrize(("delta", "error", "slope"), [(0.0, 0.0, 1.0), (0.4, 0.3, 1.0), (-0.5, 0.2, 0.6)])
def test_the_probability_of_a_rise_is_that_of_drawn_shares(delta: float, error: float, slope: float) -> None:
    rng = np.random.default_rng(2)
    logits = slope * stats.logistic.ppf(rng.beta(4, 20, 400_000)) + delta + error * rng.normal(size=400_000)
    drawn = rng.beta(12, 18, 400_000) >= stats.logistic.cdf(logits) + 0.1
    found = posterior.rose([12], [18], *posterior.moved([4], [20], [delta], [error], [slope]), 0.1)
    assert found[0] == pytest.approx(drawn.mean(), abs=0.01)


def test_the_towns_change_is_that_of_the_other_schools_that_sat_both_years() -> None:
    both = counts([100] * 6, [30] * 5 + [90], n_1=100, failed_1=[20] * 5 + [10])
    delta, error = posterior.change(both, "failed", "failed_1", 4)
    assert delta[-1] == pytest.approx(stats.logistic.ppf(150.5 / 501) - stats.logistic.ppf(100.5 / 501))
    assert delta[0] > delta[-1], "the last one's rise is a part of the others' change"
    assert (error > 0).all()
    nothing, surely = posterior.change(both.head(4), "failed", "failed_1", 4)
    assert nothing.tolist() == surely.tolist() == [0] * 4


@pytest.mark.parametrize("mode", ["any", "both"])
@pytest.mark.parametrize(("several", "years"), [(2, 1), (3, 1), (2, 2)])
def test_the_probability_of_shnor_is_the_sum_over_all_that_may_be(mode: str, several: int, years: int) -> None:
    now, before = np.array([0.3, 0.8, 0.5]), np.array([0.6, 0.0, 0.5])
    rules = {"SHNOR_A": {"enabled": True, "procedures_from": several, "years": years}, "SHNOR_B": {"enabled": True},
             "mode": mode}  # fmt: skip
    total = 0.0
    for is_low in product((0, 1), repeat=6):
        low, low_1 = np.array(is_low[:3]), np.array(is_low[3:])
        chance = np.where(low, now, 1 - now).prod() * np.where(low_1, before, 1 - before).prod()
        of_a = low.sum() + (low_1.sum() if years > 1 else 0) >= several
        of_b = bool((low & low_1).any())
        total += chance * ((of_a and of_b) if mode == "both" else (of_a or of_b))
    found = posterior.shnor(pd.Series(["ш"] * 3), now, before, rules)
    assert found.to_dict() == {"ш": pytest.approx(total)}


def test_a_rule_that_is_off_makes_no_shnor_probable() -> None:
    off = {"SHNOR_A": {"enabled": False, "procedures_from": 2, "years": 1}, "SHNOR_B": {"enabled": True}, "mode": "any"}
    found = posterior.shnor(["ш"] * 3, np.ones(3), np.zeros(3), off)
    assert found.tolist() == [0]
    assert posterior.shnor(["ш"] * 3, np.ones(3), np.zeros(3), off | {"SHNOR_B": {"enabled": False}}).tolist() == [0]


def test_no_school_is_told_of_a_rise_that_nobody_sees() -> None:
    """Six of ten, pulled to a town of 10 %, would have risen to 59 of 100: what is seen has not risen at all."""
    years = [counts([100] * 9 + [n], [10] * 9 + [failed]).assign(year=year) for year, n, failed in
             ((YEAR - 1, 10, 6), (YEAR, 100, 59))]  # fmt: skip
    results = pd.concat(years, ignore_index=True).assign(good=10, completion_pct=50.0, completion_se=1.0)
    known = evidence(results)
    changed = known.changes.set_index("org_id").loc["ш9"]
    assert changed["rise"] == pytest.approx(-1)
    assert pd.isna(changed["rise_probability"])
    assert not fire(known.pairs, RULES).works["R3"].any()


def test_a_category_far_from_the_threshold_is_sure_and_one_at_it_is_not() -> None:
    results = pd.concat(
        [counts([100] * 4, failed).assign(subject=subject)
         for subject, failed in (("RU", [60, 31, 5, 36]), ("MA", [60, 31, 5, 29]))], ignore_index=True,
    ).assign(good=10, completion_pct=50.0, completion_se=1.0)  # fmt: skip
    known = evidence(results)
    chance = certainty.shnor_pct(known.pairs, fire(known.pairs, RULES), RULES)
    category = categories.categories(known)[0].set_index("org_id")["category"]
    assert category.to_dict() == {"ш0": "shnor", "ш1": "shnor", "ш2": "none", "ш3": "risk_zone"}
    assert chance["ш0"] > 99 > 60 > chance["ш1"] > 20 < chance["ш3"] < 60 > 1 > chance["ш2"]
    border = certainty.is_borderline(category.reindex(chance.index), chance, RULES)
    assert border.to_dict() == {"ш0": False, "ш1": True, "ш2": False, "ш3": True}


@pytest.mark.parametrize("seed", range(3))
def test_sensitivity_says_what_the_categories_would_be(seed: int) -> None:
    """Each variant beside the categories made with its rules in force."""
    results = town(seed)
    known = evidence(results, shnor_before=("ш00", "ш07"))
    official = categories.categories(known)[0].set_index("org_id")["category"]
    found = sensitivity.sensitivity(known, VARIANTS, official)
    assert set(found["variant"]) == set(VARIANTS)
    for variant, told in VARIANTS.items():
        like = catalogue.risk_rules(told["like"], YEAR) if "like" in told else RULES
        rules = sensitivity.merged(like, told.get("rules", {}))
        alone = evidence(results, rules, ("ш00", "ш07"))
        expected = categories.categories(alone)[0].set_index("org_id")["category"]
        given = found[found["variant"] == variant].set_index("org_id")
        assert given["category"].to_dict() == expected.reindex(given.index).to_dict(), variant
        chance = certainty.shnor_pct(alone.pairs, fire(alone.pairs, rules), rules)
        assert given["probability_pct"].dropna().to_dict() == pytest.approx(chance.to_dict()), variant
        assert (given["is_other"] == (given["category"] != official.reindex(given.index))).all()
    assert found["probability_pct"].dropna().between(0, 100).all()
    assert exits.exit_pct(known).between(0, 100).all()
    assert found.loc[found["variant"] == "official", "is_other"].eq(False).all()
    assert found["is_other"].any()


def test_every_variant_of_the_settings_is_tried_or_concerns_the_zone_alone() -> None:
    tried = {told["like"] for told in VARIANTS.values() if "like" in told}
    assert set(catalogue.risk_variants()) == tried | {"regulator_2025", "plain_changes"}


def test_other_pupils_keep_what_the_schools_of_the_two_years_share() -> None:
    rng = np.random.default_rng(5)
    place, limits = rng.normal(0, 0.08, 4000), {**LIMITS, "persistence_pairs": 0}
    shares = (0.3 + place + rng.normal(0, 0.05, 4000), 0.3 + place + rng.normal(0, 0.05, 4000))
    told = counts([60] * 4000, [0] * 4000).assign(n_1=60)
    told["failed"], told["failed_1"] = (rng.binomial(60, share.clip(0, 1)) for share in shares)
    kept, spread = exits.persistence(told, limits)
    rho = 0.08**2 / (0.08**2 + 0.05**2)
    assert kept == pytest.approx(rho, abs=0.05)
    assert spread == pytest.approx(np.sqrt((1 - rho**2) * (0.08**2 + 0.05**2)) / 0.21, abs=0.05)
    usual = exits.persistence(told.head(1), LIMITS)
    assert usual == (LIMITS["persistence"], LIMITS["other_pupils"])


def test_a_school_at_the_threshold_leaves_by_chance_and_one_far_above_stays() -> None:
    years = []
    for year in (YEAR - 1, YEAR):
        for subject in ("RU", "MA"):
            failed = [80, 31, 5, 10, 8, 6, 12]
            years.append(counts([100] * 7, failed).assign(year=year, subject=subject))
    results = pd.concat(years, ignore_index=True).assign(good=10, completion_pct=50.0, completion_se=1.0)
    chance = exits.exit_pct(evidence(results, shnor_before=("ш0", "ш1")))
    assert set(chance.index) == {"ш0", "ш1"}
    assert chance["ш0"] < 10 < 30 < chance["ш1"] < 90


@pytest.mark.parametrize(
    ("chance", "left", "expected", "said"),
    [([50.0] * 4, 2, (2.0, 0, 4), "столько бывает и случайно"), ([5.0] * 4, 3, (0.2, 0, 1), "больше, чем бывает"),
     ([99.0] * 4, 0, (3.96, 3, 4), "меньше, чем бывает")],
)  # fmt: skip
def test_the_exits_of_a_town_stand_beside_the_expected_ones(
    chance: list[float], left: int, expected: tuple[float, int, int], said: str
) -> None:
    """The interval is that of the number of independent events: scipy's binomial where all are alike."""
    schools = pd.DataFrame(
        {
            "previous_category": "shnor",
            "category": ["none"] * left + ["shnor"] * (4 - left),
            "exit_by_chance_pct": chance,
        }
    )
    nobody = pd.DataFrame({"previous_category": ["shnor"], "category": ["no_data"], "exit_by_chance_pct": [np.nan]})
    row = exits.of_unit(pd.concat([schools, nobody], ignore_index=True), "municipality", "город").iloc[0]
    assert (row["shnor_before"], row["judged"], row["left_shnor"]) == (5, 4, left)
    assert (row["expected_left"], row["expected_low"], row["expected_high"]) == pytest.approx(expected)
    assert row["expected_high"] == stats.binom.ppf(0.975, 4, chance[0] / 100)
    text = in_words.movement(row)
    assert said in text
    assert f"вышли {left}" in text
    assert "о 1 нет данных" in text


def test_nobody_was_shnor_and_there_is_no_row() -> None:
    none = pd.DataFrame({"previous_category": ["none"], "category": ["none"], "exit_by_chance_pct": [np.nan]})
    assert exits.of_unit(none, "municipality", "город").empty


def test_the_border_is_said_in_words_with_the_variants_that_disagree() -> None:
    schools = pd.DataFrame(
        {"org_id": ["а", "б", "в", "г"], "category": ["shnor", "shnor", "none", "none"], "judged_procedures": 4,
         "shnor_probability_pct": [97.0, 62.0, 35.0, 1.0]}
    )  # fmt: skip
    schools["is_borderline"] = certainty.is_borderline(schools["category"], schools["shnor_probability_pct"], RULES)
    others = pd.DataFrame(
        [(org, variant, title, category)
         for variant, title in (("official", "Правила в силе"), ("low_33", "Порог 33 %"))
         for org, category in zip("абвг", ("shnor", "risk_zone", "none", "none"), strict=True)],
        columns=["org_id", "variant", "title_ru", "category"],
    )  # fmt: skip
    text = in_words.of_certainty(schools, others, RULES).set_index("org_id")["text_ru"]
    assert set(text.index) == {"а", "б", "в"}
    assert text["а"].startswith(
        "Уверенно: истинные доли школы отвечают условиям ШНОР с вероятностью 97 %; так же по всем"
    )
    assert text["б"] == (
        "На границе: истинные доли школы отвечают условиям ШНОР с вероятностью 62 % (уверенно — от 80 %); не ШНОР по 1 "
        "из 1 других вариантов правил (порог 33 %)."
    )
    assert text["в"].startswith(
        "На границе: школа не ШНОР, но истинные доли школы отвечают условиям ШНОР с вероятностью 35 %"
    )
