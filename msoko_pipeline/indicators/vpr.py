"""The ВПР indicators of one year, from the lake to Parquet tables: what the assets of the layer call.

Each function does one step and leaves its tables in `home/indicators/year=…`; a later step reads them from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from msoko_pipeline.indicators import engine, organisations, reports, results, sums, tasks, works
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
    """cells, task_sums, groups, distribution, catalogue: everything that needs a pass over pupils or reports.

    Returns rows per table. Units without individual rows come from the reports; a report that tells otherwise than
    the individual rows becomes an issue.
    """
    counted: dict[str, int] = {}
    with engine.connect(settings) as connection:
        connection.execute(f"create view orgs as select * from read_parquet('{path(settings, year, 'organisations')}')")
        connection.execute("create table homes as select org_id, municipality_id from orgs")
        has_people = engine.current(connection, settings, "vpr_result", year, "results")
        source = "results" if has_people else None
        task_table = works.tasks(connection, settings, year, source)
        work_table = works.works(connection, settings, year, source, task_table)
        last = int(task_table["position"].max()) if len(task_table) else 0
        _register_works(connection, work_table, task_table, last)
        report_cells = reports.cells(connection, settings, year)
        report_tasks = reports.tasks(connection, settings, year)
        if has_people:
            _individual(connection, settings, year, last)
        _join_reports(connection, settings, year, report_cells, report_tasks, has_people, last)
        for table in ("cells", "task_sums", "groups", "distribution"):
            counted[table] = engine.write(connection, f"select * from {table}", path(settings, year, table))
        counted["works"] = engine.write(connection, "select * from work_table", path(settings, year, "works"))
        counted["tasks"] = engine.write(connection, "select * from task_table", path(settings, year, "tasks"))
    return counted


def _register_works(connection: Any, work_table: pd.DataFrame, task_table: pd.DataFrame, last: int) -> None:
    """Tables work_table, task_table and `works`, the works with their task maxima wide as m01…."""
    wide = work_table.copy()
    for position in range(1, last + 1):
        own = task_table[task_table["position"] == position][["subject", "grade", "max_score"]]
        wide = wide.merge(own.rename(columns={"max_score": f"m{position:02d}"}), on=["subject", "grade"], how="left")
    kinds = {"subject": "string", "difficulty": "string", "skill": "string", "task": "string", "grade": "Int64",
             "position": "Int64", "max_score": "Int64", "max_verified": "boolean", "scale_verified": "boolean"}  # fmt: skip
    for name, frame in (("work_table", work_table), ("task_table", task_table), ("works", wide)):
        typed = frame.astype({c: k for c, k in kinds.items() if c in frame.columns})
        connection.register(f"_{name}", pa.Table.from_pandas(typed, preserve_index=False))
        connection.execute(f"create or replace table {name} as select * from _{name}")


def _individual(connection: Any, settings: Settings, year: int, last: int) -> None:
    """Tables own_cells, own_tasks, groups, distribution from individual rows."""
    have = set(engine.columns(connection, "results"))
    missing = [f"null::smallint as s{k:02d}, null::boolean as x{k:02d}" for k in range(1, last + 1)
               if f"s{k:02d}" not in have]  # fmt: skip
    connection.execute("create view people_in as select *" + "".join(f", {m}" for m in missing) + " from results")
    region = settings.region_code if settings.scope == "region" else None
    limits = catalogue.thresholds(year)
    people = sums.pupils(
        engine.table(connection, "people_in"), engine.table(connection, "works"), limits["journal_gap"]
    )
    homes = engine.table(connection, "homes")
    schools = engine.keep(connection, sums.sums(people, last), "school_sums")
    cells = engine.keep(connection, sums.levels(schools, homes, last, region), "own_cells")
    engine.keep(connection, tasks.long(cells, last), "own_tasks")
    grouped = engine.keep(connection, tasks.groups(people, homes, last, region), "group_cells")
    engine.keep(connection, tasks.long_groups(grouped, last), "own_groups")
    engine.keep(connection, results.distribution(people, homes, region), "own_distribution")


def _join_reports(
    connection: Any, settings: Settings, year: int, cells: pd.DataFrame, task_rows: pd.DataFrame, has_people: bool,
    last: int,
) -> None:  # fmt: skip
    """Tables cells, task_sums, groups, distribution: individual rows, and the reports' for units that have none."""
    numbers = {name: "Float64" for name in (*sums.COUNTS, "max_primary")}
    cells = cells.astype({**numbers, "grade": "int64", "mark_source": "string", "scale_verified": "boolean"})
    cells = cells.astype({"level": "string", "unit_id": "string", "subject": "string"})
    task_rows = task_rows.astype({"grade": "int64", "max_score": "Float64", "c": "Float64", "s": "Float64",
                                  "level": "string", "unit_id": "string", "subject": "string", "task": "string"})  # fmt: skip
    connection.register("_report_cells", pa.Table.from_pandas(cells, preserve_index=False))
    connection.register("_report_tasks", pa.Table.from_pandas(task_rows, preserve_index=False))
    connection.execute("create table report_cells as select * from _report_cells")
    connection.execute("create table report_tasks as select * from _report_tasks")
    if has_people:
        _fuller_reports(connection, year)
        own = (
            f"select c.level, c.unit_id, c.subject, c.grade::bigint as grade, {', '.join('c.' + n for n in sums.names(last))}, "
            "w.max_primary::double as max_primary, w.tasks, w.pupil_grade, 'individual' as facts_source, "
            "case when c.marked = 0 then null when c.from_file = c.marked then 'file' else 'scale' end as mark_source, "
            "case when c.marked = 0 then null when c.from_file = c.marked then true else w.scale_verified end "
            "as scale_verified from own_cells c left join works w using (subject, grade) "
            f"anti join fuller f on (c.level, c.unit_id, c.subject, c.grade) = (f.level, f.unit_id, f.subject, f.grade)"
        )
        _note_differences(connection, settings, year)
    else:
        connection.execute(f"create table fuller as select {KEYS} from report_cells limit 0")
        own = None
    zero = ", ".join(f"{n} as {n}" if n in sums.COUNTS else f"null::double as {n}" for n in sums.names(last))
    report = (
        f"select level, unit_id, subject, grade, {zero}, max_primary, w.tasks, w.pupil_grade, 'report' as facts_source, "
        "mark_source, case when mark_source = 'report' then true else r.scale_verified end as scale_verified "
        "from report_cells r left join (select subject, grade, tasks, pupil_grade from works) w using (subject, grade)"
    )
    if own:
        report += (
            " where (level, unit_id, subject, grade) not in (select (level, unit_id, subject, grade) from own_cells)"
            " or (level, unit_id, subject, grade) in (select (level, unit_id, subject, grade) from fuller)"
        )
    parts = [part for part in (own, report) if part]
    connection.execute(f"create table cells as {' union all by name '.join(f'({part})' for part in parts)}")
    _join_tasks(connection, settings, year, has_people)
    _join_distribution(connection, settings, year, has_people)


def _fuller_reports(connection: Any, year: int) -> None:
    """Municipalities and regions where the report counts noticeably more participants than the rows that came."""
    share = catalogue.thresholds(year)["aggregate_wins_from"]
    connection.execute(
        f"create table fuller as select {KEYS} from own_cells c join report_cells r using ({KEYS}) "
        f"where level <> 'school' and r.n > c.n * {1 + share}"
    )


def _note_differences(connection: Any, settings: Settings, year: int) -> None:
    """Write what reports and individual rows tell differently as issues, one file of the year."""
    compared = ", ".join(reports.COMPARED)
    own = connection.execute(f"select {KEYS}, {compared}, marked, journal_known from own_cells").df()
    told = connection.execute(
        f"select {KEYS}, {compared}, mark_source as mark_source_report from report_cells"
    ).df()
    found = reports.differences(own, told, year)
    target = differences_file(settings, year)
    target.unlink(missing_ok=True)
    if found.empty:
        return
    names = {entry.seq: entry for entry in ledger_of(settings).files()}
    where = []
    for kind in ("vpr_marks", "vpr_journal", "vpr_distribution"):
        if kind in {row[0] for row in connection.execute("select view_name from duckdb_views()").fetchall()}:
            where.append(connection.execute(f"select {KEYS}, any_value(seq) as seq, min(row) as row from {kind} group by {KEYS}").df())
    place = pd.concat(where).groupby(list(sums.KEY), as_index=False).first()
    frames = []
    for row in found.merge(place, on=list(sums.KEY)).itertuples():
        entry = names[int(row.seq)]
        issue = findings.about_file(entry.sha256, entry.name, "facts_differ", {"detail": row.detail})
        issue["row"] = int(row.row)
        frames.append(issue)
    if frames:
        table = pa.Table.from_pandas(pd.concat(frames, ignore_index=True), preserve_index=False)
        store.write(table, target)


def differences_file(settings: Settings, year: int) -> Path:
    """Issues about reports that differ from individual rows."""
    return settings.lake / "ops" / "differences" / f"year={year}.parquet"


def _join_tasks(connection: Any, settings: Settings, year: int, has_people: bool) -> None:
    letters = ", ".join(f"o.{name}" for name in ("n", "t", "tt", *tasks.PER_TASK))
    own = (
        f"select o.level, o.unit_id, o.subject, o.grade::bigint as grade, t.task, t.max_score::double as max_score, "
        f"t.max_verified, t.difficulty, t.skill, {letters} "
        "from own_tasks o join task_table t using (subject, grade, position)"
    )
    if not has_people:
        own = None  # type: ignore[assignment]
    known = _codifier(connection, year)
    blank = ", ".join(f"null::double as {name}" for name in ("n", "t", "tt", "f", "z", "x", "b", "q", "r"))
    report = (
        f"select r.level, r.unit_id, r.subject, r.grade, r.task, r.max_score, true as max_verified, "
        f"coalesce(t.difficulty, k.difficulty) as difficulty, coalesce(t.skill, k.skill) as skill, r.c, r.s, {blank} "
        f"from report_tasks r left join task_table t using (subject, grade, task) left join {known} k using (subject, grade, task)"
    )
    if own:
        report += " where (r.level, r.unit_id, r.subject, r.grade) not in (select (level, unit_id, subject, grade) from own_cells)"
    parts = [part for part in (own, report) if part]
    connection.execute(f"create table task_sums as {' union all by name '.join(f'({part})' for part in parts)}")
    if has_people:
        connection.execute(
            "create table groups as select g.level, g.unit_id, g.subject, g.grade::bigint as grade, g.mark, t.task, "
            "g.c as participants, g.s / nullif(g.c * t.max_score, 0) * 100 as completion_pct, 'individual' as facts_source "
            "from own_groups g join task_table t using (subject, grade, position)"
        )
    else:
        connection.execute(
            "create table groups (level varchar, unit_id varchar, subject varchar, grade bigint, mark bigint, "
            "task varchar, participants double, completion_pct double, facts_source varchar)"
        )
    if engine.current(connection, settings, "vpr_task_group", year, "vpr_task_group"):
        connection.execute(
            "insert into groups by name select level, unit_id, subject, grade, mark, task, participants, "
            "completion_pct, 'report' as facts_source from vpr_task_group where (level, unit_id, subject, grade::bigint) "
            "not in (select (level, unit_id, subject, grade) from groups)"
        )


def _codifier(connection: Any, year: int) -> str:
    """A table of the codifier's tasks for works that only reports know."""
    rows = [
        (subject, grade, str(task["task"]), task["level"] or None, task["skill"] or None)
        for subject, grade in connection.execute("select distinct subject, grade from report_tasks").fetchall()
        for task in catalogue.tasks(year, int(grade), subject)[0]
    ]
    frame = pd.DataFrame(rows, columns=["subject", "grade", "task", "difficulty", "skill"]).astype(
        {"subject": "string", "grade": "int64", "task": "string", "difficulty": "string", "skill": "string"}
    )
    connection.register("_codifier", pa.Table.from_pandas(frame, preserve_index=False))
    return "_codifier"


def _join_distribution(connection: Any, settings: Settings, year: int, has_people: bool) -> None:
    columns = "level, unit_id, subject, grade::bigint as grade, primary_score::bigint as primary_score"
    if has_people:
        connection.execute(f"create table distribution as select {columns}, participants::double as participants, share_pct from own_distribution")
    else:
        connection.execute(
            "create table distribution (level varchar, unit_id varchar, subject varchar, grade bigint, "
            "primary_score bigint, participants double, share_pct double)"
        )
    views = {row[0] for row in connection.execute("select view_name from duckdb_views()").fetchall()}
    if "vpr_distribution" in views:
        connection.execute(
            f"insert into distribution by name select {columns}, round(count) as participants, share_pct "
            "from vpr_distribution where (level, unit_id, subject, grade::bigint) not in "
            "(select distinct (level, unit_id, subject, grade) from distribution)"
        )


def make_results(settings: Settings, year: int) -> int:
    """results: the formulas of results.py over the sums of the year."""
    with engine.connect(settings) as connection:
        cells = _table(connection, settings, year, "cells")
        last = sum(name[0] == "c" and name[1:].isdigit() for name in cells.columns)
        frame = results.results(cells, last, catalogue.thresholds(year))
        engine.keep(connection, frame.drop(sums.of_tasks(last)), "results")
        return engine.write(connection, f"select * from results order by {KEYS}", path(settings, year, "results"))


def make_tasks(settings: Settings, year: int) -> int:
    """task_results: the formulas of tasks.py over the task sums of the year."""
    with engine.connect(settings) as connection:
        rows = _table(connection, settings, year, "task_sums")
        engine.keep(connection, tasks.indicators(rows, catalogue.thresholds(year)), "task_results")
        return engine.write(
            connection, f"select * from task_results order by {KEYS}, task", path(settings, year, "task_results")
        )


def _table(connection: Any, settings: Settings, year: int, name: str) -> nw.LazyFrame[Any]:
    connection.execute(f"create or replace view {name} as select * from read_parquet('{path(settings, year, name)}')")
    return engine.table(connection, name)


def _text(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame.astype("string"), preserve_index=False)
