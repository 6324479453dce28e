"""The engine of the indicators: DuckDB over the lake.

Stages take and return relations, Narwhals lazy frames over DuckDB. What a stage computes once for several others it
keeps (`keep`); what is shorter said in SQL is a query over relations that it calls by names of its own (`query`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pyarrow as pa
import pyarrow.parquet as pq

from msoko_pipeline.home import store
from msoko_pipeline.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Relation = nw.LazyFrame[Any]
"""Rows that DuckDB computes when they are asked for."""
MEMORY = "1500MB"
_numbers = count(1)
_written: ContextVar[dict[Path, int] | None] = ContextVar("written", default=None)


@contextmanager
def noting() -> Iterator[dict[Path, int]]:
    """Rows of each table that is written meanwhile, by its file."""
    rows: dict[Path, int] = {}
    token = _written.set(rows)
    try:
        yield rows
    finally:
        _written.reset(token)


def _note(path: Path, rows: int) -> None:
    if (written := _written.get()) is not None:
        written[path] = rows


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


def table(connection: Any, name: str) -> Relation:
    """A DuckDB table or view by its name."""
    return nw.from_native(connection.table(name))


def keep(connection: Any, relation: Relation, name: str | None = None) -> Relation:
    """Compute a relation once: the same rows, of a table of their own."""
    return _keep(connection, sql(relation), name)


def _keep(connection: Any, text: str, name: str | None = None) -> Relation:
    name = name or f"kept_{next(_numbers)}"
    connection.execute(f"create or replace table {name} as {text}")
    return table(connection, name)


def load(connection: Any, frame: pd.DataFrame) -> Relation:
    """The rows of a pandas frame, columns as they are typed."""
    connection.register("_loaded", arrow(frame))
    try:
        return keep(connection, table(connection, "_loaded"))
    finally:
        connection.unregister("_loaded")


def empty(connection: Any, types: Mapping[str, str]) -> Relation:
    """No rows, of these columns. types: column → DuckDB's name of its type."""
    columns = ", ".join(f"null::{dtype} as {name}" for name, dtype in types.items())
    return query(connection, f"select {columns} where false")


def query(connection: Any, text: str, /, **relations: Relation) -> Relation:
    """An SQL query over relations, which the text calls by their keywords; nothing is computed yet.

    text: one SELECT, or WITH … SELECT.
    """
    return nw.from_native(connection.sql(_over(text, relations)))


def kept(connection: Any, text: str, /, **relations: Relation) -> Relation:
    """`query`, computed once (see `keep`)."""
    return _keep(connection, _over(text, relations))


def select(connection: Any, text: str, /, **relations: Relation) -> pd.DataFrame:
    """The rows of a `query` as a pandas frame."""
    rows: pd.DataFrame = connection.execute(_over(text, relations)).df()
    return rows


def _over(text: str, relations: Mapping[str, Relation]) -> str:
    """The query with its relations defined before it: no name of theirs is known outside it."""
    bodies = ", ".join(f"{name} as not materialized ({sql(relation)})" for name, relation in relations.items())
    if not bodies:
        return text
    return f"with {bodies}, {text.removeprefix('with ')}" if text.startswith("with ") else f"with {bodies} {text}"


def sql(relation: Relation) -> str:
    """The query of a relation, as text."""
    return str(nw.to_native(relation).sql_query())


def pandas(relation: Relation) -> pd.DataFrame:
    """The rows of a relation as a pandas frame."""
    rows: pd.DataFrame = nw.to_native(relation).df()
    return rows


def tuples(relation: Relation) -> list[tuple[Any, ...]]:
    """The rows of a relation, values as Python has them."""
    rows: list[tuple[Any, ...]] = nw.to_native(relation).fetchall()
    return rows


def write(connection: Any, query: str, path: Path) -> int:
    """Write a query's rows as Parquet, whole or not at all; returns their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    target = str(partial).replace("'", "''")
    rows = connection.execute(f"copy ({query}) to '{target}' (format parquet, compression snappy)").fetchall()[0][0]
    partial.replace(path)
    _note(path, int(rows))
    return int(rows)


def write_table(rows: pa.Table, path: Path) -> None:
    """Write rows in memory as Parquet, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    pq.write_table(rows, partial, compression="snappy")
    partial.replace(path)
    _note(path, rows.num_rows)


def write_years(connection: Any, relation: Relation | str, years: Sequence[int], target: Callable[[int], Path]) -> int:
    """Write a relation's rows of each year to the year's own file; returns how many there were in all."""
    rows = table(connection, relation) if isinstance(relation, str) else keep(connection, relation)
    return sum(
        write(connection, f"select * exclude (year) from ({sql(rows)}) where year = {year}", target(year))
        for year in years
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
    if frame.empty:  # in a tenth of the time
        nothing = arrow(frame.drop(columns="year")).replace_schema_metadata(None)
        for year in years:
            write_table(nothing, target(year))
        return 0
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


def read(connection: Any, years: Sequence[int], source: Callable[[int], Path]) -> Relation:
    """The rows of the years' files written by `write_years`, with the column year."""
    written = store.as_sql(map(source, years), "union_by_name = true", "hive_partitioning = true")
    return query(connection, f"select * from {written}")


def read_years(connection: Any, name: str, years: Sequence[int], source: Callable[[int], Path]) -> Relation:
    """`read` as the view `name`."""
    nw.to_native(read(connection, years, source)).create_view(name, replace=True)
    return table(connection, name)


def columns(relation: Relation) -> list[str]:
    return list(nw.to_native(relation).columns)
