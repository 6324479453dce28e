"""How many of the replaced rows have changed, and in which columns."""

from __future__ import annotations

from msoko_pipeline.home.ledger_versions import adding

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    adding.column("replacement", "same_rows", "integer not null default 0")
    adding.column("replacement", "changed_rows", "integer not null default 0")
    adding.column("replacement", "changed_columns", "text not null default ''")
