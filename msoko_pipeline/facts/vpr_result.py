"""ВПР individual results: collection forms, regional exports of 2020–2022, Ф1 — one pupil's work a row.

`X` is «не приступал»: 0 in sums and flagged. Absent is not 0. No mark is not 2. A pupil who wrote one of two parts
(«отсутствовал» in one variant) keeps the scores of that part, and has neither a total nor a mark.
"""

from __future__ import annotations

from functools import partial as bind

import numpy as np
import pandas as pd
import pandera.pandas as pa

from msoko_pipeline.facts.body import Body
from msoko_pipeline.reading import cells
from msoko_pipeline.reading.cells import parse
from msoko_pipeline.reading.extract import Sheet
from msoko_pipeline.reading.work import Work, leading_grade, possible_grades
from msoko_pipeline.validation.enforce import enforce
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
    frame = _who(sheet, body, work)
    attended = _attendance(body, frame)
    _scores(sheet, body, frame, positions, attended)
    _totals(sheet, body, frame, work)
    _marks(body, frame, work)
    enforce(frame, _schema(sheet, work, positions), body.findings, _headers(sheet, body, positions))
    _duplicates(body, frame)
    return frame


def _who(sheet: Sheet, body: Body, work: Work) -> pd.DataFrame:
    count = len(body)
    found = sheet.found
    digit = leading_grade(found, sheet.grid)
    likely = {digit} if digit else possible_grades(work, found)
    pupil_grade = max(likely) if found.declared.get("autumn") else min(likely)
    read = {
        "org_id": ("login", cells.login, "string"),
        "municipality_id": ("municipality", cells.municipality, "string"),
        "participant_code": ("code", cells.participant, "string"),
        "class_label": (
            "class_raw",
            bind(cells.class_label, grades={work.grade, pupil_grade}, ordinal=bool(found.declared.get("class_is_ordinal"))),
            "string",
        ),
        "gender": ("gender", cells.gender, "string"),
    }  # fmt: skip
    frame = pd.DataFrame(index=pd.RangeIndex(count))
    frame["row"] = pd.array(body.rows, dtype="Int32")
    frame["year"] = pd.array([work.year], dtype="Int16").repeat(count)
    frame["subject"] = pd.array([work.subject], dtype="string").repeat(count)
    frame["grade"] = pd.array([work.grade], dtype="Int8").repeat(count)
    frame["pupil_grade"] = pd.array([pupil_grade], dtype="Int8").repeat(count)
    for name, (source, how, dtype) in read.items():
        frame[name], unread = parse(body.column(source), how, dtype)
        body.findings.unread(unread, body.header(source))
    frame["class_raw"] = body.column("class_raw").values()
    if not body.has("login"):
        frame["org_id"] = pd.array([cells.login(sheet.login or "")], dtype="string").repeat(count)
    return frame


def _attendance(body: Body, frame: pd.DataFrame) -> np.ndarray:
    """Sets variant, absent, partial; returns the mask of those who wrote the whole work."""
    first, second = body.column("variant"), body.column("variant_2")
    away_1, away_2 = first.is_in(cells.is_absent), second.is_in(cells.is_absent)
    absent = (away_1 & (away_2 | ~second.filled)) | (away_2 & ~first.filled)
    partial = (away_1 ^ away_2) & ~absent
    frame["variant"], unread = parse(first, cells.variant, "string")
    body.findings.unread(unread, body.header("variant"))
    frame["absent"] = pd.array(absent, dtype="boolean")
    frame["partial"] = pd.array(partial, dtype="boolean")
    return ~absent & ~partial


def _scores(
    sheet: Sheet, body: Body, frame: pd.DataFrame, positions: dict[str, int], attended: np.ndarray
) -> None:
    """Task columns `s{k}`, `x{k}`, and task_sum. Absent pupils have no scores at all."""
    absent = frame["absent"].to_numpy(dtype=bool)
    total = np.zeros(len(body), np.int32)
    any_score = np.zeros(len(body), bool)
    blank: list[tuple[str, np.ndarray]] = []
    columns: dict[str, object] = {}
    for task in sheet.found.tasks:
        text = body.at(task.column)
        header = sheet.found.header[task.column].strip()
        values, unread = parse(text, cells.score, "Int16")
        body.findings.unread(unread, header)
        skipped = text.is_in(cells.is_not_attempted)
        any_score |= text.filled & (~skipped) & (values.fillna(0).to_numpy(dtype=np.int32) > 0)
        total += values.fillna(0).to_numpy(dtype=np.int32)
        blank.append((header, attended & ~text.filled))
        values[absent] = pd.NA
        flags = pd.array(skipped, dtype="boolean")
        flags[absent | ~text.filled] = pd.NA
        columns[f"s{positions[task.task]:02d}"] = values
        columns[f"x{positions[task.task]:02d}"] = flags
    for task in sheet.found.beyond:
        text = body.at(task.column)
        stray = np.flatnonzero(text.filled)
        header = sheet.found.header[task.column].strip()
        body.findings.cells("cell_score_beyond", stray, header, [text.at(row) for row in stray])
    empty = np.logical_and.reduce([mask for _, mask in blank]) if blank else np.zeros(len(body), bool)
    body.findings.cells("row_no_scores", np.flatnonzero(empty & ~body.findings.refused()))
    refused = body.findings.refused()
    for header, mask in blank:
        body.findings.cells("cell_empty", np.flatnonzero(mask & ~empty & ~refused), header)
    body.findings.cells("row_absent_with_scores", np.flatnonzero(absent & any_score))
    for name, column in columns.items():
        frame[name] = column
    frame["task_sum"] = pd.array(total, dtype="Int16")
    frame.loc[~attended, "task_sum"] = pd.NA


def _totals(sheet: Sheet, body: Body, frame: pd.DataFrame, work: Work) -> None:
    """primary_score: the file's total; summed from the tasks (and noted) where the file has none."""
    header = body.header("total")
    values, unread = parse(body.column("total"), cells.integer, "Int16")
    body.findings.unread(unread, header)
    complete = ~(frame["absent"] | frame["partial"]).to_numpy(dtype=bool)
    sums = frame["task_sum"].fillna(0).to_numpy(dtype=np.int32)
    given = values.fillna(-1).to_numpy(dtype=np.int32)
    if "total" in sheet.found.declared.get("prefilled", ()):
        given = np.where((given == 0) & (sums > 0), -1, given)  # the form's own zero, never recalculated
    refused = body.findings.refused()
    missing = complete & (given < 0) & ~refused
    body.findings.cells("cell_total_missing", np.flatnonzero(missing), header)
    differs = np.flatnonzero(complete & (given >= 0) & (given != sums) & ~refused)
    body.findings.cells(
        "cell_total_differs", differs, header, given[differs].tolist(), each=[str(s) for s in sums[differs]]
    )
    total = pd.array(np.where(given < 0, sums, given), dtype="Int16")
    total[~complete] = pd.NA
    frame["primary_score"] = total


def _marks(body: Body, frame: pd.DataFrame, work: Work) -> None:
    """mark: the file's own only; journal_mark. A mark off the year's scale is noted, the file's is kept."""
    frame["journal_mark"], unread = parse(body.column("journal_mark"), cells.journal_mark, "Int8")
    body.findings.unread(unread, body.header("journal_mark"))
    frame["mark"], unread = parse(body.column("mark"), cells.mark, "Int8")
    body.findings.unread(unread, body.header("mark"))
    scale = catalogue.scale(work.year, work.grade, work.subject)
    if scale is None or not body.has("mark"):
        return
    bounds = [scale["min_3"], scale["min_4"], scale["min_5"]]
    expected = 2 + np.searchsorted(bounds, frame["primary_score"].fillna(-1).to_numpy(dtype=np.int32), side="right")
    given = frame["mark"].fillna(0).to_numpy(dtype=np.int32)
    known = frame["primary_score"].notna().to_numpy() & (given > 0)
    differs = np.flatnonzero(known & (given != expected))
    body.findings.cells(
        "cell_mark_differs", differs, body.header("mark"), given[differs].tolist(),
        each=[f"по шкале «{mark}»" for mark in expected[differs]],
    )  # fmt: skip


def task_maxima(sheet: Sheet, work: Work) -> dict[str, tuple[int, bool]]:
    """Task → (maximum, confirmed): printed in the header, or in the codifier of that very year.

    A codifier of another year is a reference only when it has as many tasks.
    """
    known, of_year = catalogue.tasks(work.year, work.grade, work.subject)
    listed = {str(task["task"]): task for task in known}
    result: dict[str, tuple[int, bool]] = {}
    for number, task in enumerate(sheet.found.tasks):
        if task.max_score is not None:
            result[task.task] = (task.max_score, True)
        elif len(known) == len(sheet.found.tasks):
            like = listed.get(task.task, known[number])
            result[task.task] = (like["max_score"], of_year == "same" and like["verified"])
    return result


def work_maximum(sheet: Sheet, work: Work) -> int | None:
    """Confirmed maximum of the work, балл: printed in the frame, else the sum of printed task maxima, else the scale."""
    if work.max_primary:
        return work.max_primary
    printed = [task.max_score for task in sheet.found.tasks]
    if printed and all(printed):
        return sum(filter(None, printed))
    scale = catalogue.scale(work.year, work.grade, work.subject)
    return scale["max_primary"] if scale and scale["verified"] else None


def _schema(sheet: Sheet, work: Work, positions: dict[str, int]) -> pa.DataFrameSchema:
    schema = VprResult.to_schema()
    maxima = task_maxima(sheet, work)
    extra = {}
    for task in sheet.found.tasks:
        checks = [pa.Check.ge(0, error="cell_score:")]
        if task.task in maxima:
            top, sure = maxima[task.task]
            checks += [pa.Check.le(top, error=f"cell_score_over_{'maximum' if sure else 'reference'}:{top}")]
        extra[f"s{positions[task.task]:02d}"] = pa.Column("Int16", checks, nullable=True)
    top_total = work_maximum(sheet, work)
    if top_total is not None:
        schema = schema.update_column(
            "primary_score",
            checks=[pa.Check.ge(0), pa.Check.le(top_total, error=f"cell_total_over_maximum:{top_total}")],
        )
    return schema.add_columns(extra)


def _headers(sheet: Sheet, body: Body, positions: dict[str, int]) -> dict[str, str]:
    names = {"org_id": "login", "participant_code": "code", "primary_score": "total"}
    ours = {name: body.header(names.get(name, name)) for name in VprResult.to_schema().columns}
    return ours | {f"s{positions[t.task]:02d}": sheet.found.header[t.column].strip() for t in sheet.found.tasks}


def _duplicates(body: Body, frame: pd.DataFrame) -> None:
    """A second row of the same participant of a school is refused."""
    good = ~body.findings.refused()
    again = frame.loc[good, ["org_id", "participant_code"]].duplicated()
    positions = np.flatnonzero(good)[again.to_numpy()]
    body.findings.cells(
        "row_duplicate", positions, body.header("code"), frame["participant_code"].iloc[positions].tolist()
    )

