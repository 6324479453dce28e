"""The signs of non-objectivity, as the tables of `methodology/` say, and held against scipy, statsmodels and a
published analysis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from msoko_pipeline.objectivity import cohorts, heaping, journal, means, outside, status
from msoko_pipeline.objectivity.rows import KEY
from schemas import catalogue
from tests.real import SHARED
from tests.spec.tables import load, table

YEAR = 2025
DECLARED = catalogue.signs(YEAR)["signs"]
SECTIONS = {section["sign"]: section for section in load("signs")["sections"]}
NEW_MEXICO = SHARED / "real" / "anomaly_nm" / "math.csv"


def works(count: int, *, subject: str = "MA", grade: int = 4, procedure: str = "VPR") -> pd.DataFrame:
    """KEY of so many schools in one work of 2025."""
    return pd.DataFrame(
        {
            "org_id": [f"s{n:02d}" for n in range(count)], "year": YEAR, "procedure": procedure, "subject": subject,
            "grade": grade,
        }
    )  # fmt: skip


def answers(found: pd.DataFrame) -> list[str | None]:
    return [None if pd.isna(flag) else "да" if flag else "нет" for flag in found["flagged"]]


def drawn(sign: str) -> pd.DataFrame:
    return table(SECTIONS[sign]["cases"])


def test_mean_inflated() -> None:
    told = drawn("mean_inflated")
    columns = {"m": "n", "среднее": "mean", "s": "sd", "n": "ref_n", "X̄": "ref_mean", "S": "ref_sd"}
    schools = works(len(told)).assign(**{ours: told[theirs].astype(float) for theirs, ours in columns.items()})
    found = means.mean_inflated(schools.assign(reference="region"), DECLARED["mean_inflated"])
    assert answers(found) == told["признак"].tolist()
    for name, column in (("value", "граница школы"), ("threshold", "граница региона")):
        assert found[name].to_numpy() == pytest.approx(told[column].to_numpy(float), abs=5e-4, nan_ok=True)
    # the school's tail is Student's
    assert found["p_value"].iloc[0] == pytest.approx(stats.t.sf((14 - 12) / (3 / 5), 24))


def test_the_methodology_itself_sets_no_least_number() -> None:
    """Reproduction without our own bound: two pupils with equal scores above the region are flagged."""
    school = works(1).assign(n=2, mean=20.0, sd=0.0, ref_n=2000, ref_mean=12.0, ref_sd=4.0, reference="region")
    assert answers(means.mean_inflated(school, DECLARED["mean_inflated"] | {"least": 2})) == ["да"]
    assert answers(means.mean_inflated(school, DECLARED["mean_inflated"])) == [None]


def test_how_often_a_school_like_the_region_is_flagged() -> None:
    """chance_pct against a simulation: the smaller the school, the oftener (Student's tails)."""
    rng = np.random.default_rng(1)
    for m in (5, 25, 100):
        pupils = rng.normal(12, 4, (20_000, m))
        schools = works(20_000).assign(n=m, mean=pupils.mean(axis=1), sd=pupils.std(axis=1, ddof=1))
        schools = schools.assign(ref_n=5000, ref_mean=12.0, ref_sd=4.0, reference="region")
        found = means.mean_inflated(schools, DECLARED["mean_inflated"])
        assert found["flagged"].mean() * 100 == pytest.approx(found["chance_pct"].mean(), abs=0.5)


def pairs_of(marks: str, scores: str) -> pd.DataFrame:
    one = works(1).assign(participants=1)
    told = pd.DataFrame({"journal": map(int, marks.split()), "primary_score": map(int, scores.split())})
    return (
        told.merge(one, how="cross").groupby([*KEY, "journal", "primary_score"], as_index=False)["participants"].sum()
    )


def test_journal_mismatch() -> None:
    for row in drawn("journal_mismatch").itertuples(index=False):
        counts = pairs_of(str(row.отметки), str(row.баллы))
        rho = journal.spearman(counts).iloc[0]
        assert rho["printed"] == pytest.approx(row.rs, abs=5e-4), row
        corrected = row[3]
        assert rho["corrected"] == pytest.approx(corrected, abs=5e-4, nan_ok=True), row
        assert answers(journal.journal_mismatch(counts, DECLARED["journal_mismatch"]))[0] == row.признак


def test_golden_check_9_reversed_marks_without_ties_give_minus_one() -> None:
    assert journal.spearman(pairs_of("5 4 3 2", "1 2 3 4")).iloc[0]["printed"] == -1


def test_the_corrected_coefficient_is_scipys() -> None:
    rng = np.random.default_rng(7)
    marks, scores = rng.integers(2, 6, 300), rng.integers(0, 21, 300)
    counts = pairs_of(" ".join(map(str, marks)), " ".join(map(str, scores)))
    found = journal.spearman(counts).iloc[0]
    assert found["corrected"] == pytest.approx(stats.spearmanr(marks, scores).statistic, abs=1e-12)
    d2 = ((stats.rankdata(marks) - stats.rankdata(scores)) ** 2).sum()
    assert found["printed"] == pytest.approx(1 - 6 * d2 / (300 * (300**2 - 1)), abs=1e-12)


def test_the_corrected_coefficient_is_an_option() -> None:
    counts = pairs_of("3 3 3 3 3", "1 2 3 4 5")
    corrected = journal.journal_mismatch(counts, DECLARED["journal_mismatch"] | {"ties": "corrected"})
    assert answers(corrected) == [None], "all marks are equal: there is no coefficient"


def test_journal_gap() -> None:
    told = drawn("journal_gap")
    schools = works(len(told)).assign(
        known=told["сравнено"], lower=told["понизили"], higher=0.0, ref_known=told["регион сравнено"],
        ref_lower=told["регион понизили"], ref_higher=0.0, journal_reference="region",
    )  # fmt: skip
    found = journal.journal_gap("journal_gap", schools, DECLARED["journal_gap"])
    assert answers(found) == told["признак"].tolist()
    assert found["value"].tolist() == pytest.approx(told["разница"].tolist())
    tails = [
        stats.binomtest(int(k), int(n), 0.4, "greater").pvalue
        for k, n in zip(told["понизили"], told["сравнено"], strict=True)
    ]
    assert found["p_value"].tolist() == pytest.approx(tails)


def test_recheck() -> None:
    for row in drawn("recheck").itertuples(index=False):
        count, changed = int(row.перепроверено), int(row.изменено)
        one = works(1).merge(pd.DataFrame({"mark_before": [4] * count}), how="cross")
        told = one.assign(mark_after=[3] * changed + [4] * (count - changed), primary_before=pd.NA, primary_after=pd.NA)
        found = outside.recheck(told.convert_dtypes(), DECLARED["recheck"])
        assert (answers(found), found["value"].tolist()) == ([row.признак], [row.доля]), row


def test_recheck_by_scores_where_no_marks_are_told() -> None:
    one = works(1).merge(pd.DataFrame({"primary_before": [10] * 5, "primary_after": [10, 10, 10, 10, 9]}), how="cross")
    found = outside.recheck(one.assign(mark_before=pd.NA, mark_after=pd.NA).convert_dtypes(), DECLARED["recheck"])
    assert (answers(found), found["value"].tolist()) == (["да"], [20])


def test_medals() -> None:
    told = drawn("medals")
    names = {"степень": "medal", "русский": "ege_ru", "другой": "ege_other", "база": "math_base_mark"}
    people = works(len(told))[["org_id", "year"]].assign(**{ours: told[theirs] for theirs, ours in names.items()})
    found = outside.medals(people.convert_dtypes(), DECLARED["medals"])
    assert answers(found) == told["признак"].tolist()
    together = outside.medals(people.assign(org_id="s").convert_dtypes(), DECLARED["medals"])
    assert together[["value", "basis_n"]].to_numpy().tolist() == [[50, 6]]


def test_official_list_is_taken_in_as_it_is() -> None:
    listed = pd.DataFrame(
        {"year": YEAR, "org_id": ["a", "b"], "ru4": [True, False], "ma4": False, "ru5": False, "ma5": [True, False]}
    )
    found = outside.official_list(listed.convert_dtypes(), DECLARED["official_list"])
    flagged = found[found["flagged"].astype(bool)]
    assert flagged[["org_id", "subject", "grade"]].to_numpy().tolist() == [["a", "RU", 4], ["a", "MA", 5]]
    assert len(found) == 8


@pytest.mark.parametrize("case", load("cohorts")["cases"], ids=lambda case: case["title"])
def test_cohorts(case: dict[str, Any]) -> None:
    told = table(case["given"])
    measures = {"sd": 4.0, "max_primary": 20, "peers": "municipality", "peer_unit": "город"}
    now = pd.DataFrame({"org_id": told["школа"], "n": told["N сейчас"], "completion": told["выполнение сейчас"]})
    before = pd.DataFrame(
        {"org_id": told["школа"], "n": told["N год назад"], "completion": told["выполнение год назад"]}
    )
    work = {"procedure": "VPR", "subject": "MA"}
    schools = pd.concat(
        [
            now.assign(year=YEAR, grade=5, **work, **measures),
            before.dropna().assign(year=YEAR - 1, grade=4, **work, **measures),
        ]
    )
    paired = cohorts.pairs(schools)
    for sign, named in (("cohort_drop", case["drop"]), ("cohort_rise", case["rise"])):
        found = cohorts.cohort_change(sign, paired, DECLARED[sign])
        assert found.loc[found["flagged"].fillna(False).astype(bool), "org_id"].tolist() == named
        assert found.loc[found["flagged"].isna(), "org_id"].tolist() == case.get("unjudged", [])


def test_the_regression_of_the_published_analysis() -> None:
    """«Cheating our children» (2012), New Mexico, 20 groups of classes: residuals and flags as published."""
    if not NEW_MEXICO.exists():
        pytest.skip("опубликованного анализа рядом с проектом нет")
    published = pd.read_csv(NEW_MEXICO)
    assert len(published) == 4498
    for _, part in published.groupby(["test_year", "subject", "grade"]):
        arrays = (part[name].to_numpy(float) for name in ("ss1", "ss2", "n1", "n2"))
        found = cohorts.regression(*arrays)
        assert found["predicted"].to_numpy() == pytest.approx(part["predicted"].to_numpy(), abs=5.1e-6)  # 5 decimals
        assert found["resid_z"].to_numpy() == pytest.approx(part["resid_z"].to_numpy(), abs=1e-6)
        assert found["resid_t"].to_numpy() == pytest.approx(part["resid_t"].to_numpy(), abs=1e-6)
        assert found["p_value"].to_numpy() == pytest.approx(part["tprob"].to_numpy(), abs=1e-7)
        assert (found["p_value"] < 0.05).astype(int).tolist() == part["flagged_t95"].tolist()


def test_the_regression_is_statsmodels() -> None:
    rng = np.random.default_rng(3)
    first, n1, n2 = rng.normal(60, 8, 40), rng.integers(10, 90, 40), rng.integers(10, 90, 40)
    second = 10 + 0.8 * first + rng.normal(0, 3, 40)
    found = cohorts.regression(first, second, n1, n2)
    weights = n1 + n2
    fitted = sm.WLS(second, sm.add_constant(first), weights=weights).fit()
    root = np.sqrt(weights)
    scaled = sm.OLS(second * root, sm.add_constant(first) * root[:, None]).fit().get_influence()
    assert found["predicted"].to_numpy() == pytest.approx(fitted.fittedvalues, abs=1e-9)
    assert found["resid_z"].to_numpy() == pytest.approx(scaled.resid_studentized_internal, abs=1e-9)
    assert found["resid_t"].to_numpy() == pytest.approx(scaled.resid_studentized_external, abs=1e-9)


def town_of_pairs(count: int, n: int, jump: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    first = rng.normal(60, 6, count)
    second = first + rng.normal(0, 2, count)
    second[0] += jump
    base = works(count, grade=5).assign(peers="municipality", peer_unit="город", n=n, n1=n)
    return base.assign(completion=second, completion_1=first, se_1=2.0, se_2=2.0)


def test_cohort_regression_names_the_one_that_jumped() -> None:
    told = DECLARED["cohort_rise_regression"]
    found = cohorts.cohort_regression("cohort_rise_regression", town_of_pairs(20, 50, jump=15), told)
    assert found.loc[found["flagged"].astype(bool), "org_id"].tolist() == ["s00"]
    down = cohorts.cohort_regression(
        "cohort_drop_regression", town_of_pairs(20, 50, jump=15), DECLARED["cohort_drop_regression"]
    )
    assert not down["flagged"].astype(bool).any()
    plain = cohorts.cohort_regression(
        "cohort_rise_regression", town_of_pairs(20, 50, jump=15), told | {"correction": "none"}
    )
    assert (plain["p_adjusted"] == plain["p_value"]).all()
    assert (found["p_adjusted"] >= found["p_value"]).all()


@pytest.mark.parametrize(("count", "n"), [(9, 50), (20, 9)])
def test_cohort_regression_needs_schools_and_pupils(count: int, n: int) -> None:
    assert cohorts.cohort_regression(
        "cohort_rise_regression", town_of_pairs(count, n), DECLARED["cohort_rise_regression"]
    ).empty


def test_vpr_against_the_exam_a_year_later() -> None:
    """Ten schools keep their places; the best at ВПР 8 comes last at ОГЭ."""
    place = np.arange(11.0)
    common = {"n": 40, "peers": "municipality", "peer_unit": "город"}
    vpr = works(11, grade=8).assign(year=YEAR - 1, completion=40 + place, **common)
    oge = works(11, grade=9, procedure="OGE").assign(completion=[*(40 + place[:-1]), 30.0], **common)
    found = cohorts.vpr_oge_gap(pd.concat([vpr, oge]), DECLARED["vpr_oge_gap"])
    assert found.loc[found["flagged"].astype(bool), "org_id"].tolist() == ["s10"]
    assert found.set_index("org_id").loc["s10", "value"] == pytest.approx(100 * 10 / 11)
    few = cohorts.vpr_oge_gap(pd.concat([vpr, oge[:4]]), DECLARED["vpr_oge_gap"])
    assert few["flagged"].isna().all()


def spread(probabilities: np.ndarray, schools: int, n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(n, probabilities, schools).astype(float)


REGION = stats.binom.pmf(np.arange(21), 20, 0.5) * 0.5 + stats.norm.pdf(np.arange(21), 11, 4) * 0.5
REGION /= REGION.sum()


def test_the_tilt_meets_the_schools_mean_and_spread() -> None:
    counts = spread(REGION, 30, 4000, 1)
    density = heaping.tilted(np.tile(REGION * 1e6, (30, 1)), counts)
    scores = np.arange(21)
    assert density.sum(axis=1) == pytest.approx(np.ones(30))
    assert density @ scores == pytest.approx(counts @ scores / 4000, abs=2e-3)
    assert density @ scores**2 == pytest.approx(counts @ scores**2 / 4000, abs=5e-2)


def test_heaping_of_the_whole_region_is_not_the_schools() -> None:
    """The region lifts half of those one point below the bound; a school that does the same is not flagged, one that
    does it beyond the region is."""
    heaped = REGION.copy()
    moved = heaped[9] / 2
    heaped[9], heaped[10] = heaped[9] - moved, heaped[10] + moved
    more = heaped.copy()
    more[[8, 9]] = 0
    more[10] += heaped[[8, 9]].sum()
    reference = np.tile(heaped * 20_000, (200, 1))
    same = heaping.at_bound(spread(heaped, 200, 100, 2), reference, 10, 2)
    beyond = heaping.at_bound(spread(more, 200, 100, 3), reference, 10, 2)
    assert (same["p_value"] < 0.05).mean() <= 0.07
    assert (beyond["p_value"] < 0.05).mean() > 0.9


@pytest.mark.parametrize("shift", [-0.25, 0.25])
def test_an_able_or_a_weak_school_is_not_a_heaping_one(shift: float) -> None:
    """Ability alone moves the distribution: false alarms stay at the nominal rate."""
    scores = np.arange(21)
    other = REGION * np.exp(shift * scores)
    found = heaping.at_bound(spread(other / other.sum(), 1000, 80, 4), np.tile(REGION * 6000, (1000, 1)), 10, 2)
    assert (found["p_value"] < 0.05).mean() <= 0.06


def distribution(counts: np.ndarray, **more: Any) -> pd.DataFrame:
    told = pd.DataFrame(counts, index=[f"s{n:02d}" for n in range(len(counts))]).rename_axis("org_id").reset_index()
    long = told.melt("org_id", var_name="primary_score", value_name="participants")
    return long[long["participants"] > 0].assign(year=YEAR, procedure="VPR", subject="MA", grade=5, **more)


def test_heaping_end_to_end() -> None:
    counts = spread(REGION, 12, 80, 6)
    moved = counts[3, [8, 9]].sum()
    counts[3, [8, 9]], counts[3, 10] = 0, counts[3, 10] + moved
    schools = distribution(counts, reference="region", reference_id="19")
    region = distribution(REGION[None, :] * 6000).assign(reference_id="19")
    bounds = {(YEAR, "VPR", "MA", 5): (7, 10, 15)}
    found = heaping.heaping(schools, region, bounds, DECLARED["heaping"])
    assert found.loc[found["flagged"].astype(bool), "org_id"].tolist() == ["s03"]
    row = found.set_index("org_id").loc["s03"]
    assert row["p_adjusted"] == pytest.approx(row["p_value"] * 36), "12 schools × 3 bounds"
    assert "на границе «4» (10 б.)" in row["detail"]
    assert found["chance_pct"].iloc[0] == pytest.approx(100 * 0.05 / 36)
    for less in (DECLARED["heaping"] | {"least": 81}, DECLARED["heaping"] | {"least_reference": 7000}):
        assert heaping.heaping(schools, region, bounds, less).empty
    assert heaping.heaping(schools, region, {}, DECLARED["heaping"]).empty, "no official bounds: nothing is tested"


def test_a_school_where_all_scores_are_equal() -> None:
    counts = np.zeros((1, 21))
    counts[0, 10] = 60
    found = heaping.at_bound(counts, REGION[None, :] * 6000, 10, 2)
    assert found["p_value"].between(0, 1).all()
    assert np.isfinite(found.to_numpy()).all()


STATUS = load("status")


@pytest.mark.parametrize("line", table(STATUS["cases"]).itertuples(index=False), ids=lambda line: line[4])
def test_status(line: Any) -> None:
    answers_of = {"+": True, "−": False, "?": None}
    rows = [
        {**dict.fromkeys(KEY, ""), "org_id": "школа", "year": year, "sign": "heaping", "flagged": answers_of[cell]}
        for year, cell in zip((2023, 2024, 2025), line[:3], strict=True)
    ]
    found = status.statuses(pd.DataFrame(rows).astype({"flagged": "boolean"}), 2025)
    assert (found["objectivity_status"].tolist() or [None]) == [line[3]]


def test_signs_beside_the_status_do_not_make_it() -> None:
    row = {**dict.fromkeys(KEY, ""), "org_id": "школа", "year": 2025, "sign": "journal_gap", "flagged": True}
    assert status.statuses(pd.DataFrame([row]).astype({"flagged": "boolean"}), 2025).empty
    assert not DECLARED["journal_gap"]["counts"]


def test_every_sign_has_a_detector_and_a_source() -> None:
    from msoko_pipeline.objectivity.make import DETECTORS

    assert set(DETECTORS) == set(DECLARED)
    assert all(told["source"] and told["title"] and told["formula"] for told in DECLARED.values())
    fioko = [len(told["works"]) for told in DECLARED.values() if told["evidence"] == "fioko"]
    assert sum(fioko) == 14, "the fourteen signs of the methodology"
