"""The history of publications, which follows from nothing: kept in a backup, put back by the next publication.

A restored home has it in a file until a publication takes it into the warehouse, in its own transaction: history alone
would say of a warehouse without rows that they are there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from msoko_pipeline.publishing.record import rows
from msoko_pipeline.publishing.warehouse import WarehouseError
from msoko_pipeline.settings import Settings

FILE = "publications.json"
"""Its name in the home."""
Row = dict[str, str | None]


def every(settings: Settings) -> tuple[list[Row], bool]:
    """Rows of ops.publication with those that wait to be put back, and whether the warehouse could be read."""
    try:
        published, is_read = rows(settings), True
    except WarehouseError:
        published, is_read = [], False
    in_warehouse = {row["publication_id"] for row in published}
    return [*(row for row in waiting(settings) if row["publication_id"] not in in_warehouse), *published], is_read


def waiting(settings: Settings) -> list[Row]:
    """Publications of a restored home that are not in the warehouse yet; none where the file of them is damaged."""
    try:
        rows: list[Row] = json.loads(_place(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return rows


def latest(before: Mapping[str, str] | None, waiting: list[Row]) -> Mapping[str, str] | None:
    """The last publication of the warehouse and of the history together."""
    publications = [*([before] if before else []), *({k: v or "" for k, v in row.items()} for row in waiting)]
    return max(publications, key=lambda row: row["published_at"], default=None)


def put_back(connection: sa.Connection, table: sa.Table, waiting: list[Row]) -> None:
    """Write the publications that the warehouse does not have, with the columns that it has."""
    in_warehouse = set(connection.scalars(sa.select(table.c.publication_id)))
    lost = [
        {column.name: row.get(column.name) or (None if column.nullable else "") for column in table.columns}
        for row in waiting
        if row["publication_id"] not in in_warehouse
    ]
    if lost:
        connection.execute(table.insert(), lost)


def taken(settings: Settings) -> None:
    """The warehouse has it: the file goes."""
    _place(settings).unlink(missing_ok=True)


def _place(settings: Settings) -> Path:
    return settings.home / FILE
