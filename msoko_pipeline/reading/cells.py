"""Text of a column → typed values, one spelling at a time: a column of ten thousand scores has ten spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from schemas import catalogue


class Wrong(Exception):
    """A spelling that cannot be read: issue type of the catalogue and what the message needs."""

    def __init__(self, issue_type: str, **details: Any) -> None:
        self.issue_type = issue_type
        self.details = details
        super().__init__(issue_type)


@dataclass(frozen=True)
class Text:
    """A column of text: codes[i] is the index of row i's word, −1 for an empty cell; words are stripped."""

    codes: np.ndarray
    words: list[str]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Text:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(array, pa.ChunkedArray):  # no rows
            array = pa.array([], pa.dictionary(pa.int32(), pa.string()))
        words = [(word or "").strip() for word in array.dictionary.to_pylist()]
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        blank = np.array([not word for word in words] + [True])
        return cls(np.where(blank[codes], -1, codes), words)

    @classmethod
    def empty(cls, rows: int) -> Text:
        return cls(np.full(rows, -1, np.int32), [])

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray) -> Text:
        return Text(self.codes[rows], self.words)

    @property
    def filled(self) -> np.ndarray:
        return self.codes >= 0

    def is_in(self, known: Callable[[str], bool]) -> np.ndarray:
        """Mask of the rows whose word `known` accepts."""
        return np.array([known(word) for word in self.words] + [False])[self.codes]

    def values(self) -> Any:
        """The words as a pandas text array, NULL for empty."""
        return pd.array([*self.words, None], dtype="string")[self.codes]

    def at(self, row: int) -> str:
        code = self.codes[row]
        return "" if code < 0 else self.words[code]


@dataclass(frozen=True)
class Unread:
    """Rows (positions) whose cell could not be read, all with the same word."""

    positions: np.ndarray
    value: str
    wrong: Wrong


def parse(text: Text, how: Callable[[str], Any], dtype: str) -> tuple[Any, list[Unread]]:
    """Values of a column (pandas array of `dtype`, NULL for empty, None or unreadable) and what could not be read."""
    values: list[Any] = []
    unread = []
    used = np.zeros(len(text.words) + 1, bool)
    used[text.codes] = True
    for number, word in enumerate(text.words):
        try:
            values.append(how(word) if used[number] else None)
        except Wrong as wrong:
            values.append(None)
            unread.append(Unread(np.flatnonzero(text.codes == number), word, wrong))
    return pd.array([*values, None], dtype=dtype)[text.codes], unread


def integer(word: str) -> int:
    """`5`, `5,0`, `1 234` → int."""
    if not re.fullmatch(r"[-+]?\d[\d\s\u00a0]*(?:[.,]0+)?", word):
        raise Wrong("cell_not_an_integer" if re.fullmatch(r"[-+]?\d+[.,]\d+", word) else "cell_not_a_number")
    return int(re.sub(r"[\s\u00a0]|[.,]0+$", "", word))


def number(word: str) -> float:
    """`12,36`, `12.36`, `12,36 %`, `1 234,5` → float."""
    found = re.fullmatch(r"([-+]?\d[\d\s\u00a0]*(?:[.,]\d+)?)\s*%?", word)
    if not found:
        raise Wrong("cell_not_a_number")
    return float(re.sub(r"[\s\u00a0]", "", found[1]).replace(",", "."))


def login(word: str) -> str:
    """`sch190003`, `ksh190003`, `edu190003 | МБОУ…`, `МБОУ «…»(edu190003)` → `edu190003`."""
    prefixes = "|".join(catalogue.codes()["login_prefixes"])
    found = re.fullmatch(rf"(?:{prefixes})(\d{{6}})(?:\s*\|.*)?|.*\((?:{prefixes})(\d{{6}})\)", word.strip(), re.I | re.S)
    if not found:
        raise Wrong("cell_login")
    return "edu" + (found[1] or found[2])


def municipality(word: str) -> str | None:
    """Code of `Красногорский район(reg22_m019)` or `reg22_m019 | Красногорский район`; None where there is none."""
    found = re.search(r"reg\d+_m\d+", word)
    return found[0] if found else None


def bare_name(word: str) -> str:
    """The name without its code: `город Черногорск(reg19_m019)` → `город Черногорск`."""
    return re.sub(r"\s*\((?:reg|edu|sch|ksh)\w+\)\s*$|^(?:reg|edu|sch|ksh)\w+\s*\|\s*", "", word).strip()


def participant(word: str) -> str:
    if not re.fullmatch(r"\d{4,6}", word):
        raise Wrong("cell_code")
    return word


@cache
def _known(code_list: str) -> frozenset[str]:
    return frozenset(str(word).lower() for word in catalogue.codes()[code_list])


def is_absent(word: str) -> bool:
    return word.lower() in _known("absent")


def is_not_attempted(word: str) -> bool:
    return word.lower() in _known("not_attempted")


def is_totals(word: str) -> bool:
    return re.match(catalogue.codes()["totals_row"], word.lower()) is not None


def score(word: str) -> int:
    """Score of a task, балл; X in any spelling is 0 (and flagged apart)."""
    if is_not_attempted(word):
        return 0
    try:
        return integer(word)
    except Wrong as wrong:
        raise Wrong("cell_score") from wrong


def mark(word: str) -> int:
    if word in ("2", "3", "4", "5"):
        return int(word)
    raise Wrong("cell_mark")


def journal_mark(word: str) -> int | None:
    """2…5; «нет отметки» in its spellings is NULL."""
    if word.lower() in _known("no_mark"):
        return None
    if word in ("2", "3", "4", "5"):
        return int(word)
    raise Wrong("cell_journal_mark")


def variant(word: str) -> str | None:
    if is_absent(word):
        return None
    if not re.fullmatch(r"\d{1,3}", word):
        raise Wrong("cell_variant")
    return word


def gender(word: str) -> str:
    known: Mapping[str, str] = catalogue.codes()["gender"]
    found = next((code for spelling, code in known.items() if re.fullmatch(spelling + r"\w*\.?", word.lower())), None)
    if found is None:
        raise Wrong("cell_gender")
    return found


def class_label(word: str, grades: set[int], ordinal: bool) -> str | None:
    """Letter or ordinal number of a class: `"Б"`, `9 в`, `11а`, `7-Б` → Б, В, А, Б; «нет» and the bare grade → NULL.

    ordinal: the layout numbers the classes of a parallel (1…49), so a bare number is kept.
    """
    text = re.sub(r"[\s\"'«»“”.,_-]+", "", word).upper().replace("Ё", "Е")
    if text.lower() in _known("no_class") or not text:
        return None
    found = re.fullmatch(r"(\d{0,2})(?:КЛАСС|КЛ)?([A-ZА-Я]{0,3})(\d{0,2})", text)
    if not found or word.startswith("="):
        raise Wrong("cell_formula_text" if word.startswith("=") else "cell_class")
    if found[2]:
        return found[2].translate(_LOOKALIKES) + found[3]
    if not ordinal and found[1] and int(found[1]) in grades:
        return None
    return found[1] or None


_LOOKALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
