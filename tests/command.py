"""Runs `msoko` as a person would: a process of its own, its own home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def msoko(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m msoko_pipeline …` with MSOKO_* taken from `environment` only."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MSOKO_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, "-m", "msoko_pipeline", *map(str, arguments)],
        cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
