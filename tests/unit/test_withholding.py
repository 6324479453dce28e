"""A row that alone breaks what is expected is withheld; what says that the table is wrong still stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.issues import questions
from msoko_pipeline.publishing import rows, withholding
from msoko_pipeline.publishing.expectations import judge
from msoko_pipeline.publishing.suite import suite
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of
from schemas.marts import MARTS
from tests.unit.test_expectations import COMMON, OWN

TASK: dict[str, Any] = {**COMMON, **OWN["vpr_task"], "participants": 10, "max_verified": True}


def table(*changes: dict[str, Any], mart: str = "vpr_task") -> pa.Table:
    lines = [{**TASK, "task": str(number), **change} for number, change in enumerate(changes, 1)]
    columns = {}
    for spec in columns_of(MARTS[mart]):
        values = pa.array([line.get(spec.name) for line in lines])
        kind = rows.TYPES[rows.kind(spec.dtype)]
        columns[spec.name] = (
            values.cast(pa.string()).dictionary_encode() if rows.kind(spec.dtype) == "str" else values.cast(kind)
        )
    return pa.table(columns)


BROKEN = [
    ({"completion_pct": 125.0}, "completion_pct"),
    ({"completion_pct": -1.0}, "completion_pct"),
    ({"full_pct": 70.0, "zero_pct": 60.0}, "full_pct + zero_pct"),
    ({"status": "как-то"}, "status"),
    ({"small_base": None}, "small_base"),
]


@pytest.mark.parametrize(("change", "column"), BROKEN, ids=[str(change) for change, _ in BROKEN])
def test_the_row_is_found_and_the_rest_passes(change: dict[str, Any], column: str) -> None:
    told = table({"completion_pct": 50.0}, change, {})
    assert not judge(told, 2021, "vpr_task").passed
    found = withholding.broken(told, "vpr_task")
    assert [(e.column, np.flatnonzero(mask).tolist()) for e, mask in found.items()] == [(column, [1])]
    assert judge(told.filter(pa.array([True, False, True])), 2021, "vpr_task").passed


@pytest.mark.parametrize("change", [{"task": "1"}, {"subject": "матем"}, {"unit_id": None}])
def test_what_is_wrong_with_the_key_is_no_matter_of_a_row(change: dict[str, Any]) -> None:
    told = table({}, change)
    assert not judge(told, 2021, "vpr_task").passed
    assert withholding.broken(told, "vpr_task") == {}


def test_sums_and_registers_are_structural() -> None:
    sums = [e for e in suite("score_distribution") if e.of != "строк"]
    assert [e.is_structural for e in sums] == [True]
    assert all(e.is_structural for e in suite("organisation"))
    orders = {e.column: e.is_structural for e in suite("vpr_school") if " - " in e.column}
    assert orders["mark_2 + mark_3 + mark_4 + mark_5 - marked"]
    assert not orders["success_pct - quality_pct"]


def test_withheld_rows_are_out_of_the_staged_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, inbox=tmp_path / "inbox")
    store.write(table({}, {"completion_pct": 125.0}), rows.staged(settings, 2021, "vpr_task"))
    monkeypatch.setattr(withholding, "_file_of", lambda *_: 7)
    (asked,) = withholding._withhold(settings, 2021, "vpr_task")
    assert rows.read(rows.staged(settings, 2021, "vpr_task"), MARTS["vpr_task"]).num_rows == 1
    assert (asked.seq, asked.issue_type, asked.org_ref) == (7, "row_withheld", "edu190001")
    for piece in ("vpr_task", "task 2", "completion_pct", "а здесь 125.0"):
        assert piece in asked.details["detail"]


@pytest.mark.parametrize("broken", [withholding.NAMED, 137])
def test_every_withheld_row_is_counted_and_the_first_are_named(tmp_path: Path, broken: int) -> None:
    settings = Settings(home=tmp_path, inbox=tmp_path / "inbox")
    ledger_of(settings).add([("a" * 64, "а.xlsx", 1, {})])
    for year in (2021, 2022):
        changes = [{"year": year, "completion_pct": 125.0}] * broken + [{"year": year}]
        store.write(table(*changes), rows.staged(settings, year, "vpr_task"))
    verdicts = withholding.check(settings, [2021, 2022], "vpr_task")
    assert all(verdict.passed for verdict in verdicts.values())
    assert withholding.count(settings, [2021, 2022]) == 2 * broken
    assert withholding.count(settings, [2022]) == broken
    issues = pq.read_table(questions.file_of(settings, questions.withheld("vpr_task"), 2022)).to_pylist()
    assert len(issues) == min(broken, withholding.NAMED + 1)
    more = [issue["message_ru"] for issue in issues if issue["issue_type"] == "rows_withheld_more"]
    left = broken - withholding.NAMED
    assert more == [] if left < 1 else f"» (vpr_task), всего {left}; отдельно" in more[0]
