"""The aggregate reports of «Аналитика»: marks, journal, distribution, tasks, planned results, tasks by mark groups.

Every report prints rows of several levels; all are kept. A row of the report that became several facts (a score or
a task each) is accepted or refused as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns, repeated, subject
from msoko_pipeline.facts.spared import Numbers, note_lone
from msoko_pipeline.facts.units import Unit
from msoko_pipeline.facts.units import unit as unit_of
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.header import task_code
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Wrong, parse
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.russian import ru
from msoko_pipeline.text.spelling import normal
from schemas import vpr

NEAR_100 = (99.5, 100.5)  # rounding of four shares, domain rule of the marks report
MOST_PEOPLE = np.iinfo(np.int32).max
JOURNAL_ROWS = {"понизили": "lower", "подтвердили": "equal", "повысили": "higher", "всего": "participants"}
_JOURNAL_ROW = re.compile(rf"((?:.*?\W)?)({'|'.join(JOURNAL_ROWS)})(?:\W.*)?", re.IGNORECASE | re.DOTALL)
_BETWEEN = " \t\n\r\xa0,.:;|–—-"  # a group and what its row holds


def marks(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Статистика по отметкам»: shares of marks, %, per unit."""
    columns = _units(sheet, body, region)
    nobody = (columns["participants"] == 0).to_numpy(dtype=bool, na_value=False)
    names = [f"mark_{mark}_pct" for mark in (2, 3, 4, 5)]
    columns |= dict(zip(names, _shares(body, [body.recognised.columns[name] for name in names]), strict=True))
    for name in names:
        empty = ~body.column(name).filled & ~body.findings.spared(body.header(name))
        body.findings.cells("cell_empty", np.flatnonzero(empty & ~nobody & ~body.findings.refused()), body.header(name))
        columns[name][nobody & columns[name].isna()] = 0.0  # shares of nobody are left empty
    _sum_to_100(body, [columns[name] for name in names], but=nobody)
    return _judged(columns, vpr.VprMarks, body)


def journal(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Сравнение отметок с отметками по журналу», wide: counts and shares of lower, equal, higher."""
    columns, parts = _units(sheet, body, region), ("lower", "equal", "higher")
    shares = _shares(body, [body.recognised.columns[f"{name}_pct"] for name in parts])
    for name, share in zip(parts, shares, strict=True):
        columns[f"{name}_pct"] = share
        columns[name] = _counts(body, name)
    _check_journal(body, columns, np.arange(len(body)))
    return _judged(columns, vpr.VprJournal, body)


def journal_vertical(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """The older, vertical variant: «Понизили…», «Подтвердили…», «Повысили…», «Всего» under the unit's name.

    The unit may stand in a row of its own or before the word in the same cell. A group is one fact, at its «Всего»;
    its rows are accepted or refused together.
    """
    counts, (shares,) = _counts(body, "participants"), _shares(body, [body.recognised.columns["pct"]])
    groups = _journal_groups(body)
    whole = [group for group in groups if set(group.rows) == set(JOURNAL_ROWS.values())]
    partial = [row for group in groups if group not in whole for row in group.members]
    body.findings.cells("row_journal_incomplete", np.array(sorted(partial), np.int64))
    units = []
    for group in whole:
        try:
            units.append((group, _named(group.owner, region)))
        except Wrong as wrong:
            at = np.array(group.members)
            body.findings.cells(wrong.issue_type, at, body.header("group"), [group.owner] * len(at))
    last = np.array([group.rows["participants"] for group, _ in units], np.int64)
    columns = _work(sheet, body.rows[last]) | _named_columns([unit for _, unit in units])
    for role in JOURNAL_ROWS.values():
        at = np.array([group.rows[role] for group, _ in units], np.int64)
        columns[role] = counts[at]
        if role != "participants":
            columns[f"{role}_pct"] = shares[at]
    _check_journal(body, columns, last)
    frame = _judged(columns, vpr.VprJournal, body, last)
    refused = body.findings.refused()
    for group, _ in units:
        members = np.array(group.members)
        if refused[members].any():
            body.findings.cells("row_journal_incomplete", members[~refused[members]])
    return frame


@dataclass
class _Group:
    """Rows of one unit in the vertical report. rows: role → data row; members: all its data rows."""

    owner: str
    rows: dict[str, int]
    members: list[int]


def _journal_groups(body: Body) -> list[_Group]:
    text = body.column("group")
    groups: dict[str, _Group] = {}
    owner = ""
    again: dict[int, str] = {}
    for position in np.flatnonzero(~body.findings.whole).tolist():
        row_title = text.at(position)
        match = _JOURNAL_ROW.fullmatch(row_title)
        if match is None:
            owner = row_title
            groups.setdefault(owner, _Group(owner, {}, [])).members.append(position)
            continue
        owner = match[1].rstrip(_BETWEEN).strip() or owner
        group, role = groups.setdefault(owner, _Group(owner, {}, [])), JOURNAL_ROWS[match[2].lower()]
        if role in group.rows:
            again[position] = f"строке {body.rows[group.rows[role]]}"
            continue
        group.rows[role] = position
        group.members.append(position)
    at = np.array(list(again), np.int64)
    body.findings.cells("row_duplicate_key", at, body.header("group"), each=list(again.values()))
    return list(groups.values())


def _check_journal(body: Body, columns: Columns, positions: np.ndarray) -> None:
    """Shares make 100 %; that the counts make the number of participants is only noted when they do not."""
    parts = ("lower", "equal", "higher")
    nobody = (columns["participants"] == 0).to_numpy(dtype=bool, na_value=False)
    _sum_to_100(body, [columns[f"{name}_pct"] for name in parts], but=nobody, positions=positions)
    total = sum(columns[name].to_numpy(dtype=float, na_value=np.nan) for name in parts)
    differs = np.flatnonzero(np.abs(total - columns["participants"].to_numpy(dtype=float, na_value=np.nan)) > 0)
    body.findings.cells("row_counts_differ", positions[differs], each=[f"{total[row]:.0f}" for row in differs])


def distribution(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Распределение первичных баллов»: % of the unit's participants with each score; `count` is % · N / 100."""
    columns = _units(sheet, body, region)
    shares = [_share(body, task.column) for task in sheet.recognised.tasks]
    nobody = (columns["participants"] == 0).to_numpy(dtype=bool, na_value=False)
    _sum_to_100(body, shares, but=nobody, some=True)
    table = _table(shares)
    _note_no_shares(body, np.isnan(table).all(axis=1) & ~nobody)
    scores = np.array([int(task.task) for task in sheet.recognised.tasks])
    position, score = np.nonzero(~np.isnan(table))
    long = {name: values[position] for name, values in columns.items()}
    long["primary_score"] = pd.array(scores[score], dtype="Int16")
    long["share_pct"] = pd.array(table[position, score], dtype="Float64")
    long["count"] = long["share_pct"] * long["participants"].astype("Float64") / 100
    return _judged(long, vpr.VprDistribution, body, position, {"share_pct": _task_headers(sheet)[score]})


def distribution_reference(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """A reference distribution of the region: `year;subject;work_grade;primary_score;participants`, a row a score."""
    count = len(body)
    columns: Columns = {"row": pd.array(body.rows, dtype="Int32")}
    for ours, name, dtype in (("year", "year", "Int16"), ("grade", "work_grade", "Int8"),
                              ("primary_score", "primary_score", "Int16")):  # fmt: skip
        columns[ours], unread = parse(body.column(name), cells.integer, dtype)
        body.findings.unread(unread, body.header(name))
    columns["subject"], unread = parse(body.column("subject"), subject, "string")
    body.findings.unread(unread, body.header("subject"))
    columns["count"] = _numbers(body, "participants")
    columns |= {
        "level": repeated("region", "string", count),
        "unit_id": repeated(region, "string", count),
        "unit_name": repeated(None, "string", count),
        "max_primary": repeated(None, "Int16", count),
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(count), copy=False)
    everybody = frame.groupby(["year", "subject", "grade"])["count"].transform("sum").fillna(0).astype("Float64")
    columns["participants"] = everybody.where(everybody <= MOST_PEOPLE).round().astype("Int32").array
    columns["share_pct"] = (frame["count"] / everybody.where(everybody > 0) * 100).array
    return _judged(columns, vpr.VprDistribution, body, headers={"count": body.header("participants")})


def task_performance(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Выполнение заданий»: % of completion of each task per unit; the «Макс балл» row gives the maxima."""
    top = _maxima(sheet, body)
    columns = _units(sheet, body, region, but=top.rows)
    keep = np.ones(len(body), bool)
    return _by_task(sheet, body, columns, top, vpr.VprTaskPerformance, keep)


def task_groups(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Выполнение заданий группами участников»: per unit and mark, % of completion of each task."""
    top = _maxima(sheet, body)
    group = body.column("group")
    owners: list[Unit | None] = []
    marks_of: list[int | None] = []
    owner: Unit | None = None
    for position in range(len(body)):
        text = group.at(position)
        match = re.search(r"гр\.?\s*баллов\s*([2-5])", normal(text))
        if body.findings.whole[position]:
            owner = None  # a sum or a header again: what follows is not the unit's before it
        elif match is None and position not in top.rows:
            try:
                owner = _named(text, region)
            except Wrong as wrong:
                owner = None
                body.findings.cells(wrong.issue_type, np.array([position]), body.header("group"), [text])
        marks_of.append(int(match[1]) if match else None)
        owners.append(owner if match else None)
    is_mark = np.array([mark is not None for mark in marks_of], bool)
    owned = np.array([owner is not None for owner in owners], bool)
    orphan = np.flatnonzero(is_mark & ~owned)
    body.findings.cells("row_group_unknown", orphan, body.header("group"), group.texts(orphan))
    columns = _work(sheet, body.rows) | _named_columns([owner or NOBODY for owner in owners])
    columns["mark"] = pd.array(marks_of, dtype="Int8")
    columns["participants"] = _counts(body, "participants")
    return _by_task(sheet, body, columns, top, vpr.VprTaskGroup, is_mark & owned)


def planned(sheet: Sheet, body: Body, region: str) -> pd.DataFrame:
    """«Достижение планируемых результатов»: a row per task, a column per unit; a second header line «NNNN уч.»."""
    count = len(body)
    tasks, _ = parse(body.column("task"), task_code, "string")
    maxima, unread = parse(body.column("max_score"), cells.integer, "Int16")
    body.findings.unread(unread, body.header("max_score"))
    requirement = body.column("requirement").values()
    parts = []
    units_of = _unit_columns(sheet, region)
    shares = _shares(body, list(units_of))
    for (column, unit), share in zip(units_of.items(), shares, strict=True):
        part = _work(sheet, body.rows) | _named_columns([unit] * count)
        part["participants"] = repeated(_participants_above(sheet, column), "Int32", count)
        part |= {"task": tasks, "max_score": maxima, "requirement": requirement}
        part["completion_pct"] = share
        parts.append(pd.DataFrame(part, index=pd.RangeIndex(count), copy=False))
    long = pd.concat(parts, ignore_index=True)
    positions = np.tile(np.arange(count), len(parts))
    units = np.repeat([sheet.recognised.units[column] for column in units_of], count).astype(object)
    return _judged(
        {name: long[name].array for name in long}, vpr.VprPlanned, body, positions, {"completion_pct": units}
    )


def _unit_columns(sheet: Sheet, region: str) -> dict[int, Unit]:
    """Column number → the unit it is about. Raises Refusal where two columns are about one, or one about nobody."""
    units: dict[int, Unit] = {}
    strange, again = [], []
    for column, name in sheet.recognised.units.items():
        try:
            unit = _named(name, region)
        except Wrong:
            strange.append(f"«{name}»")
            continue
        if any((unit.level, unit.unit_id) == (other.level, other.unit_id) for other in units.values()):
            again.append(f"«{name}»")
        units[column] = unit
    wrong = [f"неизвестные столбцы: {', '.join(strange)}"] * bool(strange)
    wrong += [f"столбец повторяет другой: {', '.join(again)}"] * bool(again)
    if wrong:
        raise Refusal("file_columns", layout=sheet.recognised.declared.title_ru, detail="; ".join(wrong))
    return units


def _participants_above(sheet: Sheet, column: int) -> int | None:
    """`1722202 уч.` of the second header line, where it stands."""
    under = sheet.grid.cells.column(column).slice(sheet.recognised.header_row + 1, 1).to_pylist()
    match = re.match(r"\s*([\d\s]+)\s*уч", under[0] or "") if under else None
    people = int(re.sub(r"\s", "", match[1])[:12]) if match else None
    return people if people is not None and people <= MOST_PEOPLE else None


class _Maxima(dict[int, int]):
    """Column number → maximum of the task, from the header or the «Макс балл» row; rows: positions of that row."""

    rows: frozenset[int] = frozenset()


def _maxima(sheet: Sheet, body: Body) -> _Maxima:
    top = _Maxima({task.column: task.max_score for task in sheet.recognised.tasks if task.max_score})
    group = body.column("group")
    rows = np.flatnonzero(group.is_in(lambda word: normal(word).startswith("макс")))
    for task in sheet.recognised.tasks:
        values, unread = parse(body.at(task.column).take(rows[:1]), cells.integer, "Int16")
        if len(rows) and values[0] is not pd.NA:
            top[task.column] = int(values[0])
        for cell in unread:
            header = sheet.recognised.header[task.column].strip()
            body.findings.cells(cell.wrong.issue_type, rows[:1], header, [cell.value], **cell.wrong.details)
    top.rows = frozenset(rows.tolist())
    return top


def _by_task(
    sheet: Sheet, body: Body, columns: Columns, top: _Maxima, model: type[vpr.VprTaskPerformance], keep: np.ndarray
) -> pd.DataFrame:
    """A row per kept row of the report and task; the «Макс балл» row is none."""
    keep = keep.copy()
    keep[list(top.rows)] = False
    table = _table(_shares(body, [task.column for task in sheet.recognised.tasks], but=~keep))
    nobody = (columns["participants"] == 0).to_numpy(dtype=bool, na_value=False)
    _note_no_shares(body, np.isnan(table).all(axis=1) & keep & ~nobody)
    position, number = np.nonzero(~np.isnan(table) & keep[:, None])
    codes = np.array([task.task for task in sheet.recognised.tasks], dtype=object)
    maxima = np.array([top.get(task.column) for task in sheet.recognised.tasks], dtype=object)
    long = {name: values[position] for name, values in columns.items()}
    long["task"] = pd.array(codes[number], dtype="string")
    long["max_score"] = pd.array(maxima[number], dtype="Int16")
    long["completion_pct"] = pd.array(table[position, number], dtype="Float64")
    return _judged(long, model, body, position, {"completion_pct": _task_headers(sheet)[number]})


def _task_headers(sheet: Sheet) -> np.ndarray:
    return np.array([sheet.recognised.header[task.column].strip() for task in sheet.recognised.tasks], dtype=object)


def _table(shares: list[Any]) -> np.ndarray:
    """Columns of numbers side by side, NaN where there is none."""
    return np.column_stack([share.to_numpy(dtype=float, na_value=np.nan) for share in shares])


def _note_no_shares(body: Body, rows: np.ndarray) -> None:
    body.findings.cells("row_no_shares", np.flatnonzero(rows & ~body.findings.refused()))


def _judged(
    columns: Columns,
    model: type[pa.DataFrameModel],
    body: Body,
    positions: np.ndarray | None = None,
    headers: dict[str, str | np.ndarray] | None = None,
) -> pd.DataFrame:
    """The frame of these columns, judged by the model; positions and headers as in `enforce`.

    A count that follows from a share is not judged again.
    """
    named = {"unit_id": "group", "level": "group"}
    derived = {"count"} if body.recognised.layout == "distribution" else set()
    specs = {name: column for name, column in columns_of(model).items() if name not in derived}
    titles = {name: body.header(named.get(name, name)) for name in specs} | (headers or {})
    enforce(columns, specs, body.findings, titles, positions)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(columns["row"])), copy=False)


def _units(sheet: Sheet, body: Body, region: str, but: frozenset[int] = frozenset()) -> Columns:
    """Work, unit and participants of every row whose first cell is a group of participants; `but` are none."""
    group = body.column("group")
    units: list[Unit] = []
    for number, word in enumerate(group.words):
        at = np.array([row for row in np.flatnonzero(group.codes == number) if row not in but], np.int64)
        try:
            units.append(_named(word, region) if len(at) else NOBODY)
        except Wrong as wrong:
            units.append(NOBODY)
            body.findings.cells(wrong.issue_type, at, body.header("group"), [word] * len(at))
    columns = _work(sheet, body.rows) | _named_columns([units[code] if code >= 0 else NOBODY for code in group.codes])
    columns["participants"] = _counts(body, "participants")
    return columns


NOBODY = Unit("", "", "")


def _work(sheet: Sheet, rows: np.ndarray) -> Columns:
    work = sheet.work
    if work is None:
        raise ValueError("a report without its work")
    count = len(rows)
    return {
        "row": pd.array(rows, dtype="Int32"),
        "year": repeated(work.year, "Int16", count),
        "subject": repeated(work.subject, "string", count),
        "grade": repeated(work.grade, "Int8", count),
        "max_primary": repeated(work.max_primary, "Int16", count),
    }


def _named_columns(units: list[Unit]) -> Columns:
    return {
        "level": pd.array([unit.level or None for unit in units], dtype="string"),
        "unit_id": pd.array([unit.unit_id or None for unit in units], dtype="string"),
        "unit_name": pd.array([unit.name or None for unit in units], dtype="string"),
    }


def _named(text: str, region: str) -> Unit:
    """The unit; a region that prints no code of its own is ours."""
    unit = unit_of(text)
    return Unit(unit.level, region, unit.name) if unit.level == "region" and not unit.unit_id else unit


def _numbers(body: Body, name: str) -> Any:
    values, unread = parse(body.column(name), cells.number, "Float64")
    body.findings.unread(unread, body.header(name))
    return values


def _counts(body: Body, name: str) -> Any:
    values, unread = parse(body.column(name), cells.integer, "Int32")
    body.findings.unread(unread, body.header(name))
    return values


def _share(body: Body, column: int) -> Any:
    values, unread = parse(body.at(column), cells.number, "Float64")
    body.findings.unread(unread, body.recognised.header[column].strip())
    return values


def _shares(body: Body, columns: Sequence[int], but: np.ndarray | None = None) -> list[Any]:
    """Shares, %, of which one that is impossible in a row is unknown. Cells of rows in the mask `but` are not read."""
    read = []
    for number in columns:
        text = body.at(number)
        if but is not None:
            text = Text(np.where(but, -1, text.codes), text.words)
        values, unread = parse(text, cells.number, "Float64")
        column = Numbers(body.recognised.header[number].strip(), text, values, unread)
        column.impossible += column.outside(0, 100)
        read.append(column)
    note_lone(body, read)
    return [column.values for column in read]


def _sum_to_100(
    body: Body, shares: list[Any], but: np.ndarray, some: bool = False, positions: np.ndarray | None = None
) -> None:
    """Shares of a row make 100 %, and without one no more. but: rows of nobody; some: empty shares are 0."""
    table = _table(shares)
    is_known = (~np.isnan(table)).any(axis=1) if some else ~np.isnan(table).any(axis=1)
    total = np.nansum(table, axis=1)
    wrong = np.flatnonzero(~but & ((is_known & (total < NEAR_100[0])) | (total > NEAR_100[1])))
    where = wrong if positions is None else positions[wrong]
    body.findings.cells("row_sum_not_100", where, each=[ru(total[row], 2) for row in wrong])


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
