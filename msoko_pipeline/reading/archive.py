"""Receives files: every file of the inbox, archives unpacked, kept unchanged under its SHA-256."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.problems import Refusal

SKIPPED = ("~$", ".", "Thumbs.db", "desktop.ini")  # what Office and file managers leave behind
NESTED = 2  # archives within archives


@dataclass(frozen=True)
class Received:
    """A file as it came. name: path inside the inbox (`пачка.zip/4/Математика.xlsx`); kept: where the archive has it."""

    sha256: str
    name: str
    size: int
    kept: Path
    refusal: Refusal | None = None


def receive(inbox: Path, archive: Path) -> Iterator[Received]:
    """Every file under the inbox in the order of arrival (time of change, then name), copied into the archive.

    The same content under two names comes twice; the caller knows it by its sha256. An archive that cannot be
    unpacked comes as a file with its refusal.
    """
    if not inbox.exists():
        return
    archive.mkdir(parents=True, exist_ok=True)
    paths = [path for path in inbox.rglob("*") if path.is_file() and not _skipped(path.relative_to(inbox))]
    for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, str(path))):
        yield from _receive(path, str(path.relative_to(inbox)), archive, NESTED)


def _skipped(path: Path) -> bool:
    return any(part.startswith(SKIPPED) for part in path.parts) or "__MACOSX" in path.parts


def _receive(path: Path, name: str, archive: Path, depth: int) -> Iterator[Received]:
    refusal = None
    if depth and _is_zip(path):
        try:
            if sniff(path) == "zip":
                yield from _unpacked(path, name, archive, depth)
                return
        except Refusal as error:
            refusal = error
    yield _keep(path, name, archive, refusal)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _unpacked(path: Path, name: str, archive: Path, depth: int) -> Iterator[Received]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="msoko-")))
        packed = stack.enter_context(zipfile.ZipFile(path))
        for number, member in enumerate(packed.infolist()):
            inside = _member_name(member)
            if member.is_dir() or _skipped(Path(inside)):
                continue
            target = folder / str(number)
            try:
                with packed.open(member) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
                secret = "password" in str(error).lower()
                refusal = Refusal("file_password") if secret else Refusal("file_unreadable", detail=f"{inside} в архиве")
                yield _keep(path, f"{name}/{inside}", archive, refusal)
                continue
            yield from _receive(target, f"{name}/{inside}", archive, depth - 1)


def _member_name(member: zipfile.ZipInfo) -> str:
    """Name inside the archive; archives made on Russian Windows keep names in cp866 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return member.filename


def _keep(path: Path, name: str, archive: Path, refusal: Refusal | None) -> Received:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    kept = archive / sha256[:2] / sha256
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(path, partial)
        partial.chmod(0o440)
        partial.replace(kept)
    return Received(sha256, name, path.stat().st_size, kept, refusal)
