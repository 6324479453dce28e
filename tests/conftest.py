"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing.sql_tables import prepare
from msoko_pipeline.publishing.warehouse import connect, writing
from tests.postgres import PostgresMissing, cluster, database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """SQLAlchemy URL of a real PostgreSQL of our own, to make databases in: its own one stays empty, tests share it.

    Skips the test where no server can be had.
    """
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
def postgres_database(postgres_server: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database of that server."""
    with database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def prepared_postgres(postgres_server: str) -> Iterator[str]:
    """Name of a database that has all tables, to be copied."""
    with database(postgres_server) as url:
        engine = connect(url)
        with writing(engine) as connection:
            prepare(connection)
        engine.dispose()
        yield str(engine.url.database)


@pytest.fixture
def postgres_tables(postgres_server: str, prepared_postgres: str) -> Iterator[sa.Engine]:
    """A fresh database of that server that has all tables, empty."""
    with database(postgres_server, prepared_postgres) as url:
        engine = connect(url)
        yield engine
        engine.dispose()
