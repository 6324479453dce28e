"""A dry run for a person about to send a file: recognise, validate, say what to mend; nothing is kept."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from msoko_pipeline.home import closed, store
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import copies, folding
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.intake.marks import Mark, mark_of, marks_of
from msoko_pipeline.issues import questions
from msoko_pipeline.issues.findings import about_file
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.publishing import file_status
from msoko_pipeline.reading import archive
from msoko_pipeline.reading.extract import load
from msoko_pipeline.reading.kept import Received
from msoko_pipeline.reading.procedures.work import Work
from msoko_pipeline.senders import neighbours
from msoko_pipeline.settings import Settings
from msoko_pipeline.versions import judging
from schemas.kinds import KINDS
from schemas.layout import layouts


@dataclass
class Verdict:
    """What the file is and what to mend; no messages means it is clean. notes: for the record, nothing to mend; marks:
    where to mend it; openable: False for a file that ended its reader and is not to be opened again; entry: what the
    ledger of a run would say of it; issues: rows of `ops.issue`.
    """

    title: str
    messages: list[str]
    notes: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    openable: bool = True
    name: str = ""
    entry: Entry | None = None
    issues: list[dict[str, Any]] = field(default_factory=list)


FOLDERS_TELL = 4  # above a file whose names may tell its year, school or stage
JUDGED = ("accepted", "partial")
ENDED = ("file_too_large", "file_failed", "file_link", "file_special", "file_no_access", "file_too_deep")
"""Refusals of files that ended their reader, or are not to be opened at all."""
WORKS = 3  # named in a title


def rehearse(path: Path, settings: Settings) -> Verdict:
    """Judge one file as the pipeline would; of an archive, its first file."""
    return rehearsed([path], settings)[0][0]


def rehearsed(paths: Iterable[Path], settings: Settings) -> list[list[Verdict]]:
    """Judge files as the pipeline would, together, in a home of their own. A list of verdicts each: more than one for
    an archive, none for a file that no run takes in.

    Manifests and registers beside them are honoured, and the register of the settings' home.
    """
    places = [path.absolute() for path in paths]
    by_path: dict[Path, list[Verdict]] = {}
    for top in dict.fromkeys(_top(path, settings) for path in places):
        by_path |= _together([path for path in places if _top(path, settings) == top], top, settings)
    return [by_path[path] for path in places]


def _together(paths: list[Path], top: Path, settings: Settings) -> dict[Path, list[Verdict]]:
    """The verdicts on files under one top folder, as one inbox."""
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder:
        ours = settings.model_copy(
            update={
                "home": Path(folder), "inbox_dir": Path(folder) / "inbox", "lake_dir": None, "warehouse_url": None,
                "pseudonym_key": _key(settings),
            }
        )  # fmt: skip
        ledger_of(ours)  # it is there before any file is
        closed.folder(ours.archive)
        came = {
            path: list(archive.taken(path, top, ours.archive, ours.reading))
            for path in sorted(paths, key=archive.arrival)
        }
        near = neighbours.beside(paths, top, settings)
        beside = [item for other in near for item in archive.taken(other, top, ours.archive, ours.reading)]
        items = list(chain.from_iterable(came.values()))
        intake.receive(ours, came=[*beside, *items])
        copies.settle(ours.lake, ledger_of(ours), judging(), neighbours.taken_in(items, settings))
        intake.validate(ours, KINDS)
        is_registered = _register_brought(ours, settings)
        questions_by_file = _asked_of_schools(ours)
        entries = {entry.sha256: entry for entry in ledger_of(ours).files()}

        def verdict(item: Received, above: str) -> Verdict:
            questions_of_it = questions_by_file.get(item.sha256, [])
            name = item.shown.removeprefix(above)
            return _verdict(ours, entries[item.sha256], name, questions_of_it, is_registered=is_registered)

        return {path: [verdict(item, _above(path, top)) for item in items] for path, items in came.items()}


def _top(path: Path, settings: Settings) -> Path:
    """The folder from which a file's path is read: the inbox, or a few folders above."""
    inbox = settings.inbox.absolute()
    return inbox if path.is_relative_to(inbox) else list(path.parents)[:FOLDERS_TELL][-1]


def _above(path: Path, top: Path) -> str:
    return f"{path.parent.relative_to(top)}/"


def _key(settings: Settings) -> str:
    """The key of the home, so that the same people are the same here; a new one where it cannot be had."""
    with suppress(OSError, UnicodeDecodeError):
        return settings.pseudonym_key or (settings.home / "pseudonym.key").read_text(encoding="ascii").strip() or NEW
    return NEW


NEW = secrets.token_hex(32)


def _register_brought(ours: Settings, settings: Settings) -> bool:
    """Whether there is a register: beside the files, or that of the settings' home, which is brought here."""
    place = store.facts_folder(ours.lake, "organisation", store.NO_YEAR)
    for file in store.fact_files(settings.lake, "organisation", store.NO_YEAR):
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place / file.name)
    return bool(store.fact_files(ours.lake, "organisation", store.NO_YEAR))


def _asked_of_schools(ours: Settings) -> dict[str, list[dict[str, Any]]]:
    """Questions about the schools that files name, by file. How many rows wait for an answer goes to the ledger."""
    entries = ledger_of(ours).files()
    years = sorted({year for entry in entries if entry.status in JUDGED for year in entry.years})
    if not years:
        return {}
    from msoko_pipeline.indicators.organisations.steps import make_organisations
    from msoko_pipeline.matching.resolve import make_org_match

    make_organisations(ours, years)
    make_org_match(ours, years)
    file_status.mark_waiting(ours)
    by_file: dict[str, list[dict[str, Any]]] = {}
    for year in years:
        for topic in ("logins", "schools"):
            file = questions.file_of(ours, topic, year)
            for issue in pq.ParquetFile(file).read().to_pylist() if file.exists() else ():
                by_file.setdefault(issue["sha256"], []).append(issue)
    return by_file


def _for_sender(issues: list[dict[str, Any]], entry: Entry, name: str, *, is_registered: bool) -> list[dict[str, Any]]:
    """What concerns who sends the file. Where there is no register to hold his schools against, that is said once."""
    his = [issue for issue in issues if issue["issue_type"] not in questions.ABOUT_REGISTER]
    if is_registered or not entry.rows_waiting:
        return his
    unchecked = about_file(entry.sha256, name, "schools_unchecked", {"rows": entry.rows_waiting})
    mine = [issue for issue in his if issue["issue_type"] not in questions.ABOUT_SCHOOLS]
    return [*mine, *unchecked.astype(object).to_dict("records")]


def _verdict(
    ours: Settings, entry: Entry, name: str, school_questions: list[dict[str, Any]], *, is_registered: bool
) -> Verdict:
    """name: of the file, as its sender knows it; school_questions: of the schools that it names."""
    file = store.issues_file(ours.lake, entry.sha256)
    issues = [*(pq.read_table(file).to_pylist() if file.exists() else ()), *school_questions]
    for issue in issues:
        issue["message_ru"] = issue["message_ru"].replace(f"«{entry.name}»", f"«{name}»")
    his = _for_sender(issues, entry, name, is_registered=is_registered)
    if entry.refusal is not None:
        refusal = Refusal(entry.refusal[0], **entry.refusal[1])
        is_openable = refusal.issue_type not in ENDED
        rest = [issue for issue in his if issue["issue_type"] != refusal.issue_type]
        messages = [refusal.message(), *_messages(rest, name, info=False)]
        title = "не принят" if is_openable else "не прочитан"
        marks = [mark_of(refusal)]
        return Verdict(title, messages, _messages(rest, name, info=True), marks, is_openable, name, entry, issues)
    sheets = [load(ours.cells / entry.sha256 / f"{sheet['number']}.arrow") for sheet in entry.sheets] if his else []
    marks = marks_of(his, name, sheets)
    messages, notes = _messages(his, name, info=False), _messages(his, name, info=True)
    return Verdict(_title(entry), messages, notes, marks, True, name, entry, issues)


def _messages(issues: list[dict[str, Any]], file: str, *, info: bool) -> list[str]:
    return folding.messages([issue for issue in issues if (issue["severity"] == "info") is info], file)


def _title(entry: Entry) -> str:
    """What the file is, which works it holds, its rows: read, accepted, those that wait for an answer."""
    layout = layouts()[str(entry.sheets[0]["layout"])].title_ru
    works = list(dict.fromkeys(Work(**sheet["work"]).title() for sheet in entry.sheets if sheet["work"]))
    more = f" и ещё работ: {len(works) - WORKS}" if len(works) > WORKS else ""
    what = f"{layout} — {'; '.join(works[:WORKS])}{more}" if works else str(layout)
    waits = f", ждут ответа: {entry.rows_waiting}" if entry.rows_waiting else ""
    return f"{what}; строк {entry.rows_read}, годных {entry.rows_accepted}{waits}"
