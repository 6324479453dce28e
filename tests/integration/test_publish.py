"""Publishing into SQLite and into a real PostgreSQL: all or nothing, year by year, with the diff and the record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from msoko_pipeline.publishing import diff, rows
from msoko_pipeline.publishing.publish import Publication, last_inputs, last_publication, publish
from msoko_pipeline.publishing.rows import StagedError
from msoko_pipeline.publishing.sql_tables import needs_rebuild, warehouse
from msoko_pipeline.publishing.warehouse import connect
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of
from schemas.marts import MARTS
from schemas.ops import OPS

Rows = list[dict[str, Any]]
NONE = {"added": 0, "changed": 0, "removed": 0}
SHA = {name: name * 64 for name in "abc"}


def table(model: Any, records: Rows) -> pa.Table:
    """An Arrow table of the model's columns; what a record does not say is NULL."""
    return pa.table(
        {
            spec.name: pa.array([record.get(spec.name) for record in records], rows.TYPES[rows.kind(spec.dtype)])
            for spec in columns_of(model)
        }
    )


def stage(settings: Settings, year: int, **marts: Rows) -> None:
    """Stage every mart of a year: the given rows, with the common columns filled in; the others empty."""
    common = {
        "year": year, "school_year": f"{year - 1}/{year % 100}", "cycle": f"vpr-{year}", "procedure": "VPR",
        "subject": "MA", "grade": 5, "level": "school", "unit_id": "edu190001", "small_base": False,
        "suppressed": False,
    }  # fmt: skip
    for name, model in MARTS.items():
        path = rows.staged(settings, year, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(model, [common | record for record in marts.get(name, [])]), path)


def schools(number: int, **more: Any) -> Rows:
    return [{"unit_id": f"edu19{i:04}", "participants": i, "success_pct": i / 7, **more} for i in range(number)]


def register(*names: str) -> pd.DataFrame:
    counts = dict.fromkeys(("rows_read", "rows_accepted", "rows_quarantined", "rows_waiting", "rows_replaced"), 0)
    counted = {"size": 1, "received_at": "2026-11-23", **counts}
    records = [{"sha256": SHA[n], "name": f"{n}.xlsx", "status": "accepted", "year": 2021, **counted} for n in names]
    frame: pd.DataFrame = table(OPS["file"], records).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def told(folder: Path, kind: str, sha: str, *values: str) -> Path:
    """A Parquet file of issues or quarantined rows about a file."""
    of_issue = {"issue_type": "t", "severity": "error", "responsibility": "school", "message_ru": "Исправить"}
    of_row = {"sheet": "Лист", "reasons": "причина"}
    records = [
        {"sha256": SHA[sha], "row": 7, **(of_issue | {"value": v} if kind == "issue" else of_row | {"cells": v})}
        for v in values
    ]
    path = folder / kind / f"{SHA[sha]}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table(OPS[kind], records), path)
    return path


def release(settings: Settings, *years: int, files: pd.DataFrame | None = None, **more: Any) -> Publication:
    given: dict[str, Any] = {
        "files": register("a") if files is None else files, "issues": [], "quarantine": [], "rule_version": "rules-1",
        "inputs": {year: f"hash of {year}" for year in years},
    }  # fmt: skip
    return publish(settings, years, **given | more)


def contents(settings: Settings, *, stamps: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of all its columns, as the database gives them."""
    engine = connect(settings.warehouse)
    found = {}
    try:
        with engine.connect() as connection:
            for held in warehouse(engine.dialect.name):
                columns = [c for c in held.columns if stamps or c.name not in ("published_at", "publication_id")]
                got = connection.execute(sa.select(*columns)).all()
                found[held.name.removeprefix("mart_").removeprefix("ops_")] = sorted(map(tuple, got), key=repr)
    finally:
        engine.dispose()
    return found


def execute(settings: Settings, statement: str) -> Any:
    """Run SQL as an outsider would; `{mart}`, `{ops}` and `{pub}` become what the database has of schemas."""
    engine = connect(settings.warehouse)
    words = ("mart.", "ops.", "pub.") if engine.dialect.name == "postgresql" else ("mart_", "ops_", "pub_")
    try:
        with engine.begin() as connection:
            answer = connection.exec_driver_sql(statement.format(mart=words[0], ops=words[1], pub=words[2]))
            return answer.all() if answer.returns_rows else None
    finally:
        engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "lite")


@pytest.fixture
def postgres(tmp_path: Path, postgres_database: str) -> Settings:
    """A home whose warehouse is a fresh database of a real server."""
    return Settings(home=tmp_path / "post", warehouse_url=postgres_database.replace("+psycopg", ""))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def home(request: pytest.FixtureRequest) -> Settings:
    settings: Settings = request.getfixturevalue(request.param)
    return settings


ODD: Rows = [
    {"org_id": "1", "name": "", "kind": None, "aliases": "a,b;\"c\" 'd'\nвторая строка", "inn": "\\N"},
    {"org_id": "2", "name": "МБОУ «Школа № 2»", "kind": "", "aliases": "NULL", "inn": "\\."},
    {"org_id": "10", "name": "%s :x ? {}", "kind": "одно и то же"},
    {"org_id": "9", "name": "'; drop table mart_organisation; --", "kind": "одно и то же"},
]
NUMBERS: Rows = [
    {"unit_id": "b", "participants": None, "success_pct": 0.1 + 0.2, "scale_verified": True},
    {"unit_id": "a", "participants": 2**53 + 1, "success_pct": None, "scale_verified": None, "mark_source": "file"},
    {"unit_id": "c", "participants": 0, "success_pct": float("nan"), "scale_verified": False},
    {"unit_id": "d", "participants": 1, "success_pct": 1e-300, "mean_primary": -0.0},
]


@pytest.mark.postgres
def test_both_databases_hold_the_same_rows(sqlite: Settings, postgres: Settings, tmp_path: Path) -> None:
    for settings in (sqlite, postgres):
        stage(settings, 2021, organisation=ODD, vpr_school=NUMBERS, vpr_task=[])
        issues = [told(tmp_path, "issue", "a", "x", ""), told(tmp_path, "issue", "b", "y")]
        held = [told(tmp_path, "quarantine", "b", '{"столбец": "12,5"}')]
        done = release(settings, 2021, files=register("a", "b"), issues=issues, quarantine=held)
        assert done.row_counts["organisation"] == 4
    lite, post = (contents(settings, stamps=False) for settings in (sqlite, postgres))
    assert lite == post
    assert [row[:4] for row in lite["organisation"]] == [
        (2021, "2020/21", "1", ""),
        (2021, "2020/21", "10", "%s :x ? {}"),
        (2021, "2020/21", "2", "МБОУ «Школа № 2»"),
        (2021, "2020/21", "9", "'; drop table mart_organisation; --"),
    ]
    names = [c.name for c in warehouse("sqlite").marts["vpr_school"].columns]
    by_unit = {row[names.index("unit_id")]: dict(zip(names, row, strict=False)) for row in lite["vpr_school"]}
    assert by_unit["a"]["participants"] == 2**53 + 1
    assert by_unit["a"]["success_pct"] is None
    assert by_unit["b"]["participants"] is None
    assert by_unit["b"]["success_pct"] == 0.1 + 0.2
    assert by_unit["b"]["scale_verified"] is True
    assert by_unit["c"]["success_pct"] is None, "NaN is no data"
    assert (len(lite["issue"]), len(lite["quarantine"]), len(lite["file"])) == (3, 1, 2)


def test_a_year_is_replaced_and_the_others_stay(home: Settings) -> None:
    stage(home, 2020, vpr_school=schools(3), organisation=[{"org_id": "1", "name": "Школа"}])
    stage(home, 2021, vpr_school=schools(3))
    first = release(home, 2020, 2021)
    assert first.years == (2020, 2021)
    assert first.row_counts["vpr_school"] == 6
    stage(home, 2021, vpr_school=schools(2))
    second = release(home, 2021)
    found = execute(home, "select year, published_at, count(*) from {mart}vpr_school group by 1, 2 order by 1")
    assert found == [(2020, first.published_at, 3), (2021, second.published_at, 2)]
    assert execute(home, "select count(*) from {mart}organisation") == [(1,)]
    assert first.published_at < second.published_at


def test_a_publication_is_recorded(home: Settings) -> None:
    assert last_publication(home) is None
    assert last_inputs(home) == {}
    stage(home, 2020, vpr_school=schools(1))
    stage(home, 2021, vpr_school=schools(2))
    release(home, 2020, 2021)
    done = release(home, 2021, inputs={2021: "another hash"}, rule_version="rules-2")
    last = last_publication(home)
    assert last is not None
    assert (last["publication_id"], last["published_at"]) == (done.publication_id, done.published_at)
    assert (last["years"], last["rule_version"]) == ("2021", "rules-2")
    assert json.loads(last["row_counts"]) == done.row_counts
    assert json.loads(last["diff"]) == done.diff
    assert last_inputs(home) == {2020: "hash of 2020", 2021: "another hash"}
    rules = execute(home, "select year, rule_version from {mart}vpr_school group by 1, 2 order by 1")
    assert rules == [(2020, "rules-1"), (2021, "rules-2")]
    assert execute(home, "select count(*) from {ops}publication") == [(2,)]


def test_a_year_without_inputs_counts_as_not_published(sqlite: Settings) -> None:
    stage(sqlite, 2021, vpr_school=schools(1))
    release(sqlite, 2021)
    stage(sqlite, 2021)
    done = release(sqlite, 2021, inputs={})
    assert last_inputs(sqlite) == {}
    assert done.diff["vpr_school"] == {"added": 0, "changed": 0, "removed": 1}
    assert execute(sqlite, "select count(*) from {mart}vpr_school") == [(0,)]


def test_no_years_publish_the_register_alone(sqlite: Settings) -> None:
    stage(sqlite, 2021, vpr_school=schools(1))
    release(sqlite, 2021)
    done = release(sqlite, files=register("a", "b"))
    assert done.years == ()
    assert last_inputs(sqlite) == {2021: "hash of 2021"}
    assert execute(sqlite, "select count(*) from {mart}vpr_school") == [(1,)]
    assert execute(sqlite, "select count(*) from {ops}file") == [(2,)]


def test_publishing_the_same_again_changes_nothing(home: Settings) -> None:
    stage(home, 2021, vpr_school=schools(5), organisation=ODD)
    first = release(home, 2021)
    assert first.diff["vpr_school"] == NONE | {"added": 5}
    assert release(home, 2021).diff == dict.fromkeys(MARTS, NONE)


@pytest.mark.parametrize("way", ["from the kept copy", "read back from the warehouse"])
def test_the_diff_counts_rows_added_changed_and_removed(home: Settings, way: str) -> None:
    stage(home, 2020, vpr_school=schools(4))
    stage(home, 2021, vpr_school=schools(4), organisation=ODD)
    release(home, 2020, 2021)
    if way != "from the kept copy":
        shutil.rmtree(home.staging / "published")
    after = schools(6)[1:]
    after[0]["success_pct"] = None
    after[1]["mark_source"] = "file"
    stage(home, 2021, vpr_school=after, organisation=ODD)
    done = release(home, 2021)
    assert done.diff == dict.fromkeys(MARTS, NONE) | {"vpr_school": {"added": 2, "changed": 2, "removed": 1}}


def test_too_many_rows_to_read_back_are_not_compared(sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(sqlite, 2021, vpr_school=schools(4))
    release(sqlite, 2021)
    monkeypatch.setattr(diff, "READ_BACK", 3)
    stage(sqlite, 2021, vpr_school=schools(6, small_base=True))
    shutil.rmtree(sqlite.staging / "published")
    assert release(sqlite, 2021).diff["vpr_school"] == NONE | {"added": 2, "compared": False}
    assert release(sqlite, 2021).diff["vpr_school"] == NONE, "with the kept copy there is no limit"


def test_a_copy_kept_of_another_warehouse_is_not_taken_for_this_one(sqlite: Settings, tmp_path: Path) -> None:
    other = sqlite.model_copy(update={"warehouse_url": f"sqlite:///{tmp_path / 'other.sqlite'}"})
    stage(sqlite, 2021, vpr_school=schools(4))
    release(sqlite, 2021)
    stage(sqlite, 2021, vpr_school=schools(9))
    release(other, 2021)
    assert release(sqlite, 2021).diff["vpr_school"] == NONE | {"added": 5}


def duplicated_key(settings: Settings) -> dict[str, Any]:
    score = {"primary_score": 1, "participants": 1}
    stage(settings, 2021, vpr_school=schools(1), score_distribution=[score, score])
    return {}


def null_where_none_may_be(settings: Settings) -> dict[str, Any]:
    stage(settings, 2021, vpr_school=schools(1), score_distribution=[{"primary_score": 1, "level": None}])
    return {}


def bad_register(settings: Settings) -> dict[str, Any]:
    stage(settings, 2021, vpr_school=schools(1))
    return {"files": pd.concat([register("b"), register("b")])}


@pytest.mark.parametrize("spoil", [duplicated_key, null_where_none_may_be, bad_register])
def test_a_failing_insert_leaves_everything_as_it_was(
    home: Settings, tmp_path: Path, spoil: Callable[[Settings], dict[str, Any]]
) -> None:
    stage(home, 2020, vpr_school=schools(2))
    stage(home, 2021, vpr_school=schools(3))
    release(home, 2020, 2021, issues=[told(tmp_path, "issue", "a", "x")])
    before, copies = contents(home), sorted(home.staging.rglob("published/**/*.parquet"))
    more = spoil(home)
    with pytest.raises(Exception, match=r"(?i)unique|not.null") as caught:
        release(home, 2021, **{"files": register("a", "b"), "inputs": {2021: "new"}, **more})
    if not more:
        assert "score_distribution" in " ".join(caught.value.__notes__)
    assert contents(home) == before
    assert last_inputs(home) == {2020: "hash of 2020", 2021: "hash of 2021"}
    assert sorted(home.staging.rglob("published/**/*.parquet")) == copies


def test_a_first_publication_that_fails_leaves_no_table(home: Settings) -> None:
    duplicated_key(home)
    with pytest.raises(Exception, match=r"(?i)unique"):
        release(home, 2021)
    assert last_publication(home) is None
    engine = connect(home.warehouse)
    names = [name for schema in (None, "mart", "ops") if schema is None or engine.dialect.name == "postgresql"
             for name in sa.inspect(engine).get_table_names(schema=schema)]  # fmt: skip
    engine.dispose()
    assert names == []


SEEN = (
    "select (select max(published_at) from {mart}vpr_school where year = 2021), (select max(published_at) from"
    " {mart}score_distribution where year = 2021), (select max(published_at) from {ops}publication),"
    " (select count(*) from {ops}file)"
)


def test_a_reader_sees_the_old_publication_until_the_new_one_is_whole(home: Settings) -> None:
    scores = [{"primary_score": n, "participants": 1} for n in range(50)]
    stage(home, 2021, vpr_school=schools(50), score_distribution=scores)
    old = release(home, 2021).published_at
    seen: list[tuple[int, Any]] = []

    def look(step: str, done: int, total: int) -> None:
        seen.append((done, execute(home, SEEN)))

    new = release(home, 2021, files=register("a", "b"), progress=look).published_at
    during, after = seen[:-1], seen[-1]
    assert [done for done, _ in during] == list(range(1, len(MARTS) + 1)), "looked after every table"
    assert {tuple(answer[0]) for _, answer in during} == {(old, old, old, 1)}
    assert after == (len(MARTS) + 1, [(new, new, new, 2)])


def test_issues_and_quarantine_of_registered_files_are_replaced(home: Settings, tmp_path: Path) -> None:
    stage(home, 2021)
    both = [told(tmp_path, "issue", "a", "old", "older"), told(tmp_path, "issue", "b", "of b")]
    release(home, 2021, files=register("a", "b"), issues=both, quarantine=[told(tmp_path, "quarantine", "a", "{}")])
    release(home, files=register("a", "b", "c"), issues=[told(tmp_path, "issue", "c", "new")])
    assert execute(home, "select sha256, value from {ops}issue") == [(SHA["c"], "new")]
    assert execute(home, "select count(*) from {ops}quarantine") == [(0,)]


def test_an_issue_about_an_unknown_file_is_refused(sqlite: Settings, tmp_path: Path) -> None:
    stage(sqlite, 2021)
    with pytest.raises(StagedError, match="нет в реестре"):
        release(sqlite, 2021, files=register("a"), issues=[told(tmp_path, "issue", "b", "x")])


def missing_mart(settings: Settings) -> None:
    rows.staged(settings, 2021, "vpr_task").unlink()


def missing_column(settings: Settings) -> None:
    path = rows.staged(settings, 2021, "vpr_task")
    pq.write_table(pq.read_table(path).drop_columns(["task"]), path)


def extra_column(settings: Settings) -> None:
    path = rows.staged(settings, 2021, "vpr_task")
    whole = pq.read_table(path)
    pq.write_table(whole.append_column("more", pa.nulls(len(whole), pa.string())), path)


def text_for_a_number(settings: Settings) -> None:
    path = rows.staged(settings, 2021, "vpr_task")
    whole = pq.read_table(path)
    place = whole.column_names.index("participants")
    pq.write_table(whole.set_column(place, "participants", pa.array(["много"] * len(whole))), path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (missing_mart, "не подготовлена"),
        (missing_column, "нет столбцов: task"),
        (extra_column, "лишние столбцы: more"),
        (text_for_a_number, "не тот тип: participants"),
    ],
)
def test_staged_rows_that_are_not_as_declared_are_refused(
    sqlite: Settings, spoil: Callable[[Settings], None], says: str
) -> None:
    stage(sqlite, 2021, vpr_task=[{"task": "1", "task_order": 1}])
    release(sqlite, 2021)
    before = contents(sqlite)
    spoil(sqlite)
    with pytest.raises(StagedError, match=says):
        release(sqlite, 2021)
    assert contents(sqlite) == before


def test_a_changed_declaration_asks_for_every_year_again(home: Settings) -> None:
    for year in (2020, 2021):
        stage(home, year, vpr_school=schools(2))
    release(home, 2020, 2021)
    assert (last_publication(home) or {})["notes"] is None
    execute(home, "drop view {pub}vpr_school")
    execute(home, "alter table {mart}vpr_school drop column alpha")
    execute(home, "alter table {mart}vpr_school add column beta text")
    execute(home, "create view own as select unit_id, beta from {mart}vpr_school")
    engine = connect(home.warehouse)
    assert needs_rebuild(engine) is True
    assert last_inputs(home) == {}
    release(home, 2021)
    assert needs_rebuild(engine) is False
    assert last_inputs(home) == {2021: "hash of 2021"}, "2020 is gone with the old table and must be published again"
    release(home, 2020)
    assert last_inputs(home) == {2020: "hash of 2020", 2021: "hash of 2021"}
    assert execute(home, "select count(*) from {mart}vpr_school") == [(4,)]
    assert execute(home, "select count(*) from {ops}publication") == [(3,)], "the history outlives the rebuild"
    assert execute(home, "select 1 from {ops}publication where notes like '%%beta%%own%%'") == [(1,)]
    engine.dispose()


def test_rows_in_any_order_and_more_than_a_batch(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoko_pipeline.publishing import load

    monkeypatch.setattr(load, "BATCH", 7)
    monkeypatch.setattr(load, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(load, "COPY_BATCH", 7)
    mixed = [{**record, "subject": subject} for subject in ("RU", "MA") for record in schools(20)[::-1]]
    stage(home, 2021, vpr_school=mixed)
    assert release(home, 2021).row_counts["vpr_school"] == 40
    found = execute(home, "select subject, sum(participants), count(*) from {mart}vpr_school group by 1 order by 1")
    assert found == [("MA", 190, 20), ("RU", 190, 20)]


def test_asking_for_the_last_inputs_loads_nothing_heavy(sqlite: Settings) -> None:
    stage(sqlite, 2021, vpr_school=schools(1))
    release(sqlite, 2021)
    assert last_inputs(sqlite) == {2021: "hash of 2021"}
    code = (
        "import sys; from msoko_pipeline.publishing.publish import last_inputs;"
        "from msoko_pipeline.settings import Settings; print(last_inputs(Settings()));"
        "print({'pandas', 'pyarrow', 'pandera', 'duckdb', 'great_expectations'} & set(sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "MSOKO_HOME": str(sqlite.home)}, cwd=Path(__file__).parents[2],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert out.split("\n")[:2] == ["{2021: 'hash of 2021'}", "set()"]
