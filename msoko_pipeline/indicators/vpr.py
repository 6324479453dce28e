"""The ВПР indicators of one year, from the lake to Parquet tables: what the assets of the layer call.

Each function does one step and leaves its tables in `home/indicators/year=…`; a later step reads them from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from msoko_pipeline.indicators import engine, merge, organisations, reports, results, sums, tasks, works
from msoko_pipeline.intake import ledger_of
from msoko_pipeline.lake import store
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation import findings
from schemas import catalogue

KEYS = ", ".join(sums.KEY)


def folder(settings: Settings, year: int) -> Path:
    return settings.home / "indicators" / f"year={year}"


def path(settings: Settings, year: int, table: str) -> Path:
    return folder(settings, year) / f"{table}.parquet"


def make_organisations(settings: Settings, year: int) -> int:
    """organisations: COLUMNS of organisations.py."""
    with engine.connect(settings) as connection:
        frame = organisations.organisations(connection, settings, year)
        connection.register("frame", _text(frame))
        return engine.write(connection, "select * from frame order by org_id", path(settings, year, "organisations"))


def make_sums(settings: Settings, year: int) -> dict[str, int]:
    """cells, task_sums, groups, distribution, skills: everything that needs a pass over pupils or reports.

    Returns rows per table. Units without individual rows come from the reports; a report that tells otherwise than
    the individual rows becomes an issue.
    """
    with engine.connect(settings) as connection:
        connection.execute(f"create view orgs as select * from read_parquet('{path(settings, year, 'organisations')}')")
        organisations.units(connection, settings, "orgs", "units")
        people = "results" if engine.current(connection, settings, "vpr_result", year, "results") else None
        task_table = works.tasks(connection, settings, year, people)
        work_table = works.works(connection, settings, year, people, task_table)
        last = int(task_table["position"].max()) if len(task_table) else 0
        _register_works(connection, work_table, task_table, last)
        if people:
            _individual(connection, year, last)
        else:
            merge.no_individual_rows(connection)
        merge.register_reports(connection, settings, year)
        merge.cells(connection, year)
        merge.tasks(connection, year)
        merge.groups(connection, settings, year)
        merge.distribution(connection)
        _note_differences(connection, settings, year)
        connection.execute(f"create view skills as {merge.skills(connection)}")
        return {
            table: engine.write(connection, f"select * from {table}", path(settings, year, table))
            for table in ("cells", "task_sums", "groups", "distribution", "skills")
        }


def _register_works(connection: Any, work_table: pd.DataFrame, task_table: pd.DataFrame, last: int) -> None:
    """Tables work_table, task_table, and maxima: bounds of the scale and task maxima wide as m01…, one row a work."""
    wide = work_table[["subject", "grade", "min_3", "min_4", "min_5"]]
    for position in range(1, last + 1):
        own = task_table[task_table["position"] == position][["subject", "grade", "max_score"]]
        wide = wide.merge(own.rename(columns={"max_score": f"m{position:02d}"}), on=["subject", "grade"], how="left")
    kinds = {
        "subject": "string", "difficulty": "string", "skill": "string", "task": "string", "grade": "Int64",
        "position": "Int64", "max_score": "Int64", "max_verified": "boolean", "scale_verified": "boolean",
    }  # fmt: skip
    for name, frame in (("work_table", work_table), ("task_table", task_table), ("maxima", wide)):
        typed = frame.astype({c: k for c, k in kinds.items() if c in frame.columns})
        connection.register(f"_{name}", pa.Table.from_pandas(typed, preserve_index=False))
        connection.execute(f"create table {name} as select * from _{name}")


PUPIL = ("org_id", "subject", "grade", "absent", "partial", "journal_mark", "mark", "primary_score", "task_sum")


def _individual(connection: Any, year: int, last: int) -> None:
    """Tables own_cells, own_tasks, own_groups, own_distribution from individual rows."""
    have = set(engine.columns(connection, "results"))
    scores = [
        name if name in have else f"null::{kind} as {name}"
        for k in range(1, last + 1)
        for name, kind in ((f"s{k:02d}", "smallint"), (f"x{k:02d}", "boolean"))
    ]
    connection.execute(f"create table pupils as select {', '.join((*PUPIL, *scores))} from results")
    gap = catalogue.thresholds(year)["journal_gap"]
    people = sums.pupils(engine.table(connection, "pupils"), engine.table(connection, "maxima"), gap)
    units = engine.table(connection, "units")
    schools = engine.keep(connection, sums.sums(people, last), "school_sums")
    cells = engine.keep(connection, sums.levels(schools, units, last), "unit_sums")
    rows = engine.keep(connection, tasks.long(cells, last), "own_tasks")
    counted = cells.select(*sums.KEY, *sums.COUNTS)
    engine.keep(connection, counted.join(tasks.spread(rows), on=list(sums.KEY), how="left"), "own_cells")
    grouped = engine.keep(connection, tasks.groups(people, units, last), "group_sums")
    engine.keep(connection, tasks.long_groups(grouped, last), "own_groups")
    engine.keep(connection, results.distribution(people, units), "own_distribution")


def _note_differences(connection: Any, settings: Settings, year: int) -> None:
    """Write what reports and individual rows tell differently as issues of the reports, one file of the year."""
    target = differences_file(settings, year)
    target.unlink(missing_ok=True)
    compared = ", ".join(reports.COMPARED)
    own = connection.execute(f"select {KEYS}, {compared}, marked, journal_known from own_cells").df()
    told = connection.execute(f"select {KEYS}, {compared}, mark_source as mark_source_report from report_cells").df()
    found = reports.differences(own, told, year)
    if found.empty:
        return
    names = {entry.seq: entry for entry in ledger_of(settings).files()}
    frames = []
    for row in found.merge(reports.places(connection), on=list(sums.KEY)).itertuples():
        entry = names[int(row.seq)]
        issue = findings.about_file(entry.sha256, entry.name, "facts_differ", {"detail": row.detail})
        frames.append(issue.assign(row=row.row))
    table = pa.Table.from_pandas(pd.concat(frames, ignore_index=True), preserve_index=False)
    store.write(table, target)


def differences_file(settings: Settings, year: int) -> Path:
    """Issues about reports that differ from individual rows."""
    return settings.lake / "ops" / "differences" / f"year={year}.parquet"


def make_results(settings: Settings, year: int) -> int:
    """results: the formulas of results.py over the sums of the year."""
    with engine.connect(settings) as connection:
        cells = _table(connection, settings, year, "cells")
        engine.keep(connection, results.results(cells, catalogue.thresholds(year)), "results")
        return engine.write(connection, "select * from results", path(settings, year, "results"))


def make_tasks(settings: Settings, year: int) -> int:
    """task_results: the formulas of tasks.py over the task sums of the year."""
    with engine.connect(settings) as connection:
        rows = tasks.indicators(_table(connection, settings, year, "task_sums"), catalogue.thresholds(year))
        engine.keep(connection, rows.select(*sums.KEY, *tasks.COLUMNS), "task_results")
        return engine.write(connection, "select * from task_results", path(settings, year, "task_results"))


def _table(connection: Any, settings: Settings, year: int, name: str) -> nw.LazyFrame[Any]:
    connection.execute(f"create or replace view {name} as select * from read_parquet('{path(settings, year, name)}')")
    return engine.table(connection, name)


def _text(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame.astype("string"), preserve_index=False)
