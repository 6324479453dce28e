"""Receives files: every file of the inbox, archives unpacked, kept unchanged under its SHA-256.

Nothing is parsed here: of a file the first bytes tell whether it may be an archive, and what is in one a child process
says (`reading.unpacking`).
"""

from __future__ import annotations

import os
import stat
import struct
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from pathlib import Path
from typing import Any

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.kept import Changing, Received, barred, keep, skipped, unopened, visible
from msoko_pipeline.reading.unpacking import Unpacked, unpacked
from schemas import catalogue

AT_ONCE = 8  # archives that are unpacked before the room that is left is looked at again
READING: Mapping[str, Any] = {"workers": 1, "memory_mb": 4096}
LOCAL = struct.Struct("<4s22xHH")
"""The header of a member: signature, length of its name, of what follows the name."""
OF_BOOKS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype")
"""How the name of the first member of a workbook begins, whatever program has written it."""
Place = tuple[Path, Refusal | None]
"""What stands in the inbox, and why it cannot be opened."""


@dataclass
class _Room:
    """What the inbox may still bring. Once it is full, archives come as they are and files beyond it do not."""

    size: int = field(default_factory=lambda: catalogue.limits()["inbox_unpacked"])

    def take(self, unpacked: Unpacked, path: Path, name: str, archive: Path) -> Iterable[Received]:
        self.size -= unpacked.size
        if self.size >= 0 or not unpacked.size:
            return unpacked.items
        most = catalogue.limits()["inbox_unpacked"] // 1_000_000
        return [
            keep(path, name, archive, Refusal("inbox_too_large", detail=f"архивы распакованы больше чем в {most} МБ"))
        ]


def receive(
    inbox: Path, archive: Path, left_out: Collection[Path] = (), reading: Mapping[str, Any] = READING
) -> Iterator[Received]:
    """Every file under the inbox in the order of arrival (time of change, then name), copied into the archive.

    left_out: folders and files inside it, links resolved, that nobody sent; reading: arguments of `pool.run`.

    The same content under two names comes twice; the caller knows it by its sha256. An archive or a file that cannot
    be opened comes with its refusal. A file that vanishes while it is read is left for the next time.
    """
    if not inbox.exists():
        return
    archive.mkdir(parents=True, exist_ok=True)
    most, room = catalogue.limits()["inbox_files"], _Room()
    listed = _by_arrival(inbox, left_out)
    for lot, archives in _lots(listed[:most]):
        yield from _taken(lot, archives, inbox, archive, reading, room)
    if len(listed) > most:
        refusal = Refusal("inbox_too_large", detail=f"файлов больше {most}, прочитаны пришедшие раньше")
        yield barred(inbox, inbox.name, refusal)


def taken(path: Path, top: Path, archive: Path, reading: Mapping[str, Any] = READING) -> Iterator[Received]:
    """One file under the folder `top` as a run takes it in, or what is in it where it is an archive."""
    if not skipped(Path(path.name)):
        for lot, archives in _lots([(path, _barrier(path))]):
            yield from _taken(lot, archives, top, archive, reading, _Room())


def _lots(places: list[Place]) -> Iterator[tuple[list[Place], list[Path]]]:
    """The places in their order, not more than so many archives in a lot, and which of them these are."""
    lot, archives = list[Place](), list[Path]()
    for path, barrier in places:
        lot.append((path, barrier))
        if _is_archive(path, barrier):
            archives.append(path)
        if len(archives) == AT_ONCE:
            yield lot, archives
            lot, archives = [], []
    yield lot, archives


def _is_archive(path: Path, barrier: Refusal | None) -> bool:
    """Whether a file may be an archive, and is no workbook by the name of its first member."""
    if barrier is not None:
        return False
    try:
        with path.open("rb") as stream:
            header = stream.read(LOCAL.size)
            if not header.startswith(b"PK"):
                return False
            signature, length, _ = LOCAL.unpack(header.ljust(LOCAL.size, b"\0"))
            return not (signature == b"PK\3\4" and stream.read(length).startswith(OF_BOOKS))
    except OSError:
        return False  # what is the matter is said where it is taken in


def _taken(
    lot: Sequence[Place], archives: Sequence[Path], top: Path, archive: Path, reading: Mapping[str, Any], room: _Room
) -> Iterator[Received]:
    """A lot of places as they are taken in. archives: those of them that are opened first."""
    names = {path: visible(str(path.relative_to(top))) for path, _ in lot}
    opened = _opened([(path, names[path]) for path in archives], archive, reading) if archives else {}
    for path, barrier in lot:
        try:
            yield from (
                [barred(path, names[path], barrier)] if barrier else _one(path, names[path], archive, opened, room)
            )
        except (FileNotFoundError, Changing):
            continue
        except OSError as error:
            yield barred(path, names[path], unopened(error, "файл"))


def _opened(
    archives: Sequence[tuple[Path, str]], archive: Path, reading: Mapping[str, Any]
) -> dict[Path, Unpacked | Refusal]:
    """What is in each of these archives, or what has ended the child that unpacked it."""
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder:  # ours: a child that is ended leaves nothing behind
        tasks = [(path, name, archive, Path(folder) / str(number)) for number, (path, name) in enumerate(archives)]
        return {
            path: contents for (path, _), contents in zip(archives, pool.run(unpacked, tasks, **reading), strict=True)
        }


def _one(
    path: Path, name: str, archive: Path, opened: Mapping[Path, Unpacked | Refusal], room: _Room
) -> Iterable[Received]:
    """A file, or what its archive was unpacked to."""
    of_archive = opened.get(path)
    if isinstance(of_archive, Unpacked):
        return room.take(of_archive, path, name, archive)
    refusal = of_archive and Refusal("archive_too_large", detail=of_archive.details.get("detail", ""))
    return [keep(path, name, archive, refusal)]


def files_in(inbox: Path, left_out: Collection[Path] = ()) -> Iterator[Path]:
    """Files under the inbox that somebody has put there."""
    yield from (path for path, _ in _places(inbox, left_out))


def _places(inbox: Path, left_out: Collection[Path]) -> Iterator[Place]:
    """Everything in the inbox but its folders. A link is not followed: it leads to something outside the inbox."""
    top = inbox.resolve()

    def is_sent(path: Path) -> bool:
        place = path.relative_to(inbox)
        return not skipped(place) and not any((top / place).is_relative_to(ours) for ours in left_out)

    failed: list[OSError] = []
    for folder, folders, files in os.walk(inbox, onerror=failed.append):
        folders[:] = [name for name in folders if is_sent(Path(folder, name))]
        links = [name for name in folders if os.path.islink(Path(folder, name))]
        yield from ((Path(folder, name), Refusal("file_link")) for name in links)
        for path in filter(is_sent, (Path(folder, name) for name in files)):
            yield path, _barrier(path)
    for error in failed:
        if not isinstance(error, FileNotFoundError):
            yield Path(error.filename), unopened(error, "папку")


def _barrier(path: Path) -> Refusal | None:
    """Why something in the inbox is not opened; None for what has vanished meanwhile."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return unopened(error, "файл")
    if stat.S_ISLNK(mode):
        return Refusal("file_link")
    return None if stat.S_ISREG(mode) else Refusal("file_special")


def arrival(path: Path) -> tuple[int, bytes]:
    """What files are ordered by: the time of change, then the name; who has vanished is first."""
    try:
        return path.lstat().st_mtime_ns, os.fsencode(path)
    except OSError:
        return 0, os.fsencode(path)


def _by_arrival(inbox: Path, left_out: Collection[Path]) -> list[Place]:
    """What stands in the inbox, the first to come first; one more than may be taken in where there are more."""
    most = catalogue.limits()["inbox_files"] + 1
    return nsmallest(most, _places(inbox, left_out), key=lambda place: arrival(place[0]))
