"""What others have built on marts of SQLite lasts over a changed declaration, or it is said what does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing.dependants import Changes
from msoko_pipeline.publishing.sql_tables import needs_rebuild, prepare
from msoko_pipeline.publishing.warehouse import connect, writing

INSERT = (
    "insert into mart_organisation (year, school_year, org_id, name, rule_version, published_at) "
    "values (2021, '2020/21', 'edu190001', 'Школа', '1', 'now')"
)
REMOVED = "alter table mart_organisation add column old_name text"
MISSING = "alter table mart_organisation drop column aliases"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")
    with writing(engine) as connection:
        prepare(connection)
        connection.exec_driver_sql(INSERT)
    yield engine
    engine.dispose()


def renewed(engine: sa.Engine, *statements: str) -> list[str]:
    """What is told when the tables are made again; then the mart is filled."""
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert needs_rebuild(engine) is True
    changes = Changes()
    with writing(engine) as connection:
        assert prepare(connection, changes) is True
        connection.exec_driver_sql(INSERT)
    assert needs_rebuild(engine) is False
    return changes.notes


def ask(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


OWN = (
    "create index own on mart_organisation (lower(name)) where name like '%а'",
    "create table seen (org_id text)",
    "create trigger own_trigger after insert on mart_organisation begin insert into seen values (new.org_id); end",
    "create view v as select name from mart_organisation",
    "create view vv as select name from v",
    "create trigger into_v instead of insert on v begin select 1; end",
)


def test_indexes_triggers_and_views_last(base: sa.Engine) -> None:
    things = (
        "select type, name, sql from sqlite_master where name in ('own', 'own_trigger', 'v', 'vv', 'into_v') order by 2"
    )
    with writing(base) as connection:
        for statement in OWN:
            connection.exec_driver_sql(statement)
    before = ask(base, things)
    assert renewed(base, REMOVED) == ["Таблица mart_organisation изменилась; столбцов больше нет: old_name"]
    assert sorted(ask(base, things)) == sorted(before)
    assert len(before) == 5
    assert ask(base, "select * from vv") == [("Школа",)]
    assert ask(base, "select * from seen") == [("edu190001",)], "the trigger works"


def test_what_cannot_last_is_told_by_name(base: sa.Engine) -> None:
    gone, index, view = renewed(
        base, REMOVED,
        "create index own on mart_organisation (old_name)", "create index fine on mart_organisation (inn)",
        "create view v as select old_name from mart_organisation", "create view broken as select 1 from nowhere",
    )  # fmt: skip
    assert "столбцов больше нет: old_name" in gone
    assert "не удалось создать заново: индекс own (" in index
    assert "Определение: CREATE INDEX own on mart_organisation (old_name)" in index
    assert "Представление v больше не читается (no such column: old_name)" in view
    assert ask(base, "select name from sqlite_master where name in ('own', 'fine')") == [("fine",)]


def test_a_table_of_which_nothing_is_built_is_told_of_only_when_it_loses_something(base: sa.Engine) -> None:
    assert renewed(base, MISSING) == []
