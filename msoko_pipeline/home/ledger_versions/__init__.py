"""The versions of the ledger's tables, and how a ledger of an earlier one becomes today's.

A new ledger is made as it is today (`home.ledger_file`) and stamped. Alembic is loaded only where a ledger is older;
it keeps the stamp in the table `alembic_version`. What a version changes is said in `versions/`, a module each; its
number is its revision, the list here is checked against them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
NEWEST = VERSIONS[-1]
WAIT = 30  # seconds that another writer is waited for
STAMP = "create table if not exists alembic_version (version_num varchar(32) not null primary key)"
SIGNS = {
    "0001": ("file", "sha256"),
    "0002": ("product", "digest"),
    "0003": ("file", "rows_waiting"),
    "0004": ("setting", "value"),
    "0005": ("file", "schools"),
    "0006": ("replacement", "left_out"),
    "0007": ("replacement", "changed_columns"),
}
"""Version → a table and a column that came with it: how a ledger without a stamp is recognised."""


def version(connection: sqlite3.Connection) -> str | None:
    """The version that a ledger is stamped with; None where it is not."""
    if connection.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone() is None:
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


def columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Table → its columns; none of a database without tables."""
    listed = connection.execute(
        "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' "
        "and m.name not like 'sqlite\\_%' escape '\\' and m.name <> 'alembic_version'"
    )
    tables: dict[str, set[str]] = {}
    for table, column in listed.fetchall():
        tables.setdefault(table, set()).add(column)
    return tables


def recognised(tables: dict[str, set[str]]) -> str | None:
    """The version of a ledger by its columns: the last one of which all are there; None where it is no ledger."""
    last = None
    for number, (table, column) in SIGNS.items():
        if column not in tables.get(table, ()):
            break
        last = number
    return last


def stamp(connection: sqlite3.Connection, number: str) -> None:
    """Let a ledger say which version it is of."""
    connection.execute(STAMP)
    connection.execute("delete from alembic_version")
    connection.execute("insert into alembic_version values (?)", (number,))


def upgrade(path: Path, keep: Callable[[], None]) -> bool:
    """Bring a stamped ledger of an earlier version to the newest, in one transaction. Raises sqlite3.Error.

    keep: called before anything is changed, while nobody else may write. Returns False where another process was
    quicker.
    """
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(path, timeout=WAIT, isolation_level=None), poolclass=sa.NullPool
    )
    sa.event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            if connection.exec_driver_sql("select version_num from alembic_version").scalar() == NEWEST:
                return False
            keep()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return True
    except sa.exc.DBAPIError as error:
        raise (error.orig or error) from error
    finally:
        engine.dispose()


def _begin(connection: Any) -> None:
    """Others wait, as writers do; who comes second finds the work done."""
    connection.exec_driver_sql("begin immediate")
