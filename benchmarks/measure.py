"""Times a whole run and its references over the same folder, in processes of their own.

What a run costs is processor time, of all its processes: seconds on the clock depend on what else the machine does.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass
class Timed:
    """Wall seconds, the peak memory of the greatest process, MB, and seconds of the processor in all processes."""

    seconds: float
    memory_mb: int
    processor: float


@dataclass
class Case:
    """One input and what was measured of it."""

    name: str
    files: int
    rows: int
    floor: Timed
    run: Timed
    again: Timed
    peer: Timed | None
    now: Timed | None = None
    before: Timed | None = None


def case(name: str, inbox: Path, home: Path, *, scope: str, peer: bool, former: Path | None = None) -> Case:
    """Measure a folder: best of three for the references, one run into an empty home, one with nothing new.

    former: the code as it was before; where it is given, both are run in turn, best of three.
    """
    reader = [sys.executable, "-m", "benchmarks.floor", str(inbox)]
    rival = [sys.executable, "-m", "benchmarks.peer", str(inbox)]
    floor = min((timed(reader) for _ in range(REPEATS)), key=lambda t: t.seconds)
    command = [sys.executable, "-m", "msoko_pipeline", "run", "--inbox", str(inbox), "--home", str(home)]
    environment = {"MSOKO_SCOPE": scope}
    run = timed(command, environment, accepted=(0, 3))
    again = timed(command, environment, accepted=(0, 3))
    other = min((timed(rival) for _ in range(REPEATS)), key=lambda t: t.seconds) if peer else None
    with sqlite3.connect(home / "warehouse.sqlite") as warehouse:
        files, rows = warehouse.execute("select count(*), sum(rows_read) from ops_file").fetchone()
    now, before = in_turn(inbox, home.with_name(f"{home.name}-in-turn"), former, scope) if former else (None, None)
    return Case(name, files, rows, floor, run, again, other, now, before)


def in_turn(inbox: Path, home: Path, former: Path, scope: str) -> tuple[Timed, Timed]:
    """This code and the former, each into an empty home, one after the other: of each the run that cost least."""
    runs: dict[Path, list[Timed]] = {ROOT: [], former: []}
    command = [sys.executable, "-m", "msoko_pipeline", "run", "--inbox", str(inbox), "--home", str(home)]
    for _ in range(REPEATS):
        for tree, measured in runs.items():
            environment = {"MSOKO_SCOPE": scope, "PYTHONPATH": str(tree)}
            measured.append(timed(command, environment, accepted=(0, 3), tree=tree))
            shutil.rmtree(home)
    now, before = (min(measured, key=lambda t: t.processor) for measured in runs.values())
    return now, before


def timed(
    command: list[str], environment: dict[str, str] | None = None, accepted: tuple[int, ...] = (0,), tree: Path = ROOT
) -> Timed:
    """Run a command in a tree of code, and wait for every process that it leaves. Modules are kept compiled, as they
    are where people run them.
    """
    environment = {"PYTHONDONTWRITEBYTECODE": ""} | (environment or {})
    started, used = time.perf_counter(), _processor()
    with _adopting(), subprocess.Popen(
        command, cwd=tree, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        process_group=0,
    ) as process:  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-process.pid, 0)  # whoever is left of its group
    if process.returncode not in accepted:
        raise RuntimeError(f"{command}: exit status {process.returncode}")
    return Timed(seconds, usage.ru_maxrss // 1024, _processor() - used)


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def _adopting() -> Iterator[None]:
    """Ours are meanwhile the processes that outlive a command (readers, the judge of marts), where this is Linux."""
    if sys.platform != "linux":
        yield
        return
    control = ctypes.CDLL(None).prctl
    control(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        control(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def page(cases: list[Case]) -> str:
    """The figures as a Markdown page: ratios first, seconds beside them."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`python -m benchmarks --region --save`). Ratios taken at one time on one machine:",
        "a whole run (start-up, reading, validation, indicators, checks, publishing to SQLite) against mere reading",
        "of the same bytes, and against a plain pandas + openpyxl script that makes only the table of marks.",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        "| input | files | rows | floor: bare read | whole run | run / floor | rows/s | peak memory | nothing new "
        "| peer | run / peer |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for c in cases:
        peer = f"{c.peer.seconds:.1f} s" if c.peer else "—"
        ratio = f"{c.run.seconds / c.peer.seconds:.2f}" if c.peer else "—"
        lines.append(
            f"| {c.name} | {c.files} | {c.rows:,} | {c.floor.seconds:.1f} s | {c.run.seconds:.1f} s | "
            f"{c.run.seconds / c.floor.seconds:.2f} | {c.rows / c.run.seconds:,.0f} | {c.run.memory_mb} MB | "
            f"{c.again.seconds:.1f} s | {peer} | {ratio} |"
        )
    lines += additions([(c.name, c.now, c.before) for c in cases if c.now and c.before])
    return "\n".join(lines) + "\n"


def additions(measured: list[tuple[str, Timed, Timed]]) -> list[str]:
    """Lines of the page: what a run costs now beside what it cost before. measured: name of the input, now, before."""
    if not measured:
        return []
    lines = [
        "",
        "## What the additions cost",
        "",
        "Processor time of all processes of a whole run, this code and the commit before figures were given their",
        "certainty (decisions 0034–0041) in turn, the least of three each.",
        "",
        "| input | now | before | now / before |",
        "|---|---|---|---|",
    ]
    return lines + [
        f"| {name} | {now.processor:.1f} s | {before.processor:.1f} s | {now.processor / before.processor:.2f} |"
        for name, now, before in measured
    ]
