"""Queries over relations: each knows its relations by its own words, and nothing stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.settings import Settings


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    with engine.connect(Settings(home=tmp_path)) as made:
        yield made


@pytest.fixture
def schools(connection: Any) -> engine.Relation:
    return engine.load(connection, pd.DataFrame({"org_id": ["а", "б", "в"], "pupils": [1, 2, None]}))


def test_a_query_calls_a_relation_by_its_keyword(connection: Any, schools: engine.Relation) -> None:
    many = engine.query(connection, "select org_id from rows where pupils > 1", rows=schools)
    assert engine.tuples(many) == [("б",)]
    with pytest.raises(duckdb.CatalogException):
        connection.execute("from rows")


def test_the_words_of_two_queries_do_not_meet(connection: Any, schools: engine.Relation) -> None:
    """A query within a query calls by the same word what is another relation there."""
    first = engine.query(connection, "select org_id from rows where org_id = 'а'", rows=schools)
    second = engine.query(
        connection, "with all_rows as (from rows) select org_id from all_rows anti join first using (org_id)",
        rows=schools, first=first,
    )  # fmt: skip
    third = engine.query(connection, "select count(*) from rows where org_id <> 'в'", rows=second)
    assert sorted(engine.select(connection, "from rows", rows=second)["org_id"]) == ["б", "в"]
    assert engine.tuples(third) == [(1,)]


def test_a_table_is_not_taken_for_the_keyword_of_its_name(connection: Any, schools: engine.Relation) -> None:
    connection.execute("create table schools as select 'чужая' as org_id")
    rows = engine.query(connection, "select org_id from schools order by 1", schools=schools)
    assert engine.tuples(rows) == [("а",), ("б",), ("в",)]


def test_what_is_kept_is_computed_once(connection: Any) -> None:
    connection.execute("create table counts as select 1 as n")
    counts = engine.table(connection, "counts")
    lazy = engine.query(connection, "select n + 1 as n from counts", counts=counts)
    kept, again = engine.keep(connection, lazy), engine.kept(connection, "select n + 1 as n from counts", counts=counts)
    connection.execute("update counts set n = 10")
    assert [engine.tuples(rows) for rows in (lazy, kept, again)] == [[(11,)], [(2,)], [(2,)]]


def test_a_frame_is_loaded_as_it_is_typed(connection: Any, schools: engine.Relation) -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], "Int64"), "word": pd.array(["а", None], "string")})
    assert engine.columns(engine.load(connection, frame)) == ["n", "word"]
    assert engine.tuples(engine.load(connection, frame)) == [(1, "а"), (None, None)]
    assert engine.tuples(engine.load(connection, frame.iloc[:0])) == []
    assert engine.tuples(schools)[2] == ("в", None)


def test_no_rows_have_their_types(connection: Any) -> None:
    rows = engine.empty(connection, {"year": "bigint", "org_id": "varchar"})
    types = connection.execute(f"describe {engine.sql(rows)}").fetchall()
    assert engine.tuples(rows) == []
    assert [line[:2] for line in types] == [("year", "BIGINT"), ("org_id", "VARCHAR")]


def test_years_are_written_and_read_back(connection: Any, tmp_path: Path) -> None:
    rows = engine.load(connection, pd.DataFrame({"year": [2020, 2020, 2021], "n": [1, 2, 3]}))

    def target(year: int) -> Path:
        return tmp_path / f"year={year}" / "rows.parquet"

    assert engine.write_years(connection, rows, [2020, 2021], target) == 3
    assert sorted(engine.tuples(engine.read(connection, [2020, 2021], target).select("year", "n"))) == [
        (2020, 1), (2020, 2), (2021, 3),
    ]  # fmt: skip
