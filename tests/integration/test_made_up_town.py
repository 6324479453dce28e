"""All sources over the made-up town of three years, whose truth is known, and what `msoko run` says of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.sample import assessment_rows, plants, write_sample
from msoko_pipeline.sample.town import make_schools, planted
from schemas.marts import MARTS
from scripts import town_figures
from tests.command import msoko
from tests.impossible import impossible

SCHOOLS, SEED = 12, 2026


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("risk")
    write_sample(folder / "inbox", schools=SCHOOLS, years=3, seed=SEED)
    done = msoko("run", "--inbox", folder / "inbox", "--home", folder / "home")
    assert done.returncode == 3, done.stdout + done.stderr
    return f"{folder}\n{done.stdout}"


@pytest.fixture(scope="module")
def warehouse(told: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(Path(told.splitlines()[0]) / "home" / "warehouse.sqlite")
    yield connection
    connection.close()


def table(warehouse: sqlite3.Connection, name: str, where: str = "1") -> pd.DataFrame:
    return pd.read_sql_query(f"select * from mart_{name} where {where}", warehouse)


def with_role(role: str) -> set[str]:
    return {login for login, truth in planted(SEED, SCHOOLS).items() if truth.role == role}


def test_what_the_page_of_the_roadmap_says_of_the_town_is_so(warehouse: sqlite3.Connection) -> None:
    assert town_figures.text(warehouse) == town_figures.FILE.read_text(encoding="utf-8"), "scripts/town_figures.py"


def test_every_planted_low_school_is_found(warehouse: sqlite3.Connection) -> None:
    risk = table(warehouse, "school_risk")
    for year in (2024, 2025, 2026):
        found = set(risk.loc[(risk["year"] == year) & (risk["category"] == "shnor"), "org_id"])
        assert with_role(plants.LOW) <= found, year
        assert found - with_role(plants.LOW) <= with_role(plants.SLIDING), "no ordinary school is ШНОР here"


def test_no_figure_is_impossible(warehouse: sqlite3.Connection) -> None:
    tables = {name: table(warehouse, name) for name in MARTS}
    assert sum(map(len, tables.values())) > 100_000
    assert impossible(tables) == []


def test_the_pack_of_august_is_of_the_towns_indicators(warehouse: sqlite3.Connection) -> None:
    pack = table(warehouse, "august_pack")
    values = table(warehouse, "indicator_value", "level <> 'school'")
    assert len(pack) == len(values)
    key = ["year", "indicator_id", "procedure", "subject", "grade", "unit_id"]
    both = pack.merge(values, on=key, suffixes=("", "_told")).merge(
        table(warehouse, "indicator")[["year", "indicator_id", "higher_is_better"]], on=["year", "indicator_id"]
    )
    assert (both["value"] == both["value_told"]).all()
    aimed = both[both["target"].notna()]
    assert len(aimed) >= 3
    reached = np.where(
        aimed["higher_is_better"] == 1, aimed["value"] >= aimed["target"], aimed["value"] <= aimed["target"]
    )
    assert (aimed["is_on_target"] == reached).all()
    last = both[both["year"] == 2026].merge(values, on=key[1:], suffixes=("", "_before"))
    before = last[last["year_before"] == 2025]
    assert np.allclose(before["value_1"], before["value_before"])


def test_the_cycle_stands_on_the_registers(warehouse: sqlite3.Connection) -> None:
    """The sample tells of each item; a plan of help has its goals, its decisions and what came of them."""
    told = table(warehouse, "roadmap_status", "level = 'municipality'")
    assert told.groupby("year")["item_id"].nunique().tolist() == [84, 84, 84]
    assert told["status"].notna().all()
    assert set(told.loc[told["item_id"] == "3.12", "period"]) == {"12", "06"}
    assert told.loc[told["status"] == "in_progress", "is_overdue"].all(), "the year is over"
    cycle = table(warehouse, "mgmt_cycle", "year = 2026").set_index(["system", "component"])
    assert len(cycle) == 81
    of_help = [cycle.loc[("4", component), "score"] for component in ("goals", "measures", "decisions", "effect")]
    assert of_help == [2, 2, 2, 2]
    assert cycle.loc[("7", "goals"), "score"] == 0


def test_advanced_works_are_works_of_their_own(warehouse: sqlite3.Connection) -> None:
    """The gymnasium (2) has had a group since 2025, the lyceum (4) since 2026; the lot gave physics to the first."""
    works = table(warehouse, "vpr_school", "level = 'school' and subject in ('MU', 'FU')")
    wrote = {(row.year, row.subject, row.grade, row.unit_id) for row in works.itertuples()}
    assert wrote == {
        (2025, "MU", 7, "edu190002"), (2025, "FU", 7, "edu190002"), (2026, "MU", 7, "edu190002"),
        (2026, "MU", 7, "edu190004"), (2026, "MU", 8, "edu190002"),
    }  # fmt: skip
    assert works["participants"].between(20, 27).all()
    files = pd.read_sql_query("select * from ops_file where subject in ('MU', 'FU') and kind = 'vpr_result'", warehouse)
    assert len(files)
    assert (files["rows_accepted"] == files["rows_read"]).all()


def test_a_base_work_of_other_pupils_has_no_change(warehouse: sqlite3.Connection) -> None:
    told = table(warehouse, "dynamics_3y", "indicator_id = 'vpr_quality' and subject in ('MA', 'MU') and grade = 7")
    told = told[told["year"] == 2026].set_index(["subject", "unit_id"])
    moved = told.loc[("MA", "edu190004")]
    assert moved["not_judged"] == "состав иной: часть параллели писала углублённую работу только в 2026 году"
    assert pd.isna(moved["change_1"])
    for subject in ("MA", "MU"):
        assert pd.notna(told.loc[(subject, "edu190002"), "change_1"]), "split alike in both years"
    assert pd.notna(told.loc[("MA", "edu190001"), "change_1"])
    town = told.loc[("MA", "reg19_m019")]
    assert town["matched_schools_1"] == (told.loc["MA"]["level"] == "school").sum() - 1


def test_career_guidance_is_among_the_indicators(warehouse: sqlite3.Connection) -> None:
    """Every share that the mart tells of all projects together, of all classes and of each, and nothing else."""
    of_mart = table(warehouse, "career_guidance", "project = 'ALL' and event = 'ALL'")
    values = table(warehouse, "indicator_value", "procedure = 'ALL' and indicator_id like 'career_guidance_%'")
    assert set(values["subject"]) == {"ALL"}
    assert set(values["suppressed"]) == {1}
    key = ["year", "level", "unit_id", "grade"]
    for share in ("coverage", "bilet", "proektoria"):
        told = of_mart[of_mart[f"{share}_pct"].notna()]
        both = values[values["indicator_id"] == f"career_guidance_{share}"].merge(told, on=key, how="outer")
        assert len(both) == len(told) > 50
        for name, column in (("numerator", "part"), ("denominator", "whole"), ("value", "pct"), ("ci_low", "ci_low")):
            assert np.allclose(both[name], both[f"{share}_{column}"]), (share, name)
    assert set(values["grade"]) == set(range(12))
    town = table(warehouse, "dynamics_3y", "indicator_id = 'career_guidance_coverage' and level = 'municipality'")
    whole = town[(town["year"] == 2026) & (town["grade"] == 0)].iloc[0]
    assert whole[["value_1", "value_2", "change_1", "slope", "trend"]].notna().all()
    told = of_mart[(of_mart["level"] == "school") & (of_mart["grade"] == 0) & of_mart["coverage_pct"].notna()]
    now, before = (set(told.loc[told["year"] == year, "unit_id"]) for year in (2026, 2025))
    assert whole["matched_schools_1"] == len(now & before) >= SCHOOLS / 2
    assert pd.isna(whole["reference_1"])


def test_the_school_that_sent_nothing_of_a_work_is_named(warehouse: sqlite3.Connection) -> None:
    """Every school sends what the calendar asks of it but one, and НИКО is sat by the sample alone."""
    works = table(warehouse, "procedure_participation", "grade > 0 and subject <> 'ALL'")
    schools = works[works["level"] == "school"]
    assert (schools["works"] == schools["works_sent"] + schools["works_lacking"]).all()
    lacking = schools[(schools["works_lacking"] > 0) & (schools["procedure"] != "VPR")]
    silent = make_schools(SEED, SCHOOLS)[assessment_rows.SILENT].login
    assert set(lacking["unit_id"]) == {silent}
    assert set(lacking["procedure"]) == {"METASUBJECT"}
    assert set(lacking["year"]) == {2024, 2025, 2026}
    niko = schools[schools["procedure"] == "NIKO"]
    assert niko["sits"].eq("sample").all()
    assert niko.groupby("year").size().eq(SCHOOLS / assessment_rows.SAMPLED).all()
    town = works[(works["level"] == "municipality") & (works["procedure"] == "NIKO")]
    assert town["participation_pct"].between(85, 100).all()


def test_no_preschool_is_judged_as_a_school(warehouse: sqlite3.Connection) -> None:
    """They are in the register and have scores of their own; no rule, no result and no context of schools is theirs."""
    preschools = set(table(warehouse, "organisation", "kind = 'ДОО'")["org_id"])
    assert preschools == set(table(warehouse, "preschool_quality", "unit_level = 'preschool'")["org_id"]) != set()
    for name, column in (("school_risk", "org_id"), ("school_context", "org_id"), ("vpr_school", "unit_id"),
                         ("school_procedure", "org_id"), ("objectivity_school", "org_id")):  # fmt: skip
        assert not preschools & set(table(warehouse, name)[column]), name


def test_the_sliding_school_was_warned_of(warehouse: sqlite3.Connection) -> None:
    risk = table(warehouse, "school_risk").set_index(["org_id", "year"])
    for school in with_role(plants.SLIDING):
        assert [risk.loc[(school, year), "category"] for year in (2024, 2025, 2026)] == ["none", "risk_zone", "shnor"]
        assert risk.loc[(school, 2026), "movement"] == "worse"
    score = table(warehouse, "risk_backtest", "year = 2026").set_index("predictor")
    assert score.loc["zone", ["hits", "missed", "recall_pct"]].tolist() == [1, 0, 100]
    schools = table(warehouse, "risk_backtest_school", "year = 2026 and outcome = 'hit'")
    assert set(schools["org_id"]) == with_role(plants.SLIDING)


def test_the_inflating_school_is_marked_by_several_signs(warehouse: sqlite3.Connection) -> None:
    signs = table(warehouse, "objectivity_school", "flagged")
    (school,) = with_role(plants.INFLATED)
    own = signs[signs["org_id"] == school]
    assert {"mean_inflated", "own_contrast", "journal_contrast", "official_list", "recheck"} <= set(own["sign"])
    for sign in ("mean_inflated", "own_contrast", "journal_contrast"):
        assert set(own.loc[own["sign"] == sign, "year"]) == {2024, 2025, 2026}, sign
    assert set(signs.loc[signs["sign"] == "own_contrast", "org_id"]) == {school}
    assert len(set(signs.loc[signs["sign"] == "mean_inflated", "org_id"])) > 3, "strong schools too"
    status = table(warehouse, "school_risk", "year = 2026").set_index("org_id")
    assert status.loc[school, ["objectivity_status", "objectivity_2019"]].tolist() == ["persistent", "persistent"]
    assert (status.loc[school, "is_confirmed"], status.loc[school, "confirmed_by"]) == (0, "перепроверка")
    others = status.drop(school)["objectivity_status"].dropna()
    assert set(others) == {"no_signs"}, "neither the strong schools nor the sliding one"
    assert len(others) == SCHOOLS - 3, "two tiny schools cannot be judged"


def test_the_index_says_what_chance_would_name(warehouse: sqlite3.Connection) -> None:
    index = table(warehouse, "objectivity_index", "year = 2026").set_index("basis")
    assert index.loc["project", "with_signs"] == 1
    assert 0 < index.loc["project", "expected_false"] < 0.2
    assert pd.isna(index.loc["fioko", "expected_false"]), "the official list of the year decides"


def test_one_family_alone_is_a_lead(warehouse: sqlite3.Connection) -> None:
    leads = table(warehouse, "risk_reason", "about = 'objectivity_lead'")
    assert set(leads["org_id"]) >= with_role(plants.HEAPING) | with_role(plants.SLIDING)
    assert leads["text_ru"].str.contains("в статус школы это не входит").all()
    making = table(warehouse, "risk_reason", "about = 'objectivity'")
    assert set(making["org_id"]) == with_role(plants.INFLATED)


def test_heaping_finds_the_heaping_school(warehouse: sqlite3.Connection) -> None:
    signs = table(warehouse, "objectivity_school", "sign = 'heaping'")
    (school,) = with_role(plants.HEAPING)
    found = signs[signs["flagged"] == 1]
    assert set(found.loc[found["org_id"] == school, "year"]) == {2024, 2025, 2026}
    assert (found["org_id"] != school).mean() <= 0.1, "no more than the share of false discoveries that is allowed"
    works = signs.drop_duplicates(["year", "subject", "grade"]).groupby("bounds").size()
    assert works["derived"] > 60, "works without an official scale are judged at the bounds that the rows determine"
    assert works["official"] >= 2


def test_every_category_and_sign_has_its_reasons(warehouse: sqlite3.Connection) -> None:
    risk, reasons = table(warehouse, "school_risk"), table(warehouse, "risk_reason")
    assert reasons["text_ru"].str.len().min() > 30
    assert reasons["text_ru"].str.endswith(".").all()
    signs = reasons[reasons["about"] == "objectivity"]
    assert signs["text_ru"].str.startswith("Возможный признак, требует проверки").all()
    key = ["year", "org_id"]
    why = reasons.groupby([*key, "about"]).size().unstack(fill_value=0)
    both = risk.join(why, on=key, suffixes=("", "_why"))
    named = both[risk["category"].isin(("shnor", "risk_zone"))]
    assert (why.reindex(pd.MultiIndex.from_frame(named[key]))["category"] > 0).all()
    assert len(risk) == SCHOOLS * 3


def test_no_data_is_not_none(warehouse: sqlite3.Connection) -> None:
    """Tiny schools have results, but no procedure with ten participants."""
    risk = table(warehouse, "school_risk", "year = 2026").set_index("org_id")
    tiny = {school.login for school in make_schools(SEED, SCHOOLS) if school.kind.parallel[1] < 10}
    assert set(risk.index[risk["category"] == "no_data"]) == tiny
    assert risk.loc[sorted(tiny), "low_procedures"].isna().all()
    assert (risk.loc[sorted(tiny), "small_base_procedures"] > 0).all()


def test_low_schools_live_in_unfavourable_conditions(warehouse: sqlite3.Connection) -> None:
    risk = table(warehouse, "school_risk", "shnsu").query("year == 2026")
    assert with_role(plants.LOW) <= set(risk["org_id"])
    context = table(warehouse, "school_context", "year = 2026")
    assert context["title_ru"].str.len().min() > 10
    assert context.groupby("indicator_id")["title_ru"].nunique().eq(1).all()


def test_estimates_carry_their_uncertainty(warehouse: sqlite3.Connection) -> None:
    told = table(warehouse, "school_procedure")
    assert told["fail_pct"].between(told["fail_ci_low"] - 1e-9, told["fail_ci_high"] + 1e-9).all()
    between = told[["fail_pct", "town_fail_pct"]]
    low, high = between.min(axis=1), between.max(axis=1)
    assert told["fail_shrunk_pct"].between(low - 1e-9, high + 1e-9).all(), "shrunk towards the town, never past it"
    assert told.loc[told["participants"] < 10, "is_low"].isna().all()


def test_the_summary_counts_schools_by_category(told: str) -> None:
    assert "Категории школ, 2026: ШНОР 3, зона риска 0, без категории 7, нет данных 2" in told


@pytest.mark.parametrize("source", ["ВПР", "ГИА", "ВсОШ", "конкурсы и таланты", "дошкольное образование"])
def test_the_summary_tells_every_source(told: str, source: str) -> None:
    (line,) = (line for line in told.splitlines() if line.startswith(f"  {source}: файлов "))
    assert int(line.rsplit(" ", 1)[1]) > 1000


def test_results_of_the_checks_and_of_the_exam_go_together(warehouse: sqlite3.Connection) -> None:
    """The same pupils sit both: a school that is good at one is good at the other."""
    checks = table(warehouse, "vpr_school", "level = 'school' and subject = 'RU' and participants >= 20")
    exams = table(warehouse, "gia9", "level = 'school' and subject = 'RU' and participants >= 20")
    of_checks = checks.groupby("unit_id")["mean_mark"].mean()
    of_exams = exams.groupby("unit_id")["mean_mark"].mean()
    both = pd.concat([of_checks, of_exams], axis=1, keys=["vpr", "oge"]).dropna()
    assert len(both) >= 6
    assert both.corr(method="spearman").loc["vpr", "oge"] > 0.5


def test_what_schools_add_to_the_exam_is_told_of_the_sliding_school_alone(warehouse: sqlite3.Connection) -> None:
    """Every leaver but those whose file was refused is known in the ninth grade; each value has its interval."""
    told = table(warehouse, "value_added").set_index(["subject", "org_id"])
    assert set(told["year"]) == {2026}, "the other years have no ОГЭ of two years before"
    russian = told.loc["RU"]
    assert (russian["participants"] / russian["takers"]).min() > 0.9
    leads = told[told["lead"].isin(["above", "below"])]
    assert set(leads.index.get_level_values("org_id")) == with_role(plants.SLIDING)
    assert set(leads["lead"]) == {"below"}
    judged = told[told["not_judged"].isna()]
    assert judged["participants"].min() >= 10
    assert (judged["ci_low"] < judged["value"]).all()
    assert (judged["value"] < judged["ci_high"]).all()
    assert told.loc[told["not_judged"].notna(), ["value", "ci_low", "p_adjusted", "lead"]].isna().all(axis=None)


def test_indicators_of_the_exams_are_those_of_their_mart(warehouse: sqlite3.Connection) -> None:
    values = table(warehouse, "indicator_value", "indicator_id = 'oge_success'")
    exams = table(warehouse, "gia9", "procedure = 'OGE' and success_pct is not null")
    key = ["year", "cycle", "subject", "level", "unit_id"]
    both = values.merge(exams, on=key, how="outer", indicator="found")
    assert (both["found"] == "both").all()
    assert (both["value"] - both["success_pct"]).abs().max() < 1e-9
    assert values["previous_value"].notna().sum() > 100


def test_every_task_of_an_exam_is_in_the_marts(warehouse: sqlite3.Connection) -> None:
    tasks = table(warehouse, "vpr_task", "procedure = 'OGE' and subject = 'MA' and level = 'municipality'")
    assert tasks["completion_pct"].between(0, 100).all()
    planned = tasks[tasks["year"] >= 2025]
    assert planned.groupby("year").size().tolist() == [25, 25]
    assert planned.groupby("year")["max_score"].sum().tolist() == [31, 31]
    assert tasks.loc[tasks["year"] < 2025, ["difficulty", "skill", "status"]].isna().all(axis=None)
    first = tasks[tasks["year"] == 2026].set_index("task_order")
    assert first.loc[[1, 20, 22], "difficulty"].tolist() == ["Б", "П", "В"]
    assert first.loc[20, ["expected_low_pct", "expected_high_pct"]].tolist() == [30, 50]
    assert first["status"].notna().all()
    assert first["plan_source"].str.startswith("ФИПИ").all()


def test_a_task_of_a_school_stands_beside_its_town_and_few_pupils_have_no_status(
    warehouse: sqlite3.Connection,
) -> None:
    tasks = table(warehouse, "vpr_task", "year = 2026 and level in ('school', 'municipality')")
    key = ["procedure", "subject", "grade", "task"]
    towns = tasks[tasks["level"] == "municipality"].set_index(key)["completion_pct"]
    schools = tasks[tasks["level"] == "school"]
    beside = towns.reindex(pd.MultiIndex.from_frame(schools[key])).to_numpy()
    assert np.array_equal(schools["town_completion_pct"].to_numpy(), beside, equal_nan=True)
    few = tasks["small_base"].astype(bool)
    assert few.any()
    assert tasks.loc[few, ["status", "deficit"]].isna().all(axis=None)
    assert (tasks["status"].isna() == tasks["deficit"].isna()).all()
    assert set(tasks.loc[tasks["deficit"] == "sure", "status"]) == {"insufficient"}
    order = tasks[tasks["level"] == "municipality"].groupby(["procedure", "subject", "grade"])["task_order"]
    assert (order.nunique() == order.max()).all()


def test_a_questionnaire_of_three_families_is_told_and_not_shown(warehouse: sqlite3.Connection) -> None:
    asked = table(warehouse, "preschool_quality", "org_id = 'doo190026' and not is_published")
    assert set(asked["year"]) == {2024, 2025, 2026}
    assert asked[["value", "numerator", "denominator"]].isna().all(axis=None)
    issues = pd.read_sql_query("select message_ru from ops_issue where issue_type = 'survey_few'", warehouse)
    assert issues["message_ru"].str.contains("doo190026, анкет 3, нужно не меньше").sum() == 3


def test_points_of_nok_are_the_operators_and_a_difference_is_asked_about(warehouse: sqlite3.Connection) -> None:
    schools = table(warehouse, "nok_summary", "level = 'school' and assessed = 1")
    assert schools.groupby("year").size().to_dict() == {2024: 4, 2025: 4, 2026: 4}
    differing = schools[schools["differing"] == 1]
    assert (differing["operator_score"] - differing["counted_score"]).between(0.3, 0.5).all(), "К2 is 2 points higher"
    assert (differing["score"] == differing["operator_score"]).all()
    without_table = schools[schools["operator_score"].isna()]
    assert (without_table["score"] == without_table["counted_score"]).all()
    assert sorted(differing["year"]) == sorted(without_table["year"]) == [2024, 2025, 2026]
    issues = pd.read_sql_query("select message_ru from ops_issue where issue_type = 'nok_differs'", warehouse)
    assert all(issues["message_ru"].str.contains(login).sum() == 1 for login in differing["unit_id"])
    town = table(warehouse, "nok_summary", "level = 'municipality'").set_index("year")
    assert town["score"].to_dict() == pytest.approx(schools.groupby("year")["score"].mean().to_dict())
    assert (town["excellent"] + town["good"] + town["fair"] == town["assessed"]).all()
    assert town["overdue_whole"].to_dict() == {2024: 4, 2025: 8, 2026: 12}


def test_of_a_school_that_has_sent_nothing_about_people_nothing_is_told(warehouse: sqlite3.Connection) -> None:
    schools = table(warehouse, "procedure_control", "level = 'school' and procedure = 'ALL'")
    silent = schools["unit_id"] == "edu190012"
    assert schools.loc[silent, ["people", "instruction_pct", "visits"]].isna().all(axis=None)
    assert schools.loc[~silent, ["people", "instruction_pct"]].notna().all(axis=None)
    town = table(warehouse, "procedure_control", "level = 'municipality' and procedure = 'ALL'").set_index("year")
    assert town["people"].to_dict() == schools.groupby("year")["people"].sum().to_dict()


def test_the_olympiad_of_the_town_is_the_sum_of_its_schools(warehouse: sqlite3.Connection) -> None:
    told = table(warehouse, "olympiad")
    counts = ["participants", "winners", "prizewinners", "moved"]
    key = ["year", "stage", "subject"]
    schools = told[told["level"] == "school"].groupby(key)[counts].sum()
    town = told[told["level"] == "municipality"].set_index(key)[counts].fillna(0)
    assert (town == schools.reindex(town.index)).all(axis=None)
    funnel = told[(told["level"] == "municipality") & (told["subject"] == "ALL")].set_index(["year", "stage"])
    for year in (2024, 2025, 2026):
        sizes = [funnel.loc[(year, stage), "unique_pupils"] for stage in ("SHE", "ME", "RE")]
        assert sizes == sorted(sizes, reverse=True)
        assert 0 < funnel.loc[(year, "SHE"), "coverage_pct"] < 100


def test_every_school_that_a_file_names_is_found(warehouse: sqlite3.Connection) -> None:
    matched = table(warehouse, "org_match")
    assert {"olympiad_result", "contest", "gifted", "shift", "gia9", "gia11"} <= set(matched["kind"])
    assert set(matched["status"]) == {"sure"}


def test_views_in_words_tell_what_the_marts_hold(warehouse: sqlite3.Connection) -> None:
    """Base and high level, the place and the pupils of ШНОР, computed once more from the marts."""
    marks = ["mark_2", "mark_3", "mark_4", "mark_5"]
    works = table(warehouse, "vpr_school", "level = 'school' and marked > 0 and subject in ('RU', 'MA')")
    sums = works.groupby(["year", "subject", "unit_id"])[marks].sum()
    view = pd.read_sql_query("select * from v_base_and_high where procedure = 'VPR'", warehouse)
    view = view.set_index(["year", "subject", "org_id"]).sort_index()
    assert view.index.equals(sums.index)
    n = sums.sum(axis=1)
    assert (view["participants"] == n).all()
    assert view["base_pct"].to_numpy() == pytest.approx(((n - sums["mark_2"]) / n * 100).to_numpy())
    assert view["high_pct"].to_numpy() == pytest.approx(((sums["mark_4"] + sums["mark_5"]) / n * 100).to_numpy())
    places = pd.read_sql_query("select * from v_place", warehouse)
    assert ((places["place_from"] >= 1) & (places["place_from"] <= places["place_to"])).all()
    assert (places["place_to"] <= places["schools"]).all()
    assert (places["place_from"] < places["place_to"]).mean() > 0.5, "most schools cannot be told apart"
    risk = table(warehouse, "school_risk")
    pupils = pd.read_sql_query("select * from v_shnor_pupils", warehouse).set_index("year")
    assert pupils["shnor_schools"].to_dict() == risk[risk["category"] == "shnor"].groupby("year").size().to_dict()
    assert pupils["shnor_pupils_pct"].between(0.1, 99.9).all()
    warned = pd.read_sql_query("select * from v_warned_before", warehouse)
    assert set(warned["org_id"]) == with_role(plants.SLIDING)
    assert set(warned["warning"]) == {"предупреждало"}


def test_every_school_is_named_in_the_views(warehouse: sqlite3.Connection) -> None:
    names = [name for (name,) in warehouse.execute("select name from sqlite_master where type = 'view'")]
    words = [name for name in names if name.startswith("v_")]
    assert len(words) > 15
    for name in set(words) - {"v_issues", "v_shnor_pupils", "v_not_sat"}:
        view = pd.read_sql_query(f"select * from {name}", warehouse)
        assert len(view), name
        titles = [column for column in view if column.endswith("_title") or column in ("school", "preschool")]
        assert view[titles].notna().any().all() or name == "v_exams", name
        if "school" in view:
            assert view["school"].str.contains("№").all(), name


def test_the_public_layer_has_no_small_cell(warehouse: sqlite3.Connection) -> None:
    cells = {"vpr_school": ["participants", "marked", "absent", "mark_2", "mark_3", "mark_4", "mark_5",
                            "journal_lower", "journal_higher"],
             "gia9": ["participants", "mark_2", "mark_5", "below_minimum"], "gia11": ["participants", "band_81_99"],
             "olympiad": ["participants", "winners", "covered"], "contests": ["participants", "winners"],
             "gifted_bank": ["listed", "pupils"], "shifts": ["participants"], "certificates": ["failed", "medals_1"],
             "indicator_value": ["denominator"]}  # fmt: skip
    for name, columns in cells.items():
        public = pd.read_sql_query(f"select * from pub_{name}", warehouse)
        marts = table(warehouse, name)
        assert len(public) == len(marts)
        for column in columns:
            assert not public[column].between(1, 4).any(), (name, column)
        assert any(marts[column].between(1, 4).any() for column in columns), name
        assert public[columns[0]].notna().any(), name
    tasks = pd.read_sql_query("select participants from pub_vpr_task", warehouse)
    assert not tasks["participants"].between(1, 4).any()
