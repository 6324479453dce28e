"""What `msoko check` reads beside the files that it checks: what tells of them, and what may have their rows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from msoko_pipeline.senders import neighbours
from msoko_pipeline.settings import Settings

CHECKED = "проверяемый.csv"


def folder(top: Path, sizes: dict[str, int]) -> Path:
    """Files of these sizes that came in this order."""
    top.mkdir(parents=True, exist_ok=True)
    for number, (name, size) in enumerate(sizes.items()):
        (top / name).write_bytes(b"x" * size)
        os.utime(top / name, (1_700_000_000 + number, 1_700_000_000 + number))
    return top


def beside(home: Path, place: Path, *checked: str) -> list[str]:
    settings = Settings(home=home, inbox_dir=home / "inbox")
    paths = [place / name for name in checked or (CHECKED,)]
    return [str(path.relative_to(place)) for path in neighbours.beside(paths, place, settings)]


@pytest.mark.parametrize("name", ["inbox", "папка отправителя"])
def test_files_that_came_before_are_read_the_nearest_in_size_first(tmp_path: Path, name: str) -> None:
    sizes = {"больше.csv": 1200, "того же.csv": 1000, "вдвое.csv": 2000, "книга.xlsx": 9000, "пусто.csv": 0}
    place = folder(tmp_path / name, sizes | {CHECKED: 1000, "позже.csv": 1000})
    (place / "ссылка.csv").symlink_to(place / "того же.csv")
    os.mkfifo(place / "канал.csv")
    assert beside(tmp_path, place) == ["того же.csv", "больше.csv", "книга.xlsx"]


def test_no_more_are_read_than_in_a_moment(tmp_path: Path) -> None:
    place = folder(tmp_path / "inbox", {f"{number:02d}.csv": 1000 for number in range(40)} | {CHECKED: 1000})
    assert beside(tmp_path, place) == [f"{number:02d}.csv" for number in range(10)]
    heavy = folder(tmp_path / "тяжёлые", {f"{number}.csv": 2_500_000 for number in range(5)} | {CHECKED: 2_500_000})
    assert beside(tmp_path, heavy) == ["0.csv", "1.csv"]


def test_manifests_and_registers_of_the_folders_above_are_read(tmp_path: Path) -> None:
    place = folder(tmp_path / "inbox", {"manifest.csv": 10, "Реестр ОО.xlsx": 10})
    folder(place / "а", {CHECKED: 10, "manifest.csv": 20})
    assert beside(tmp_path, place, f"а/{CHECKED}") == ["а/manifest.csv", "manifest.csv", "Реестр ОО.xlsx"]


@pytest.mark.parametrize("name", ["inbox", "папка отправителя"])
def test_a_folder_is_listed_once_for_all_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    files = [f"{number:03d}.csv" for number in range(60)]
    place = folder(tmp_path / name, dict.fromkeys(files, 1000))
    counted = Counter[str]()
    listing, walking, sizing = neighbours._listed, neighbours.files_in, neighbours._size

    def listed(path: Path) -> list[Path]:
        counted["listed"] += 1
        return listing(path)

    def walked(inbox: Path, left_out: list[Path]) -> Iterator[Path]:
        counted["walked"] += 1
        return walking(inbox, left_out)

    def sized(path: Path) -> int:
        counted["sized"] += 1
        return sizing(path)

    monkeypatch.setattr(neighbours, "_listed", listed)
    monkeypatch.setattr(neighbours, "files_in", walked)
    monkeypatch.setattr(neighbours, "_size", sized)
    assert beside(tmp_path, place, *files) == []
    assert counted["listed"] == 1
    assert counted["walked"] == (name == "inbox")
    assert counted["sized"] == 2 * len(files)
