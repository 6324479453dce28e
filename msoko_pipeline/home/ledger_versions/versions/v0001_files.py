"""Files, the tasks of works, acts."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        create table if not exists file (
            seq integer primary key autoincrement, sha256 text not null unique, name text not null,
            size integer not null, received_at text not null, declared text not null, kind text, layout text,
            year integer, subject text, grade integer, status text not null, rows_read integer not null default 0,
            rows_accepted integer not null default 0, rows_quarantined integer not null default 0,
            message_ru text, sheets text not null default '[]', notes text not null default '[]', refusal text,
            superseded_by text, validated_with text
        )
    """)
    op.execute("""
        create table if not exists work_task (
            year integer, subject text, grade integer, task text, position integer not null,
            primary key (year, subject, grade, task)
        )
    """)
    op.execute("create table if not exists act (at text not null, what text not null, sha256 text not null)")
