"""Works of every procedure under the same names: what indicators and their dynamics are drawn from.

The ВПР have their table of results, the state exams theirs; one view holds both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path_of, years_having
from msoko_pipeline.settings import Settings

WORK = ("year", "procedure", "level", "unit_id", "subject", "grade")
EXAMS = """select * exclude (participants, mark_2, mark_3, mark_4, mark_5), with_result as n,
        mark_2 as n2, mark_3 as n3, mark_4 as n4, mark_5 as n5, mark_2 + mark_3 + mark_4 + mark_5 as marked,
        with_result - below_minimum as passed
    from gia_results left join (
        select year, procedure, level, unit_id, subject, grade, count(*) as tasks from gia_task_results group by all
    ) using (year, procedure, level, unit_id, subject, grade)
    where procedure in ('OGE', 'EGE')"""

SOURCES = (
    (("results",), "select *, 'VPR' as procedure from results"),
    (("gia_results", "gia_task_results"), EXAMS),
)
"""Tables that a procedure fills, the first of them before the others, and the query over them."""


def read_works(connection: Any, settings: Settings, years: Sequence[int]) -> nw.LazyFrame[Any]:
    """The view `works` over the years that have results: WORK, small_base, and of each procedure what it counts.

    Common names: n (participants; of exams those with a result), n2…n5 and marked (those with a mark), mean_mark,
    mean_primary, sd_primary, max_primary, completion_pct, tasks (how many); of exams passed (first attempts not below
    the minimum), mean_test, sd_test, profile, bands of test scores. What a procedure does not have is NULL.
    """
    parts = []
    for tables, query in SOURCES:
        if years_with_results := years_having(settings, years, tables[0]):
            for name in tables:
                engine.read_years(connection, name, years_with_results, path_of(settings, name))
            parts.append(query)
    connection.execute(f"create or replace view works as {' union all by name '.join(parts)}")
    return engine.table(connection, "works")
