"""The facts of a kind, and the one answer to «which of them hold».

Of several files about the same unit the rows of the greater priority win, then of the later receipt (`replacement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from msoko_pipeline.home import engine, replacement, store, year_tables
from msoko_pipeline.home.engine import Relation
from msoko_pipeline.home.replacement import Facts
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS


def current(
    connection: Any,
    settings: Settings,
    kind: str,
    years: Sequence[int],
    *,
    as_written: bool = False,
    schools: Relation | None = None,
) -> Relation | None:
    """The facts of a kind and these years that hold: the kind's columns, year, seq (the file), priority and rank; None
    when there are none. The other parameters are those of `every`.
    """
    facts = every(connection, settings, kind, years, as_written=as_written, schools=schools)
    return replacement.holding(connection, facts) if facts else None


def are_there(settings: Settings, kind: str, years: Sequence[int]) -> bool:
    """Whether any file of these years brought facts of the kind."""
    return any(store.fact_files(settings.lake, kind, year) for year in years)


def every(
    connection: Any,
    settings: Settings,
    kind: str,
    years: Sequence[int],
    *,
    as_written: bool = False,
    schools: Relation | None = None,
) -> Facts | None:
    """All facts of a kind and these years, whether they hold or not; None when there are none.

    as_written: with the organisations as the files name them; otherwise by their own logins, without the rows that wait
    (the table `logins` of the years). schools: year, org_ref, org_id of the spellings that surely mean a school; files
    that spell it otherwise speak of the same one then, and the facts have the column `replacement.HOME`.
    """
    files = [path for year in years for path in store.fact_files(settings.lake, kind, year)]
    if not files:
        return None
    written = store.as_sql(files, "union_by_name = true", "hive_partitioning = true")
    source = written if as_written else _by_own_logins(settings, kind, years, written)
    rank = f"priority * {replacement.PRIORITY}::bigint + seq as rank"
    if schools is None:
        rows = engine.query(connection, f"select f.*, {rank} from {source} f")
    else:
        rows = engine.query(
            connection,
            f"select f.*, {rank}, coalesce(s.org_id, f.org_ref) as {replacement.HOME} from {source} f "
            "left join schools s on s.year = f.year and s.org_ref = f.org_ref",
            schools=schools,
        )
    return Facts(rows, KINDS[kind])


def _by_own_logins(settings: Settings, kind: str, years: Sequence[int], written: str) -> str:
    """The query of facts, their organisations by their own logins, without the rows of those that nobody knows."""
    column = organisation_column(kind)
    files = [file for year in years if (file := year_tables.path(settings, year, "logins")).exists()]
    if column is None or not files:
        return written
    of_schools = " and f.level = 'school'" if column == "unit_id" else ""
    return (
        f"(select f.* replace (coalesce(l.org_id, f.{column}) as {column}) from {written} f left join "
        f"{store.as_sql(files, 'hive_partitioning = true')} l on f.year = l.year and f.{column} = l.login{of_schools} "
        "where l.login is null or l.org_id is not null)"
    )


@cache
def organisation_column(kind: str) -> str | None:
    """The column of a kind where a login stands; None where it names schools as the files do, or is their register."""
    columns = KINDS[kind].model.to_schema().columns
    return None if kind == "organisation" else next((name for name in ("org_id", "unit_id") if name in columns), None)
