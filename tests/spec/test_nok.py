"""НОК as tables with known answers: criteria, bands, when it is due, the sample, the plan, two sources of a total."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.registers.measures import measured, sliced
from msoko_pipeline.indicators.registers.reached_levels import reached
from msoko_pipeline.indicators.registers.rows import nok
from schemas.declared import DECLARED_MARTS
from schemas.fields import columns_of
from schemas.sources.nok import BLOCKS, CRITERIA, DATA, QUESTIONS, NokAnswers, NokOfUnit, mean_of_criteria, unasked
from tests.spec.tables import load, table

YEAR, ORG = 2026, "edu190003"
SPECIFICATION = load("nok")
TITLES = {rule["title"].split(" ", 1)[0]: name for name, rule in CRITERIA.items()} | {"итог": "score"}
FLAGS = {"да": True, "нет": False, None: None}


def section(title: str) -> list[dict[str, Any]]:
    """Rows of a section of the page."""
    (one,) = [part for part in SPECIFICATION["sections"] if part["title"] == title]
    return table(one["cases"]).replace({np.nan: None}).to_dict("records")


def facts_of(drawn: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Checklist and answers that have these counts: `что | да | из`."""
    counts = {what: (int(yes), int(of)) for what, yes, of in table(drawn).itertuples(index=False)}
    items = [
        (YEAR, ORG, BLOCKS[what], place < yes)
        for what, (yes, of) in counts.items() if what in BLOCKS
        for place in range(of)
    ]  # fmt: skip
    respondents = max((of for what, (_, of) in counts.items() if what in QUESTIONS), default=0)
    answers = pd.DataFrame({"year": [YEAR] * respondents, "org_id": ORG})
    for name in QUESTIONS:
        yes, of = counts.get(name, (0, 0))
        answers[name] = pd.array([True] * yes + [False] * (of - yes) + [None] * (respondents - of), dtype="boolean")
    checklists = pd.DataFrame(items, columns=["year", "org_id", "block", "is_there"])
    return tuple(nok.typed(frame, nok.OF_KINDS[kind]) for frame, kind in
                 ((checklists, "nok_checklist"), (answers, "nok_answers")))  # type: ignore[return-value]  # fmt: skip


@pytest.mark.parametrize("case", SPECIFICATION["cases"], ids=lambda case: case["title"])
def test_the_criteria_are_as_drawn(case: dict[str, Any]) -> None:
    (found,) = nok.points(*facts_of(case["given"])).to_dict("records")
    for title, expected in table(case["gives"]).itertuples(index=False):
        told = found[TITLES[title]]
        assert (None if pd.isna(told) else round(told, 2)) == (None if pd.isna(expected) else expected), title


def test_an_item_that_is_not_required_is_in_neither_count() -> None:
    checklists, answers = facts_of(SPECIFICATION["cases"][0]["given"])
    spare = checklists.head(1).assign(is_there=pd.array([None], dtype="boolean"))
    (whole,) = nok.points(checklists, answers).to_dict("records")
    (more,) = nok.points(pd.concat([checklists, spare]), answers).to_dict("records")
    assert more["openness"] == whole["openness"]


def test_organisations_and_years_are_counted_apart() -> None:
    checklists, answers = facts_of(SPECIFICATION["cases"][-1]["given"])
    poor = checklists.assign(org_id="doo190001", is_there=pd.array([False] * len(checklists), dtype="boolean"))
    found = nok.points(pd.concat([checklists, poor]), pd.concat([answers, answers.assign(year=2025)]))
    told = found.set_index(["year", "org_id"])["score"]
    assert told.index.tolist() == [(2025, ORG), (2026, "doo190001"), (2026, ORG)]
    assert told.isna().tolist() == [True, True, False]


@pytest.mark.parametrize("row", section("Оценка словами"), ids=str)
def test_bands(row: dict[str, Any]) -> None:
    (name,) = reached(pd.Series([row["итог"]], dtype="Float64"), nok.BANDS)
    assert (None if pd.isna(name) else DATA["bands"]["titles"][name]) == row["оценка"]


@pytest.mark.parametrize("row", section("Срок следующей НОК"), ids=str)
def test_when_it_is_due(row: dict[str, Any]) -> None:
    told = str(row["прошлые НОК"] or "").replace(".0", "")
    years = [int(word) for word in told.split(",") if word.strip()]
    assessed = pd.DataFrame({"year": years, "org_id": ORG, "score": 90.0})
    units = pd.DataFrame({"year": [YEAR, YEAR], "org_id": ORG, "level": ["school", "municipality"], "unit_id": "x"})
    (found,) = nok.scheduled(assessed, units).to_dict("records")
    names = ("last_year", "next_year", "is_due", "is_overdue")
    expected = (row["последняя"], row["срок"], FLAGS[row["в этом году"]], FLAGS[row["просрочена"]])
    assert tuple(None if pd.isna(found[name]) else found[name] for name in names) == expected
    assert found["has_any"] == (row["последняя"] is not None)


@pytest.mark.parametrize("row", section("Сколько надо опросить"), ids=str)
def test_the_sample(row: dict[str, Any]) -> None:
    (few,) = nok.is_few(*(pd.Series([row[name]], dtype="Int64") for name in ("получателей", "опрошено")))
    assert (None if pd.isna(few) else bool(few)) == FLAGS[row["меньше нормы"]]


@pytest.mark.parametrize("row", section("План устранения недостатков"), ids=str)
def test_the_plan(row: dict[str, Any]) -> None:
    days = {"due_on": row["срок"], "done_on": row["исполнено"], "as_of": row["на день"]}
    plan = pd.DataFrame([{"year": YEAR, "org_id": ORG, **days}])
    (found,) = nok.planned(nok.typed(plan, nok.OF_KINDS["nok_plan"])).to_dict("records")
    names = {"due": "срок наступил", "on_time": "в срок", "mended": "устранён"}
    assert found["shortcomings"] == 1
    assert {name: bool(found[name]) for name in names} == {name: FLAGS[row[word]] for name, word in names.items()}


@pytest.mark.parametrize("row", section("Таблица оператора и расчёт"), ids=str)
def test_the_table_of_the_operator_goes_before_the_calculation(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(points: Any) -> pd.DataFrame:
        return pd.DataFrame([{"year": YEAR, "org_id": ORG, "score": points}] if points is not None else [])

    counted = nok.typed(told(row["расчёт"]), nok.OF_KEY | dict.fromkeys(nok.POINTS, "Float64"))
    monkeypatch.setattr(nok, "points", lambda *facts: counted)
    tables = nok.typed(told(row["таблица"]), nok.OF_KINDS["nok"])
    (found,) = nok.assessed(tables, pd.DataFrame(), facts_of("что | да | из")[1]).to_dict("records")
    assert found["score"] == row["публикуется"]
    assert (None if pd.isna(found["differs"]) else found["differs"]) == FLAGS[row["расходятся"]]


def test_rows_of_territories_have_the_points_and_no_label_of_one_organisation() -> None:
    organisations = nok.assessed(
        nok.typed(pd.DataFrame([{"year": YEAR, "org_id": ORG, "score": 90.0}]), nok.OF_KINDS["nok"]),
        *facts_of("что | да | из"),
    )
    plan = {"year": YEAR, "org_id": ORG, "due_on": "2026-06-01", "done_on": None, "as_of": "2026-09-01"}
    places = [(YEAR, org, level, unit) for org in (ORG, "doo190001")
              for level, unit in (("school", org), ("municipality", "town"))]  # fmt: skip
    units = pd.DataFrame(places, columns=["year", "org_id", "level", "unit_id"])
    plans = nok.typed(pd.DataFrame([plan]), nok.OF_KINDS["nok_plan"])
    rows = nok.in_units(organisations, plans, units).set_index(["org_id", "level"])
    own, town = rows.loc[(ORG, "school")], rows.loc[(ORG, "municipality")]
    assert (own["band"], own["single_band"], own["last_year"], own["operator_score"], own["due"]) == (
        "excellent", "excellent", YEAR, 90, 1,
    )  # fmt: skip
    assert (town["band"], town["score"], town["due"], town["is_due"]) == ("excellent", 90, 1, False)
    assert town[["single_band", "last_year", "operator_score"]].isna().all()
    silent = rows.loc[("doo190001", "municipality")]
    assert silent[["band", "score", "due", "is_due", "is_overdue"]].isna().all()
    assert not silent["has_any"]


def frame(rows: Iterable[dict[str, Any]], columns: Iterable[str], dtype: str) -> pd.DataFrame:
    return pd.DataFrame(rows).reindex(columns=[*columns]).astype(dtype)


def test_the_total_of_a_table_is_the_mean_of_its_criteria() -> None:
    told = frame(
        [dict.fromkeys(CRITERIA, 90.0), dict.fromkeys(CRITERIA, 90.0) | {"comfort": None}], CRITERIA, "Float64"
    )
    assert mean_of_criteria(told).tolist() == [90.0, pd.NA]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [({"v1": False, "v2": True}, True), ({"v6": False, "v7": False}, True), ({"v1": True, "v2": False}, False),
     ({"v2": True}, False), ({"v1": False}, False)],
)  # fmt: skip
def test_an_answer_to_what_nobody_asked(row: dict[str, bool], wrong: bool) -> None:
    assert unasked(frame([row], QUESTIONS, "boolean")).tolist() == [wrong]


def test_the_form_has_the_questions() -> None:
    assert set(QUESTIONS) <= set(NokAnswers.to_schema().columns)


def test_a_territory_counts_the_bands_of_its_organisations() -> None:
    rows = pd.DataFrame({"year": YEAR, "org_id": ["a", "b"], "score": [90.0, 70.0], "band": ["excellent", "good"]})
    units = pd.DataFrame({"year": YEAR, "org_id": ["a", "b"], "level": "municipality", "unit_id": "town"})
    tables = nok.typed(rows, nok.OF_KINDS["nok"])
    plans = nok.typed(pd.DataFrame(), nok.OF_KINDS["nok_plan"])
    organisations = nok.in_units(nok.assessed(tables, *facts_of("что | да | из")), plans, units)
    with duckdb.connect() as connection:
        columns = {spec.name: spec.dtype for spec in columns_of(NokOfUnit)}
        typed = organisations.astype({name: dtype for name, dtype in columns.items() if dtype != "str"})
        mart = DECLARED_MARTS["nok_summary"]
        facts = engine.load(connection, typed.astype(dict.fromkeys(("band", "single_band"), "string")))
        (town,) = measured(sliced(facts, None, mart), None, None, mart).to_dict("records")  # type: ignore[arg-type]
    assert (town["organisations"], town["assessed"], town["score"]) == (2, 2, 80)
    assert (town["excellent"], town["good"], town["fair"], town["high_pct"]) == (1, 1, 0, 100)
    assert pd.isna(town["band"])
    assert pd.isna(town["operator_score"])
