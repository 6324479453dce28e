"""A PostgreSQL that others use too: their sessions, rights, constraints and triggers stop a publication in one
sentence that says what to do, and never for ever.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing import load, rows
from msoko_pipeline.publishing import warehouse as door
from msoko_pipeline.publishing.sql_tables import prepare, warehouse
from msoko_pipeline.publishing.warehouse import WarehouseError, connect, writing
from schemas.fields import columns_of
from schemas.marts import MARTS

pytestmark = pytest.mark.postgres
TABLES = warehouse("postgresql")
SCHOOL = {"year": 2021, "school_year": "2020/21", "org_id": "edu190001", "name": "Школа № 1"}
STAMPS = {"rule_version": "1", "published_at": "2026-11-23T10:00:00.000Z"}


@pytest.fixture
def base(postgres_tables: sa.Engine) -> sa.Engine:
    """A prepared warehouse with one school."""
    with postgres_tables.begin() as connection:
        connection.execute(TABLES.marts["organisation"].insert(), [SCHOOL | STAMPS])
    return postgres_tables


def publish(engine: sa.Engine) -> None:
    """As a publication does: the year is deleted and written again."""
    import pyarrow as pa

    table = TABLES.marts["organisation"]
    with writing(engine) as connection:
        prepare(connection)
        load.clear(connection, table, [2021])
        told = {
            s.name: pa.array([SCHOOL.get(s.name)], rows.TYPES[rows.kind(s.dtype)])
            for s in columns_of(MARTS["organisation"])
        }
        load.insert(connection, table, rows.of_frame(pa.table(told), MARTS["organisation"]), STAMPS)


def run(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def refusal(engine: sa.Engine) -> str:
    with pytest.raises(WarehouseError) as caught:
        publish(engine)
    assert caught.value.__cause__ is None
    assert "запустите снова" in str(caught.value)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(TABLES.marts["organisation"])) == 1
    return str(caught.value)


@contextmanager
def session(engine: sa.Engine, statement: str) -> Iterator[int]:
    """Another session that has done something and does not end; gives its number."""
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(statement)
        yield int(connection.scalar(sa.text("select pg_backend_pid()")) or 0)


WRITES = ("select * from mart.organisation for update", "lock table mart.organisation in share mode")


@pytest.mark.parametrize("statement", WRITES)
def test_a_table_held_by_another_session_is_not_waited_for_for_ever(
    base: sa.Engine, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.1)
    with session(base, statement) as number:
        said = refusal(base)
    assert f"сеанс {number} роли «msoko»" in said
    publish(base)


def test_a_reader_holds_no_publication_but_a_changed_declaration(
    base: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.1)
    with session(base, "select * from mart.organisation"):
        publish(base)
    run(base, "alter table mart.organisation drop column kind")
    with session(base, "select * from mart.organisation") as number:
        assert f"сеанс {number} роли «msoko»" in refusal(base)
    publish(base)


def test_another_publication_is_waited_for_with_a_limit(base: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PUBLICATION_SECONDS", 0.1)
    with session(base, f"select pg_advisory_xact_lock({door.PUBLISHING})") as number:
        assert f"сеанс {number} роли «msoko»" in refusal(base)


def test_the_limit_of_the_role_itself_is_kept(base: sa.Engine) -> None:
    run(base, f"alter role msoko in database {base.url.database} set lock_timeout = '120ms'")
    base.dispose()
    with session(base, WRITES[0]):
        assert "Хранилище витрин занято" in refusal(base)


@pytest.fixture
def guest(base: sa.Engine) -> Iterator[sa.Engine]:
    """The same warehouse as a role sees it that may read and write the tables and owns nothing."""
    name = f"guest_{base.url.database}"
    run(
        base,
        f"create role {name} login password 'secret'",
        f"grant usage on schema mart, ops to {name}",
        f"grant select, insert, delete on all tables in schema mart, ops to {name}",
    )
    engine = connect(base.url.set(username=name, password="secret").render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    run(base, f"drop owned by {name}", f"drop role {name}")


def test_a_role_that_owns_nothing_publishes_while_nothing_is_to_change(base: sa.Engine, guest: sa.Engine) -> None:
    publish(guest)
    run(base, "alter table mart.organisation drop column kind")
    said = refusal(guest)
    assert f"Роли «{guest.url.username}» не хватает права" in said
    assert "organisation" in said


def test_a_role_without_a_right_is_told_which(base: sa.Engine, guest: sa.Engine) -> None:
    run(base, f"revoke delete on mart.organisation from {guest.url.username}")
    assert "не хватает права" in refusal(guest)


NOTES = (
    "create table notes (year bigint, org_id text, constraint of_school foreign key (year, org_id)"
    " references mart.organisation {})"
)
TRIGGER = (
    "create function before() returns trigger language plpgsql as $$ begin {}; return old; end $$",
    "create trigger own before delete on mart.organisation for each row execute function before()",
)
OTHERS = {
    "внешний ключ «of_school»": [NOTES.format(""), "insert into notes values (2021, 'edu190001')"],
    "неповторимости «by_rules»": [
        "update mart.organisation set kind = 'x'",
        "insert into mart.organisation (year, school_year, org_id, name, rule_version, published_at)"
        " values (2020, '2019/20', 'x', 'x', '1', 'x')",
        "create unique index by_rules on mart.organisation ((kind is null))",
    ],
    "проверку «no_schools»": ["alter table mart.organisation add constraint no_schools check (year < 2000) not valid"],
    "триггер": [TRIGGER[0].format("raise exception 'нельзя'"), TRIGGER[1]],
    "statement_timeout": [
        TRIGGER[0].format("perform pg_sleep(1)"),
        TRIGGER[1],
        "alter role msoko in database {base} set statement_timeout = '300ms'",
    ],
    "только для чтения": ["alter database {base} set default_transaction_read_only = on"],
}


@pytest.mark.parametrize("says", OTHERS)
def test_what_others_have_put_on_a_table_is_told_by_name(base: sa.Engine, says: str) -> None:
    run(base, *(statement.format(base=base.url.database) for statement in OTHERS[says]))
    base.dispose()
    with pytest.raises(WarehouseError) as caught:
        publish(base)
    assert says in str(caught.value)
    assert "запустите снова" in str(caught.value)


def test_a_deferred_key_of_others_holds_nothing(base: sa.Engine) -> None:
    run(base, NOTES.format("deferrable initially deferred"), "insert into notes values (2021, 'edu190001')")
    publish(base)
    with base.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from notes")) == 1


def test_a_name_that_a_view_has_taken(postgres_database: str) -> None:
    engine = connect(postgres_database)
    run(engine, "create schema mart", "create view mart.organisation as select 1 as org_id")
    with (
        pytest.raises(WarehouseError, match=r"Имя таблицы витрин занято: .*organisation"),
        writing(engine) as connection,
    ):
        prepare(connection)
    engine.dispose()


def test_a_lost_connection_is_told(base: sa.Engine) -> None:
    def cut() -> None:
        with writing(base) as connection:
            with base.connect() as other:
                number = connection.scalar(sa.text("select pg_backend_pid()"))
                other.exec_driver_sql(f"select pg_terminate_backend({number})")
            prepare(connection)

    with pytest.raises(WarehouseError, match="Связь с базой витрин прервалась"):
        cut()


@pytest.fixture
def narrow(postgres_server: str) -> Iterator[str]:
    """A base in Windows-1251."""
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("create database narrow encoding 'WIN1251' locale 'C' template template0")
    yield sa.make_url(postgres_server).set(database="narrow").render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql("drop database narrow with (force)")
    server.dispose()


def test_a_base_in_another_encoding_is_told(narrow: str) -> None:
    engine = connect(narrow)
    with pytest.raises(WarehouseError, match="База не в кодировке UTF8"), writing(engine) as connection:
        prepare(connection)
    engine.dispose()


def test_the_encoding_of_the_environment_does_not_matter(base: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "WIN1251")
    base.dispose()
    publish(base)
    with base.connect() as connection:
        assert connection.scalar(sa.select(TABLES.marts["organisation"].c.name)) == "Школа № 1"


def test_what_no_table_can_hold_is_replaced_on_its_way(base: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHOOL, "name", "Школа\0№\x071\0")
    monkeypatch.setitem(SCHOOL, "aliases", "a\vb\tc\nd")
    publish(base)
    with base.connect() as connection:
        table = TABLES.marts["organisation"]
        assert tuple(connection.execute(sa.select(table.c.name, table.c.aliases)).one()) == ("Школа�№�1", "a b\tc\nd")


def test_looking_does_not_wait_for_ever_either(base: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.1)
    url = base.url.render_as_string(hide_password=False)

    def look() -> object:
        with door.reading(url) as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(TABLES.marts["organisation"]))

    with session(base, "lock table mart.organisation") as number, pytest.raises(WarehouseError) as caught:
        look()
    assert f"сеанс {number} роли «msoko»" in str(caught.value)
    assert look() == 1


def test_a_publication_may_think(base: sa.Engine) -> None:
    run(base, f"alter role msoko in database {base.url.database} set idle_in_transaction_session_timeout = '50ms'")
    base.dispose()
    with writing(base) as connection:
        time.sleep(0.2)
        prepare(connection)
