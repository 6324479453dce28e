"""What a run makes of an inbox beside what `check` says of its files, file by file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.indicators.organisations.steps import make_organisations
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues import questions
from msoko_pipeline.matching.resolve import make_org_match
from msoko_pipeline.publishing import file_status
from msoko_pipeline.senders.rehearsal import JUDGED, Verdict, rehearsed
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS

Answer = tuple[tuple[Any, ...], list[tuple[str, ...]]]
"""State, rows read, accepted, in quarantine, waiting; issues by type, sheet, row, column."""


def run(inbox: Path, home: Path) -> dict[str, Answer]:
    """What the steps of a run up to the sums say of each file of an inbox, by its path."""
    settings = Settings(home=home, inbox_dir=inbox)
    intake.receive(settings)
    intake.validate(settings, KINDS)
    entries = {entry.sha256: entry for entry in ledger_of(settings).files()}
    years = sorted({year for entry in entries.values() if entry.status in JUDGED for year in entry.years})
    if years:
        make_organisations(settings, years)
        make_org_match(settings, years)
    file_status.mark_waiting(settings)
    asked = [
        issue
        for year in years
        for topic in ("logins", "schools")
        if (file := questions.file_of(settings, topic, year)).exists()
        for issue in pq.ParquetFile(file).read().to_pylist()
    ]
    answers = {}
    for entry in ledger_of(settings).files():
        file = store.issues_file(settings.lake, entry.sha256)
        issues = pq.read_table(file).to_pylist() if file.exists() else []
        answers[entry.name] = _answer(entry, [*issues, *(one for one in asked if one["sha256"] == entry.sha256)])
    return answers


def check(inbox: Path, home: Path) -> dict[str, Verdict]:
    """What `check` says of all files of an inbox together, which it does not know to be one."""
    paths = sorted(path for path in inbox.rglob("*") if path.is_file())
    return {
        str((path.parent / verdict.name).relative_to(inbox)): verdict
        for path, verdicts in zip(paths, rehearsed(paths, Settings(home=home)), strict=True)
        for verdict in verdicts
    }


def differences(ran: dict[str, Answer], checked: dict[str, Verdict]) -> dict[str, tuple[Answer, Answer]]:
    """Files of which the two speak differently, with both answers."""
    answers = {name: _answer(verdict.entry, verdict.issues) for name, verdict in checked.items() if verdict.entry}
    return {name: (told, answers[name]) for name, told in ran.items() if told != answers[name]}


def _answer(entry: Entry, issues: list[dict[str, Any]]) -> Answer:
    rows = (entry.status, entry.rows_read, entry.rows_accepted, entry.rows_quarantined, entry.rows_waiting)
    return rows, sorted(
        tuple(str(issue[name]) for name in ("issue_type", "sheet", "row", "column")) for issue in issues
    )
