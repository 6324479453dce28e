"""What lies beside a file that is checked, and what the home has already: a run would hear it too.

Manifests and registers apply to the file; another report may have its rows under another title (`copies`).
"""

from __future__ import annotations

import math
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from msoko_pipeline.home import places
from msoko_pipeline.home.ledger import Entry, ledger_of
from msoko_pipeline.intake import manifests
from msoko_pipeline.reading.archive import arrival, files_in
from msoko_pipeline.reading.kept import Received
from msoko_pipeline.settings import Settings
from schemas import catalogue

FOLDERS = 4  # the file's own and those above it in which a manifest or a register may lie
MOST = 20


def beside(paths: Sequence[Path], top: Path, settings: Settings) -> list[Path]:
    """Files that a run would hear beside these, which lie under `top`: manifests and registers in their folders and
    those above, and files that may have the same rows. A folder is listed once, however many of its files are checked.
    """
    inbox, left_out = settings.inbox.absolute(), places.left_out(settings)
    listed = cache(_listed)
    of_folder = cache(lambda folder: Candidates.of(listed(folder)))
    of_inbox = cache(lambda: Candidates.of(files_in(inbox, left_out)))
    near: dict[Path, None] = {}
    for path in paths:
        folders = [folder for folder in path.parents if folder.is_relative_to(top)][:FOLDERS]
        telling = [other for folder in folders for other in listed(folder) if other != path and _tells(other)]
        candidates = of_inbox() if path.is_relative_to(inbox) else of_folder(path.parent)
        near |= dict.fromkeys([*telling[:MOST], *candidates.alike(path)])
    own = set(paths)
    return [other for other in near if other not in own]


def _tells(path: Path) -> bool:
    name = path.name.lower()
    return (manifests.is_named(name) or "реестр" in name) and _is_file(path)


def _is_file(path: Path) -> bool:
    """Whether a file stands here itself: no link, nothing that has vanished or is out of reach."""
    return os.path.isfile(path) and not os.path.islink(path)


@dataclass(frozen=True)
class Candidates:
    """Files of an inbox or a folder that are neither empty nor manifests, in the order of their arrival. ranks: of
    their names; logs: of their sizes."""

    paths: list[Path]
    arrivals: list[tuple[int, bytes]]
    sizes: list[int]
    suffixes: np.ndarray
    ranks: np.ndarray
    logs: np.ndarray

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Candidates:
        sized = [(arrival(path), path, _size(path)) for path in paths if not _tells(path)]
        candidates = sorted((came, path, size) for came, path, size in sized if size)
        names = [os.fsencode(path) for _, path, _ in candidates]
        ranks = np.empty(len(candidates), int)
        ranks[sorted(range(len(candidates)), key=names.__getitem__)] = np.arange(len(candidates))
        return cls(
            [path for _, path, _ in candidates],
            [came for came, _, _ in candidates],
            [size for _, _, size in candidates],
            np.array([path.suffix.lower() for _, path, _ in candidates], object),
            ranks,
            np.log([size for _, _, size in candidates]),
        )

    def alike(self, path: Path) -> Iterator[Path]:
        """Those that came before a file and may have the same rows: the nearest in size, as many as are read in a
        moment."""
        rules = catalogue.copies()["checked"]
        before = bisect_left(self.arrivals, arrival(path))
        ratios = np.abs(self.logs[:before] - math.log(max(_size(path), 1)))
        is_near = ratios <= math.log(rules["times_size"])
        may_be = np.flatnonzero(is_near | (self.suffixes[:before] != path.suffix.lower()))
        nearest = may_be[np.lexsort((self.ranks[may_be], ratios[may_be]))][: rules["files_most"]]
        left = rules["bytes_most"]
        for number in nearest.tolist():
            left -= self.sizes[number]
            if left < 0:
                return
            yield self.paths[number]


def _size(path: Path) -> int:
    """Bytes of a file; 0 for what is none."""
    with suppress(OSError):
        return path.stat().st_size if _is_file(path) else 0
    return 0


def _listed(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []


def taken_in(came: Iterable[Received], settings: Settings) -> list[Entry]:
    """Entries of the home's ledger that are there before these files."""
    if not settings.ledger.exists():  # looking must not make a home
        return []
    ours = {item.sha256 for item in came}
    entries = ledger_of(settings).files()
    first = min((entry.seq for entry in entries if entry.sha256 in ours), default=math.inf)
    return [entry for entry in entries if entry.seq < first]
