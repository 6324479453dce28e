"""How many rows of a file wait for an answer."""

from __future__ import annotations

from msoko_pipeline.home.ledger_versions import adding

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    adding.column("file", "rows_waiting", "integer not null default 0")
