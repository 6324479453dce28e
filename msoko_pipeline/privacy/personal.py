"""Personal data in a text that should have none: full names, СНИЛС, series and number of a passport.

The last guard of what is published, not a parser: it knows what looks like a person, not whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from msoko_pipeline.text import linear as re

FIRST_CHECKED = 1_001_998
"""Numbers of СНИЛС up to this one have no checksum, so nothing tells them from other numbers."""

_WORD = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_FULL_NAME = re.compile(
    rf"\b{_WORD}\s+{_WORD}\s+[А-ЯЁ][а-яё]+(?:вич|[ьмк]ич|вна|ична)\b"
    r"|\b[А-ЯЁ]{3,}\s+[А-ЯЁ]{3,}\s+[А-ЯЁ]{3,}(?:ВИЧ|[ЬМК]ИЧ|ВНА|ИЧНА)\b"
)
"""In the nominative: in other cases it may be of whom a school is named after."""

_SNILS = re.compile(r"(?<!\d)(\d{3})[- ]?(\d{3})[- ]?(\d{3})[- ]?(\d{2})(?!\d)")
_PASSPORT = re.compile(r"(?<!\d)(?<!\d[.,-])\d{2}\s?\d{2}\s*(?:№|N|номер)?\s*\d{6}(?!\d|[.,-]\d)", re.IGNORECASE)
_CALLED_PASSPORT = re.compile(r"паспорт|серия|документ", re.IGNORECASE)


def _sums_up(digits: str) -> bool:
    """Whether eleven digits are a СНИЛС: the last two are Σ d·(10 − place) mod 101, where 100 is 00."""
    number, control = digits[:9], int(digits[9:])
    if int(number) <= FIRST_CHECKED:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return weighted % 101 % 100 == control


def found(text: str) -> str | None:
    """What of a person stands in a text: `СНИЛС`, `паспорт` or `ФИО`; None where nothing does.

    A passport has no checksum: its digits count where they are written as one (`9504 123456`) or are called so. A name
    counts with its patronymic.
    """
    if any(map(_is_snils, _SNILS.finditer(text))):
        return "СНИЛС"
    if any(_is_passport(match, text) for match in _PASSPORT.finditer(text)):
        return "паспорт"
    return "ФИО" if _FULL_NAME.search(text) else None


def without_documents(text: str, instead: str) -> str:
    """The text with `instead` in place of every СНИЛС and passport."""
    text = _SNILS.sub(lambda match: instead if _is_snils(match) else match[0], text)
    return _PASSPORT.sub(lambda match: instead if _is_passport(match, text) else match[0], text)


def _is_snils(match: re.Match[str]) -> bool:
    return _sums_up("".join(match.groups()))


def _is_passport(match: re.Match[str], text: str) -> bool:
    return " " in match[0].strip() or bool(_CALLED_PASSPORT.search(text))


def counted(words: Iterable[str | None]) -> dict[str, int]:
    """How many of the distinct words hold personal data, by what they hold."""
    counts: dict[str, int] = {}
    for word in words:
        kind = found(word) if word else None
        if kind is not None:
            counts[kind] = counts.get(kind, 0) + 1
    return counts
