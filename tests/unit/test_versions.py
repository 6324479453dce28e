"""The version of the rules changes with whatever judges or computes, and with nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from msoko_pipeline import versions
from msoko_pipeline.versions import COMPUTING, HOUSE, JUDGING, digest
from schemas import FOLDER


def copied(folder: Path) -> list[Path]:
    """Copies of what judges."""
    places = [folder / "schemas", *(folder / room for room in JUDGING)]
    for place, source in zip(places, (FOLDER, *(HOUSE / room for room in JUDGING)), strict=True):
        if source.is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copy(source, place)
    return places


@pytest.mark.parametrize(
    "name", ["schemas/risk.py", "schemas/layouts/limits.yaml", "text/cells.py", "intake/sheets.py"]
)
def test_a_change_of_what_judges_is_another_version(tmp_path: Path, name: str) -> None:
    places = copied(tmp_path)
    before = digest(places)
    assert before == versions.judging().partition("-")[2], "wherever it lies"
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\n# another rule\n")
    assert digest(places) != before


def test_what_is_left_by_running_is_no_other_version(tmp_path: Path) -> None:
    places = copied(tmp_path)
    before = digest(places)
    (tmp_path / "reading" / "__pycache__").mkdir(exist_ok=True)
    (tmp_path / "reading" / "__pycache__" / "cells.cpython-311.pyc").write_bytes(b"compiled")
    assert digest(places) == before


def test_every_room_that_is_named_is_there() -> None:
    assert [room for room in COMPUTING if not (HOUSE / room).exists()] == []
    assert versions.computing() != versions.judging()
