"""What is remembered under a name: the fingerprint of the key."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("create table if not exists setting (name text primary key, value text not null)")
