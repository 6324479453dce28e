"""The schools that the rows of a file name."""

from __future__ import annotations

from msoko_pipeline.home.ledger_versions import adding

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    adding.column("file", "schools", "text not null default '[]'")
