"""Dagster's event log with one engine a database: the same answers as the stock storage, with less waiting."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from dagster._core.storage.event_log import SqliteEventLogStorage

from msoko_pipeline.orchestration.storage import EventLog


def test_a_table_is_looked_for_until_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(str(tmp_path))
    assert not log.has_table("of_tomorrow")
    with log.index_connection() as connection:
        connection.execute(sa.text("create table of_tomorrow (a)"))
    assert log.has_table("of_tomorrow")
    asked: list[str] = []
    monkeypatch.setattr(SqliteEventLogStorage, "has_table", lambda _, name: bool(asked.append(name)))
    assert log.has_table("of_tomorrow")
    assert not log.has_table("other")
    assert asked == ["other"]
    log.dispose()


def test_events_are_not_waited_for(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    for connect in (log.index_connection, lambda: log.run_connection("0" * 8)):
        with connect() as connection:
            assert connection.execute(sa.text("pragma synchronous")).scalar() == 1, "normal"
            assert connection.execute(sa.text("pragma journal_mode")).scalar() == "wal"
    log.dispose()
