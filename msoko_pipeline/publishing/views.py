"""Our views: in words (`v_…`, beside the marts) and for the public (`pub_…`; on PostgreSQL the schema `pub`).

What belongs here: what they are on each kind of database, and making them again within the publication where they, or a
table that they stand on, are not as declared. What others have built on them is made again too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from msoko_pipeline.publishing import dependants
from msoko_pipeline.publishing.dependants import Changes, Thing, run, tried
from msoko_pipeline.publishing.suppression import EVERYTHING
from schemas import FOLDER, catalogue
from schemas.fields import columns_of, title_of
from schemas.marts import MARTS
from schemas.published import STAMPS

WORDS = FOLDER / "views"
MARK = "определение "
"""In the comment of a view of ours, before the hash of its definition."""


@dataclass(frozen=True)
class View:
    """A view as one kind of database has it: name (with its schema on PostgreSQL), Russian title, query."""

    name: str
    title: str
    query: str

    @property
    def statement(self) -> str:
        return f"CREATE VIEW {self.name} AS {self.query}"

    @property
    def comment(self) -> str:
        return f"{self.title} [{MARK}{hashlib.sha256(self.query.encode()).hexdigest()[:12]}]"


@cache
def declared(dialect: str) -> tuple[View, ...]:
    """All our views for a dialect (`sqlite`, `postgresql`)."""
    return (*in_words(dialect), *public(dialect))


def in_words(dialect: str) -> tuple[View, ...]:
    """The views of `schemas/views`, whose first line is the title: `{mart}` and `{ops}` stand before their tables."""
    with_schemas = dialect == "postgresql"
    places = {"{mart}": "mart.", "{ops}": "ops."} if with_schemas else {"{mart}": "mart_", "{ops}": "ops_"}
    views = []
    for path in sorted(WORDS.glob("*.sql")):
        title, _, query = path.read_text(encoding="utf-8").partition("\n")
        for sign, place in places.items():
            query = query.replace(sign, place)
        query = query.replace("{obligatory}", _obligatory())
        name = f"mart.{path.stem}" if with_schemas else path.stem
        views.append(View(name, title.removeprefix("--").strip().rstrip("."), query.strip().rstrip(";")))
    return tuple(views)


def _obligatory() -> str:
    """Rows of the works that every school sits: first_year, last_year, subject, grade."""
    lines = [
        f"select {rule['from']} as first_year, {rule['to']} as last_year, '{subject}' as subject, {grade} as grade"
        for rule in catalogue.obligatory()
        for subject in rule["subjects"]
        for grade in rule["grades"]
    ]
    return " union all ".join(lines)


def public(dialect: str) -> tuple[View, ...]:
    """A view for each table of public.yaml: what `hidden_columns` names is NULL."""
    with_schemas = dialect == "postgresql"
    rules = catalogue.public()
    views = []
    for mart, rule in rules["marts"].items():
        columns = [
            _column(column.name, rule, is_shown=column.key or column.name in rules["shown"])
            for column in columns_of(MARTS[mart])
            if column.name not in (*rule.get("never", ()), "hidden_columns")
        ]
        table, name = (f"mart.{mart}", f"pub.{mart}") if with_schemas else (f"mart_{mart}", f"pub_{mart}")
        views.append(View(name, title_of(MARTS[mart]), f"select {', '.join([*columns, *STAMPS])} from {table}"))
    return tuple(views)


def _column(name: str, rule: dict[str, object], *, is_shown: bool) -> str:
    if rule.get("all") or is_shown:
        return name
    condition = f"hidden_columns is null or (hidden_columns <> '{EVERYTHING}' and"
    return f"case when {condition} '; ' || hidden_columns || ';' not like '%; {name};%') then {name} end as {name}"


@contextmanager
def renewed(connection: sa.Connection, views: Sequence[View], changes: Changes, *, is_due: bool) -> Iterator[None]:
    """Around the changes of tables: our views go before them and are made again after, where anything differs.

    is_due: a table differs. Without views nothing is done. What others have built on our views, and rights to these,
    are given back; what cannot be, is said in `changes`.
    """
    if not views:
        yield
        return
    on_postgres = connection.dialect.name == "postgresql"
    live = _live(connection) if on_postgres else _live_lite(connection)
    wanted = {view.name: view.comment if on_postgres else view.statement for view in views}
    if not is_due and {name: live.get(name) for name in wanted} == wanted:
        yield
        return
    ours = [name for name, comment in live.items() if (MARK in (comment or "") if on_postgres else name in wanted)]
    foreign = (wanted.keys() & live.keys()).difference(ours)
    rights: dict[str, list[str]] = {}
    others: list[list[Thing]] = []
    if on_postgres:
        rights = {name: dependants.rights_of(connection, name) for name in ours}
        others = dependants.of_relations(connection, ours)
        for thing in (thing for group in others for thing in reversed(group) if thing.drop):
            run(connection, thing.drop or "")
    for name in ours:
        run(connection, f"drop view {name}")
    yield
    is_public = not on_postgres or _has_public(connection, changes)
    for view in views:
        if view.name in foreign:
            changes.notes.append(f"Представление {view.name} не создано: под этим именем есть чужое")
        elif is_public or not view.name.startswith("pub."):
            run(connection, view.statement)
            if on_postgres:
                literal = connection.scalar(sa.select(sa.func.quote_literal(view.comment)))
                run(connection, f"comment on view {view.name} is {literal}")
            _give_back(connection, view.name, rights.get(view.name, ()), changes)
    for thing in (thing for group in others for thing in group):
        if wrong := tried(connection, thing.make):
            changes.notes.append(
                f"Представления изменились, и не удалось создать заново: {thing.name} ({wrong}). "
                f"Определение: {'; '.join(thing.make)}"
            )
        elif thing.filled:
            changes.unfilled.append(thing.filled)


def _give_back(connection: sa.Connection, name: str, rights: Sequence[str], changes: Changes) -> None:
    for right in rights:
        if wrong := tried(connection, [right]):
            changes.notes.append(f"Представление {name}: право не сохранено ({wrong}): {right}")


def _has_public(connection: sa.Connection, changes: Changes) -> bool:
    """Whether the schema `pub` is there, or could be made."""
    if "pub" in sa.inspect(connection).get_schema_names():
        return True
    wrong = tried(connection, ["create schema pub"])
    if wrong:
        changes.notes.append(
            f"Открытого слоя нет: схему pub создать не удалось ({wrong}). Создайте её и запустите снова"
        )
    return not wrong


def _live(connection: sa.Connection) -> dict[str, str | None]:
    """Views of the schemas mart and pub with their comments."""
    query = sa.text("""
        select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
               obj_description(c.oid, 'pg_class') as said
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'v' and n.nspname in ('mart', 'pub') order by 1
    """)
    return {row.name: row.said for row in connection.execute(query)}


def _live_lite(connection: sa.Connection) -> dict[str, str | None]:
    query = sa.text("select name, sql from sqlite_master where type = 'view' order by name")
    return {row.name: row.sql for row in connection.execute(query)}
