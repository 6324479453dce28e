"""What only the facts of a year together show: reports that differ from rows, schools that nobody knows, quotas.

Such issues stand in a file a topic and year, written anew by the step that finds them, and are published beside those
of the files themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.issues import findings
from msoko_pipeline.issues.refusals import advice
from msoko_pipeline.settings import Settings

ABOUT_REGISTER = ("register_missing", "register_lacks")
"""Issues about the register, which who sends a file has not made."""
ABOUT_SCHOOLS = ("school_doubtful", "school_several", "school_unknown")
"""Questions about a school that a file names in words."""


def withheld(mart: str) -> str:
    """The topic of rows that are withheld from a mart."""
    return f"withheld_{mart}"


@dataclass(frozen=True)
class Question:
    """An issue of a year about a file. seq: the file's running number; row: of its sheet; details fill the message;
    org_ref: the school, as the file names it or by its login.
    """

    year: int
    seq: int
    issue_type: str
    details: dict[str, Any]
    row: int | None = None
    org_ref: str | None = None


def file_of(settings: Settings, topic: str, year: int) -> Path:
    """Where the issues of a topic and year stand; see `store.question_files`, which finds them all."""
    return settings.lake / "ops" / topic / f"year={year}.parquet"


def ask(settings: Settings, topic: str, years: Sequence[int], questions: Iterable[Question]) -> None:
    """Write the issues of a topic in place of those that the years had."""
    questions = list(questions)
    entries = {entry.seq: entry for entry in ledger_of(settings).files()} if questions else {}
    frames: dict[int, list[pd.DataFrame]] = {}
    for question in questions:
        entry = entries[question.seq]
        issue = findings.about_file(entry.sha256, entry.name, question.issue_type, question.details, question.row)
        issue = issue.assign(org_ref=question.org_ref, year=question.year)
        frames.setdefault(question.year, []).append(issue)
    for year in years:
        target = file_of(settings, topic, year)
        target.unlink(missing_ok=True)
        if year in frames:
            frame = pd.concat(frames[year], ignore_index=True).astype({"row": "Int64", "org_ref": "string"})
            store.write(pa.Table.from_pandas(frame, preserve_index=False), target)


def about_waiting(settings: Settings) -> dict[str, list[str]]:
    """SHA-256 of a file → what is asked of the organisations that its waiting rows name, without what to do."""
    messages: dict[str, list[str]] = {}
    for topic in ("logins", "schools"):
        for file in sorted((settings.lake / "ops" / topic).glob("year=*.parquet")):
            for issue in pq.read_table(file, partitioning=None).to_pylist():
                if issue["severity"] != "info" and issue["issue_type"] not in ABOUT_REGISTER:
                    message = str(issue["message_ru"]).removesuffix(f". {advice(issue['issue_type'])}")
                    messages.setdefault(issue["sha256"], []).append(message)
    return messages
