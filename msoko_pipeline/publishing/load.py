"""Rows into a table, by the quickest way each database has: executemany over batches on SQLite, COPY on PostgreSQL.

Both go through the driver's own connection inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa

from msoko_pipeline.publishing.rows import key_codes

BATCH = 10_000  # small enough that in sorted rows many columns hold one value a batch, and become literals
ROWS_AT_ONCE = 50  # rows in one statement: a quarter quicker than one by one
COPY_BATCH = 50_000
NULL = float("nan")
"""What stands for NULL among SQLite's parameters: SQLite stores NaN as NULL, and the driver binds a float in 40 ns,
None in 300 (it looks for an adapter first; so it does for bool)."""


def insert(connection: sa.Connection, table: sa.Table, rows: pa.Table, stamps: Mapping[str, str] | None = None) -> int:
    """Write all rows in the order of the primary key; stamps: text columns with one value for all. Returns how many."""
    stamps = stamps or {}
    if not len(rows):
        return 0
    order = _order(rows, [column.name for column in table.primary_key])
    write = _copy if connection.dialect.name == "postgresql" else _executemany
    write(connection, table, rows, order, stamps)
    return len(rows)


def clear(connection: sa.Connection, table: sa.Table, years: Sequence[int]) -> None:
    """Delete the years; the whole table at once where it holds no others (SQLite then forgets its pages, unread)."""
    if set(years_in(connection, table)) <= set(years):
        connection.execute(table.delete())
    else:
        connection.execute(table.delete().where(table.c.year.in_(list(years))))


def holds(connection: sa.Connection, table: sa.Table, years: Sequence[int]) -> bool:
    """Whether the table has any row of the years."""
    return connection.scalar(sa.select(table.c.year).where(table.c.year.in_(list(years))).limit(1)) is not None


def years_in(connection: sa.Connection, table: sa.Table) -> list[int]:
    """The years that a table holds, hopping over the index instead of reading the rows."""
    years: list[int] = []
    nearest = sa.select(sa.func.min(table.c.year))
    while True:
        year = connection.scalar(nearest.where(table.c.year > years[-1]) if years else nearest)
        if year is None:
            return years
        years.append(int(year))


def analyze(connection: sa.Connection, table: sa.Table) -> None:
    """Tell PostgreSQL's planner of new rows before anybody asks. (SQLite would read the whole table for it.)"""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"analyze {connection.dialect.identifier_preparer.format_table(table)}")


def _order(rows: pa.Table, keys: Sequence[str]) -> np.ndarray | None:
    """Places of the rows in the order of their key; None where they stand so already, or a NULL will be refused."""
    if not keys or any(rows[name].null_count for name in keys):
        return None
    codes = key_codes(rows, keys)
    return None if bool((codes[1:] >= codes[:-1]).all()) else np.argsort(codes, kind="stable")


def _batches(rows: pa.Table, order: np.ndarray | None, size: int) -> Any:
    for start in range(0, len(rows), size):
        part = rows.slice(start, size) if order is None else rows.take(pa.array(order[start : start + size]))
        yield part.combine_chunks().to_batches()[0]


def _executemany(
    connection: sa.Connection, table: sa.Table, rows: pa.Table, order: np.ndarray | None, stamps: Mapping[str, str]
) -> None:
    raw: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer
    names = ", ".join(quote.quote(name) for name in (*rows.column_names, *stamps))
    texts: dict[str, np.ndarray] = {}
    for batch in _batches(rows, order, BATCH):
        placeholders, columns = [], []
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            literal = _only_value(array)
            placeholders.append(literal or "?")
            if literal is None:
                columns.append(_bindable(array, texts, name))
        placeholders += [_literal(value) or "?" for value in stamps.values()]
        columns += [[value] * batch.num_rows for value in stamps.values() if _literal(value) is None]
        into, row = f"insert into {quote.format_table(table)} ({names}) values", f"({', '.join(placeholders)})"
        together = batch.num_rows - batch.num_rows % ROWS_AT_ONCE
        cells = chain.from_iterable(zip(*(values[:together] for values in columns), strict=True))
        groups = zip(*[cells] * (len(columns) * ROWS_AT_ONCE), strict=True)
        raw.executemany(f"{into} {', '.join([row] * ROWS_AT_ONCE)}", groups)
        rest = zip(*(values[together:] for values in columns), strict=True)
        raw.executemany(f"{into} {row}", rest if columns else [()] * batch.num_rows)


def _only_value(array: pa.Array) -> str | None:
    """The SQL literal of a column that holds one value throughout: what is not bound costs nothing."""
    if array.null_count:
        return "null" if array.null_count == len(array) else None
    if pa.types.is_floating(array.type):
        return None
    codes = array.indices if pa.types.is_dictionary(array.type) else array
    extremes = pc.min_max(codes)
    return _literal(array[0].as_py()) if extremes["min"] == extremes["max"] else None


def _literal(value: Any) -> str | None:
    if isinstance(value, str):
        return None if "\0" in value else "'" + value.replace("'", "''") + "'"
    return str(int(value))


def _bindable(array: pa.Array, texts: dict[str, np.ndarray], name: str) -> list[Any]:
    """A column as plain Python values of the types that bind quickly: int, float, str."""
    if pa.types.is_dictionary(array.type):
        dictionary = texts.get(name)
        if dictionary is None or len(dictionary) != len(array.dictionary) + 1:
            dictionary = texts[name] = np.array([*array.dictionary.to_pylist(), NULL], dtype=object)
        codes = array.indices.fill_null(len(dictionary) - 1) if array.null_count else array.indices
        return _values(dictionary[codes.to_numpy(zero_copy_only=False)])
    if pa.types.is_floating(array.type):
        return _values(array.fill_null(NULL).to_numpy(zero_copy_only=False))
    whole = array.cast(pa.int64())
    if not whole.null_count:
        return _values(whole.to_numpy())
    values = whole.fill_null(0).to_numpy(zero_copy_only=False).astype(object)
    values[array.is_null().to_numpy(zero_copy_only=False)] = NULL
    return _values(values)


def _values(array: np.ndarray) -> list[Any]:
    plain: list[Any] = array.tolist()
    return plain


def _copy(
    connection: sa.Connection, table: sa.Table, rows: pa.Table, order: np.ndarray | None, stamps: Mapping[str, str]
) -> None:
    raw: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer
    names = ", ".join(quote.quote(name) for name in (*rows.column_names, *stamps))
    # Arrow quotes every text and leaves NULL bare, which is how COPY tells «» from NULL.
    plain = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    statement = f"copy {quote.format_table(table)} ({names}) from stdin (format csv)"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in _batches(rows, order, COPY_BATCH):
            columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
            columns += [pa.repeat(pa.scalar(value), batch.num_rows) for value in stamps.values()]
            text = pa.BufferOutputStream()
            pyarrow.csv.write_csv(pa.record_batch(columns, names=[*rows.column_names, *stamps]), text, plain)
            copy.write(memoryview(text.getvalue()))
