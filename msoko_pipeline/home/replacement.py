"""Which rows hold where several files cover the same unit: the later ones, row by row (docs/decisions/0013).

All of it is SQL over the units that several files share; a unit of one file costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msoko_pipeline.home import engine
from msoko_pipeline.home.engine import Relation
from schemas import catalogue
from schemas.kinds import Kind

PRIORITY = 1_000_000_000
"""What a layout's priority is worth in `rank`, beside the running number of the file."""
HOME = "org_home"
"""The school that a row's `org_ref` surely means, otherwise the spelling itself."""
NOBODY_SAYS = "—"


@dataclass(frozen=True)
class Facts:
    """All facts of a kind, of every file: the kind's columns, year, seq (the file), priority and rank."""

    rows: Relation
    kind: Kind

    @property
    def columns(self) -> list[str]:
        return engine.columns(self.rows)

    @property
    def unit(self) -> tuple[str, ...]:
        """Columns that say whose a row is."""
        has_home = HOME in self.columns
        return ("year", *(HOME if name == "org_ref" and has_home else name for name in self.kind.unit_key))

    @property
    def row(self) -> tuple[str, ...]:
        """Columns that tell a row from all others of its file."""
        return (*self.unit, *self.kind.row_key)

    @property
    def number(self) -> tuple[str, ...]:
        """Columns that rows of two files share where they are one row."""
        return tuple(name for name in self.row if name != self.kind.part)

    @property
    def part(self) -> str:
        """The list that a row stands in, an expression: NULL where it is not given."""
        return f"nullif({self.kind.part}::varchar, '{NOBODY_SAYS}')" if self.kind.part else "null::varchar"

    @property
    def is_code(self) -> str:
        return f"starts_with({self.kind.keyed}, '#')" if self.kind.keyed else "false"

    @property
    def content(self) -> str:
        """What a row says, beside whose it is and where it stands."""
        where = {*self.row, "row", "seq", "priority", "rank", "org_ref", self.kind.part, "class_raw"}
        return f"hash({_listed(name for name in self.columns if name not in where)})"


@dataclass(frozen=True)
class Replacements:
    """What replaced what.

    replaced: rows that hold no longer: unit, row key, part, rank, by_rank (of the file instead), is_left_out;
    pairs: what a later file makes of each list of an earlier one: unit, part, rank, by_rank, rows, again (said again),
    left_out, is_corrected, is_apart, is_other_keys, stays (rows that hold all the same).
    """

    replaced: Relation
    pairs: Relation


def holding(connection: Any, facts: Facts) -> Relation:
    """The facts that are not replaced."""
    replacements = settle(connection, facts)
    if replacements is None:
        return facts.rows
    return engine.query(
        connection,
        f"select f.* from facts f anti join replaced r on {_equal('f', 'r', *facts.row, 'rank')}",
        facts=facts.rows,
        replaced=replacements.replaced,
    )


def settle(connection: Any, facts: Facts) -> Replacements | None:
    """What replaced what among the facts; None where no two files share a unit, and everything holds."""
    unit = _listed(facts.unit)
    shared = engine.kept(
        connection,
        f"select {unit}, max(rank) as last from facts group by {unit} having min(rank) <> max(rank)",
        facts=facts.rows,
    )
    if not engine.tuples(shared.head(1)):
        return None
    return _whole(connection, facts, shared) if facts.kind.is_whole else _by_rows(connection, facts, shared)


def _whole(connection: Any, facts: Facts, shared: Relation) -> Replacements:
    """A unit is one document, the last file's. Only a list of the whole year leaves anybody out.

    shared: units of several files and last, the rank of the last one.
    """
    again = "true"
    if not facts.kind.unit_key:
        again = f"exists (select 1 from facts l where {_equal('l', 'a', *facts.row)} and l.rank = s.last)"
    replaced = engine.kept(
        connection,
        f"""select {_listed(facts.row, "a")}, null::varchar as part, a.rank, s.last as by_rank,
            not {again} as is_left_out
        from facts a join shared s on {_equal("a", "s", *facts.unit)} where a.rank < s.last""",
        facts=facts.rows,
        shared=shared,
    )
    pairs = engine.query(
        connection,
        f"""select {_listed(facts.unit)}, part, rank, by_rank, count(*) as rows,
            count(*) filter (not is_left_out) as again, count(*) filter (is_left_out) as left_out,
            true as is_corrected, false as is_apart, false as is_other_keys, 0 as stays
        from replaced group by all""",
        replaced=replaced,
    )
    return Replacements(replaced, pairs)


def _by_rows(connection: Any, facts: Facts, shared: Relation) -> Replacements:
    """A row is replaced where a later file says it again, or where a corrected list leaves it out. shared: `_whole`."""
    rows, lists = _rows_and_lists(connection, facts, shared)
    again = _repeated(connection, facts, rows, lists)
    compared = _compared(connection, facts, lists, again)
    replaced = engine.kept(
        connection,
        f"""with gone as (
            select {_listed(facts.row)}, part, rank, by_rank, false as is_left_out from again
            union all
            select {_listed(facts.row, "a")}, a.part, a.rank, p.by_rank, not p.is_other_keys
            from rows a join compared p on {_equal("p", "a", *facts.unit, "rank", "is_code")}
                and p.part is not distinct from a.part
            where p.is_corrected or p.is_other_keys
        )
        select {_listed(facts.row)}, part, rank, max(by_rank) as by_rank, bool_and(is_left_out) as is_left_out
        from gone group by all""",
        rows=rows,
        again=again,
        compared=compared,
    )
    pairs = engine.query(
        connection,
        f"""with gone as (
            select {_listed(facts.unit)}, part, rank, count(*) as gone from replaced group by all
        )
        select p.* exclude (is_code), p.rows - coalesce(g.gone, 0) as stays
        from compared p left join gone g on {_equal("g", "p", *facts.unit, "rank")}
            and g.part is not distinct from p.part""",
        replaced=replaced,
        compared=compared,
    )
    return Replacements(replaced, pairs)


def _rows_and_lists(connection: Any, facts: Facts, shared: Relation) -> tuple[Relation, Relation]:
    """Rows of shared units: row key, part, rank, priority, is_code, content; and their lists: unit, part, rank,
    priority, is_code, rows (count).
    """
    content = facts.content if facts.kind.numbered_by_part else "null"
    rows = engine.kept(
        connection,
        f"""select {_listed(facts.row)}, {facts.part} as part, rank, priority, {facts.is_code} as is_code,
            {content} as content
        from facts a semi join shared s on {_equal("a", "s", *facts.unit)}""",
        facts=facts.rows,
        shared=shared,
    )
    lists = engine.kept(
        connection,
        f"select {_listed(facts.unit)}, part, rank, priority, is_code, count(*) as rows from rows group by all",
        rows=rows,
    )
    return rows, lists


def _repeated(connection: Any, facts: Facts, rows: Relation, lists: Relation) -> Relation:
    """Rows that a later file says again: row key, part, rank, by_rank (of that file)."""
    pairs = f"rows a join rows b on {_equal('a', 'b', *facts.number)} and a.rank < b.rank"
    select = f"select distinct {_listed(facts.row, 'a')}, a.part, a.rank, b.rank as by_rank from {pairs}"
    if not facts.kind.numbered_by_part:
        return engine.kept(connection, select, rows=rows)
    # rows of one number are one row if the part is the same, if one file does not tell it, if layouts call parts
    # otherwise, or if the part has got another name
    of_list = (*facts.unit, "part", "rank")
    renamed = engine.kept(
        connection,
        f"""select {_listed(of_list, "a")}, b.part as new, b.rank as by_rank
        from {pairs} and a.priority = b.priority and a.part <> b.part and a.content = b.content
            join lists n on {_equal("n", "a", *of_list)}
        group by all having count(*) >= {catalogue.corrections()["same_share"]} * any_value(n.rows)""",
        rows=rows,
        lists=lists,
    )
    return engine.kept(
        connection,
        f"""{select} where a.priority <> b.priority or coalesce(a.part = b.part, true) or exists (
            select 1 from renamed n where {_equal("n", "a", *of_list)} and n.new = b.part and n.by_rank = b.rank)""",
        rows=rows,
        renamed=renamed,
    )


def _compared(connection: Any, facts: Facts, lists: Relation, again: Relation) -> Relation:
    """As `Replacements.pairs`, without what stays, with is_code.

    is_corrected: the later file misses so few that it is the list again; is_apart: it covers other lists;
    is_other_keys: the two call people by names and by codes, and the later one is the list under other keys.
    """
    unit, rules = facts.unit, catalogue.corrections()
    of_later = f"select 1 from lists o where {_equal('o', 'b', *unit, 'rank')}"
    repeats_other = f"max(again) over (partition by {_listed(unit)}, by_rank) > 0"
    return engine.kept(
        connection,
        f"""with counted as (
            select {_listed(unit)}, part, rank, by_rank, count(*) as again from again group by all
        ), later as (
            select distinct {_listed(unit)}, rank, priority from lists
        ), paired as (
            select {_listed(unit, "a")}, a.part, a.is_code, a.rank, b.rank as by_rank, a.rows,
                coalesce(c.again, 0) as again,
                a.priority = b.priority and not exists ({of_later} and coalesce(o.part = a.part, true)) as is_apart,
                not exists ({of_later} and o.is_code = a.is_code) as is_other_keys
            from lists a join later b on {_equal("a", "b", *unit)} and a.rank < b.rank
                left join counted c on {_equal("c", "a", *unit, "rank")} and c.part is not distinct from a.part
                    and c.by_rank = b.rank
        )
        select * replace (is_apart or (again = 0 and {repeats_other}) as is_apart), rows - again as left_out,
            again > 0 and left_out <= again
                and left_out <= greatest({rules["left_out_least"]}, {rules["left_out_share"]} * rows) as is_corrected
        from paired""",
        lists=lists,
        again=again,
    )


def _listed(names: Iterable[str], of: str = "") -> str:
    return ", ".join(f"{of}.{name}" if of else name for name in names)


def _equal(left: str, right: str, *names: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in names)
