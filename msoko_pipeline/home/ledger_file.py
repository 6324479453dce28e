"""The ledger as an SQLite file: its tables; how it is opened, checked and copied; what to do where it is damaged.

Its tables stand here as they are today; how those of an earlier version become so: `home.ledger_versions`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from msoko_pipeline.home import closed, ledger_versions
from msoko_pipeline.home.databases import fault
from msoko_pipeline.trouble import Stopped

SCHEMA = """
create table if not exists file (
    seq integer primary key autoincrement, sha256 text not null unique, name text not null, size integer not null,
    received_at text not null, declared text not null, kind text, layout text, year integer, subject text,
    grade integer, status text not null, rows_read integer not null default 0,
    rows_accepted integer not null default 0, rows_quarantined integer not null default 0,
    message_ru text, sheets text not null default '[]', notes text not null default '[]', refusal text,
    superseded_by text, validated_with text, rows_waiting integer not null default 0,
    schools text not null default '[]'
);
create table if not exists work_task (
    year integer, subject text, grade integer, task text, position integer not null,
    primary key (year, subject, grade, task)
);
create table if not exists replacement (
    seq integer not null, by_seq integer not null, kind text not null, year integer not null, rows integer not null,
    left_out integer not null, same_rows integer not null default 0, changed_rows integer not null default 0,
    changed_columns text not null default ''
);
create table if not exists act (at text not null, what text not null, sha256 text not null);
create table if not exists setting (name text primary key, value text not null);
create table if not exists product (path text primary key, owner text not null, digest text not null);
create index if not exists product_owner on product (owner);
"""


class LedgerTrouble(Stopped):
    """The ledger is lost, damaged or of a later version; the text says what to do."""


class NewerLedger(LedgerTrouble):
    """The ledger was written by a newer version of the program."""


class LedgerFile:
    """A ledger opened, with all its tables; one of an earlier version is brought to this one.

    Raises LedgerTrouble where it is lost, damaged or of a later version.

    columns: those of the table `file` that this version knows.
    """

    columns: ClassVar[frozenset[str]]

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._is_lost():
            raise LedgerTrouble(self._advice("пропал или пуст, а архив файлов есть"))
        path.touch(mode=closed.FILE)
        with self._connect() as connection:
            version = ledger_versions.version(connection)
        if version is None:
            version = self._stamped()
        if version not in ledger_versions.VERSIONS:
            raise NewerLedger(self._newer(f"версия реестра {version}, здесь {ledger_versions.NEWEST}"))
        if version != ledger_versions.NEWEST:
            self._upgrade(version)

    def _stamped(self) -> str:
        """Make a new ledger, or recognise one of the time before versions; returns the version it is stamped with."""
        with self._connect() as connection:
            connection.execute("begin immediate")
            if (version := ledger_versions.version(connection)) is not None:  # another process was quicker
                return version
            tables = ledger_versions.columns(connection)
            if newer := tables.get("file", set()) - self.columns:
                raise NewerLedger(self._newer(f"столбцы: {', '.join(sorted(newer))}"))
            if not tables:
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
            version = ledger_versions.recognised(tables) if tables else ledger_versions.NEWEST
            if version is None:
                raise LedgerTrouble(self._advice("подменён: внутри другая база"))
            ledger_versions.stamp(connection, version)
            return version

    def _upgrade(self, version: str) -> None:
        """Bring the ledger to this version; as it was, it is kept beside."""
        kept = self.path.with_suffix(f".{version}.sqlite")
        try:
            is_ours = ledger_versions.upgrade(self.path, lambda: self._keep(kept))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise LedgerTrouble(self._advice("испорчен")) from error
        if is_ours:
            words = f"Реестр принятых файлов обновлён с версии {version} до {ledger_versions.NEWEST}"
            print(f"{words}; прежний сохранён рядом: {kept.name}", file=sys.stderr, flush=True)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("pragma journal_mode=wal")
            with connection:
                yield connection
        except sqlite3.OperationalError:
            raise  # another writer, a full disk: the ledger itself is whole
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise LedgerTrouble(self._advice("испорчен")) from error
        finally:
            connection.close()

    def check(self) -> None:
        """Look at every page. Raises LedgerTrouble, which says what to do, where it cannot be read."""
        if what := fault(self.path):
            raise LedgerTrouble(self._advice(f"не читается ({what})"))

    def keep_copy(self) -> None:
        """Copy the ledger beside itself, whole or not at all: what to go back to when it is damaged."""
        self._keep(self._copy)

    def _keep(self, kept: Path) -> None:
        partial = kept.with_suffix(".tmp")
        partial.unlink(missing_ok=True)
        self.copy_to(partial)
        partial.replace(kept)

    def copy_to(self, target: Path) -> None:
        """Write a copy, closed to others, to a file that is not there yet."""
        target.touch(mode=closed.FILE, exist_ok=False)
        copy = sqlite3.connect(target)
        try:
            with self._connect() as connection:
                connection.backup(copy)
        finally:
            copy.close()

    @property
    def _copy(self) -> Path:
        return self.path.with_suffix(".copy.sqlite")

    def _is_lost(self) -> bool:
        """Whether the ledger is gone, though files have been received: an empty one would forget them all."""
        if self.path.exists() and self.path.stat().st_size:
            return False
        archive = self.path.parent / "archive"
        return archive.is_dir() and any(archive.iterdir())

    def _newer(self, how: str) -> str:
        return (
            f"Реестр файлов «{self.path}» записан более новой версией программы ({how}). Обновите программу и "
            "запустите снова"
        )

    def _advice(self, what: str) -> str:
        begin = f"Реестр принятых файлов «{self.path}» {what}; без него ничего не публикуется. "
        if self._copy.exists():
            made = datetime.fromtimestamp(self._copy.stat().st_mtime)
            return begin + (
                f"Есть его копия от {made:%d.%m.%Y %H:%M}: удалите {self.path.name}, {self.path.name}-wal и "
                f"{self.path.name}-shm, переименуйте {self._copy.name} в {self.path.name} и запустите снова; файлы, "
                "пришедшие позже, положите в папку приёма ещё раз"
            )
        return begin + (
            "Верните его из резервной копии. Если её нет, отложите папку состояния, перенесите в новую pseudonym.key, "
            "положите все файлы в папку приёма и запустите снова; изъятия придётся повторить"
        )
