"""Results of exams that a table tells of the region and the country, beside those of protocols; appeals of ЕГЭ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.indicators.gia import references, results
from schemas.fields import columns_of
from schemas.gia import ExamReference
from tests import making
from tests.making import take_in
from tests.spec.tables import load, table
from tests.spec.test_exams import REGION, SCHOOL, sittings, units

CASES = {case["title"]: case for case in load("gia")["cases"]}
TITLE = "Экзамены региона и страны — из процентов в числа"


def told(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Facts of the register as the lake gives them."""
    columns = {spec.name: spec.dtype for spec in columns_of(ExamReference) if spec.name not in ("row", "year")}
    base = {"year": 2026, "territory": "region", "seq": 1}
    frame = pd.DataFrame([base | row | {"row": number} for number, row in enumerate(rows, 2)])
    frame = frame.reindex(columns=["year", "seq", "row", *columns])
    return frame.astype({name: "string" if dtype == "str" else dtype for name, dtype in columns.items()})


def test_counts_of_shares() -> None:
    given, expected = (table(CASES[TITLE][name]).set_index("строка") for name in ("given", "gives"))
    found = references.of_territories(told(given.to_dict("records")), REGION, 10)
    got = found[expected.columns].astype("Float64").to_numpy(float, na_value=np.nan)
    np.testing.assert_allclose(got, expected.astype("Float64").to_numpy(float, na_value=np.nan), atol=0.001)
    assert set(found["facts_source"]) == {"report"}
    assert found[[*references.UNKNOWN]].isna().all(axis=None), "what nobody told is not nought"


def exam(**more: Any) -> dict[str, Any]:
    marks = {"mark_2": 40, "mark_3": 360, "mark_4": 400, "mark_5": 200}
    return {"procedure": "OGE", "subject": "HI", "participants": 1000, **marks} | more


def test_the_region_and_the_country_stand_by_their_own_codes() -> None:
    rows = told([exam(), exam(territory="country", mean_primary=24.0, sd_primary=8.0)])
    found = references.of_territories(rows, REGION, 10).set_index("level")
    assert found["unit_id"].to_dict() == {"region": REGION, "country": "RU"}
    country = found.loc["country"]
    assert (country["max_primary"], country["completion_pct"]) == (38, pytest.approx(24 / 38 * 100))
    assert country["se_primary"] == pytest.approx(8 / 1000**0.5)
    assert country["success_ci_low"] < country["success_pct"] < country["success_ci_high"]
    assert country["sd_mark"] == pytest.approx(np.std(np.repeat([2, 3, 4, 5], [40, 360, 400, 200]), ddof=1))


def computed(level: str) -> pd.DataFrame:
    row = {"year": 2026, "procedure": "OGE", "subject": "HI", "pupil_key": "а", "exam_date": "2026-06-01",
           "primary_score": 30, "mark": 4}  # fmt: skip
    rows = results.judged(results.attempts(sittings([row]), pd.DataFrame(columns=[*row, "org_id"])), REGION)
    unit = {"region": REGION, "school": SCHOOL}[level]
    of = pd.DataFrame([(2026, SCHOOL, level, unit)], columns=["year", "org_id", "level", "unit_id"])
    return results.results(rows, of, 10)


def test_rows_of_protocols_win_and_the_table_is_asked_about() -> None:
    table_rows = references.of_territories(told([exam(), exam(territory="country")]), REGION, 10)
    own = computed("region")
    whole = references.beside(own, table_rows).set_index("level")
    assert whole["facts_source"].to_dict() == {"region": "individual", "country": "report"}
    assert whole.loc["region", "with_result"] == 1
    (question,) = references.differing(own, table_rows)
    assert (question.issue_type, question.row) == ("exam_reference_differs", 2)
    assert "ОГЭ 2026, Химия, регион: участников 1000 вместо 1" in question.details["detail"]


def test_a_table_that_tells_the_same_is_not_asked_about() -> None:
    same = told([exam(participants=1, mark_2=0, mark_3=0, mark_4=1, mark_5=0)])
    assert references.differing(computed("region"), references.of_territories(same, REGION, 10)) == []


def test_where_only_schools_are_known_the_table_is_the_region() -> None:
    whole = references.beside(computed("school"), references.of_territories(told([exam()]), REGION, 10))
    assert whole["level"].tolist() == ["school", "region"]
    assert references.beside(computed("school"), references.of_territories(told([]), REGION, 10)).equals(
        computed("school")
    )


def test_appeals_of_ege() -> None:
    title = "ЕГЭ с апелляциями"
    usual = {"year": 2026, "procedure": "EGE", "subject": "HI", "exam_date": "2026-06-01"}
    drawn = table(CASES[title]["given"]).to_dict("records")
    rows = [usual | {"pupil_key": r["ученик"], "primary_score": r["первичный"], "test_score": r["тестовый"]}
            for r in drawn]  # fmt: skip
    after = pd.DataFrame(
        [usual | {"org_id": SCHOOL, "pupil_key": r["ученик"], "primary_score": r["первичный после"],
                  "test_score": r["тестовый после"]} for r in drawn if r["подал"] == "да"]
    )  # fmt: skip
    found = results.results(results.judged(results.attempts(sittings(rows), after), REGION), units(2026), 10)
    expected = table(CASES[title]["gives"]).set_index("показатель")["значение"]
    school = found[found["level"] == "school"].iloc[0]
    assert {name: float(school[name]) for name in expected.index} == pytest.approx(expected.to_dict())


RULES = [
    ({"Отметок «3», чел.": 361}, "row_marks_differ"),
    ({"Отметок «2», чел.": None, "Отметок «3», чел.": 1000, "Отметок «4», чел.": 1}, "row_marks_differ"),
    ({"Отметок «5», %": 50}, "row_shares_not_whole"),
    ({"Отметок «2», чел.": 250, "Отметок «3», чел.": 150}, "row_count_and_share"),
    ({"Средний тестовый балл": 60}, "row_figure_of_other_exam"),
    ({"Вид экзамена": "ЕГЭ"}, "row_figure_of_other_exam"),
    ({"Предмет": "Математика базовая"}, "row_figure_of_other_exam"),
    ({"Средний первичный балл": 38.5}, "row_mean_over_exam"),
]
WHOLE: dict[str, Any] = {
    "Год": 2026, "Вид экзамена": "ОГЭ", "Предмет": "Русский язык", "Территория": "регион",
    "Участников с результатом": 1000, "Отметок «2», чел.": 40, "Отметок «3», чел.": 360, "Отметок «4», чел.": 400,
    "Отметок «5», чел.": 200, "Отметок «2», %": 4, "Отметок «3», %": 36, "Отметок «4», %": 40, "Отметок «5», %": 20,
    "Средний первичный балл": 36.9, "Средний тестовый балл": None,
}  # fmt: skip


@pytest.mark.parametrize(("change", "issue"), RULES, ids=lambda part: part if isinstance(part, str) else "")
def test_a_rule_of_rows(tmp_path: Path, change: dict[str, Any], issue: str) -> None:
    rows = [list(WHOLE), [*WHOLE.values()], [*(WHOLE | change).values()]]
    if not set(change) & {"Вид экзамена", "Предмет"}:
        rows[2][3] = "Россия"
    taken = take_in(making.xlsx(tmp_path / "регион.xlsx", rows))
    assert taken.counts == (2, 1, 1)
    assert issue in taken.types


def test_the_table_as_a_report_of_the_region_has_it(tmp_path: Path) -> None:
    rows = [
        ["Год", "Экзамен", "Учебный предмет", "Уровень", "Участников, чел.", "«2», %", "Ниже минимума, %", "61–80, %",
         "81–99, %", "Стобалльников", "Средний балл (тестовый)"],
        [2026, "ЕГЭ", "Математика (профильный уровень)", "РФ", 327000, None, "6,1", "31,5", "18,2", 700, "58,4"],
        [2026, "ОГЭ", "русский", "по республике", 5400, "3,1", None, None, None, None, None],
    ]  # fmt: skip
    taken = take_in(making.xlsx(tmp_path / "отчёт.xlsx", rows))
    assert taken.counts == (2, 2, 0)
    facts = taken.facts["exam_reference"]
    assert facts[["subject", "territory"]].to_numpy().tolist() == [["MA", "country"], ["RU", "region"]]
    assert facts["below_minimum_pct"].tolist()[0] == 6.1


def test_a_table_alone_is_enough() -> None:
    nobody = results.judged(
        results.attempts(sittings([exam_row()]).iloc[:0], pd.DataFrame(columns=[*exam_row(), "org_id"])), REGION
    )
    found = references.beside(
        results.results(nobody, units(2026), 10), references.of_territories(told([exam()]), REGION, 10)
    )
    assert found[["level", "participants", "mark_5"]].to_numpy().tolist() == [["region", 1000, 200]]


def exam_row() -> dict[str, Any]:
    return {"year": 2026, "procedure": "OGE", "subject": "HI", "pupil_key": "а", "exam_date": "2026-06-01",
            "primary_score": 30, "mark": 4}  # fmt: skip
