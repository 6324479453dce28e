"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing.engine import connect, writing
from msoko_pipeline.publishing.tables import prepare
from tests.postgres import PostgresMissing, cluster


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of a real PostgreSQL of our own; the test is skipped where no server can be had."""
    server = cluster()
    try:
        url = server.__enter__()
    except PostgresMissing as reason:
        pytest.skip(str(reason))
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database of that server."""
    with _database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def prepared_postgres(postgres_url: str) -> Iterator[str]:
    """Name of a database that has all tables, to be copied."""
    with _database(postgres_url) as url:
        engine = connect(url)
        with writing(engine) as connection:
            prepare(connection)
        engine.dispose()
        yield str(engine.url.database)


@pytest.fixture
def postgres_tables(postgres_url: str, prepared_postgres: str) -> Iterator[sa.Engine]:
    """A fresh database of that server that has all tables, empty."""
    with _database(postgres_url, prepared_postgres) as url:
        engine = connect(url)
        yield engine
        engine.dispose()


@contextmanager
def _database(server_url: str, template: str = "template1") -> Iterator[str]:
    name = f"msoko_{uuid4().hex[:8]}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {template}")
    yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    server.dispose()
