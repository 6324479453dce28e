"""The states of a year's cycles (`home.cycle_states`), from the works that are expected and the files that came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from msoko_pipeline.home import cycle_states
from msoko_pipeline.home.cycle_states import OTHER, CycleState
from msoko_pipeline.home.ledger import Ledger, ledger_of
from msoko_pipeline.settings import Settings
from schemas.assessment_year import Window, windows


def keep_states(settings: Settings, years: Sequence[int], works: pd.DataFrame) -> None:
    """Keep the states of the cycles of the years in the ledger. works: rows of `completeness`."""
    kinds_by_year = _kinds_come(ledger_of(settings))
    for year in years:
        of_organisations = [*_of_organisations(works[works["year"] == year], year)]
        listed = {each.cycle for each in of_organisations}
        of_territory = [_of_territory(window, kinds_by_year.get(year, {})) for window in windows(year)
                        if window.cycle.of == "territory" and window.cycle.code not in listed]  # fmt: skip
        cycle_states.keep(settings, year, [*of_organisations, *of_territory])


def _of_organisations(works: pd.DataFrame, year: int) -> Iterable[CycleState]:
    if works.empty:
        return
    works = works.assign(calendar_cycle=works["calendar_cycle"].fillna(OTHER), done=works["status"] == "received")
    for (cycle, deadline), rows in works.groupby(["calendar_cycle", "deadline"]):
        complete = rows.groupby("org_id")["done"].all()
        yield CycleState(
            year, str(cycle), str(rows["starts"].min()), str(deadline), int(rows["expected"].sum()),
            int(rows["received"].sum()), len(complete), int(complete.sum()),
        )  # fmt: skip


def _of_territory(window: Window, kinds: dict[str, str]) -> CycleState:
    """A cycle whose files the territory sends: one, of any of its kinds, is expected, and came since it began."""
    came = any(kinds.get(kind, "") >= window.starts.isoformat() for kind in window.cycle.files)
    return CycleState(
        window.year, window.cycle.code, window.starts.isoformat(), window.deadline.isoformat(),
        int(bool(window.cycle.files)), int(came),
    )  # fmt: skip


def _kinds_come(ledger: Ledger) -> dict[int, dict[str, str]]:
    """Year → kind of facts → the day on which the last file of it came."""
    days: dict[int, dict[str, str]] = {}
    for entry in ledger.files("kind is not null and status not in ('refused', 'withdrawn')"):
        for year in entry.years:
            of_year = days.setdefault(year, {})
            of_year[str(entry.kind)] = max(of_year.get(str(entry.kind), ""), entry.received_on)
    return days
