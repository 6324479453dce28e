"""Our views on SQLite and on a real PostgreSQL: made with the publication, made again where they differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing import views
from msoko_pipeline.publishing.dependants import Changes, run
from msoko_pipeline.publishing.sql_tables import prepare
from msoko_pipeline.publishing.views import View, declared
from msoko_pipeline.publishing.warehouse import connect, writing


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A database without anything of ours."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path_factory.mktemp('views') / 'w.sqlite'}")
    else:
        engine = connect(request.getfixturevalue("postgres_database"))
        does(engine, "do $$ begin create role reader; exception when duplicate_object then end $$")
    yield engine
    if request.param == "postgresql":
        does(engine, "drop owned by reader")
    engine.dispose()


def published(engine: sa.Engine, ours: tuple[View, ...]) -> list[str]:
    """Prepare as a publication does; what is told."""
    changes = Changes()
    with writing(engine) as connection:
        prepare(connection, changes, ours)
        changes.fill(connection)
    return changes.notes


def ask(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def does(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            run(connection, statement)


def test_every_view_can_be_read_and_nothing_is_made_twice(empty: sa.Engine) -> None:
    ours = declared(empty.dialect.name)
    assert len(ours) > 28
    assert published(empty, ours) == []
    for view in ours:
        assert ask(empty, f"select * from {view.name}") == []
    if empty.dialect.name == "postgresql":
        of_ours = "from pg_class where relkind = 'v' and obj_description(oid) like '%%определение%%'"
        oids = f"select oid {of_ours} order by 1"
        before = ask(empty, oids)
        assert published(empty, ours) == []
        assert ask(empty, oids) == before
        assert len(before) == len(ours)


def changed(ours: tuple[View, ...], name: str) -> tuple[View, ...]:
    """The views, one of them with a column more."""
    query = {view.name: f"select 1 as more, q.* from ({view.query}) as q" for view in ours if view.name.endswith(name)}
    assert len(query) == 1
    return tuple(View(view.name, view.title, query.get(view.name, view.query)) for view in ours)


def test_a_view_that_differs_is_made_again(empty: sa.Engine) -> None:
    ours = declared(empty.dialect.name)
    published(empty, ours)
    anew = changed(ours, "certificates")
    (name,) = (view.name for view in anew if view not in ours)
    assert published(empty, anew) == []
    assert ask(empty, f"select more from {name}") == []
    does(empty, f"drop view {name}")
    assert published(empty, anew) == []
    assert ask(empty, f"select more from {name}") == []


def test_our_views_do_not_stand_in_the_way_of_a_changed_table(empty: sa.Engine) -> None:
    ours = declared(empty.dialect.name)
    published(empty, ours)
    table = "mart.certificates" if empty.dialect.name == "postgresql" else "mart_certificates"
    does(empty, f"alter table {table} add column more text")
    assert all("представление" not in line.lower() for line in published(empty, ours))
    for view in ours:
        assert ask(empty, f"select * from {view.name}") == []


@pytest.mark.postgres
def test_what_others_have_built_on_our_views_and_rights_last(empty: sa.Engine) -> None:
    if empty.dialect.name != "postgresql":
        pytest.skip("SQLite looks a view up when it is read")
    ours = declared("postgresql")
    published(empty, ours)
    does(
        empty,
        "create schema other",
        "create view other.mine as select org_id, name from pub.organisation",
        "create materialized view other.kept as select count(*) as n from other.mine",
        "grant usage on schema other, pub to reader",
        "grant select on pub.organisation, other.mine to reader",
    )
    anew = changed(ours, "pub.organisation")
    assert published(empty, anew) == []
    assert ask(empty, "select * from other.mine") == []
    assert ask(empty, "select n from other.kept") == [(0,)]
    assert ask(empty, "select has_table_privilege('reader', 'pub.organisation', 'select'),"
                      " has_table_privilege('reader', 'other.mine', 'select')") == [(True, True)]  # fmt: skip
    gone = tuple(
        View(view.name, view.title, "select 1 as org_id") if view.name == "pub.organisation" else view for view in ours
    )
    told, of_kept = published(empty, gone)
    assert "не удалось создать заново: представление other.mine" in told
    assert "create view other.mine" in told
    assert "материализованное представление other.kept" in of_kept


@pytest.mark.postgres
def test_a_view_of_others_under_our_name_is_left_alone(empty: sa.Engine) -> None:
    if empty.dialect.name != "postgresql":
        pytest.skip("the views of SQLite say nothing of whose they are")
    ours = declared("postgresql")
    does(empty, "create schema pub", "create view pub.organisation as select 1 as theirs")
    (told,) = published(empty, ours)
    assert "pub.organisation не создано" in told
    assert ask(empty, "select theirs from pub.organisation") == [(1,)]


@pytest.mark.postgres
def test_without_the_right_to_make_a_schema_there_is_no_public_layer(
    empty: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if empty.dialect.name != "postgresql":
        pytest.skip("SQLite has no schemas")
    monkeypatch.setattr(views, "tried", lambda connection, statements: "нет права")
    (told,) = published(empty, declared("postgresql"))
    assert "Открытого слоя нет" in told
    assert ask(empty, "select 1 from pg_namespace where nspname = 'pub'") == []
    assert ask(empty, "select count(*) from mart.organisation") == [(0,)]
