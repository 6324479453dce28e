"""A file as it came, and its copy in the archive: unchanged, under its SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from msoko_pipeline.home import closed
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.guard import CHUNK
from msoko_pipeline.text import signs
from msoko_pipeline.trouble import is_of_machine

SKIPPED = ("~$", ".", "Thumbs.db", "desktop.ini")  # what Office and file managers leave behind
READ_ONLY = 0o400  # only the owner may read what was sent, and no one may change it


@dataclass(frozen=True)
class Received:
    """A file as it came. name: path in the inbox (`пачка.zip/4/Математика.xlsx`); kept: where the archive has it."""

    sha256: str
    name: str
    size: int
    kept: Path
    refusal: Refusal | None = None

    @property
    def shown(self) -> str:
        """The path as it may be kept and repeated: without people; so that two such files differ, with its hash."""
        hidden = without_people(self.name)
        return self.name if hidden == self.name else f"{hidden} [{self.sha256[:8]}]"


def without_people(path: str) -> str:
    return "/".join(map(_unnamed, path.split("/")))


def _unnamed(part: str) -> str:
    stem, ending = os.path.splitext(part)
    return unnamed(stem) + ending if ending[1:].isalnum() and ending.isascii() else unnamed(part)


class Changing(Exception):
    """A file that grows or changes while it is copied: it is taken in when it is whole."""


def visible(name: str) -> str:
    """A name as it may be shown: composed, signs that no one sees (and bytes that are no letter) spelt out."""
    return signs.visible(_composed(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")))


def _composed(name: str) -> str:
    """macOS takes letters apart (`й` → `и` + breve); names are compared whole."""
    return unicodedata.normalize("NFC", name)


def skipped(path: Path) -> bool:
    """Whether a program left this beside the files, and no sender sent it."""
    return any(part.startswith(SKIPPED) for part in path.parts) or "__MACOSX" in path.parts


def _state(stat: os.stat_result) -> tuple[int, int, int]:
    """What of a file tells that somebody has written to it, or put another in its place."""
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def keep(path: Path, name: str, archive: Path, refusal: Refusal | None) -> Received:
    """The file in the archive, under the hash of what was copied. Raises Changing where that is not what was read."""
    with path.open("rb") as stream:
        before = os.fstat(stream.fileno())
        size = before.st_size
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        grown = stream.tell() != size
    kept = archive / sha256[:2] / sha256
    if not kept.exists():
        closed.folder(kept.parent)
        partial = kept.with_suffix(f".{os.getpid()}")
        try:
            with path.open("rb") as source, partial.open("wb") as copy:
                digest = hashlib.sha256()
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
            if digest.hexdigest() != sha256 or grown or _state(path.stat()) != _state(before):
                raise Changing
            partial.chmod(READ_ONLY)
            partial.replace(kept)
        finally:
            partial.unlink(missing_ok=True)
    return Received(sha256, name, size, kept, refusal)


def unopened(error: OSError, what: str) -> Refusal:
    """Why a file or a folder is not opened. Raises what is no fault of theirs."""
    if is_of_machine(error):
        raise error
    return Refusal("file_too_deep" if error.errno == errno.ENAMETOOLONG else "file_no_access", detail=what)


def barred(path: Path, name: str, refusal: Refusal) -> Received:
    """What is not opened: it goes by its name."""
    return Received(hashlib.sha256(f"{refusal.issue_type}: {name}".encode()).hexdigest(), name, 0, path, refusal)
