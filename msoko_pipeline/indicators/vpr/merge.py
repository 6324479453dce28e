"""Individual rows and reports meet: whose numbers a unit's row holds, and where the two tell different things.

Individual rows win; a report fills in the units that have none. For a municipality or a region a report that counts
noticeably more participants is the fuller one, and wins. Tables come and go by name in one DuckDB connection:
own_* hold what individual rows give (absent without them), report_* what reports print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr import reports
from msoko_pipeline.indicators.vpr.sums import COUNTS, KEY
from msoko_pipeline.settings import Settings
from schemas import catalogue

KEYS = ", ".join(KEY)
UNIT = f"({KEYS})"
_EMPTY = {
    "own_cells": ", ".join(f"null::double as {name}" for name in (*COUNTS, "spread")),
    "own_tasks": "null::bigint as position, "
    + ", ".join(f"null::double as {name}" for name in ("n", "t", "tt", "c", "s", "f", "z", "x", "b", "q", "r")),
    "own_groups": "null::bigint as position, null::bigint as mark, null::double as c, null::double as s",
    "own_distribution": "null::bigint as primary_score, null::double as participants, null::double as share_pct",
}
_UNIT_OF_REPORT = ", ".join("grade::bigint as grade" if name == "grade" else name for name in KEY)
_SAME_UNIT = " and ".join(f"c.{name} = told.{name}" for name in KEY)
_OF_MARK = "case mark when 2 then n2 when 3 then n3 when 4 then n4 when 5 then n5 end"
"""Participants of a unit who have the mark of a group."""
_NO_UNIT = ", ".join(f"null::{'bigint' if name in ('year', 'grade') else 'varchar'} as {name}" for name in KEY)


def no_individual_rows(connection: Any) -> None:
    """The own_* tables of a year that only reports tell of."""
    for name, columns in _EMPTY.items():
        connection.execute(f"create table {name} as select {_NO_UNIT}, {columns} limit 0")
    connection.execute(
        "create table journal_scores as select null::varchar as org_id, null::bigint as year, "
        "null::varchar as subject, null::bigint as grade, null::bigint as journal, "
        "null::bigint as primary_score, null::bigint as participants limit 0"
    )


def register_reports(connection: Any, settings: Settings, years: Sequence[int]) -> None:
    """Tables report_cells and report_tasks."""
    text = {"level": "string", "unit_id": "string", "subject": "string", "grade": "int64", "year": "int64"}
    cells = reports.cells(connection, settings, years).astype(
        {
            **text,
            **dict.fromkeys((*COUNTS, "max_primary"), "Float64"),
            "mark_source": "string",
            "scale_verified": "boolean",
        }
    )
    rows = reports.tasks(connection, settings, years).astype(
        {**text, "task": "string", **dict.fromkeys(("max_score", "c", "s"), "Float64")}
    )
    for name, frame in (("report_cells", cells), ("report_tasks", rows)):
        connection.register(f"_{name}", pa.Table.from_pandas(frame, preserve_index=False))
        connection.execute(f"create table {name} as select * from _{name}")


def cells(connection: Any, thresholds: dict[str, Any]) -> None:
    """Table cells: the counts and sums of every unit, with max_primary, tasks, pupil_grade and where they come from."""
    share = thresholds["aggregate_wins_from"]
    connection.execute(
        f"create table fuller as select {KEYS} from own_cells c join report_cells r using ({KEYS}) "
        f"where level <> 'school' and r.n > c.n * {1 + share}"
    )
    counts = ", ".join(COUNTS)
    connection.execute(
        f"""create table cells as
        select c.year, c.level, c.unit_id, c.subject, c.grade::bigint as grade,
            {", ".join(f"c.{name}" for name in COUNTS)},
            c.spread, w.max_primary::double as max_primary, w.tasks, w.pupil_grade, 'individual' as facts_source,
            case when c.marked = 0 then null when c.from_file = c.marked then 'file' else 'scale' end as mark_source,
            case when c.marked = 0 then null when c.from_file = c.marked then true else w.scale_verified end
                as scale_verified
        from own_cells c left join work_table w using (year, subject, grade)
        where {UNIT} not in (select {UNIT} from fuller)
        union all by name
        select {KEYS}, {counts}, max_primary, w.tasks, w.pupil_grade, 'report' as facts_source,
            mark_source, case when mark_source = 'report' then true else r.scale_verified end as scale_verified
        from report_cells r
            left join (select year, subject, grade, tasks, pupil_grade from work_table) w using (year, subject, grade)
        where {UNIT} not in (select {UNIT} from own_cells) or {UNIT} in (select {UNIT} from fuller)"""
    )


def tasks(connection: Any) -> None:
    """Table task_sums: sums of a task at a unit, with what is known of the task."""
    blank = ", ".join(f"null::double as {name}" for name in ("n", "t", "tt", "f", "z", "x", "b", "q", "r"))
    _register_codifier(connection)
    connection.execute(
        f"""create table task_sums as
        select o.* exclude (position, grade), o.grade::bigint as grade, t.task, t.max_score::double as max_score,
            t.max_verified, t.difficulty
        from own_tasks o join task_table t using (year, subject, grade, position)
        union all by name
        select r.year, r.level, r.unit_id, r.subject, r.grade, r.task, r.max_score, true as max_verified,
            coalesce(t.difficulty, k.difficulty) as difficulty, r.c, r.s, {blank}
        from report_tasks r left join task_table t using (year, subject, grade, task)
            left join codifier k using (year, subject, grade, task)
        where (r.year, r.level, r.unit_id, r.subject, r.grade) not in (select {UNIT} from own_cells)"""
    )


def skills(connection: Any, settings: Settings, years: Sequence[int]) -> str:
    """Query: year, subject, grade, task → skill, of the works with rows and of those that only reports know: as the
    year's own report of planned results words it, else as the codifier does, where it speaks of this work.
    """
    planned = "select null::bigint as year, '' as subject, null::bigint as grade, '' as task, null as skill where false"
    if engine.current(connection, settings, "vpr_planned", years, "planned"):
        planned = (
            "select year, subject, grade::bigint as grade, task, min(requirement) as skill from planned group by all"
        )
    return f"""select year, subject, grade, task, coalesce(any_value(p.skill), any_value(k.skill)) as skill from (
            select year, subject, grade::bigint as grade, task, skill from task_table
            union all select year, subject, grade, task, skill from codifier) k
        full join ({planned}) p using (year, subject, grade, task) group by all"""


def _register_codifier(connection: Any) -> None:
    """Table codifier: tasks of the works that reports tell of, where the codifier speaks of the same tasks."""
    works: dict[tuple[int, str, int], dict[str, int]] = {}
    for year, subject, grade, task, maximum in connection.execute(
        "select year, subject, grade, task, max(max_score)::bigint from report_tasks group by all"
    ).fetchall():
        works.setdefault((int(year), subject, int(grade)), {})[task] = maximum
    rows = [
        (year, subject, grade, code, task["level"] or None, task["skill"] or None)
        for (year, subject, grade), maxima in works.items()
        for code, task in catalogue.codified(year, grade, subject, maxima).items()
    ]
    frame = pd.DataFrame(rows, columns=["year", "subject", "grade", "task", "difficulty", "skill"]).astype(
        {
            "year": "int64",
            "subject": "string",
            "grade": "int64",
            "task": "string",
            "difficulty": "string",
            "skill": "string",
        }
    )
    connection.register("_codifier", pa.Table.from_pandas(frame, preserve_index=False))
    connection.execute("create table codifier as select * from _codifier")


def register_groups(connection: Any, settings: Settings, years: Sequence[int]) -> None:
    """Table report_groups: what reports print of groups with the same mark; and group_units: `units` that have groups
    of their own: territories, and the schools that a report prints groups of.
    """
    columns = "mark::bigint as mark, task, participants::double as participants, completion_pct"
    if engine.current(connection, settings, "vpr_task_group", years, "vpr_task_group"):
        told = f"{_UNIT_OF_REPORT}, {columns} from vpr_task_group"
    else:
        told = (
            f"{_NO_UNIT}, null::bigint as mark, '' as task, 0::double as participants, null as completion_pct limit 0"
        )
    connection.execute(f"create table report_groups as select {told}")
    connection.execute(
        "create table group_units as select * from units where level <> 'school' "
        "or (year, unit_id) in (select (year, unit_id) from report_groups where level = 'school')"
    )


def groups(connection: Any) -> None:
    """Table groups: completion of tasks by groups with the same mark.

    Of a school that has individual rows its groups are of those rows, as its marks are: the report counts pupils who
    are in quarantine too. Where the rows know no marks or no tasks, the report speaks, if it counts nobody else.
    """
    connection.execute(
        "create table groups as select g.year, g.level, g.unit_id, g.subject, g.grade::bigint as grade, g.mark, "
        "t.task, "
        "g.c as participants, g.s / nullif(g.c * t.max_score, 0) * 100 as completion_pct, 'individual' as facts_source "
        "from own_groups g join task_table t using (year, subject, grade, position) "
        f"where level <> 'school' or {UNIT} in (select {UNIT} from report_groups)"
    )
    connection.execute(
        f"""create table fuller_groups as
        with told as (select {KEYS}, mark, max(participants) as people from report_groups group by all)
        select {KEYS} from told join own_cells c using ({KEYS}) where level = 'school' group by all
        having sum(people) > any_value(n) or bool_or(marked > 0 and people > coalesce({_OF_MARK}, 0))"""
    )
    connection.execute(
        f"insert into groups by name select *, 'report' as facts_source from report_groups "
        f"where {UNIT} not in (select {UNIT} from groups) and {UNIT} not in (select {UNIT} from fuller_groups)"
    )


def distribution(connection: Any) -> None:
    """Table distribution: participants per primary score; the view vpr_distribution where there is a report.

    Of a school that has individual rows only where none of them has a score, and the report counts nobody else.
    """
    connection.execute("create table distribution as select * replace (grade::bigint as grade) from own_distribution")
    if connection.execute("select count(*) from duckdb_views() where view_name = 'vpr_distribution'").fetchall()[0][0]:
        connection.execute(
            f"""insert into distribution by name
            with told as (select {_UNIT_OF_REPORT}, primary_score, round(count) as participants, share_pct,
                participants as people from vpr_distribution)
            select * exclude (people) from told
            where {UNIT} not in (select {UNIT} from distribution) and not exists (
                select 1 from own_cells c where {_SAME_UNIT} and c.level = 'school' and people > c.n)"""
        )
