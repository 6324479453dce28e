"""The main job over the real town, held against an independent account of the same files."""

from __future__ import annotations

import re
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
from tests.impossible import impossible
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
    assert len(held) == files["rows_quarantined"].sum() == 21
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
    tasks = pd.read_sql_query(
        "select distinct cast(task as integer) as task, max_score from mart_vpr_task where procedure = 'VPR' "
        "and year = ? and subject = ? and grade = ? order by 1", warehouse, params=(year, subject, grade),
    )["max_score"].astype(int)  # fmt: skip
    scale = catalogue.scale(year, grade, subject)
    bounds = (scale["min_3"], scale["min_4"], scale["min_5"]) if scale else None
    tops = maxima(path, len(rows["scores"].iloc[0])) or tasks.tolist()
    groups = {str(org): part for org, part in rows.groupby("org")} | {"Черногорск": rows}
    assert set(published.index) == set(groups)
    for unit, part in groups.items():
        for name, expected in reference.account(part, bounds, top, tops).items():
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


def scores_of(work: tuple[int, str, int], part: pd.DataFrame) -> np.ndarray:
    """Scores of a work by its reference distribution, a pupil each; one above the maximum counts as the maximum."""
    year, subject, grade = work
    scale = catalogue.scale(int(year), int(grade), subject)
    scores = np.repeat(part["primary_score"].to_numpy(), part["participants"].to_numpy())
    return np.minimum(scores, scale["max_primary"]) if scale else scores


def test_the_reference_distribution_feeds_the_region_rows(warehouse: sqlite3.Connection) -> None:
    told = pd.read_csv(TOWN / "region_score_distribution.csv", sep=";")
    region = table(warehouse, "mart_vpr_school").query("level == 'region'")
    assert len(region) == len(told.groupby(["year", "subject", "work_grade"]))
    assert set(region["unit_id"]) == {"19"}
    for key, part in told.groupby(["year", "subject", "work_grade"]):
        row = region[(region["year"] == key[0]) & (region["subject"] == key[1]) & (region["grade"] == key[2])].iloc[0]
        scores = scores_of(key, part)
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
def test_postgresql_holds_the_same_rows(home: Path, warehouse: sqlite3.Connection, postgres_database: str) -> None:
    """The same home published to a real PostgreSQL: every mart and operational table, row by row."""
    done = msoko("run", "--inbox", TOWN, "--home", home, "--warehouse", postgres_database)
    assert done.returncode == 3, done.stdout + done.stderr
    engine = sa.create_engine(postgres_database)
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


LISTED = [("RU", 5), ("MA", 5), ("RU", 6), ("MA", 6)]


def marks_of(year: int) -> pd.DataFrame:
    """Participants and «2» of every school in the works of the rules, counted from the files."""
    found = []
    for subject, grade in LISTED:
        rows = rows_of(TOWN / f"vpr{year}_{subject}{grade}.csv")
        wrote = rows[~rows["away"] & ~rows["half"]]
        low = wrote["total"] < catalogue.scale(year, grade, subject)["min_3"]  # type: ignore[index]
        counted = low.groupby(wrote["org"]).agg(["size", "sum"]).reset_index()
        found.append(counted.assign(work=f"VPR-{subject}-{grade}"))
    return pd.concat(found).set_index(["org", "work"]).rename(columns={"size": "n", "sum": "failed"})


def test_no_figure_is_impossible(warehouse: sqlite3.Connection) -> None:
    assert impossible({name: table(warehouse, f"mart_{name}") for name in MARTS}) == []


def test_low_schools_equal_the_independent_account(warehouse: sqlite3.Connection) -> None:
    """ШНОР of 2021 by the regulator's two rules, from the rows themselves."""
    low = {year: {key for key, n, k in told.itertuples() if n >= 10 and 10 * k >= 3 * n}
           for year, told in ((2020, marks_of(2020)), (2021, marks_of(2021)))}  # fmt: skip
    counts = pd.Series([org for org, _ in low[2021]]).value_counts()
    several = set(counts[counts >= 2].index)
    again = {org for org, _ in low[2020] & low[2021]}
    risk = table(warehouse, "mart_school_risk").query("year == 2021").set_index("org_id")
    assert set(risk.index[risk["category"] == "shnor"]) == several | again == {"edu228684"}
    for org, number in counts.items():
        assert risk.loc[org, "low_procedures"] == number
    named = set(risk.index[risk["low_procedures"] == 1])
    assert named == set(counts[counts == 1].index)


def test_inflated_means_equal_the_independent_account(warehouse: sqlite3.Connection) -> None:
    """Signs 1–4 against the region's distribution, by the printed formula."""
    region = pd.read_csv(TOWN / "region_score_distribution.csv", sep=";")
    signs = table(warehouse, "mart_objectivity_school").query("sign == 'mean_inflated'")
    assert set(signs["reference"]) == {"region"}
    unjudged = 0
    for year in (2020, 2021):
        for subject, grade in (("RU", 4), ("MA", 4), ("RU", 5), ("MA", 5)):
            part = region[(region["year"] == year) & (region["subject"] == subject) & (region["work_grade"] == grade)]
            all_scores = scores_of((year, subject, grade), part)
            upper = all_scores.mean() + 1.96 * all_scores.std(ddof=1) / np.sqrt(len(all_scores))
            rows = rows_of(TOWN / f"vpr{year}_{subject}{grade}.csv")
            own = signs[(signs["year"] == year) & (signs["subject"] == subject) & (signs["grade"] == grade)]
            own = own.set_index("org_id")
            for org, scores in rows[~rows["away"] & ~rows["half"]].groupby("org")["total"]:
                if len(scores) < 5:
                    assert pd.isna(own.loc[org, "flagged"])
                    continue
                if refused := re.search(r"данных недостаточно.*\((\d+) из (\d+)\)", str(own.loc[org, "detail"])):
                    aside, read = map(int, refused.groups())
                    assert read - aside == (rows["org"] == org).sum()
                    assert aside / read > 0.1
                    assert pd.isna(own.loc[org, "flagged"])
                    unjudged += aside
                    continue
                lower = scores.mean() - 1.96 * scores.std(ddof=1) / np.sqrt(len(scores))
                assert own.loc[org, "value"] == pytest.approx(lower)
                assert own.loc[org, "threshold"] == pytest.approx(upper)
                assert bool(own.loc[org, "flagged"]) == (lower > upper)
    assert 12 <= unjudged <= 21, "the totals over the maximum are of one school; others may have lost rows too"


def test_journal_marks_and_scores_rank_as_scipy_says(warehouse: sqlite3.Connection) -> None:
    signs = table(warehouse, "mart_objectivity_school").query("sign == 'journal_mismatch' and year == 2021")
    rows = rows_of(TOWN / "vpr2021_MA4.csv")
    wrote = rows[~rows["away"] & ~rows["half"] & rows["journal"].notna()]
    own = signs[(signs["subject"] == "MA") & (signs["grade"] == 4)].set_index("org_id")
    assert len(own) == wrote["org"].nunique()
    for org, part in wrote.groupby("org"):
        n, d = len(part), part["journal"].rank() - part["total"].rank()
        assert own.loc[org, "value"] == pytest.approx(1 - 6 * (d**2).sum() / (n * (n**2 - 1)))


def test_the_zone_of_2020_is_held_against_2021(warehouse: sqlite3.Connection) -> None:
    score = table(warehouse, "mart_risk_backtest").query("year == 2021").set_index("predictor")
    schools = table(warehouse, "mart_risk_backtest_school").query("year == 2021")
    assert score.loc["zone", "schools"] == len(schools) == 13
    assert score.loc["zone", "warned"] == (schools["previous_category"] == "risk_zone").sum() == 4
    assert score.loc["zone", ["became_shnor", "hits"]].tolist() == [0, 0], "nobody new became ШНОР"
    assert pd.isna(score.loc["zone", "recall_pct"]), "nothing to find is no data, not a failure"
