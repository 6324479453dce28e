"""The ВПР indicators of the years, from the lake to Parquet tables: what the assets of the layer call.

Each function does one step and leaves its tables in `home/indicators/year=…`; a later step reads them from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.tables import path_of
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.task_plans import task_plans
from msoko_pipeline.indicators.vpr import differences, individual, merge, reports, results, sums, tasks, works
from msoko_pipeline.settings import Settings
from schemas import catalogue


def make_sums(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """cells, task_sums, groups, distribution, journal_scores, skills: all that needs a pass over pupils or reports.

    Returns rows per table. Units without individual rows come from the reports; a report that tells otherwise than
    the individual rows becomes an issue. Years with the same thresholds go together.
    """
    counts: dict[str, int] = {}
    for together in catalogue.alike(years, catalogue.thresholds):
        with engine.connect(settings) as connection:
            for table, rows in _sums(connection, settings, together, catalogue.thresholds(together[0])).items():
                written = engine.write_years(connection, rows, together, path_of(settings, table))
                counts[table] = counts.get(table, 0) + written
    return counts


def _sums(connection: Any, settings: Settings, years: Sequence[int], thresholds: dict[str, Any]) -> dict[str, Relation]:
    """Table of `make_sums` → its rows."""
    units = engine.keep(connection, register.units_in(connection, settings, years))
    individual_results = holding.current(connection, settings, "vpr_result", years)
    plans = task_plans(connection, settings, years)
    of_works = works.read(connection, settings, individual_results, plans)
    printed = reports.read(connection, settings, years)
    if individual_results is None:
        own = individual.nothing(connection)
    else:
        silent = individual.silent(connection, settings, individual_results)
        pupils = individual.pupils(connection, individual_results, of_works, silent, thresholds["journal_gap"])
        group_units = merge.group_units(connection, units, printed.groups)
        compared = individual.compared_with_journal(connection, years)
        own = individual.counted(connection, pupils, of_works, units, group_units, compared)
    fuller = merge.fuller(connection, own.cells, printed.cells, thresholds["aggregate_wins_from"])
    differences.note(connection, settings, years, individual_results, own.cells, printed, fuller, units)
    codifier = merge.codifier(connection, printed.tasks, plans)
    planned = holding.current(connection, settings, "vpr_planned", years)
    return {
        "cells": merge.cells(connection, own.cells, printed.cells, of_works.works, fuller),
        "task_sums": merge.tasks(connection, own.cells, own.tasks, printed.tasks, of_works.tasks, codifier),
        "groups": merge.groups(connection, own.cells, own.groups, printed.groups, of_works.tasks),
        "distribution": merge.distribution(connection, own.cells, own.distribution, printed.distribution),
        "journal_scores": own.journal_scores,
        "skills": merge.skills(connection, of_works.tasks, codifier, planned),
    }


def make_results(settings: Settings, years: Sequence[int]) -> int:
    """results: the formulas of results.py over the sums of the years."""
    counted = 0
    for together in catalogue.alike(years, catalogue.thresholds):
        with engine.connect(settings) as connection:
            cells = engine.read(connection, together, path_of(settings, "cells"))
            rows = results.results(cells, catalogue.thresholds(together[0]))
            counted += engine.write_years(connection, rows, together, path_of(settings, "results"))
    return counted


def make_tasks(settings: Settings, years: Sequence[int]) -> int:
    """task_results: the formulas of tasks.py over the task sums of the years."""
    counted = 0
    for together in catalogue.alike(years, catalogue.thresholds):
        with engine.connect(settings) as connection:
            task_sums = engine.read(connection, together, path_of(settings, "task_sums"))
            rows = tasks.indicators(task_sums, catalogue.thresholds(together[0])).select(*sums.KEY, *tasks.COLUMNS)
            counted += engine.write_years(connection, rows, together, path_of(settings, "task_results"))
    return counted
