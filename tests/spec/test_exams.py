"""State exams as `methodology/gia.yaml` says: attempts, appeals, minima, sums of three, tasks from masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.indicators.gia import results, tasks
from tests.spec.tables import load, table

CASES = {case["title"]: case for case in load("gia")["cases"]}
SCHOOL, REGION = "edu190001", "19"


def units(*years: int) -> pd.DataFrame:
    rows = [
        (year, SCHOOL, level, unit) for year in years for level, unit in (("school", SCHOOL), ("municipality", "t"))
    ]
    return pd.DataFrame(rows, columns=["year", "org_id", "level", "unit_id"])


def sittings(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of protocols as the lake gives them."""
    base = {
        "org_id": SCHOOL,
        "oral": False,
        "resit": False,
        "mark": None,
        "test_score": None,
        "short_answers": None,
        "long_answers": None,
        "pupil_grade": None,
        "outcome": "result",
    }
    frame = pd.DataFrame([base | row for row in rows])
    return frame.astype(
        {
            "oral": "boolean",
            "resit": "boolean",
            "mark": "Int64",
            "test_score": "Int64",
            "primary_score": "Int64",
            "pupil_grade": "Int64",
        }
    )


def no_appeals() -> pd.DataFrame:
    return pd.DataFrame(columns=[*results.EXAM, *results.PUPIL, "exam_date", "primary_score", "mark"])


def oge(title: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    exam = {"year": 2023, "procedure": "OGE", "subject": "HI"}
    drawn = table(CASES[title]["given"]).to_dict("records")
    rows = [
        exam | {"pupil_key": r["ученик"], "exam_date": r["дата"], "primary_score": r["балл"], "mark": r["отметка"]}
        for r in drawn
    ]
    after = [
        exam | {"org_id": SCHOOL, "pupil_key": r["ученик"], "exam_date": r["дата"],
                "primary_score": r["балл после апелляции"], "mark": r["отметка после апелляции"]}
        for r in drawn if not pd.isna(r["балл после апелляции"])
    ]  # fmt: skip
    return sittings(rows), pd.DataFrame(after).astype({"primary_score": "Int64", "mark": "Int64"})


def ege(title: str) -> pd.DataFrame:
    rows = []
    for pupil in table(CASES[title]["given"]).to_dict("records"):
        for subject, value in pupil.items():
            if subject == "ученик" or pd.isna(value):
                continue
            told = {"mark": value} if subject == "MB" else {"test_score": value}
            rows.append({"year": 2026, "procedure": "EGE", "subject": subject, "pupil_key": pupil["ученик"],
                         "exam_date": "2026-06-01", "primary_score": 10, **told})  # fmt: skip
    return results.judged(results.attempts(sittings(rows), no_appeals()), REGION)


def test_oge_where_some_have_no_result() -> None:
    title = "ОГЭ, где не у всех есть результат"
    exam = {"year": 2023, "procedure": "OGE", "subject": "HI"}
    rows = sittings(
        [
            exam | {"pupil_key": r["ученик"], "exam_date": r["дата"], "primary_score": r["балл"], "mark": r["отметка"],
                    "outcome": r["исход"]}
            for r in table(CASES[title]["given"]).to_dict("records")
        ]
    )  # fmt: skip
    told = results.results(results.judged(results.attempts(rows, no_appeals()), REGION), units(2023), 10)
    expected = table(CASES[title]["gives"]).set_index("показатель")["значение"]
    found = told[told["level"] == "school"].iloc[0]
    assert {name: float(found[name]) for name in expected.index} == pytest.approx(expected.to_dict(), rel=1e-4)


def test_oge_with_a_resit_and_an_appeal() -> None:
    title = "ОГЭ с пересдачей и апелляцией"
    rows, appeals = oge(title)
    told = results.results(results.judged(results.attempts(rows, appeals), REGION), units(2023), 10)
    expected = table(CASES[title]["gives"]).set_index("показатель")["значение"]
    for level in ("school", "municipality"):
        found = told[told["level"] == level].iloc[0]
        assert {name: float(found[name]) for name in expected.index} == pytest.approx(expected.to_dict())


def test_an_appeal_that_changes_nothing_is_counted_as_filed_only() -> None:
    rows, appeals = oge("ОГЭ с пересдачей и апелляцией")
    same = appeals.assign(primary_score=20, mark=3).astype({"primary_score": "Int64", "mark": "Int64"})
    found = results.results(results.judged(results.attempts(rows, same), REGION), units(2023), 10).iloc[0]
    assert (found["appealed"], found["appeal_changed"], found["mark_3"]) == (1, 0, 1)


def test_ege_minima_and_bands() -> None:
    title = "ЕГЭ — минимумы и диапазоны"
    told = results.results(ege(title), units(2026), 10)
    found = told[told["level"] == "school"].set_index("subject")
    expected = table(CASES[title]["gives"]).set_index("предмет")
    assert found.index.tolist() == expected.index.tolist()
    got = found[expected.columns].astype("Float64").to_numpy(float, na_value=np.nan)
    np.testing.assert_allclose(got, expected.to_numpy(float), atol=0.005)


def resits() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is drawn of re-sits, and the attempts found, both in order."""
    drawn = table(CASES["ЕГЭ — что остаётся после пересдачи"]["given"])
    rows = [
        {"year": int(r["год"]), "procedure": "EGE", "subject": r["предмет"], "pupil_key": r["ученик"],
         "exam_date": r["дата"], "primary_score": 10, "test_score": None if pd.isna(r["балл"]) else r["балл"],
         "resit": r["названа пересдачей"] == "да", "outcome": "absent" if pd.isna(r["балл"]) else "result"}
        for r in drawn.to_dict("records")
    ]  # fmt: skip
    told = results.attempts(sittings(rows), no_appeals())
    keys = {"год": "year", "ученик": "pupil_key", "дата": "exam_date"}
    drawn = drawn.astype({"год": "int64"}).sort_values(list(keys), ignore_index=True)
    return drawn, told.sort_values(list(keys.values()), ignore_index=True)


def test_what_is_left_after_a_resit() -> None:
    drawn, told = resits()
    assert told["exam_date"].tolist() == drawn["дата"].tolist()
    answers = {True: "да", False: "нет"}
    assert (told["attempt"] == 1).map(answers).tolist() == drawn["первая попытка"].tolist()
    assert told["annulled"].map(answers).tolist() == drawn["отменён"].tolist()
    assert told["final_test"].tolist() == drawn["итог"].tolist()


def test_results_are_of_first_attempts_and_say_how_many_were_annulled() -> None:
    _, told = resits()
    years = sorted(told["year"].unique())
    found = results.results(results.judged(told, REGION), units(*years), 10)
    counted = found[found["level"] == "school"].set_index(["year", "subject"])
    names = ["participants", "mean_test", "resat", "annulled", "below_minimum", "below_final"]
    assert counted.loc[(2026, "FI"), names].tolist() == [2, 45, 2, 2, 1, 0]
    assert counted.loc[(2026, "RU"), names].tolist() == [2, 46.5, 1, 1, 1, 0]
    assert counted.loc[(2026, "MA"), names].tolist() == [1, 20, 1, 0, 1, 0]
    assert counted.loc[(2023, "RU"), names].tolist() == [1, 60, 1, 0, 0, 0]
    assert (2026, "IS") not in counted.index


def test_a_worse_result_of_july_is_the_one_of_a_leaver() -> None:
    """220 points of three exams in June, less after a re-sit that went wrong, which also takes the minimum."""
    june = [sat("а", "RU", 80), sat("а", "MA", 80), sat("а", "FI", 60)]
    assert (left(*june)["sum3_220"], left(*june)["both_passed"]) == (1, 1)
    july = {"exam_date": "2026-07-08"}
    assert (left(*june, sat("а", "FI", 59, **july))["sum3_220"], left(*june)["sum3_220"]) == (0, 1)
    assert left(*june, sat("а", "MA", 20, **july))["both_passed"] == 0


@pytest.mark.parametrize(
    "case", table(CASES["Когда отметкам можно верить (scale_verified)"]["cases"]).to_dict("records"), ids=str
)
def test_when_marks_can_be_relied_on(case: dict[str, Any]) -> None:
    year, value = int(case["год"]), {"отметка": {"mark": 4}, "балл": {"test_score": 50}, "нет": {"outcome": "absent"}}
    row = {"year": year, "procedure": case["процедура"], "subject": case["предмет"], "pupil_key": "а",
           "exam_date": f"{year}-06-03", "primary_score": None}  # fmt: skip
    told = results.judged(results.attempts(sittings([row | value[case["результат"]]]), no_appeals()), REGION)
    found = results.results(told, units(year), 10).iloc[0]["scale_verified"]
    assert (None if pd.isna(found) else bool(found)) == {"да": True, "нет": False}.get(case["ответ"])


@pytest.mark.parametrize(("over", "expected"), [(1, 37), (2, None)])
def test_a_score_above_an_unconfirmed_maximum_counts_as_the_maximum(over: int, expected: int | None) -> None:
    """Social studies of 2024: 37 points by the scale of a year before. Of 20 works one above it is a slip of a pen, two
    make another exam of it, whose maximum is not known.
    """
    exam = {"year": 2024, "procedure": "OGE", "subject": "OB", "exam_date": "2024-06-03", "mark": 5}
    rows = [exam | {"pupil_key": f"п{n}", "primary_score": 39 if n < over else 36} for n in range(20)]
    told = results.judged(results.attempts(sittings(rows), no_appeals()), REGION)
    found = results.results(told, units(2024), 10).iloc[0]
    if expected is None:
        assert found[["max_primary", "completion_pct"]].isna().all()
    else:
        assert (found["max_primary"], told["primary_score"].max()) == (expected, expected)
        assert found["completion_pct"] == pytest.approx((36 * 19 + 37) / 20 / 37 * 100)


def test_leavers_say_until_which_day_they_are_told() -> None:
    assert left(sat("а", "RU", 60), sat("б", "RU", 60, exam_date="2026-06-22"))["exams_until"] == "2026-06-22"
    assert left(sat("а", "RU", 60), sat("а", "RU", 61, exam_date="2026-07-08"))["exams_until"] == "2026-07-08"


def test_base_and_profile_mathematics_never_meet() -> None:
    found = results.results(ege("ЕГЭ — минимумы и диапазоны"), units(2026), 10).set_index(["level", "subject"])
    assert pd.isna(found.loc[("school", "MB"), "mean_test"])
    assert pd.isna(found.loc[("school", "MA"), "mean_mark"])


def test_leavers() -> None:
    title = "Выпускники по сумме экзаменов"
    found = results.leavers(ege(title), units(2026)).set_index("level").loc["school"]
    (expected,) = table(CASES[title]["gives"]).to_dict("records")
    assert {name: float(found[name]) for name in expected} == expected


def test_the_oral_part_is_no_exam_of_its_own() -> None:
    row = {"year": 2026, "procedure": "EGE", "subject": "EN", "pupil_key": "а", "exam_date": "2026-06-01"}
    rows = sittings([row | {"primary_score": 40, "test_score": 60}, row | {"oral": True, "primary_score": 15}])
    assert len(results.attempts(rows, no_appeals())) == 1


def test_a_year_without_minima_is_not_judged() -> None:
    row = {"year": 2019, "procedure": "EGE", "subject": "RU", "pupil_key": "а", "exam_date": "2019-06-01"}
    told = results.judged(
        results.attempts(sittings([row | {"primary_score": 40, "test_score": 20}]), no_appeals()), REGION
    )
    found = results.results(told, units(2019), 10).iloc[0]
    assert pd.isna(found["below_minimum"])
    assert pd.isna(found["success_pct"])


def sat(pupil: str, subject: str, score: int, **more: Any) -> dict[str, Any]:
    when = {"year": 2026, "procedure": "EGE", "exam_date": "2026-06-01", "primary_score": 10}
    return when | {"subject": subject, "pupil_key": pupil, "test_score": score, "pupil_grade": 11} | more


def left(*rows: dict[str, Any]) -> Any:
    told = results.judged(results.attempts(sittings(list(rows)), no_appeals()), REGION)
    year = rows[0]["year"]
    return results.leavers(told, units(year)).set_index("level").loc["school"]


def test_a_tenth_grader_is_no_leaver_yet() -> None:
    found = left(sat("а", "RU", 60), sat("а", "MA", 60), sat("б", "GG", 60, pupil_grade=10))
    assert (found["examined"], found["both_passed"], found["both_judged"]) == (1, 1, 1)


def test_where_no_minimum_is_known_nobody_has_passed_and_nobody_failed() -> None:
    old = {"year": 2019, "exam_date": "2019-06-01"}
    found = left(sat("а", "RU", 60, **old), sat("а", "MA", 60, **old))
    assert (found["examined"], found["both_judged"]) == (1, 0)
    assert pd.isna(found["both_passed"])


def test_an_exam_in_september_is_no_first_attempt_though_that_one_is_not_known() -> None:
    row = {"year": 2023, "procedure": "OGE", "subject": "HI", "primary_score": 20, "mark": 3}
    june, september = {"exam_date": "2023-06-01"}, {"exam_date": "2023-09-08"}
    rows = [row | june | {"pupil_key": "а"}, row | september | {"pupil_key": "б"}]
    told = results.attempts(sittings(rows), no_appeals()).set_index("pupil_key")
    assert told["attempt"].to_dict() == {"а": 1, "б": 2}
    found = results.results(results.judged(told.reset_index(), REGION), units(2023), 10).iloc[0]
    assert (found["participants"], found["mark_3"]) == (1, 1)


@pytest.mark.parametrize("procedure", ["OGE", "GVE11"])
def test_a_day_of_july_annuls_nothing_at_other_exams(procedure: str) -> None:
    row = {"year": 2026, "procedure": procedure, "subject": "MA", "pupil_key": "а", "primary_score": 20}
    rows = [row | {"exam_date": "2026-06-02", "mark": 4}, row | {"exam_date": "2026-07-06", "mark": 3}]
    told = results.attempts(sittings(rows), no_appeals())
    assert told[["attempt", "final_mark", "annulled"]].to_numpy().tolist() == [[1, 4, False], [2, 4, False]]


def test_what_nobody_told_of_appeals_and_resits_is_not_nought() -> None:
    row = {"year": 2023, "procedure": "OGE", "subject": "HI", "primary_score": 20, "mark": 3}
    rows = sittings([row | {"exam_date": "2023-06-01", "pupil_key": "а"}])
    found = results.results(results.judged(results.attempts(rows, no_appeals()), REGION), units(2023), 10).iloc[0]
    assert found[["appealed", "appeal_changed", "resat", "below_final"]].isna().all()
    assert found["below_minimum"] == 0


# ---- tasks


def answers(title: str) -> tuple[tasks.Matrix, pd.DataFrame]:
    drawn = table(CASES[title]["given"])
    return tasks.matrix(drawn["краткие"], drawn["развёрнутые"], drawn["балл"], 0.95), drawn


def test_what_a_plus_is_worth() -> None:
    title = "Сколько стоит «+»"
    told, drawn = answers(title)
    sums = tasks.sums(told, drawn["балл"], np.zeros(len(drawn), np.int64), 1)
    expected = table(CASES[title]["gives"])
    share = pd.DataFrame(
        {"задание": sums["task"], "максимум": sums["max_score"],
         "выполнение": sums["s"] / sums["c"] / sums["max_score"] * 100,
         "полностью": sums["f"] / sums["c"] * 100, "ноль": sums["z"] / sums["c"] * 100}
    )  # fmt: skip
    assert share["задание"].tolist() == [str(int(t)) if isinstance(t, float) else t for t in expected["задание"]]
    np.testing.assert_allclose(share.iloc[:, 1:].to_numpy(float), expected.iloc[:, 1:].to_numpy(float))


def test_answers_that_do_not_add_up_have_no_points() -> None:
    """Half of the rows contradict: no worth is believed, what was done in full is still counted."""
    _, drawn = answers("Сколько стоит «+»")
    wrong = drawn["балл"] + [0, 3, 0, 5, 1]
    told = tasks.matrix(drawn["краткие"], drawn["развёрнутые"], wrong, 0.95)
    assert np.isnan(told.top[:2]).all()
    assert told.top[2] == 3
    assert told.full[:, 0].tolist() == [1, 1, 0, 0, 0]


def test_points_are_found_in_a_large_exam_and_discrimination_is_that_of_the_scores() -> None:
    rng = np.random.default_rng(7)
    tops = np.array([1, 1, 2, 1, 2, 1, 1, 3])
    ability = rng.normal(size=400)
    scores = np.array(
        [[rng.binomial(top, 1 / (1 + np.exp(-a + 0.3 * k))) for k, top in enumerate(tops)] for a in ability]
    )
    masks = pd.Series(["".join("+" if s == t else "-" if s == 0 else str(s) for s, t in zip(row, tops, strict=True))
                       for row in scores])  # fmt: skip
    primary = pd.Series(scores.sum(axis=1))
    told = tasks.matrix(masks, pd.Series([None] * 400, dtype="string"), primary, 0.95)
    assert told.top.tolist() == tops.tolist()
    np.testing.assert_array_equal(told.scores, scores)
    sums = tasks.sums(told, primary, np.arange(400) % 3, 3)
    assert sums.groupby("task")["c"].sum().tolist() == [400] * 8
    assert sums["s"].sum() == scores.sum()
