"""Dagster's records beside the marts in PostgreSQL: runs are kept, damage is put aside, no password is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from msoko_pipeline.orchestration import home, postgres, tidy
from msoko_pipeline.orchestration.stale import PROCESS, end_stale
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped
from tests import killing
from tests.assets.test_layers import GOOD, export
from tests.command import ROOT, msoko_here
from tests.serving import graphql, ui

pytestmark = pytest.mark.postgres


@dg.op
def look(context):  # type: ignore[no-untyped-def]  # Dagster looks at the annotation itself
    context.log_event(dg.AssetMaterialization("mart"))


@dg.job
def work() -> None:
    look()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (postgres.ADDRESS, "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back afterwards


@pytest.fixture
def settings(tmp_path: Path, postgres_database: str) -> Settings:
    return Settings(home=tmp_path / "home", warehouse_url=postgres_database)


def answer(url: str, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(sa.text(query))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def runs(settings: Settings) -> int:
    with home.opened(settings) as instance:
        return instance.get_runs_count()


# ---- msoko run


def test_a_run_keeps_its_records_in_the_database(tmp_path: Path, postgres_database: str) -> None:
    export(tmp_path / "inbox", "2021/4/Математика.csv", GOOD)
    command = ["run", "--home", tmp_path / "home", "--inbox", tmp_path / "inbox", "--warehouse", postgres_database]
    done = msoko_here(*command)
    assert (done.returncode, "Dagster" in done.stderr) == (0, False)
    assert answer(postgres_database, "select status, count(*) from dagster.runs group by 1") == [("SUCCESS", 2)]
    events = answer(postgres_database, "select count(*) from dagster.event_logs where asset_key is not null")
    assert events[0] > (10,)
    assert answer(postgres_database, "select partition from dagster.dynamic_partitions") == [("2021",)]
    schemas = "select distinct table_schema from information_schema.tables where table_schema !~ '^pg_|^information'"
    assert sorted(answer(postgres_database, schemas)) == [("dagster",), ("mart",), ("ops",), ("pub",)]
    folder = tmp_path / "home" / "dagster"
    assert not any((folder / name).exists() for name in home.DATABASES)
    again = msoko_here(*command)
    assert "Нового в папке приёма нет" in again.stdout


def test_a_run_that_was_killed_is_given_up_by_the_next(tmp_path: Path, postgres_database: str) -> None:
    export(tmp_path / "inbox", "2021/4/Математика.csv", GOOD)
    assert killing.kill(tmp_path, killing.Moment(0.0, "Показатели"), MSOKO_WAREHOUSE=postgres_database)
    counted = "select status, count(*) from dagster.runs group by 1 order by 1"
    assert answer(postgres_database, counted) == [("STARTED", 1), ("SUCCESS", 1)]
    killing.run(tmp_path, status=0, MSOKO_WAREHOUSE=postgres_database)
    assert answer(postgres_database, counted) == [("FAILURE", 1), ("SUCCESS", 3)]


def test_no_password_is_written(settings: Settings) -> None:
    password = sa.make_url(settings.warehouse).password
    assert password
    with home.opened(settings) as instance:
        work.execute_in_process(instance=instance)
        assert password not in str(instance.get_ref().to_dict())
    written = [path for path in settings.home.rglob("*") if path.is_file()]
    assert (settings.dagster_home / "dagster.yaml") in written
    assert [path for path in written if password.encode() in path.read_bytes()] == []


# ---- opening


def test_records_are_read_again(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with home.opened(settings) as instance:
        run_id = work.execute_in_process(instance=instance).run_id
        instance.add_dynamic_partitions("year", ["2021"])
    capsys.readouterr()
    with home.opened(settings) as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        assert instance.get_dynamic_partitions("year") == ["2021"]
        assert instance.all_logs(run_id)
        instance.optimize_for_webserver(5000, 3600, 20)
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        with instance.event_log_storage.index_connection() as connection:
            assert connection.execute(sa.text("show statement_timeout")).scalar() == "5s"
            assert connection.execute(sa.text("show search_path")).scalar() == "dagster"
    assert capsys.readouterr().err == ""


def spoiled(query: str) -> Callable[[str], None]:
    return lambda url: answer(url, query) and None


DAMAGES = {
    "of another version": spoiled("update dagster.alembic_version set version_num = 'feedfacecafe'"),
    "without a column": spoiled("alter table dagster.runs drop column status"),
    "without a table": spoiled("drop table dagster.asset_keys"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_records_are_put_aside(
    settings: Settings, damage: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with home.opened(settings) as instance:
        work.execute_in_process(instance=instance)
    damage(settings.warehouse)
    assert runs(settings) == 0
    said = capsys.readouterr().err
    assert "на принятые файлы и показатели это не влияет" in said
    (aside,) = answer(settings.warehouse, "select nspname from pg_namespace where nspname like 'dagster_damaged%'")
    assert str(aside[0]) in said
    assert answer(settings.warehouse, f"select count(*) from {aside[0]}.event_logs")[0] > (0,)
    assert runs(settings) == 0
    assert capsys.readouterr().err == ""


def test_records_of_an_earlier_version_are_brought_to_ours(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    import dagster_postgres.event_log.event_log as stock
    from dagster._core.storage.sql import run_alembic_downgrade

    with home.opened(settings) as instance:
        work.execute_in_process(instance=instance)
        with instance.event_log_storage.index_connection() as connection:
            run_alembic_downgrade(stock.pg_alembic_config(stock.__file__), connection, rev="-2")
        earlier, newest = instance.event_log_storage.alembic_version() or ("", "")
        assert earlier != newest
    capsys.readouterr()
    with home.opened(settings) as instance:
        assert instance.get_runs_count() == 1
        assert instance.event_log_storage.alembic_version() == (newest, newest)
    assert capsys.readouterr().err == ""


def test_a_run_whose_process_is_gone_is_given_up(settings: Settings) -> None:
    with home.opened(settings) as instance:
        run = instance.create_run_for_job(work, tags={PROCESS: "0-gone"}, status=dg.DagsterRunStatus.STARTED)
        assert end_stale(instance) == [run.run_id]
        record = instance.get_run_by_id(run.run_id)
        assert record is not None
        assert record.status is dg.DagsterRunStatus.FAILURE


def test_old_runs_are_forgotten(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "KEPT", 1)
    with home.opened(settings) as instance:
        old, last = (work.execute_in_process(instance=instance).run_id for _ in range(2))
        assert tidy.forget_old(instance, days=0) == [old]
        assert [run.run_id for run in instance.get_runs()] == [last]
    assert answer(settings.warehouse, f"select count(*) from dagster.event_logs where run_id = '{old}'") == [(0,)]


def test_processes_that_begin_at_once_find_no_damage(settings: Settings, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from msoko_pipeline.orchestration.home import opened; "
        "from msoko_pipeline.settings import Settings\n"
        "with opened(Settings(home=Path(sys.argv[1]), warehouse_url=sys.argv[2])) as instance: instance.get_runs()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path / f"home{number}", settings.warehouse],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [("", 0)] * 3
    assert answer(settings.warehouse, "select count(*) from pg_namespace where nspname like 'dagster%'") == [(1,)]


# ---- where the records are


def test_a_role_that_may_make_no_schema_keeps_them_in_the_home(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sa.make_url(settings.warehouse)
    reader = f"reader_{url.database}"
    answer(settings.warehouse, f"create role {reader} login password 'abc'")
    answer(settings.warehouse, f"revoke create on database {url.database} from public")
    try:
        limited = url.set(username=reader, password="abc").render_as_string(hide_password=False)
        narrow = settings.model_copy(update={"warehouse_url": limited})
        assert runs(narrow) == 0
        assert "остаются в папке состояния: роли не хватает права на схему dagster" in capsys.readouterr().err
        assert (settings.dagster_home / home.DATABASES[0]).exists()
        assert answer(settings.warehouse, "select to_regnamespace('dagster') is null") == [(True,)]
        assert runs(settings) == 0, "another role may: from now on they are in the database"
        assert "postgres" in (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8")
        assert capsys.readouterr().err == ""
    finally:
        answer(settings.warehouse, f"drop owned by {reader}; drop role {reader}")


def test_the_configuration_follows_the_warehouse_until_it_is_changed(settings: Settings) -> None:
    path = settings.dagster_home / "dagster.yaml"
    embedded = settings.model_copy(update={"warehouse_url": None})
    for chosen, storage in ((embedded, "sqlite"), (settings, "postgres"), (embedded, "sqlite")):
        runs(chosen)
        assert path.read_text(encoding="utf-8") == home.template(storage)
        home.dagster_home(chosen)
        assert path.read_text(encoding="utf-8") == home.template(storage), "a look changes nothing"
    own = "# ours\n" + home.template("sqlite")
    path.write_text(own, encoding="utf-8")
    assert runs(settings) == 0
    assert path.read_text(encoding="utf-8") == own


def test_a_server_that_does_not_answer_is_one_sentence(settings: Settings) -> None:
    away = sa.make_url(settings.warehouse).set(port=1).render_as_string(hide_password=False)
    with (
        pytest.raises(Stopped, match="узел не принимает соединений"),
        home.opened(settings.model_copy(update={"warehouse_url": away})),
    ):
        pass


def test_a_server_that_goes_away_is_no_damage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg2

    def gone(_: object) -> None:
        raise sa.exc.OperationalError("select 1", {}, psycopg2.OperationalError("server closed the connection"))

    with home.opened(settings) as instance:
        work.execute_in_process(instance=instance)
    with monkeypatch.context() as patch:
        patch.setattr(home, "_look", gone)
        with pytest.raises(Stopped, match="перестала отвечать"):
            runs(settings)
    assert runs(settings) == 1


def test_options_of_the_address_stay(settings: Settings) -> None:
    given = sa.make_url(settings.warehouse).update_query_dict({"options": "-c geqo=off", "connect_timeout": "3"})
    chosen = settings.model_copy(update={"warehouse_url": given.render_as_string(hide_password=False)})
    made = sa.make_url(postgres.address(chosen))
    assert made.query["options"] == "-c geqo=off -c search_path=dagster -c synchronous_commit=off"
    assert made.query["connect_timeout"] == "3"
    with home.opened(chosen) as instance, instance.event_log_storage.index_connection() as connection:
        assert connection.execute(sa.text("show geqo")).scalar() == "off"


# ---- the UI


def test_the_ui_shows_the_runs_of_the_database(settings: Settings) -> None:
    with home.opened(settings) as instance:
        run_id = work.execute_in_process(instance=instance).run_id
    with ui(settings.home, MSOKO_WAREHOUSE=settings.warehouse) as port:
        shown = graphql(f"http://127.0.0.1:{port}", "{ runsOrError { ... on Runs { results { runId } } } }")
        assert shown == {"runsOrError": {"results": [{"runId": run_id}]}}
