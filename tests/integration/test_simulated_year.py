"""A year that runs by itself: files come late, twice, broken and corrected; sensors and schedules do the rest."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.orchestration import sensors
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.sample.inbox import sample_files
from msoko_pipeline.settings import Settings
from tests.automation import Automation
from tests.unit.test_alarms import hook

__all__ = ["hook"]

SCHOOLS, SEED = 5, 2026
START = ("Реестр ОО.xlsx", "ДОО/", "ВсОШ/2025-2026/Контингент", "График оценочных процедур/")
VPR = ("Формы сбора/2026/", "ВПР 2026/Ф1", "ВПР 2026/28", "ВПР 2026/ВПР", "ВПР 2026/РУ", "ВПР 2026/МА")
LATE = "ВПР 2026/МА 6 Индивидуальные результаты.xlsx"
BROKEN = "ВПР 2026/2866060.xlsx"
TWICE = "ВПР 2026/Ф1_Индивидуальные результаты РУ 5.xlsx"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(sample_files(SCHOOLS, 1, SEED))


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
CLOSED = ("publish_year", "close_vpr_spring", True)
COUNTED = "select status, count(*) from mart_completeness where procedure = 'VPR' group by 1"


def test_a_spring_runs_by_itself(
    tmp_path: Path, files: dict[str, bytes], hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    webhook = f"http://127.0.0.1:{hook.server_address[1]}/"
    settings = Settings(home=home, inbox_dir=inbox, webhook=webhook)
    with opened(settings) as instance:
        year = Automation(settings, instance)

        year.pass_day("2026-05-04")
        assert year.runs == [], "an empty inbox starts nothing"
        assert "ещё ничего не опубликовано" in year.skipped["close_vpr_spring"]

        put(inbox, chosen(files, START))
        year.pass_day("2026-05-23")
        assert of_day(year, "2026-05-23") == PUBLISHED
        year.pass_day("2026-05-24")
        assert of_day(year, "2026-05-24") == [], "nothing has come"
        assert "прислали всё 0 из 5 организаций" in year.skipped["close_vpr_spring"]

        year.pass_day("2026-06-09")
        assert of_day(year, "2026-06-09") == [("remind", "due_dates", True)]
        (text,) = [post["text"] for post in hook.posted if "ВПР" in post["text"]]
        assert "срок для файлов — 16.06.2026; прислали всё 0 из 5 организаций" in text
        assert len([*(home / "reminders" / "2026").iterdir()]) == SCHOOLS

        whole = files[BROKEN]
        put(inbox, chosen(files, VPR, LATE) | {BROKEN: whole[: len(whole) // 2], "ещё раз/копия.xlsx": files[TWICE]})
        year.pass_day("2026-06-10")
        assert of_day(year, "2026-06-10") == PUBLISHED
        assert [entry.status for entry in ledger_of(year.settings).files() if entry.name == BROKEN] == ["refused"]
        assert dict(ask(home, COUNTED))["awaited"] == 2 * SCHOOLS
        put(inbox, {BROKEN: whole})  # mended
        year.pass_day("2026-06-12")
        assert of_day(year, "2026-06-12") == PUBLISHED
        assert dict(ask(home, COUNTED))["awaited"] == SCHOOLS

        hook.posted.clear()
        year.pass_day("2026-06-17")
        assert of_day(year, "2026-06-17") == [CLOSED], "the deadline has passed with something lacking"
        assert dict(ask(home, COUNTED))["missing"] == SCHOOLS
        (text,) = [post["text"] for post in hook.posted if "ВПР" in post["text"]]
        assert "срок для файлов прошёл 16.06.2026" in text
        (reminder, *_) = (home / "reminders" / "2026").iterdir()
        assert "Не прислано, срок прошёл:" in reminder.read_text(encoding="utf-8")
        year.pass_day("2026-06-18")
        assert of_day(year, "2026-06-18") == [("remind", "due_dates", True)], "plans are read a week later"

        hook.posted.clear()
        warehouse = home / "warehouse.sqlite"
        warehouse.rename(home / "aside")
        warehouse.mkdir()  # it cannot be opened
        put(inbox, {LATE: files[LATE]})
        year.pass_days(["2026-06-25", "2026-06-26"])
        assert of_day(year, "2026-06-25") == PUBLISHED[:1]
        assert of_day(year, "2026-06-26") == []
        assert "файл не открыть" in year.skipped["years_stale"]
        (text,) = [post["text"] for post in hook.posted]
        assert "Публиковать некуда" in text, "told once"

        warehouse.rmdir()
        (home / "aside").rename(warehouse)
        quality = home / "quality"
        quality.rename(home / "aside")
        quality.touch()  # no folder
        hook.posted.clear()
        year.pass_day("2026-06-27")
        assert of_day(year, "2026-06-27") == [
            ("remind", "due_dates", True),  # of the plans that nobody has reported
            ("publish_year", "years_stale", False),
        ]
        assert sum(post["text"].startswith("Запуск не удался") for post in hook.posted) == 1
        assert "не удалось, попытка 1 из 3" in year.skipped["years_stale"]
        quality.unlink()
        (home / "aside").rename(quality)
        monkeypatch.setattr(sensors, "RETRY_AFTER", dt.timedelta())
        year.pass_day("2026-06-28")
        assert of_day(year, "2026-06-28") == PUBLISHED[1:]
        late = "select distinct status, is_late from mart_completeness where procedure = 'VPR' and subject = 'MA'"
        assert {*ask(home, f"{late} and grade = 6")} == {("received", 1)}
        assert {*ask(home, f"{late} and grade = 7")} == {("received", 0)}
        assert dict(ask(home, COUNTED)) == {"received": 58}
        texts = [path.read_text(encoding="utf-8") for path in (home / "reminders" / "2026").iterdir()]
        assert texts, "the school stage and the diagnostics are still lacking"
        assert not any("ВПР" in text for text in texts)
