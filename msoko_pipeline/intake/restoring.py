"""Makes again what was changed on disk: facts from kept cells, cells from the archive. Each such file gets an issue.

Nothing is summed before this has been done: a fact that was dropped, doubled or altered on disk would be published.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msoko_pipeline.home import store
from msoko_pipeline.home.audit import Audit, are_cells_whole, audit, owner_of, place, tables_of
from msoko_pipeline.home.ledger import Entry, Ledger, ledger_of
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.intake.steps import Progress, quiet
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.kept import Received
from msoko_pipeline.reading.procedures.declared import Declared
from msoko_pipeline.settings import Settings
from msoko_pipeline.versions import judging
from schemas.kinds import KINDS

RESTORED, REMOVED = "restored", "removed"
"""Acts of the ledger: facts of a file made again; a file of the lake removed that was made of no known file."""
NOTE = "facts_restored"
LEFT_OUT = "left_out_of_backup"
"""Setting of the ledger: that nothing made of its files is there is no damage, the home was restored from a backup."""
ARCHIVE_CHECKED = "archive_checked"  # the running number of the last file whose archived copy was looked at
ARCHIVE_BYTES = 256 << 20  # how much of the archive a run looks at: a fraction of a second


def restore(settings: Settings, progress: Progress = quiet) -> list[str]:
    """Bring the lake in agreement with the ledger; returns the SHA-256 of files whose facts were made again.

    A year whose computed tables were changed counts as not computed. Files that a killed run has received and not read
    are read too. In a home restored from a backup all of it is made again, and nothing is noted. Only for whoever holds
    the home's lock.
    """
    ledger = ledger_of(settings)
    ledger.check()
    is_damage = ledger.setting(LEFT_OUT) is None
    store.remove_partial(settings.lake)
    differences = audit(settings, ledger)
    entries = {entry.sha256: entry for entry in ledger.files()}
    damaged = [entry for sha256, entry in entries.items() if sha256 in differences.damaged]
    _remove_surplus(ledger, entries, differences)
    for year in differences.years:
        _forget_tables(settings, ledger, year)
    _forget(settings, ledger, damaged)
    unread = [entry for entry in ledger.files("status not in ('refused', 'withdrawn')") if _is_unread(settings, entry)]
    intake.read(settings, [(_archived(settings, entry), Declared(**entry.declared)) for entry in unread], progress)
    if is_damage:
        _note(ledger, damaged)
    changed = {entry.sha256 for entry in damaged}
    intake.validate(settings, KINDS, among=changed, progress=progress, title="восстановление")
    if is_damage:
        for entry in damaged:
            ledger.record(RESTORED, entry.sha256)
    else:
        ledger.drop_setting(LEFT_OUT)
    return [entry.sha256 for entry in damaged]


def make_anew(settings: Settings, years: Iterable[int]) -> None:
    """Take away the facts of the years' files and what was computed for the years: who validates and computes after
    that makes all of it anew. Only for whoever holds the home's lock.
    """
    ledger, chosen = ledger_of(settings), set(years)
    entries = [entry for entry in ledger.files("status not in ('refused', 'withdrawn')") if entry.years & chosen]
    _forget(settings, ledger, [entry for entry in entries if entry.refusal is None])
    for year in chosen:
        _forget_tables(settings, ledger, year)


def check_archive(settings: Settings) -> list[Entry]:
    """Hold a part of the archive against its names, the next part each time; returns the entries of damaged files.

    A damaged copy is put aside, so that the file is archived again where the inbox still has it.
    """
    ledger = ledger_of(settings)
    entries = ledger.files()
    last = int(ledger.setting(ARCHIVE_CHECKED) or 0)
    left, damaged = ARCHIVE_BYTES, list[Entry]()
    following = [entry for entry in entries if entry.seq > last] + [entry for entry in entries if entry.seq <= last]
    for entry in following:
        kept = place_of(settings, entry)
        if kept.exists():
            left -= kept.stat().st_size
            if not _is_whole(kept, entry):
                damaged.append(entry)
        last = entry.seq
        if left <= 0:
            break
    if entries:
        ledger.set_setting(ARCHIVE_CHECKED, str(last))
    return damaged


def place_of(settings: Settings, entry: Entry) -> Path:
    """Where the archive has a file."""
    return settings.archive / entry.sha256[:2] / entry.sha256


def _is_whole(kept: Path, entry: Entry) -> bool:
    """Whether the archive's copy is what came; one that is not is put aside."""
    if store.digest(kept) == entry.sha256:
        return True
    kept.replace(kept.with_suffix(".damaged"))
    return False


def _forget_tables(settings: Settings, ledger: Ledger, year: int) -> None:
    """Remove what was computed for a year and is no longer as it was: nothing may be compared with it."""
    for path in tables_of(settings, year):
        place(settings, path).unlink(missing_ok=True)
    ledger.set_products(owner_of(year), {})


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
            from msoko_pipeline.intake.sheets import write_refusal

            notes = [] if entry.sheets else entry.notes  # a file that was read and then refused has its refusal alone
            problems = [(issue, details) for issue, details in [*notes, entry.refusal]]
            message = write_refusal(settings.lake, entry.sha256, entry.name, problems)
            written = store.ops_digests(settings.lake, entry.sha256)
            changes.append((entry.sha256, {"message_ru": message, "products": written}))
    ledger.update(changes)


def _is_unread(settings: Settings, entry: Entry) -> bool:
    """Whether a file must be read again: it never was, or its facts are to be made and its cells are not whole."""
    if not entry.sheets:
        return True
    return entry.kind in KINDS and entry.validated_with != judging() and not are_cells_whole(settings, entry)


def _archived(settings: Settings, entry: Entry) -> Received:
    """A file as the archive has it; with a refusal where the archive's copy is gone or is no longer what came."""
    kept = place_of(settings, entry)
    is_lost = not kept.exists() or not _is_whole(kept, entry)
    return Received(entry.sha256, entry.name, entry.size, kept, Refusal(intake.ARCHIVE_LOST) if is_lost else None)


def _note(ledger: Ledger, damaged: Iterable[Entry]) -> None:
    """Let the issues of the files say what happened to their facts."""
    notes = {entry.sha256: entry for entry in ledger.files("refusal is null")}
    ledger.update(
        (entry.sha256, {"notes": [*now.notes, [NOTE, {}]]})
        for entry in damaged
        if (now := notes.get(entry.sha256)) is not None and [NOTE, {}] not in now.notes
    )
