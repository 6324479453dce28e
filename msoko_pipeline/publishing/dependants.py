"""What others have built on a table or view of ours on PostgreSQL: views, keys, indexes, triggers, policies, functions
of their own.

What belongs here: finding it and its definitions, with owners, grants, comments and indexes, so that it can be dropped
and made again. Not here: when that is done (`altering`, `views`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

KINDS = {
    "view": "представление", "materialized": "материализованное представление", "index": "индекс",
    "key": "внешний ключ", "constraint": "ограничение", "trigger": "триггер", "policy": "политика строк",
    "statistics": "статистика", "function": "функция", "rule": "правило",
}  # fmt: skip
PASSING = ("55P03", "40P01", "57014", "25P02")
"""SQLSTATEs that say nothing of the thing itself: somebody holds it at this moment, or the whole has been stopped."""


@dataclass(frozen=True)
class Thing:
    """One thing that others have built. drop: None where it is changed in its place; make: empty where we cannot make
    it again; filled: name of a materialized view that has its rows.
    """

    name: str
    drop: str | None = None
    make: tuple[str, ...] = ()
    filled: str | None = None


@dataclass
class Changes:
    """What is to be said of other people's things; unfilled: materialized views to be filled when the rows are in."""

    notes: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)

    def fill(self, connection: sa.Connection) -> None:
        """Fill the materialized views that were made again."""
        for name in self.unfilled:
            if wrong := tried(connection, [f"refresh materialized view {name}"]):
                self.notes.append(f"Материализованное представление {name} создано заново, но не заполнено: {wrong}")


def run(connection: sa.Connection, statement: str) -> None:
    """A statement as it stands; psycopg would take its per cents for places of parameters."""
    is_formatted = connection.dialect.paramstyle in ("format", "pyformat")
    connection.exec_driver_sql(statement.replace("%", "%%") if is_formatted else statement)


def tried(connection: sa.Connection, statements: Iterable[str]) -> str | None:
    """Run all of them or none; returns why they could not be run. Raises what says nothing of the things themselves."""
    savepoint = connection.begin_nested()
    try:
        for statement in statements:
            run(connection, statement)
    except sa.exc.DBAPIError as error:
        savepoint.rollback()
        if getattr(error.orig, "sqlstate", None) in PASSING or error.connection_invalidated:
            raise
        diag = getattr(error.orig, "diag", None)
        return (diag and diag.message_primary) or " ".join(str(error.orig).split())
    savepoint.commit()
    return None


def of_columns(connection: sa.Connection, table: str, columns: Sequence[str]) -> list[list[Thing]]:
    """What uses any of the columns of a table (`mart.vpr_school`): groups that are dropped and made again together,
    each in the order of making.
    """
    numbers = sa.text(
        "select attnum from pg_attribute where attrelid = to_regclass(:t) and attname = any(:names) and attnum > 0"
    )
    column_numbers = connection.scalars(numbers, {"t": table, "names": list(columns)}).all()
    return _groups(connection, "d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass(:t)"
                   " and d.refobjsubid = any(:numbers)", {"t": table, "numbers": column_numbers})  # fmt: skip


def of_relations(connection: sa.Connection, names: Sequence[str]) -> list[list[Thing]]:
    """What others have built on views (`mart.v_risk`), these left out: groups, each in the order of making."""
    query = sa.text("select to_regclass(name)::oid from unnest(cast(:names as text[])) as name")
    oids = [oid for oid in connection.scalars(query, {"names": list(names)}) if oid is not None]
    groups = _groups(connection, "d.refclassid = 'pg_class'::regclass and d.refobjid = any(:oids)", {"oids": oids})
    own = {f"{KINDS['view']} {name}" for name in names}
    return [left for group in groups if (left := [thing for thing in group if thing.name not in own])]


def rights_of(connection: sa.Connection, view: str) -> list[str]:
    """Statements that give a view made again the rights and the owner that it had."""
    oid = connection.scalar(sa.text("select to_regclass(:name)::oid"), {"name": view})
    return [line for line in _view(connection, oid).make if line.startswith(("grant", "revoke", "alter"))]


def of_key(connection: sa.Connection, table: str) -> list[list[Thing]]:
    """Views that rest on the primary key of a table: what they group by it need not be named."""
    return _groups(connection, "d.refclassid = 'pg_constraint'::regclass and d.refobjid in (select oid from"
                   " pg_constraint where conrelid = to_regclass(:t) and contype = 'p')", {"t": table})  # fmt: skip


def keys_to(connection: sa.Connection, table: str) -> list[Thing]:
    """Foreign keys of other tables to this one."""
    query = sa.text("select oid from pg_constraint where confrelid = to_regclass(:t) and contype = 'f'")
    return [_constraint(connection, oid) for oid in connection.scalars(query, {"t": table}).all()]


def dropped_with(connection: sa.Connection, table: str, column: str) -> list[str]:
    """What PostgreSQL drops with a column without a word: indexes and checks on it, rights to it."""
    kinds = sa.text("""
        select pg_describe_object(d.classid, d.objid, d.objsubid) from pg_depend d
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where d.refclassid = 'pg_class'::regclass and a.attrelid = to_regclass(:t) and a.attname = :c
          and d.deptype = 'a' and d.classid <> 'pg_attrdef'::regclass order by 1
    """)
    rights = [f"право: {grant}" for grant in column_grants(connection, table, table, [column])]
    return [*connection.scalars(kinds, {"t": table, "c": column}).all(), *rights]


def column_grants(connection: sa.Connection, table: str, onto: str, columns: Sequence[str]) -> list[str]:
    """The rights to columns of a table, as grants onto a table with the same columns."""
    query = sa.text("""
        select quote_ident(a.attname) as name, g.privilege_type as right_to, g.is_grantable,
               case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as who
        from pg_attribute a, aclexplode(a.attacl) g
        where a.attrelid = to_regclass(:t) and a.attname = any(:names) order by 1, 2, 4
    """)
    return [
        f"grant {row.right_to.lower()} ({row.name}) on {onto} to {row.who}{' with grant option' * row.is_grantable}"
        for row in connection.execute(query, {"t": table, "names": list(columns)})
    ]


def _groups(connection: sa.Connection, where: str, parameters: dict[str, object]) -> list[list[Thing]]:
    views = sa.text(f"""
        with recursive built as (
            select r.ev_class as view, null::oid as base, 1 as depth
            from pg_depend d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            where {where} and r.rulename = '_RETURN'
            union
            select r.ev_class, b.view, b.depth + 1
            from built b join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = b.view
            join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            where r.ev_class <> b.view and r.rulename = '_RETURN'
        )
        select view, max(depth) as depth, array_agg(distinct base) filter (where base is not null) as bases
        from built group by view order by depth, view
    """)
    groups: list[set[int]] = []
    order: list[int] = []
    for row in connection.execute(views, parameters).all():
        order.append(row.view)
        together = {row.view, *(row.bases or ())}
        touched = [group for group in groups if group & together]
        groups = [group for group in groups if not group & together] + [together.union(*touched)]
    made = [[_view(connection, oid) for oid in order if oid in group] for group in groups]
    others = sa.text(f"""
        select distinct d.classid::regclass::text as catalogue, d.objid as oid,
               pg_describe_object(d.classid, d.objid, 0) as described
        from pg_depend d left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
        where {where} and coalesce(r.rulename, '') <> '_RETURN' and d.deptype in ('a', 'n') order by 1, 2
    """)
    return made + [
        [READERS[row.catalogue](connection, row.oid) if row.catalogue in READERS else Thing(row.described)]
        for row in connection.execute(others, parameters).all()
    ]


def _one(connection: sa.Connection, query: str, oid: int) -> sa.Row[tuple[object, ...]]:
    return connection.execute(sa.text(query), {"oid": oid}).one()


def _view(connection: sa.Connection, oid: int) -> Thing:
    """A view or a materialized view with everything that is dropped with it."""
    row = _one(connection, """
        select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name, c.relkind, c.relispopulated,
               pg_get_viewdef(c.oid) as body, array_to_string(c.reloptions, ', ') as options,
               quote_ident(pg_get_userbyid(c.relowner)) as owner,
               pg_get_userbyid(c.relowner) <> current_user as is_of_others,
               quote_ident(t.spcname) as place
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        left join pg_tablespace t on t.oid = c.reltablespace
        where c.oid = :oid
    """, oid)  # fmt: skip
    kind = "materialized view" if row.relkind == "m" else "view"
    name, body = str(row.name), str(row.body).rstrip().rstrip(";")
    options = f" with ({row.options})" if row.options else ""
    place = f" tablespace {row.place}" if row.place else ""
    make = [f"create {kind} {name}{options}{place} as {body}{' with no data' if row.relkind == 'm' else ''}"]
    more = sa.text("""
        with told as (select cast(:kind as text) as kind, cast(:name as text) as name)
        select 1 as step, pg_get_indexdef(indexrelid) as made from pg_index where indrelid = :oid
        union all select 2, pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxrelid = :oid
        union all select 3, pg_get_triggerdef(oid) from pg_trigger where tgrelid = :oid and not tgisinternal
        union all select 4, pg_get_ruledef(oid) from pg_rewrite where ev_class = :oid and rulename <> '_RETURN'
        union all select 5, format('comment on %s %s is %L', kind, name, obj_description(:oid, 'pg_class')) from told
            where obj_description(:oid, 'pg_class') is not null
        union all select 6, format('comment on column %s.%I is %L', name, attname, col_description(:oid, attnum))
            from told, pg_attribute where attrelid = :oid and attnum > 0 and col_description(:oid, attnum) is not null
        union all select distinct 7, format('revoke all on %s from %s', name,
                case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end)
            from told, pg_default_acl a, aclexplode(a.defaclacl) g
            where a.defaclobjtype = 'r' and pg_get_userbyid(a.defaclrole) = current_user and g.grantee <> a.defaclrole
        union all select 8, format('grant %s on %s to %s%s', g.privilege_type, name,
                case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
                case when g.is_grantable then ' with grant option' else '' end)
            from told, pg_class c, aclexplode(c.relacl) g where c.oid = :oid and g.grantee <> c.relowner
        order by 1
    """)
    make += [line.made for line in connection.execute(more, {"oid": oid, "kind": kind, "name": name})]
    columns = sa.text("select attname from pg_attribute where attrelid = :oid and attnum > 0 and attacl is not null")
    make += column_grants(connection, name, name, connection.scalars(columns, {"oid": oid}).all())
    if row.is_of_others:
        make.append(f"alter {kind} {name} owner to {row.owner}")
    title = KINDS["materialized" if row.relkind == "m" else "view"]
    filled = name if row.relkind == "m" and row.relispopulated else None
    return Thing(f"{title} {name}", f"drop {kind} {name}", tuple(make), filled)


def _relation(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, """
        select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name, c.relkind,
               case when c.relkind in ('i', 'I') then pg_get_indexdef(c.oid) end as made,
               quote_literal(obj_description(c.oid, 'pg_class')) as comment
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = :oid
    """, oid)  # fmt: skip
    if row.made is None:
        return Thing(str(row.name))
    comment = (f"comment on index {row.name} is {row.comment}",) if row.comment else ()
    return Thing(f"{KINDS['index']} {row.name}", f"drop index {row.name}", (str(row.made), *comment))


def _constraint(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, """
        select quote_ident(c.conname) as name, c.conrelid::regclass::text as owner, c.contype,
               pg_get_constraintdef(c.oid) as made from pg_constraint c where c.oid = :oid
    """, oid)  # fmt: skip
    kind = KINDS["key" if row.contype == "f" else "constraint"]
    late = " not valid" if row.contype == "f" and not str(row.made).endswith("NOT VALID") else ""
    return Thing(
        f"{kind} {row.name} таблицы {row.owner}",
        f"alter table {row.owner} drop constraint {row.name}",
        (f"alter table {row.owner} add constraint {row.name} {row.made}{late}",),
    )


def _trigger(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, """
        select quote_ident(tgname) as name, tgrelid::regclass::text as owner, pg_get_triggerdef(oid) as made,
               case tgenabled when 'D' then 'disable' when 'R' then 'enable replica' when 'A' then 'enable always' end
               as state from pg_trigger where oid = :oid
    """, oid)  # fmt: skip
    state = (f"alter table {row.owner} {row.state} trigger {row.name}",) if row.state else ()
    return Thing(
        f"{KINDS['trigger']} {row.name} таблицы {row.owner}",
        f"drop trigger {row.name} on {row.owner}",
        (str(row.made), *state),
    )


def _policy(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, """
        select quote_ident(polname) as name, polrelid::regclass::text as owner, polpermissive,
               case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
               else 'all' end as what,
               (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ')
                from unnest(polroles) r) as who,
               pg_get_expr(polqual, polrelid) as seen, pg_get_expr(polwithcheck, polrelid) as written
        from pg_policy where oid = :oid
    """, oid)  # fmt: skip
    how = "permissive" if row.polpermissive else "restrictive"
    made = f"create policy {row.name} on {row.owner} as {how} for {row.what} to {row.who}"
    made += f" using ({row.seen})" * bool(row.seen) + f" with check ({row.written})" * bool(row.written)
    name = f"{KINDS['policy']} {row.name} таблицы {row.owner}"
    return Thing(name, f"drop policy {row.name} on {row.owner}", (made,))


def _statistics(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, """
        select quote_ident(n.nspname) || '.' || quote_ident(s.stxname) as name, pg_get_statisticsobjdef(s.oid) as made
        from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where s.oid = :oid
    """, oid)  # fmt: skip
    return Thing(f"{KINDS['statistics']} {row.name}", f"drop statistics {row.name}", (str(row.made),))


def _function(connection: sa.Connection, oid: int) -> Thing:
    """A function or procedure whose body is SQL: it is replaced as it stands, and keeps owner and grants."""
    row = _one(connection, "select oid::regprocedure::text as name, pg_get_functiondef(oid) as made from pg_proc"
               " where oid = :oid", oid)  # fmt: skip
    return Thing(f"{KINDS['function']} {row.name}", None, (str(row.made),))


def _rule(connection: sa.Connection, oid: int) -> Thing:
    row = _one(connection, "select quote_ident(rulename) as name, ev_class::regclass::text as owner,"
               " pg_get_ruledef(oid) as made from pg_rewrite where oid = :oid", oid)  # fmt: skip
    name = f"{KINDS['rule']} {row.name} таблицы {row.owner}"
    return Thing(name, f"drop rule {row.name} on {row.owner}", (str(row.made),))


READERS = {
    "pg_class": _relation, "pg_constraint": _constraint, "pg_trigger": _trigger, "pg_policy": _policy,
    "pg_statistic_ext": _statistics, "pg_proc": _function, "pg_rewrite": _rule,
}  # fmt: skip
"""Catalogue of PostgreSQL → how a thing in it is read."""
