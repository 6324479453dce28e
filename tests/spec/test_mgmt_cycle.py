"""Items of the roadmap in a year (M32) and components of the management cycle (M14), on rows counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from msoko_pipeline.indicators.management.components import (
    components,
    of_acts,
    of_monitoring,
    of_records,
    of_targets,
)
from msoko_pipeline.indicators.management.roadmap_status import instances, statuses
from schemas import cycle

YEAR = 2026
TOWN = pd.DataFrame({"year": [YEAR], "level": ["municipality"], "unit_id": ["город"]})
TOLD = ("item", "period", "level", "unit_id", "org_id", "responsible", "due", "status", "done_on", "evidence",
        "is_overdue")  # fmt: skip


def records(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of the register, of the town and the whole year unless told otherwise."""
    usual = {"period": "year", "level": "municipality", "unit_id": "город", "is_overdue": False}
    return pd.DataFrame([usual | row for row in rows], columns=TOLD).assign(year=YEAR)


def acts(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"year": YEAR, "act_kind": "order", "act_number": "7", "level": "municipality", "unit_id": "город",
             "valid_to": None, "link": None}  # fmt: skip
    columns = [*usual, "act_id", "item", "dated"]
    return pd.DataFrame([{"act_id": f"А-{n}"} | usual | row for n, row in enumerate(rows)], columns=columns)


def stand(register: pd.DataFrame, *of_acts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = statuses(register, acts(*of_acts), TOWN)
    return {
        f"{row['item']} {row['period']}": {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in rows.to_dict("records")
    }


def test_every_item_is_due_once_a_year_and_two_twice() -> None:
    of_year = instances([YEAR])
    days = of_year.set_index(["item", "period"])["due"]
    assert of_year["item"].nunique() == 84 - 3  # 1.1, 1.2 and 10.1 were due in other years
    assert len(of_year) == 81 + 2
    assert (days["3.12", "12"], days["3.12", "06"]) == ("2025-12-31", "2026-06-30")
    assert (days["2.4", "year"], days["3.13", "year"], days["1.6", "year"]) == (
        "2026-08-31",
        "2026-07-31",
        "2025-12-31",
    )
    assert pd.isna(days["3.9", "year"])
    early = instances([2022])
    assert {"1.1", "1.2", "10.1"} <= {*early["item"]}
    assert "1.6" not in {*early["item"]}


def test_the_register_says_how_an_item_stands() -> None:
    told = stand(records(
        {"item": "2.4", "status": "done", "done_on": "2026-06-01", "evidence": "справка", "due": "2026-06-28"},
        {"item": "3.12", "period": "12", "status": "in_progress", "is_overdue": True},
    ))  # fmt: skip
    assert (told["2.4 year"]["status"], told["2.4 year"]["due"]) == ("done", "2026-06-28")
    december = told["3.12 12"]
    assert (december["status"], december["is_overdue"], december["due"]) == ("in_progress", True, "2025-12-31")
    assert december["told_by"] == "register"
    june = told["3.12 06"]
    assert (june["status"], june["is_overdue"], june["told_by"]) == (None, None, None), "nobody has told"


@pytest.mark.parametrize(
    ("item", "dated", "status"),
    [("1.6", "2025-12-01", "done"), ("1.6", "2025-12-31", "done"), ("1.6", "2026-01-01", "done_late"),
     ("1.3", "2026-08-01", "done"), ("2.4", "2025-12-01", None)],
)  # fmt: skip
def test_an_act_carries_out_what_acts_do(item: str, dated: str, status: str | None) -> None:
    told = stand(records(), {"item": item, "dated": dated})[f"{item} year"]
    assert told["status"] == status
    if status:
        assert (told["done_on"], told["evidence"], told["told_by"]) == (dated, "приказ № 7", "act")


def test_the_register_is_asked_before_the_acts() -> None:
    register = records({"item": "1.3", "status": "in_progress", "is_overdue": True})
    told = stand(register, {"item": "1.3", "dated": "2025-10-01"})["1.3 year"]
    assert (told["status"], told["is_overdue"], told["done_on"]) == ("in_progress", True, None)


def test_an_organisation_stands_beside_the_item() -> None:
    register = records({"item": "2.7", "level": "school", "unit_id": "А", "org_id": "А", "status": "not_started"})
    rows = statuses(register, acts(), TOWN)
    of_item = rows[rows["item"] == "2.7"].set_index("unit_id")
    assert of_item.loc["А", "status"] == "not_started"
    assert pd.isna(of_item.loc["город", "status"])


def scores(*traces: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int, str | None]]:
    """(system, component) → records, score, document, of those with any record."""
    columns = ["year", "area", "component", "document", "dated", "link"]
    rows = components(pd.concat([trace.reindex(columns=columns) for trace in traces]), TOWN)
    assert len(rows) == 9 * 9
    return {
        (row.system, row.component): (row.records, row.score, None if pd.isna(row.document) else row.document)
        for row in rows.itertuples() if row.records
    }  # fmt: skip


def in_force(*rows: dict[str, Any]) -> pd.DataFrame:
    return of_acts(acts(*rows), YEAR, "2025-09-01", "2026-08-31")


def test_acts_are_goals_methods_and_analysis() -> None:
    told = scores(in_force(
        {"item": "1.3", "dated": "2025-09-05", "act_kind": "programme", "act_number": None},
        {"item": "9.3", "dated": "2026-05-05", "act_kind": "report"},
        {"item": "1.2", "dated": "2021-12-20", "year": 2022, "act_kind": "regulation"},
    ))  # fmt: skip
    assert told["4", "goals"] == (1, 1, None), "a programme without a number"
    assert told["9", "analysis"] == (1, 2, "справка № 7".replace("справка", cycle.DATA["acts"]["report"][0]))
    assert all(told[str(system), "methods"][1] == 2 for system in range(2, 11)), "МСОКО as a whole is of every system"


@pytest.mark.parametrize(
    ("change", "counts"),
    [({}, True), ({"year": 2023, "dated": "2022-10-01"}, True), ({"valid_to": "2025-08-31"}, False),
     ({"valid_to": "2025-09-01"}, True), ({"year": 2027, "dated": "2026-09-01"}, False),
     ({"act_kind": "letter"}, False)],
)  # fmt: skip
def test_an_act_counts_while_it_is_in_force(change: dict[str, Any], counts: bool) -> None:
    plan = {"item": "1.7", "dated": "2025-10-01", "act_kind": "plan"}
    assert (("5", "goals") in scores(in_force(plan | change))) is counts


def test_records_count_and_evidence_is_their_document() -> None:
    def rows(**columns: Any) -> pd.DataFrame:
        return pd.DataFrame({"year": YEAR, "evidence": None, "issued": "2025-10-01", "category": None} | columns)

    told = scores(of_records({
        "recommendation": rows(item=["7.2", "7.2"], evidence=["письмо № 3", None]),
        "planned_measure": rows(item=["1.6"], measure_id=["М-1"]),
        "decision": rows(item=["4.4"], decision_id=["У-1"], evidence=["приказ № 9"]),
        "effect": pd.DataFrame({"year": YEAR, "item": ["8.8", "9.8"], "of_code": ["М-1", "М-2"],
                                "judged_on": "2026-06-20", "category": None}),
    }))  # fmt: skip
    assert told == {
        ("7", "recommendations"): (2, 2, "письмо № 3"), ("8", "measures"): (1, 1, None),
        ("4", "decisions"): (1, 2, "приказ № 9"), ("8", "effect"): (1, 2, "М-1"), ("9", "effect"): (1, 1, None),
    }  # fmt: skip


def test_targets_and_indicators() -> None:
    declared = {"coverage": {"item": "9.5"}, "winners": {"item": "5.2"}, "other": {"item": "-"}}
    targets = pd.DataFrame({"year": YEAR, "indicator_id": ["coverage", "unknown"], "basis": ["приказ № 12", None]})
    values = pd.DataFrame({"year": YEAR, "indicator_id": ["coverage", "winners"]})
    done = pd.DataFrame(
        {"year": [YEAR], "item": "9.5", "status": "done", "done_on": "2026-06-01", "evidence": "справка"}
    )
    told = scores(of_targets(targets, declared), of_monitoring(values, done, declared))
    assert told == {
        ("9", "indicators"): (1, 2, "приказ № 12"), ("9", "monitoring"): (1, 2, "справка"),
        ("5", "monitoring"): (1, 1, None),
    }  # fmt: skip


def test_every_area_has_a_section() -> None:
    assert {declared["section"] for declared in cycle.DATA["areas"].values()} == {*range(1, 11)}
