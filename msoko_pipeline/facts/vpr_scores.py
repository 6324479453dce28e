"""Scores of the tasks of a work: what is possible, what is unknown, and what shows that a row has slipped.

One impossible score in a row makes that task unknown; of two the row itself is in doubt, and is refused. What stands
beside the table is a note where the row's total is the sum of its tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.facts.body import Body, Faults, faults, strays
from msoko_pipeline.facts.frame_columns import Columns
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.procedures.work import Work
from msoko_pipeline.text import cells
from msoko_pipeline.text.cells import Unread, parse
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.outcomes import is_absent
from schemas import catalogue

HIGHEST = np.iinfo(np.int16).max


def task_maxima(sheet: Sheet, work: Work) -> dict[str, tuple[int, bool]]:
    """Task → (maximum, confirmed): printed in the header, or in the codifier of that very year.

    A codifier of another year is a reference only when it has as many tasks.
    """
    tasks, of_year = catalogue.tasks(work.year, work.grade, work.subject)
    listed = {str(task["task"]): task for task in tasks}
    result: dict[str, tuple[int, bool]] = {}
    for number, task in enumerate(sheet.recognised.tasks):
        if task.max_score is not None:
            result[task.task] = (task.max_score, True)
        elif len(tasks) == len(sheet.recognised.tasks):
            like = listed.get(task.task, tasks[number])
            result[task.task] = (like["max_score"], of_year == "same" and like["verified"])
    return result


def present(unread: Iterable[Unread], absent: np.ndarray) -> list[Unread]:
    """What could not be read, without what says that a pupil was absent."""
    return [
        Unread(at, cell.value, cell.wrong)
        for cell in unread
        if len(at := cell.positions[~absent[cell.positions]] if is_absent(cell.value) else cell.positions)
    ]


def note_strays(body: Body) -> None:
    """Cells in columns without a header, and behind the last task: signs of a shift, or notes of rows that add up."""
    for header, text, at in strays(body):
        _note_beside(body, "cell_without_header", header, text, at)
    for task in body.recognised.beyond:
        text = body.at(task.column)
        header = body.recognised.header[task.column].strip()
        _note_beside(body, "cell_score_beyond", header, text, np.flatnonzero(text.filled))


def _note_beside(body: Body, issue_type: str, header: str, text: Text, at: np.ndarray) -> None:
    is_note = _adds_up(body, at) & ~text.is_in(cells.is_score)[at]
    body.findings.cells(issue_type, at[~is_note], header, text.texts(at[~is_note]))
    body.findings.cells("cell_note", at[is_note], header, text.texts(at[is_note]))


def _adds_up(body: Body, rows: np.ndarray) -> np.ndarray:
    """Which of these data rows have a total that is the sum of their tasks, or no score at all."""
    total, _ = parse(body.column("total").take(rows), cells.integer, "Int16")
    sums, is_readable, is_blank = np.zeros(len(rows), np.int64), np.ones(len(rows), bool), np.ones(len(rows), bool)
    for task in body.recognised.tasks:
        text = body.at(task.column).take(rows)
        scores, _ = parse(text, cells.score, "Int16")
        sums += scores.to_numpy(dtype=np.int64, na_value=0)
        is_readable &= ~scores.isna()
        is_blank &= ~text.filled | text.is_in(is_absent)
    return is_blank | (is_readable & (total.to_numpy(dtype=np.int64, na_value=-1) == sums))


@dataclass
class _Task:
    """The column of a task. scores: балл, 0 where there is none; is_lost: filled cells without a possible score."""

    name: str
    header: str
    text: Text
    maximum: int | None
    is_confirmed: bool
    scores: np.ndarray
    is_filled: np.ndarray
    impossible: list[Unread | Faults]

    @property
    def is_lost(self) -> np.ndarray:
        lost = np.zeros(len(self.scores), bool)
        for cell in self.impossible:
            lost[cell.positions] = True
        return lost


def task_scores(
    sheet: Sheet,
    body: Body,
    columns: Columns,
    positions: dict[str, int],
    maxima: dict[str, tuple[int, bool]],
    absent: np.ndarray,
    partial: np.ndarray,
) -> np.ndarray:
    """Task columns `s{k}`, `x{k}`, and task_sum of the possible scores. Absent pupils have no scores at all.

    Returns of each row how much the one score that is impossible could have been, балл; 0 where all are possible.
    """
    findings, attended = body.findings, ~absent & ~partial
    tasks = list(_read(sheet, body, maxima, absent))
    lost = np.zeros(len(body), np.int64)
    for task in tasks:
        lost += task.is_lost
    total, room = np.zeros(len(body), np.int64), np.zeros(len(body), np.int64)
    any_score, none_filled = np.zeros(len(body), bool), attended.copy()
    blank: list[tuple[str, np.ndarray]] = []
    made: Columns = {}
    for task in tasks:
        any_score |= task.scores > 0
        none_filled &= ~task.is_filled
        is_lost = task.is_lost
        _note_impossible(body, task, lost == 1)
        room[is_lost] = HIGHEST if task.maximum is None else task.maximum
        scores = np.where(is_lost, 0, task.scores)
        total += scores
        empty = attended & ~task.is_filled
        if empty.any():
            blank.append((task.header, empty))
        name = f"{positions[task.name]:02d}"
        made[f"s{name}"] = pd.arrays.IntegerArray(scores.astype(np.int16), absent | ~task.is_filled | is_lost)
        made[f"x{name}"] = pd.arrays.BooleanArray(
            task.text.is_in(cells.is_not_attempted), absent | ~task.is_filled | is_lost
        )
    findings.cells("row_no_scores", np.flatnonzero(none_filled & ~findings.refused()))
    refused = findings.refused()
    for header, empty in blank:
        findings.cells("cell_empty", np.flatnonzero(empty & ~none_filled & ~refused), header)
    findings.cells("row_absent_with_scores", np.flatnonzero(absent & any_score))
    columns |= made
    columns["task_sum"] = pd.arrays.IntegerArray(np.clip(total, 0, HIGHEST).astype(np.int16), ~attended)
    return room


def _read(sheet: Sheet, body: Body, maxima: dict[str, tuple[int, bool]], absent: np.ndarray) -> Iterator[_Task]:
    """The tasks of the work with the scores as they are written, and what of them cannot be."""
    faulty = faults(sheet, body)
    for task in sheet.recognised.tasks:
        text = body.at(task.column)
        values, unread = parse(text, cells.score, "Int16")
        top, is_confirmed = maxima.get(task.task, (None, False))
        read = _Task(
            task.task, sheet.recognised.header[task.column].strip(), text, top, is_confirmed,
            values.to_numpy(dtype=np.int64, na_value=0), text.filled, [*present(unread, absent)],
        )  # fmt: skip
        for fault in faulty.get(task.column, ()):
            read.impossible.append(fault)
            read.is_filled[fault.positions] = True
        read.impossible += _out_of_range(read)
        yield read


def _out_of_range(task: _Task) -> Iterator[Unread]:
    scores = task.scores
    if len(scores) and scores.min() < 0:
        yield from _numbers(scores, scores < 0, cells.Wrong("cell_score"))
    if task.is_confirmed and task.maximum is not None and len(scores) and scores.max() > task.maximum:
        yield from _numbers(scores, scores > task.maximum, cells.Wrong("cell_score_over_maximum", detail=task.maximum))


def _numbers(scores: np.ndarray, mask: np.ndarray, wrong: cells.Wrong) -> Iterator[Unread]:
    for score in np.unique(scores[mask]).tolist():
        yield Unread(np.flatnonzero(mask & (scores == score)), str(score), wrong)


def _note_impossible(body: Body, task: _Task, is_lone: np.ndarray) -> None:
    """A lone impossible score costs its task; that a pupil was absent, told among scores, is in doubt of the row."""
    for cell in task.impossible:
        if isinstance(cell, Faults):
            issue_type, values = cell.issue_type, np.array(cell.values, object)
            details: dict[str, Any] = {}
        else:
            issue_type, details = cell.wrong.issue_type, cell.wrong.details
            values = np.full(len(cell.positions), cell.value, object)
        range_words = "" if "detail" in details else _possible(task)
        is_spared = is_lone[cell.positions] & ~np.array([is_absent(value) for value in values], bool)
        for mask, spared in ((is_spared, True), (~is_spared, False)):
            body.findings.cells(
                issue_type, cell.positions[mask], task.header, values[mask].tolist(), is_spared=spared,
                range=range_words, **details,
            )  # fmt: skip


def _possible(task: _Task) -> str:
    """The scores that a task may have, in words."""
    return "" if task.maximum is None or not task.is_confirmed else f" (возможно от 0 до {task.maximum} или X)"
