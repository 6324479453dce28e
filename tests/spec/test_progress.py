"""Recommendations, measures, decisions and effects (M11–M13), on the drawn cases of the methodology."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.management.records import areas, judged
from msoko_pipeline.indicators.registers.rows.progress import counted
from schemas import cycle
from schemas.declared import DECLARED_MARTS
from schemas.sources.progress import AREAS
from tests.spec.drawn import YEAR, Rows, differences, facts, marts_rows
from tests.spec.tables import load, records

CASES = load("progress")["cases"]
RECEIVED = {1: "2026-09-15"}
YES_NO = {"да": True, "нет": False}


def of_measures(rows: pd.DataFrame) -> pd.DataFrame:
    return counted(judged(rows.assign(seq=1, addressee=rows["org_id"]), RECEIVED))


def of_effects(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(addressee=rows["org_id"], area=areas(rows["item"]))


ROWS: dict[str, Rows] = {"help_plan_progress": of_measures, "effect_summary": of_effects}


def iso(day: str | None) -> str | None:
    return dt.datetime.strptime(day, "%d.%m.%Y").date().isoformat() if day else None


@pytest.mark.parametrize("case", records("progress", "judged"), ids=lambda case: f"{case['статус']} {case['почему']}")
def test_what_is_due_and_what_is_done_in_time(case: dict[str, Any]) -> None:
    days = {"due": case["срок"], "done_on": case["исполнено"], "as_of": case["заполнено на"]}
    row = {"year": YEAR, "seq": 1, "status": cycle.STATUSES[case["статус"]]} | {k: iso(day) for k, day in days.items()}
    (told,) = judged(pd.DataFrame([row]), RECEIVED).to_dict("records")
    expected = {"is_due": "наступил", "is_in_time": "в срок", "is_overdue": "просрочена",
                "is_due_by_checkpoint": "до января"}  # fmt: skip
    assert {name: told[name] for name in expected} == {name: YES_NO[case[word]] for name, word in expected.items()}
    assert told["is_void"] == (case["почему"] == "не считается")


@pytest.mark.parametrize("case", records("progress", "areas"), ids=lambda case: f"{case['пункт']} {case['категория']}")
def test_areas(case: dict[str, Any]) -> None:
    item = f"{case['пункт']:g}" if isinstance(case["пункт"], float) else case["пункт"]
    known = {title: code for code, titles in cycle.DATA["categories"].items() for title in titles}
    category = pd.Series([known[case["категория"]] if case["категория"] else None], dtype="string")
    assert areas(pd.Series([item]), category).tolist() == [AREAS[case["направление"]]]


def test_every_item_and_category_has_an_area() -> None:
    assert areas(pd.Series(cycle.ITEMS)).notna().all()
    assert set(areas(pd.Series(cycle.ITEMS))) == set(AREAS.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_mart_says_what_the_methodology_says(case: dict[str, Any]) -> None:
    rows = ROWS[case["mart"]](facts(case["given"], case["register"]))
    assert differences(marts_rows(rows, case["mart"]), case["gives"], DECLARED_MARTS[case["mart"]]) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_nothing_is_made_of_nothing(case: dict[str, Any]) -> None:
    assert ROWS[case["mart"]](facts(case["given"], case["register"]).iloc[:0]).empty


def test_another_figure_would_be_found() -> None:
    (case,) = (case for case in CASES if case["mart"] == "help_plan_progress")
    rows = of_measures(facts(case["given"], case["register"]))
    found = differences(
        marts_rows(rows, case["mart"]), case["gives"].replace("| 75 ", "| 76 "), DECLARED_MARTS[case["mart"]]
    )
    assert [line.split(":")[0] for line in found] == ["город in_time_pct"]
