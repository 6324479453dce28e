"""Whether a word is somebody's name: lists of ours first, then the morphology, for words it lacks their endings."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from msoko_pipeline.text import linear as re
from schemas import catalogue
from schemas.vocabulary import vocabulary

NAMED = ("Name", "Surn", "Patr")
"""Tags of pymorphy3 (OpenCorpora) of first names, surnames and patronymics."""
SERVICE = ("PREP", "CONJ", "PRCL", "NPRO", "INTJ")
"""Tags of words that are everywhere."""
SHORT = 3  # letters of a name that may be another word or an abbreviation
LONGEST = 40  # letters: a longer run of letters is nobody's name
LIKELY = 0.3  # of what a word that the dictionary lacks may be: from this share of names on it is one with their ending
SURE = 0.75  # and with any ending

LOOKALIKES = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")
_LATIN = re.compile(r"[a-z]+")
_CYRILLIC = re.compile(r"[а-я]")
_RUSSIAN = re.compile(r"[а-я]+(?:[-'’][а-я]+)*")
_TO_CYRILLIC = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ju", "ю"), ("ya", "я"), ("ja", "я"), ("iy", "ий"), ("ij", "ий"), ("ey", "ей"), ("yo", "е"), ("ye", "е"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"),
    ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"),
    ("s", "с"), ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"), ("x", "кс"), ("y", "ы"), ("z", "з"),
)  # fmt: skip


class Sort(Enum):
    """What a word may be. NAME: nothing else; PATRONYMIC: a name after which and before which names stand; MAYBE: a
    name and another word as well; PLACE: a place, spelled like a surname; WORD: no name; UNKNOWN: in no list and in no
    dictionary.
    """

    NAME = "name"
    PATRONYMIC = "patronymic"
    MAYBE = "maybe"
    PLACE = "place"
    WORD = "word"
    UNKNOWN = "unknown"


def plain(word: str) -> str:
    """A word as it is looked up: lower case, е for ё, Latin look-alikes of a Cyrillic word as Cyrillic letters."""
    lower = word.lower().replace("ё", "е")
    is_mixed = _CYRILLIC.search(lower) is not None and _LATIN.search(lower) is not None
    return word.translate(LOOKALIKES).lower().replace("ё", "е") if is_mixed else lower


@lru_cache(50_000)
def sort_of(word: str) -> Sort:
    """What a word is by itself. Its case counts for words that no dictionary has."""
    lower = plain(word)
    if lower in vocabulary():
        return Sort.WORD
    if len(lower) > LONGEST or (word.isupper() and len(word) <= SHORT):  # an abbreviation: of a subject, a report
        return Sort.UNKNOWN
    if lower in names():
        return _listed(lower, word)
    if _LATIN.fullmatch(lower.replace("-", "").replace("'", "")):
        return _latin(lower)
    whole = _by_morphology(lower, word)
    if "-" in lower and whole is Sort.UNKNOWN:
        return _together([sort_of(part) for part in word.split("-") if part])
    return whole


def _listed(lower: str, word: str) -> Sort:
    """A part of a name from our lists; short ones may be other words (Ли, Сон) and abbreviations (СО)."""
    if len(lower) > SHORT:
        return Sort.NAME
    of_dictionary = [parse for parse in _parses(lower) if parse.is_known]
    others = [parse for parse in of_dictionary if not _is_named(parse)]
    if word.isupper() and len(others) == len(of_dictionary):
        return Sort.UNKNOWN
    if word.islower() and any(tag in parse.tag for parse in others for tag in SERVICE):
        return Sort.WORD
    return Sort.MAYBE if others else Sort.NAME


def _together(parts: list[Sort]) -> Sort:
    for sort in (Sort.NAME, Sort.PATRONYMIC, Sort.MAYBE, Sort.PLACE, Sort.UNKNOWN):
        if sort in parts:
            return sort
    return Sort.WORD


@cache
def names() -> frozenset[str]:
    """Parts of names that the morphology lacks or takes for other words."""
    listed: dict[str, str] = catalogue.privacy()["names"]
    return frozenset({word for line in listed.values() for word in line.replace("ё", "е").split()})


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(catalogue.privacy()[name])


@cache
def _morphology() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


def load() -> None:
    """Load the morphology now: it takes a quarter of a second, which processes that are forked later save."""
    _morphology()


@lru_cache(20_000)
def _parses(lower: str) -> tuple[Any, ...]:
    """What a word may be, the likeliest first; nothing for other letters, of which the morphology knows none."""
    return tuple(_morphology().parse(lower)) if _RUSSIAN.fullmatch(lower) else ()


def _by_morphology(lower: str, word: str) -> Sort:
    parses = _parses(lower)
    if not parses:
        return Sort.UNKNOWN
    is_dictionary = parses[0].is_known
    is_capital = word[:1].isupper()
    if any(parse.normal_form.replace("ё", "е") in vocabulary() for parse in parses if is_dictionary):
        named = [parse for parse in parses if _is_named(parse)]
        return Sort.MAYBE if named and is_capital and _likely(named) >= LIKELY else Sort.WORD
    named = [parse for parse in parses if _is_named(parse)]
    if is_dictionary:
        return _of_dictionary(parses, named, lower, is_capital=is_capital)
    if _pattern("patronymic").fullmatch(lower):
        return Sort.PATRONYMIC
    named += [parse for parse in parses if "Poss" in parse.tag]
    has_ending = _pattern("surname").fullmatch(lower) is not None
    if has_ending and (is_capital or _likely(named) >= LIKELY):
        return Sort.NAME
    return Sort.NAME if _likely(named) >= SURE else Sort.UNKNOWN


def _of_dictionary(parses: Sequence[Any], named: list[Any], lower: str, *, is_capital: bool) -> Sort:
    """A word of the dictionary. Possessive adjectives («петров») are surnames; towns and plurals may be."""
    if any("Patr" in parse.tag for parse in named):
        return Sort.PATRONYMIC
    others = [parse for parse in parses if not _is_named(parse) and "Poss" not in parse.tag]
    is_place = any("Geox" in parse.tag for parse in others)
    if named:
        return Sort.PLACE if is_place else Sort.MAYBE if others else Sort.NAME
    declined = all("NOUN" in parse.tag and (parse.normal_form != lower or "Geox" in parse.tag) for parse in others)
    if not (is_capital and declined and _pattern("surname").fullmatch(lower)):
        return Sort.WORD
    return Sort.PLACE if is_place else Sort.MAYBE


def is_of_dictionary(word: str) -> bool:
    """Whether the morphology has a word."""
    parses = _parses(plain(word))
    return bool(parses) and bool(parses[0].is_known)


def ends_as_surname(word: str) -> bool:
    """Whether a word ends as surnames do."""
    return _pattern("surname").fullmatch(plain(word)) is not None


def is_declined_like_surname(word: str) -> bool:
    """Whether a noun of the dictionary is spelled like a surname only where it is declined: «пробников», «тестова»."""
    parses = _parses(plain(word)) if ends_as_surname(word) else []
    return bool(parses) and all("NOUN" in parse.tag and parse.normal_form != plain(word) for parse in parses)


def is_surname_like(word: str) -> bool:
    """Whether a word ends as surnames do, and the morphology has such a surname or a declined word only."""
    parses = _parses(plain(word))
    is_declined = all(parse.normal_form != plain(word) for parse in parses)
    return ends_as_surname(word) and (is_declined or any(map(_is_named, parses)))


def _is_named(parse: Any) -> bool:
    return any(tag in parse.tag for tag in NAMED)


def _likely(parses: list[Any]) -> float:
    return float(sum(parse.score for parse in parses))


def _latin(lower: str) -> Sort:
    """A word in Latin letters: a name where its transliteration is one."""
    cyrillic = lower.replace("'", "ь")
    for latin, letter in _TO_CYRILLIC:
        cyrillic = cyrillic.replace(latin, letter)
    if cyrillic in vocabulary():
        return Sort.UNKNOWN
    if cyrillic in names():
        return Sort.NAME if len(cyrillic) > 3 else Sort.MAYBE
    parses = _parses(cyrillic)
    if parses and parses[0].is_known:
        named = [parse for parse in parses if _is_named(parse)]
        return Sort.UNKNOWN if not named else Sort.NAME if len(named) == len(parses) else Sort.MAYBE
    return Sort.NAME if _pattern("latin_surname").fullmatch(lower) else Sort.UNKNOWN
