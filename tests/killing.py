"""Kills `msoko run` at a moment of its progress, and reads what the warehouse holds afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.command import ROOT

Tables = dict[str, list[tuple[Any, ...]]]
KEY = "a key of the tests"
"""The same in every home: sums of real numbers are rounded in the order of the pupils' keys."""
PASSING = {"published_at", "received_at", "message_ru"}
"""Columns that tell of the run rather than of the data."""


STEPS = ("Чтение файлов", "Проверка строк", "Показатели", "Витрины", "Публикация")
"""How the lines of a run's progress begin, in their order; the transaction comes between the last two."""


@dataclass(frozen=True)
class Moment:
    """When a run is killed: `delay` seconds after it has told of `step`, or of a later one where it had nothing left to
    do in that, for the `number`th time; «»: after its start.
    """

    delay: float
    step: str = ""
    number: int = 1


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """`msoko run` on `folder/inbox` and `folder/home`, in a process group of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    clean["MSOKO_PSEUDONYM_KEY"] = KEY
    command = ["-m", "msoko_pipeline", "run", "--inbox", str(folder / "inbox"), "--home", str(folder / "home")]
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=clean | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", start_new_session=True,
    )  # fmt: skip


def run(folder: Path, status: int = 3, **environment: str) -> str:
    """A run that nobody disturbs; returns what it said."""
    with start(folder, **environment) as process:
        said, _ = process.communicate(timeout=600)
    assert process.returncode == status, said
    return said


def kill(folder: Path, moment: Moment, **environment: str) -> bool:
    """A run killed at a moment, children and all; False where it was over before."""
    with start(folder, **environment) as process:
        assert process.stdout is not None
        if moment.step:
            _wait(process.stdout, moment)
        time.sleep(moment.delay)
        was_alive = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if was_alive else None
        process.communicate()
    return was_alive


def _wait(said: IO[str], moment: Moment) -> None:
    awaited = STEPS[STEPS.index(moment.step) :]
    told = 0
    while told < moment.number and (line := said.readline()):
        told += line.startswith(awaited)


def tables(folder: Path, prefix: str = "") -> Tables:
    """Every published table whose name begins so, its rows in a settled order, without what tells of the run."""
    with sqlite3.connect(folder / "home" / "warehouse.sqlite") as warehouse:
        names = warehouse.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        return {
            name: _rows(warehouse, name) for (name,) in names if name.startswith(prefix) and name != "ops_publication"
        }


def _rows(warehouse: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = [column[1] for column in warehouse.execute(f"pragma table_info({table})") if column[1] not in PASSING]
    return sorted(warehouse.execute(f"select {', '.join(columns)} from {table}").fetchall(), key=repr)
