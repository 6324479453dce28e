"""The process that judges says the same as judging here, and a dead one is replaced by judging here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from msoko_pipeline.publishing import expectations, judging, rows
from msoko_pipeline.settings import Settings
from tests.unit.test_expectations import frame


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path)
    for year, share in ((2021, 50.0), (2022, 150.0)):
        path = rows.staged(made, year, "vpr_task")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(frame("vpr_task", {"year": year, "completion_pct": share}), path)
    return made


@pytest.fixture
def process() -> Iterator[None]:
    before = list(judging._processes)
    judging._processes.clear()
    judging.start()
    yield
    for one in judging._processes:
        one.shutdown()
    judging._processes[:] = before


def told(verdicts: dict[int, expectations.Verdict]) -> dict[int, tuple[bool, tuple[str, ...]]]:
    return {year: (verdict.passed, verdict.failures) for year, verdict in verdicts.items()}


def test_the_process_says_the_same(settings: Settings, process: None) -> None:
    here = told(expectations.check(settings, [2021, 2022], "vpr_task"))
    assert {year: passed for year, (passed, _) in here.items()} == {2021: True, 2022: False}
    assert told(judging.check(settings, [2021, 2022], "vpr_task")) == here


def test_a_dead_process_does_not_stop_the_judgement(settings: Settings, process: None) -> None:
    with pytest.raises(Exception, match="terminated"):
        judging._processes[0].submit(os._exit, 1).result()
    assert told(judging.check(settings, [2021], "vpr_task"))[2021][0]
    assert judging._processes == []
