"""Which classes a text names: «4 класс», «в четвёртых классах», «4-х классов», «IV класс», «класс 4А», «4–6 классы»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.subjects import VPR, located, next_to
from msoko_pipeline.text.words import Token, Word, tokens
from schemas import catalogue

_PASSED = ('"', "'", "_", ".", "(", ")", ":")
_DATES = re.compile(
    r"(?<!\d)(?:\d{1,2}[.\-_]\d{1,2}[.\-_](?:20)?\d\d|20\d\d[.\-_]\d{1,2}[.\-_]\d{1,2}|\d{1,2}\.\d{2})(?!\d)"
)
_YEARS = re.compile(r"(?<!\d)20(\d\d)(?:\s*[-–/_ ]\s*(?:20)?(\d\d))?(?!\d)")
_COPY = re.compile(r"\(\s*\d+\s*\)")


@dataclass(frozen=True)
class Grades:
    """Classes a text names. named: with the word «класс»; beside: numbers next to a subject; bare: other numbers."""

    named: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()

    @property
    def told(self) -> tuple[int, ...]:
        """What the text says of a class in so many words, or beside a subject."""
        return self.named or self.beside


def grades_in(text: str, procedure: str = VPR) -> Grades:
    """Classes that a title, or one part of a path, names; years, dates and marks of copies are passed over."""
    plain = without_dates(text)
    named = dict.fromkeys(_named(tokens(plain)))
    words, subjects = located(plain, procedure)
    beside = [w for one in subjects for w in next_to(words, one)]
    bare = [w for at, w in enumerate(words) if _is_of_a_work(w) and not _is_counted(words, at)]
    return Grades(
        tuple(named),
        tuple(dict.fromkeys(w.number for w in beside if _is_of_a_work(w) and w.number is not None)),
        tuple(dict.fromkeys(w.number for w in bare if w.number is not None)),
    )


def without_dates(text: str) -> str:
    """The text without years, school years, dates and marks of copies, «(2)»."""
    return _COPY.sub(" ", _YEARS.sub(_without_year, without_days(text)))


def without_days(text: str) -> str:
    """The text without whole dates."""
    return _DATES.sub(" ; ", text)


def _without_year(year: re.Match[str]) -> str:
    """A year and the next one are a school year; another number after a year is not its."""
    follows = year[2] is not None and int(year[2]) == (int(year[1]) + 1) % 100
    return " ; " if follows or year[2] is None else " ; " + year[0][4:]


def _rules() -> dict[str, Any]:
    return catalogue.work_words()["grade"]


def _is_of_a_work(word: Token) -> bool:
    return word.number in catalogue.work_words()["grades"]


def _is_counted(words: Sequence[Token], at: int) -> bool:
    """Whether a number is one of schools, variants, parts, or a part of a fraction."""
    after = words[at + 1 : at + 3]
    if len(after) == 2 and after[0].text == "." and not after[1].spaced and after[1].number is not None:
        return True
    before = at - 1
    while before >= 0 and words[before].text in ("-", *_PASSED):
        before -= 1
    return before >= 0 and words[before].text in _rules()["not_after"]


def _named(words: list[Token]) -> Iterator[int]:
    """Classes beside the word «класс», before it or, where none is, after it; pupils called by their class."""
    for at, word in enumerate(words):
        pupils = next((grade for name, grade in _pupils() if word.is_word and name.is_at(word)), None)
        if pupils is not None:
            yield pupils
        elif _is_class_word(word):
            before = _listed(words, at - 1, -1)
            yield from before or _listed(words, at + 1, 1)


@cache
def _class_words() -> tuple[Word, ...]:
    return tuple(Word(word) for word in _rules()["class_words"])


def _is_class_word(word: Token) -> bool:
    return word.is_word and any(name.is_at(word) for name in _class_words())


@cache
def _pupils() -> tuple[tuple[Word, int], ...]:
    return tuple((Word(word), grade) for word, grade in _rules()["pupils"].items())


@cache
def _ordinals() -> tuple[tuple[Word, int], ...]:
    return tuple((Word(word), grade) for word, grade in _rules()["ordinals"].items())


def _value(word: Token) -> int | None:
    """A number of up to two digits, a Roman one, an ordinal in words."""
    if not word.is_word:
        return word.number if word.number is not None and len(word.text) <= 2 else None
    roman = _rules()["roman"].get(word.raw.lower().translate(_TO_ROMAN))
    if roman is not None and word.raw == word.raw.upper():
        return roman
    return next((grade for name, grade in _ordinals() if name.is_at(word)), None)


_TO_ROMAN = str.maketrans("іхуv", "ixvv")


def _listed(words: list[Token], at: int, step: int) -> list[int]:
    """Classes of a list that ends (step −1) or begins (step 1) at a token: «4, 5 и 6», «4-х–6-х», «4 «А»»."""
    grades: list[int] = []
    between, first = "", at
    while 0 <= at < len(words):
        word = words[at]
        value = None if _is_suffix(words, at) else _value(word)
        if value is not None:
            if grades and not between:
                break
            if between == "-" and (value - grades[-1]) * step > 0:
                grades += range(grades[-1] + step, value, step)
            grades.append(value)
            between, first = "", at
        elif word.text in _rules()["between"] and (grades or word.text == "-"):
            between = word.text if grades else ""
        elif not (word.text in _PASSED or _is_suffix(words, at)):
            break
        at += step
    return grades[:1] if step < 0 and grades and _is_counted(words, first) else grades


def _is_suffix(words: list[Token], at: int) -> bool:
    """Whether a token is the ending of a number, «-й», or the letter of a class."""
    word, before = words[at], words[at - 1] if at else None
    if not word.is_word or before is None or not (len(word.text) == 1 or word.text in _rules()["suffixes"]):
        return False
    return before.number is not None or before.text in ("-", '"', "_")
