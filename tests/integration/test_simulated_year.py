"""A year that runs by itself: files come late, twice, broken and corrected; sensors and schedules do the rest."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from msoko_pipeline.orchestration import sensors
from msoko_pipeline.sample.inbox import sample_files
from msoko_pipeline.settings import Settings
from tests.automation import Automation
from tests.unit.test_alarms import Hook, serving

SCHOOLS, SEED = 5, 2026
SILENT_SCHOOL = "edu190005"
START = ("Реестр ОО.xlsx", "ДОО/Реестр", "ВсОШ/2025-2026/Контингент", "График оценочных процедур/")
PRESCHOOL = ("ДОО/2026/",)
VPR = ("Формы сбора/2026/", "ВПР 2026/Ф1", "ВПР 2026/28", "ВПР 2026/ВПР", "ВПР 2026/РУ", "ВПР 2026/МА")
EXAMS = ("ГИА/2026/Протоколы ОГЭ",)
LATE = "ВПР 2026/2866100.xlsx"
BROKEN = "ВПР 2026/2866060.xlsx"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(sample_files(SCHOOLS, 1, SEED))


@pytest.fixture
def hook() -> Iterator[Any]:
    from http.server import HTTPServer

    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.posted, server.status = [], 200  # type: ignore[attr-defined]
    with serving(server):
        yield server


def put(inbox: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def chosen(files: dict[str, bytes], beginnings: tuple[str, ...], *but: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith(beginnings) and name not in but}


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / "warehouse.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def of_day(automation: Automation, day: str) -> list[tuple[str, str, bool]]:
    return [(job, by, is_done) for at, job, by, is_done in automation.runs if at == day]


PUBLISHED = [("intake", "inbox_changed", True), ("publish_year", "years_stale", True)]


def test_a_spring_runs_by_itself(
    tmp_path: Path, files: dict[str, bytes], hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "RETRY_AFTER", dt.timedelta())
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    webhook = f"http://127.0.0.1:{hook.server_address[1]}/"
    with dg.instance_for_test() as instance:
        year = Automation(Settings(home=home, inbox_dir=inbox, webhook=webhook), instance)

        year.pass_day("2026-05-04")
        assert year.runs == [], "an empty inbox starts nothing"
        assert "ещё ничего не опубликовано" in year.skipped["close_vpr_spring"]

        put(inbox, chosen(files, START))
        year.pass_day("2026-05-05")
        assert of_day(year, "2026-05-05") == PUBLISHED
        year.pass_day("2026-05-06")
        assert of_day(year, "2026-05-06") == [], "nothing has come"
        assert "прислали всё 0 из 5 организаций" in year.skipped["close_vpr_spring"]
        print(ask(home, "select procedure, status, count(*), deadline from mart_completeness group by 1, 2"))
        print(hook.posted)
        print(year.skipped)
