"""What versions are made of. A program that was killed while it upgraded by hand may have left a part of it behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def column(table: str, name: str, declared: str) -> None:
    """Add a column, where it is not there."""
    if name not in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}:
        op.execute(f"alter table {table} add column {name} {declared}")
