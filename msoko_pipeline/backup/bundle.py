"""The file of a backup: a tar compressed with Zstandard, its manifest first, then the members in the manifest's order.

What belongs here: writing, checking and unpacking such a file. Not here: what of a home goes into it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from msoko_pipeline import __version__
from msoko_pipeline.home import closed, store
from msoko_pipeline.intake.steps import Progress
from msoko_pipeline.text import linear as re
from msoko_pipeline.trouble import Stopped, is_of_machine

FORMAT = "msoko-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES = 256 << 20  # more than a manifest of a million files takes
NAME = re.compile(r"[a-z_]+(?:\.[a-z]+)?|dagster/dagster\.yaml|archive/[0-9a-f]{2}/[0-9a-f]{64}")
"""What a member may be called: a file of the home, Dagster's configuration, a received file under its SHA-256."""
MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 1 << 20
STEP = "Файлы"


class BundleTrouble(Stopped):
    """The file is no backup, is damaged, or was made by a newer version; the text says what to do."""


class NewerBundle(BundleTrouble):
    """The backup was made by a newer version of the program."""


@dataclass(frozen=True)
class Member:
    """A file of a backup: its path in the home, bytes, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. program: version that made it; made_at: UTC, ISO 8601; settings: those that results depend
    on and a home does not keep.
    """

    members: tuple[Member, ...]
    made_at: str
    settings: Mapping[str, str]
    program: str = __version__
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    @property
    def size(self) -> int:
        """Bytes of all members together."""
        return sum(member.size for member in self.members)


def member(name: str, path: Path) -> Member:
    """A file as a member of that name. Reads it whole."""
    return Member(name, path.stat().st_size, store.digest(path))


def write(target: Path, manifest: Manifest, sources: Sequence[Path], progress: Progress) -> None:
    """Write a backup beside the target, closed to others, read it back and put it in the target's place.

    sources: the file of each member. Raises BundleTrouble where what was written is not what the manifest says.
    """
    partial = target.with_name(f".{target.name}.tmp")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, closed.FILE), "wb") as stream:
            _fill(stream, manifest, sources, progress)
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        for _ in contents(partial):
            pass
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _fill(stream: IO[bytes], manifest: Manifest, sources: Sequence[Path], progress: Progress) -> None:
    import pyarrow as pa

    with (
        pa.CompressedOutputStream(pa.PythonFile(stream, "w"), "zstd") as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        described = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        tar.addfile(_header(MANIFEST, len(described)), io.BytesIO(described))
        for number, (item, source) in enumerate(zip(manifest.members, sources, strict=True), 1):
            with source.open("rb") as content:
                tar.addfile(_header(item.name, item.size), content)
            progress(STEP, number, len(sources))


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, closed.FILE
    return header


def manifest_of(path: Path) -> Manifest:
    """The manifest of a backup. Raises BundleTrouble."""
    with _opened(path) as tar:
        return _manifest(path, tar)


def is_backup(path: Path) -> bool:
    """Whether a file is a backup, of whatever version."""
    try:
        manifest_of(path)
    except NewerBundle:
        return True
    except BundleTrouble:
        return False
    return True


def contents(path: Path, folder: Path | None = None) -> Iterator[Member]:
    """Every member of a backup, held against the manifest, in its order; unpacked into a folder where one is given.

    Raises BundleTrouble at the first one that is not as it was written. The folder is to be thrown away then.
    """
    with _opened(path) as tar:
        for expected in _manifest(path, tar).members:
            header = tar.next()
            if header is None or not header.isreg() or (header.name, header.size) != (expected.name, expected.size):
                raise _damaged(path, "в ней не те файлы, что в её описи")
            content = tar.extractfile(header)
            if content is None or _copied(content, _target(path, header, folder)) != expected.sha256:
                raise _damaged(path, f"изменён файл {Path(expected.name).name[:12]}")
            yield expected
        if tar.next() is not None:
            raise _damaged(path, "в ней есть файлы, которых нет в её описи")


def _target(path: Path, header: tarfile.TarInfo, folder: Path | None) -> Path | None:
    """Where a member is unpacked: inside the folder, whatever its name is."""
    if folder is None:
        return None
    try:
        safe = tarfile.data_filter(header, str(folder))
    except tarfile.FilterError:
        raise _damaged(path, "имя файла в ней ведёт за пределы папки") from None
    target = folder / safe.name
    closed.folder(target.parent)
    return target


def _copied(content: IO[bytes], target: Path | None) -> str:
    """SHA-256 of what was read; written to the target where there is one."""
    hashed = hashlib.sha256()
    with open(os.devnull if target is None else target, "wb", opener=_closed) as copy:
        while block := content.read(BLOCK):
            hashed.update(block)
            copy.write(block)
    return hashed.hexdigest()


def _closed(path: str, flags: int) -> int:
    return os.open(path, flags, closed.FILE)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """A backup to be read from its beginning to its end. Raises BundleTrouble where it is none or cannot be read."""
    import pyarrow as pa

    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise _foreign(path)
    try:
        with (
            path.open("rb") as stream,
            pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            yield tar
    except (tarfile.TarError, EOFError, pa.ArrowException) as error:
        raise _damaged(path, "она обрывается или изменена") from error
    except OSError as error:  # Arrow says so of compressed bytes that are wrong
        if error.errno is not None or is_of_machine(error):
            raise
        raise _damaged(path, "она обрывается или изменена") from error


def _manifest(path: Path, tar: tarfile.TarFile) -> Manifest:
    header = tar.next()
    if header is None or header.name != MANIFEST or not header.isreg() or header.size > MANIFEST_BYTES:
        raise _foreign(path)
    content = tar.extractfile(header)
    try:
        described: dict[str, Any] = json.loads(content.read() if content else b"")
        if described["format"] != FORMAT:
            raise _foreign(path)
        if described["format_version"] > FORMAT_VERSION or _numbers(described["program"]) > _numbers(__version__):
            raise NewerBundle(
                f"Резервная копия «{path.name}» сделана более новой версией программы ({described['program']}, здесь "
                f"{__version__}). Обновите программу и запустите снова"
            )
        members = tuple(Member(**each) for each in described.pop("members"))
        manifest = Manifest(members, **described)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, "её опись не читается") from error
    if not all(NAME.fullmatch(each.name) for each in manifest.members):
        raise _damaged(path, "в ней есть посторонние файлы")
    return manifest


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _foreign(path: Path) -> BundleTrouble:
    return BundleTrouble(f"Файл «{path.name}» — не резервная копия msoko. Укажите файл, который записала msoko backup")


def _damaged(path: Path, why: str) -> BundleTrouble:
    return BundleTrouble(
        f"Резервная копия «{path.name}» повреждена: {why}. Ничего не восстановлено; возьмите другую копию"
    )
