"""How Alembic runs the versions: over the connection, and inside the transaction, that `upgrade` gives it."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
