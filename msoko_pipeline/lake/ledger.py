"""The ledger: every file ever received, by SHA-256, what became of it, and the tasks of every work seen.

It lives in the pipeline's own folder, because the warehouse may be another machine's; `ops.file` is its public copy.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists file (
    seq integer primary key autoincrement, sha256 text not null unique, name text not null, size integer not null,
    received_at text not null, declared text not null, kind text, layout text, year integer, subject text,
    grade integer, status text not null, rows_read integer not null default 0,
    rows_accepted integer not null default 0, rows_quarantined integer not null default 0,
    message_ru text, sheets text not null default '[]', notes text not null default '[]', refusal text,
    superseded_by text, validated_with text
);
create table if not exists work_task (
    year integer, subject text, grade integer, task text, position integer not null,
    primary key (year, subject, grade, task)
);
create table if not exists act (at text not null, what text not null, sha256 text not null);
"""


@dataclass
class Entry:
    """A file of the ledger; `sheets` are its recognised sheets, `notes` and `refusal` what was said of it."""

    seq: int
    sha256: str
    name: str
    size: int
    received_at: str
    declared: dict[str, Any]
    kind: str | None
    layout: str | None
    year: int | None
    subject: str | None
    grade: int | None
    status: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    message_ru: str | None = None
    sheets: list[dict[str, Any]] = field(default_factory=list)
    notes: list[list[Any]] = field(default_factory=list)
    refusal: list[Any] | None = None
    superseded_by: str | None = None
    validated_with: str | None = None

    @property
    def years(self) -> set[int]:
        """Reporting years that the file brings facts of; none for what holds in every year."""
        return {year for sheet in self.sheets for year in sheet["years"]}


_JSON = ("declared", "sheets", "notes", "refusal")


class Ledger:
    """Access to the ledger file; every write is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            connection.executescript(SCHEMA)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode=wal")
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def files(self, where: str = "1", *values: Any) -> list[Entry]:
        """Entries in the order of receipt; `where` is a condition on the columns of the table `file`."""
        with self._connect() as connection:
            found = connection.execute(f"select * from file where {where} order by seq", values).fetchall()
        return [_entry(row) for row in found]

    def get(self, sha256: str) -> Entry | None:
        return next(iter(self.files("sha256 = ?", sha256)), None)

    def add(self, files: Iterable[tuple[str, str, int, dict[str, Any]]]) -> None:
        """Enter received files (sha256, name, size, declared) in the order of receipt, all in one transaction."""
        at = now()
        with self._connect() as connection:
            connection.executemany(
                "insert into file (sha256, name, size, received_at, declared, status) "
                "values (?, ?, ?, ?, ?, 'received')",
                [(sha256, name, size, at, json.dumps(declared)) for sha256, name, size, declared in files],
            )

    def update(self, changes: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Set columns of files, all in one transaction."""
        with self._connect() as connection:
            for sha256, values in changes:
                told = {
                    name: json.dumps(value, ensure_ascii=False) if name in _JSON and value is not None else value
                    for name, value in values.items()
                }
                names = ", ".join(f"{name} = ?" for name in told)
                connection.execute(f"update file set {names} where sha256 = ?", (*told.values(), sha256))

    def positions(self, year: int, subject: str, grade: int, tasks: Iterable[str] = ()) -> dict[str, int]:
        """Task → its column number in the lake, the same for every file of the work; new tasks get the next ones."""
        key = (year, subject, grade)
        with self._connect() as connection:
            known = dict(
                connection.execute(
                    "select task, position from work_task where (year, subject, grade) = (?, ?, ?) order by position",
                    key,
                ).fetchall()
            )
            for task in tasks:
                if task not in known:
                    known[task] = max(known.values(), default=0) + 1
                    connection.execute("insert into work_task values (?, ?, ?, ?, ?)", (*key, task, known[task]))
        return known

    def record(self, what: str, sha256: str) -> None:
        """Keep an act of a person (a withdrawal) for the record."""
        with self._connect() as connection:
            connection.execute("insert into act values (?, ?, ?)", (now(), what, sha256))


def _entry(row: sqlite3.Row) -> Entry:
    values = dict(row)
    for name in _JSON:
        values[name] = json.loads(values[name]) if values[name] else None
    return Entry(**values)


def now() -> str:
    """UTC time to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
