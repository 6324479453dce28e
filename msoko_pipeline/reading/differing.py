"""How the columns of a sheet differ from those of a layout, in words for the sender; the one place where it is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from msoko_pipeline import linear as re
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.likeness import similar
from msoko_pipeline.reading.workbook import Grid
from schemas import catalogue

NAMED = 10  # unknown columns that are named; the others are counted


@cache
def needed(layout: str) -> dict[str, tuple[str, ...]]:
    """Columns that a sheet of the layout must have: our name → its spellings."""
    columns: dict[str, list[str]] = catalogue.layouts()[layout]["columns"]
    return {name: tuple(map(str, words)) for name, words in columns.items() if not str(words[-1]).endswith("?")}


def lacking(layout: str, present: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Columns that a sheet must have and has not, each in words → its spellings. present: our names of those it has."""
    return {in_words(words[0]): words for name, words in needed(layout).items() if name not in present}


def differing(
    missing: Mapping[str, Sequence[str]],
    unknown: Sequence[str],
    repeated: Sequence[str] = (),
    *,
    spare: Sequence[str] = (),
) -> str:
    """What is wrong with the columns of a sheet; a missing one with the title that its sender may have given it.

    missing: as `lacking` has it; the others are titles of the sheet: those that the layout does not know, those there
    twice, and those that it does without (told only where one may be a missing column). Empty where nothing is wrong.
    """
    pairs = similar(missing, [*unknown, *spare])
    lacks = [
        f"{quoted([name])} (есть похожий: {quoted([pairs[name]])})" if name in pairs else quoted([name])
        for name in missing
    ]
    strange = [title for title in unknown if title not in pairs.values()]
    more = f" и ещё {len(strange) - NAMED}" if len(strange) > NAMED else ""
    lists = (
        ("нет столбцов", ", ".join(lacks)),
        ("неизвестные столбцы", quoted(strange[:NAMED]) + more),
        ("столбцы повторяются", quoted(repeated)),
    )
    return "; ".join(f"{what}: {names}" for what, names in lists if names)


def place(grid: Grid, row: int) -> str:
    """Where a header stands, in words. row: its last line, from 0."""
    line = f"строка {grid.offset + row + 1}"
    return f"лист «{unnamed(grid.sheet)}», {line}" if grid.sheet else line


def in_words(spelling: str) -> str:
    """A spelling as people are told of it: of a regular expression, its first variant."""
    return re.sub(r"\.\*", "…", spelling.split("|")[0]).strip()


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"«{unnamed(name)}»" for name in names)
