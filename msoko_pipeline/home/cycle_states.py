"""What the calendar of a year waits for: a line a cycle, kept in the ledger, so that a look costs nothing.

The table `completeness` says it work by work; schedules, reminders and the question whether a deadline has passed since
a year was published ask these lines.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.settings import Settings
from schemas.assessment_year import cycles

OTHER, OTHERS = "other", "Другие процедуры графика"
"""Code and title of the cycle of procedures that only the register of the calendar names."""
PREFIX = "calendar "


@dataclass(frozen=True)
class CycleState:
    """A cycle of a year with one deadline. expected, received: works of organisations, or files of the territory;
    organisations, complete: how many are to send anything, how many of them have sent all.
    """

    year: int
    cycle: str
    starts: str
    deadline: str
    expected: int
    received: int
    organisations: int = 0
    complete: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is waited for; what no file is expected of closes with its day."""
        return 0 < self.expected <= self.received

    @property
    def title(self) -> str:
        return cycles()[self.cycle].title if self.cycle in cycles() else OTHERS

    @property
    def day(self) -> dt.date:
        """The deadline."""
        return dt.date.fromisoformat(self.deadline)

    @property
    def in_words(self) -> str:
        """`прислали всё 10 из 12 организаций, работ 250 из 264`."""
        if self.organisations:
            by_whom = f"прислали всё {self.complete} из {self.organisations} организаций"
            return f"{by_whom}, работ {self.received} из {self.expected}"
        if not self.expected:
            return "файлов не ждут"
        return "файлы есть" if self.is_complete else "файлов нет"

    def has_passed(self, today: dt.date) -> bool:
        return self.day < today


def keep(settings: Settings, year: int, of_year: Iterable[CycleState]) -> None:
    """Keep the states of the cycles of a year, by deadline, in place of the one before."""
    ordered = sorted(of_year, key=lambda state: (state.deadline, state.cycle))
    ledger_of(settings).set_setting(f"{PREFIX}{year}", json.dumps([asdict(state) for state in ordered]))


def states(settings: Settings, year: int) -> list[CycleState]:
    """The cycles of a year by deadline, as of its last computation; of one that was never computed, none."""
    kept: list[dict[str, Any]] = json.loads(ledger_of(settings).setting(f"{PREFIX}{year}") or "[]")
    return [CycleState(**each) for each in kept]


def passed(settings: Settings, year: int) -> list[CycleState]:
    """The cycles of a year whose deadline has passed with something lacking, by deadline: with each the year says more
    than it did.
    """
    return [state for state in states(settings, year) if state.has_passed(settings.day) and not state.is_complete]
