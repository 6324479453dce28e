"""What lies beside a file that is checked, and what the home has already: a run would hear it too.

Manifests and registers tell of the file; another report may have its rows under another title (`copies`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msoko_pipeline import intake, manifests, places
from msoko_pipeline.lake.ledger import Entry
from msoko_pipeline.reading.archive import Received, arrival, files_in
from msoko_pipeline.settings import Settings
from schemas import catalogue

FOLDERS = 4  # the file's own and those above it in which a manifest or a register may lie
MOST = 20


def telling(path: Path, top: Path) -> list[Path]:
    """Manifests and registers in the folder of a file and in those above it, up to `top`."""
    folders = [folder for folder in path.parents if folder.is_relative_to(top)][:FOLDERS]
    return [other for folder in folders for other in _listed(folder) if other != path and _tells(other)][:MOST]


def _tells(path: Path) -> bool:
    name = path.name.lower()
    return (manifests.is_named(name) or "реестр" in name) and path.is_file() and not path.is_symlink()


def alike(path: Path, settings: Settings) -> list[Path]:
    """Files that came before this one (its inbox, or its folder) and may have the same rows: those nearest in size."""
    inbox, rules = settings.inbox.absolute(), catalogue.copies()["checked"]
    is_inside = path.is_relative_to(inbox)
    others = files_in(inbox, places.left_out(settings)) if is_inside else _listed(path.parent)
    own, ranked = arrival(path), list[tuple[float, bytes, Path, int]]()
    for other in others:
        with suppress(OSError):
            came, size = arrival(other), other.stat().st_size
            if other.is_file() and not other.is_symlink() and not _tells(other) and came < own and size:
                ratio = abs(math.log(size / max(path.stat().st_size, 1)))
                if other.suffix.lower() != path.suffix.lower() or ratio <= math.log(rules["times_size"]):
                    ranked.append((ratio, os.fsencode(other), other, size))
    return list(
        _within([(other, size) for _, _, other, size in sorted(ranked)], rules["files_most"], rules["bytes_most"])
    )


def _within(sized: Iterable[tuple[Path, int]], files: int, size: int) -> Iterator[Path]:
    """The first ones, as many as are read in a moment."""
    for number, (path, of_file) in enumerate(sized):
        size -= of_file
        if number >= files or size < 0:
            return
        yield path


def _listed(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []


def taken_in(came: Iterable[Received], settings: Settings) -> list[Entry]:
    """Entries of the home's ledger that are there before these files."""
    if not settings.ledger.exists():  # looking must not make a home
        return []
    ours = {item.sha256 for item in came}
    entries = intake.ledger_of(settings).files()
    first = min((entry.seq for entry in entries if entry.sha256 in ours), default=math.inf)
    return [entry for entry in entries if entry.seq < first]
