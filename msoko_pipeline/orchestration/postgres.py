"""Dagster's records in the warehouse's own PostgreSQL, in a schema beside the marts.

The stock storages connect anew for every event, which takes the server longer than the event itself. Here they share
connections that stay open; tables, queries and versions are the stock ones. The address, which may hold a password, is
given to Dagster's processes in their environment and is written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from dagster._serdes import ConfigurableClassData
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_postgres.utils import pg_url_from_config

from msoko_pipeline.publishing.warehouse import connect
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

SCHEMA = "dagster"
ADDRESS = "DAGSTER_MSOKO_DATABASE"
"""The variable that Dagster's processes read the address from (`storage.postgres.yaml`)."""
OPENING = 7_305_001_799  # key of the advisory lock: tables are made by one process at a time
ADVICE = (
    f"Записи Dagster о запусках остаются в папке состояния: роли не хватает права на схему {SCHEMA} базы витрин. "
    f"Чтобы они хранились в базе: create schema {SCHEMA} authorization роль"
)
POOL = {"pool_size": 2, "max_overflow": 20, "pool_recycle": 3600, "pool_pre_ping": True}


class _Pooled:
    """A stock storage whose connections stay open; it commits by itself, as it does."""

    postgres_url: str
    _engine: sa.Engine

    def keep_open(self, **options: Any) -> None:
        self._engine.dispose()
        self._engine = sa.create_engine(self.postgres_url, isolation_level="AUTOCOMMIT", **POOL, **options)

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """As the stock one: no statement takes longer, in milliseconds."""
        given = sa.make_url(self.postgres_url).query.get("options", "")
        self.keep_open(connect_args={"options": f"{given} -c statement_timeout={statement_timeout}"})

    def dispose(self) -> None:
        self._engine.dispose()
        super().dispose()  # type: ignore[misc]


class Events(_Pooled, PostgresEventLogStorage):
    """Events of runs; its tables are made once and never dropped, so they are looked for once."""

    def __init__(self, url: str) -> None:
        self._tables: set[str] = set()
        super().__init__(url)
        self.keep_open()

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables


class Runs(_Pooled, PostgresRunStorage):
    """Runs and the heartbeats of the daemon."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.keep_open()


class Schedules(_Pooled, PostgresScheduleStorage):
    """Schedules, sensors and their ticks."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.keep_open()


class Storage(DagsterPostgresStorage):
    """All of Dagster's records, configured as the stock storage is."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.postgres_url = postgres_url
        self._inst_data = inst_data
        self._run_storage = Runs(postgres_url)
        self._event_log_storage = Events(postgres_url)
        self._schedule_storage = Schedules(postgres_url)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Storage:
        return cls(pg_url_from_config(config_value), inst_data)


def address(settings: Settings) -> str:
    """The address of the warehouse, with the schema of the records. They are not waited for until they are on the disk:
    a power cut loses the last of them and harms none.
    """
    url = sa.make_url(settings.warehouse).set(drivername="postgresql+psycopg2")
    options = [str(url.query.get("options", "")), f"-c search_path={SCHEMA}", "-c synchronous_commit=off"]
    url = url.update_query_dict({"options": " ".join(filter(None, options)), "application_name": "msoko dagster"})
    return url.render_as_string(hide_password=False)


@contextmanager
def prepared(settings: Settings) -> Iterator[bool]:
    """Around the opening of the records: their schema is there, and nobody else makes its tables meanwhile.

    Gives False where the role may not make the schema. Raises WarehouseError where the database does not answer.
    """
    engine = connect(settings.warehouse)
    try:
        with engine.connect() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_lock(OPENING)))
            connection.commit()
            yield _has_schema(connection)
    finally:
        engine.dispose()  # which gives the lock up


def _has_schema(connection: sa.Connection) -> bool:
    """Make the schema where it is missing; whether tables can be made in it."""
    is_there = connection.scalar(sa.text("select to_regnamespace(:name) is not null"), {"name": SCHEMA})
    if not is_there:
        if not connection.scalar(sa.text("select has_database_privilege(current_database(), 'create')")):
            return False
        connection.execute(sa.schema.CreateSchema(SCHEMA))
        connection.commit()
    return bool(connection.scalar(sa.text("select has_schema_privilege(:name, 'create')"), {"name": SCHEMA}))


def put_aside(settings: Settings) -> str:
    """Give the schema with its damaged records another name and make an empty one; returns that name. Raises Stopped
    where the role may not.
    """
    aside = f"{SCHEMA}_damaged_{datetime.now():%Y%m%d_%H%M%S}"
    engine = connect(settings.warehouse)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"alter schema {SCHEMA} rename to {aside}")
            connection.execute(sa.schema.CreateSchema(SCHEMA))
    except sa.exc.DBAPIError:
        raise Stopped(
            f"Записи Dagster в схеме {SCHEMA} базы витрин не читаются, и роли не хватает права её отложить. "
            f"Переименуйте её сами: alter schema {SCHEMA} rename to {aside} — или удалите и запустите снова"
        ) from None
    finally:
        engine.dispose()
    return aside
