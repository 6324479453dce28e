"""A dry run for a person about to send a file: recognise, validate, say what to mend; nothing is kept."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from msoko_pipeline.lake import store
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.declared import from_path
from msoko_pipeline.reading.extract import extract, load
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.work import Work
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation import folding
from msoko_pipeline.validation.marks import Mark, mark_of, marks_of
from msoko_pipeline.validation.sheets import Job, validate
from schemas import catalogue


@dataclass
class Verdict:
    """What the file is and what to mend; no messages means it is clean. notes: for the record, nothing to mend; marks:
    where to mend it; openable: False for a file that ended its reader and is not to be opened again.
    """

    title: str
    messages: list[str]
    notes: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    openable: bool = True


def rehearse(path: Path, settings: Settings) -> Verdict:
    """Judge one file as the pipeline would. The work of a form or an export is told by the path."""
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder:
        cells, lake = Path(folder) / "cells", Path(folder) / "lake"
        name = str(path.absolute())
        task = (path, name, from_path(name), cells / "file", secrets.token_bytes())
        (told,) = pool.run(extract, [task], **settings.reading)
        if isinstance(told, Refusal):
            return _refused("не прочитан", told, openable=False)
        if told.refusal is not None:
            return _refused("не принят", Refusal(told.refusal[0], **told.refusal[1]))
        sheets = [
            (sheet["number"], {task[0]: number for number, task in enumerate(sheet["tasks"], 1)})
            for sheet in told.sheets
        ]
        job = Job("file", path.name, 1, sheets, list(told.notes), cells, lake, settings.region_code)
        outcome = validate(job)
        if isinstance(outcome, Refusal):
            return _refused("не принят", outcome)
        issues = store.issues_file(lake, "file")
        said = pq.read_table(issues).to_pylist() if issues.exists() else []
        title = f"{_title(told.sheets[0])}; строк {outcome.rows_read}, годных {outcome.rows_accepted}"
        read = [load(cells / "file" / f"{number}.arrow") for number, _ in sheets] if said else []
        marks = marks_of(said, path.name, read)
        return Verdict(title, _messages(said, path.name, info=False), _messages(said, path.name, info=True), marks)


def _refused(title: str, refusal: Refusal, *, openable: bool = True) -> Verdict:
    return Verdict(title, [refusal.message()], marks=[mark_of(refusal)], openable=openable)


def _messages(issues: list[dict[str, Any]], file: str, *, info: bool) -> list[str]:
    return folding.messages([issue for issue in issues if (issue["severity"] == "info") is info], file)


def _title(sheet: dict[str, object]) -> str:
    layout = catalogue.layouts()[str(sheet["layout"])]["title_ru"]
    work = sheet["work"]
    return f"{layout} — {Work(**work).title()}" if isinstance(work, dict) else str(layout)
