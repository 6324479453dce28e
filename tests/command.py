"""Runs `msoko` as a person would: in a process of its own, or, where there are many calls, in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from msoko_pipeline.cli import main

ROOT = Path(__file__).resolve().parents[1]


def msoko(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m msoko_pipeline …` with MSOKO_* taken from `environment` only."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, "-m", "msoko_pipeline", *map(str, arguments)],
        cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What a call printed and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def msoko_here(*arguments: str | Path, **environment: str) -> Done:
    """The same call within this process: libraries are loaded once for many calls."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(("MSOKO_", "DAGSTER_"))]:
        del os.environ[name]
    try:
        result = CliRunner().invoke(main, list(map(str, arguments)), env=environment, catch_exceptions=False)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Done(result.exit_code, result.stdout, result.stderr)
