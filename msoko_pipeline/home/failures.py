"""The log of our own errors: where in the code a file failed. Of an exception only its type and frames are kept:
its words may be cells of the file.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from msoko_pipeline.home import closed
from msoko_pipeline.trouble import chain

LOG = "failures.log"
"""Its name in the home."""


def trace_of(error: BaseException) -> str:
    """Frames and types of an exception and of those it came from, the last first; no words of theirs."""
    return "\n".join("\n".join([_type(each), *map(_line, reversed(_frames(each)))]) for each in chain(error))


def place_of(error: BaseException) -> str:
    """The type of an exception and the line of code that raised it."""
    frames = _frames(error)
    return f"{_type(error)}, {_where(frames[-1])}" if frames else _type(error)


def log(home: Path, version: str, failures: Iterable[tuple[str, str]]) -> None:
    """Append to the log of a home. version: of the rules; failures: the SHA-256 of a file and its trace each."""
    files: dict[str, list[str]] = {}
    for sha256, trace in failures:
        files.setdefault(trace, []).append(sha256)
    if not files:
        return
    place = closed.folder(home) / LOG
    place.touch(mode=closed.FILE)
    with place.open("a", encoding="utf-8") as file:
        for trace, hashes in files.items():
            when = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(f"{when}, правила {version}, файлы (SHA-256): {', '.join(hashes)}\n{trace}\n\n")


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


def _type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _line(frame: traceback.FrameSummary) -> str:
    return f"  {_where(frame)}, {frame.name}: {frame.line}"


def _where(frame: traceback.FrameSummary) -> str:
    """File, without the folder from which it was imported, and line."""
    path = Path(frame.filename)
    roots = [Path(root) for root in sys.path if root and path.is_relative_to(root)]
    short = path.relative_to(max(roots, key=lambda root: len(root.parts))) if roots else path.name
    return f"{short}:{frame.lineno}"
