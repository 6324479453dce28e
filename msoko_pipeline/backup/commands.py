"""What `msoko backup` and `msoko restore` do with a home: what of it is kept, and how it becomes a home again.

A home is kept where nothing can make it again: the received files, the ledger with its acts, the key of pseudonyms,
the history of publications, the log of our own errors, Dagster's configuration. Everything else follows from these.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msoko_pipeline.backup import bundle
from msoko_pipeline.backup.bundle import Manifest
from msoko_pipeline.home import closed, failures, pseudonyms, store
from msoko_pipeline.home.databases import fault
from msoko_pipeline.home.ledger import Entry, Ledger, ledger_of
from msoko_pipeline.home.ledger_file import LedgerTrouble, NewerLedger
from msoko_pipeline.intake.restoring import LEFT_OUT, place_of
from msoko_pipeline.intake.steps import ARCHIVE_LOST, Progress
from msoko_pipeline.publishing import history
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

ARCHIVE, LEDGER, KEY, DAGSTER = "archive", "ledger.sqlite", "pseudonym.key", "dagster/dagster.yaml"
KEPT = (ARCHIVE, LEDGER, KEY, history.FILE, failures.LOG, "dagster")
"""What of a home a backup holds; of Dagster's folder the configuration alone."""
REBUILT = (
    "cells",
    "indicators",
    "lake",
    "ledger.copy.sqlite",
    "quality",
    "reminders",
    "staging",
    "tmp",
    "warehouse.sqlite",
)
"""What the next `msoko run` makes again."""
PASSING = ("inbox", "lock", "lock.json")
"""What is no state of a home: an empty one may have it."""
TEMPORARY = ".msoko-"
GIVEN = ("scope", "municipality", "region", "risk_rules")
"""Settings that results depend on and that a home does not keep."""


@dataclass(frozen=True)
class Backup:
    """A backup that was written. files: received files in it; size: its bytes; lost: names of accepted files that the
    archive no longer has as they came; has_key, has_history: whether the key and the history of publications are in it.
    """

    files: int
    size: int
    lost: tuple[str, ...]
    has_key: bool
    has_history: bool

    @property
    def is_whole(self) -> bool:
        return self.has_history and not self.lost


@dataclass(frozen=True)
class Restored:
    """A home made of a backup. files: received files; made_at: when the backup was made; has_key: whether the key was
    in it; differing: settings that are not those of the backup, as (variable, then).
    """

    files: int
    made_at: datetime
    has_key: bool
    differing: tuple[tuple[str, str], ...]


def back_up(settings: Settings, target: Path, progress: Progress) -> Backup:
    """Write everything of a home that cannot be rebuilt to a file. Only for whoever holds the home's lock.

    Raises Stopped where there is nothing to keep, where the ledger or the key is not sound, or where the file may not
    be written there.
    """
    _refuse_place(settings, target)
    if not settings.ledger.exists():
        raise Stopped("В папке состояния ничего не принято, сохранять нечего. Если папка другая, укажите её: --home")
    ledger = ledger_of(settings)
    ledger.check()
    pseudonyms.key(settings)
    whole, lost = _archived(settings, ledger.files())
    _remove_temporary(settings.home)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=settings.home) as folder:
        copy = Path(folder) / LEDGER
        ledger.copy_to(copy)
        sources = {LEDGER: copy}
        publications, has_history = history.every(settings)
        if publications:
            sources[history.FILE] = Path(folder) / history.FILE
            sources[history.FILE].write_text(json.dumps(publications, ensure_ascii=False), encoding="utf-8")
        for name in (failures.LOG, DAGSTER) if settings.pseudonym_key else (KEY, failures.LOG, DAGSTER):
            if (place := settings.home / name).is_file():
                sources[name] = place
        members = [bundle.member(name, source) for name, source in sources.items()]
        sources |= {each.name: settings.home / each.name for each in whole}
        given = {name: str(getattr(settings, name)) for name in GIVEN}
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest((*members, *whole), made_at, given)
        bundle.write(target, manifest, list(sources.values()), progress)
    return Backup(len(whole), target.stat().st_size, lost, KEY in sources, has_history)


def restore(settings: Settings, source: Path, progress: Progress) -> Restored:
    """Make a home of a backup. Only for whoever holds the lock of that home.

    Raises Stopped where the home is not empty, where the file is no whole backup of this version or an earlier one, or
    where there is no room for it; the home is then as it was.
    """
    _refuse_used(settings.home)
    manifest = bundle.manifest_of(source)
    if manifest.size > shutil.disk_usage(settings.home).free:
        raise Stopped(f"Для восстановления нужно {manifest.size >> 20} МБ, а на диске столько нет. Освободите место")
    _remove_temporary(settings.home)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=settings.home) as name:
        folder = Path(name)
        for number, _ in enumerate(bundle.contents(source, folder), 1):
            progress(bundle.STEP, number, len(manifest.members))
        _prepare(folder / LEDGER, source)
        for each in sorted(folder.iterdir(), key=lambda place: place.name == LEDGER):  # last: with it, all is there
            each.rename(settings.home / each.name)
    names = {member.name for member in manifest.members}
    differing = [
        (f"MSOKO_{name.upper()}", then)
        for name, then in manifest.settings.items()
        if name in GIVEN and str(getattr(settings, name)) != then
    ]
    files = sum(name.startswith(ARCHIVE) for name in names)
    return Restored(files, datetime.fromisoformat(manifest.made_at), KEY in names, tuple(differing))


def _refuse_place(settings: Settings, target: Path) -> None:
    """Raises Stopped where a backup may not be written: among what is taken in or rebuilt, or over something else."""
    folder = target.resolve().parent
    if not folder.is_dir():
        raise Stopped(f"Папки, в которую должна лечь копия «{target.name}», нет. Создайте её или назовите другую")
    for place, words in ((settings.inbox, "папке приёма"), (settings.home, "папке состояния"),
                         (settings.lake, "хранилище фактов")):  # fmt: skip
        if folder.is_relative_to(place.resolve()):
            raise Stopped(f"Копия «{target.name}» лежала бы в {words}. Назовите место вне её, лучше на другом диске")
    if target.is_dir():
        raise Stopped(f"«{target.name}» — это папка, а нужен файл")
    if target.exists() and not (target.is_file() and bundle.is_backup(target)):
        raise Stopped(f"Файл «{target.name}» уже есть, и это не резервная копия. Назовите другой")


def _refuse_used(home: Path) -> None:
    used = [place.name for place in home.iterdir() if place.name not in PASSING and not _is_temporary(place)]
    if used:
        raise Stopped(
            f"Папка состояния не пуста ({', '.join(sorted(used)[:3])}): восстановить можно только в пустую. Назовите "
            "другую (--home или MSOKO_HOME) или отложите эту"
        )


def _archived(settings: Settings, entries: Iterable[Entry]) -> tuple[list[bundle.Member], tuple[str, ...]]:
    """The received files that are as they came; and the names of accepted ones of which that cannot be said."""
    names = {entry.sha256: entry for entry in entries}
    whole, lost = [], []
    for entry in names.values():
        place = place_of(settings, entry)
        name = place.relative_to(settings.home).as_posix()
        if place.is_file() and (member := bundle.member(name, place)).sha256 == entry.sha256:
            whole.append(member)
        elif entry.refusal is None or entry.refusal[0] == ARCHIVE_LOST:
            lost.append(entry.name)
    return whole, tuple(lost)


def _prepare(ledger: Path, source: Path) -> None:
    """Bring the ledger to this version and let it know that nothing made of its files is there. Raises Stopped."""
    unreadable = f"Реестр в резервной копии «{source.name}» не читается. Ничего не восстановлено; возьмите другую копию"
    if not ledger.exists() or fault(ledger):
        raise bundle.BundleTrouble(unreadable)
    try:
        Ledger(ledger).set_setting(LEFT_OUT, store.digest(source))
    except NewerLedger:
        words = f"Резервная копия «{source.name}» сделана более новой версией программы. Обновите программу и "
        raise bundle.BundleTrouble(f"{words}запустите снова") from None
    except LedgerTrouble:
        raise bundle.BundleTrouble(unreadable) from None
    closed.close(ledger)


def _is_temporary(place: Path) -> bool:
    return place.name.startswith(TEMPORARY)


def _remove_temporary(home: Path) -> None:
    """Remove what a command that was killed has left."""
    for place in filter(_is_temporary, home.iterdir()):
        shutil.rmtree(place, ignore_errors=True)
