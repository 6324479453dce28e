"""Dagster's event log in SQLite, with one engine per database instead of a new one for every event.

The stock storage opens, commits and closes a connection for each of a run's hundreds of events, and asks anew before
each whether its tables are there, which costs more than the pipeline's own work on a small inbox. The databases are the
same; the UI and the daemon may use either class.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster import StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import QueuePool

WAIT = 60  # seconds that a writer waits for another


class EventLog(SqliteEventLogStorage):
    """The event log of a Dagster home. Databases lie where the stock storage keeps them: history/runs."""

    def __init__(self, home: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, sa.Engine] = {}
        self._tables: set[str] = set()
        self._columns: set[str] = set()  # of the table of assets
        super().__init__(str(Path(home) / "history" / "runs"), inst_data)

    @classmethod
    def config_type(cls) -> Any:
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> EventLog:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:  # one statement at a time, so one connection a database is enough
            if shard not in self._engines:
                self._engines[shard] = sa.create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=QueuePool,
                    pool_size=1,
                    connect_args={"timeout": WAIT, "check_same_thread": False},
                )
                sa.event.listen(self._engines[shard], "connect", _without_waiting)
            engine = self._engines[shard]
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):  # tables are made and never dropped
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: Any, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)  # columns, likewise
        return column_name in self._columns

    def delete_events(self, run_id: str) -> None:
        """Forget the events of a run and remove its database, which the stock storage would leave empty."""
        with self.index_connection() as connection:
            self.delete_events_for_run(connection, run_id)
        with self._db_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for end in ("", "-wal", "-shm"):
                Path(f"{self.path_for_shard(run_id)}{end}").unlink(missing_ok=True)

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()


def _without_waiting(connection: Any, _: Any) -> None:
    """Events are not waited for until they are on the disk: with a journal written ahead, which the stock storage means
    to have and does not get, a power cut loses the last of them and harms none.
    """
    with suppress(sqlite3.OperationalError):  # others are at it: the next connection will have it
        if connection.execute("pragma journal_mode = wal").fetchone() == ("wal",):
            connection.execute("pragma synchronous = normal")
