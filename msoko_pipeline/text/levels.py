"""At which level a work is that a text names: base, advanced, profile. A level is another work, with a code of its own,
where the procedure has one (`subjects.csv`, columns `of` and `level`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from msoko_pipeline.text.words import Mention, Token, Word
from schemas import catalogue

VPR, VSOSH = "vpr", "vsosh"


def codes(words: Sequence[Token], named: Sequence[Mention], procedure: str) -> Iterator[str]:
    """Code of the work of each subject named among words, at the level that they tell: `MU` for advanced mathematics.

    A level that this procedure does not have makes «предмет + level», `IS+advanced`, which is no code.
    """
    level = _told(words, named)
    for one in named:
        yield _at(one.code, level or _by_letter(words, one, procedure), procedure)


def of_word(word: Token) -> str | None:
    """The level that a word names, whole or shortened."""
    shortest = catalogue.work_words()["subjects"]["alone"]
    for level, names in _names():
        if any(name.is_at(word) or name.begins_with(word, shortest) for name in names):
            return level
    return None


def with_letter(text: str, codes: Mapping[str, str], procedure: str) -> str | None:
    """The work that a code with the letter of a level after it names: `мау` → MU."""
    level = _rules()["letters"].get(text[-1:])
    return catalogue.subject_levels(procedure).get((codes.get(text[:-1], ""), level)) if level else None


def letters() -> Iterable[str]:
    """Letters that name a level beside a code or a class."""
    by_letter: dict[str, str] = _rules()["letters"]
    return by_letter


def refined(named: Iterable[str], procedure: str = VPR) -> list[str]:
    """The codes without those of which the work at a level is named too: a title says «Математика», the subject line
    under it «Математика (углублённый уровень)».
    """
    codes = list(dict.fromkeys(named))
    plain = {code for (code, _), other in catalogue.subject_levels(procedure).items() if other in codes}
    return [code for code in codes if code not in plain]


def of(named: Iterable[str], procedure: str = VPR) -> set[str]:
    """The works at a level of their own of the subjects."""
    codes = set(named)
    return {other for (code, _), other in catalogue.subject_levels(procedure).items() if code in codes}


def alone(words: Sequence[Token]) -> str | None:
    """The level that a text names and no subject with it: a folder «углублённый уровень», «7 класс, углублённый»."""
    rules = catalogue.work_words()
    beside = [Word(word) for word in (*rules["subjects"]["beside"], *rules["grade"]["class_words"])]
    plain = [word for word in words if word.is_word and not any(one.is_at(word) for one in beside)]
    levels = {of_word(word) for word in words if word.is_word} - {None}
    return next(iter(levels)) if len(levels) == 1 and all(map(of_word, plain)) else None


def at_level(code: str, level: str | None, procedure: str = VPR) -> str:
    """The work of a subject at a level, the subject itself where it has none."""
    return catalogue.subject_levels(procedure).get((code, level or ""), code)


def without_schools(words: list[Token], named: list[Mention]) -> tuple[list[Token], list[Mention]]:
    """Tokens and subjects without the part of a school's name that says what is studied there more deeply: «школа с
    углублённым изучением отдельных предметов», «лицей с углублённым изучением математики».
    """
    for at, word in enumerate(words):
        if not (word.is_word and of_word(word) and _studied(words, at + 1) and _is_of_school(words, named, at)):
            continue
        end = at + 2
        while end < len(words) and any(one.is_at(words[end]) for one in _words("of_schools")):
            end += 1
        for one in named:
            joined = end + (end < len(words) and words[end].text == "и")
            end = one.end if one.start in (end, joined) else end
        left = [one for one in named if not at <= one.start < end]
        moved = [_moved(one, end - at) if one.start >= end else one for one in left]
        return without_schools([*words[:at], *words[end:]], moved)
    return words, named


def _moved(one: Mention, by: int) -> Mention:
    return replace(one, start=one.start - by, end=one.end - by)


def _is_of_school(words: Sequence[Token], named: Sequence[Mention], at: int) -> bool:
    """Whether the word of a school stands before a token, and no subject between them."""
    last = max((one.end for one in named if one.end <= at), default=0)
    return any(one.is_at(word) for word in words[last:at] for one in _words("schools"))


def _studied(words: Sequence[Token], at: int) -> bool:
    return at < len(words) and any(one.is_at(words[at]) for one in _words("studied"))


def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = catalogue.work_words()["levels"]
    return rules


@cache
def _words(name: str) -> tuple[Word, ...]:
    return tuple(map(Word, _rules()[name]))


@cache
def _names() -> tuple[tuple[str, tuple[Word, ...]], ...]:
    return tuple((level, _words(level)) for level in ("advanced", "base", "profile"))


def _told(words: Sequence[Token], named: Iterable[Mention]) -> str | None:
    """The level that words beside the subjects tell."""
    taken = {at for one in named for at in range(one.start, one.end)}
    return next((level for at, w in enumerate(words) if w.is_word and at not in taken and (level := of_word(w))), None)


def _by_letter(words: Sequence[Token], one: Mention, procedure: str) -> str | None:
    """The level that a letter right after a subject or its class tells, «МА7У», «МА 7-У», «Математика (У)»; None where
    the subject has no work at that level: the letter is that of a class.
    """
    signs: list[Token] = []
    at = one.end
    while at < len(words) and (not words[at].is_word or words[at].number is not None) and len(signs) < 4:
        signs.append(words[at])
        at += 1
    if at >= len(words) or not signs or words[at].spaced:
        return None
    level: str | None = _rules()["letters"].get(words[at].text)
    has_own = (one.code, level) in catalogue.subject_levels(procedure)
    counted = sum(sign.number is not None for sign in signs)
    return level if has_own and (counted == 1 or [sign.text for sign in signs] == ["("]) else None


def _at(code: str, level: str | None, procedure: str) -> str:
    if level is None or procedure == VSOSH:
        return code
    other = catalogue.subject_levels(procedure)
    if (code, level) in other:
        return other[code, level]
    # the plain work is the base one where there is an advanced one beside it, else the profile one
    return f"{code}+{level}" if level == "advanced" and procedure == VPR else code
