"""Which column of a sheet its sender means where a column of the layout is missing: renamed, shortened, misspelt, or
two columns in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, takewhile

from msoko_pipeline.text import linear as re

SIMILAR = 62  # likeness of two titles, 0–100, from which one is offered for the other
WITHIN = 80  # likeness of a title to a longer one that has all its words in their order
SHORTEST = 3  # letters of a title that may stand for a longer one
INITIALS = 4  # columns that may be called by their first letters, at most («ФИО»)


def similar(missing: Mapping[str, Sequence[str]], titles: Sequence[str]) -> dict[str, str]:
    """Missing column → the title offered for it; the likest pair first, each column and title once.

    missing: name of a column → its spellings, of which those with `*` or `|` (expressions) are passed over;
    titles: of the sheet's columns that the layout does not know.
    """
    literal = {name: _literal(name, words) for name, words in missing.items()}
    pairs = sorted(
        (
            (max(likeness(spelling, _plain(title)) for spelling in spellings), name, title)
            for name, spellings in literal.items()
            for title in titles
        ),
        key=lambda pair: -pair[0],
    )
    offered: dict[str, str] = {}
    for share, name, title in pairs:
        if share >= SIMILAR and name not in offered and title not in offered.values():
            offered[name] = title
    return offered


def in_one(missing: Mapping[str, Sequence[str]], titles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Title → the missing columns that its sender has put into one: «Год и логин», «ФИО»; as `similar` takes them."""
    by_title: dict[str, tuple[str, ...]] = {}
    for title in titles:
        names = _named_in(missing, title) or _called_by_letters(missing, title)
        if len(names) > 1:
            by_title[title] = names
    return by_title


def _named_in(missing: Mapping[str, Sequence[str]], title: str) -> tuple[str, ...]:
    """The missing columns whose words stand in a title, each in a place of its own."""
    words = _words(_plain(title))
    taken: list[tuple[int, int]] = []
    names: list[str] = []
    spelled = [(_words(word), name) for name, words in missing.items() for word in _literal(name, words)]
    for spelling, name in sorted(spelled, key=lambda pair: -len(pair[0])):
        span = _span(spelling, words)
        if span and name not in names and not any(start < span[1] and span[0] < end for start, end in taken):
            taken.append(span)
            names.append(name)
    return tuple(name for name in missing if name in names)


def _called_by_letters(missing: Mapping[str, Sequence[str]], title: str) -> tuple[str, ...]:
    """The missing columns, one after another, whose first letters are a title: «ФИО», «Ф. И. О. ученика»."""
    words = _words(_plain(title))
    letters = "".join(takewhile(lambda word: len(word) == 1, words))
    first = letters or "".join(words[:1])
    names = list(missing)
    for start, end in combinations(range(len(names) + 1), 2):
        if end - start <= INITIALS and "".join(name[0] for name in names[start:end]) == first:
            return tuple(names[start:end])
    return ()


def _literal(name: str, spellings: Sequence[str]) -> list[str]:
    """The spellings that are no expressions, as they are compared; where there is none, the name itself."""
    return [_plain(word) for word in spellings if not set("*|") & set(word)] or [_plain(name)]


def _plain(title: str) -> str:
    """A title in lower case without the dots of ё."""
    return title.lower().replace("ё", "е")


def _words(title: str) -> list[str]:
    return re.findall(r"[^\W_]+", title)


def _span(words: Sequence[str], of: Sequence[str]) -> tuple[int, int] | None:
    """Where these words stand in others, one after another; of fewer than two letters nothing can be told."""
    if sum(map(len, words)) < 2:
        return None
    places = range(len(of) - len(words) + 1)
    return next(((at, at + len(words)) for at in places if of[at : at + len(words)] == words), None)


def likeness(one: str, other: str) -> float:
    """How much two titles are alike, 0–100: slips of the pen, other orders of words, words cut short («кол-во уч.»)
    or added («логин ОО»).
    """
    from rapidfuzz import fuzz

    if _is_shortened(one, other) or _is_shortened(other, one):
        return 95.0
    alike = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    return max(alike, WITHIN) if _span(_words(one), _words(other)) else alike


def nearest_word(word: str, words: Sequence[str]) -> str | None:
    """The word of a list that another one is a slip of the pen for, or is short for; None where it is like none."""
    plain = _plain(word).strip(" .«»\"'")
    shares = {listed: likeness(plain, _plain(listed)) for listed in words if len(listed) >= SHORTEST}
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] >= WITHIN else None


def _is_shortened(short: str, long: str) -> bool:
    """Whether each word of a title begins the word of the other in its place, or is its first and last letters."""
    words, wholes = short.replace(".", " ").split(), long.split()
    if len(words) != len(wholes) or sum(map(len, words)) < min(SHORTEST, len(long)):
        return False
    return all(whole.startswith(word) or _is_contracted(word, whole) for word, whole in zip(words, wholes, strict=True))


def _is_contracted(word: str, whole: str) -> bool:
    first, dash, last = word.partition("-")
    return bool(dash) and first != "" and whole.startswith(first) and last != "" and whole.endswith(last)
