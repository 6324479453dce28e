"""What a run costs is counted in all of its processes, and told beside what it cost before."""

from __future__ import annotations

import sys

import pytest

from benchmarks import measure
from benchmarks.measure import Timed

BURN = "import time\nwhile time.process_time() < 0.3: pass"
LEAVE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURN!r}])"


@pytest.mark.skipif(sys.platform != "linux", reason="процессы, оставшиеся после команды, считаются только в Linux")
def test_processes_that_outlive_a_command_are_counted() -> None:
    assert measure.timed([sys.executable, "-c", LEAVE]).processor > 0.3
    assert measure.timed([sys.executable, "-c", "pass"]).processor < 0.3


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit status 7"):
        measure.timed([sys.executable, "-c", "raise SystemExit(7)"])


def test_additions_are_told_as_a_ratio_and_not_without_a_former_commit() -> None:
    lines = measure.additions([("town", Timed(9.0, 300, 22.0), Timed(8.0, 280, 20.0))])
    assert lines[-1] == "| town | 22.0 s | 20.0 s | 1.10 |"
    assert measure.additions([]) == []
