"""A school year day by day: the sample's files come as they do in life, nobody touches anything, and it ends well."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from msoko_pipeline.orchestration import sensors
from msoko_pipeline.orchestration.home import opened
from msoko_pipeline.sample.inbox import sample_files
from msoko_pipeline.settings import Settings
from tests.automation import Automation
from tests.command import msoko
from tests.integration.test_simulated_year import SCHOOLS, SEED, put
from tests.unit.test_alarms import hook

pytestmark = pytest.mark.soak
__all__ = ["hook"]

FIRST, LAST = dt.date(2025, 9, 1), dt.date(2026, 10, 15)
ARRIVALS = (  # beginning of a name → the day on which it comes; the first that fits
    ("ВсОШ/2025-2026/Муниципальный", "2025-12-28"), ("ВсОШ/2025-2026/Региональный", "2026-05-04"),
    ("ВсОШ/2025-2026/Контингент", "2025-09-10"), ("ВсОШ/", "2025-11-05"), ("Реестр ОО", "2025-09-05"),
    ("ДОО/Реестр", "2025-09-05"), ("График", "2025-09-12"), ("Управленческий цикл/", "2025-12-22"),
    ("Дорожная карта/", "2026-06-20"), ("ДОО/", "2026-06-20"),  # late
    ("ВПР 2026/Отчёты", "2026-06-15"), ("ВПР 2026/", "2026-06-08"), ("Формы сбора/", "2026-05-22"),
    ("ГИА/2026/Протоколы ОГЭ", "2026-07-10"), ("ГИА/", "2026-07-25"), ("Диагностики/", "2026-04-10"),
    ("Прочее/", "2026-06-09"), ("", "2026-02-16"),
)  # fmt: skip
BROKEN = "ВПР 2026/2866060.xlsx"
MENDED = dt.date(2026, 6, 12)
OF_ITS_WAY = ("published_at", "received_on", "is_late")
"""Columns that tell when files came, not what they say."""


def arrivals() -> dict[dt.date, dict[str, bytes]]:
    days: dict[dt.date, dict[str, bytes]] = {}
    for name, content in sample_files(SCHOOLS, 1, SEED):
        day = dt.date.fromisoformat(next(day for beginning, day in ARRIVALS if name.startswith(beginning)))
        days.setdefault(day, {})[name] = content[: len(content) // 2] if name == BROKEN else content
        if name == BROKEN:
            days.setdefault(MENDED, {})[name] = content
    return days


def tables(home: Path) -> Iterator[tuple[str, Counter[tuple[Any, ...]]]]:
    engine = sa.create_engine(f"sqlite:///{home / 'warehouse.sqlite'}")
    with engine.connect() as connection:
        for table in sorted(sa.inspect(engine).get_table_names()):
            if table.startswith("mart_"):
                columns = [each["name"] for each in sa.inspect(engine).get_columns(table)]
                chosen = ", ".join(name for name in columns if name not in OF_ITS_WAY)
                rows = connection.exec_driver_sql(f"select {chosen} from {table}")
                yield table, Counter(tuple(f"{v:.9g}" if isinstance(v, float) else v for v in row) for row in rows)
    engine.dispose()


def test_a_year_of_days_ends_as_one_run_would(tmp_path: Path, hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensors, "RETRY_AFTER", dt.timedelta())
    inbox, home, other = tmp_path / "inbox", tmp_path / "home", tmp_path / "other"
    inbox.mkdir()
    webhook = f"http://127.0.0.1:{hook.server_address[1]}/"
    settings, coming = Settings(home=home, inbox_dir=inbox, webhook=webhook), arrivals()
    with opened(settings) as instance:
        year = Automation(settings, instance)
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + dt.timedelta(number)
            put(inbox, coming.get(day, {}))
            year.pass_day(day.isoformat())
    assert all(is_done for *_, is_done in year.runs)
    assert sum(job == "intake" for _, job, *_ in year.runs) == len(coming)
    closed = Counter(by for _, _, by, _ in year.runs if by.startswith("close_"))
    assert closed["close_preschool"] == 1, "its files came after the deadline"
    assert closed["close_august_pack"] == 1
    assert closed["close_vpr_spring"] == 0, "all was there before"
    texts = Counter(post["text"] for post in hook.posted)
    assert set(texts.values()) == {1}, "nothing is told twice"
    assert any(
        "Мониторинг качества дошкольного образования, 2026 год: срок для файлов прошёл" in text for text in texts
    )

    done = msoko("run", "--inbox", inbox, "--home", other, MSOKO_TODAY=LAST.isoformat())
    assert done.returncode == 3, done.stderr
    once = dict(tables(other))
    for table, rows in tables(home):
        assert rows == once[table], table
