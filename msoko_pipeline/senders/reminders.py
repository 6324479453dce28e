"""Reminders: a text for every organisation that has not sent what the calendar expects, from the published tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from msoko_pipeline.publishing.warehouse import exists, reading
from msoko_pipeline.settings import Settings
from schemas import catalogue, procedures
from schemas.assessment_year import BETWEEN
from schemas.measure import ALL

COLUMNS = ("org_id", "organisation", "procedure", "grade", "subjects", "expected", "received", "starts", "deadline")
NAME = "напоминание-"


@dataclass(frozen=True)
class Missing:
    """A work that an organisation has not sent, or not all of it. subjects: one, or those of which some are due."""

    procedure: str
    grade: int
    subjects: tuple[str, ...]
    expected: int
    received: int
    deadline: dt.date


@dataclass(frozen=True)
class Reminder:
    """What an organisation is reminded of. late: the deadline has passed; due: it has not, the procedure has begun."""

    year: int
    org_id: str
    name: str
    late: tuple[Missing, ...]
    due: tuple[Missing, ...]


def last_year(settings: Settings) -> int | None:
    """The last published year whose calendar expects anything; None where there is none."""
    years = _rows(settings, "select distinct year from {view}")
    return max((int(year) for (year,) in years), default=None)


def reminders(settings: Settings, year: int) -> list[Reminder]:
    """The organisations that lack anything of a published year, by login; deadlines are judged by `settings.day`."""
    query = f"select {', '.join(COLUMNS)} from {{view}} where year = :year and received < expected"
    lacking = [dict(zip(COLUMNS, row, strict=True)) for row in _rows(settings, query, year=year)]
    lacking = [row for row in lacking if dt.date.fromisoformat(row["starts"]) <= settings.day]
    lacking.sort(key=lambda row: (row["org_id"], row["deadline"], row["procedure"], row["grade"], row["subjects"]))
    return [
        _reminder(year, org_id, [*rows], settings.day)
        for org_id, rows in groupby(lacking, key=lambda row: str(row["org_id"]))
    ]


def _reminder(year: int, org_id: str, rows: Sequence[dict[str, Any]], today: dt.date) -> Reminder:
    works = [
        Missing(
            row["procedure"], int(row["grade"]), tuple(row["subjects"].split(BETWEEN)), int(row["expected"]),
            int(row["received"]), dt.date.fromisoformat(row["deadline"]),
        )
        for row in rows
    ]  # fmt: skip
    late, due = (tuple(work for work in works if (work.deadline < today) is is_late) for is_late in (True, False))
    return Reminder(year, org_id, str(rows[0]["organisation"]), late, due)


def _rows(settings: Settings, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of a query over `v_completeness`; none before the first publication."""
    if not exists(settings.warehouse):
        return []
    with reading(settings.warehouse) as connection:
        schema = "mart" if connection.dialect.name == "postgresql" else None
        if "v_completeness" not in sa.inspect(connection).get_view_names(schema=schema):
            return []
        view = "mart.v_completeness" if schema else "v_completeness"
        return [tuple(row) for row in connection.execute(sa.text(query.format(view=view)), values)]


def text_of(reminder: Reminder, sender: str) -> str:
    """The reminder in words. sender: whose schools they are (the municipality or the region)."""
    lines = [
        f"{reminder.name} ({reminder.org_id})",
        f"Напоминание: файлы результатов за {reminder.year} год ({sender})",
        *_listed("Не прислано, срок прошёл:", reminder.late),
        *_listed("Ждём, срок ещё не прошёл:", reminder.due),
        "",
        "Если файл уже отправлен, он не принят: спросите у того, кому отправляли, или проверьте его командой",
        "msoko check. Если работу не проводили, ответьте, почему.",
    ]
    return "\n".join(lines) + "\n"


def _listed(title: str, works: Iterable[Missing]) -> list[str]:
    """Works with one procedure, class and deadline in one line."""
    grouped = groupby(works, key=lambda work: (work.deadline, work.procedure, work.grade))
    lines = [f"  {_work(procedure, grade)}: {'; '.join(map(_subjects, same))} — до {deadline:%d.%m.%Y}"
             for (deadline, procedure, grade), same in grouped]  # fmt: skip
    return ["", title, *lines] if lines else []


def _work(procedure: str, grade: int) -> str:
    title = procedures.HELD[procedure][0]
    return f"{title}, {grade} класс" if grade else title


def _subjects(work: Missing) -> str:
    titles = [_subject(code) for code in work.subjects]
    if len(titles) == 1:
        return titles[0]
    came = f", пришло {work.received}" if work.received else ""
    return f"{work.expected} из: {', '.join(titles)}{came}"


def _subject(code: str) -> str:
    if code == ALL:
        return "результаты"
    title = catalogue.subjects().get(code) or procedures.DATA["directions"][code][0]
    return title[:1].lower() + title[1:]


def write_reminders(settings: Settings, lacking: Iterable[Reminder], folder: Path) -> list[Path]:
    """Write a text per organisation into a folder; texts of organisations that lack nothing any more are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    sender = settings.region_name if settings.scope == "region" else settings.municipality_name
    texts = {folder / f"{NAME}{each.org_id}.txt": text_of(each, sender) for each in lacking}
    for former in folder.glob(f"{NAME}*.txt"):
        if former not in texts:
            former.unlink()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return [*texts]
