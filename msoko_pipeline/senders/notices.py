"""Notices of deadlines: what the authority is told before one and after it, once each.

They speak of cycles and organisations; nothing personal is in them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from msoko_pipeline.home.cycle_states import CycleState, states
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.senders.reminders import Reminder
from msoko_pipeline.settings import Settings
from schemas.assessment_year import days

NAMED = 12
"""How many organisations a notice names."""
PREFIX = "notice "


@dataclass(frozen=True)
class Notice:
    """A deadline to be told of. is_before: it has not passed yet."""

    state: CycleState
    is_before: bool

    @property
    def name(self) -> str:
        """Under which the ledger remembers that it was sent."""
        return f"{PREFIX}{self.state.year} {self.state.cycle} {self.state.deadline} {self.is_before}"


def pending(settings: Settings, year: int) -> list[Notice]:
    """The notices of a year that are due and not sent: of deadlines that come soon or have passed lately, with
    something lacking.
    """
    soon, lately = settings.day + days("remind_days"), settings.day - days("notice_days")
    ledger, notices = ledger_of(settings), []
    for state in states(settings, year):
        if state.is_complete or not lately <= state.day <= soon:
            continue
        notice = Notice(state, is_before=not state.has_passed(settings.day))
        if ledger.setting(notice.name) is None:
            notices.append(notice)
    return notices


def subject_of(notice: Notice) -> str:
    when = "скоро срок" if notice.is_before else "срок прошёл"
    return f"МСОКО: {notice.state.title}, {notice.state.year} — {when}"


def text_of(notice: Notice, reminders: list[Reminder]) -> str:
    """The notice in words. reminders: those of its year."""
    state = notice.state
    day = f"{state.day:%d.%m.%Y}"
    when = f"срок для файлов — {day}" if notice.is_before else f"срок для файлов прошёл {day}"
    sentences = [f"{state.title}, {state.year} год: {when}; {state.in_words}."]
    if state.organisations and (names := _lacking(reminders, state.day)):
        more = f" и ещё {len(names) - NAMED}" if len(names) > NAMED else ""
        sentences.append(f"Не прислали: {', '.join(names[:NAMED])}{more}.")
        sentences.append(f"Тексты напоминаний: msoko remind --year {state.year}.")
    return " ".join(sentences)


def _lacking(reminders: list[Reminder], deadline: dt.date) -> list[str]:
    return [each.name for each in reminders if any(work.deadline == deadline for work in (*each.late, *each.due))]


def mark_sent(settings: Settings, notice: Notice) -> None:
    """Remember that a notice was sent."""
    ledger_of(settings).set_setting(notice.name, settings.day.isoformat())
