"""One home: one writer, one key of pseudonyms, places that do not swallow each other, troubles said in a sentence."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from msoko_pipeline.home import places, pseudonyms
from msoko_pipeline.home.lock import Busy, holding
from msoko_pipeline.home.pseudonyms import KeyTrouble
from msoko_pipeline.intake import steps as intake
from msoko_pipeline.issues.refusals import Refusal, guarded
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import BROKEN_DISK, NO_ROOM, READ_ONLY, Stopped, in_words
from tests.assets.test_layers import GOOD, export
from tests.command import ROOT, msoko_here


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_dir=tmp_path / "inbox")


# ---- one writer


@contextmanager
def another_writer(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the home's lock until it is killed."""
    code = f"""
        import time
        from pathlib import Path
        from msoko_pipeline.home.lock import holding
        from msoko_pipeline.settings import Settings
        with holding(Settings(home=Path({str(settings.home)!r})), "msoko run"):
            print("held", flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_writer_is_told_who_holds_the_home_and_since_when(settings: Settings) -> None:
    settings.inbox.mkdir(parents=True)
    with another_writer(settings) as process:
        for command in (["run", "--inbox", settings.inbox], ["withdraw", "0" * 64]):
            done = msoko_here(*command, "--home", settings.home)
            assert done.returncode == 1
            assert f"msoko run, процесс {process.pid}, с " in done.stderr
            assert "Traceback" not in done.stderr
        assert not settings.ledger.exists()


def test_the_lock_goes_with_its_holder(settings: Settings) -> None:
    with another_writer(settings) as process:
        with pytest.raises(Busy), holding(settings, "другой", wait=0):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        with holding(settings, "другой", wait=5):
            pass


def test_one_process_may_hold_it_again(settings: Settings) -> None:
    with holding(settings, "msoko run"), holding(settings, "запуск Dagster"):
        pass
    with holding(settings, "msoko run"):
        pass


def test_a_run_of_the_daemon_holds_the_lock_and_a_sensor_does_not(settings: Settings) -> None:
    from msoko_pipeline.orchestration.pipeline import Pipeline, resource

    held: list[bool] = []

    @dg.op(required_resource_keys={"pipeline"})
    def look(context):  # type: ignore[no-untyped-def]  # Dagster looks at the annotation itself
        with another_process() as is_free:
            held.append(not is_free)

    @contextmanager
    def another_process() -> Iterator[bool]:
        code = textwrap.dedent(f"""
            from pathlib import Path
            from msoko_pipeline.home.lock import holding
            from msoko_pipeline.settings import Settings
            with holding(Settings(home=Path({str(settings.home)!r})), "x", wait=0): pass
        """)
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
        yield done.returncode == 0

    made = resource(Pipeline(settings))

    @dg.job(resource_defs={"pipeline": made})
    def job() -> None:
        look()

    assert job.execute_in_process().success
    assert held == [True]
    with another_writer(settings), dg.build_init_resource_context() as context:
        pipeline = next(made.resource_fn(context))  # at once, though somebody else writes
        assert pipeline.settings == settings


# ---- the key of pseudonyms


def test_a_key_is_made_once_and_closed(settings: Settings) -> None:
    first = pseudonyms.key(settings)
    assert len(first) == 64
    assert pseudonyms.key(settings) == first
    path = settings.home / "pseudonym.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in settings.home.iterdir() if "key" in p.name) == ["pseudonym.key"]


def _key(home: Path, keys: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    keys.put(pseudonyms.key(Settings(home=home)))


def test_first_runs_at_once_make_one_key(settings: Settings) -> None:
    context = multiprocessing.get_context("fork")
    keys = context.Queue()
    processes = [context.Process(target=_key, args=(settings.home, keys)) for _ in range(6)]
    for process in processes:
        process.start()
    found = {keys.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(found) == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "потерян"),
        (lambda path: path.write_text(""), "пуст"),
        (lambda path: path.write_text(" \n"), "пуст"),
        (lambda path: path.write_text("другой ключ", encoding="cp1251"), "не читается"),
        (lambda path: path.write_text("0" * 64), "не тот"),
    ],
    ids=["lost", "empty", "blank", "not ASCII", "another"],
)
def test_a_key_that_is_not_the_one_stops_the_run(settings: Settings, spoil: object, words: str) -> None:
    settings.inbox.mkdir()
    pseudonyms.key(settings)
    spoil(settings.home / "pseudonym.key")  # type: ignore[operator]
    with pytest.raises(KeyTrouble, match=words):
        pseudonyms.key(settings)
    done = msoko_here("run", "--home", settings.home, "--inbox", settings.inbox)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_key_of_the_environment_is_refused(settings: Settings, value: str) -> None:
    settings.inbox.mkdir()
    done = msoko_here("run", "--home", settings.home, "--inbox", settings.inbox, MSOKO_PSEUDONYM_KEY=value)
    assert done.returncode == 1
    assert "MSOKO_PSEUDONYM_KEY задан пустым" in done.stderr
    assert not (settings.home / "pseudonym.key").exists()


def test_the_key_of_the_environment_is_held_against_the_ledger_too(settings: Settings) -> None:
    given = settings.model_copy(update={"pseudonym_key": "один"})
    assert pseudonyms.key(given) == "один".encode()
    with pytest.raises(KeyTrouble, match=r"не тот.*MSOKO_PSEUDONYM_KEY"):
        pseudonyms.key(settings.model_copy(update={"pseudonym_key": "другой"}))
    with pytest.raises(KeyTrouble, match="потерян"):  # it was never in the home
        pseudonyms.key(settings)
    assert not (settings.home / "pseudonym.key").exists()


def test_an_empty_key_that_was_never_used_may_be_removed(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "pseudonym.key").touch()
    with pytest.raises(KeyTrouble, match="Удалите этот файл"):
        pseudonyms.key(settings)


def test_a_disk_that_fills_up_leaves_no_empty_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pseudonyms.key(settings)
    assert not [path for path in settings.home.iterdir() if "pseudonym" in path.name]
    monkeypatch.undo()
    assert len(pseudonyms.key(settings)) == 64


# ---- places


def test_a_home_inside_the_inbox_is_not_taken_in(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "inbox" / "var", inbox_dir=tmp_path / "inbox")
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    for _ in range(3):
        pseudonyms.key(settings)
        assert [item.name for item in intake.incoming(settings)] == ["2021/4/Математика.csv"]
    assert len([path for path in settings.archive.rglob("*") if path.is_file()]) == 1


def test_lake_and_warehouse_inside_the_inbox_are_not_taken_in(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    settings = Settings(
        home=tmp_path / "home", inbox_dir=inbox, lake_dir=inbox / "озеро", warehouse_url=f"sqlite:///{inbox}/витрины.db"
    )
    export(inbox, "2021/4/Математика.csv", GOOD)
    export(inbox, "озеро/внутри.csv", GOOD)
    for end in ("", "-wal", "-shm"):
        (inbox / f"витрины.db{end}").touch()
    (inbox / "витрины.dbx").touch()
    assert sorted(item.name for item in intake.incoming(settings)) == ["2021/4/Математика.csv", "витрины.dbx"]


def test_the_inbox_inside_the_home_is_as_ever(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    assert places.left_out(settings) == []
    assert [item.name for item in intake.incoming(settings)] == ["2021/4/Математика.csv"]


@pytest.mark.parametrize("inbox", [".", "archive", "cells/x", "lake", "dagster", "indicators"])
def test_an_inbox_that_the_pipeline_writes_is_refused(tmp_path: Path, inbox: str) -> None:
    settings = Settings(home=tmp_path, inbox_dir=tmp_path / inbox)
    settings.inbox.mkdir(parents=True, exist_ok=True)
    with pytest.raises(Stopped, match="пишет сама программа"):
        intake.incoming(settings)
    done = msoko_here("run", "--home", tmp_path, "--inbox", settings.inbox)
    assert done.returncode == 1
    assert "пишет сама программа" in done.stderr


def test_a_link_to_the_home_does_not_lead_around(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "var").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "inbox")
    settings = Settings(home=tmp_path / "inbox" / "var", inbox_dir=tmp_path / "link")
    export(settings.inbox, "2021/4/Математика.csv", GOOD)
    export(settings.home, "archive/x.csv", GOOD)
    assert [item.name for item in intake.incoming(settings)] == ["2021/4/Математика.csv"]


# ---- troubles of the machine


def wrapped(error: BaseException) -> BaseException:
    try:
        raise RuntimeError("step failed") from error
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), NO_ROOM),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), NO_ROOM),
        (OSError(errno.EFBIG, "File too large"), NO_ROOM),
        (OSError("IOError: [Errno 28] No space left on device"), NO_ROOM),
        (OSError(errno.EROFS, "Read-only file system"), READ_ONLY),
        (OSError(errno.EIO, "Input/output error"), BROKEN_DISK),
        (sqlite3.OperationalError("database or disk is full"), NO_ROOM),
        (sa.exc.OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full")), NO_ROOM),
        (Stopped("Остановлено"), "Остановлено"),
        (ValueError("what a program says"), None),
        (OSError(errno.ENOENT, "No such file or directory"), None),
    ],
)
def test_a_trouble_of_the_machine_is_one_sentence(error: BaseException, sentence: str | None) -> None:
    assert in_words(error) == sentence
    assert in_words(wrapped(error)) == sentence


def test_a_full_disk_is_not_the_fault_of_a_file() -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def broken() -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    with pytest.raises(OSError, match="No space"):
        guarded(full)
    assert isinstance(guarded(broken), Refusal)


def test_the_wait_for_another_writer_is_short(settings: Settings) -> None:
    with another_writer(settings):
        started = time.monotonic()
        with pytest.raises(Busy), holding(settings, "x"):
            pass
        assert time.monotonic() - started < 10
