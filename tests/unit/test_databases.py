"""Databases of a home that are garbage, cut off, empty or of another version: one sentence, or a new beginning."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from msoko_pipeline.home.databases import fault
from msoko_pipeline.home.ledger import ledger_of
from msoko_pipeline.home.ledger_file import LedgerTrouble
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.orchestration import home, stale
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped
from tests.command import ROOT, msoko_here

STARTED = dg.DagsterRunStatus.STARTED


@dg.job
def work() -> None:
    """A job to have runs of."""


def garbage(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def torn(path: Path) -> None:
    """The first page is sound, those after it are not."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xab" * (len(data) - 4096)
    path.write_bytes(bytes(data))


def settled(path: Path) -> Path:
    """The database alone, what stood in its log written into it."""
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


# ---- the ledger


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose ledger knows a file and has a copy."""
    settings = Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")
    settings.inbox.mkdir()
    (settings.inbox / "заметки.csv").write_text("дата;кто\n1;2\n", encoding="utf-8")
    intake.receive(settings)
    ledger_of(settings).keep_copy()
    settled(settings.ledger)
    return settings


SPOILS: dict[str, Callable[[Path], None]] = {
    "garbage": garbage, "empty": empty, "cut": cut, "torn": torn, "gone": Path.unlink,
}  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_ledger_that_cannot_be_read_is_one_sentence_and_its_copy_mends_it(
    settings: Settings, spoil: Callable[[Path], None]
) -> None:
    spoil(settings.ledger)
    for command in (["run", "--inbox", settings.inbox], ["withdraw", "00"]):
        done = msoko_here(*command, "--home", settings.home)
        assert done.returncode == 1
        assert "переименуйте ledger.copy.sqlite в ledger.sqlite" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    for end in ("", "-wal", "-shm"):
        (settings.home / f"ledger.sqlite{end}").unlink(missing_ok=True)
    (settings.home / "ledger.copy.sqlite").rename(settings.ledger)
    assert [entry.name for entry in ledger_of(settings).files()] == ["заметки.csv"]
    assert not intake.pending(settings)


def test_without_a_copy_it_is_said_what_to_begin_with(settings: Settings) -> None:
    (settings.home / "ledger.copy.sqlite").unlink()
    garbage(settings.ledger)
    with pytest.raises(LedgerTrouble, match=r"перенесите в новую pseudonym\.key"):
        ledger_of(settings)


def test_a_ledger_of_a_later_version_is_said_so(settings: Settings) -> None:
    with sqlite3.connect(settings.ledger) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(LedgerTrouble, match=r"более новой версией .+\(версия реестра 9999, .+Обновите программу"):
        ledger_of(settings)


def test_a_sound_database_has_no_fault(settings: Settings) -> None:
    assert fault(settings.ledger) is None
    with sqlite3.connect(settings.ledger) as writer:  # in the middle of a transaction of somebody else's
        writer.execute("insert into act values ('', '', '')")
        assert fault(settings.ledger) is None


def test_a_damaged_warehouse_is_one_sentence(settings: Settings) -> None:
    garbage(settings.home / "warehouse.sqlite")
    done = msoko_here("run", "--inbox", settings.inbox, "--home", settings.home)
    assert done.returncode == 1
    assert "оно заполнится заново" in done.stderr
    assert "Traceback" not in done.stderr


# ---- Dagster's records


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose Dagster has a run on record."""
    settings = Settings(home=tmp_path_factory.mktemp("records"))
    with home.opened(settings) as instance:
        work.execute_in_process(instance=instance)
        instance.add_dynamic_partitions("year", ["2021"])
    for name in home.DATABASES:
        settled(settings.dagster_home / name)
    return settings.home


@pytest.fixture
def kept(records: Path, tmp_path: Path) -> Settings:
    shutil.copytree(records, tmp_path / "home")
    return Settings(home=tmp_path / "home")


def runs(settings: Settings) -> int:
    with home.opened(settings) as instance:
        return instance.get_runs_count()


def of(name: str, spoil: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: spoil(folder / name)


def asked(name: str, query: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        with sqlite3.connect(folder / name) as connection:
            connection.execute(query)

    return spoil


RUNS, EVENTS, SCHEDULES = home.DATABASES
DAMAGES: dict[str, Callable[[Path], None]] = {
    "runs are garbage": of(RUNS, garbage),
    "runs are empty": of(RUNS, empty),
    "runs are cut": of(RUNS, cut),
    "events are garbage": of(EVENTS, garbage),
    "events are torn": of(EVENTS, torn),
    "schedules are garbage": of(SCHEDULES, garbage),
    "events of another version": asked(EVENTS, "update alembic_version set version_num = 'feedfacecafe'"),
    "events without their table": asked(EVENTS, "drop table event_logs"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_records_that_cannot_be_read_are_put_aside(
    kept: Settings, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(kept.dagster_home)
    assert runs(kept) == 0
    assert "на принятые файлы и показатели это не влияет" in capsys.readouterr().err
    (aside,) = kept.dagster_home.glob("damaged-*")
    assert (aside / "history").is_dir()
    assert runs(kept) == 0
    assert capsys.readouterr().err == ""


def test_sound_records_are_kept(kept: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert runs(kept) == 1
    assert capsys.readouterr().err == ""


def test_processes_that_begin_records_at_once_find_no_damage(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from msoko_pipeline.orchestration.home import opened; "
        "from msoko_pipeline.settings import Settings\n"
        "with opened(Settings(home=Path(sys.argv[1]))) as instance: instance.get_runs()"
    )
    command = [sys.executable, "-c", code, tmp_path / "home"]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [("", 0)] * 3
    assert not list((tmp_path / "home" / "dagster").glob("damaged-*"))


@pytest.mark.parametrize("text", ["a: [b", "nonsense: 1", b"\xff\xfe"])
def test_a_configuration_that_cannot_be_read_is_one_sentence(kept: Settings, text: str | bytes) -> None:
    path = kept.dagster_home / "dagster.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Stopped, match="Исправьте этот файл или удалите"):
        runs(kept)


def test_an_old_configuration_of_ours_is_replaced_and_a_changed_one_is_kept(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    path = kept.dagster_home / "dagster.yaml"
    old = b"telemetry:\n  enabled: false\n"
    path.write_bytes(old)
    home.dagster_home(kept)
    assert path.read_bytes() == old
    monkeypatch.setattr(home, "FORMER", {hashlib.sha256(old).hexdigest()})
    home.dagster_home(kept)
    assert path.read_text(encoding="utf-8") == home.template()
    path.write_bytes(b"")
    home.dagster_home(kept)
    assert path.read_text(encoding="utf-8") == home.template()


def test_what_is_written_today_is_not_among_the_former() -> None:
    import hashlib

    assert hashlib.sha256(home.template().encode()).hexdigest() not in home.FORMER


# ---- runs whose process is gone


def started(instance: dg.DagsterInstance, tags: dict[str, str], status: dg.DagsterRunStatus = STARTED) -> str:
    return instance.create_run_for_job(work, status=status, tags=tags).run_id


@contextmanager
def another_process(instance: dg.DagsterInstance) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A process that has signed a run of the instance, and the tags that it signs with."""
    code = f"""
        import json, time
        from types import SimpleNamespace
        from msoko_pipeline.orchestration.stale import signature
        print(json.dumps(signature(SimpleNamespace(root_directory={str(instance.root_directory)!r}))), flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_a_run_is_given_up_when_its_process_is_gone(kept: Settings) -> None:
    with home.opened(kept) as instance, another_process(instance) as (other, theirs):
        alive = [started(instance, stale.signature(instance)), started(instance, theirs)]
        unsigned = started(instance, {})
        assert stale.end_stale(instance) == []
        other.kill()
        other.wait()
        dead = [
            alive.pop(),
            started(instance, {stale.PROCESS: f"{os.getpid()}-0"}),  # our number, given to us after somebody's end
            started(instance, {stale.PROCESS: "x"}),
            started(instance, {stale.PROCESS: "../dagster.yaml"}),  # a name of no lock
            started(instance, theirs, dg.DagsterRunStatus.CANCELING),
        ]
        assert sorted(stale.end_stale(instance)) == sorted(dead)
        states = {run.run_id: run.status for run in instance.get_runs()}
        assert {states[run] for run in dead} == {dg.DagsterRunStatus.FAILURE}
        assert states[alive[0]] == states[unsigned] == STARTED
        assert stale.end_stale(instance) == []


def test_a_run_that_nobody_signed_is_given_up_after_a_while(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with home.opened(kept) as instance:
        unsigned = started(instance, {})
        monkeypatch.setattr(stale, "UNSIGNED", -1.0)
        assert stale.end_stale(instance) == [unsigned]


def test_a_process_that_is_dead_and_not_buried_is_gone(kept: Settings) -> None:
    with home.opened(kept) as instance, another_process(instance) as (child, theirs):
        run = started(instance, theirs)
        assert stale.end_stale(instance) == []
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert stale.end_stale(instance) == [run]


def test_locks_of_processes_long_gone_are_removed(kept: Settings) -> None:
    with home.opened(kept) as instance, another_process(instance) as (_, theirs):
        ours = stale.signature(instance)
        folder = kept.dagster_home / "processes"
        (folder / "1-of-yesterday").touch()
        (folder / "2-just-made").touch()
        for lock in (theirs[stale.PROCESS], ours[stale.PROCESS], "1-of-yesterday"):
            os.utime(folder / lock, (1.0, 1.0))
        stale.end_stale(instance)
        left = {theirs[stale.PROCESS], ours[stale.PROCESS], "2-just-made"}
        assert {path.name for path in folder.iterdir()} == left


def test_a_run_signs_itself(kept: Settings) -> None:
    from msoko_pipeline.orchestration.pipeline import Pipeline, resource

    @dg.op(required_resource_keys={"pipeline"})
    def look() -> None:
        """Something that needs the pipeline."""

    @dg.job(resource_defs={"pipeline": resource(Pipeline(kept))})
    def job() -> None:
        look()

    with home.opened(kept) as instance:
        done = job.execute_in_process(instance=instance)
        run = instance.get_run_by_id(done.run_id)
        assert run is not None
        assert run.tags[stale.PROCESS].startswith(f"{os.getpid()}-")
        assert run.tags.items() >= stale.signature(instance).items()
