"""A made-up region, named and filled as people do it, is published whole; only planted rows are in quarantine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from msoko_pipeline.sample.region import YEARS, Region, write_region
from tests.command import msoko

MOST_QUARANTINED = 0.0015  # of the rows


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return write_region(tmp_path_factory.mktemp("region") / "inbox", workbooks=6, rows=9_000, seed=3)


@pytest.fixture(scope="module")
def said(region: Region) -> str:
    home = region.directory.parent / "home"
    done = msoko("run", "--inbox", region.directory, "--home", home, MSOKO_SCOPE="region")
    assert done.returncode == 3, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def warehouse(region: Region, said: str) -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(region.directory.parent / "home" / "warehouse.sqlite") as connection:
        yield connection


def test_every_file_is_taken_in_and_every_year_published(warehouse: sqlite3.Connection, region: Region) -> None:
    files = warehouse.execute("select name, rows_read from ops_file where status in ('accepted', 'partial')").fetchall()
    assert {name for name, _ in files} == set(region.works)
    assert sum(rows for _, rows in files) == region.rows
    years = warehouse.execute("select distinct year from mart_vpr_school where level = 'region'").fetchall()
    assert {year for (year,) in years} == set(YEARS)


def test_the_quarantine_holds_the_planted_rows_and_no_other(warehouse: sqlite3.Connection, region: Region) -> None:
    rows = set(warehouse.execute("select name, sheet, row from ops_quarantine join ops_file using (sha256)"))
    assert rows == {(plant.file, plant.sheet, plant.row) for plant in region.plants if plant.is_refused}
    assert 0 < len(rows) <= MOST_QUARANTINED * region.rows


def test_lists_of_classes_beside_the_protocols_are_no_corrections(warehouse: sqlite3.Connection, said: str) -> None:
    """Every workbook of 2022 repeats the schools on a sheet of its own, which is not counted among its rows."""
    assert warehouse.execute("select count(*) from ops_replacement").fetchone() == (0,)
    assert "Заменено" not in said
