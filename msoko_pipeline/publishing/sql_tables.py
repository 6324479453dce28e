"""The SQL tables, built from the declarations in `schemas`: columns, types, keys, indexes, Russian comments.

Schemas `mart` and `ops` on PostgreSQL; the prefixes `mart_` and `ops_` on SQLite, which has none. Derived tables are
filled anew, not migrated: where columns differ from the declaration, the table is changed (PostgreSQL) or made again
(SQLite) and its rows are gone; only the history of publications stays. What others have built on it lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandera.pandas as pa
import sqlalchemy as sa

from msoko_pipeline.publishing import shape
from msoko_pipeline.publishing.altering import alter
from msoko_pipeline.publishing.dependants import Changes
from msoko_pipeline.publishing.rebuilding import rebuild, watching_views
from msoko_pipeline.publishing.views import View, renewed
from schemas.dimensions import DIMENSIONS, Dimension
from schemas.fields import ColumnSpec, columns_of, title_of
from schemas.marts import MARTS
from schemas.ops import OPS
from schemas.published import STAMPS

TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "Int64": sa.BigInteger, "Float64": sa.Double, "boolean": sa.Boolean, "str": sa.Text
}  # fmt: skip
KEYED_BY_FILE = ("issue", "quarantine")
"""Operational tables with any number of rows per file: their key is an index, not an identity."""

FIRST_IN_KEY = ("year", "level", "unit_id", "org_id", "indicator_id")
"""The primary key begins with what is asked for most: one index then serves a year, a level and a school."""

SEEN_ACROSS_YEARS = {"unit_id", "org_id"}
"""What is asked for without a year as well: a school's dynamics."""


@dataclass(frozen=True)
class Warehouse:
    """The tables as one kind of database has them, by their short names."""

    marts: dict[str, sa.Table]
    ops: dict[str, sa.Table]
    dimensions: dict[str, sa.Table]

    def __iter__(self) -> Iterator[sa.Table]:
        yield from self.marts.values()
        yield from self.dimensions.values()
        yield from self.ops.values()


@cache
def warehouse(dialect: str) -> Warehouse:
    """Tables for a dialect (`sqlite`, `postgresql`)."""
    metadata = sa.MetaData()
    marts = {name: _table(metadata, dialect, "mart", name, model, STAMPS) for name, model in MARTS.items()}
    ops = {name: _table(metadata, dialect, "ops", name, model, {}) for name, model in OPS.items()}
    dimensions = {name: _table(metadata, dialect, "mart", name, Dimension, {}) for name in DIMENSIONS}
    for name, table in dimensions.items():
        table.comment = DIMENSIONS[name][0]
    return Warehouse(marts, ops, dimensions)


def needs_rebuild(engine: sa.Engine) -> bool:
    """True when the warehouse holds our tables, but not all marts as declared: every year must be published again."""
    tables = warehouse(engine.dialect.name)
    with engine.connect() as connection:
        return shape.stale(connection, shape.declared(tables.marts.values()), shape.declared(tables))


def prepare(connection: sa.Connection, changes: Changes | None = None, views: Sequence[View] = ()) -> bool:
    """Make the tables that are missing, change those that differ, inside the caller's transaction.

    Returns True when any mart was made or changed: its rows are gone. changes: takes what is to be said of other
    people's views and the like; views: our own, which are made again where they or a table of theirs differ.
    """
    tables, changes = warehouse(connection.dialect.name), changes or Changes()
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres:
        there = sa.inspect(connection).get_schema_names()
        for name in {"mart", "ops"} - set(there):  # who owns the schemas may have no right to make others
            connection.execute(sa.schema.CreateSchema(name))
    wanted = shape.declared(tables)
    live = shape.live(connection, wanted)
    changed = [table for table in tables if live.get(table.fullname) != wanted[table.fullname]]
    with renewed(connection, views, changes, is_due=bool(changed)):
        if not changed:
            return False
        with nullcontext() if on_postgres else watching_views(connection, changes):
            for table in changed:
                if table.fullname not in live:
                    table.create(connection)
                else:
                    change = alter if on_postgres else rebuild
                    change(connection, table, changes, keeps_rows=table is tables.ops["publication"])
    return any(table in tables.marts.values() for table in changed)


def _table(
    metadata: sa.MetaData, dialect: str, schema: str, name: str, model: type[pa.DataFrameModel], stamps: dict[str, str]
) -> sa.Table:
    specs = columns_of(model)
    with_schemas = dialect == "postgresql"
    keyed = name not in KEYED_BY_FILE
    columns = [_column(spec) for spec in specs]
    columns += [sa.Column(stamp, sa.Text, nullable=False, comment=title) for stamp, title in stamps.items()]
    key = sorted((spec.name for spec in specs if spec.key), key=_place_in_key)
    table = sa.Table(
        name if with_schemas else f"{schema}_{name}",
        metadata,
        *columns,
        schema=schema if with_schemas else None,
        comment=title_of(model),
        # The rows lie in the key's own tree: a tenth less room and writing.
        sqlite_with_rowid=not (keyed and schema == "mart"),
    )
    if keyed and key:
        table.append_constraint(sa.PrimaryKeyConstraint(*key))
    if not keyed:
        sa.Index(f"ix_{schema}_{name}", *(table.c[column] for column in key))
    elif with_schemas:
        for column in set(key) & SEEN_ACROSS_YEARS:
            # Rows lie in the key's order within a year, so ranges of blocks find a unit in every year at next to no
            # cost of loading; a tree here would take a third of the publication's time.
            sa.Index(f"ix_{schema}_{name}_{column}", table.c[column], postgresql_using="brin")
    return table


def _place_in_key(name: str) -> int:
    return FIRST_IN_KEY.index(name) if name in FIRST_IN_KEY else len(FIRST_IN_KEY)


def _column(spec: ColumnSpec) -> sa.Column[Any]:
    title = spec.title + (f", {spec.unit}" if spec.unit else "")
    return sa.Column(spec.name, TYPES[shape.kind(spec.dtype)], nullable=spec.nullable, comment=title)
