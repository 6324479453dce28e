"""What others have built on marts of a real PostgreSQL lasts over a changed declaration, or it is said what does not.

A declaration is changed by giving the warehouse an older one: a column it has no more, lacks, or has of another type.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing import shape
from msoko_pipeline.publishing.dependants import Changes
from msoko_pipeline.publishing.sql_tables import needs_rebuild, prepare, warehouse
from msoko_pipeline.publishing.warehouse import WarehouseError, connect, writing

pytestmark = pytest.mark.postgres
SCHOOL = {"year": 2021, "school_year": "2020/21", "org_id": "edu190001", "name": "Школа № 1"}
MORE = {"rule_version": "1", "published_at": "2026-11-23T10:00:00.000Z"}
TABLE = warehouse("postgresql").marts["organisation"]


@pytest.fixture
def base(postgres_tables: sa.Engine) -> Iterator[sa.Engine]:
    """A prepared warehouse with one school and a role `reader`."""
    run(postgres_tables, "do $$ begin create role reader; exception when duplicate_object then end $$")
    with postgres_tables.begin() as connection:
        connection.execute(TABLE.insert(), [SCHOOL | MORE])
    yield postgres_tables
    run(postgres_tables, "drop owned by reader")


def run(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


def ask(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query.replace("%", "%%"))]


def renewed(engine: sa.Engine) -> list[str]:
    """Prepare as a publication does, fill the mart again; returns what is told. The second time nothing differs."""
    assert needs_rebuild(engine) is True
    changes = Changes()
    with writing(engine) as connection:
        assert prepare(connection, changes) is True
        assert connection.scalar(sa.select(sa.func.count()).select_from(TABLE)) == 0
        connection.execute(TABLE.insert(), [SCHOOL | MORE])
        changes.fill(connection)
    assert needs_rebuild(engine) is False
    with writing(engine) as connection:
        assert prepare(connection) is False
    with engine.connect() as connection:
        live = shape.live(connection, [TABLE.fullname])
    assert live == shape.declared([TABLE])
    return changes.notes


RETYPED = "alter table mart.organisation alter column aliases type bigint using null"
REMOVED = "alter table mart.organisation add column old_name text not null default 'x'"
OURS = "comment on column mart.organisation.old_name is 'Прежнее название'"
MISSING = "alter table mart.organisation drop column aliases"
OPTIONAL = "alter table mart.organisation alter column name drop not null"
OTHER_KEY = (
    "alter table mart.organisation drop constraint organisation_pkey",
    "alter table mart.organisation add primary key (org_id, year)",
)


@pytest.mark.parametrize("change", [[RETYPED], [REMOVED, OURS], [MISSING], [OPTIONAL], OTHER_KEY])
def test_a_table_keeps_its_rights_keys_and_triggers(base: sa.Engine, change: list[str]) -> None:
    run(
        base, *change,
        "grant select on mart.organisation to reader with grant option",
        "grant update (name) on mart.organisation to reader",
        "create index own on mart.organisation (lower(name))",
        "create statistics own_statistics on name, inn from mart.organisation",
        "alter table mart.organisation enable row level security",
        "create policy own on mart.organisation for select to reader using (org_id like 'edu%')",
        "create function seen() returns trigger language plpgsql as $$ begin return new; end $$",
        "create trigger own after insert on mart.organisation for each row execute function seen()",
        "alter table mart.organisation disable trigger own",
        "create view v as select org_id, name from mart.organisation",
        "comment on table mart.organisation is 'Своё'",
    )  # fmt: skip
    facts = (
        "select relacl::text, relowner, relrowsecurity, obj_description(oid) from pg_class"
        " where oid = 'mart.organisation'::regclass",
        "select attacl::text from pg_attribute where attrelid = 'mart.organisation'::regclass and attname = 'name'",
        "select indexdef from pg_indexes where tablename = 'organisation' order by 1",
        "select stxname from pg_statistic_ext",
        "select policyname, roles::text, qual from pg_policies",
        "select tgname, tgenabled from pg_trigger where not tgisinternal",
    )
    before = [ask(base, fact) for fact in facts]
    told = renewed(base)
    after = [ask(base, fact) for fact in facts]
    if change == OTHER_KEY:
        before.pop(2), after.pop(2)
    assert after == before
    assert ask(base, "select * from v") == [("edu190001", "Школа № 1")]
    assert told == []


def test_a_column_that_nothing_needs_is_dropped_and_one_that_a_view_needs_is_left(base: sa.Engine) -> None:
    run(
        base, REMOVED, REMOVED.replace("old_name", "older"),
        "create index on_older on mart.organisation (older)",
        "grant select (older) on mart.organisation to reader",
        "create view v as select org_id, old_name from mart.organisation",
        'create materialized view "Ещё" as select old_name from v',
    )  # fmt: skip
    told = renewed(base)
    assert ask(base, "select * from v") == [("edu190001", None)]
    assert len(told) == 2
    assert "old_name больше не публикуется, но оставлен пустым" in told[0]
    assert 'представление public.v, материализованное представление public."Ещё"' in told[0]
    assert (
        "older удалён: в объявлении его нет; с ним удалено: index mart.on_older; право: grant select (older)" in told[1]
    )
    run(base, "drop view v cascade", MISSING)
    assert renewed(base) == [], "left columns go with the next change once nothing needs them"
    assert ask(base, "select 1 from information_schema.columns where column_name = 'old_name'") == []


def test_a_left_column_that_is_declared_again_is_filled_again(base: sa.Engine) -> None:
    run(base, "create view v as select aliases from mart.organisation",
        f"comment on column mart.organisation.aliases is '{shape.LEFT}: …'")  # fmt: skip
    assert renewed(base) == []
    title = ask(base, "select col_description('mart.organisation'::regclass, attnum) from pg_attribute"
                " where attrelid = 'mart.organisation'::regclass and attname = 'aliases'")  # fmt: skip
    assert title == [(TABLE.c.aliases.comment,)]


VIEWS = (
    "create view a with (security_barrier=true) as select org_id, aliases, 'a%b:c' as sign from mart.organisation",
    "create view b as select a.org_id, coalesce(a.aliases, a.aliases) as aliases from a",
    'create materialized view m as select org_id, aliases, org_id as "Своё имя" from b',
    "create unique index on_m on m (org_id)",
    "create view top as select b.aliases as one, m.aliases as other from b join m using (org_id)",
    "comment on view a is 'Моё: 100 %, ''кавычки'''",
    "comment on column a.aliases is 'Прозвища'",
    "grant select on a to reader with grant option",
    "grant select (org_id), update (org_id) on a to reader",
    "grant select on b to reader",
    "grant select on m to public",
    "alter view top owner to reader",
    "create function put() returns trigger language plpgsql as $$ begin return new; end $$",
    "create trigger into_a instead of insert on a for each row execute function put()",
)
ABOUT_VIEWS = (
    "select relname, relkind, relacl::text, pg_get_userbyid(relowner), reloptions::text, obj_description(oid),"
    " col_description(oid, 2), relispopulated from pg_class where relname in ('a', 'b', 'm', 'top') order by 1",
    "select attrelid::regclass::text, attname, attacl::text from pg_attribute"
    " where attacl is not null and not attisdropped order by 1, 2",
    "select indexdef from pg_indexes where tablename = 'm'",
    "select tgname from pg_trigger where not tgisinternal",
)


def test_views_on_a_column_of_another_type_are_made_again_with_all_they_have(base: sa.Engine) -> None:
    run(base, RETYPED, *VIEWS)
    before = [ask(base, fact) for fact in ABOUT_VIEWS]
    (told,) = renewed(base)
    assert "теперь другого типа; создано заново: представление public.a, представление public.b" in told
    assert [ask(base, fact) for fact in ABOUT_VIEWS] == before
    assert ask(base, "select pg_typeof(one), pg_typeof(other) from top") == [("text", "text")]
    run(base, "update mart.organisation set aliases = 'Первая'", "refresh materialized view m")
    assert ask(base, "select * from top") == [("Первая", "Первая")]
    assert ask(base, "select 1 from information_schema.columns where column_name like 'aliases_former%'") == []


def test_a_view_that_cannot_be_made_again_stays_on_the_old_column_and_the_others_move(base: sa.Engine) -> None:
    run(base, RETYPED, "create view good as select aliases from mart.organisation",
        "create view bad as select org_id, aliases + 1 as more from mart.organisation",
        "create view on_bad as select * from bad",
        "create index on_aliases on mart.organisation (aliases)")  # fmt: skip
    told = renewed(base)
    assert len(told) == 2
    assert "представление public.bad, представление public.on_bad (operator does not exist: text + integer)" in told[0]
    assert "aliases_former, который больше не заполняется" in told[0]
    assert "создано заново: представление public.good, индекс mart.on_aliases" in told[1]
    assert ask(base, "select * from on_bad") == [("edu190001", None)]
    run(base, "update mart.organisation set aliases = 'Первая'")
    assert ask(base, "select * from good") == [("Первая",)]
    run(base, "drop view bad cascade", OPTIONAL)
    assert renewed(base) == []
    assert ask(base, "select 1 from information_schema.columns where column_name like 'aliases_former%'") == []


@pytest.fixture
def publisher(base: sa.Engine) -> Iterator[sa.Engine]:
    """The same warehouse as the role sees it that owns the marts and nothing else; beside it a role `outsider`."""
    run(base, "create role outsider", "create role publisher login password 'secret'",
        "grant create on schema public to outsider", "grant usage on schema mart to outsider",
        "grant select, references on mart.organisation to outsider",
        "alter schema mart owner to publisher", "alter schema ops owner to publisher",
        "do $$ declare t text; begin for t in select schemaname || '.' || tablename from pg_tables where schemaname in"
        " ('mart', 'ops') loop execute 'alter table ' || t || ' owner to publisher'; end loop; end $$")  # fmt: skip
    engine = connect(base.url.set(username="publisher", password="secret").render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    run(base, "drop owned by outsider", "drop role outsider", "reassign owned by publisher to msoko",
        "drop owned by publisher", "drop role publisher")  # fmt: skip


def test_a_view_of_which_we_are_not_the_owner_is_told(base: sa.Engine, publisher: sa.Engine) -> None:
    run(base, RETYPED, "create view theirs as select aliases from mart.organisation",
        "alter view theirs owner to outsider")  # fmt: skip
    (told,) = renewed(publisher)
    assert "представление public.theirs (must be owner of view theirs)" in told
    assert ask(base, "select * from theirs") == [(None,)]


def test_a_key_that_we_may_not_drop_is_told_with_what_to_do(base: sa.Engine, publisher: sa.Engine) -> None:
    run(base, MISSING, "create table notes (year bigint, org_id text, constraint of_school foreign key (year, org_id)"
        " references mart.organisation)", "alter table notes owner to outsider")  # fmt: skip
    with pytest.raises(WarehouseError, match="мешает внешний ключ of_school таблицы notes") as caught:
        renewed(publisher)
    assert "alter table notes drop constraint of_school" in str(caught.value)
    assert "alter table notes add constraint of_school FOREIGN KEY (year, org_id)" in str(caught.value)
    run(base, "alter table notes drop constraint of_school")
    assert renewed(publisher) == []


THINGS = {
    "политика строк own": "create policy own on mart.organisation to reader using (aliases is null) with check (true)",
    "триггер own": "create trigger own before update of aliases on mart.organisation for each row when"
    " (new.aliases is not null) execute function seen()",
    "ограничение own": "alter table mart.organisation add constraint own check (aliases is null)",
    "индекс mart.own": "create index own on mart.organisation (aliases) where aliases is not null",
    "статистика public.own": "create statistics public.own on aliases, name from mart.organisation",
    "функция own()": "create function own() returns bigint begin atomic select count(aliases)"
    " from mart.organisation; end",
    "правило own": "create rule own as on update to mart.organisation where new.aliases is null do nothing",
}


@pytest.mark.parametrize("name", THINGS)
def test_other_things_on_a_column_of_another_type_are_made_again(base: sa.Engine, name: str) -> None:
    run(base, RETYPED, "create function seen() returns trigger language plpgsql as $$ begin return new; end $$",
        THINGS[name], "grant select (aliases), insert (aliases) on mart.organisation to reader")  # fmt: skip
    rights = "select attacl::text from pg_attribute where attacl is not null and not attisdropped"
    before = ask(base, rights)
    (told,) = renewed(base)
    assert f"создано заново: {name}" in told
    assert ask(base, rights) == before


def test_keys_of_other_tables_and_views_that_group_by_the_key(base: sa.Engine) -> None:
    run(base, OTHER_KEY[0], OTHER_KEY[1],
        "create table notes (org_id text, year bigint, constraint of_school foreign key (org_id, year) references"
        " mart.organisation (org_id, year) deferrable initially deferred)",
        "insert into notes values ('edu190001', 2021)",
        "create view grouped as select year, org_id, name, count(*) from mart.organisation"
        " group by year, org_id")  # fmt: skip
    (told,) = renewed(base)
    assert "внешний ключ of_school таблицы notes создан заново" in told
    run(base, "alter table notes validate constraint of_school")
    assert ask(base, "select name, count from grouped") == [("Школа № 1", 1)]
    with pytest.raises(sa.exc.IntegrityError):
        run(base, "insert into notes values ('no', 1)")


def test_a_view_that_rests_on_a_key_that_is_no_more_is_told_with_its_definition(base: sa.Engine) -> None:
    run(base, OTHER_KEY[0], "alter table mart.organisation add primary key (org_id)",
        "create view grouped as select org_id, name from mart.organisation group by org_id")  # fmt: skip
    (told,) = renewed(base)
    assert "не удалось создать заново: представление public.grouped" in told
    assert "Определение: create view public.grouped as" in told


def test_a_column_of_others_is_dropped_with_a_word_and_a_declared_one_that_computes_itself_is_made_anew(
    base: sa.Engine,
) -> None:
    run(base, REMOVED, "alter table mart.organisation drop column aliases",
        "alter table mart.organisation add column aliases text generated always as (left(name, 5)) stored",
        "create view v as select aliases from mart.organisation",
        "create view numbered as select aliases || '!' as loud from mart.organisation")  # fmt: skip
    told = renewed(base)
    assert told[-1] == "Столбец mart.organisation.old_name удалён: в объявлении его нет"
    run(base, "update mart.organisation set aliases = 'Первая'")
    assert ask(base, "select * from v, numbered") == [("Первая", "Первая!")]


def test_a_numbered_column_of_others_stays(base: sa.Engine) -> None:
    run(base, MISSING, "alter table mart.organisation add column own bigint generated always as identity")
    assert renewed(base) == []
    assert ask(base, "select own from mart.organisation") == [(2,)]


def test_a_column_that_computes_itself_stays(base: sa.Engine) -> None:
    run(base, MISSING, "alter table mart.organisation add column short text generated always as (left(name, 5)) stored")
    assert renewed(base) == []
    assert ask(base, "select short from mart.organisation") == [("Школа",)]


def test_the_history_of_publications_keeps_its_rows(base: sa.Engine) -> None:
    row = dict.fromkeys(warehouse("postgresql").ops["publication"].c.keys(), "x")
    with base.begin() as connection:
        connection.execute(warehouse("postgresql").ops["publication"].insert(), [row])
    run(base, "alter table ops.publication drop column rule_version",
        "alter table ops.publication alter column years type bigint using 2021",
        "create view history as select publication_id, years from ops.publication")  # fmt: skip
    changes = Changes()
    with writing(base) as connection:
        assert prepare(connection, changes) is False, "no mart was changed"
    assert ask(base, "select rule_version, years from ops.publication") == [("", "2021")]
    assert ask(base, "select * from history") == [("x", "2021")]


def test_a_materialized_view_that_cannot_be_filled_is_told(base: sa.Engine) -> None:
    run(
        base,
        RETYPED,
        "create materialized view m as select 1 / (5 - length(name)) as n, aliases from mart.organisation",
    )
    changes = Changes()
    with writing(base) as connection:
        prepare(connection, changes)
        connection.execute(TABLE.insert(), [SCHOOL | MORE | {"name": "Школа"}])
        changes.fill(connection)
    assert "public.m создано заново, но не заполнено: division by zero" in changes.notes[-1]


def test_names_that_need_quotes_and_other_search_paths(base: sa.Engine) -> None:
    run(base, RETYPED, 'create schema "Мои витрины"', 'create role "Аналитик-1"',
        'create materialized view "Мои витрины"."Сводка ""А""" as select aliases as "Имя" from mart.organisation',
        'create index "По имени" on "Мои витрины"."Сводка ""А""" ("Имя")',
        'grant select ("Имя") on "Мои витрины"."Сводка ""А""" to "Аналитик-1"',
        f'alter database {base.url.database} set search_path = mart, "Мои витрины"')  # fmt: skip
    base.dispose()
    (told,) = renewed(base)
    assert 'материализованное представление "Мои витрины"."Сводка ""А"""' in told
    assert ask(base, 'select "Имя" from "Сводка ""А"""') == [(None,)]
    assert ask(base, "select indexname from pg_indexes where tablename like 'Сводка%'") == [("По имени",)]
    run(base, 'drop owned by "Аналитик-1"', 'drop role "Аналитик-1"')
