"""The files that were made of each received file, with their digests."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("create table if not exists product (path text primary key, owner text not null, digest text not null)")
    op.execute("create index if not exists product_owner on product (owner)")
