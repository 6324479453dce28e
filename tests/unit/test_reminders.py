"""Reminders and notices: their words, when they are due, what is kept of those sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.home.cycle_states import CycleState, keep
from msoko_pipeline.senders import notices
from msoko_pipeline.senders.notices import mark_sent, pending
from msoko_pipeline.senders.reminders import Missing, Reminder, reminders, text_of, write_reminders
from msoko_pipeline.settings import Settings
from tests.command import msoko_here

DEADLINE = dt.date(2026, 6, 19)
WORK = Missing("VPR", 5, ("RU",), 1, 0, DEADLINE)
DRAWN = Missing("VPR", 5, ("IS", "LI", "EN"), 2, 1, DEADLINE)
STAGE = Missing("VSOSH-SHE", 0, ("ALL",), 1, 0, dt.date(2025, 11, 14))


def reminder(*, late: tuple[Missing, ...] = (), due: tuple[Missing, ...] = ()) -> Reminder:
    return Reminder(2026, "edu190001", "СОШ № 1", late, due)


@pytest.mark.parametrize(
    ("of", "line"),
    [
        ((WORK,), "  ВПР, 5 класс: русский язык — до 19.06.2026"),
        ((WORK, DRAWN), "  ВПР, 5 класс: русский язык; 2 из: история, литература, английский язык, пришло 1 — до"),
        ((STAGE,), "  ВсОШ, школьный этап: результаты — до 14.11.2025"),
    ],
)
def test_what_is_lacking_in_words(of: tuple[Missing, ...], line: str) -> None:
    text = text_of(reminder(late=of), "Черногорск")
    assert line in text
    assert "Не прислано, срок прошёл:" in text
    assert "Ждём" not in text
    assert "Ждём, срок ещё не прошёл:" in text_of(reminder(due=of), "Черногорск")


def test_a_text_goes_when_nothing_is_lacking_any_more(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    (tmp_path / "заметка.txt").touch()
    (written,) = write_reminders(settings, [reminder(late=(WORK,))], tmp_path)
    assert written.read_text(encoding="utf-8").startswith("СОШ № 1 (edu190001)\n")
    assert write_reminders(settings, [], tmp_path) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["заметка.txt"], "nobody else's is touched"


def test_before_the_first_publication_there_is_nothing_to_remind_of(tmp_path: Path) -> None:
    assert reminders(Settings(home=tmp_path), 2026) == []
    done = msoko_here("remind", "--home", tmp_path / "home")
    assert (done.returncode, "напоминать не о чем" in done.stdout) == (0, True)
    assert not (tmp_path / "home").exists(), "looking makes no home"


def state(**more: Any) -> CycleState:
    return CycleState(**{"year": 2026, "cycle": "vpr_spring", "starts": "2026-04-20", "deadline": "2026-06-19",
                         "expected": 10, "received": 4, "organisations": 5, "complete": 2, **more})  # fmt: skip


@pytest.mark.parametrize(
    ("today", "told"),
    [("2026-06-11", None), ("2026-06-12", True), ("2026-06-19", True), ("2026-06-20", False), ("2026-07-03", False),
     ("2026-07-04", None)],
)  # fmt: skip
def test_when_a_deadline_is_told_of(tmp_path: Path, today: str, told: bool | None) -> None:
    settings = Settings(home=tmp_path, today=dt.date.fromisoformat(today))
    keep(settings, 2026, [state()])
    assert [notice.is_before for notice in pending(settings, 2026)] == ([] if told is None else [told])


def test_what_was_told_is_not_told_again_but_for_the_day_after(tmp_path: Path) -> None:
    before, after = (Settings(home=tmp_path, today=dt.date(2026, 6, day)) for day in (15, 20))
    keep(before, 2026, [state()])
    (notice,) = pending(before, 2026)
    mark_sent(before, notice)
    assert pending(before, 2026) == []
    (notice,) = pending(after, 2026)
    mark_sent(after, notice)
    assert pending(after, 2026) == []


def test_where_all_has_come_nothing_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, today=DEADLINE)
    keep(settings, 2026, [state(received=10, complete=5)])
    assert pending(settings, 2026) == []


def test_a_notice_names_whom_it_waits_for(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, today=DEADLINE)
    keep(settings, 2026, [state()])
    (notice,) = pending(settings, 2026)
    many = [Reminder(2026, f"edu{n}", f"СОШ № {n}", (), (WORK,)) for n in range(notices.NAMED + 2)]
    text = notices.text_of(notice, [*many, reminder(late=(STAGE,))])
    assert text.startswith("ВПР, весна, 2026 год: срок для файлов — 19.06.2026; прислали всё 2 из 5 организаций")
    assert "СОШ № 11 и ещё 2." in text
    assert "СОШ № 1," in text
    assert "скоро срок" in notices.subject_of(notice)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "прислали всё 2 из 5 организаций, работ 4 из 10"),
        ({"organisations": 0, "expected": 1, "received": 0}, "файлов нет"),
        ({"organisations": 0, "expected": 1, "received": 1}, "файлы есть"),
        ({"organisations": 0, "expected": 0, "received": 0}, "файлов не ждут"),
    ],
)
def test_how_a_cycle_stands_in_words(more: dict[str, int], words: str) -> None:
    assert state(**more).in_words == words
