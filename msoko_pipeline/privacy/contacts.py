"""Documents, phones, mail, pages, addresses and dates of birth in a text: patterns of `privacy/people.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from msoko_pipeline.text import linear as re
from schemas import catalogue

_ALIKE = str.maketrans(
    dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t\n\r", " ")
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict(zip("０１２３４５６７８９＠＋（）", "0123456789@+()", strict=True))
)
"""Sign for sign, so that places in the text stay."""
_MAY_HAVE = re.compile(
    r"\d\D{0,4}\d\D{0,4}\d|@|/|тг|телегра|вотсап|ватсап|вайбер|скайп|whats|viber|skype|icq|vk|вк"
    r"|(?:ул|улица|просп|пер|переулок|мкр|мкрн|кв|дом|адрес|прожива|прописан)"
)
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])-(?:0[1-9]|1[0-2])-\d{2}")


@dataclass(frozen=True)
class _Pattern:
    kind: str
    pattern: re.Pattern[str]
    called: re.Pattern[str] | None
    digits: tuple[int, ...]
    unless: tuple[str, ...]

    def spans(self, text: str, title: str) -> Iterator[tuple[int, int]]:
        if self.called is not None and not (self.called.search(text) or self.called.search(title)):
            return
        if any(word in text or word in title for word in self.unless if word != "date"):
            return
        for match in self.pattern.finditer(text):
            if self.digits and sum(sign.isdigit() for sign in match[0]) not in self.digits:
                continue
            if "date" in self.unless and _DATE.fullmatch(match[0]):
                continue
            yield match.span()


@cache
def _patterns() -> list[_Pattern]:
    return [
        _Pattern(
            kind,
            re.compile(declared["pattern"]),
            re.compile(declared["called"]) if "called" in declared else None,
            tuple(declared.get("digits", ())),
            tuple(declared.get("unless", ())),
        )
        for kind, patterns in catalogue.privacy()["contacts"].items()
        for declared in patterns
    ]


def alike(text: str) -> str:
    """A text in lower case with one kind of spaces, dashes and digits, sign for sign."""
    lower = text.translate(_ALIKE)
    return "".join(sign if len(small := sign.lower()) != 1 else small for sign in lower)


@lru_cache(20_000)
def spans(text: str, title: str = "") -> tuple[tuple[int, int, str], ...]:
    """Where a text tells of a person by a number or an address: (start, end, kind in Russian); none overlap.

    title: the header of its column, which may call a bare number a passport.
    """
    small = alike(text)
    if not _MAY_HAVE.search(small):
        return ()
    title = alike(title)
    matches = [
        (start, end, order) for order, pattern in enumerate(_patterns()) for start, end in pattern.spans(small, title)
    ]
    merged: list[tuple[int, int, int]] = []
    for start, end, order in sorted(matches):
        if merged and start < merged[-1][1]:
            first, last, least = merged[-1]
            merged[-1] = (first, max(last, end), min(least, order))
        else:
            merged.append((start, end, order))
    return tuple((start, end, _patterns()[order].kind) for start, end, order in merged)
