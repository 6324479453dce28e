"""Unpacks an archive of the inbox: what runs in the child process. What is in it is kept as any other file is.

Bytes and files are counted over the archive and the archives within it together.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msoko_pipeline.issues.refusals import Refusal, said
from msoko_pipeline.reading.guard import BROKEN_ZIP, sniff
from msoko_pipeline.reading.kept import Changing, Received, barred, keep, skipped, unopened, visible
from msoko_pipeline.trouble import is_of_machine
from schemas import catalogue

NESTED = 2  # archives within archives
UTF_8_NAME = 0x800  # flag of a member
RUSSIAN = ("cp866", "cp1251")
COMMON_LETTERS = "оаеинтсрвл"


@dataclass
class Unpacked:
    """What an archive holds. size: bytes that were unpacked."""

    items: list[Received]
    size: int


@dataclass
class _Allowance:
    """What one archive of the inbox may still unpack to, archives within it together. size: bytes."""

    size: int
    files: int


def unpacked(path: Path, name: str, archive: Path, folder: Path) -> Unpacked:
    """What is in a file that may be an archive, each file kept; the file itself where it is none, or cannot be read.

    folder: where members lie meanwhile; it is made here.
    """
    limits = catalogue.limits()
    allowance = _Allowance(limits["unpacked"], limits["archive_files"])
    try:
        items = list(_received(path, name, archive, folder, NESTED, allowance))
    except (FileNotFoundError, Changing):
        items = []
    except OSError as error:
        items = [barred(path, name, unopened(error, "файл"))]
    return Unpacked(items, limits["unpacked"] - allowance.size)


def _received(
    path: Path, name: str, archive: Path, folder: Path, depth: int, allowance: _Allowance
) -> Iterator[Received]:
    refusal = None
    if depth and _is_zip(path):
        try:
            if sniff(path) == "zip":
                yield from _members(path, name, archive, folder, depth, allowance)
                return
        except Refusal as error:
            refusal = error
    yield keep(path, name, archive, refusal)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _members(
    path: Path, name: str, archive: Path, folder: Path, depth: int, allowance: _Allowance
) -> Iterator[Received]:
    count, unopened_kinds = 0, Counter[str]()
    most_told = catalogue.limits()["archive_unopened"]
    whole: Received | None = None  # the archive itself, kept where a member cannot be
    folder.mkdir(parents=True)
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        allowance.files -= len(members)
        if allowance.files < 0:
            most = catalogue.limits()["archive_files"]
            raise Refusal("archive_too_large", detail=f"файлов в нём вместе с вложенными больше {most}")
        for number, (member, inside) in enumerate(zip(members, _member_names(members), strict=True)):
            if member.is_dir() or skipped(Path(inside)):
                continue
            count += 1
            target = folder / str(number)
            refusal = _unpack(packed, member, target, allowance)
            if refusal is None:
                within = folder / f"{number} внутри"
                yield from _received(target, f"{name}/{inside}", archive, within, depth - 1, allowance)
                target.unlink()
            else:
                whole = whole or keep(path, name, archive, None)
                unopened_kinds[refusal.issue_type] += 1
                if unopened_kinds.total() <= most_told:
                    yield _keep_for(whole, f"{name}/{inside}", refusal, member.filename, member.file_size)
    if whole is not None and unopened_kinds.total() > most_told:
        files_by_kind = ", ".join(f"{said(kind)} — {files}" for kind, files in sorted(unopened_kinds.items()))
        yield _keep_for(whole, name, Refusal("archive_unopened", rows=unopened_kinds.total(), detail=files_by_kind))
    if not count:
        yield keep(path, name, archive, Refusal("file_empty"))


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, allowance: _Allowance) -> Refusal | None:
    """Unpack one member; says why it cannot be. What an archive says of a size takes no room, only what was written."""
    if member.file_size > allowance.size:
        most = catalogue.limits()["unpacked"] // 1_000_000
        return Refusal("archive_too_large", detail=f"после распаковки он больше {most} МБ")
    try:
        with packed.open(member) as source, target.open("wb") as copy:
            try:
                shutil.copyfileobj(source, copy)
            finally:
                allowance.size -= copy.tell()
    except BROKEN_ZIP as error:
        if is_of_machine(error):
            raise
        if "password" in str(error).lower():
            return Refusal("file_password")
        return Refusal("file_unreadable", detail=f"{visible(member.filename)} в архиве")
    return None


def _keep_for(whole: Received, name: str, refusal: Refusal, member: str = "", size: int = 0) -> Received:
    """A member that cannot be unpacked, or all of them: the archive is kept in its stead, and it goes by a number of
    its own.
    """
    sha256 = hashlib.sha256(f"{whole.sha256}:{member}".encode()).hexdigest()
    return Received(sha256, name, size, whole.kept, refusal)


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
