"""The signs of non-objectivity, as the tables of `methodology/` say, and held against scipy, statsmodels and a
published analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from msoko_pipeline.numbers.uncertainty import shrunken_shares
from msoko_pipeline.objectivity import (
    bounds,
    cohorts,
    confirmation,
    contrast,
    heaping,
    journal,
    means,
    outside,
    status,
)
from msoko_pipeline.objectivity.sign_rows import KEY
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


@pytest.mark.parametrize("spread", [0.0, 1.4])
def test_how_often_an_objective_school_is_flagged(spread: float) -> None:
    """chance_pct against a simulation of schools whose true means differ by `spread` балл: the strong are flagged."""
    rng = np.random.default_rng(1)
    for m in (25, 100):
        pupils = rng.normal(12, 4, (20_000, m)) + rng.normal(0, spread, (20_000, 1))
        schools = works(20_000).assign(n=m, mean=pupils.mean(axis=1), sd=pupils.std(axis=1, ddof=1))
        schools = schools.assign(ref_n=5000, ref_mean=12.0, ref_sd=4.0, reference="region")
        found = means.mean_inflated(schools, DECLARED["mean_inflated"])
        assert found["flagged"].mean() * 100 == pytest.approx(found["chance_pct"].mean(), abs=0.7)


def test_the_spread_of_few_schools_is_the_declared_one() -> None:
    told = DECLARED["mean_inflated"]
    few = works(told["least_schools"] - 1).assign(n=50, mean=12.0, sd=4.0, ref_n=5000, ref_mean=12.0, ref_sd=4.0)
    assert means.spread_of(few, told).tolist() == pytest.approx([told["spread"] * 4.0] * len(few))


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
    usual = works(10).assign(known=100, lower=31.0 + 2 * np.arange(10))
    for line in drawn("journal_gap").itertuples(index=False):
        own = works(1).assign(org_id="школа", known=line.сравнено, lower=line.понизили)
        schools = pd.concat([usual, own], ignore_index=True).assign(
            higher=0.0, ref_known=line[2], ref_lower=line[3], ref_higher=0.0, journal_reference="region", peer_unit="г"
        )
        found = journal.journal_gap("journal_gap", schools, DECLARED["journal_gap"])
        told = found[found["org_id"] == "школа"]
        assert (answers(told), told["value"].tolist()) == ([line.признак], pytest.approx([line.разница])), line
        assert not found[found["org_id"] != "школа"]["flagged"].any(), "schools are as strict as they are"


def test_the_gap_is_held_against_how_schools_differ() -> None:
    """p_value: scipy's beta-binomial about the reference's share, with the strength of the schools' own spread."""
    told = DECLARED["journal_gap"]
    schools = works(6).assign(
        known=40.0, lower=[6.0, 10, 14, 18, 22, 26], higher=0.0, ref_known=1000.0, ref_lower=400.0, ref_higher=0.0,
        journal_reference="region", peer_unit="г",
    )  # fmt: skip
    found = journal.journal_gap("journal_gap", schools, told)
    strength = shrunken_shares(schools["lower"], schools["known"], tuple(told["spread"])).strength
    tails = stats.betabinom.sf(schools["lower"] - 1, 40, 0.4 * strength, 0.6 * strength)
    assert found["p_value"].tolist() == pytest.approx(tails)
    assert (found["p_value"] > stats.binom.sf(schools["lower"] - 1, 40, 0.4)).iloc[-1], "more often than for a binomial"


def test_recheck() -> None:
    for row in drawn("recheck").itertuples(index=False):
        count, changed = int(row.перепроверено), int(row.изменено)
        one = works(1).merge(pd.DataFrame({"mark_before": [4] * count}), how="cross")
        told = one.assign(mark_after=[3] * changed + [4] * (count - changed), primary_before=pd.NA, primary_after=pd.NA)
        found = outside.recheck(told.convert_dtypes(), DECLARED["recheck"])
        assert (answers(found), found["value"].tolist()) == ([row.признак], pytest.approx([row.доля], abs=0.05)), row
        if answers(found) == ["нет"] and changed:
            assert found["p_value"].iloc[0] == pytest.approx(stats.binom.sf(changed - 1, count, 0.1))


def test_how_often_a_recheck_blames_a_school_at_the_allowed_share() -> None:
    """chance_pct: of being flagged, where 10 % of the works are wrong, as the region allows."""
    one = works(1).merge(pd.DataFrame({"mark_before": [4] * 10}), how="cross")
    found = outside.recheck(
        one.assign(mark_after=4, primary_before=pd.NA, primary_after=pd.NA).convert_dtypes(), DECLARED["recheck"]
    )
    assert found["chance_pct"].iloc[0] == pytest.approx(100 * stats.binom.sf(3, 10, 0.1))


def test_recheck_by_scores_where_no_marks_are_told() -> None:
    one = works(1).merge(pd.DataFrame({"primary_before": [10] * 5, "primary_after": [10, 10, 9, 9, 9]}), how="cross")
    found = outside.recheck(one.assign(mark_before=pd.NA, mark_after=pd.NA).convert_dtypes(), DECLARED["recheck"])
    assert (answers(found), found["value"].tolist()) == (["да"], [60])


def test_medals() -> None:
    told = drawn("medals")
    names = {"степень": "medal", "русский": "ege_ru", "другой": "ege_other", "база": "math_base_mark",
             "других": "other_exams"}  # fmt: skip
    people = works(len(told))[["org_id", "year"]].assign(**{ours: told[theirs] for theirs, ours in names.items()})
    each = outside.medals(people.convert_dtypes(), DECLARED["medals"] | {"least": 1, "above": 0, "alpha": 2})
    assert answers(each) == told["не подтвердил"].tolist()
    together = outside.medals(people.assign(org_id="s").convert_dtypes(), DECLARED["medals"])
    assert together[["value", "basis_n"]].to_numpy().tolist() == [[60, 10]]


def test_medals_of_a_school() -> None:
    for row in drawn("medals_of_school").itertuples(index=False):
        count, failed = int(row.претендентов), int(row[1])
        scores = {"ege_ru": [50] * failed + [90] * (count - failed), "medal": 1, "ege_other": 90}
        people = pd.DataFrame({**scores, "org_id": "s", "year": YEAR, "math_base_mark": pd.NA, "other_exams": 1})
        assert answers(outside.medals(people.convert_dtypes(), DECLARED["medals"])) == [row.признак], row


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


@pytest.mark.parametrize(
    ("advanced", "compared"),
    [([], ["MA", "RU"]), ([YEAR], ["RU"]), ([YEAR - 1], ["RU"]), ([YEAR - 1, YEAR], ["MA", "MU", "RU"])],
)
def test_a_parallel_split_by_level_in_one_year_is_no_cohort_of_the_base_work(
    advanced: list[int], compared: list[str]
) -> None:
    """Grades 7 and 8: where the strong class sits the advanced work, the base one has other pupils than a year ago."""
    works = [(year, subject, 7 if year < YEAR else 8) for year in (YEAR - 1, YEAR) for subject in ("MA", "RU")]
    works += [(year, "MU", 7 if year < YEAR else 8) for year in advanced]
    schools = pd.DataFrame(works, columns=["year", "subject", "grade"]).assign(
        org_id="s", procedure="VPR", n=40, sd=4.0, completion=50.0, max_primary=20, peers="municipality", peer_unit="г"
    )
    assert sorted(cohorts.pairs(schools)["subject"]) == compared


def test_a_base_work_of_the_weaker_part_tells_no_level_of_the_school() -> None:
    schools = pd.DataFrame({"subject": ["MA", "MU", "RU"]}).assign(
        org_id="s", year=YEAR, procedure="VPR", grade=8, peer_unit="г", reference="region", n=40, mean=8.0, sd=3.0,
        ref_mean=10.0, ref_sd=3.0,
    )  # fmt: skip
    assert contrast.scores(schools)["subject"].tolist() == ["MU", "RU"]
    assert contrast.scores(schools[schools["subject"] != "MU"])["subject"].tolist() == ["MA", "RU"]


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
    assert exam_after([*(40 + 2 * np.arange(10.0)), 30.0]) == ["s10"]


def test_a_swap_of_neighbours_is_chance() -> None:
    """Places 4 and 5 of eleven change, by less than the chance of forty pupils; nor is the best one's fall."""
    completion = 40 + 2 * np.arange(11.0)
    assert exam_after(completion) == []
    assert exam_after(completion[[0, 1, 2, 4, 3, 5, 6, 7, 8, 9, 10]]) == []
    assert exam_after(completion[[0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9]]) == []


def test_few_schools_tell_nothing_of_the_exam() -> None:
    assert exam_after(40 + 2 * np.arange(11.0), schools=4) is None


def test_an_eighth_grade_whose_strong_class_sat_the_advanced_work_is_not_held_against_the_exam() -> None:
    assert exam_after([*(40 + 2 * np.arange(10.0)), 30.0], advanced=["s10"]) == []


def exam_after(completion: Any, schools: int = 11, advanced: Sequence[str] = ()) -> list[str] | None:
    """Schools flagged where ВПР 8 gave 40, 42, … % and ОГЭ a year later `completion`; None where no row is told.

    advanced: schools that sat the advanced work beside the base one.
    """
    common = {"n": 40, "sd": 5.0, "max_primary": 30, "peers": "municipality", "peer_unit": "город"}
    vpr = works(11, grade=8).assign(year=YEAR - 1, completion=40 + 2 * np.arange(11.0), **common)
    oge = works(11, grade=9, procedure="OGE").assign(completion=completion, **common)
    beside = vpr[vpr["org_id"].isin(advanced)].assign(subject="MU")
    found = cohorts.vpr_oge_gap(pd.concat([vpr, beside, oge[:schools]]), DECLARED["vpr_oge_gap"])
    return None if found.empty else found.loc[found["flagged"].astype(bool), "org_id"].tolist()


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
    assert row["p_adjusted"] == pytest.approx(row["p_value"] * 36), "the least of 12 schools × 3 bounds"
    assert "на границе «4» (10 б.)" in row["detail"]
    assert row["chance_pct"] == pytest.approx(100 * 3 * 0.05 / 36), "one test of 36 is flagged, a work has three"
    assert found["chance_pct"].iloc[0] == pytest.approx(100 * 3 * 2 * 0.05 / 36), "this one would be the second"
    assert set(found["bounds"]) == {"official"}
    guessed = heaping.heaping(schools, region, {}, DECLARED["heaping"], bounds)
    assert set(guessed["bounds"]) == {"derived"}
    assert guessed["detail"].str.contains("границы выведены").all()
    for less in (DECLARED["heaping"] | {"least": 81}, DECLARED["heaping"] | {"least_reference": 7000}):
        assert heaping.heaping(schools, region, bounds, less).empty
    assert heaping.heaping(schools, region, {}, DECLARED["heaping"]).empty, "no official bounds: nothing is tested"


def test_a_school_where_all_scores_are_equal() -> None:
    counts = np.zeros((1, 21))
    counts[0, 10] = 60
    found = heaping.at_bound(counts, REGION[None, :] * 6000, 10, 2)
    assert found["p_value"].between(0, 1).all()
    assert np.isfinite(found.to_numpy()).all()


def test_bounds_that_the_rows_determine() -> None:
    for line in drawn("bounds").itertuples(index=False):
        scores, below = {"А": line[0], "Б": line[2]}, {"А": line[1], "Б": line[3]}
        people = pd.concat(
            [works(1).assign(org_id=org, primary_score=[int(one)]) for org in scores for one in scores[org].split()]
        )
        counts = people.groupby([*KEY, "primary_score"], as_index=False).size().rename(columns={"size": "participants"})
        whole = people.groupby(KEY, as_index=False).size()
        low = whole["org_id"].map(below)
        marked = whole.assign(n2=0.0, n3=low, n4=whole["size"] - low, n5=0.0, level="school", mark_source="file")
        found = bounds.derived(counts, marked)
        told = found.get((YEAR, "VPR", "MA", 4), (0, 0, 0))[1]
        assert told == (0 if pd.isna(line[4]) else line[4]), line
        by_scale = bounds.derived(counts, marked.assign(mark_source="scale"))
        assert by_scale == {}, "marks that a scale made say nothing of the scale"


def levels(upper: float, own: float, pupils: int, org: str, noise: np.ndarray) -> pd.DataFrame:
    """A school's works of Russian and mathematics, grades 4–8, at these levels; noise: of each grade."""
    told = pd.DataFrame({"grade": [4, 5, 6, 7, 8], "level": np.array([upper] * 2 + [own] * 3) + noise})
    told = told.merge(pd.DataFrame({"subject": ["RU", "MA"]}), how="cross")
    return told.assign(
        org_id=org, year=YEAR, procedure="VPR", n=pupils, mean=12 + 4 * told["level"], sd=4.0, ref_mean=12.0,
        ref_sd=4.0, reference="region", peer_unit="город",
    )  # fmt: skip


def quiet(count: int, pupils: int = 60) -> list[pd.DataFrame]:
    """Schools that are what they are in all grades, their grades as different as those of a real town."""
    rng = np.random.default_rng(11)
    return [levels(0, 0, pupils, f"s{n}", rng.normal(0, 0.16, 5)) for n in range(count)]


def test_own_contrast() -> None:
    for line in drawn("own_contrast").itertuples(index=False):
        town = pd.concat([*quiet(8), levels(line[0], line[1], int(line[2]), "школа", np.zeros(5))], ignore_index=True)
        found = contrast.contrast("own_contrast", contrast.scores(town), DECLARED["own_contrast"])
        own = found[found["org_id"] == "школа"]
        assert (answers(own) or [None]) == [line.признак], line
        if len(own):
            assert own["value"].iloc[0] == pytest.approx(line[0] - line[1])
            assert (own["value"].iloc[0] > own["threshold"].iloc[0]) or own["flagged"].iloc[0] != True  # noqa: E712


def test_the_contrast_by_hand() -> None:
    """Student's t of the difference, with the chance of pupils and the noise of school × grade, drawn to the prior."""
    town = pd.concat([*quiet(8), levels(0.5, 0.0, 60, "школа", np.zeros(5))], ignore_index=True)
    told = DECLARED["own_contrast"] | {"prior": [0.0256, 1e9]}
    found = contrast.contrast("own_contrast", contrast.scores(town), told).set_index("org_id").loc["школа"]
    var = 1 / 60 + 0.0256
    assert found["p_value"] == pytest.approx(stats.norm.sf(0.5 / np.sqrt(var / 2 + var / 3)), rel=1e-6)


def test_the_noise_of_grades_is_found() -> None:
    rng = np.random.default_rng(2)
    town = pd.concat([levels(0, 0, 100_000, f"s{n}", rng.normal(0, 0.3, 5)) for n in range(400)], ignore_index=True)
    told = DECLARED["own_contrast"] | {"prior": [1.0, 0.001]}
    found = contrast.noise(contrast.levels(contrast.scores(town), told), told)
    assert found["noise"].iloc[0] == pytest.approx(0.09, rel=0.08)


def test_a_school_that_is_strict_everywhere_has_no_contrast_of_marks() -> None:
    town = pd.concat([levels(0, 0, 60, f"s{n}", np.zeros(5)) for n in range(9)], ignore_index=True)
    strict, lifted = town["org_id"] == "s0", (town["org_id"] == "s1") & (town["grade"] < 6)
    marks = town.assign(known=60.0, ref_known=900.0, ref_higher=90.0, ref_lower=270.0, journal_reference="region")
    marks = marks.assign(higher=np.where(strict | lifted, 36.0, 6.0), lower=np.where(strict | lifted, 3.0, 18.0))
    found = contrast.contrast("journal_contrast", contrast.journal(marks), DECLARED["journal_contrast"])
    assert found.loc[found["flagged"].astype(bool), "org_id"].tolist() == ["s1"]


STATUS = {section["name"]: table(section["cases"]) for section in load("status")["sections"]}
SIGN_OF = {"уровень": "own_contrast", "границы": "heaping", "журнал": "journal_contrast",
           "параллель": "cohort_drop_regression", "перечень": "recheck", "средний балл": "mean_inflated",
           "перечень называет школу": "official_list"}  # fmt: skip
ANSWER = {"+": True, "−": False}


def said(org: str, year: int, sign: str, cell: str | None) -> list[dict[str, Any]]:
    """A row of a sign: one, or none where it could not be judged."""
    row = {**dict.fromkeys(KEY, ""), "org_id": org, "year": year, "sign": sign, "chance_pct": 1.0}
    return [row | {"flagged": ANSWER[cell]}] if cell in ANSWER else []


def status_of(rows: list[dict[str, Any]], column: str = "objectivity_status") -> str | None:
    columns = [*KEY, "sign", "flagged", "chance_pct"]
    found = status.statuses(pd.DataFrame(rows, columns=columns).astype({"flagged": "boolean"}), YEAR)
    own = found.loc[found["org_id"] == "школа", column].dropna()
    return own.iloc[0] if len(own) else None


@pytest.mark.parametrize("line", STATUS["year"].to_dict("records"), ids=lambda line: line["почему"])
def test_what_is_enough_in_a_year(line: dict[str, Any]) -> None:
    rows = [row for name, cell in line.items() if name in SIGN_OF for row in said("школа", YEAR, SIGN_OF[name], cell)]
    assert status_of(rows) == line["статус"]


@pytest.mark.parametrize("line", list(STATUS["years"].itertuples(index=False)), ids=lambda line: line[4])
def test_status(line: Any) -> None:
    years = zip((2023, 2024, 2025), line[:3], strict=True)
    rows = [
        row for year, cell in years for sign in ("own_contrast", "heaping") for row in said("школа", year, sign, cell)
    ]
    assert status_of(rows) == line[3]


@pytest.mark.parametrize("line", STATUS["methodology"].to_dict("records"), ids=lambda line: line["почему"])
def test_the_status_of_the_methodology(line: dict[str, Any]) -> None:
    rows = [row for name, cell in line.items() if name in SIGN_OF for row in said("школа", YEAR, SIGN_OF[name], cell)]
    rows += said("другая", YEAR, "official_list", line["перечень называет другую"])
    assert status_of(rows, "objectivity_2019") == line["статус"]


@pytest.mark.parametrize("line", STATUS["confirmed"].to_dict("records"), ids=lambda line: line["почему"])
def test_whether_a_high_result_is_confirmed(line: dict[str, Any]) -> None:
    words = {"да": "+", "нет": "−", None: None}
    rows = said("школа", YEAR, line["признак"], "+") if line["признак"] else []
    rows += said("школа", YEAR, "recheck", words[line["перепроверка"]])
    signs = pd.DataFrame(rows, columns=[*KEY, "sign", "flagged"]).astype({"flagged": "boolean"})
    names = (("OGE", "ОГЭ"), ("EGE", "ЕГЭ"))
    exams = [("школа", code, line[name], 0.1) for code, name in names if pd.notna(line[name])]
    levels = pd.DataFrame(exams, columns=["org_id", "procedure", "d", "error"]).astype({"d": float, "error": float})
    title = f"МБОУ «{line['вид школы'].capitalize()} № 1»"
    home = pd.DataFrame({"org_id": ["школа"], "name": [title], "org_kind": None})
    found = confirmation.confirmed(signs, levels, home, YEAR)
    told = found[["results_confirmed", "confirmed_by"]].to_numpy().tolist()
    assert told == ([[line["подтверждён"] == "да", line["чем"]]] if line["подтверждён"] else [])


def test_the_level_at_exams_is_the_schools_distance_from_its_town_in_deviations() -> None:
    result = {"procedure": "OGE", "with_result": 25, "mean_test": np.nan, "sd_test": np.nan, "sd_primary": 5.0}
    results = pd.DataFrame(
        [result | {"subject": subject, "level": level, "unit_id": unit, "mean_primary": mean}
         for subject, of_school in (("RU", 22.0), ("MA", 18.0), ("IS", 40.0))
         for level, unit, mean in (("school", "школа", of_school), ("municipality", "город", 20.0))]
    )  # fmt: skip
    home = pd.DataFrame({"org_id": ["школа"], "municipality_id": ["город"]})
    found = confirmation.exam_levels(results, catalogue.signs(YEAR)["status"], home)
    assert found[["org_id", "procedure", "d", "error"]].to_numpy().tolist() == [["школа", "OGE", 0.0, 0.2]]


def test_signs_beside_the_status_do_not_make_it() -> None:
    assert status_of(said("школа", 2025, "journal_gap", "+") + said("школа", 2025, "mean_inflated", "+")) is None
    assert not DECLARED["journal_gap"]["counts"]


def test_a_sign_that_chance_gives_too_often_is_no_evidence() -> None:
    """rs < 0 among five pupils: one objective school of eight has it."""
    often = said("школа", YEAR, "journal_mismatch", "+")[0] | {"chance_pct": 12.0}
    other = said("школа", YEAR, "heaping", "+")
    assert status_of([often, *other, *said("школа", YEAR, "own_contrast", "−")]) == "no_signs"
    assert status_of([often | {"chance_pct": 0.2}, *other]) == "signs"


def test_the_expected_number_of_false_alarms() -> None:
    """Ten schools with two families each, each of which an objective school has in 10 % of cases: 0,1 expected."""
    rows = [
        row | {"chance_pct": 10.0}
        for n in range(10) for sign in ("heaping", "own_contrast") for row in said(f"s{n}", YEAR, sign, "−")
    ]  # fmt: skip
    told = status.of_year(pd.DataFrame(rows).astype({"flagged": "boolean"}), YEAR)
    assert told["chance"].sum() == pytest.approx(10 * 0.1 * 0.1)
    three = [row | {"chance_pct": 10.0} for n in range(10) for row in said(f"s{n}", YEAR, "journal_contrast", "−")]
    told = status.of_year(pd.DataFrame(rows + three).astype({"flagged": "boolean"}), YEAR)
    assert told["chance"].sum() == pytest.approx(10 * stats.binom.sf(1, 3, 0.1))


def test_every_sign_has_a_detector_and_a_source() -> None:
    from msoko_pipeline.objectivity.steps import DETECTORS

    assert set(DETECTORS) == set(DECLARED)
    assert all(told["source"] and told["title"] and told["formula"] for told in DECLARED.values())
    fioko = [len(told["works"]) for told in DECLARED.values() if told["evidence"] == "fioko"]
    assert sum(fioko) == 14, "the fourteen signs of the methodology"
