"""Makes again what was changed on disk: facts from the kept cells, cells from the archive. Each such file is told of.

Nothing is summed before this has been done: a fact that was dropped, doubled or altered on disk would be published.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msoko_pipeline import intake
from msoko_pipeline.intake import Progress, quiet
from msoko_pipeline.lake import store
from msoko_pipeline.lake.audit import Audit, are_cells_whole, audit, owner_of
from msoko_pipeline.lake.ledger import Entry, Ledger
from msoko_pipeline.reading.archive import Received
from msoko_pipeline.reading.declared import Declared
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS

RESTORED, REMOVED = "restored", "removed"
"""Acts of the ledger: facts of a file made again; a file of the lake removed that was made of no known file."""
NOTE = "facts_restored"


def restore(settings: Settings, progress: Progress = quiet) -> list[str]:
    """Bring the lake in agreement with the ledger; returns the SHA-256 of files whose facts were made again.

    A year whose computed tables were changed counts as not computed. Files that a killed run has received and not read
    are read too. Only for whoever holds the home's lock.
    """
    ledger = intake.ledger_of(settings)
    ledger.check()
    store.remove_partial(settings.lake)
    differences = audit(settings, ledger)
    entries = {entry.sha256: entry for entry in ledger.files()}
    damaged = [entry for sha256, entry in entries.items() if sha256 in differences.damaged]
    _remove_surplus(ledger, entries, differences)
    for year in differences.years:
        ledger.set_products(owner_of(year), {})
    _forget(settings, ledger, damaged)
    unread = [entry for entry in ledger.files("status not in ('refused', 'withdrawn')") if _is_unread(settings, entry)]
    intake.read(settings, [(_archived(settings, entry), Declared(**entry.declared)) for entry in unread], progress)
    _note(ledger, damaged)
    intake.validate(settings, KINDS, among={entry.sha256 for entry in damaged}, progress=progress)
    for entry in damaged:
        ledger.record(RESTORED, entry.sha256)
    return [entry.sha256 for entry in damaged]


def _remove_surplus(ledger: Ledger, entries: dict[str, Entry], differences: Audit) -> None:
    """Remove what no entry accounts for. That a run was killed before it could enter what it wrote is not told."""
    for path in differences.surplus:
        path.unlink()
        owner = entries.get(path.name[:64])
        if owner is None or (owner.validated_with is not None and owner.status != "withdrawn"):
            ledger.record(REMOVED, path.name)


def _forget(settings: Settings, ledger: Ledger, damaged: Iterable[Entry]) -> None:
    """Take what is left of the damaged facts away; write the issues of refused files again at once."""
    changes: list[tuple[str, dict[str, Any]]] = []
    for entry in damaged:
        store.forget(settings.lake, entry.sha256)
        if entry.refusal is None:
            changes.append((entry.sha256, {"validated_with": None, "products": {}}))
        else:
            from msoko_pipeline.validation.sheets import write_refusal

            problems = [(issue, details) for issue, details in [*entry.notes, entry.refusal]]
            message = write_refusal(settings.lake, entry.sha256, entry.name, problems)
            written = store.ops_digests(settings.lake, entry.sha256)
            changes.append((entry.sha256, {"message_ru": message, "products": written}))
    ledger.update(changes)


def _is_unread(settings: Settings, entry: Entry) -> bool:
    """Whether a file must be read again: it never was, or its facts are to be made and its cells are not whole."""
    if not entry.sheets:
        return True
    return entry.kind in KINDS and entry.validated_with != intake.rules() and not are_cells_whole(settings, entry)


def _archived(settings: Settings, entry: Entry) -> Received:
    """A file as the archive has it; with a refusal where the archive's copy is gone or is no longer what came.

    A damaged copy is put aside, so that the file can be archived again when it is sent again.
    """
    kept = settings.archive / entry.sha256[:2] / entry.sha256
    if not kept.exists():
        return _lost(entry, kept)
    if store.digest(kept) != entry.sha256:
        kept.replace(kept.with_suffix(".damaged"))
        return _lost(entry, kept)
    return Received(entry.sha256, entry.name, entry.size, kept)


def _lost(entry: Entry, kept: Path) -> Received:
    return Received(entry.sha256, entry.name, entry.size, kept, Refusal(intake.ARCHIVE_LOST))


def _note(ledger: Ledger, damaged: Iterable[Entry]) -> None:
    """Let the issues of the files say what happened to their facts."""
    notes = {entry.sha256: entry for entry in ledger.files("refusal is null")}
    ledger.update(
        (entry.sha256, {"notes": [*now.notes, [NOTE, {}]]})
        for entry in damaged
        if (now := notes.get(entry.sha256)) is not None and [NOTE, {}] not in now.notes
    )
