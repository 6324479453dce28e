"""Which rows hold where several files speak of the same unit: the later ones, row by row (docs/decisions/0013).

All of it is SQL over the units that several files share; a unit of one file costs nothing. A view's tables:

    {view}_shared    units of several files; empty: everything holds, and the other tables are not there
    {view}_replaced  rows that hold no longer: unit, row key, part, rank, by_rank (of the file instead), is_left_out
    {view}_pairs     what a later file makes of each list of an earlier one: unit, part, rank, by_rank, rows, again
                     (said again), left_out, is_corrected, is_apart, is_other_keys, stays (rows that hold all the same)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schemas import catalogue
from schemas.kinds import Kind

PRIORITY = 1_000_000_000
"""What a layout's priority is worth in `rank`, beside the running number of the file."""
HOME = "org_home"
"""The school that a row's `org_ref` surely means, otherwise the spelling itself."""
NOBODY_SAYS = "—"


@dataclass(frozen=True)
class Facts:
    """The view `{view}_all` of all facts of a kind, and its columns."""

    view: str
    kind: Kind
    columns: tuple[str, ...]

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
        """The list that a row stands in, an expression: NULL where nobody says."""
        return f"nullif({self.kind.part}::varchar, '{NOBODY_SAYS}')" if self.kind.part else "null::varchar"

    @property
    def is_code(self) -> str:
        return f"starts_with({self.kind.keyed}, '#')" if self.kind.keyed else "false"

    @property
    def content(self) -> str:
        """What a row says, beside whose it is and where it stands."""
        where = {*self.row, "row", "seq", "priority", "rank", "org_ref", self.kind.part, "class_raw"}
        return f"hash({_listed(name for name in self.columns if name not in where)})"


def settle(connection: Any, facts: Facts) -> bool:
    """Make the view's tables; False where no two files share a unit, and everything holds."""
    view, unit = facts.view, _listed(facts.unit)
    connection.execute(
        f"""create or replace table {view}_shared as
        select {unit}, max(rank) as last from {view}_all group by {unit} having min(rank) <> max(rank)"""
    )
    if not connection.execute(f"select count(*) from {view}_shared").fetchall()[0][0]:
        return False
    if facts.kind.is_whole:
        _replace_whole(connection, facts)
    else:
        _find_repeated(connection, facts)
        _compare_lists(connection, facts)
        _replace_rows(connection, facts)
    return True


def holding(facts: Facts) -> str:
    """Query: the rows of `{view}_all` that are not replaced."""
    view, gone = facts.view, _equal("f", "r", *facts.row, "rank")
    return f"select f.* from {view}_all f anti join {view}_replaced r on {gone}"


def _replace_whole(connection: Any, facts: Facts) -> None:
    """A unit is one document, the last file's. Only a list of the whole year leaves anybody out."""
    view, again = facts.view, "true"
    if not facts.kind.unit_key:
        again = f"exists (select 1 from {view}_all l where {_equal('l', 'a', *facts.row)} and l.rank = s.last)"
    connection.execute(
        f"""create or replace table {view}_replaced as
        select {_listed(facts.row, "a")}, null::varchar as part, a.rank, s.last as by_rank, not {again} as is_left_out
        from {view}_all a join {view}_shared s on {_equal("a", "s", *facts.unit)} where a.rank < s.last"""
    )
    connection.execute(
        f"""create or replace table {view}_pairs as
        select {_listed(facts.unit)}, part, rank, by_rank, count(*) as rows,
            count(*) filter (not is_left_out) as again, count(*) filter (is_left_out) as left_out,
            true as is_corrected, false as is_apart, false as is_other_keys, 0 as stays
        from {view}_replaced group by all"""
    )


def _find_repeated(connection: Any, facts: Facts) -> None:
    """Tables `{view}_rows`, `{view}_lists`: rows of shared units and their counts; `{view}_again`: who repeats whom."""
    view, unit = facts.view, facts.unit
    content = facts.content if facts.kind.numbered_by_part else "null"
    connection.execute(
        f"""create or replace temp table {view}_rows as
        select {_listed(facts.row)}, {facts.part} as part, rank, priority, {facts.is_code} as is_code,
            {content} as content
        from {view}_all a semi join {view}_shared s on {_equal("a", "s", *unit)}"""
    )
    connection.execute(
        f"""create or replace temp table {view}_lists as
        select {_listed(unit)}, part, rank, priority, is_code, count(*) as rows from {view}_rows group by all"""
    )
    pairs = f"{view}_rows a join {view}_rows b on {_equal('a', 'b', *facts.number)} and a.rank < b.rank"
    connection.execute(
        f"""create or replace temp table {view}_again as
        select distinct {_listed(facts.row, "a")}, a.part, a.rank, b.rank as by_rank
        from {pairs} where {_is_one_row(connection, facts, pairs)}"""
    )


def _is_one_row(connection: Any, facts: Facts, pairs: str) -> str:
    """Whether rows of one number are one row. Where each part numbers its own: if the part is the same, if one does
    not tell it, if layouts call parts otherwise, or if the part has got another name.
    """
    if not facts.kind.numbered_by_part:
        return "true"
    view, of_list = facts.view, (*facts.unit, "part", "rank")
    connection.execute(
        f"""create or replace temp table {view}_renamed as
        select {_listed(of_list, "a")}, b.part as new, b.rank as by_rank
        from {pairs} and a.priority = b.priority and a.part <> b.part and a.content = b.content
            join {view}_lists n on {_equal("n", "a", *of_list)}
        group by all having count(*) >= {catalogue.corrections()["same_share"]} * any_value(n.rows)"""
    )
    return (
        "a.priority <> b.priority or coalesce(a.part = b.part, true) or exists (select 1 from "
        f"{view}_renamed n where {_equal('n', 'a', *of_list)} and n.new = b.part and n.by_rank = b.rank)"
    )


def _compare_lists(connection: Any, facts: Facts) -> None:
    """Table `{view}_compared`: as `{view}_pairs`, without what stays.

    is_corrected: the later file misses so few that it is the list again; is_apart: it speaks of other lists;
    is_other_keys: the two call people by names and by codes, and the later one is the list under other keys.
    """
    view, unit, rules = facts.view, facts.unit, catalogue.corrections()
    of_later = f"select 1 from {view}_lists o where {_equal('o', 'b', *unit, 'rank')}"
    repeats_other = f"max(again) over (partition by {_listed(unit)}, by_rank) > 0"
    connection.execute(
        f"""create or replace temp table {view}_compared as
        with counted as (
            select {_listed(unit)}, part, rank, by_rank, count(*) as again from {view}_again group by all
        ), later as (
            select distinct {_listed(unit)}, rank, priority from {view}_lists
        ), paired as (
            select {_listed(unit, "a")}, a.part, a.is_code, a.rank, b.rank as by_rank, a.rows,
                coalesce(c.again, 0) as again,
                a.priority = b.priority and not exists ({of_later} and coalesce(o.part = a.part, true)) as is_apart,
                not exists ({of_later} and o.is_code = a.is_code) as is_other_keys
            from {view}_lists a join later b on {_equal("a", "b", *unit)} and a.rank < b.rank
                left join counted c on {_equal("c", "a", *unit, "rank")} and c.part is not distinct from a.part
                    and c.by_rank = b.rank
        )
        select * replace (is_apart or (again = 0 and {repeats_other}) as is_apart), rows - again as left_out,
            again > 0 and left_out <= again
                and left_out <= greatest({rules["left_out_least"]}, {rules["left_out_share"]} * rows) as is_corrected
        from paired"""
    )


def _replace_rows(connection: Any, facts: Facts) -> None:
    """Table `{view}_replaced`: rows said again, and those that a corrected list leaves out; and `{view}_pairs`."""
    view, unit = facts.view, facts.unit
    connection.execute(
        f"""create or replace table {view}_replaced as
        with gone as (
            select {_listed(facts.row)}, part, rank, by_rank, false as is_left_out from {view}_again
            union all
            select {_listed(facts.row, "a")}, a.part, a.rank, p.by_rank, not p.is_other_keys
            from {view}_rows a join {view}_compared p on {_equal("p", "a", *unit, "rank", "is_code")}
                and p.part is not distinct from a.part
            where p.is_corrected or p.is_other_keys
        )
        select {_listed(facts.row)}, part, rank, max(by_rank) as by_rank, bool_and(is_left_out) as is_left_out
        from gone group by all"""
    )
    connection.execute(
        f"""create or replace table {view}_pairs as
        with gone as (select {_listed(unit)}, part, rank, count(*) as gone from {view}_replaced group by all)
        select p.* exclude (is_code), p.rows - coalesce(g.gone, 0) as stays
        from {view}_compared p left join gone g on {_equal("g", "p", *unit, "rank")}
            and g.part is not distinct from p.part"""
    )


def _listed(names: Iterable[str], of: str = "") -> str:
    return ", ".join(f"{of}.{name}" if of else name for name in names)


def _equal(left: str, right: str, *names: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in names)
