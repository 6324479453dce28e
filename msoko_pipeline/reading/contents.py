"""What the rows of a report say, in one hash, whatever is written above them: by it the same rows are known again.

Left out are the columns that say whose the rows are (school, login, class, participant) and their order, so that the
rows of one work under the title of another, or of one school under another's name, have the same hash.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np

from msoko_pipeline.reading.header import Recognised
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text.cells import as_listed
from msoko_pipeline.text.logins import login_in
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

WHOSE = ("login", "org_ref", "school_name", "group")
"""Columns that name a school, the surest first."""
LEFT_OUT = frozenset(
    {*WHOSE, "municipality", "municipality_ref", "ppe", "number", "code", "class_raw", "participant_code", "subject"}
)
"""Columns that are written anew when rows are given out for another work's or school's."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def content_of(table: Recognised, grid: Grid, login: str | None) -> dict[str, Any] | None:
    """`digest` of the rows and `schools` (a short hash of each) of a report, None where it has too few rows to tell.

    login: of the school whose rows they are, where the rows do not say it.
    """
    rules = catalogue.copies()
    start = table.header_row + 1
    rows = start + np.flatnonzero(grid.columns[table.columns[table.declared.row_key]].below(start).filled)
    if len(rows) < rules["rows_least"]:
        return None
    hashes = np.zeros(len(rows), np.uint64)
    for name, number in sorted(_columns(table).items()):
        text = grid.columns[number]
        words = np.array([_hash(f"{name}={_plain(word)}") for word in text.words] + [_hash(name)], np.uint64)
        hashes = hashes * _FACTOR + words[text.codes[rows]]
    if len(np.unique(hashes)) < rules["differing_least"]:
        return None
    digest = hashlib.sha256(np.sort(hashes).tobytes()).hexdigest()[:32]
    schools = [login] if login else _schools(table, grid, rows)
    return {"digest": digest, "rows": len(rows), "schools": _remembered(schools)}


def _columns(table: Recognised) -> dict[str, int]:
    """What the rows say: name of each column that is compared → its number."""
    named = {name: number for name, number in table.columns.items() if name not in LEFT_OUT}
    tasks = {f"task {task.task}": task.column for task in table.tasks}
    return named | tasks | {f"unit {place}": number for place, number in enumerate(sorted(table.units))}


def _plain(word: str) -> str:
    return as_listed(word).replace(",", ".")


def _schools(table: Recognised, grid: Grid, rows: np.ndarray) -> list[str]:
    """The schools that the rows name, by logins, else by numbers, else by words."""
    column = next((table.columns[name] for name in WHOSE if name in table.columns), None)
    if column is None:
        return []
    text = grid.columns[column].take(rows)
    return [_school(text.words[code]) for code in np.unique(text.codes).tolist() if code >= 0]


@lru_cache(20_000)
def _school(word: str) -> str:
    numbers = [part.lstrip("0") for part in "".join(c if c.isdigit() else " " for c in word).split()]
    return login_in(word) or " ".join(filter(None, numbers)) or normal(word)


def _remembered(schools: list[str]) -> list[str]:
    short = sorted({f"{_hash(school):016x}" for school in schools})
    most = catalogue.copies()["schools_most"]
    return short if len(short) <= most else [f"{_hash(' '.join(short)):016x}"]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
