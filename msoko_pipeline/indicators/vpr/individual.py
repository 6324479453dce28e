"""The sums of individual results: the only pass over pupils, from their rows to the sums of every unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.indicators.vpr import results, sums, tasks
from msoko_pipeline.indicators.vpr.works import Works
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.layout import layouts

PUPIL = ("year", "org_id", "subject", "grade", "absent", "partial", "journal_mark", "mark", "primary_score", "task_sum")
KEY_TYPES = {name: "bigint" if name in ("year", "grade") else "varchar" for name in sums.KEY}


@dataclass(frozen=True)
class IndividualSums:
    """What individual results give of every unit.

    cells: KEY, sums.COUNTS, spread; tasks: KEY, position and the task's sums of `tasks.long`; groups: KEY, position,
    mark, c, s (`tasks.long_groups`); distribution: KEY, primary_score, participants, share_pct; journal_scores: org_id,
    WORK, journal, primary_score, participants.
    """

    cells: Relation
    tasks: Relation
    groups: Relation
    distribution: Relation
    journal_scores: Relation


def nothing(connection: Any) -> IndividualSums:
    """The sums of years that only reports tell of: no rows."""
    of_tasks = dict.fromkeys(("n", "t", "tt", *tasks.PER_TASK), "double")
    return IndividualSums(
        cells=engine.empty(connection, KEY_TYPES | dict.fromkeys((*sums.COUNTS, "spread"), "double")),
        tasks=engine.empty(connection, KEY_TYPES | {"position": "bigint"} | of_tasks),
        groups=engine.empty(
            connection, KEY_TYPES | dict.fromkeys(("position", "mark"), "bigint") | dict.fromkeys(("c", "s"), "double")
        ),
        distribution=engine.empty(
            connection, KEY_TYPES | {"primary_score": "bigint", "participants": "double", "share_pct": "double"}
        ),
        journal_scores=engine.empty(
            connection,
            {"org_id": "varchar", "year": "bigint", "subject": "varchar"}
            | dict.fromkeys(("grade", "journal", "primary_score", "participants"), "bigint"),
        ),
    )


def counted(
    connection: Any, pupils: Relation, works: Works, units: Relation, group_units: Relation, compared: Relation
) -> IndividualSums:
    """The sums of pupils with the mark that counts (see `pupils`).

    units: year, org_id, level, unit_id; group_units: those of them that have groups with the same mark; compared:
    subject, grade of the works whose scores are compared with journal marks.
    """
    last = works.last
    schools = engine.keep(connection, sums.sums(pupils, last))
    wide = engine.keep(connection, sums.levels(schools, units, last))
    of_tasks = engine.keep(connection, tasks.long(wide, last))
    cells = wide.select(*sums.KEY, *sums.COUNTS).join(tasks.spread(of_tasks), on=list(sums.KEY), how="left")
    groups = engine.keep(connection, tasks.groups(pupils, group_units, last))
    return IndividualSums(
        cells=engine.keep(connection, cells),
        tasks=of_tasks,
        groups=engine.keep(connection, tasks.long_groups(groups, last)),
        distribution=engine.keep(connection, results.distribution(pupils, units)),
        journal_scores=engine.keep(connection, results.journal_scores(pupils, compared)),
    )


def pupils(connection: Any, individual_results: Relation, works: Works, silent: Relation, journal_gap: int) -> Relation:
    """`sums.pupils` of the facts of `vpr_result` that hold.

    silent: seq of the files that list nobody who was absent; journal_gap: marks between which and the journal's there
    are so many, that it counts as a great difference.
    """
    have = set(engine.columns(individual_results))
    scores = [
        name if name in have else f"null::{dtype} as {name}"
        for k in range(1, works.last + 1)
        for name, dtype in ((f"s{k:02d}", "smallint"), (f"x{k:02d}", "boolean"))
    ]
    listed = "seq not in (select seq from silent) as lists_absent"
    rows = engine.kept(
        connection,
        f"select {', '.join((*PUPIL, listed, *scores))} from results",
        results=individual_results,
        silent=silent,
    )
    return engine.keep(connection, sums.pupils(rows, works.maxima, journal_gap))


def silent(connection: Any, settings: Settings, individual_results: Relation) -> Relation:
    """seq of the files whose layout lists nobody who was absent, and in which nobody is."""
    files = [
        entry.seq
        for entry in ledger_of(settings).files("status not in ('refused', 'withdrawn')")
        if any(sheet["layout"] in layouts() and not layouts()[sheet["layout"]].lists_absent for sheet in entry.sheets)
    ]
    return engine.kept(
        connection,
        "select seq from files where seq not in (select seq from results where absent or partial)",
        files=engine.load(connection, pd.DataFrame({"seq": pd.array(files, "int64")})),
        results=individual_results,
    )


def compared_with_journal(connection: Any, years: Sequence[int]) -> Relation:
    """subject, grade of the works in which a sign of the years compares scores with journal marks."""
    named = {work for year in years for work in catalogue.signs(year)["signs"]["journal_mismatch"]["works"]}
    works = pd.DataFrame(sorted(catalogue.procedure(work)[1:] for work in named), columns=["subject", "grade"])
    return engine.load(connection, works.astype({"subject": "string"}))
