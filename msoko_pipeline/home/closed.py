"""Folders and files that only the owner opens: the archive, the cells, the lake, the ledger."""

from __future__ import annotations

from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def folder(path: Path) -> Path:
    """Make a folder and those above it that are missing, closed to others; returns it."""
    missing = [place for place in (path, *path.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=FOLDER, exist_ok=True)
    return path


def close(*places: Path) -> None:
    """Close folders and files that an earlier version left open; those that are not there are passed over."""
    for place in places:
        if place.exists():
            place.chmod(FOLDER if place.is_dir() else FILE)
