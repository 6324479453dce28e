"""Lines of the assessment calendar: the register's, and the federal ones of procedures that it does not name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from schemas.assessment_year import BETWEEN, Cycle, Work, cycle_of, days, windows, works
from schemas.measure import ALL

LINE = ["year", "calendar_cycle", "procedure", "grade", "subjects", "subject", "expected", "sits", "starts", "ends",
        "deadline"]  # fmt: skip


def lines(years: Sequence[int], register: pd.DataFrame) -> pd.DataFrame:
    """Works that organisations are to sit, columns LINE; `sits`: all, or the sampled schools alone.

    register: year, procedure, subject, grade, sits, starts, ends, results_on, files_by (days as ISO text), as far as
    its facts have them. What is sat by choice is expected of nobody, and leaves the federal line of its procedure.
    """
    named = {*register.loc[register["sits"] != "choice", ["year", "procedure"]].itertuples(index=False, name=None)}
    federal = [line for year in years for line in _federal(year, named)]
    own = [_own(line) for line in _latest(register).to_dict("records") if line["sits"] != "choice"]
    return pd.DataFrame([*own, *federal], columns=LINE).drop_duplicates(["year", "procedure", "grade", "subjects"])


def _federal(year: int, named: set[tuple[Any, ...]]) -> Iterable[dict[str, Any]]:
    for window in windows(year):
        cycle = window.cycle
        if cycle.procedure is None or cycle.of == "territory" or (year, cycle.procedure) in named:
            continue
        dates = {"starts": window.starts, "ends": window.ends, "deadline": window.deadline}
        for work in works(cycle.procedure, year):
            yield _line(year, cycle, work, "all", dates)


def _latest(register: pd.DataFrame) -> pd.DataFrame:
    """Of several lines about one work the one that ends last."""
    columns = ["year", "procedure", "subject", "grade", "sits", "starts", "ends", "results_on", "files_by"]
    rows = register.reindex(columns=columns)
    return rows.sort_values(["ends", "starts"], kind="stable").drop_duplicates(
        ["year", "procedure", "subject", "grade", "sits"], keep="last"
    )


def _own(line: dict[str, Any]) -> dict[str, Any]:
    """A line of the register; without a day for files it is that of its cycle, counted from its own last day."""
    year, procedure = int(line["year"]), line["procedure"]
    cycle = cycle_of(procedure, year)
    ends = dt.date.fromisoformat(line["ends"] if pd.notna(line["ends"]) else line["starts"])
    by_rule = ends + (dt.timedelta(cycle.days_for_files) if cycle else days("days_for_files"))
    deadline = dt.date.fromisoformat(line["files_by"]) if pd.notna(line["files_by"]) else by_rule
    dates = {"starts": dt.date.fromisoformat(line["starts"]), "ends": ends, "deadline": deadline}
    return _line(year, cycle, Work(procedure, int(line["grade"]), (line["subject"],)), line["sits"], dates)


def _line(year: int, cycle: Cycle | None, work: Work, sits: str, dates: dict[str, dt.date]) -> dict[str, Any]:
    return {
        "year": year,
        "calendar_cycle": cycle.code if cycle else None,
        "procedure": work.procedure,
        "grade": work.grade,
        "subjects": BETWEEN.join(work.subjects),
        "subject": work.subjects[0] if len(work.subjects) == 1 else ALL,
        "expected": work.take,
        "sits": sits,
        **{name: day.isoformat() for name, day in dates.items()},
    }
