"""Which column of a sheet its sender means where a column of the layout is missing: renamed, shortened, misspelt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SIMILAR = 62  # likeness of two titles, 0–100, from which one is offered for the other
SHORTEST = 3  # letters of a title that may stand for a longer one


def similar(missing: Mapping[str, Sequence[str]], titles: Sequence[str]) -> dict[str, str]:
    """Missing column → the title offered for it; the likest pair first, each column and title once.

    missing: name of a column → its spellings, of which those with `*` or `|` (expressions) are passed over;
    titles: of the sheet's columns that the layout does not know.
    """
    literal = {name: [word for word in words if not set("*|") & set(word)] or [name] for name, words in missing.items()}
    pairs = sorted(
        (
            (max(likeness(_plain(spelling), _plain(title)) for spelling in spellings), name, title)
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


def _plain(title: str) -> str:
    """A title in lower case without the dots of ё and the sign of a column that may be missing."""
    return title.lower().replace("ё", "е").removesuffix("?")


def likeness(one: str, other: str) -> float:
    """How much two titles are alike, 0–100: slips of the pen, other orders of words, words cut short («кол-во уч.»)."""
    from rapidfuzz import fuzz

    if _is_shortened(one, other) or _is_shortened(other, one):
        return 95.0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _is_shortened(short: str, long: str) -> bool:
    """Whether each word of a title begins the word of the other in its place, or is its first and last letters."""
    words, wholes = short.replace(".", " ").split(), long.split()
    if len(words) != len(wholes) or sum(map(len, words)) < min(SHORTEST, len(long)):
        return False
    return all(whole.startswith(word) or _is_contracted(word, whole) for word, whole in zip(words, wholes, strict=True))


def _is_contracted(word: str, whole: str) -> bool:
    first, dash, last = word.partition("-")
    return bool(dash) and first != "" and whole.startswith(first) and last != "" and whole.endswith(last)
