"""The daemon alone, with its sensors as they are delivered: what is put into the inbox is published, and once."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.intake.steps import withdraw
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.orchestration.sensors import SECONDS
from msoko_pipeline.settings import Settings
from tests import making
from tests.serving import ui

pytestmark = pytest.mark.soak
PATIENCE = 240.0
AUTHORITY = {"Организация": None}


def publications(home: Path) -> int:
    file = home / "warehouse.sqlite"
    if not file.exists():
        return 0
    connection = sqlite3.connect(file)
    try:
        (count,) = connection.execute("select count(*) from ops_publication where years <> ''").fetchone()
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        connection.close()
    return int(count)


def settled(home: Path, expected: int) -> int:
    """Publications once there are as many as expected and every sensor has looked twice more."""
    until = time.monotonic() + PATIENCE
    while publications(home) < expected and time.monotonic() < until:
        time.sleep(1)
    time.sleep(2.5 * SECONDS)
    return publications(home)


def test_a_file_is_published_once(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    settings = Settings(home=home, inbox_dir=inbox)
    with ui(home, MSOKO_INBOX=str(inbox), MSOKO_AUTOMATION="on"):
        making.xlsx(inbox / "акты.xlsx", making.form("act", {"Год": 2025, **AUTHORITY}, {"Год": 2026, **AUTHORITY}))
        assert settled(home, 1) == 1
        making.xlsx(inbox / "меры.xlsx", making.form("planned_measure", AUTHORITY))
        assert settled(home, 2) == 2
        withdraw(settings, next(entry.sha256 for entry in ledger_of(settings).files() if entry.name == "меры.xlsx"))
        assert settled(home, 3) == 3
    with opened(settings) as instance:
        jobs = sorted(record.dagster_run.job_name for record in instance.get_run_records())
    assert jobs == ["intake", "intake", "publish_year", "publish_year", "publish_year"]
