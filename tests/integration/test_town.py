"""The main job over the real town, held against an independent account of the same files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from schemas import catalogue
from schemas.marts import MARTS
from schemas.ops import OPS
from tests import reference
from tests.command import msoko
from tests.real import TOWN, needs_town

pytestmark = needs_town

ROWS = 67_558
INDIVIDUAL = sorted(TOWN.glob("vpr20*.csv"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `msoko run` has published the town."""
    folder = tmp_path_factory.mktemp("town")
    done = msoko("run", "--inbox", TOWN, "--home", folder)
    assert done.returncode == 3, done.stdout + done.stderr  # the real files hold rows that cannot be used
    return folder


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(home / "warehouse.sqlite")
    yield connection
    connection.close()


def table(warehouse: sqlite3.Connection, name: str) -> pd.DataFrame:
    return pd.read_sql_query(f"select * from {name}", warehouse)


def maxima(path: Path, tasks: int) -> list[int] | None:
    """Confirmed task maxima of a work, where the codifier of that very year (or the header) has them."""
    year, subject, grade = reference.work_of(path)
    known, of_year = catalogue.tasks(year, grade, subject)
    head = path.open(encoding="utf-8").readline()
    printed = [int(part.split("(")[-1].split("б")[0]) for part in head.split(";") if part.strip().endswith("б)")]
    if printed:
        return printed
    if of_year == "same" and all(task["verified"] for task in known) and len(known) == tasks:
        return [task["max_score"] for task in known]
    return None


def rows_of(path: Path) -> pd.DataFrame:
    tasks = len(reference.pupils(path, None)["scores"].iloc[0])
    return reference.pupils(path, maxima(path, tasks))


def test_every_row_is_accounted_for(warehouse: sqlite3.Connection) -> None:
    files = table(warehouse, "ops_file")
    assert (files["rows_read"] == files["rows_accepted"] + files["rows_quarantined"]).all()
    results = files[files["kind"] == "vpr_result"]
    assert (len(results), results["rows_read"].sum()) == (75, ROWS)
    held = table(warehouse, "ops_quarantine")
    assert len(held) == files["rows_quarantined"].sum() == 23
    assert held["reasons"].str.len().min() > 0


def test_the_totals_over_the_maximum_are_quarantined_with_words(warehouse: sqlite3.Connection) -> None:
    issues = table(warehouse, "ops_issue")
    over = issues[issues["issue_type"] == "cell_total_over_maximum"]
    assert len(over) == 12
    assert over["message_ru"].str.contains("vpr2021_MA4.csv").all()
    assert over["message_ru"].str.contains("строка").all()
    assert over["message_ru"].str.contains("столбец «всего баллов»").all()


@pytest.mark.parametrize("path", INDIVIDUAL, ids=lambda path: path.stem)
def test_a_work_equals_the_independent_account(path: Path, warehouse: sqlite3.Connection) -> None:
    year, subject, grade = reference.work_of(path)
    rows = rows_of(path)
    published = pd.read_sql_query(
        "select * from mart_vpr_school where year = ? and subject = ? and grade = ? and facts_source = 'individual'",
        warehouse, params=(year, subject, grade),
    ).set_index("unit_id")  # fmt: skip
    top = int(published["max_primary"].iloc[0])
    scale = catalogue.scale(year, grade, subject)
    bounds = (scale["min_3"], scale["min_4"], scale["min_5"]) if scale else None
    groups = {str(org): part for org, part in rows.groupby("org")} | {"Черногорск": rows}
    assert set(published.index) == set(groups)
    for unit, part in groups.items():
        for name, expected in reference.account(part, bounds, top).items():
            got = published.loc[unit, name]
            if np.isnan(expected):
                assert pd.isna(got), (unit, name)
            else:
                assert got == pytest.approx(expected, rel=1e-12, abs=1e-9), (unit, name)


@pytest.mark.parametrize(
    "path", [p for p in INDIVIDUAL if "MA" in p.name or "RU" in p.name], ids=lambda path: path.stem
)
def test_tasks_equal_the_independent_account(path: Path, warehouse: sqlite3.Connection) -> None:
    year, subject, grade = reference.work_of(path)
    rows = rows_of(path)
    published = pd.read_sql_query(
        "select * from mart_vpr_task where year = ? and subject = ? and grade = ?", warehouse,
        params=(year, subject, grade),
    )  # fmt: skip
    for unit, part in {**dict(list(rows.groupby("org"))), "Черногорск": rows}.items():
        own = (
            published[published["unit_id"] == unit].assign(number=lambda t: t["task"].astype(int)).sort_values("number")
        )
        expected = reference.tasks(part, own["max_score"].astype(int).tolist())
        for name in expected.columns:
            np.testing.assert_allclose(
                own[name].astype(float), expected[name].astype(float), rtol=1e-9, atol=1e-9, err_msg=f"{unit} {name}"
            )


def test_the_reference_distribution_feeds_the_region_rows(warehouse: sqlite3.Connection) -> None:
    told = pd.read_csv(TOWN / "region_score_distribution.csv", sep=";")
    region = table(warehouse, "mart_vpr_school").query("level == 'region'")
    assert len(region) == len(told.groupby(["year", "subject", "work_grade"]))
    assert set(region["unit_id"]) == {"19"}
    for key, part in told.groupby(["year", "subject", "work_grade"]):
        row = region[(region["year"] == key[0]) & (region["subject"] == key[1]) & (region["grade"] == key[2])].iloc[0]
        scores = np.repeat(part["primary_score"].to_numpy(), part["participants"].to_numpy())
        assert row["participants"] == len(scores)
        assert row["mean_primary"] == pytest.approx(scores.mean(), rel=1e-12)
        assert row["sd_primary"] == pytest.approx(scores.std(ddof=1), rel=1e-9)


def test_the_school_year_of_autumn_2020(warehouse: sqlite3.Connection) -> None:
    told = table(warehouse, "mart_vpr_school").groupby("year")[["school_year", "cycle"]].agg(set)
    assert told.loc[2020, "school_year"] == told.loc[2021, "school_year"] == {"2020/21"}
    assert told.loc[2020, "cycle"] == {"vpr-2020"}


def test_autumn_pupils_are_a_grade_older(warehouse: sqlite3.Connection) -> None:
    own = table(warehouse, "mart_vpr_school").query("facts_source == 'individual'")
    older = own["pupil_grade"] - own["grade"]
    assert set(older[own["year"] == 2020]) == {1}
    assert set(older[own["year"] == 2021]) == {0}


def test_dynamics_point_to_the_previous_cycle(warehouse: sqlite3.Connection) -> None:
    values = table(warehouse, "mart_indicator_value").query("indicator_id == 'vpr_quality' and level == 'municipality'")
    both = values[(values["subject"] == "MA") & (values["grade"] == 5)].set_index("year")
    assert both.loc[2021, "previous_year"] == 2020
    assert both.loc[2021, "previous_value"] == both.loc[2020, "value"]
    assert both.loc[2021, "change"] == pytest.approx(both.loc[2021, "value"] - both.loc[2020, "value"])
    assert pd.isna(both.loc[2020, "previous_value"])


def test_a_second_run_changes_nothing(home: Path, warehouse: sqlite3.Connection) -> None:
    before = table(warehouse, "ops_publication")
    done = msoko("run", "--inbox", TOWN, "--home", home)
    assert done.returncode == 3
    assert "Нового в папке приёма нет" in done.stdout
    pd.testing.assert_frame_equal(table(warehouse, "ops_publication"), before)


def test_nobody_is_named(warehouse: sqlite3.Connection) -> None:
    """Gender and pupils' rows stay out of the warehouse."""
    names = {row[0] for row in warehouse.execute("select name from sqlite_master where type = 'table'")}
    columns = {row[1] for name in names for row in warehouse.execute(f"pragma table_info({name})")}
    assert not columns & {"gender", "participant_code", "фамилия"}
    quarantined = table(warehouse, "ops_quarantine")
    assert not quarantined["cells"].str.contains('"пол"|"gender"').any()


@pytest.mark.postgres
def test_postgresql_holds_the_same_rows(home: Path, warehouse: sqlite3.Connection, postgres_url: str) -> None:
    """The same home published to a real PostgreSQL: every mart and operational table, row by row."""
    done = msoko("run", "--inbox", TOWN, "--home", home, "--warehouse", postgres_url)
    assert done.returncode == 3, done.stdout + done.stderr
    engine = sa.create_engine(postgres_url)
    stamped = {"published_at", "publication_id", "row_counts", "diff"}
    with engine.connect() as connection:
        for kind, models in (("mart", MARTS), ("ops", OPS)):
            for name in models:
                here = table(warehouse, f"{kind}_{name}")
                there = pd.read_sql_query(sa.text(f"select * from {kind}.{name}"), connection)
                columns = [column for column in here.columns if column not in stamped]
                assert set(here.columns) == set(there.columns), name
                if name == "publication":
                    assert len(there) == 1
                    continue
                assert len(here) == len(there), name
                left, right = (sorted(map(plain, frame[columns].itertuples(index=False))) for frame in (here, there))
                assert left == right, name
    engine.dispose()


def plain(row: tuple[object, ...]) -> tuple[str, ...]:
    """A row as both databases agree on it (SQLite keeps booleans as 0 and 1), sortable."""
    return tuple("" if pd.isna(c) else repr(float(c)) if isinstance(c, bool | int | float) else str(c) for c in row)
