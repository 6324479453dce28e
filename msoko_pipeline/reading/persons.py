"""People are removed from the cells before anything is kept: names become keys, what is not needed is emptied.

A layout says which of its columns are a person (`persons`: key → columns). Of every sheet only the columns that its
layout needs are kept, and of those the cells below the header; whoever is named in them is hidden, as
`privacy.allowed` has it for each column. The key is an HMAC of the name alone, so that files that tell a birth date and
files that do not name the same pupil alike; whose pupil it is, the organisation of the row says.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.privacy.allowed import NUMBERS, Rule, answers, rules
from msoko_pipeline.privacy.repeating import unnamed
from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import whole
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.hidden import HIDDEN
from msoko_pipeline.text.lookalikes import LOOKALIKES
from msoko_pipeline.text.spelling import normal
from schemas import catalogue
from schemas.layout import Layout, layouts

MANY = 100  # words of a column, from which they are looked at together first
_PLAIN = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,2})?|[a-z]{3}[0-9]{6}|[XxХх+-]")
"""Cells in which nobody can be: most of a table's words, told apart without looking at each."""


def plain_name(text: str) -> str:
    """A name as it is compared: `ИВАНОВА-Семёнова  Анна` → `иванова семенова анна`; Latin lookalikes are Cyrillic."""
    return re.sub(r"[^а-яa-z]+", " ", normal(text.upper().translate(LOOKALIKES))).strip()


def person_key(name: str, secret: bytes) -> str | None:
    """Pseudonym of a person: 16 hex digits of HMAC-SHA256 of the plain name; None where there is no name («нет»,
    «вакансия»).
    """
    plain = plain_name(name)
    return (
        None if not plain or plain in _nobody() else hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()[:16]
    )


@cache
def _nobody() -> frozenset[str]:
    """What is written where there is nobody, as names are compared."""
    return frozenset(map(plain_name, catalogue.privacy()["nobody"]))


def code_key(code: str, secret: bytes) -> str | None:
    """Pseudonym of a participant's code: `#` and 16 hex digits of its HMAC-SHA256; None where there is none."""
    plain = re.sub(r"\s+", "", whole(code.strip()).lower())
    return "#" + hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()[:16] if plain else None


def sheltered(recognised: Recognised, grid: Grid, secret: bytes) -> tuple[Recognised, Grid, str | None]:
    """The sheet without people, and how many cells were keyed and emptied, in words (None: there were none).

    A key takes the place of the first of its columns. Of a column that the layout does not need it stays known which
    cells were filled; above the header nothing stays but the titles and the header.
    """
    declared, start = recognised.declared, recognised.header_row + 1
    columns = dict(recognised.columns)
    kept: dict[int, pa.Array] = {}
    keyed = emptied = 0
    is_about_people = bool(declared.persons or declared.coded)
    for name, parts, key in _persons(declared):
        numbers = [columns.pop(part) for part in parts if part in columns]
        if not numbers:
            continue
        if name in columns:  # a code beside the name: whose it is, the name says
            kept |= {number: pa.nulls(grid.cells.num_rows, kept[columns[name]].type) for number in numbers}
            continue
        keys = _keys([grid.columns[number] for number in numbers], start, key, secret)
        keyed += len(keys) - keys.null_count
        kept |= {number: pa.nulls(grid.cells.num_rows, keys.type) for number in numbers} | {numbers[0]: keys}
        columns[name] = numbers[0]
    titled = _rules(recognised, columns)
    for number in range(grid.cells.num_columns):
        if number in kept:
            continue
        rule = titled.get(number)
        change = rule.repeated if rule is not None else _not_kept
        kept[number] = _below(grid.cells.column(number), start, change, is_plain=rule is not None)
        emptied += _count(kept[number], HIDDEN) if rule is None and is_about_people else 0
    table = pa.table({str(number): kept[number] for number in range(grid.cells.num_columns)})
    notes = [f"людей заменено ключами: {keyed}"] * (keyed > 0) + [f"ячеек не сохранено: {emptied}"] * (emptied > 0)
    sheet = replace(
        recognised,
        columns=columns,
        titles=[unnamed(text) for text in recognised.titles],
        above=[[unnamed(text) for text in titles] for titles in recognised.above],
        header=[unnamed(text) for text in recognised.header],
        unread=[unnamed(text) for text in recognised.unread],
        units={number: unnamed(title) for number, title in recognised.units.items() if number in titled},
    )
    return sheet, replace(grid, cells=table), "; ".join(notes) or None


def _persons(declared: Layout) -> Iterable[tuple[str, list[str], Callable[[str, bytes], str | None]]]:
    """Key column, the columns that together are the person, and how the key is made."""
    yield from ((name, parts, person_key) for name, parts in declared.persons.items())
    yield from ((name, parts, code_key) for name, parts in declared.coded.items())


def _rules(recognised: Recognised, columns: dict[str, int]) -> dict[int, Rule]:
    """Number of each column that is needed → how its cells are kept."""
    named = rules(recognised.layout)
    needed = {number: named[name] for name, number in columns.items() if name in named}
    needed |= {task.column: NUMBERS for task in (*recognised.tasks, *recognised.beyond)}
    needed |= {number: answers() for number, title in recognised.units.items() if _is_needed(recognised, title)}
    guards = _no_scores(recognised.layout)
    for number, title in enumerate(recognised.header):
        if number not in needed and (not title.strip() or guards.fullmatch(normal(title))):
            needed[number] = NUMBERS
    return needed


@lru_cache(100)
def _no_scores(layout: str) -> re.Pattern[str]:
    """Headers of columns that are looked at only for a score that has slipped there."""
    return re.compile("|".join(layouts()[layout].no_scores_in) or r"(?!)")


def _is_needed(recognised: Recognised, question: str) -> bool:
    """Whether something is made of the answers to a question; columns of units are all needed."""
    if not recognised.declared.questions:
        return True
    wording = normal(question)
    return any(re.search(pattern, wording) for pattern in catalogue.questions_asked(int(recognised.declared.year or 0)))


def _not_kept(word: str) -> str:
    """A cell that is not needed: that it was filled may matter, what it held may not."""
    return HIDDEN if word.strip() else word


def _keys(
    columns: Sequence[Text], start: int, key: Callable[[str, bytes], str | None], secret: bytes
) -> pa.DictionaryArray:
    """Key of each row's person, NULL above `start` and where there is no name; one `key` a distinct name."""
    parts = [pd.Series(column.values()).fillna("") for column in columns]
    names = parts[0].astype("string")
    for part in parts[1:]:
        names = names + " " + part
    codes, distinct = pd.factorize(names.iloc[start:])
    words = [key(str(name), secret) for name in distinct]
    keys = pd.Series(pd.array([*[None] * start, *(words[code] for code in codes)], dtype="string"))
    return pc.dictionary_encode(pa.array(keys, pa.string(), from_pandas=True))


def _below(column: pa.ChunkedArray, start: int, change: Callable[[str], str], *, is_plain: bool) -> pa.Array:
    """The column with nothing in its first `start` rows and each of the other words changed; words of no row are gone.

    is_plain: numbers and codes stay as they are, so that only the rest is looked at.
    """
    coded = column.combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # no rows
        return pa.nulls(len(column), column.type)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    codes[:start] = -1
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(coded.dictionary) + 1)[1:])
    words = coded.dictionary.take(pa.array(used))
    moved = np.full(len(coded.dictionary) + 1, -1, np.int32)
    if is_plain and len(used) > MANY and pc.all(pc.match_substring_regex(words, f"^(?:{_PLAIN.pattern})$")).as_py():
        moved[used] = np.arange(len(used))
    else:
        places: dict[str, int] = {}
        for number, word in zip(used.tolist(), words.to_pylist(), strict=True):
            kept = word if is_plain and _PLAIN.fullmatch(word) else change(word)
            moved[number] = places.setdefault(kept, len(places))
        words = pa.array(places, pa.string())
    codes = moved[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), words)


def _count(column: pa.DictionaryArray, word: str) -> int:
    place = column.dictionary.index(word).as_py()
    return 0 if place < 0 else int((column.indices.to_numpy(zero_copy_only=False) == place).sum())
