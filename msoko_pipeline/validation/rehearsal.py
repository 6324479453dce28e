"""A dry run for a person about to send a file: recognise, validate, say what to mend; nothing is kept."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from msoko_pipeline.lake import store
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.extract import extract
from msoko_pipeline.reading.problems import Refusal, sentence
from msoko_pipeline.reading.work import Work, from_path
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation.sheets import Job, validate
from schemas import catalogue


@dataclass
class Verdict:
    """What the file is and what to mend; no messages means it is clean. notes: for the record, nothing to mend."""

    title: str
    messages: list[str]
    notes: list[str] = field(default_factory=list)


def rehearse(path: Path, settings: Settings) -> Verdict:
    """Judge one file as the pipeline would. The work of a form or an export is told by the path."""
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder:
        cells, lake = Path(folder) / "cells", Path(folder) / "lake"
        whole = str(path.absolute())
        task = (path, whole, from_path(whole), cells / "file", secrets.token_bytes())
        (told,) = pool.run(extract, [task], workers=1, memory_mb=settings.reader_memory_mb)
        if isinstance(told, Refusal):
            return Verdict("не прочитан", [told.message()])
        if told.refusal is not None:
            return Verdict("не принят", [sentence(told.refusal[0], **told.refusal[1])])
        sheets = [
            (sheet["number"], {task[0]: number for number, task in enumerate(sheet["tasks"], 1)})
            for sheet in told.sheets
        ]
        job = Job("file", path.name, 1, sheets, list(told.notes), cells, lake, settings.region_code)
        outcome = validate(job)
        if isinstance(outcome, Refusal):
            return Verdict("не принят", [outcome.message()])
        issues = store.issues_file(lake, "file")
        said = pq.read_table(issues, columns=["severity", "message_ru"]).to_pylist() if issues.exists() else []
        title = f"{_title(told.sheets[0])}; строк {outcome.rows_read}, годных {outcome.rows_accepted}"
        return Verdict(title, _messages(said, info=False), _messages(said, info=True))


def _messages(issues: list[dict[str, str]], *, info: bool) -> list[str]:
    return [issue["message_ru"] for issue in issues if (issue["severity"] == "info") is info]


def _title(sheet: dict[str, object]) -> str:
    layout = catalogue.layouts()[str(sheet["layout"])]["title_ru"]
    work = sheet["work"]
    return f"{layout} — {Work(**work).title()}" if isinstance(work, dict) else str(layout)
