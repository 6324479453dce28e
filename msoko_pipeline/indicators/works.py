"""The works of a year and their tasks: maxima, scale, difficulty, skill, each with whether it is confirmed.

A maximum printed in a file or in the codifier of that very year is confirmed. One borrowed from another year's
codifier holds until a greater share of works exceeds it than the data allow; where nothing is known, the greatest
score seen is taken. Neither is `verified`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from msoko_pipeline.intake import ledger_of
from msoko_pipeline.lake.ledger import Entry
from msoko_pipeline.settings import Settings
from schemas import catalogue

WORK = ["subject", "grade"]


def tasks(connection: Any, settings: Settings, year: int, results: str | None) -> pd.DataFrame:
    """Tasks of every work of the year with individual results.

    results: name of the view of individual results, None when there are none. Columns: subject, grade, task,
    position (column number in the lake), max_score (балл), max_verified, difficulty (Б/П/В), skill.
    """
    columns = [*WORK, "task", "position", "max_score", "max_verified", "difficulty", "skill"]
    if results is None:
        return pd.DataFrame(columns=columns)
    ledger = ledger_of(settings)
    printed = _printed(ledger.files("status not in ('refused', 'withdrawn')"), year)
    seen = connection.execute(f"select distinct subject, grade from {results} order by all").fetchall()
    rows: list[dict[str, Any]] = []
    for subject, grade in seen:
        positions = ledger.positions(year, subject, int(grade))
        known, of_year = catalogue.tasks(year, int(grade), subject)
        listed = {str(task["task"]): task for task in known} if len(known) == len(positions) else {}
        for task, position in positions.items():
            told = printed.get((subject, int(grade), task), {})
            like = listed.get(task, {})
            sure = told.get("max_score") is not None or bool(of_year == "same" and like.get("verified"))
            rows.append(
                {
                    "subject": subject, "grade": int(grade), "task": task, "position": position,
                    "max_score": told.get("max_score") or like.get("max_score"), "max_verified": sure,
                    "difficulty": told.get("level") or like.get("level") or None,
                    "skill": like.get("skill") or None,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return _observed(connection, results, frame)


def _printed(entries: list[Entry], year: int) -> dict[tuple[str, int, str], dict[str, Any]]:
    """What the files themselves print of a task: its maximum and its level."""
    told: dict[tuple[str, int, str], dict[str, Any]] = {}
    for entry in entries:
        for sheet in entry.sheets:
            work = sheet["work"]
            if sheet["kind"] != "vpr_result" or not work or work["year"] != year:
                continue
            for task, maximum, level in sheet["tasks"]:
                known = told.setdefault((work["subject"], work["grade"], task), {})
                known["max_score"] = known.get("max_score") or maximum
                known["level"] = known.get("level") or level
    return told


def _observed(connection: Any, results: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Settle the maxima nobody confirmed by what the works hold."""
    doubtful = frame.loc[~frame["max_verified"].astype(bool)]
    if doubtful.empty:
        return frame.astype({"max_score": "Int64"})
    connection.register("_doubtful", doubtful.assign(max_score=doubtful["max_score"].fillna(0).astype(int))[
        ["subject", "grade", "position", "max_score"]])  # fmt: skip
    last = int(doubtful["position"].max())
    seen = connection.execute(
        "select d.subject, d.grade, d.position, "
        "max(r.score), count(*) filter (where r.score > d.max_score), count(r.score) "
        f"from (unpivot (select subject, grade, {', '.join(f's{k:02d}' for k in range(1, last + 1))} from {results} "
        "semi join _doubtful using (subject, grade)) "
        f"on {', '.join(f's{k:02d}' for k in range(1, last + 1))} into name task value score) r "
        "join _doubtful d on r.subject = d.subject and r.grade = d.grade and r.task[2:]::int = d.position group by all"
    ).fetchall()
    known = {(subject, int(grade), int(position)): rest for subject, grade, position, *rest in seen}
    allowed = catalogue.codes()["task_over_maximum_share"]
    for index, row in doubtful.iterrows():
        top, over, count = known.get((row["subject"], int(row["grade"]), int(row["position"])), (None, 0, 0))
        if pd.isna(row["max_score"]) or (count and over > allowed * count):
            frame.loc[index, "max_score"] = max(1, top or 1)
    return frame.astype({"max_score": "Int64"})


def works(
    connection: Any, settings: Settings, year: int, results: str | None, task_table: pd.DataFrame
) -> pd.DataFrame:
    """One row per work with individual results: max_primary (балл), scale bounds and their standing, pupil_grade.

    Columns: subject, grade, max_primary, min_3, min_4, min_5, scale_verified, pupil_grade, tasks (count).
    """
    columns = [*WORK, "max_primary", "min_3", "min_4", "min_5", "scale_verified", "pupil_grade", "tasks"]
    if results is None:
        return pd.DataFrame(columns=columns)
    framed = {
        (sheet["work"]["subject"], sheet["work"]["grade"]): sheet["work"]["max_primary"]
        for entry in ledger_of(settings).files("year = ? and status not in ('refused', 'withdrawn')", year)
        for sheet in entry.sheets
        if sheet["work"] and sheet["work"]["max_primary"]
    }
    rows = []
    for subject, grade, pupil_grade, greatest in connection.execute(
        f"select subject, grade, mode(pupil_grade), max(primary_score) from {results} group by all order by all"
    ).fetchall():
        own = task_table[(task_table["subject"] == subject) & (task_table["grade"] == grade)]
        scale = catalogue.scale(year, int(grade), subject) or {}
        sure = framed.get((subject, int(grade))) or (scale.get("max_primary") if scale.get("verified") else None)
        likely = scale.get("max_primary") or int(own["max_score"].sum())
        rows.append(
            {
                "subject": subject, "grade": int(grade), "pupil_grade": pupil_grade, "tasks": len(own),
                "max_primary": sure or max(likely, greatest or 0),
                **{name: scale.get(name) for name in ("min_3", "min_4", "min_5")},
                "scale_verified": scale.get("verified"),
            }
        )  # fmt: skip
    kinds = {"max_primary": "Int64", "min_3": "Int64", "min_4": "Int64", "min_5": "Int64", "pupil_grade": "Int64"}
    return pd.DataFrame(rows, columns=columns).astype({**kinds, "scale_verified": "boolean", "tasks": "Int64"})
