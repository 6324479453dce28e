"""What manifests say of the files beside them. They are read as every other file is; here their lines are looked up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from msoko_pipeline.home.ledger import Entry
from msoko_pipeline.reading.kept import Received, without_people
from msoko_pipeline.reading.procedures.declared import Declared, from_path
from msoko_pipeline.text.subjects import subject_of

KIND = "manifest"
NAMED = ("manifest", "перечень")
"""How the names of manifests begin: such files are read before the others."""


def is_named(name: str) -> bool:
    return PurePosixPath(name).stem.lower().startswith(NAMED)


class Manifests:
    """Every manifest among the files that came, whatever its format."""

    def __init__(self, came: Iterable[Received], entries: Mapping[str, Entry]) -> None:
        self._lines: dict[str, Declared] = {}
        for item in came:
            entry = entries.get(item.sha256)
            if entry is None or entry.status in ("refused", "withdrawn"):
                continue
            for line in (line for sheet in entry.sheets for line in sheet.get("declares", ())):
                self._add(PurePosixPath(item.name).parent, *line)

    def _add(self, folder: PurePosixPath, file: str, year: str, subject: str, grade: str, login: str) -> None:
        path = unicodedata.normalize("NFC", str(folder / file.strip().replace("\\", "/")))
        self._lines[without_people(path)] = Declared(_int(year), subject_of(subject), _int(grade), login or None)

    def declared(self, name: str) -> Declared:
        """What is known of a file: the manifest beside it first, its path for the rest."""
        by_path, line = from_path(name), self._lines.get(without_people(str(PurePosixPath(name))))
        return by_path if line is None else line.completed(by_path)


def _int(text: str) -> int | None:
    """A year or a class; not every digit of Unicode is a number (`²`), and no number of theirs is longer."""
    plain = text.strip().removesuffix(".0")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 4 else None
