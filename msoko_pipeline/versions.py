"""What results were made with: hashes of the code and data that judge files, and of those that compute.

Not of the release number alone: facts made by other rules are made again, whatever the release is called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from msoko_pipeline import __version__
from schemas import FOLDER

HOUSE = Path(__file__).parent
JUDGING = ("text", "privacy", "issues", "reading", "facts", "intake")
"""What makes facts, findings and refusals of a file."""
COMPUTING = (*JUDGING, "numbers", "home", "matching", "indicators", "objectivity", "risk", "publishing")
"""What makes the published tables of facts."""
SUFFIXES = frozenset({".py", ".yaml", ".csv"})


@cache
def judging() -> str:
    """Version of everything that judges a file."""
    return _version(JUDGING)


@cache
def computing() -> str:
    """Version of everything that a published row follows from beside its facts: the published `rule_version`."""
    return _version(COMPUTING)


def _version(rooms: Iterable[str]) -> str:
    return f"{__version__}-{digest([FOLDER, *(HOUSE / room for room in rooms)])}"


def digest(places: Iterable[Path]) -> str:
    """Hash of the code and data of these files and folders, 12 hex digits; where they lie does not matter."""
    hashed = hashlib.sha256()
    for place in places:
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.suffix in SUFFIXES)
        for path in files:
            content = path.read_bytes().replace(b"msoko_pipeline.schemas", b"schemas")  # as the wheel has it
            hashed.update(f"{path.relative_to(place.parent).as_posix()}:{len(content)}:".encode() + content)
    return hashed.hexdigest()[:12]
