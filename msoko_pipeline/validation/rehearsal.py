"""A dry run for a person about to send a file: recognise, validate, say what to mend; nothing is kept."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from msoko_pipeline import closed, copies, intake
from msoko_pipeline.lake import store
from msoko_pipeline.lake.ledger import Entry
from msoko_pipeline.reading import archive
from msoko_pipeline.reading.archive import Received
from msoko_pipeline.reading.extract import load
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.work import Work
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation import folding, neighbours
from msoko_pipeline.validation.marks import Mark, mark_of, marks_of
from schemas import catalogue
from schemas.kinds import KINDS


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
    name: str = ""


FOLDERS_TELL = 4  # above a file whose names may tell its year, school or stage
JUDGED = ("accepted", "partial")
ENDED = ("file_too_large", "file_failed")
"""Refusals of files that ended their reader."""


def rehearse(path: Path, settings: Settings) -> Verdict:
    """Judge one file as the pipeline would; of an archive, its first file."""
    return rehearsed(path, settings)[0]


def rehearsed(path: Path, settings: Settings) -> list[Verdict]:
    """Judge a file as the pipeline would, in a home of its own; of an archive, each file in it.

    The manifest and the register beside it are honoured, and the register of the settings' home.
    """
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder:
        ours = settings.model_copy(
            update={
                "home": Path(folder), "inbox_dir": Path(folder) / "inbox", "lake_dir": None, "warehouse_url": None,
                "pseudonym_key": _key(settings),
            }
        )  # fmt: skip
        intake.ledger_of(ours)  # it is there before any file is
        top = _top(path.absolute(), settings)
        came = list(_received(path.absolute(), top, ours))
        others = [*neighbours.telling(path.absolute(), top), *neighbours.alike(path.absolute(), settings)]
        beside = [item for other in others for item in _received(other, top, ours)]
        intake.receive(ours, came=[*beside, *came])
        copies.settle(ours.lake, intake.ledger_of(ours), intake.rules(), neighbours.taken_in(came, settings))
        intake.validate(ours, KINDS)
        entries = {entry.sha256: entry for entry in intake.ledger_of(ours).files()}
        asked = _asked_of_schools(ours, settings, entries.values())
        above = str(path.absolute().parent.relative_to(top))
        return [_verdict(ours, entries[item.sha256], above, asked.get(item.sha256, [])) for item in came]


def _top(path: Path, settings: Settings) -> Path:
    """The folder from which a file's path speaks of it: the inbox, or a few folders above."""
    inbox = settings.inbox.absolute()
    return inbox if path.is_relative_to(inbox) else list(path.parents)[:FOLDERS_TELL][-1]


def _key(settings: Settings) -> str:
    """The key of the home, so that the same people are the same here; a new one where it cannot be had."""
    with suppress(OSError, UnicodeDecodeError):
        return settings.pseudonym_key or (settings.home / "pseudonym.key").read_text(encoding="ascii").strip() or NEW
    return NEW


NEW = secrets.token_hex(32)


def _received(path: Path, top: Path, ours: Settings) -> Iterator[Received]:
    closed.folder(ours.archive)
    yield from archive.received(path, archive.visible(str(path.relative_to(top))), ours.archive)


def _asked_of_schools(ours: Settings, settings: Settings, entries: Iterable[Entry]) -> dict[str, list[dict[str, Any]]]:
    """Questions about the schools that files name, by file; none where there is no register to ask."""
    registered = store.fact_files(settings.lake, "organisation", store.NO_YEAR)
    place = store.facts_folder(ours.lake, "organisation", store.NO_YEAR)
    for file in registered:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place / file.name)
    years = sorted({year for entry in entries if entry.status in JUDGED for year in entry.years})
    if not years or not store.fact_files(ours.lake, "organisation", store.NO_YEAR):
        return {}
    from msoko_pipeline.indicators import questions
    from msoko_pipeline.indicators.organisations_year import make_organisations
    from msoko_pipeline.matching.resolve import make_org_match

    make_organisations(ours, years)
    make_org_match(ours, years)
    asked: dict[str, list[dict[str, Any]]] = {}
    for year in years:
        for topic in ("logins", "schools"):
            file = questions.file_of(ours, topic, year)
            for issue in pq.ParquetFile(file).read().to_pylist() if file.exists() else ():
                asked.setdefault(issue["sha256"], []).append(issue)
    return asked


def _verdict(ours: Settings, entry: Entry, above: str, asked: list[dict[str, Any]]) -> Verdict:
    name = entry.name.removeprefix(f"{above}/")
    file = store.issues_file(ours.lake, entry.sha256)
    issues = [*(pq.read_table(file).to_pylist() if file.exists() else ()), *asked]
    for issue in issues:
        issue["message_ru"] = issue["message_ru"].replace(f"«{entry.name}»", f"«{name}»")
    if entry.refusal is not None:
        refusal = Refusal(entry.refusal[0], **entry.refusal[1])
        is_openable = refusal.issue_type not in ENDED
        notes = [issue for issue in issues if issue["issue_type"] != refusal.issue_type]
        said = [refusal.message(), *_messages(notes, name, info=False)]
        title = "не принят" if is_openable else "не прочитан"
        return Verdict(title, said, _messages(notes, name, info=True), [mark_of(refusal)], is_openable, name)
    title = f"{_title(entry.sheets[0])}; строк {entry.rows_read}, годных {entry.rows_accepted}"
    sheets = [load(ours.cells / entry.sha256 / f"{sheet['number']}.arrow") for sheet in entry.sheets] if issues else []
    marks = marks_of(issues, name, sheets)
    return Verdict(title, _messages(issues, name, info=False), _messages(issues, name, info=True), marks, name=name)


def _messages(issues: list[dict[str, Any]], file: str, *, info: bool) -> list[str]:
    return folding.messages([issue for issue in issues if (issue["severity"] == "info") is info], file)


def _title(sheet: dict[str, object]) -> str:
    layout = catalogue.layouts()[str(sheet["layout"])]["title_ru"]
    work = sheet["work"]
    return f"{layout} — {Work(**work).title()}" if isinstance(work, dict) else str(layout)
