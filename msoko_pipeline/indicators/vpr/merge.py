"""Individual rows and reports meet: whose numbers a unit's row holds.

Individual rows win; a report fills in the units that have none. For a municipality or a region a report that counts
noticeably more participants is the fuller one, and wins. What own_… and report_… hold say `IndividualSums` and
`ReportSums`; works and work_tasks are those of `Works`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.indicators.task_plans import TaskPlans
from msoko_pipeline.indicators.vpr.sums import COUNTS, KEY

KEYS = ", ".join(KEY)
UNIT = f"({KEYS})"
_SAME_UNIT = " and ".join(f"c.{name} = r.{name}" for name in KEY)
_OF_MARK = "case mark when 2 then n2 when 3 then n3 when 4 then n4 when 5 then n5 end"
"""Participants of a unit who have the mark of a group."""


def fuller(connection: Any, own_cells: Relation, report_cells: Relation, share: float) -> Relation:
    """KEY of the territories whose report counts more participants than their rows by more than this share of them."""
    return engine.kept(
        connection,
        f"select {KEYS} from own_cells c join report_cells r using ({KEYS}) "
        f"where level <> 'school' and r.n > c.n * {1 + share}",
        own_cells=own_cells,
        report_cells=report_cells,
    )


def cells(connection: Any, own_cells: Relation, report_cells: Relation, works: Relation, fuller: Relation) -> Relation:
    """The counts and sums of every unit: KEY, sums.COUNTS, spread, max_primary, tasks, pupil_grade, facts_source
    (`individual`, `report`), mark_source (`file`, `scale`, `report`; NULL: no marks), scale_verified.
    """
    return engine.query(
        connection,
        f"""select c.year, c.level, c.unit_id, c.subject, c.grade::bigint as grade,
            {", ".join(f"c.{name}" for name in COUNTS)},
            c.spread, w.max_primary::double as max_primary, w.tasks, w.pupil_grade, 'individual' as facts_source,
            case when c.marked = 0 then null when c.from_file = c.marked then 'file' else 'scale' end as mark_source,
            case when c.marked = 0 then null when c.from_file = c.marked then true else w.scale_verified end
                as scale_verified
        from own_cells c left join works w using (year, subject, grade)
        where {UNIT} not in (select {UNIT} from fuller)
        union all by name
        select {KEYS}, {", ".join(COUNTS)}, max_primary, w.tasks, w.pupil_grade, 'report' as facts_source,
            mark_source, case when mark_source = 'report' then true else r.scale_verified end as scale_verified
        from report_cells r
            left join (select year, subject, grade, tasks, pupil_grade from works) w using (year, subject, grade)
        where {UNIT} not in (select {UNIT} from own_cells) or {UNIT} in (select {UNIT} from fuller)""",
        own_cells=own_cells,
        report_cells=report_cells,
        works=works,
        fuller=fuller,
    )


def tasks(
    connection: Any,
    own_cells: Relation,
    own_tasks: Relation,
    report_tasks: Relation,
    work_tasks: Relation,
    codifier: Relation,
) -> Relation:
    """Sums of a task at a unit (KEY, task and those of `tasks.long`), max_score, max_verified, difficulty."""
    blank = ", ".join(f"null::double as {name}" for name in ("n", "t", "tt", "f", "z", "x", "b", "q", "r"))
    return engine.query(
        connection,
        f"""select o.* exclude (position, grade), o.grade::bigint as grade, t.task, t.max_score::double as max_score,
            t.max_verified, t.difficulty
        from own_tasks o join work_tasks t using (year, subject, grade, position)
        union all by name
        select r.year, r.level, r.unit_id, r.subject, r.grade, r.task, r.max_score, true as max_verified,
            coalesce(t.difficulty, k.difficulty) as difficulty, r.c, r.s, {blank}
        from report_tasks r left join work_tasks t using (year, subject, grade, task)
            left join codifier k using (year, subject, grade, task)
        where (r.year, r.level, r.unit_id, r.subject, r.grade) not in (select {UNIT} from own_cells)""",
        own_cells=own_cells,
        own_tasks=own_tasks,
        report_tasks=report_tasks,
        work_tasks=work_tasks,
        codifier=codifier,
    )


def codifier(connection: Any, report_tasks: Relation, plans: TaskPlans) -> Relation:
    """year, subject, grade, task, difficulty, skill of the works that reports tell of, where the codifier speaks of the
    same tasks.
    """
    works: dict[tuple[int, str, int], dict[str, int]] = {}
    printed = engine.query(
        connection,
        "select year, subject, grade, task, max(max_score)::bigint from tasks group by all",
        tasks=report_tasks,
    )
    for year, subject, grade, task, maximum in engine.tuples(printed):
        works.setdefault((int(year), subject, int(grade)), {})[task] = maximum
    rows = [
        (year, subject, grade, code, task["level"] or None, task["skill"] or None)
        for (year, subject, grade), maxima in works.items()
        for code, task in plans.codified(year, grade, subject, maxima).items()
    ]
    types = {"year": "int64", "subject": "string", "grade": "int64"}
    types |= dict.fromkeys(("task", "difficulty", "skill"), "string")
    return engine.load(connection, pd.DataFrame(rows, columns=list(types)).astype(types))


def skills(connection: Any, work_tasks: Relation, codifier: Relation, planned: Relation | None) -> Relation:
    """year, subject, grade, task, skill, of the works with rows and of those that only reports know: as the year's own
    report of planned results words it, else as the codifier does, where it speaks of this work.

    codifier: see `codifier`; planned: facts of `vpr_planned` that hold.
    """
    if planned is None:
        types = {"year": "bigint", "subject": "varchar", "grade": "bigint", "task": "varchar", "requirement": "varchar"}
        planned = engine.empty(connection, types)
    return engine.query(
        connection,
        """select year, subject, grade, task, coalesce(any_value(p.skill), any_value(k.skill)) as skill from (
            select year, subject, grade::bigint as grade, task, skill from work_tasks
            union all select year, subject, grade, task, skill from codifier) k
        full join (
            select year, subject, grade::bigint as grade, task, min(requirement) as skill from planned group by all
        ) p using (year, subject, grade, task) group by all""",
        work_tasks=work_tasks,
        codifier=codifier,
        planned=planned,
    )


def group_units(connection: Any, units: Relation, report_groups: Relation) -> Relation:
    """Those of the units (year, org_id, level, unit_id) that have groups with the same mark of their own: territories,
    and the schools that a report prints groups of.
    """
    return engine.kept(
        connection,
        "select * from units where level <> 'school' "
        "or (year, unit_id) in (select (year, unit_id) from report_groups where level = 'school')",
        units=units,
        report_groups=report_groups,
    )


def groups(
    connection: Any, own_cells: Relation, own_groups: Relation, report_groups: Relation, work_tasks: Relation
) -> Relation:
    """Completion of tasks by groups with the same mark: KEY, mark, task, participants, completion_pct, facts_source.

    Of a school that has individual rows its groups are of those rows, as its marks are: the report counts pupils who
    are in quarantine too. Where the rows know no marks or no tasks, the report speaks, if it counts nobody else.
    """
    return engine.query(
        connection,
        f"""with own as (
            select g.year, g.level, g.unit_id, g.subject, g.grade::bigint as grade, g.mark, t.task,
                g.c as participants, g.s / nullif(g.c * t.max_score, 0) * 100 as completion_pct,
                'individual' as facts_source
            from own_groups g join work_tasks t using (year, subject, grade, position)
            where level <> 'school' or {UNIT} in (select {UNIT} from report_groups)
        ), of_marks as (
            select {KEYS}, mark, max(participants) as people from report_groups group by all
        ), fuller as (
            select {KEYS} from of_marks join own_cells c using ({KEYS}) where level = 'school' group by all
            having sum(people) > any_value(n) or bool_or(marked > 0 and people > coalesce({_OF_MARK}, 0))
        )
        select * from own union all by name select *, 'report' as facts_source from report_groups
        where {UNIT} not in (select {UNIT} from own) and {UNIT} not in (select {UNIT} from fuller)""",
        own_cells=own_cells,
        own_groups=own_groups,
        report_groups=report_groups,
        work_tasks=work_tasks,
    )


def distribution(
    connection: Any, own_cells: Relation, own_distribution: Relation, report_distribution: Relation
) -> Relation:
    """Participants per primary score: KEY, primary_score, participants, share_pct.

    A report speaks of a school that has individual rows only where none of them has a score, and where it counts nobody
    else.
    """
    return engine.query(
        connection,
        f"""select * replace (grade::bigint as grade) from own
        union all by name
        select r.* exclude (people) from report r
        where {UNIT} not in (select {UNIT} from own) and not exists (
            select 1 from own_cells c where {_SAME_UNIT} and c.level = 'school' and r.people > c.n)""",
        own=own_distribution,
        own_cells=own_cells,
        report=report_distribution,
    )
