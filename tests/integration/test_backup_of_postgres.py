"""A home whose warehouse is PostgreSQL, restored over an empty database: the same rows, the history with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing import history
from msoko_pipeline.settings import Settings
from tests.assets.test_layers import GOOD, export
from tests.command import Done, msoko_here

pytestmark = pytest.mark.postgres


def published(url: str) -> dict[str, int]:
    """Table → rows of the marts and of the operational tables but the history."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        counts = {
            f"{schema}.{name}": connection.scalar(sa.text(f"select count(*) from {schema}.{name}")) or 0
            for schema in ("mart", "ops")
            for name in inspector.get_table_names(schema)
            if name != "publication"
        }
    engine.dispose()
    return counts


def test_the_history_comes_back_into_an_empty_database(tmp_path: Path, postgres_database: str) -> None:
    export(tmp_path / "inbox", "2021/4/Математика.csv", GOOD)

    def msoko(*arguments: str | Path, home: str = "home") -> Done:
        return msoko_here(*arguments, "--home", tmp_path / home, MSOKO_WAREHOUSE=postgres_database)

    assert msoko("run", "--inbox", tmp_path / "inbox").returncode == 0
    assert msoko("backup", tmp_path / "copy.tar.zst").returncode == 0
    rows, (before, is_read) = (
        published(postgres_database),
        history.every(Settings(home=tmp_path / "home", warehouse_url=postgres_database)),
    )
    assert is_read
    assert len(before) == 1
    engine = sa.create_engine(postgres_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema mart cascade; drop schema ops cascade; drop schema dagster cascade")
    engine.dispose()
    assert msoko("restore", tmp_path / "copy.tar.zst", home="new").returncode == 0
    (tmp_path / "empty").mkdir()
    assert msoko("run", "--inbox", tmp_path / "empty", home="new").returncode == 0
    assert published(postgres_database) == rows
    after, _ = history.every(Settings(home=tmp_path / "new", warehouse_url=postgres_database))
    assert after[:1] == before
    assert len(after) == 2
