"""Receives files: every file of the inbox, archives unpacked, kept unchanged under its SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msoko_pipeline import closed, signs
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.guard import BROKEN_ZIP, CHUNK, MAX_UNPACKED, sniff
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.trouble import is_of_machine

SKIPPED = ("~$", ".", "Thumbs.db", "desktop.ini")  # what Office and file managers leave behind
READ_ONLY = 0o400  # the owner alone reads what was sent, and nobody changes it
NESTED = 2  # archives within archives
UTF_8_NAME = 0x800  # flag of a member
RUSSIAN = ("cp866", "cp1251")
COMMON_LETTERS = "оаеинтсрвл"


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


class _Changing(Exception):
    """A file that grows or changes while it is copied: it is taken in when it is whole."""


@dataclass
class _Allowance:
    """Bytes that one file of the inbox may still unpack to, archives within archives together."""

    left: int = MAX_UNPACKED


def receive(inbox: Path, archive: Path, left_out: Collection[Path] = ()) -> Iterator[Received]:
    """Every file under the inbox in the order of arrival (time of change, then name), copied into the archive.

    left_out: folders and files inside it, links resolved, that nobody sent.

    The same content under two names comes twice; the caller knows it by its sha256. An archive or a file that cannot
    be opened comes with its refusal. A file that vanishes while it is read is left for the next time.
    """
    if not inbox.exists():
        return
    archive.mkdir(parents=True, exist_ok=True)
    for path, barrier in _by_arrival(inbox, left_out):
        yield from _taken(path, inbox, archive, barrier)


def taken(path: Path, top: Path, archive: Path) -> Iterator[Received]:
    """One file under the folder `top` as a run takes it in, or what is in it where it is an archive."""
    if not _skipped(Path(path.name)):
        yield from _taken(path, top, archive, _barrier(path))


def _taken(path: Path, top: Path, archive: Path, barrier: Refusal | None) -> Iterator[Received]:
    name = visible(str(path.relative_to(top)))
    try:
        if barrier is None:
            yield from _receive(path, name, archive, NESTED, _Allowance())
        else:
            yield _barred(path, name, barrier)
    except (FileNotFoundError, _Changing):
        return
    except OSError as error:
        yield _barred(path, name, _unopened(error, "файл"))


def _unopened(error: OSError, what: str) -> Refusal:
    """Why a file or a folder is not opened. Raises what is no fault of theirs."""
    if is_of_machine(error):
        raise error
    return Refusal("file_too_deep" if error.errno == errno.ENAMETOOLONG else "file_no_access", detail=what)


def _barred(path: Path, name: str, refusal: Refusal) -> Received:
    """What is not opened: it goes by its name."""
    return Received(hashlib.sha256(f"{refusal.issue_type}: {name}".encode()).hexdigest(), name, 0, path, refusal)


def files_in(inbox: Path, left_out: Collection[Path] = ()) -> Iterator[Path]:
    """Files under the inbox that somebody has put there."""
    yield from (path for path, _ in _places(inbox, left_out))


Place = tuple[Path, Refusal | None]
"""What stands in the inbox, and why it cannot be opened."""


def _places(inbox: Path, left_out: Collection[Path]) -> Iterator[Place]:
    """Everything in the inbox but its folders. A link is not followed: it leads to what nobody has put here."""
    top = inbox.resolve()

    def is_sent(path: Path) -> bool:
        place = path.relative_to(inbox)
        return not _skipped(place) and not any((top / place).is_relative_to(ours) for ours in left_out)

    unopened: list[OSError] = []
    for folder, folders, files in os.walk(inbox, onerror=unopened.append):
        folders[:] = [name for name in folders if is_sent(Path(folder, name))]
        links = [name for name in folders if os.path.islink(Path(folder, name))]
        yield from ((Path(folder, name), Refusal("file_link")) for name in links)
        for path in filter(is_sent, (Path(folder, name) for name in files)):
            yield path, _barrier(path)
    for error in unopened:
        if not isinstance(error, FileNotFoundError):
            yield Path(error.filename), _unopened(error, "папку")


def _barrier(path: Path) -> Refusal | None:
    """Why what stands here is not opened; who has vanished is nobody's matter."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return _unopened(error, "файл")
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
    return sorted(_places(inbox, left_out), key=lambda place: arrival(place[0]))


def visible(name: str) -> str:
    """A name as it may be shown: composed, signs that no one sees (and bytes that are no letter) spelt out."""
    return signs.visible(_composed(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")))


def _composed(name: str) -> str:
    """macOS takes letters apart (`й` → `и` + breve); names are compared whole."""
    return unicodedata.normalize("NFC", name)


def _skipped(path: Path) -> bool:
    return any(part.startswith(SKIPPED) for part in path.parts) or "__MACOSX" in path.parts


def _receive(path: Path, name: str, archive: Path, depth: int, allowance: _Allowance) -> Iterator[Received]:
    refusal = None
    if depth and _is_zip(path):
        try:
            if sniff(path) == "zip":
                yield from _unpacked(path, name, archive, depth, allowance)
                return
        except Refusal as error:
            refusal = error
    yield _keep(path, name, archive, refusal)


def _state(found: os.stat_result) -> tuple[int, int, int]:
    """What of a file tells that somebody has written to it, or put another in its place."""
    return found.st_ino, found.st_size, found.st_mtime_ns


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _unpacked(path: Path, name: str, archive: Path, depth: int, allowance: _Allowance) -> Iterator[Received]:
    count = 0
    whole: Received | None = None  # the archive itself, kept where a member cannot be
    with tempfile.TemporaryDirectory(prefix="msoko-") as folder, zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        for number, (member, inside) in enumerate(zip(members, _member_names(members), strict=True)):
            if member.is_dir() or _skipped(Path(inside)):
                continue
            count += 1
            target = Path(folder) / str(number)
            refusal = _unpack(packed, member, target, allowance)
            if refusal is None:
                yield from _receive(target, f"{name}/{inside}", archive, depth - 1, allowance)
                target.unlink()
            else:
                whole = whole or _keep(path, name, archive, None)
                yield _keep_for(member, whole, f"{name}/{inside}", refusal)
    if not count:
        yield _keep(path, name, archive, Refusal("file_empty"))


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, allowance: _Allowance) -> Refusal | None:
    """Unpack one member; says why it cannot be."""
    allowance.left -= member.file_size
    if allowance.left < 0:
        return Refusal("file_bomb", detail=f"больше {MAX_UNPACKED / 1e6:.0f} МБ")
    try:
        with packed.open(member) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    except BROKEN_ZIP as error:
        if "password" in str(error).lower():
            return Refusal("file_password")
        return Refusal("file_unreadable", detail=f"{visible(member.filename)} в архиве")
    return None


def _keep_for(member: zipfile.ZipInfo, whole: Received, name: str, refusal: Refusal) -> Received:
    """A member that cannot be unpacked: the archive is kept in its stead, and it goes by a number of its own."""
    sha256 = hashlib.sha256(f"{whole.sha256}:{member.filename}".encode()).hexdigest()
    return Received(sha256, name, member.file_size, whole.kept, refusal)


def _member_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Names inside the archive. Only some archives say that their names are UTF-8; programs of Russian Windows write
    cp866, some cp1251, one of them for all names.
    """
    raw = [_raw_name(member) for member in members]
    unclear = b" ".join(name for name in raw if name is not None and not _is_utf_8(name))
    encoding = max(RUSSIAN, key=lambda encoding: _likeness(unclear.decode(encoding, "replace")))
    return [
        _inside(member.filename if name is None else name.decode("utf-8" if _is_utf_8(name) else encoding, "replace"))
        for member, name in zip(members, raw, strict=True)
    ]


def _raw_name(member: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a name of which the archive does not say what they are; None where it does."""
    if member.flag_bits & UTF_8_NAME:
        return None
    try:
        return member.filename.encode("cp437")  # what the library has taken them for
    except UnicodeEncodeError:
        return None


def _is_utf_8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _likeness(text: str) -> int:
    """How much a text looks like Russian: its letters, the commonest ones twice."""
    return sum(1 for letter in text.lower() if "а" <= letter <= "я") + sum(map(text.lower().count, COMMON_LETTERS))


def _inside(name: str) -> str:
    return visible("/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")))


def _keep(path: Path, name: str, archive: Path, refusal: Refusal | None) -> Received:
    """The file in the archive, under the hash of what was copied. Raises _Changing where that is not what was read."""
    with path.open("rb") as stream:
        before = os.fstat(stream.fileno())
        size = before.st_size
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        grown = stream.tell() != size
    kept = archive / sha256[:2] / sha256
    if not kept.exists():
        closed.folder(kept.parent)
        partial = kept.with_suffix(f".{os.getpid()}")
        with path.open("rb") as source, partial.open("wb") as copy:
            digest = hashlib.sha256()
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if digest.hexdigest() != sha256 or grown or _state(path.stat()) != _state(before):
            partial.unlink()
            raise _Changing
        partial.chmod(READ_ONLY)
        partial.replace(kept)
    return Received(sha256, name, size, kept, refusal)
