"""The engine of the indicators: DuckDB over the lake. The only engine-specific code of this room.

`current` is the one answer to «which facts hold»: of several files about the same unit the rows of the greater priority
win, then of the later receipt (`replacement`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from msoko_pipeline.home import replacement, store, year_tables
from msoko_pipeline.settings import Settings
from schemas.kinds import KINDS

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MEMORY = "1500MB"
_numbers = count(1)


@contextmanager
def connect(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database of its own, within the memory limit of all. Raises NotImplementedError for engines not
    built yet.
    """
    if settings.engine != "duckdb":
        raise NotImplementedError(f"MSOKO_ENGINE={settings.engine}: пока считает только duckdb")
    engine, name = _engine(settings.home.absolute() / "tmp"), f"step_{next(_numbers)}"
    connection = engine.cursor()
    try:
        connection.execute(f"attach ':memory:' as {name}")
        connection.execute(f"use {name}")
        yield connection
    finally:
        connection.close()
        with engine.cursor() as last:
            last.execute(f"detach database if exists {name}")


@lru_cache(maxsize=1)
def _engine(spill: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB itself, begun once: that takes it ten times as long as a database within it.

    spill: the folder where sums go that do not fit into the memory limit.
    """
    import duckdb

    return duckdb.connect(
        config={"memory_limit": MEMORY, "threads": 2, "preserve_insertion_order": False, "temp_directory": str(spill)}
    )


def current(
    connection: Any,
    settings: Settings,
    kind: str,
    years: Sequence[int],
    view: str,
    *,
    as_written: bool = False,
    schools: str | None = None,
) -> bool:
    """Create the view of the facts of a kind and these years that hold; False (and no view) when there are none.

    The year is a column of the view: it is the name of the facts' folder. as_written: with the organisations as the
    files name them; otherwise by their own logins, without the rows that wait (the table `logins` of the years).
    schools: a table (year, org_ref, org_id) of the spellings that surely mean a school; files that spell it otherwise
    speak of the same one then, and the view has the column `replacement.HOME`. `replacement` tells of the tables beside
    the view.
    """
    files = [path for year in years for path in store.fact_files(settings.lake, kind, year)]
    if not files:
        return False
    written = store.as_sql(files, "union_by_name = true", "hive_partitioning = true")
    source = written if as_written else _by_own_logins(settings, kind, years, written)
    rank = f"priority * {replacement.PRIORITY}::bigint + seq as rank"
    home = f", coalesce(s.org_id, f.org_ref) as {replacement.HOME}" if schools else ""
    named = f" left join {schools} s on s.year = f.year and s.org_ref = f.org_ref" if schools else ""
    connection.execute(f"create or replace view {view}_all as select f.*, {rank}{home} from {source} f{named}")
    facts = replacement.Facts(view, KINDS[kind], tuple(columns(connection, f"{view}_all")))
    several = replacement.settle(connection, facts)
    connection.execute(
        f"create or replace view {view} as {replacement.holding(facts) if several else f'select * from {view}_all'}"
    )
    return True


def _by_own_logins(settings: Settings, kind: str, years: Sequence[int], written: str) -> str:
    """The query of facts, their organisations by their own logins, without the rows of those that nobody knows."""
    column = organisation_column(kind)
    known = [file for year in years if (file := year_tables.path(settings, year, "logins")).exists()]
    if column is None or not known:
        return written
    of_schools = " and f.level = 'school'" if column == "unit_id" else ""
    return (
        f"(select f.* replace (coalesce(l.org_id, f.{column}) as {column}) from {written} f left join "
        f"{store.as_sql(known, 'hive_partitioning = true')} l on f.year = l.year and f.{column} = l.login{of_schools} "
        "where l.login is null or l.org_id is not null)"
    )


@cache
def organisation_column(kind: str) -> str | None:
    """The column of a kind where a login stands; None where it names schools as the files do, or is their register."""
    columns = KINDS[kind].model.to_schema().columns
    return None if kind == "organisation" else next((name for name in ("org_id", "unit_id") if name in columns), None)


def table(connection: Any, name: str) -> nw.LazyFrame[Any]:
    """A DuckDB table or view as a Narwhals frame."""
    return nw.from_native(connection.table(name))


def keep(connection: Any, frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
    """Compute a lazy frame once and keep it as a DuckDB table."""
    relation = nw.to_native(frame)
    relation.create_view("_kept", replace=True)
    connection.execute(f"create or replace table {name} as select * from _kept")
    return table(connection, name)


def write(connection: Any, query: str, path: Path) -> int:
    """Write a query's rows as Parquet, whole or not at all; returns their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    target = str(partial).replace("'", "''")
    rows = connection.execute(f"copy ({query}) to '{target}' (format parquet, compression snappy)").fetchall()[0][0]
    partial.replace(path)
    return int(rows)


def write_years(connection: Any, table: str, years: Sequence[int], target: Callable[[int], Path]) -> int:
    """Write a table's rows of each year to the year's own file; returns how many there were in all."""
    return sum(
        write(connection, f"select * exclude (year) from {table} where year = {year}", target(year)) for year in years
    )


def sql_type(dtype: str) -> str:
    """DuckDB's name of a declared column's type (`schemas.fields`), whole numbers of any width as one. Raises KeyError
    for a type that no column has.
    """
    width = {"Int": "bigint", "str": "varchar"}.get(dtype[:3])
    return width or {"Float64": "double", "boolean": "boolean"}[dtype]


def arrow(frame: pd.DataFrame) -> pa.Table:
    """A pandas frame as DuckDB takes it, columns as they are typed."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def write_frame(
    connection: Any, frame: pd.DataFrame, name: str, years: Sequence[int], target: Callable[[int], Path]
) -> int:
    """Write a pandas frame's rows of each year to the year's own file, its columns as they are typed."""
    connection.register(f"_{name}", arrow(frame))
    try:
        return write_years(connection, f"_{name}", years, target)
    finally:
        connection.unregister(f"_{name}")


def write_frames(
    connection: Any,
    frames: Mapping[str, pd.DataFrame],
    years: Sequence[int],
    target: Callable[[str], Callable[[int], Path]],
) -> dict[str, int]:
    """`write_frame` for several tables by name; returns rows per table."""
    return {name: write_frame(connection, frame, name, years, target(name)) for name, frame in frames.items()}


def read_years(connection: Any, name: str, years: Sequence[int], source: Callable[[int], Path]) -> nw.LazyFrame[Any]:
    """The view `name` over the years' files written by `write_years`, with the column year."""
    written = store.as_sql(map(source, years), "union_by_name = true", "hive_partitioning = true")
    connection.execute(f"create or replace view {name} as select * from {written}")
    return table(connection, name)


def columns(connection: Any, name: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe {name}").fetchall()]
