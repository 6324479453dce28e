"""Times a whole run and its references over the same folder, in processes of their own."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3


@dataclass
class Timed:
    """Wall seconds and the peak memory of the greatest process, MB."""

    seconds: float
    memory_mb: int


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


def case(name: str, inbox: Path, home: Path, *, scope: str, peer: bool) -> Case:
    """Measure a folder: best of three for the references, one run into an empty home, one with nothing new."""
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
    return Case(name, files, rows, floor, run, again, other)


def timed(command: list[str], environment: dict[str, str] | None = None, accepted: tuple[int, ...] = (0,)) -> Timed:
    """Run a command; its wall time and the peak memory of its greatest process."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        raise RuntimeError(f"{command}: exit status {process.returncode}")
    return Timed(time.perf_counter() - started, usage.ru_maxrss // 1024)


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
    return "\n".join(lines) + "\n"
