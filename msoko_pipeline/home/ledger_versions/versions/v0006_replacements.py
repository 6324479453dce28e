"""What replaced what."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        create table if not exists replacement (
            seq integer not null, by_seq integer not null, kind text not null, year integer not null,
            rows integer not null, left_out integer not null
        )
    """)
