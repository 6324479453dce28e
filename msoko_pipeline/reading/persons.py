"""People leave the cells here, before anything is kept: names become keys, what nobody needs is emptied.

A layout says which of its columns are a person (`persons`: key → columns), which are never kept and which are remarks
that may name somebody. The key is an HMAC of the name alone, so that files that tell a birth date and files that do not
name the same pupil alike; whose pupil it is, the organisation of the row says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.reading.cells import LOOKALIKES, Text, as_listed, whole
from msoko_pipeline.reading.header import Recognised, normal
from msoko_pipeline.reading.olympiads import is_year
from msoko_pipeline.reading.outcomes import outcome_of
from msoko_pipeline.reading.problems import HIDDEN, is_code, unnamed
from msoko_pipeline.reading.schools import names_a_school
from msoko_pipeline.reading.workbook import Grid
from schemas.fields import columns_of
from schemas.kinds import KINDS


def plain_name(text: str) -> str:
    """A name as it is compared: `ИВАНОВА-Семёнова  Анна` → `иванова семенова анна`; Latin lookalikes are Cyrillic."""
    return re.sub(r"[^а-яa-z]+", " ", normal(text.upper().translate(LOOKALIKES))).strip()


def person_key(name: str, secret: bytes) -> str | None:
    """Pseudonym of a person: 16 hex digits of HMAC-SHA256 of the plain name; None where there is no name."""
    plain = plain_name(name)
    return hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()[:16] if plain else None


def code_key(code: str, secret: bytes) -> str | None:
    """Pseudonym of a participant's code: `#` and 16 hex digits of its HMAC-SHA256; None where there is none."""
    plain = re.sub(r"\s+", "", whole(code.strip()).lower())
    return "#" + hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()[:16] if plain else None


def sheltered(found: Recognised, grid: Grid, secret: bytes) -> tuple[Recognised, Grid, str | None]:
    """The sheet without people, and how many cells were keyed and emptied, in words (None: there were none).

    A key takes the place of the first of its columns. Where a layout has people, columns that it does not know are
    not kept either, and above the header no name is.
    """
    declared = found.declared
    keyed_by: dict[str, Callable[[str, bytes], str | None]] = dict.fromkeys(declared.get("persons", {}), person_key)
    keyed_by |= dict.fromkeys(declared.get("coded", {}), code_key)
    persons: dict[str, list[str]] = declared.get("persons", {}) | declared.get("coded", {})
    if not persons and not any(map(declared.get, ("never_kept", "remarks"))):
        return found, grid, None
    table, columns = grid.cells, dict(found.columns)
    keyed = emptied = 0
    for name, parts in persons.items():
        numbers = [columns.pop(part) for part in parts if part in columns]
        if not numbers:
            continue
        keys = _keys(table, numbers, found.header_row + 1, keyed_by[name], secret)
        keyed += len(keys) - keys.null_count
        for number in numbers:
            table = _emptied(table, number)
        table = table.set_column(numbers[0], str(numbers[0]), keys)
        columns[name] = numbers[0]
    for number in _dropped(found, columns, strict=bool(persons)):
        column = table.column(number).slice(found.header_row + 1)
        emptied += len(column) - column.null_count
        table = _emptied(table, number)
    for name, fits in _fitting(found).items():
        if name in columns:
            table = _changed(table, columns[name], partial(_fit_or_hidden, fits))
    for name in declared.get("remarks", ()):
        if name in columns:
            table = _changed(table, columns[name], unnamed)
    titles, header = found.titles, found.header
    if persons:
        table = _without_names_above(table, found.header_row)
        titles, header = [unnamed(text) for text in titles], [unnamed(text) for text in header]
    told = [f"людей заменено ключами: {keyed}"] * (keyed > 0) + [f"ячеек не сохранено: {emptied}"] * (emptied > 0)
    sheet = replace(found, columns=columns, titles=titles, header=header)
    return sheet, replace(grid, cells=table), "; ".join(told) or None


def _fitting(found: Recognised) -> dict[str, Callable[[str], bool]]:
    """Column → whether a cell of it is surely no person: codes, schools, years and, in a layout with
    people, listed values.
    """
    declared = found.declared
    fitting: dict[str, Callable[[str], bool]] = dict.fromkeys(declared.get("codes_only", ()), is_code)
    fitting |= dict.fromkeys(declared.get("outcomes", ()), _is_code_or_outcome)
    fitting |= dict.fromkeys(declared.get("schools", ()), _is_school)
    fitting |= dict.fromkeys(declared.get("school_years", ()), _is_school_year)
    if ("persons" in declared or "coded" in declared) and found.kind in KINDS:
        listed = {column.name: column.codes for column in columns_of(KINDS[found.kind].model) if column.codes}
        fitting |= {name: partial(_is_listed, frozenset(map(as_listed, codes))) for name, codes in listed.items()}
    return fitting


def _fit_or_hidden(fits: Callable[[str], bool], word: str) -> str:
    return word if fits(word) else HIDDEN


def _is_code_or_outcome(word: str) -> bool:
    return is_code(word) or outcome_of(word) is not None


def _is_school(word: str) -> bool:
    return not word.strip() or names_a_school(word)


def _is_school_year(word: str) -> bool:
    return not word.strip() or is_year(word)


def _is_listed(known: frozenset[str], word: str) -> bool:
    return is_code(word) or as_listed(word.strip()) in known


def _keys(
    table: pa.Table, numbers: Sequence[int], start: int, key: Callable[[str, bytes], str | None], secret: bytes
) -> pa.DictionaryArray:
    """Key of each row's person, NULL above `start` and where there is no name; one `key` a distinct name."""
    parts = [pd.Series(Text.of(table.column(number)).values()).fillna("") for number in numbers]
    names = parts[0].astype("string")
    for part in parts[1:]:
        names = names + " " + part
    codes, distinct = pd.factorize(names.iloc[start:])
    words = [key(str(name), secret) for name in distinct]
    found = pd.Series(pd.array([*[None] * start, *(words[code] for code in codes)], dtype="string"))
    return pc.dictionary_encode(pa.array(found, pa.string(), from_pandas=True))


def _dropped(found: Recognised, columns: dict[str, int], *, strict: bool) -> list[int]:
    """Columns whose cells go no further: those never kept; with people in the layout, all that it does not know."""
    pattern = re.compile("|".join(found.declared.get("never_kept", ())) or r"(?!)")
    kept = set(columns.values()) | {task.column for task in (*found.tasks, *found.beyond)} | set(found.units)
    return [
        number
        for number, title in enumerate(found.header)
        if pattern.fullmatch(normal(title)) or (strict and number not in kept)
    ]


def _emptied(table: pa.Table, number: int) -> pa.Table:
    return table.set_column(number, str(number), pa.nulls(table.num_rows, table.field(number).type))


def _changed(table: pa.Table, number: int, change: Callable[[str], str]) -> pa.Table:
    """The column with each of its words changed."""
    column = table.column(number).combine_chunks()
    words = column.dictionary.to_pylist()
    changed = [change(word) for word in words]
    if changed == words:
        return table
    decoded = pa.DictionaryArray.from_arrays(column.indices, pa.array(changed, pa.string())).cast(pa.string())
    return table.set_column(number, str(number), pc.dictionary_encode(decoded))


def _without_names_above(table: pa.Table, rows: int) -> pa.Table:
    """The table with the names of people in its title rows hidden."""
    for number, column in enumerate(table.columns):
        head = column.slice(0, rows).cast(pa.string()).to_pylist()
        shown = [cell and unnamed(cell) for cell in head]
        if shown != head:
            below = column.slice(rows).cast(pa.string()).combine_chunks()
            whole = pc.dictionary_encode(pa.concat_arrays([pa.array(shown, pa.string()), below]))
            table = table.set_column(number, str(number), whole)
    return table
