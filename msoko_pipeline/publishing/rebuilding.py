"""A table of SQLite whose declaration has changed, made again: indexes and triggers of others are put back on it.

Views need no putting back, SQLite looks a view's tables up when it is read: which of them no longer work is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from msoko_pipeline.publishing.dependants import Changes, tried

KINDS = {"index": "индекс", "trigger": "триггер", "view": "представление"}


def rebuild(connection: sa.Connection, table: sa.Table, changes: Changes, *, keeps_rows: bool = False) -> None:
    """Drop a table and make it as it is declared. keeps_rows: its rows follow from nothing else, and are put back."""
    ours = {index.name for index in table.indexes}
    others = [thing for thing in _things(connection, table.name) if thing.name not in ours]
    rows = _rows(connection, table) if keeps_rows else []
    there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    table.drop(connection)
    table.create(connection)
    if rows:
        connection.execute(table.insert(), rows)
    if gone := sorted(there - set(table.c.keys())):
        changes.notes.append(f"Таблица {table.name} изменилась; столбцов больше нет: {', '.join(gone)}")
    for thing in others:
        if wrong := tried(connection, [thing.sql]):
            changes.notes.append(
                f"Таблица {table.name} изменилась, и не удалось создать заново: {KINDS[thing.type]} {thing.name} "
                f"({wrong}). Определение: {' '.join(thing.sql.split())}"
            )


@contextmanager
def watching_views(connection: sa.Connection, changes: Changes) -> Iterator[None]:
    """Around the changes: which views could be read before them and cannot after, is said."""
    before = _wrong_views(connection)
    yield
    for name, wrong in _wrong_views(connection).items():
        if wrong and before.get(name) is None:
            changes.notes.append(f"Представление {name} больше не читается ({wrong}): исправьте его")


def _things(connection: sa.Connection, table: str) -> list[Any]:
    """Indexes and triggers on a table, those that a statement has made."""
    query = sa.text(
        "select type, name, sql from sqlite_master where tbl_name = :t and type in ('index', 'trigger')"
        " and sql is not null order by type, name"
    )
    return list(connection.execute(query, {"t": table}).all())


def _wrong_views(connection: sa.Connection) -> dict[str, str | None]:
    """View → why it cannot be read; None where it can."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    names = sa.inspect(connection).get_view_names()
    return {name: tried(connection, [f"select * from {quote(name)} limit 0"]) for name in names}


def _rows(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """The rows of the table as it is, with "" where a column that may not be empty is new."""
    name = connection.dialect.identifier_preparer.format_table(table)
    rows = connection.exec_driver_sql(f"select * from {name}").mappings()
    return [
        {column.name: row.get(column.name) or (None if column.nullable else "") for column in table.columns}
        for row in rows
    ]
