"""The aggregate reports of «Аналитика»: marks, journal, distribution, tasks, planned results, tasks by mark groups.

Every report prints rows of several levels; all are kept. A row of the report that became several facts (a score or
a task each) is accepted or refused as a whole.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.units import Unit, unit
from msoko_pipeline.reading import cells
from msoko_pipeline.reading.cells import Text, Wrong, parse
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.header import normal, task_code
from msoko_pipeline.reading.work import subject_code
from msoko_pipeline.validation.enforce import enforce
from schemas import vpr

NEAR_100 = (99.5, 100.5)  # rounding of four shares, domain rule of the marks report
JOURNAL_ROWS = {"понизили": "lower", "подтвердили": "equal", "повысили": "higher", "всего": "participants"}


def marks(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Статистика по отметкам»: shares of marks, %, per unit."""
    frame = _units(sheet, body, region)
    shares = [f"mark_{mark}_pct" for mark in (2, 3, 4, 5)]
    for name in shares:
        frame[name] = _numbers(body, name)
    _sum_to_100(body, frame[shares].sum(axis=1).to_numpy(dtype=float), frame[shares].notna().all(axis=1).to_numpy())
    enforce(frame, vpr.VprMarks.to_schema(), body.findings, _headers(body, vpr.VprMarks))
    return frame


def journal(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Сравнение отметок с отметками по журналу», wide: counts and shares of lower, equal, higher."""
    frame = _units(sheet, body, region)
    for name in ("lower", "equal", "higher"):
        frame[f"{name}_pct"] = _numbers(body, f"{name}_pct")
        frame[name] = _counts(body, name)
    enforce(frame, vpr.VprJournal.to_schema(), body.findings, _headers(body, vpr.VprJournal))
    return frame


def journal_vertical(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """The older, vertical variant: a banner row with the unit, then «Понизили…», «Подтвердили…», «Повысили…», «Всего».

    The unit may stand in its own row or before each of the four words in the same cell.
    """
    group = body.column("group")
    counts, shares = _counts(body, "participants"), _numbers(body, "pct")
    lines = []
    current: list[int] = []
    owner = ""
    for position in range(len(body)):
        text = group.at(position)
        word = next((w for w in JOURNAL_ROWS if normal(text).startswith(w)), None)
        if word is None:
            owner, current = text, [position]
            continue
        current.append(position)
        lines.append((owner, JOURNAL_ROWS[word], position, list(current)))
    frame = _journal_rows(sheet, body, region, lines, counts, shares)
    spans = frame.attrs.pop("spans")
    enforce(frame, vpr.VprJournal.to_schema(), body.findings, _headers(body, vpr.VprJournal), spans)
    return frame


def _journal_rows(
    sheet: Sheet, body: Body, region: str, lines: list[tuple[str, str, int, list[int]]], counts: Any, shares: Any
) -> pd.DataFrame:
    owners: dict[str, dict[str, int]] = {}
    for owner, role, position, _ in lines:
        owners.setdefault(owner, {})[role] = position
    whole = {owner: rows for owner, rows in owners.items() if set(rows) == set(JOURNAL_ROWS.values())}
    partial = [row for owner, rows in owners.items() if owner not in whole for row in rows.values()]
    body.findings.cells("row_journal_incomplete", np.array(sorted(partial), np.int64))
    last = np.array([rows["participants"] for rows in whole.values()], np.int64)
    frame = _unit_frame(sheet, body, region, Text.empty(0), rows=body.rows[last] if len(last) else np.array([], int))
    known = [_named(owner, region) for owner in whole]
    frame = _with_units(frame, known)
    for role in ("participants", "lower", "equal", "higher"):
        at = np.array([rows[role] for rows in whole.values()], np.int64)
        frame[role] = counts[at] if len(at) else pd.array([], "Int32")
        if role != "participants":
            frame[f"{role}_pct"] = shares[at] if len(at) else pd.array([], "Float64")
    frame.attrs["spans"] = last
    return frame


def distribution(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Распределение первичных баллов»: % of the unit's participants with each score; `count` is % · N / 100."""
    frame = _units(sheet, body, region)
    shares = np.column_stack([_plain(body, task.column) for task in sheet.found.tasks])
    filled = ~np.isnan(shares)
    _sum_to_100(body, np.nansum(shares, axis=1), filled.any(axis=1))
    scores = np.array([int(task.task) for task in sheet.found.tasks])
    position, score = np.nonzero(filled)
    long = frame.iloc[position].reset_index(drop=True)
    long["primary_score"] = pd.array(scores[score], dtype="Int16")
    long["share_pct"] = pd.array(shares[position, score], dtype="Float64")
    long["count"] = long["share_pct"] * long["participants"].astype("Float64") / 100
    enforce(long, vpr.VprDistribution.to_schema(), body.findings, _headers(body, vpr.VprDistribution), position)
    return long


def distribution_reference(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """A reference distribution of the region: `year;subject;work_grade;primary_score;participants`, a row a score."""
    frame = pd.DataFrame(index=pd.RangeIndex(len(body)))
    frame["row"] = pd.array(body.rows, dtype="Int32")
    for ours, name, dtype in (("year", "year", "Int16"), ("grade", "work_grade", "Int8"),
                              ("primary_score", "primary_score", "Int16")):  # fmt: skip
        frame[ours], unread = parse(body.column(name), cells.integer, dtype)
        body.findings.unread(unread, body.header(name))
    frame["subject"], unread = parse(body.column("subject"), _subject, "string")
    body.findings.unread(unread, body.header("subject"))
    frame["count"] = _numbers(body, "participants")
    frame["level"], frame["unit_id"], frame["unit_name"] = "region", region, pd.NA
    frame["max_primary"] = pd.array([pd.NA], dtype="Int16").repeat(len(body))
    key = ["year", "subject", "grade"]
    frame["participants"] = frame.groupby(key)["count"].transform("sum").fillna(0).astype("Int32")
    frame["share_pct"] = frame["count"] / frame["participants"].astype("Float64").where(frame["participants"] > 0) * 100
    frame = _text(frame)
    headers = _headers(body, vpr.VprDistribution) | {"count": body.header("participants")}
    schema = copy.copy(vpr.VprDistribution.to_schema())  # the model's own is shared
    schema.unique = [*key, "primary_score"]
    enforce(frame, schema, body.findings, headers)
    return frame


def task_performance(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Выполнение заданий»: % of completion of each task per unit; the «Макс балл» row gives the maxima."""
    top = _maxima(sheet, body)
    frame = _units(sheet, body, region)
    return _by_task(sheet, body, frame, top, vpr.VprTaskPerformance)


def task_groups(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Выполнение заданий группами участников»: per unit and mark, % of completion of each task."""
    top = _maxima(sheet, body)
    group = body.column("group")
    owners: list[Unit | None] = []
    marks_of: list[int | None] = []
    owner: Unit | None = None
    for position in range(len(body)):
        text = group.at(position)
        found = re.search(r"гр\.?\s*баллов\s*([2-5])", normal(text))
        if found is None and position not in top.rows:
            try:
                owner = _named(text, region)
            except Wrong as wrong:
                body.findings.cells(wrong.issue_type, np.array([position]), body.header("group"), [text])
        marks_of.append(int(found[1]) if found else None)
        owners.append(owner if found else None)
    frame = _unit_frame(sheet, body, region, Text.empty(0), rows=body.rows)
    blank = Unit("country", "RU", "")
    frame = _with_units(frame, [owner or blank for owner in owners])
    frame["mark"] = pd.array(marks_of, dtype="Int8")
    frame["participants"] = _counts(body, "participants")
    orphan = np.flatnonzero([mark is not None and owner is None for mark, owner in zip(marks_of, owners, strict=True)])
    body.findings.cells("row_group_unknown", orphan, body.header("group"), [group.at(p) for p in orphan])
    keep = np.array([mark is not None and owner is not None for mark, owner in zip(marks_of, owners, strict=True)], bool)
    return _by_task(sheet, body, frame, top, vpr.VprTaskGroup, keep)


def planned(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Достижение планируемых результатов»: a row per task, a column per unit; a second header line «NNNN уч.»."""
    tasks, _ = parse(body.column("task"), task_code, "string")
    maxima, unread = parse(body.column("max_score"), cells.integer, "Int16")
    body.findings.unread(unread, body.header("max_score"))
    requirement = body.column("requirement").values()
    parts = []
    for column, name in sheet.found.units.items():
        owner = _named(name, region)
        count = len(body)
        frame = _unit_frame(sheet, body, region, Text.empty(0), rows=body.rows)
        frame = _with_units(frame, [owner] * count)
        frame["participants"] = pd.array([_participants_above(sheet, column)], dtype="Int32").repeat(count)
        frame["task"], frame["max_score"], frame["requirement"] = tasks, maxima, requirement
        values, unread = parse(body.at(column), cells.number, "Float64")
        body.findings.unread(unread, name)
        frame["completion_pct"] = values
        parts.append(frame)
    long = pd.concat(parts, ignore_index=True)
    positions = np.tile(np.arange(len(body)), len(parts))
    enforce(long, vpr.VprPlanned.to_schema(), body.findings, _headers(body, vpr.VprPlanned), positions)
    return long


def _participants_above(sheet: Sheet, column: int) -> int | None:
    """`1722202 уч.` of the second header line, where it stands."""
    under = sheet.grid.cells.column(column).slice(sheet.found.header_row + 1, 1).to_pylist()
    found = re.match(r"\s*([\d\s]+)\s*уч", under[0] or "") if under else None
    return int(re.sub(r"\s", "", found[1])) if found else None


class _Maxima(dict[int, int]):
    """Column number → maximum of the task, from the header or the «Макс балл» row; rows: positions of that row."""

    rows: frozenset[int] = frozenset()


def _maxima(sheet: Sheet, body: Body) -> _Maxima:
    top = _Maxima({task.column: task.max_score for task in sheet.found.tasks if task.max_score})
    group = body.column("group")
    found = np.flatnonzero(group.is_in(lambda word: normal(word).startswith("макс")))
    for position in found[:1]:
        for task in sheet.found.tasks:
            values, _ = parse(body.at(task.column).take(np.array([position])), cells.integer, "Int16")
            if values[0] is not pd.NA:
                top[task.column] = int(values[0])
    top.rows = frozenset(found.tolist())
    return top


def _by_task(
    sheet: Sheet, body: Body, frame: pd.DataFrame, top: _Maxima, model: Any, keep: np.ndarray | None = None
) -> pd.DataFrame:
    shares = np.column_stack([_plain(body, task.column) for task in sheet.found.tasks])
    filled = ~np.isnan(shares)
    filled[list(top.rows)] = False
    if keep is not None:
        filled &= keep[:, None]
    position, number = np.nonzero(filled)
    long = frame.iloc[position].reset_index(drop=True)
    codes = np.array([task.task for task in sheet.found.tasks], dtype=object)
    maxima = np.array([top.get(task.column) for task in sheet.found.tasks], dtype=object)
    long["task"] = pd.array(codes[number], dtype="string")
    long["max_score"] = pd.array(maxima[number], dtype="Int16")
    long["completion_pct"] = pd.array(shares[position, number], dtype="Float64")
    enforce(long, model.to_schema(), body.findings, _headers(body, model), position)
    return long


def _units(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """Work, unit and participants of every row whose first cell is a group of participants."""
    frame = _unit_frame(sheet, body, region, body.column("group"), rows=body.rows)
    frame["participants"] = _counts(body, "participants")
    return frame


def _unit_frame(sheet: Sheet, body: Body, region: str, group: Text, rows: np.ndarray) -> pd.DataFrame:
    work = sheet.work
    if work is None:
        raise ValueError("a report without its work")
    count = len(rows)
    frame = pd.DataFrame(index=pd.RangeIndex(count))
    frame["row"] = pd.array(rows, dtype="Int32")
    frame["year"] = pd.array([work.year], dtype="Int16").repeat(count)
    frame["subject"] = pd.array([work.subject], dtype="string").repeat(count)
    frame["grade"] = pd.array([work.grade], dtype="Int8").repeat(count)
    frame["max_primary"] = pd.array([work.max_primary], dtype="Int16").repeat(count)
    if len(group):
        known: list[Unit] = []
        for word in group.words:
            try:
                known.append(_named(word, region))
            except Wrong as wrong:
                known.append(Unit("", "", word))
                at = np.flatnonzero(group.codes == group.words.index(word))
                body.findings.cells(wrong.issue_type, at, body.header("group"), [word] * len(at))
        blank = Unit("", "", "")
        frame = _with_units(frame, [known[code] if code >= 0 else blank for code in group.codes])
    return frame


def _named(text: str, region: str) -> Unit:
    """The unit; a region that prints no code of its own is ours."""
    found = unit(text)
    return Unit(found.level, region, found.name) if found.level == "region" and not found.unit_id else found


def _with_units(frame: pd.DataFrame, units: list[Unit]) -> pd.DataFrame:
    frame["level"] = pd.array([u.level or None for u in units], dtype="string")
    frame["unit_id"] = pd.array([u.unit_id or None for u in units], dtype="string")
    frame["unit_name"] = pd.array([u.name or None for u in units], dtype="string")
    return frame


def _subject(word: str) -> str:
    code = subject_code(word)
    if code is None:
        raise Wrong("cell_subject")
    return code


def _numbers(body: Body, name: str) -> Any:
    values, unread = parse(body.column(name), cells.number, "Float64")
    body.findings.unread(unread, body.header(name))
    return values


def _counts(body: Body, name: str) -> Any:
    values, unread = parse(body.column(name), cells.integer, "Int32")
    body.findings.unread(unread, body.header(name))
    return values


def _plain(body: Body, column: int) -> np.ndarray:
    values, unread = parse(body.at(column), cells.number, "Float64")
    body.findings.unread(unread, body.found.header[column].strip())
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))


def _sum_to_100(body: Body, total: np.ndarray, known: np.ndarray) -> None:
    wrong = np.flatnonzero(known & ((total < NEAR_100[0]) | (total > NEAR_100[1])))
    body.findings.cells("row_sum_not_100", wrong, each=[f"{total[position]:.2f}".replace(".", ",") for position in wrong])


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"level": "string", "unit_id": "string", "unit_name": "string"})


def _headers(body: Body, model: Any) -> dict[str, str]:
    named = {"unit_id": "group", "level": "group"}
    return {name: body.header(named.get(name, name)) for name in model.to_schema().columns}


READERS = {
    "marks": marks,
    "journal": journal,
    "journal_vertical": journal_vertical,
    "distribution": distribution,
    "distribution_reference": distribution_reference,
    "task_performance": task_performance,
    "planned": planned,
    "task_groups": task_groups,
}
"""Layout → what turns its sheet into facts."""
