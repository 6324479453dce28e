"""The record of publications: what the warehouse says of the last one, and the row that is written of a new one.

Light on purpose (no pandas, no Arrow): it answers at once whether there is anything to do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from msoko_pipeline.publishing import shape
from msoko_pipeline.publishing.warehouse import exists, reading
from msoko_pipeline.settings import Settings


@dataclass(frozen=True)
class Publication:
    """A publication that has happened.

    publication_id: its number; published_at: UTC, ISO 8601; years: those replaced; row_counts: table → rows of these
    years; diff: table → {added, changed, removed}, and `compared: False` where the old rows were too many to compare;
    notes: what became of views and the like that others have built on tables that were changed.
    """

    publication_id: str
    published_at: str
    years: tuple[int, ...]
    row_counts: dict[str, int]
    diff: dict[str, dict[str, int | bool]]
    notes: tuple[str, ...] = ()

    def row(self, inputs: Mapping[int, str], rule_version: str) -> dict[str, str | None]:
        """The row of ops.publication; inputs: hashes of all years that the warehouse holds after it."""
        return {
            "publication_id": self.publication_id,
            "published_at": self.published_at,
            "years": ", ".join(map(str, self.years)),
            "inputs": _text({str(year): inputs[year] for year in sorted(inputs)}),
            "row_counts": _text(self.row_counts),
            "diff": _text(self.diff),
            "rule_version": rule_version,
            "notes": "\n".join(self.notes) or None,
        }


def last_inputs(settings: Settings) -> dict[int, str]:
    """Year → hash of the inputs its rows in the warehouse follow from.

    Empty where nothing was published, or where the tables are not as declared and all must be published again.
    Raises WarehouseError.
    """
    if not exists(settings.warehouse):
        return {}
    with reading(settings.warehouse) as connection:
        last = last_row(connection)
        if last is None:
            return {}
        marts, ours = _declaration(settings, connection.dialect.name)
        return {} if shape.stale(connection, marts, ours) else inputs_of(last)


def last_publication(settings: Settings) -> dict[str, str] | None:
    """The last row of ops.publication (`years`, `row_counts`, `diff` and the rest are text); None before the first.

    Raises WarehouseError.
    """
    if not exists(settings.warehouse):
        return None
    with reading(settings.warehouse) as connection:
        return last_row(connection)


def rows(settings: Settings) -> list[dict[str, str | None]]:
    """All rows of ops.publication, the first publication first. Raises WarehouseError."""
    if not exists(settings.warehouse):
        return []
    with reading(settings.warehouse) as connection:
        table = _existing(connection, "ops", "publication", "published_at")
        if table is None:
            return []
        every = sa.select(sa.text("*")).select_from(table).order_by(table.c.published_at)
        return [{str(name): value for name, value in row.items()} for row in connection.execute(every).mappings()]


def last_row(connection: sa.Connection) -> dict[str, str] | None:
    """The last publication by its time, or None."""
    table = _existing(connection, "ops", "publication", "published_at")
    if table is None:
        return None
    newest = sa.select(sa.text("*")).select_from(table).order_by(table.c.published_at.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return {str(name): value for name, value in row.items()} if row else None


def categories(settings: Settings) -> dict[int, dict[str, int]]:
    """Year → risk category → how many schools have it, as published; empty before the first publication.

    Raises WarehouseError.
    """
    if not exists(settings.warehouse):
        return {}
    by_year: dict[int, dict[str, int]] = {}
    with reading(settings.warehouse) as connection:
        table = _existing(connection, "mart", "school_risk", "year", "category")
        if table is not None:
            counted = sa.select(table.c.year, table.c.category, sa.func.count()).group_by(
                table.c.year, table.c.category
            )
            for year, category, schools in connection.execute(counted.order_by(table.c.year)):
                by_year.setdefault(int(year), {})[str(category)] = int(schools)
    return by_year


def _existing(connection: sa.Connection, schema: str, name: str, *columns: str) -> sa.TableClause | None:
    """A published table with these columns, None where it is not there; the schema is a prefix on SQLite."""
    of, full = (schema, name) if connection.dialect.name == "postgresql" else (None, f"{schema}_{name}")
    if not sa.inspect(connection).has_table(full, schema=of):
        return None
    return sa.table(full, *(sa.column(column) for column in columns), schema=of)


def inputs_of(publication: Mapping[str, str]) -> dict[int, str]:
    """Year → hash of inputs, from a row of ops.publication."""
    return {int(year): digest for year, digest in json.loads(publication["inputs"]).items()}


def moment(before: Mapping[str, str] | None) -> str:
    """Now, in milliseconds; later than the publication before, even where the clock was set back."""
    now = datetime.now(UTC)
    if before is not None:
        now = max(now, datetime.fromisoformat(before["published_at"]) + timedelta(milliseconds=1))
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(published_at: str) -> str:
    """A publication's id: its moment and a random tail."""
    return f"{''.join(c for c in published_at if c.isalnum())}-{secrets.token_hex(3)}"


def _declaration(settings: Settings, dialect: str) -> tuple[shape.Shape, shape.Shape]:
    """The shape of marts and of all tables as declared; pandera is asked only when the declarations have changed."""
    place = settings.staging / "published" / f"tables-{dialect}.json"
    shapes = shape.kept(place, dialect)
    if shapes is None:
        from msoko_pipeline.publishing.sql_tables import warehouse

        tables = warehouse(dialect)
        shapes = shape.declared(tables.marts.values()), shape.declared(tables)
        shape.keep(place, dialect, *shapes)
    return shapes


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
