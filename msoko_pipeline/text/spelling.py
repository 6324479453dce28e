"""Whether a header is a spelling of a column, however its spaces, signs and look-alike letters are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from schemas import catalogue

NUMBERING = re.compile(r"(?:№|n)\s*(?:п\s*[./]?\s*п\.?)?|п/п")
"""The running number of lines, which a sender may put beside any table."""

_DRESS = re.compile(r'^"+|[\s":*]*(?:\(обязательн(?:о|ый|ое|ая)(?: поле)?\)[\s":*]*)?$')


_ALIKE = str.maketrans(
    {"ё": "е", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"'}
    | dict.fromkeys("‐‑‒–—−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
)  # fmt: skip


@lru_cache(10_000)
def normal(text: str) -> str:
    """A cell as it is compared: lower case, ё as е, one kind of quotes and dashes, runs of spaces as one space."""
    composed = unicodedata.normalize("NFC", text).lower().translate(_ALIKE)
    return re.sub(r"\s+", " ", composed).strip()


@lru_cache(10_000)
def bare(text: str) -> str:
    """A header without the spaces beside brackets and signs: `Кол-во участников (всего)` is written both ways."""
    return re.sub(r"\s*([()/<>=%,.:;-])\s*", r"\1", text)


@lru_cache(10_000)
def compared(text: str) -> str:
    """A header as it is looked up: bare, without quotes around it and signs of what must be filled in («Логин*»), and
    in letters that look alike the same whichever alphabet they are of.
    """
    return folded(_DRESS.sub("", bare(normal(text))))


def is_spelled(cell: str, words: Iterable[str]) -> bool:
    """Whether a header is one of these spellings; a spelling with `*` or `|` is a regular expression."""
    for spelling in words:
        if compared(cell) == compared(spelling):
            return True
        if any(sign in spelling for sign in "*|") and any(
            re.fullmatch(spelling, form) for form in (cell, folded(cell))
        ):
            return True
    return False


@lru_cache(10_000)
def is_remark(cell: str) -> bool:
    """Whether a header is of a column of remarks, which any table may have."""
    return any(re.fullmatch(pattern, folded(cell)) for pattern in catalogue.remark_headers())
