"""The SQL tables follow from the declarations, and a warehouse whose tables do not is noticed and rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from msoko_pipeline.publishing import record
from msoko_pipeline.publishing import warehouse as door
from msoko_pipeline.publishing.sql_tables import STAMPS, needs_rebuild, prepare, warehouse
from msoko_pipeline.publishing.warehouse import WarehouseError, connect, shown, writing
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of
from schemas.marts import MARTS
from schemas.ops import OPS

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'deep' / 'warehouse.sqlite'}")
    yield engine
    engine.dispose()


def columns(engine: sa.Engine, table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(engine).get_columns(table)]


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("name", list(MARTS))
def test_a_mart_has_the_declared_columns_and_the_stamps(dialect: str, name: str) -> None:
    table = warehouse(dialect).marts[name]
    specs = list(columns_of(MARTS[name]))
    assert [c.name for c in table.columns] == [spec.name for spec in specs] + list(STAMPS)
    assert {c.name for c in table.primary_key} == {spec.name for spec in specs if spec.key}
    assert next(iter(table.primary_key)).name == "year"
    for spec in specs:
        assert table.c[spec.name].nullable is spec.nullable
        assert spec.title in (table.c[spec.name].comment or "")
    assert not any(table.c[stamp].nullable for stamp in STAMPS)


def test_names_and_types_of_each_database() -> None:
    tables = {name: CreateTable(warehouse(name).marts["vpr_task"]) for name in DIALECTS}
    lite, post = (str(tables[name].compile(dialect=dialect)) for name, dialect in DIALECTS.items())
    assert "CREATE TABLE mart_vpr_task" in lite
    assert "CREATE TABLE mart.vpr_task" in post
    for ddl, double in ((lite, "DOUBLE"), (post, "DOUBLE PRECISION")):
        assert "grade BIGINT NOT NULL" in ddl
        assert f"completion_pct {double}," in ddl
        assert "task TEXT NOT NULL" in ddl
        assert "max_verified BOOLEAN," in ddl


@pytest.mark.parametrize("name", ["issue", "quarantine"])
def test_rows_about_a_file_have_an_index_and_no_identity(name: str) -> None:
    table = warehouse("sqlite").ops[name]
    assert not list(table.primary_key)
    (index,) = table.indexes
    assert "(sha256)" in str(CreateIndex(index).compile(dialect=DIALECTS["sqlite"]))


@pytest.mark.parametrize("name", ["file", "publication"])
def test_a_file_and_a_publication_have_an_identity(name: str) -> None:
    table = warehouse("postgresql").ops[name]
    assert [c.name for c in table.primary_key] == [spec.name for spec in columns_of(OPS[name]) if spec.key]
    assert table.fullname == f"ops.{name}"


def test_an_empty_warehouse_and_a_prepared_one_need_no_rebuild(empty: sa.Engine) -> None:
    assert needs_rebuild(empty) is False
    with writing(empty) as connection:
        assert prepare(connection) is True
    assert needs_rebuild(empty) is False
    with writing(empty) as connection:
        assert prepare(connection) is False


def drop_a_column(connection: sa.Connection) -> None:
    connection.exec_driver_sql("alter table mart_vpr_school drop column alpha")


def add_a_column(connection: sa.Connection) -> None:
    connection.exec_driver_sql("alter table mart_vpr_school add column more text")


def drop_a_mart(connection: sa.Connection) -> None:
    connection.exec_driver_sql("drop table mart_vpr_school")


def change_a_type(connection: sa.Connection) -> None:
    connection.exec_driver_sql("alter table mart_vpr_school drop column published_at")
    connection.exec_driver_sql("alter table mart_vpr_school add column published_at bigint not null default 0")


def forget_the_key(connection: sa.Connection) -> None:
    connection.exec_driver_sql("create table copy as select * from mart_vpr_school")
    connection.exec_driver_sql("drop table mart_vpr_school")
    connection.exec_driver_sql("alter table copy rename to mart_vpr_school")


@pytest.mark.parametrize("spoil", [drop_a_column, add_a_column, drop_a_mart, change_a_type, forget_the_key])
def test_a_table_that_differs_is_noticed_and_made_again(
    empty: sa.Engine, spoil: Callable[[sa.Connection], None]
) -> None:
    with writing(empty) as connection:
        prepare(connection)
        connection.exec_driver_sql(
            "insert into mart_organisation (year, school_year, org_id, name, rule_version, published_at) "
            "values (2021, '2020/21', 'edu190001', 'Школа', '1', 'now')"
        )
    right = columns(empty, "mart_vpr_school")
    with writing(empty) as connection:
        spoil(connection)
    assert needs_rebuild(empty) is True
    with writing(empty) as connection:
        assert prepare(connection) is True
        kept = connection.exec_driver_sql("select count(*) from mart_organisation").scalar()
    assert kept == 1, "a table that is as declared is left alone"
    assert needs_rebuild(empty) is False
    assert columns(empty, "mart_vpr_school") == right


def test_the_history_of_publications_outlives_a_change_of_its_columns(empty: sa.Engine) -> None:
    with writing(empty) as connection:
        prepare(connection)
        row = record.Publication("p1", "2026-11-23T10:00:00.000Z", (2021,), {"vpr_school": 1}, {}).row({2021: "h"}, "1")
        connection.execute(warehouse("sqlite").ops["publication"].insert(), [row])
        connection.exec_driver_sql("alter table ops_publication drop column rule_version")
    with writing(empty) as connection:
        assert prepare(connection) is False, "no mart was made"
        last = record.last_row(connection)
    assert last is not None
    assert last["publication_id"] == "p1"
    assert last["rule_version"] == ""


def test_the_declaration_is_remembered_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.publishing import shape

    tables = warehouse("sqlite")
    told = shape.declared(tables.marts.values()), shape.declared(tables)
    place = tmp_path / "published" / "tables.json"
    assert shape.kept(place, "sqlite") is None
    shape.keep(place, "sqlite", *told)
    assert shape.kept(place, "sqlite") == told
    assert shape.kept(place, "postgresql") is None
    monkeypatch.setattr(shape, "_sources", lambda: "other sources")
    assert shape.kept(place, "sqlite") is None


def test_one_writer_at_a_time(empty: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BUSY_SECONDS", 0.05)
    second = connect(str(empty.url))
    with writing(empty) as connection:
        prepare(connection)
        with pytest.raises(WarehouseError, match="занято"), writing(second):
            pass
    with writing(second) as connection:
        assert prepare(connection) is False
    second.dispose()


def test_what_fails_is_rolled_back_with_its_tables(empty: sa.Engine) -> None:
    def fail() -> None:
        with writing(empty) as connection:
            prepare(connection)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert sa.inspect(empty).get_table_names() == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://someone:pa55word@127.0.0.1:1/x", "недоступно"),
        ("postgresql+psycopg://someone:pa55word@127.0.0.1:1/x", "недоступно"),
        ("mysql://someone:pa55word@127.0.0.1/x", "не поддерживается"),
        ("someone:pa55word at somewhere", "не разобран"),
    ],
)
def test_an_unreachable_warehouse_is_told_in_russian_without_the_password(url: str, says: str) -> None:
    with pytest.raises(WarehouseError, match=says) as caught:
        connect(url)
    assert "pa55word" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("not a database, but long enough to be looked at " * 40)
    with pytest.raises(WarehouseError, match="недоступно"):
        connect(f"sqlite:///{tmp_path / 'x.sqlite'}")


def test_plain_postgresql_means_psycopg_3() -> None:
    assert shown("postgresql://u:pa55word@db/x") == "postgresql+psycopg://u:***@db/x"
    assert shown("sqlite:///var/x.sqlite") == "sqlite:///var/x.sqlite"


def test_looking_makes_no_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    assert record.last_inputs(settings) == {}
    assert record.last_publication(settings) is None
    assert not settings.home.exists()
