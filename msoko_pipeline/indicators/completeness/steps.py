"""Completeness of the years: the table, and the states of the cycles, which schedules look at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine, store
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.home.tables import facts, path_of, table
from msoko_pipeline.indicators.completeness.closing import keep_states
from msoko_pipeline.indicators.completeness.expected import CLASS, WORK, expected_works, judged, with_received
from msoko_pipeline.indicators.completeness.lines import lines
from msoko_pipeline.indicators.registers.rows.calendar import works_sat
from msoko_pipeline.matching.resolve import REFERRING, resolved
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.assessment_year import cycles
from schemas.measure import ALL

VPR = ("vpr_result", "vpr_marks", "vpr_journal", "vpr_distribution", "vpr_task_performance", "vpr_task_group")
PROCEDURES_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(VPR, ("VPR",)),
    "gia9": ("OGE", "GVE9"),
    "gia11": ("EGE", "GVE11"),
    **dict.fromkeys(("olympiad_result", "olympiad_count"), ("VSOSH-SHE",)),
    "diagnostic": tuple(catalogue.procedures()["diagnostics"]),
    **{kind: (cycle.procedure,) for cycle in cycles().values() if cycle.of == "preschool" and cycle.procedure
       for kind in cycle.files},
}  # fmt: skip
"""Kind of facts → the procedures of whose results its files tell."""


def make_completeness(settings: Settings, years: Sequence[int]) -> int:
    """completeness: a row a work that the calendar expects of an organisation; and the states of cycles."""
    with engine.connect(settings) as connection:
        before = {*store.years(settings.lake)} & {year - 1 for year in years}
        with_former = sorted({*years, *before})
        sat = works_sat(connection, settings, with_former)[WORK]
        organisations = table(connection, settings, years, "organisations")[["year", "org_id"]].drop_duplicates()
        letters = organisations["org_id"].str.rstrip("0123456789")
        are_schools = letters.isin([kind for kind, each in catalogue.logins()["kinds"].items() if each["school"]])
        expected = expected_works(
            lines(years, facts(connection, settings, "procedure", years)),
            resolved(connection, settings, "procedure_sample", years)[WORK],
            _classes(facts(connection, settings, "contingent", with_former), sat, years),
            organisations[are_schools],
            organisations[letters == "doo"],
        )
        received = pd.concat([sat, _of_preschools(connection, settings, years)], ignore_index=True)
        entries = ledger_of(settings).files()
        since = min(entry.received_on for entry in entries)
        works = judged(with_received(expected, received), _files(entries, years), since, settings.day)
        keep_states(settings, years, works)
        rows = {"completeness": works.astype({"grade": "Int64", "expected": "Int64", "year": "int64"})}
        return engine.write_frames(connection, rows, years, partial(path_of, settings))["completeness"]


def _classes(contingent: pd.DataFrame, sat: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """CLASS of the years: those of the contingent; without it those that have sat anything, this year or the last."""
    listed = contingent.loc[contingent["pupils"].fillna(0).astype(int) > 0, CLASS]
    has_list = contingent[["year", "org_id"]].drop_duplicates().assign(is_listed=True)
    seen = pd.concat([sat[CLASS], listed], ignore_index=True).drop_duplicates()
    seen = pd.concat([seen, seen.assign(year=seen["year"] + 1)], ignore_index=True).drop_duplicates()
    seen = seen[(seen["grade"] > 0) & seen["year"].isin([*years])].merge(has_list, on=["year", "org_id"], how="left")
    rows = pd.concat([listed, seen.loc[seen["is_listed"].isna(), CLASS]], ignore_index=True).drop_duplicates()
    return rows[rows["year"].isin([*years])].astype({"year": "int64", "grade": "int64"})


def _of_preschools(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The preschools that have sent anything that their cycle waits for, as WORK."""
    preschool = next(cycle for cycle in cycles().values() if cycle.of == "preschool")
    parts = [
        (resolved if kind in REFERRING else facts)(connection, settings, kind, years)[["year", "org_id"]]
        for kind in preschool.files
    ]
    rows = pd.concat(parts, ignore_index=True).drop_duplicates()
    return rows.assign(procedure=preschool.procedure, subject=ALL, grade=0)


def _files(entries: Sequence[Entry], years: Sequence[int]) -> pd.DataFrame:
    """year, procedure, subject, grade, org_id, received_on of the files that hold or held results; see `judged`."""
    rows = [row for entry in entries for row in _of_file(entry)]
    columns = ["year", "procedure", "subject", "grade", "org_id", "received_on"]
    files = pd.DataFrame(rows, columns=columns)
    return files[files["year"].isin([*years])].astype({"grade": "Int64"})


def _of_file(entry: Entry) -> list[tuple[Any, ...]]:
    none_named: list[str | None] = [] if entry.schools else [None]
    return [
        (year, procedure, entry.subject, entry.grade, school, entry.received_on)
        for year in entry.years
        for procedure in PROCEDURES_OF.get(entry.kind or "", ())
        for school in none_named or entry.schools
    ]
