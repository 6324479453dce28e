"""The ledger: every file ever received, by SHA-256, what became of it, and the tasks of every work seen.

It lives in the pipeline's own folder, because the warehouse may be another machine's; `ops.file` is its public copy.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, fields
from typing import Any

from msoko_pipeline.home.ledger_file import LedgerFile, LedgerTrouble
from msoko_pipeline.settings import Settings

GONE = ("refused", "superseded", "withdrawn")
"""States of files whose rows are in no result."""


@dataclass
class Entry:
    """A file of the ledger; `sheets` are its recognised sheets, `notes` and `refusal` what was said of it, `schools`
    those that its rows name, where they are few.
    """

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
    rows_waiting: int = 0
    schools: list[str] = field(default_factory=list)

    @property
    def received_on(self) -> str:
        """The day on which the file came, ISO 8601."""
        return self.received_at.partition("T")[0]

    @property
    def years(self) -> set[int]:
        """Reporting years that the file brings facts of; none for what holds in every year."""
        return {year for sheet in self.sheets for year in sheet["years"]}


@dataclass(frozen=True)
class Replacement:
    """Rows of a file that hold no longer because of a later one. left_out: those of them that it does not repeat;
    same_rows, changed_rows: those that it repeats as they were, and otherwise; changed_columns: in which columns, and
    in how many rows each, in words. What is repeated under other keys is neither.
    """

    seq: int
    by_seq: int
    kind: str
    year: int
    rows: int
    left_out: int
    same_rows: int = 0
    changed_rows: int = 0
    changed_columns: str = ""


_ACCEPTED = "accepted "
"""How the settings begin that keep accepted remarks; the SHA-256 of the file follows."""
_JSON = ("declared", "sheets", "notes", "refusal", "schools")


class Ledger(LedgerFile):
    """Access to the ledger file; every write is one transaction."""

    columns = frozenset(column.name for column in fields(Entry))
    today: dt.date | None = None
    """The day that counts as today, where it is not that of the clock."""

    def files(self, where: str = "1", *values: Any) -> list[Entry]:
        """Entries in the order of receipt; `where` is a condition on the columns of the table `file`."""
        with self._connect() as connection:
            rows = connection.execute(f"select * from file where {where} order by seq", values).fetchall()
        try:
            return [_entry(row) for row in rows]
        except ValueError as error:
            raise LedgerTrouble(self._advice("испорчен внутри")) from error

    def files_of(self, kinds: Iterable[str], where: str = "1", *values: Any) -> list[Entry]:
        """`files` of these kinds."""
        chosen = [*kinds]
        return self.files(f"{where} and kind in ({', '.join('?' * len(chosen))})", *values, *chosen)

    def get(self, sha256: str) -> Entry | None:
        return next(iter(self.files("sha256 = ?", sha256)), None)

    def add(self, files: Iterable[tuple[str, str, int, dict[str, Any]]]) -> None:
        """Enter received files (sha256, name, size, declared) in the order of receipt, all in one transaction."""
        at = now(self.today)
        with self._connect() as connection:
            connection.executemany(
                "insert into file (sha256, name, size, received_at, declared, status) "
                "values (?, ?, ?, ?, ?, 'received')",
                [(sha256, name, size, at, json.dumps(declared)) for sha256, name, size, declared in files],
            )

    def update(self, changes: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
        """Set columns of files, all in one transaction; `products` are the files made of one (path → digest).

        A file that a person has withdrawn meanwhile stays withdrawn: nothing of it is set, and its SHA-256 is returned,
        so that the caller takes back what it has made of it.
        """
        withdrawn: list[str] = []
        with self._connect() as connection:
            connection.execute("begin immediate")
            for sha256, values in changes:
                columns = {
                    name: json.dumps(value, ensure_ascii=False) if name in _JSON and value is not None else value
                    for name, value in values.items()
                    if name != "products"
                }
                names = ", ".join(f"{name} = ?" for name in columns)
                updated = connection.execute(
                    f"update file set {names} where sha256 = ? and status <> 'withdrawn'", (*columns.values(), sha256)
                )
                if not updated.rowcount:
                    withdrawn.append(sha256)
                elif "products" in values:
                    _replace_products(connection, sha256, values["products"])
        return withdrawn

    def withdraw(self, sha256: str, validated_with: str) -> None:
        """Take a file out, whatever became of it, and keep the act for the record."""
        with self._connect() as connection:
            connection.execute("begin immediate")
            connection.execute(
                "update file set status = 'withdrawn', rows_waiting = 0, validated_with = ? where sha256 = ?",
                (validated_with, sha256),
            )
            _replace_products(connection, sha256, {})
            connection.execute("insert into act values (?, 'withdraw', ?)", (now(), sha256))

    def readmit(self, sha256: str) -> bool:
        """Take a withdrawal back and keep the act: the file is as it was received, to be validated anew, or refused as
        it was. Returns whether it was withdrawn.
        """
        with self._connect() as connection:
            connection.execute("begin immediate")
            readmitted = connection.execute(
                "update file set status = case when refusal is null then 'received' else 'refused' end, "
                "validated_with = null where sha256 = ? and status = 'withdrawn'",
                (sha256,),
            ).rowcount
            if readmitted:
                connection.execute("insert into act values (?, 'readmit', ?)", (now(), sha256))
        return bool(readmitted)

    def products(self) -> dict[str, tuple[str, str]]:
        """Path of every file that was made → (whose it is: a SHA-256 or `year=2021`, its digest)."""
        with self._connect() as connection:
            return {path: (owner, digest) for path, owner, digest in connection.execute("select * from product")}

    def set_products(self, owner: str, products: Mapping[str, str]) -> None:
        """The files (path → digest) made of one owner, in place of those before."""
        with self._connect() as connection:
            _replace_products(connection, owner, products)

    def positions(self, year: int, subject: str, grade: int, tasks: Iterable[str] = ()) -> dict[str, int]:
        """Task → its column number in the lake, the same for every file of the work; new tasks get the next ones."""
        key = (year, subject, grade)
        with self._connect() as connection:
            positions = dict(
                connection.execute(
                    "select task, position from work_task where (year, subject, grade) = (?, ?, ?) order by position",
                    key,
                ).fetchall()
            )
            for task in tasks:
                if task not in positions:
                    positions[task] = max(positions.values(), default=0) + 1
                    connection.execute("insert into work_task values (?, ?, ?, ?, ?)", (*key, task, positions[task]))
        return positions

    def replacements(self) -> list[Replacement]:
        """What replaced what, as of the last publication."""
        with self._connect() as connection:
            lines = connection.execute("select * from replacement order by by_seq, seq, kind, year").fetchall()
        return [Replacement(**dict(line)) for line in lines]

    def replace(self, replacements: Iterable[Replacement]) -> None:
        """Keep what replaced what in place of what was kept before, in one transaction."""
        with self._connect() as connection:
            connection.execute("delete from replacement")
            connection.executemany(
                "insert into replacement values (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, replacements)
            )

    def record(self, what: str, sha256: str) -> None:
        """Keep an act for the record: what a person did (a withdrawal), or what was mended."""
        with self._connect() as connection:
            connection.execute("insert into act values (?, ?, ?)", (now(), what, sha256))

    def setting(self, name: str) -> str | None:
        """What is remembered under a name."""
        with self._connect() as connection:
            row = connection.execute("select value from setting where name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def remember(self, name: str, value: str) -> str:
        """Keep a value under a name that has none yet; returns the value that stands."""
        with self._connect() as connection:
            connection.execute("insert or ignore into setting values (?, ?)", (name, value))
        return self.setting(name) or value

    def set_setting(self, name: str, value: str) -> None:
        """Keep a value under a name, in place of the one before."""
        with self._connect() as connection:
            connection.execute("insert or replace into setting values (?, ?)", (name, value))

    def drop_setting(self, name: str) -> None:
        """Remember nothing under a name."""
        with self._connect() as connection:
            connection.execute("delete from setting where name = ?", (name,))

    def accept_remark(self, sha256: str, remark: str) -> None:
        """Keep the remark of a file that a person has accepted, and the act for the record."""
        with self._connect() as connection:
            connection.execute("insert or replace into setting values (?, ?)", (f"{_ACCEPTED}{sha256}", remark))
            connection.execute("insert into act values (?, 'accept', ?)", (now(), sha256))

    def forget_remark(self, sha256: str) -> bool:
        """Take an acceptance back and keep the act; returns whether there was one."""
        with self._connect() as connection:
            deleted = connection.execute("delete from setting where name = ?", (f"{_ACCEPTED}{sha256}",)).rowcount
            if deleted:
                connection.execute("insert into act values (?, 'unaccept', ?)", (now(), sha256))
        return bool(deleted)

    def accepted_remarks(self) -> dict[str, str]:
        """SHA-256 → the remark that a person has accepted."""
        with self._connect() as connection:
            rows = connection.execute(
                "select name, value from setting where name glob ?", (f"{_ACCEPTED}*",)
            ).fetchall()
        return {row["name"].removeprefix(_ACCEPTED): row["value"] for row in rows}

    def acts(self) -> list[tuple[str, str]]:
        """What was done, and with which file, in order."""
        with self._connect() as connection:
            return [(row["what"], row["sha256"]) for row in connection.execute("select * from act order by rowid")]


def _replace_products(connection: sqlite3.Connection, owner: str, products: Mapping[str, str]) -> None:
    connection.execute("delete from product where owner = ?", (owner,))
    connection.executemany(
        "insert or replace into product values (?, ?, ?)", [(path, owner, digest) for path, digest in products.items()]
    )


def _entry(row: sqlite3.Row) -> Entry:
    values = dict(row)
    for name in _JSON:
        values[name] = json.loads(values[name]) if values[name] else None
    return Entry(**values)


def now(today: dt.date | None = None) -> str:
    """UTC time to the second, ISO 8601. today: the day to tell, where it is not that of the clock."""
    at = dt.datetime.now(dt.UTC)
    return (dt.datetime.combine(today, at.time(), dt.UTC) if today else at).isoformat(timespec="seconds")


def ledger_of(settings: Settings) -> Ledger:
    ledger = Ledger(settings.ledger)
    ledger.today = settings.today
    return ledger
