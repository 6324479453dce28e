"""The ВПР indicators of the years, from the lake to Parquet tables: what the assets of the layer call.

Each function does one step and leaves its tables in `home/indicators/year=…`; a later step reads them from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from msoko_pipeline.home import engine
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.tables import path_of
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.vpr import differences, merge, results, sums, tasks, works
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.layout import layouts


def make_sums(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """cells, task_sums, groups, distribution, journal_scores, skills: all that needs a pass over pupils or reports.

    Returns rows per table. Units without individual rows come from the reports; a report that tells otherwise than
    the individual rows becomes an issue. Years with the same thresholds go together.
    """
    counted: dict[str, int] = {}
    for together in catalogue.alike(years, catalogue.thresholds):
        for table, rows in _sums(settings, together, catalogue.thresholds(together[0])).items():
            counted[table] = counted.get(table, 0) + rows
    return counted


def _sums(settings: Settings, years: Sequence[int], thresholds: dict[str, Any]) -> dict[str, int]:
    with engine.connect(settings) as connection:
        engine.read_years(connection, "orgs", years, path_of(settings, "organisations"))
        register.units(connection, settings, "orgs", "units")
        people = "results" if engine.current(connection, settings, "vpr_result", years, "results") else None
        task_table = works.tasks(connection, settings, people)
        work_table = works.works(connection, settings, people, task_table)
        last = int(task_table["position"].max()) if len(task_table) else 0
        _register_works(connection, work_table, task_table)
        merge.register_groups(connection, settings, years)
        if people:
            _individual(connection, settings, last, thresholds, years)
        else:
            merge.no_individual_rows(connection)
        merge.register_reports(connection, settings, years)
        merge.cells(connection, thresholds)
        merge.tasks(connection)
        merge.groups(connection)
        merge.distribution(connection)
        differences.note(connection, settings, years)
        connection.execute(f"create view skills as {merge.skills(connection, settings, years)}")
        return {
            table: engine.write_years(connection, table, years, path_of(settings, table))
            for table in ("cells", "task_sums", "groups", "distribution", "journal_scores", "skills")
        }


def _register_works(connection: Any, work_table: pd.DataFrame, task_table: pd.DataFrame) -> None:
    """Tables work_table, task_table, and maxima: bounds of the scale, the maximum of the work and those of its tasks
    wide as m01…, one row a work.
    """
    kinds = {
        "subject": "string", "difficulty": "string", "skill": "string", "task": "string", "grade": "Int64",
        "position": "Int64", "max_score": "Int64", "max_verified": "boolean", "scale_verified": "boolean",
        "year": "Int64",
    }  # fmt: skip
    task_table = task_table.astype({name: kind for name, kind in kinds.items() if name in task_table})
    work_table = work_table.astype({name: kind for name, kind in kinds.items() if name in work_table})
    wide = task_table.pivot(index=list(sums.WORK), columns="position", values="max_score")
    wide.columns = [f"m{position:02d}" for position in wide.columns]
    wide = work_table[[*sums.WORK, "min_3", "min_4", "min_5", "max_primary"]].merge(
        wide.reset_index(), on=list(sums.WORK)
    )
    for name, frame in (("work_table", work_table), ("task_table", task_table), ("maxima", wide)):
        connection.register(f"_{name}", pa.Table.from_pandas(frame, preserve_index=False))
        connection.execute(f"create table {name} as select * from _{name}")


PUPIL = ("year", "org_id", "subject", "grade", "absent", "partial", "journal_mark", "mark", "primary_score", "task_sum")


def _register_silent(connection: Any, settings: Settings) -> None:
    """Table silent: seq of the files whose layout lists nobody who was absent, and in which nobody is."""
    silent = [
        (entry.seq,)
        for entry in ledger_of(settings).files("status not in ('refused', 'withdrawn')")
        if any(sheet["layout"] in layouts() and not layouts()[sheet["layout"]].lists_absent for sheet in entry.sheets)
    ]
    connection.execute("create table silent (seq bigint)")
    if silent:
        connection.executemany("insert into silent values (?)", silent)
        connection.execute("delete from silent where seq in (select seq from results where absent or partial)")


def _individual(
    connection: Any, settings: Settings, last: int, thresholds: dict[str, Any], years: Sequence[int]
) -> None:
    """Tables own_cells, own_tasks, own_groups, own_distribution, journal_scores from individual rows."""
    have = set(engine.columns(connection, "results"))
    scores = [
        name if name in have else f"null::{kind} as {name}"
        for k in range(1, last + 1)
        for name, kind in ((f"s{k:02d}", "smallint"), (f"x{k:02d}", "boolean"))
    ]
    _register_silent(connection, settings)
    listed = "seq not in (select seq from silent) as lists_absent"
    connection.execute(f"create table pupils as select {', '.join((*PUPIL, listed, *scores))} from results")
    people = sums.pupils(
        engine.table(connection, "pupils"), engine.table(connection, "maxima"), thresholds["journal_gap"]
    )
    units = engine.table(connection, "units")
    schools = engine.keep(connection, sums.sums(people, last), "school_sums")
    cells = engine.keep(connection, sums.levels(schools, units, last), "unit_sums")
    rows = engine.keep(connection, tasks.long(cells, last), "own_tasks")
    counted = cells.select(*sums.KEY, *sums.COUNTS)
    engine.keep(connection, counted.join(tasks.spread(rows), on=list(sums.KEY), how="left"), "own_cells")
    grouped = engine.keep(connection, tasks.groups(people, engine.table(connection, "group_units"), last), "group_sums")
    engine.keep(connection, tasks.long_groups(grouped, last), "own_groups")
    engine.keep(connection, results.distribution(people, units), "own_distribution")
    compared = pd.DataFrame(_compared_with_journal(years), columns=["subject", "grade"])
    connection.register("compared", pa.Table.from_pandas(compared.astype({"subject": "string"}), preserve_index=False))
    engine.keep(connection, results.journal_scores(people, engine.table(connection, "compared")), "journal_scores")


def _compared_with_journal(years: Sequence[int]) -> list[tuple[str, int]]:
    """Subject and grade of the works in which a sign of the years compares scores with journal marks."""
    works = {work for year in years for work in catalogue.signs(year)["signs"]["journal_mismatch"]["works"]}
    return sorted(catalogue.procedure(work)[1:] for work in works)


def make_results(settings: Settings, years: Sequence[int]) -> int:
    """results: the formulas of results.py over the sums of the years."""
    counted = 0
    for together in catalogue.alike(years, catalogue.thresholds):
        with engine.connect(settings) as connection:
            cells = engine.read_years(connection, "cells", together, path_of(settings, "cells"))
            engine.keep(connection, results.results(cells, catalogue.thresholds(together[0])), "results")
            counted += engine.write_years(connection, "results", together, path_of(settings, "results"))
    return counted


def make_tasks(settings: Settings, years: Sequence[int]) -> int:
    """task_results: the formulas of tasks.py over the task sums of the years."""
    counted = 0
    for together in catalogue.alike(years, catalogue.thresholds):
        with engine.connect(settings) as connection:
            rows = engine.read_years(connection, "task_sums", together, path_of(settings, "task_sums"))
            found = tasks.indicators(rows, catalogue.thresholds(together[0]))
            engine.keep(connection, found.select(*sums.KEY, *tasks.COLUMNS), "task_results")
            counted += engine.write_years(connection, "task_results", together, path_of(settings, "task_results"))
    return counted
