"""ВПР individual results: collection forms, regional exports of 2020–2022, Ф1 — one pupil's work a row.

`X` is «не приступал»: 0 in sums and flagged. Absent is not 0. No mark is not 2. A pupil who wrote one of two parts
(«отсутствовал» in one variant) keeps the scores of that part, and has neither a total nor a mark.
"""

from __future__ import annotations

from functools import cache
from functools import partial as bind

import numpy as np
import pandas as pd
import pandera.pandas as pa

from msoko_pipeline.facts.body import Body
from msoko_pipeline.facts.enforce import columns_of, enforce
from msoko_pipeline.facts.frame_columns import Columns, repeated
from msoko_pipeline.facts.vpr_scores import note_strays, present, task_maxima, task_scores
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.procedures.work import Work, leading_grade, possible_grades
from msoko_pipeline.text import cells
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import parse
from msoko_pipeline.text.outcomes import is_absent
from msoko_pipeline.text.spelling import normal
from schemas import catalogue
from schemas.vpr import VprResult


def facts(sheet: Sheet, body: Body, positions: dict[str, int]) -> pd.DataFrame:
    """Typed results, a row per data row; what is wrong is noted in `body.findings`.

    positions: task code → number k of its columns `s{k}` (балл) and `x{k}` (не приступал) in the lake, the same for
    every file of the work.
    """
    work = sheet.work
    if work is None:
        raise ValueError("a sheet of results without its work")
    note_strays(body)
    columns = _who(sheet, body, work)
    absent, partial = _attendance(body, columns)
    maxima = task_maxima(sheet, work)
    room = task_scores(sheet, body, columns, positions, maxima, absent, partial)
    _totals(sheet, body, columns, room, absent, partial)
    _marks(body, columns, work, absent)
    enforce(columns, _judged(sheet, work, positions, maxima), body.findings, _headers(sheet, body, positions))
    return pd.DataFrame(columns, index=pd.RangeIndex(len(body)), copy=False)


def _who(sheet: Sheet, body: Body, work: Work) -> Columns:
    recognised, count = sheet.recognised, len(body)
    digit = leading_grade(recognised, sheet.grid)
    likely = {digit} if digit else possible_grades(work, recognised)
    pupil_grade = max(likely) if recognised.declared.autumn else min(likely)
    ordinal = recognised.declared.class_is_ordinal
    columns: Columns = {
        "row": pd.array(body.rows, dtype="Int32"),
        "year": repeated(work.year, "Int16", count),
        "subject": repeated(work.subject, "string", count),
        "grade": repeated(work.grade, "Int8", count),
        "pupil_grade": repeated(pupil_grade, "Int8", count),
    }
    for name, source, how in (
        ("org_id", "login", cells.login),
        ("municipality_id", "municipality", cells.municipality),
        ("participant_code", "code", cells.participant),
        ("class_label", "class_raw", bind(cells.class_label, grades={work.grade, pupil_grade}, ordinal=ordinal)),
        ("gender", "gender", cells.gender),
    ):
        columns[name], unread = parse(body.column(source), how, "string")
        body.findings.unread(unread, body.header(source))
    columns["class_raw"] = body.column("class_raw").values()
    if not body.has("login"):
        columns["org_id"] = repeated(cells.login(sheet.login or ""), "string", count)
    return columns


def _attendance(body: Body, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Sets variant, absent, partial; returns the masks of those absent and of those who wrote one of two parts."""
    first, second = body.column("variant"), body.column("variant_2")
    away_1, away_2 = first.is_in(is_absent), second.is_in(is_absent)
    absent = (away_1 & (away_2 | ~second.filled)) | (away_2 & ~first.filled)
    partial = (away_1 ^ away_2) & ~absent
    absent |= ~partial & _away_elsewhere(body)
    columns["variant"], unread = parse(first, cells.variant, "string")
    body.findings.unread(unread, body.header("variant"))
    columns["absent"] = pd.array(absent, dtype="boolean")
    columns["partial"] = pd.array(partial, dtype="boolean")
    return absent, partial


def _away_elsewhere(body: Body) -> np.ndarray:
    """Pupils with «н» or «не писал» in a total, a mark or a task, and without a score of any task."""
    texts = [body.at(task.column) for task in body.recognised.tasks]
    columns = [body.column("total"), body.column("mark"), *texts]
    away = np.zeros(len(body), bool)
    for text in columns:
        if any(map(is_absent, text.words)):
            away |= text.is_in(is_absent)
    if away.any():
        for text in texts:
            away &= ~text.is_in(cells.is_score)
    return away


def _totals(
    sheet: Sheet, body: Body, columns: Columns, room: np.ndarray, absent: np.ndarray, partial: np.ndarray
) -> None:
    """primary_score: the file's total; summed from the tasks (and noted) where the file has none and all are known.

    room: what a task without a possible score may add to the sum, балл; 0 where all scores are known.
    """
    header = body.header("total")
    values, unread = parse(body.column("total"), cells.integer, "Int16")
    body.findings.unread(present(unread, absent), header)
    sums = columns["task_sum"].to_numpy(dtype=np.int64, na_value=0)
    given, missing = values.to_numpy(dtype=np.int64, na_value=0), values.isna()
    if "total" in sheet.recognised.declared.prefilled:
        missing |= (given == 0) & (sums > 0)  # the form's own zero, never recalculated
    not_whole, lacks_score = absent | partial, room > 0
    usable = ~not_whole & ~body.findings.refused()
    body.findings.cells("cell_total_missing", np.flatnonzero(usable & missing & ~lacks_score), header)
    body.findings.cells("cell_total_unknown", np.flatnonzero(usable & missing & lacks_score), header)
    differs = np.flatnonzero(usable & ~missing & ((given < sums) | (given > sums + room)))
    each = [f"{low}" if top == 0 else f"от {low} до {low + top}, один балл неизвестен"
            for low, top in zip(sums[differs].tolist(), room[differs].tolist(), strict=True)]  # fmt: skip
    body.findings.cells("cell_total_differs", differs, header, given[differs].tolist(), each=each)
    is_unknown = not_whole | (missing & lacks_score)
    columns["primary_score"] = pd.arrays.IntegerArray(np.where(missing, sums, given).astype(np.int16), is_unknown)
    columns["task_sum"] = pd.arrays.IntegerArray(sums.astype(np.int16), not_whole | lacks_score)
    _shifted(body, differs)


def _shifted(body: Body, unequal: np.ndarray) -> None:
    """Scores in a column of textbooks: the row has slipped to the right.

    A file may fill such a column with numbers of textbooks throughout; then only rows whose total is not the sum of
    the tasks (`unequal`) have slipped.
    """
    guards = re.compile("|".join(body.recognised.declared.no_scores_in) or r"(?!)")
    for number, title in enumerate(body.recognised.header):
        if not guards.fullmatch(normal(title)):
            continue
        text = body.at(number)
        bare = text.is_in(cells.is_score)
        if bare.sum() > text.filled.sum() / 2:
            bare &= np.isin(np.arange(len(body)), unequal)
        at = np.flatnonzero(bare)
        body.findings.cells("cell_shift", at, title.strip(), text.texts(at))


def _marks(body: Body, columns: Columns, work: Work, absent: np.ndarray) -> None:
    """mark: the file's own only; journal_mark. A mark off the year's scale is noted, the file's is kept."""
    for name, how in (("journal_mark", cells.journal_mark), ("mark", cells.mark)):
        columns[name], unread = parse(body.column(name), how, "Int8")
        body.findings.unread(present(unread, absent), body.header(name))
    scale = catalogue.scale(work.year, work.grade, work.subject)
    if scale is None or not body.has("mark"):
        return
    bounds = [scale["min_3"], scale["min_4"], scale["min_5"]]
    primary, mark = columns["primary_score"], columns["mark"]
    expected = 2 + np.searchsorted(bounds, primary.to_numpy(dtype=np.int64, na_value=-1), side="right")
    given = mark.to_numpy(dtype=np.int64, na_value=0)
    differs = np.flatnonzero(~primary.isna() & ~mark.isna() & (given != expected))
    body.findings.cells(
        "cell_mark_differs", differs, body.header("mark"), given[differs].tolist(),
        each=[f"по шкале «{mark}»" for mark in expected[differs]],
    )  # fmt: skip


def work_maximum(sheet: Sheet, work: Work) -> int | None:
    """Confirmed maximum of the work, балл: from the frame, else the sum of printed task maxima, else the scale."""
    if work.max_primary:
        return work.max_primary
    printed = [task.max_score for task in sheet.recognised.tasks]
    if printed and all(printed):
        return sum(filter(None, printed))
    scale = catalogue.scale(work.year, work.grade, work.subject)
    return scale["max_primary"] if scale and scale["verified"] else None


def _judged(
    sheet: Sheet, work: Work, positions: dict[str, int], maxima: dict[str, tuple[int, bool]]
) -> dict[str, pa.Column]:
    """Columns of the model with the maxima of this work and the unconfirmed ones of its tasks."""
    columns = dict(columns_of(VprResult))
    top_total = work_maximum(sheet, work)
    if top_total is not None:
        columns["primary_score"] = _total_column(top_total)
    for task in sheet.recognised.tasks:
        top, is_confirmed = maxima.get(task.task, (None, False))
        columns[f"s{positions[task.task]:02d}"] = _task_column(None if is_confirmed else top)
    return columns


@cache
def _task_column(top: int | None) -> pa.Column:
    checks = [] if top is None else [pa.Check.le(top, error=f"cell_score_over_reference:{top}")]
    return pa.Column("Int16", checks, nullable=True)


@cache
def _total_column(top: int) -> pa.Column:
    return pa.Column("Int16", [pa.Check.ge(0), pa.Check.le(top, error=f"cell_total_over_maximum:{top}")], nullable=True)


def _headers(sheet: Sheet, body: Body, positions: dict[str, int]) -> dict[str, str]:
    names = {"org_id": "login", "participant_code": "code", "primary_score": "total"}
    ours = {name: body.header(names.get(name, name)) for name in columns_of(VprResult)}
    return ours | {
        f"s{positions[t.task]:02d}": sheet.recognised.header[t.column].strip() for t in sheet.recognised.tasks
    }
