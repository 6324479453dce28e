"""Text of a column → typed values, one spelling at a time: a column of ten thousand scores has ten spellings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.text import linear as re
from msoko_pipeline.text import numbers
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.hidden import is_long_number
from msoko_pipeline.text.logins import kind_of, login_in, login_of, logins_in, without_logins
from msoko_pipeline.text.lookalikes import LOOKALIKES, folded
from msoko_pipeline.text.outcomes import is_absent
from msoko_pipeline.text.spelling import normal
from schemas import catalogue


class Wrong(Exception):
    """A spelling that cannot be read: issue type of the catalogue and what the message needs."""

    def __init__(self, issue_type: str, **details: Any) -> None:
        self.issue_type = issue_type
        self.details = details
        super().__init__(issue_type)


@dataclass(frozen=True)
class Unread:
    """Rows (positions) whose cell could not be read, all with the same word."""

    positions: np.ndarray
    value: str
    wrong: Wrong


_NUMPY: dict[str, Any] = {"Int8": np.int8, "Int16": np.int16, "Int32": np.int32, "Float64": np.float64}


def parse(text: Text, how: Callable[[str], Any], dtype: str) -> tuple[Any, list[Unread]]:
    """Values of a column (pandas array of `dtype`, NULL for empty, None or unreadable) and what could not be read.

    A number too great for the type is unreadable.
    """
    values, unread = _read(text, how, np.iinfo(_NUMPY[dtype]) if dtype.startswith("Int") else None)
    if dtype not in _NUMPY:
        return pd.array([*values, None], dtype=dtype)[text.codes], unread
    data, missing = _columns(values, _NUMPY[dtype])
    array = pd.arrays.IntegerArray if dtype.startswith("Int") else pd.arrays.FloatingArray
    return array(data[text.codes], missing[text.codes]), unread


def _read(text: Text, how: Callable[[str], Any], within: np.iinfo | None) -> tuple[list[Any], list[Unread]]:
    """The value of each word (None where it has none or no row has the word) and the words that have none."""
    values: list[Any] = []
    unread = []
    used = np.zeros(len(text.words) + 1, bool)
    used[text.codes] = True
    for number, word in enumerate(text.words):
        try:
            if used[number] and word.startswith("="):
                raise Wrong("cell_formula_text")
            value = how(word) if used[number] else None
            if within is not None and value is not None and not within.min <= value <= within.max:
                raise Wrong("cell_range", detail="число слишком велико")
            values.append(value)
        except Wrong as wrong:
            values.append(None)
            unread.append(Unread(np.flatnonzero(text.codes == number), word, wrong))
    return values, unread


def _columns(values: list[Any], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Values and the mask of those there are not, both with one more at the end: the empty cell's, code −1."""
    missing = np.array([value is None for value in values] + [True])
    return np.array([0 if value is None else value for value in values] + [0], dtype), missing


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T].*)?")
_WHOLE = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\s\d{3})+)(?:[.,]0+)?")
_NUMBER = re.compile(r"([-+]?(?:\d+|\d{1,3}(?:\s\d{3})+)(?:[.,]\d+)?)\s*%?")


def integer(word: str, unit: str | None = None) -> int:
    """`5`, `5,0`, `1 234` → int; `24 чел.` where that is the unit of the column."""
    if not _WHOLE.fullmatch(word):
        if is_long_number(word):
            raise Wrong("cell_range", detail="число слишком велико")
        if _DATE.fullmatch(word):
            raise Wrong("cell_date")
        if re.fullmatch(r"[-+]?\d+[.,]\d+", word):
            raise Wrong("cell_not_an_integer")
        if (plain := numbers.as_meant(word, unit)) != word:
            return integer(plain)
        raise _no_number(word)
    return int(re.sub(r"\s|[.,]0+$", "", word)[:30])


def _no_number(word: str) -> Wrong:
    issue_type, details = numbers.why_none(word)
    return Wrong(issue_type, **details)


def number(word: str, unit: str | None = None) -> float:
    """`12,36`, `12.36`, `12,36 %`, `1 234,5` → float; `20,5 ставки` where that is the unit of the column."""
    match = _NUMBER.fullmatch(word)
    if is_long_number(word):
        raise Wrong("cell_range", detail="число слишком велико")
    if not match:
        if _DATE.fullmatch(word):
            raise Wrong("cell_date")
        if (plain := numbers.as_meant(word, unit)) != word:
            return number(plain)
        raise _no_number(word)
    value = float(re.sub(r"\s", "", match[1]).replace(",", "."))
    if abs(value) > 1e12:
        raise Wrong("cell_range", detail="число слишком велико")
    return value


def whole(word: str) -> str:
    """A number that a program kept as a fraction, as it was meant: `40001.0` → `40001`; other text as it is."""
    return re.sub(r"(?<=[0-9])[.,]0+$", "", word)


def as_listed(word: str) -> str:
    """A cell as it is looked up in a list of spellings, without quotes around it; letters of either alphabet that look
    alike are the same.
    """
    return folded(normal(whole(word)).strip('" ').rstrip("."))


def login(word: str) -> str:
    """`sch190003`, `EDU 190003`, `190003`, `edu190003 | МБОУ…`, `МБОУ «…»(edu190003)` → `edu190003`: an organisation
    whose pupils sit the works of schools.
    """
    code = organisation(word, "cell_login")
    if not kind_of(code)["pupils"]:
        raise Wrong("cell_login_kind", detail=kind_of(code)["title"])
    return code


def organisation(word: str, issue_type: str = "cell_organisation") -> str:
    """The login or code of any organisation: `doo190001`, `spo190003`, `ДОО «Ромашка»(doo190001)` → `doo190001`."""
    code = login_of(word)
    if code is None:
        several = ", ".join(logins_in(word))
        raise Wrong("cell_logins_several", detail=several) if several else Wrong(issue_type)
    return code


def municipality(word: str) -> str | None:
    """Code of `Красногорский район(reg22_m019)` or `reg22_m019 | Красногорский район`; None where there is none."""
    match = re.search(r"reg[0-9]+_m[0-9]+", word)
    return match[0] if match else None


def bare_name(word: str) -> str:
    """The name without its code: `город Черногорск(reg19_m019)` → `город Черногорск`."""
    plain = without_logins(word) if login_in(word) else word
    return re.sub(r"\s*\((?:reg\w+|\s*)\)\s*$|^(?:reg\w+|\s*)\s*\|\s*", "", plain).strip()


def participant(word: str) -> str:
    code = whole(word)
    if not re.fullmatch(r"[0-9]{4,6}", code):
        raise Wrong("cell_code")
    return code


@cache
def _known(code_list: str) -> frozenset[str]:
    return frozenset(as_listed(str(word)) for word in catalogue.codes()[code_list])


def is_not_attempted(word: str) -> bool:
    return as_listed(word) in _known("not_attempted")


@cache
def _totals() -> re.Pattern[str]:
    return re.compile(catalogue.codes()["totals_row"])


def is_totals(word: str) -> bool:
    """«Итого», «Всего по школе», «Средний балл»; never a unit with its code, as «Средняя школа № 5(edu190005)»."""
    return _totals().match(folded(word.lower())) is not None and login_in(word) is None and municipality(word) is None


def is_score(word: str) -> bool:
    """Whether a lone word looks like the score of a task."""
    return is_not_attempted(word) or re.fullmatch(r"[0-9]{1,2}", whole(word)) is not None


def score(word: str) -> int:
    """Score of a task, балл; X in any spelling is 0 (and flagged apart)."""
    if is_not_attempted(word):
        return 0
    try:
        return integer(word)
    except Wrong as wrong:
        if wrong.issue_type in ("cell_date", "cell_range"):
            raise
        raise Wrong("cell_score") from wrong


def mark(word: str) -> int:
    if whole(word) in ("2", "3", "4", "5"):
        return int(whole(word))
    raise Wrong("cell_mark")


def journal_mark(word: str) -> int | None:
    """2…5; «нет отметки» in its spellings is NULL."""
    if as_listed(word) in _known("no_mark"):
        return None
    if whole(word) in ("2", "3", "4", "5"):
        return int(whole(word))
    raise Wrong("cell_journal_mark")


def variant(word: str) -> str | None:
    if is_absent(word):
        return None
    if not re.fullmatch(r"[0-9]{1,3}", whole(word)):
        raise Wrong("cell_variant")
    return whole(word)


def gender(word: str) -> str:
    spellings: Mapping[str, str] = catalogue.codes()["gender"]
    gender_code = next(
        (code for spelling, code in spellings.items() if re.fullmatch(spelling + r"\w*\.?", folded(word.lower()))), None
    )
    if gender_code is None:
        raise Wrong("cell_gender")
    return gender_code


def class_label(word: str, grades: set[int], ordinal: bool) -> str | None:
    """Letter or ordinal number of a class: `"Б"`, `9 в`, `11а`, `7-Б` → Б, В, А, Б; «нет» and the bare grade → NULL.

    ordinal: the layout numbers the classes of a parallel (1…49), so a bare number is kept.
    """
    text = re.sub(r"[\s\"'«»“”.,_()-]+", "", whole(word)).upper().replace("Ё", "Е")
    if as_listed(text) in _known("no_class") or not text:
        return None
    text = re.sub(r"КЛ(?:АСС[АЕ]?)?$", "", text)
    match = re.fullmatch(r"([0-9]{0,2})(?:КЛАСС|КЛ)?([A-ZА-Я]{0,3})([0-9]{0,2})", text)
    if not match:
        raise Wrong("cell_class")
    if match[2]:
        return match[2].translate(LOOKALIKES) + match[3]
    if not ordinal and match[1] and int(match[1]) in grades:
        return None
    return match[1] or None
