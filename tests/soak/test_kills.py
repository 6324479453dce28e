"""Thirty kills at seeded moments on a made-up town: what is published is the same, row for row. `make soak`."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from msoko_pipeline.sample import write_sample
from tests.killing import Moment, kill, run, tables

pytestmark = pytest.mark.soak

KILLS = 30


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A town's folder after a run, and the seconds that the run took."""
    folder = tmp_path_factory.mktemp("town")
    write_sample(folder / "inbox", schools=3, years=2, seed=2026)
    started = time.monotonic()
    run(folder)
    return folder, time.monotonic() - started


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kills_change_nothing(undisturbed: tuple[Path, float], tmp_path: Path, seed: int) -> None:
    """Ten kills in one home, spread over the time that a whole run takes, then a run to the end."""
    town, seconds = undisturbed
    shutil.copytree(town / "inbox", tmp_path / "inbox", copy_function=shutil.copy2)
    chance = random.Random(seed)
    count = KILLS // 3
    delays = [(part + chance.random()) / count * seconds for part in range(count)]
    chance.shuffle(delays)
    for delay in delays:
        kill(tmp_path, Moment(delay))
    run(tmp_path)
    assert tables(tmp_path) == tables(town)
