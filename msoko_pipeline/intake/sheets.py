"""One recognised sheet → accepted facts in the lake, refused rows in quarantine, issues: what a child process runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from msoko_pipeline.facts import context, flat, gia, manifest, olympiad, organisation, vpr_reports, vpr_result
from msoko_pipeline.facts.body import Body, body
from msoko_pipeline.home import store
from msoko_pipeline.intake import folding
from msoko_pipeline.intake.quarantine import quarantined
from msoko_pipeline.issues import findings as said
from msoko_pipeline.issues import whose
from msoko_pipeline.issues.refusals import Refusal, guarded
from msoko_pipeline.issues.refusals import said as in_words
from msoko_pipeline.privacy.allowed import personal
from msoko_pipeline.reading.extract import NAMED_TWICE, Sheet, load
from schemas import catalogue
from schemas.fields import columns_of
from schemas.kinds import KINDS

READERS = {
    "organisation": organisation.facts, "vpr_context": context.facts, "manifest": manifest.facts,
    "olympiad_result": olympiad.facts,
}  # fmt: skip
"""Kinds with a reader of their own; ВПР has one per layout; every other kind is a simple table."""
PROTOCOLS = {
    "gia9": gia.answers, "gia11": gia.answers, "gia9_appeal": gia.appeals, "gia11_appeal": gia.appeals,
}  # fmt: skip
"""Kinds of exam protocols: their readers ask for the region."""
PART_REFUSED = "sheet_part_refused"
"""The issue about a report that is not taken in while others of its file are."""


@dataclass
class Job:
    """A file to validate. sheets: numbers of its recognised sheets and, per sheet, task → column number."""

    sha256: str
    file: str
    seq: int
    sheets: list[tuple[int, dict[str, int]]]
    notes: list[tuple[str, dict[str, Any]]]
    cells: Path
    lake: Path
    region: str


@dataclass
class Outcome:
    """What became of the file. Invariant: rows_read = rows_accepted + rows_quarantined.

    products: path under the lake → digest of each file written; schools: as its rows name them, where they are few;
    chief: the error that most rows have, in words; left_out: how many reports of the file are not taken in.
    """

    sha256: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    issues: int = 0
    products: dict[str, str] = field(default_factory=dict)
    schools: list[str] = field(default_factory=list)
    chief: str | None = None
    left_out: int = 0


def validate(job: Job) -> Outcome | Refusal:
    """Read the kept cells of every sheet of the file, judge them, write the lake. Replaces what was there before.

    What the rows themselves make impossible refuses the file as a whole; nothing of it is in the lake then.
    """
    store.forget(job.lake, job.sha256)
    outcome = guarded(_validate, job)
    if isinstance(outcome, Refusal):
        store.forget(job.lake, job.sha256)
    return outcome


def _validate(job: Job) -> Outcome:
    outcome = Outcome(job.sha256, left_out=sum(issue in (PART_REFUSED, NAMED_TWICE) for issue, _ in job.notes))
    about_file = [said.about_file(job.sha256, job.file, issue, details) for issue, details in job.notes]
    issues: list[pd.DataFrame] = []
    issues_left = catalogue.limits()["findings_of_file"]
    refused_rows: list[pa.Table] = []
    seen: dict[str, pd.DataFrame] = {}
    schools: set[str] = set()
    refusals: list[Refusal] = []
    for number, positions in job.sheets:
        sheet = load(job.cells / job.sha256 / f"{number}.arrow")
        auxiliary = sheet.recognised.declared.auxiliary
        rows = body(sheet, job.sha256, job.file)
        try:
            frame = _facts(sheet, rows, positions, job.region)
        except Refusal as refusal:
            refusals.append(refusal)
            about_file.append(_left_out(job, sheet, refusal))
            continue
        if not auxiliary and sheet.recognised.kind in KINDS:
            _refuse_repeated(sheet.recognised.kind, frame, rows, seen)
        refused = rows.findings.refused()
        accepted = frame[~frame["row"].isin(rows.rows[refused])] if refused.any() else frame
        outcome.products |= _write(job, number, sheet, accepted)
        if rows.findings.blocks:
            issues.append(whose.located(rows.findings.frame(issues_left), frame))
            issues_left -= len(issues[-1])
            outcome.issues += rows.findings.count()
        schools |= set(whose.schools_in(frame).dropna().unique())
        if auxiliary:
            continue  # a second view of rows that another sheet of the file already counts
        unshown = personal(KINDS[rows.recognised.kind].model) if rows.recognised.kind in KINDS else frozenset()
        refused_rows += quarantined(rows, frame, unshown)
        outcome.rows_read += len(rows)
        outcome.rows_accepted += int((~refused).sum())
        outcome.rows_quarantined += int(refused.sum())
    if outcome.rows_read != outcome.rows_accepted + outcome.rows_quarantined:
        raise AssertionError(f"rows of {job.file} do not add up: {outcome}")
    if refusals and len(refusals) == len(job.sheets):
        raise refusals[0]
    outcome.left_out += len(refusals)
    outcome.schools = whose.few(schools)
    outcome.issues += sum(int((frame["severity"] != "info").sum()) for frame in about_file)
    _write_ops(job, outcome, [*about_file, *issues], refused_rows)
    return outcome


def _left_out(job: Job, sheet: Sheet, refusal: Refusal) -> pd.DataFrame:
    """The issue about a report that is refused for its rows while others of the file are taken in."""
    wrong = in_words(refusal.issue_type, **refusal.details)
    row = sheet.grid.offset + sheet.recognised.header_row + 1
    return said.about_file(job.sha256, job.file, PART_REFUSED, {"sheet": sheet.grid.sheet, "row": row, "detail": wrong})


@cache
def _names(kind: str) -> tuple[list[str], list[str]]:
    """Columns of a kind's model: all, and those that tell its rows apart whatever sheet they stand on."""
    columns = columns_of(KINDS[kind].model)
    return [column.name for column in columns], [
        column.name for column in columns if column.key and column.name != "row"
    ]


def _refuse_repeated(kind: str, frame: pd.DataFrame, rows: Body, seen: dict[str, pd.DataFrame]) -> None:
    """A row that says again what an accepted row of this sheet, or of an earlier one, has said is refused."""
    refused = rows.findings.refused()
    fresh = frame[~frame["row"].isin(rows.rows[refused])] if refused.any() else frame
    keys = fresh[_names(kind)[1]]
    keys = keys.assign(**{SHEET: rows.findings.sheet, ROW: fresh["row"].to_numpy(dtype=np.int64)})
    seen_keys = pd.concat([seen[kind], keys], ignore_index=True) if kind in seen else keys.reset_index(drop=True)
    again = seen_keys.duplicated(_names(kind)[1]).to_numpy()[len(seen_keys) - len(keys) :]
    if again.any():
        at, first = np.unique(np.searchsorted(rows.rows, fresh["row"].to_numpy(dtype=np.int64)[again]), True)
        firsts = _first_places(seen_keys, _names(kind)[1], rows.findings.sheet)[len(seen_keys) - len(keys) :][again]
        each = firsts[first].tolist()
        if kind == "vpr_result":
            codes = rows.column("code").texts(at)
            rows.findings.cells("row_duplicate", at, rows.header("code"), codes, each=each)
        else:
            rows.findings.cells("row_duplicate_key", at, each=each)
    seen[kind] = seen_keys


SHEET, ROW = "_sheet", "_row"  # beside the key: where a row stands


def _first_places(keys: pd.DataFrame, key: list[str], sheet: str) -> np.ndarray:
    """Of each row where the first with its key stands: «строке 17», or «строке 17 листа «…»» of another sheet."""
    first = keys.groupby(key, dropna=False, sort=False)[[SHEET, ROW]].transform("first")
    others = first[SHEET] != sheet
    places = "строке " + first[ROW].astype("int64").astype("string")
    return np.asarray(places.where(~others, places + " листа «" + first[SHEET].astype("string") + "»"), dtype=object)


def _facts(sheet: Sheet, rows: Body, positions: dict[str, int], region: str) -> pd.DataFrame:
    kind, layout = sheet.recognised.kind, sheet.recognised.layout
    if kind == "vpr_result":
        return vpr_result.facts(sheet, rows, positions)
    if layout in vpr_reports.READERS:
        return vpr_reports.READERS[layout](sheet, rows, region)
    if kind in PROTOCOLS:
        return PROTOCOLS[kind](sheet, rows, region)
    if kind in READERS:
        return READERS[kind](sheet, rows)
    return flat.facts(sheet, rows, KINDS[kind].model)


def _write(job: Job, number: int, sheet: Sheet, accepted: pd.DataFrame) -> dict[str, str]:
    kind = sheet.recognised.kind
    if accepted.empty or kind not in KINDS:
        return {}
    names = _names(kind)[0]
    tasks = [name for name in accepted.columns if name not in names]
    frame = accepted[[*(name for name in names if name in accepted.columns), *tasks]]
    priority = sheet.recognised.declared.priority
    return store.write_facts(job.lake, kind, job.sha256, number, job.seq, priority, frame)


_ISSUE = pa.schema(
    [(name, pa.int64() if name in ("row", "year") else pa.string()) for name in (*said.COLUMNS, *whose.COLUMNS)]
)


def _write_ops(job: Job, outcome: Outcome, issues: list[pd.DataFrame], refused_rows: list[pa.Table]) -> None:
    if issues:
        all_issues = pd.concat(issues, ignore_index=True).reindex(columns=_ISSUE.names)
        outcome.chief = folding.chief(all_issues, job.file)
        table = pa.Table.from_pandas(all_issues, schema=_ISSUE, preserve_index=False)
        store.write(table, store.issues_file(job.lake, job.sha256))
    if refused_rows:
        store.write(pa.concat_tables(refused_rows), store.quarantine_file(job.lake, job.sha256))
    outcome.products |= store.ops_digests(job.lake, job.sha256)


def write_refusal(lake: Path, sha256: str, file: str, problems: list[tuple[str, dict[str, Any]]]) -> str:
    """Keep the issues of a file refused as a whole; returns the message of the last, the refusal itself."""
    store.forget(lake, sha256)
    frame = pd.concat([said.about_file(sha256, file, *problem) for problem in problems], ignore_index=True)
    frame = frame.reindex(columns=_ISSUE.names)
    store.write(pa.Table.from_pandas(frame, schema=_ISSUE, preserve_index=False), store.issues_file(lake, sha256))
    return str(frame["message_ru"].iloc[-1])
