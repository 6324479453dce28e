"""The works of the years and their tasks: maxima, scale, difficulty, skill, each with whether it is confirmed.

A maximum printed in a file or in the codifier of that very year is confirmed. One borrowed from another year's
codifier holds until a greater share of works exceeds it than the data allow; where nothing is known, the greatest
score seen is taken. Neither is `verified`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.indicators.vpr.sums import WORK
from msoko_pipeline.settings import Settings
from schemas import catalogue


def tasks(connection: Any, settings: Settings, results: str | None) -> pd.DataFrame:
    """Tasks of every work with individual results.

    results: name of the view of individual results, None when there are none. Columns: WORK, task,
    position (column number in the lake), max_score (балл), max_verified, difficulty (Б/П/В), skill.
    """
    columns = [*WORK, "task", "position", "max_score", "max_verified", "difficulty", "skill"]
    if results is None:
        return pd.DataFrame(columns=columns)
    ledger = ledger_of(settings)
    printed = _printed(ledger.files("status not in ('refused', 'withdrawn')"))
    seen = connection.execute(f"select distinct year, subject, grade from {results} order by all").fetchall()
    rows: list[dict[str, Any]] = []
    for year, subject, grade in seen:
        positions = ledger.positions(year, subject, int(grade))
        known, of_year = catalogue.tasks(year, int(grade), subject)
        listed = {str(task["task"]): task for task in known} if len(known) == len(positions) else {}
        in_files = {task: printed.get((year, subject, int(grade), task), {}) for task in positions}
        maxima = {task: told.get("max_score") for task, told in in_files.items()}
        named = catalogue.codified(year, int(grade), subject, maxima)
        for task, position in positions.items():
            told, like, name = in_files[task], listed.get(task, {}), named.get(task, {})
            sure = told.get("max_score") is not None or bool(of_year == "same" and like.get("verified"))
            rows.append(
                {
                    "year": year, "subject": subject, "grade": int(grade), "task": task, "position": position,
                    "max_score": told.get("max_score") or like.get("max_score"), "max_verified": sure,
                    "difficulty": told.get("level") or name.get("level") or None,
                    "skill": name.get("skill") or None,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return _observed(connection, results, frame)


def _printed(entries: list[Entry]) -> dict[tuple[int, str, int, str], dict[str, Any]]:
    """What the files themselves print of a task: its maximum and its level."""
    told: dict[tuple[int, str, int, str], dict[str, Any]] = {}
    for entry in entries:
        for sheet in entry.sheets:
            work = sheet["work"]
            if sheet["kind"] != "vpr_result" or not work:
                continue
            for task, maximum, level in sheet["tasks"]:
                known = told.setdefault((work["year"], work["subject"], work["grade"], task), {})
                known["max_score"] = known.get("max_score") or maximum
                known["level"] = known.get("level") or level
    return told


def _observed(connection: Any, results: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Settle the maxima nobody confirmed by what the works hold."""
    doubtful = frame.loc[~frame["max_verified"].astype(bool)]
    if doubtful.empty:
        return frame.astype({"max_score": "Int64"})
    work, last = ", ".join(WORK), int(doubtful["position"].max())
    borrowed = doubtful.assign(max_score=doubtful["max_score"].fillna(0).astype(int))
    wide = borrowed.pivot(index=list(WORK), columns="position", values="max_score").add_prefix("r")
    connection.register("_borrowed", wide.reset_index())
    told = ", ".join(
        f"max(s{k:02d}), count(s{k:02d}), count(*) filter (where s{k:02d} > r{k})"
        for k in range(1, last + 1)
        if f"r{k}" in wide
    )
    seen = {
        (year, subject, int(grade)): dict(zip(wide.columns, zip(*[iter(rest)] * 3, strict=True), strict=True))
        for year, subject, grade, *rest in connection.execute(
            f"select {work}, {told} from {results} join _borrowed using ({work}) group by {work}"
        ).fetchall()
    }
    allowed = catalogue.codes()["task_over_maximum_share"]
    for index, row in doubtful.iterrows():
        top, count, over = seen[row["year"], row["subject"], int(row["grade"])][f"r{row['position']}"]
        if pd.isna(row["max_score"]) or over > allowed * count:
            frame.loc[index, "max_score"] = max(1, top or 1)
    return frame.astype({"max_score": "Int64"})


def works(connection: Any, settings: Settings, results: str | None, task_table: pd.DataFrame) -> pd.DataFrame:
    """One row per work with individual results: max_primary (балл), scale bounds and their standing, pupil_grade.

    Columns: WORK, max_primary, min_3, min_4, min_5, scale_verified, pupil_grade, tasks (count).
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
    sizes = task_table.groupby(list(WORK))["max_score"].agg(["size", "sum"])
    rows = []
    for year, subject, grade, pupil_grade, greatest in connection.execute(
        f"select {', '.join(WORK)}, mode(pupil_grade), max(primary_score) from {results} group by all order by all"
    ).fetchall():
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
