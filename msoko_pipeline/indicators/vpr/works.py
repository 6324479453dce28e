"""The works of the years and their tasks: maxima, scale, difficulty, skill, each with whether it is confirmed.

A maximum printed in a file or in the codifier of that very year is confirmed. One borrowed from another year's
codifier holds until a greater share of works exceeds it than the data allow; where nothing is known, the greatest
score seen is taken. Neither is `verified`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.indicators.task_plans import TaskPlans
from msoko_pipeline.indicators.vpr.sums import WORK
from msoko_pipeline.settings import Settings
from schemas import catalogue

TYPES = {
    "year": "Int64", "subject": "string", "grade": "Int64", "task": "string", "position": "Int64",
    "max_score": "Int64", "max_verified": "boolean", "difficulty": "string", "skill": "string",
    "scale_verified": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class Works:
    """The works with individual results.

    works: `works`, a row a work; tasks: `tasks`, a row a task; maxima, a row a work: WORK, min_3, min_4, min_5,
    max_primary and the maxima of its tasks m01, m02, …; last: the greatest number of a task.
    """

    works: Relation
    tasks: Relation
    maxima: Relation
    last: int


def read(connection: Any, settings: Settings, results: Relation | None, plans: TaskPlans) -> Works:
    """The works of individual results (facts of `vpr_result` that hold; None when there are none)."""
    task_rows = tasks(connection, settings, results, plans)
    work_rows = works(connection, settings, results, task_rows)
    task_rows, work_rows = (
        rows.astype({name: dtype for name, dtype in TYPES.items() if name in rows}) for rows in (task_rows, work_rows)
    )
    maxima = task_rows.pivot(index=list(WORK), columns="position", values="max_score")
    maxima.columns = [f"m{position:02d}" for position in maxima.columns]
    bounds = work_rows[[*WORK, "min_3", "min_4", "min_5", "max_primary"]]
    maxima = bounds.merge(maxima.reset_index(), on=list(WORK))
    last = int(task_rows["position"].max()) if len(task_rows) else 0
    of_works, of_tasks, wide = (engine.load(connection, rows) for rows in (work_rows, task_rows, maxima))
    return Works(of_works, of_tasks, wide, last)


def tasks(connection: Any, settings: Settings, results: Relation | None, plans: TaskPlans) -> pd.DataFrame:
    """Tasks of every work with individual results: WORK, task, position (column number in the lake), max_score (балл),
    max_verified, difficulty (Б/П/В), skill.
    """
    columns = [*WORK, "task", "position", "max_score", "max_verified", "difficulty", "skill"]
    if results is None:
        return pd.DataFrame(columns=columns)
    ledger = ledger_of(settings)
    printed = _printed(ledger.files("status not in ('refused', 'withdrawn')"))
    distinct = engine.query(connection, f"select distinct {', '.join(WORK)} from results order by all", results=results)
    rows: list[dict[str, Any]] = []
    for year, subject, grade in engine.tuples(distinct):
        positions = ledger.positions(year, subject, int(grade))
        codified, of_year = plans.tasks(year, int(grade), subject)
        listed = {str(task["task"]): task for task in codified} if len(codified) == len(positions) else {}
        in_files = {task: printed.get((year, subject, int(grade), task), {}) for task in positions}
        maxima = {task: of_task.get("max_score") for task, of_task in in_files.items()}
        named = plans.codified(year, int(grade), subject, maxima)
        for task, position in positions.items():
            of_files, like, name = in_files[task], listed.get(task, {}), named.get(task, {})
            sure = of_files.get("max_score") is not None or bool(of_year == "same" and like.get("verified"))
            rows.append(
                {
                    "year": year, "subject": subject, "grade": int(grade), "task": task, "position": position,
                    "max_score": of_files.get("max_score") or like.get("max_score"), "max_verified": sure,
                    "difficulty": of_files.get("level") or name.get("level") or None,
                    "skill": name.get("skill") or None,
                }
            )  # fmt: skip
    return _observed(connection, results, pd.DataFrame(rows, columns=columns))


def _printed(entries: list[Entry]) -> dict[tuple[int, str, int, str], dict[str, Any]]:
    """What the files themselves print of a task: its maximum and its level."""
    tasks: dict[tuple[int, str, int, str], dict[str, Any]] = {}
    for entry in entries:
        for sheet in entry.sheets:
            work = sheet["work"]
            if sheet["kind"] != "vpr_result" or not work:
                continue
            for task, maximum, level in sheet["tasks"]:
                of_task = tasks.setdefault((work["year"], work["subject"], work["grade"], task), {})
                of_task["max_score"] = of_task.get("max_score") or maximum
                of_task["level"] = of_task.get("level") or level
    return tasks


def _observed(connection: Any, results: Relation, tasks: pd.DataFrame) -> pd.DataFrame:
    """The tasks, the maxima nobody confirmed settled by what the works hold."""
    doubtful = tasks.loc[~tasks["max_verified"].astype(bool)]
    if doubtful.empty:
        return tasks.astype({"max_score": "Int64"})
    work, last = ", ".join(WORK), int(doubtful["position"].max())
    borrowed = doubtful.assign(max_score=doubtful["max_score"].fillna(0).astype(int))
    wide = borrowed.pivot(index=list(WORK), columns="position", values="max_score").add_prefix("r")
    counts = ", ".join(
        f"max(s{k:02d}), count(s{k:02d}), count(*) filter (where s{k:02d} > r{k})"
        for k in range(1, last + 1)
        if f"r{k}" in wide
    )
    of_works = engine.query(
        connection,
        f"select {work}, {counts} from results join borrowed using ({work}) group by {work}",
        results=results,
        borrowed=engine.load(connection, wide.reset_index()),
    )
    observed = {
        (year, subject, int(grade)): dict(zip(wide.columns, zip(*[iter(rest)] * 3, strict=True), strict=True))
        for year, subject, grade, *rest in engine.tuples(of_works)
    }
    allowed = catalogue.codes()["task_over_maximum_share"]
    for index, row in doubtful.iterrows():
        top, count, over = observed[row["year"], row["subject"], int(row["grade"])][f"r{row['position']}"]
        if pd.isna(row["max_score"]) or over > allowed * count:
            tasks.loc[index, "max_score"] = max(1, top or 1)
    return tasks.astype({"max_score": "Int64"})


def works(connection: Any, settings: Settings, results: Relation | None, tasks: pd.DataFrame) -> pd.DataFrame:
    """One row per work with individual results: WORK, max_primary (балл), the bounds of the scale min_3, min_4, min_5
    (балл), scale_verified, pupil_grade, tasks (count). tasks: see `tasks`.
    """
    columns = [*WORK, "max_primary", "min_3", "min_4", "min_5", "scale_verified", "pupil_grade", "tasks"]
    if results is None:
        return pd.DataFrame(columns=columns)
    framed = {
        (sheet["work"]["year"], sheet["work"]["subject"], sheet["work"]["grade"]): sheet["work"]["max_primary"]
        for entry in ledger_of(settings).files("status not in ('refused', 'withdrawn')")
        for sheet in entry.sheets
        if sheet["work"] and sheet["work"]["max_primary"]
    }
    sizes = tasks.groupby(list(WORK))["max_score"].agg(["size", "sum"])
    of_works = engine.query(
        connection,
        f"select {', '.join(WORK)}, mode(pupil_grade), max(primary_score) from results group by all order by all",
        results=results,
    )
    rows = []
    for year, subject, grade, pupil_grade, greatest in engine.tuples(of_works):
        work = (year, subject, int(grade))
        scale = catalogue.scale(*_of_scale(work)) or {}
        sure = framed.get(work) or (scale.get("max_primary") if scale.get("verified") else None)
        likely = scale.get("max_primary") or int(sizes.loc[work, "sum"])
        rows.append(
            {
                **dict(zip(WORK, work, strict=True)), "pupil_grade": pupil_grade, "tasks": sizes.loc[work, "size"],
                "max_primary": sure or max(likely, greatest or 0),
                **{name: scale.get(name) for name in ("min_3", "min_4", "min_5")},
                "scale_verified": scale.get("verified"),
            }
        )  # fmt: skip
    numbers = ("max_primary", "min_3", "min_4", "min_5", "pupil_grade", "tasks")
    return pd.DataFrame(rows, columns=columns).astype({**dict.fromkeys(numbers, "Int64"), "scale_verified": "boolean"})


def _of_scale(work: tuple[int, str, int]) -> tuple[int, int, str]:
    year, subject, grade = work
    return year, grade, subject
