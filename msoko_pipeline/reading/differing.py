"""How the columns of a sheet differ from those of a layout, in words for the sender; the one place where it is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from msoko_pipeline.privacy.repeating import is_repeatable, unnamed
from msoko_pipeline.reading.likeness import in_one, similar
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from schemas.layout import Column, layouts

NAMED = 10  # unknown columns that are named; the others are counted


@cache
def needed(layout: str) -> dict[str, tuple[str, ...]]:
    """Columns that a sheet of the layout must have: our name → its spellings."""
    columns = layouts()[layout].columns
    return {name: column.spellings for name, column in columns.items() if not column.is_optional}


def absent(layout: str, present: Collection[str]) -> dict[str, Column]:
    """Columns of a layout that a sheet has not, each under its name in words.

    present: our names of the columns that it has.
    """
    columns = layouts()[layout].columns
    return {in_words(column.title): column for name, column in columns.items() if name not in present}


def missing_of(columns: Mapping[str, Column]) -> list[str]:
    """Of absent columns those that a sheet must have."""
    return [name for name, column in columns.items() if not column.is_optional]


def differing(
    columns: Mapping[str, Column],
    unknown: Sequence[str],
    repeated: Sequence[str] = (),
    *,
    spare: Sequence[str] = (),
) -> str:
    """What is wrong with the columns of a sheet; a missing one with the title that its sender may have given it.

    columns: the absent ones; the others are titles of the sheet: those that the layout does not know, those there
    twice, and those that it does without (told only where one may be a missing column). Empty where nothing is wrong.
    """
    missing = missing_of(columns)
    spellings = {name: column.spellings for name, column in columns.items()}
    joint = {
        title: names for title, names in in_one(spellings, [*unknown, *spare]).items() if set(names) & set(missing)
    }
    apart = [name for name in columns if not any(name in names for names in joint.values())]
    free = [title for title in (*unknown, *spare) if title not in joint]
    pairs = similar({name: spellings[name] for name in apart if name in missing}, free)
    strange = [title for title in unknown if title in free and title not in pairs.values()]
    meant = {
        title: name for name, title in similar({n: spellings[n] for n in apart if n not in missing}, strange).items()
    }
    lacks = [f"{quoted(names)} (слиты в столбце {told(title)}, разделите его)" for title, names in joint.items()]
    lacks += [
        f"«{name}»" + (f" (есть похожий: {told(pairs[name], spellings[name])})" if name in pairs else "")
        for name in apart
        if name in missing
    ]
    extra = [
        told(title, spellings[meant[title]]) + f" (похож на «{meant[title]}»)" if title in meant else told(title)
        for title in strange[:NAMED]
    ]
    more = f" и ещё {len(strange) - NAMED}" if len(strange) > NAMED else ""
    lists = (
        ("нет столбцов", ", ".join(lacks)),
        ("неизвестные столбцы", ", ".join(extra) + more),
        ("столбцы повторяются", quoted(repeated)),
    )
    return "; ".join(f"{what}: {names}" for what, names in lists if names)


def told(title: str, words: Sequence[str] = ()) -> str:
    """A title of the sheet as it may be repeated; words: of the column that it seems to be, a slip of the pen in which
    is nobody's name.
    """
    return f"«{title}»" if words and is_repeatable(title, tuple(words)) else f"«{unnamed(title)}»"


def place(grid: Grid, row: int) -> str:
    """Where a header stands, in words. row: its last line, from 0."""
    line = f"строка {grid.offset + row + 1}"
    return f"лист «{unnamed(grid.sheet)}», {line}" if grid.sheet else line


def in_words(spelling: str) -> str:
    """A spelling as messages show it: of a regular expression, its first variant."""
    return re.sub(r"\.\*", "…", spelling.split("|")[0]).removesuffix("?").strip()


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"«{unnamed(name)}»" for name in names)
