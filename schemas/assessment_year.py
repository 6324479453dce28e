"""The assessment year: what is held when, which works every school is to sit, until when its files are due.

Data: `calendar/cycles.yaml`, `windows.yaml`, `every_year.yaml`, `works.yaml`. A register of the calendar
(`schemas.sources.calendar.Procedure`) replaces them for a procedure that it names in a year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas import catalogue
from schemas.measure import ALL

BETWEEN = ", "
"""Between the subjects of a work in a table."""
YEARS_SEEN = 2
"""How many years back and ahead the days of a cycle are looked for."""


@dataclass(frozen=True)
class Cycle:
    """A cycle of the year. of: who is to send its files (school, preschool, territory); files: kinds of which one is
    enough, where it is not a procedure whose results tell; days_for_files: from its last day to the last for files;
    marts: tables that speak of it.
    """

    code: str
    title: str
    of: str
    procedure: str | None = None
    files: tuple[str, ...] = ()
    days_for_files: int = 0
    marts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """Days of a cycle in a reporting year; deadline: the last day for its files."""

    cycle: Cycle
    year: int
    starts: dt.date
    ends: dt.date
    deadline: dt.date


@dataclass(frozen=True)
class Work:
    """Of which subjects a class of a grade sits how many (`take`); grade 0 and ALL: whatever the procedure has."""

    procedure: str
    grade: int
    subjects: tuple[str, ...]
    take: int = 1


@cache
def cycles() -> dict[str, Cycle]:
    """Code → cycle, in the order of the school year."""
    declared = catalogue.calendar("cycles")["cycles"]
    lists = ("files", "marts")
    return {
        code: Cycle(code, **{**each, **{name: tuple(each.get(name, ())) for name in lists}})
        for code, each in declared.items()
    }


@cache
def days(name: str) -> dt.timedelta:
    """A number of days. remind_days: before a deadline, when it is told of; notice_days: after it, until when it is
    told of; days_for_files: after a procedure, until when its files are due where no cycle of it says otherwise.
    """
    return dt.timedelta(catalogue.calendar("cycles")[name]["value"])


@cache
def windows(year: int) -> tuple[Window, ...]:
    """The cycles that are held in a reporting year, by deadline."""
    dates = {code: years[year] for code, years in catalogue.calendar("windows").items() if year in years}
    for code, rule in catalogue.calendar("every_year").items():
        if rule["from"] <= year <= rule["to"]:
            dates[code] = {name: _in_school_year(rule[name], year) for name in ("starts", "ends")}
    return tuple(sorted((_window(cycles()[code], year, of_cycle) for code, of_cycle in dates.items()), key=_order))


def _in_school_year(day: str, year: int) -> str:
    """A month-day of the school year that ends in `year`, as an ISO day."""
    return f"{year - (day >= catalogue.school_year_days()['from'])}-{day}"


def _window(cycle: Cycle, year: int, dates: dict[str, Any]) -> Window:
    starts, ends = (dt.date.fromisoformat(dates[name]) for name in ("starts", "ends"))
    return Window(cycle, year, starts, ends, ends + dt.timedelta(cycle.days_for_files))


def _order(window: Window) -> tuple[dt.date, str]:
    return window.deadline, window.cycle.code


def cycle_of(procedure: str, year: int) -> Cycle | None:
    """The cycle of a procedure in a year: the one that is held in it, else the last that ever is."""
    of_procedure = [cycle for cycle in cycles().values() if cycle.procedure == procedure]
    of_year = {window.cycle.code for window in windows(year)}
    return next((cycle for cycle in of_procedure if cycle.code in of_year), of_procedure[-1] if of_procedure else None)


@cache
def works(procedure: str, year: int) -> tuple[Work, ...]:
    """The works of a procedure that every school with the class is to sit; one of any kind where none is declared."""
    declared = catalogue.calendar("works").get(procedure)
    if declared is None:
        return (Work(procedure, 0, (ALL,)),)
    return tuple(
        Work(procedure, grade, subjects, take)
        for rule in declared
        if rule["from"] <= year <= rule["to"]
        for grade, each in rule["grades"].items()
        for subjects, take in (
            *(((subject,), 1) for subject in each["required"]),
            *((tuple(draw["of"]), draw["take"]) for draw in each.get("draws", ())),
        )
    )


def coming(cycle: Cycle, today: dt.date) -> Window | None:
    """The days of a cycle whose deadline is next, or the last ones; None for a cycle that no year holds."""
    years = range(today.year - YEARS_SEEN, today.year + YEARS_SEEN + 1)
    all_days = [window for year in years for window in windows(year) if window.cycle == cycle]
    all_days.sort(key=lambda window: window.deadline)
    return next((window for window in all_days if window.deadline >= today), all_days[-1] if all_days else None)
