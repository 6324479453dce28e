"""Dates as people write them: `10.09.25`, `10/09/2025`, `10 сентября 2025 г.`, `2025-09-10 00:00:00`.

The day stands before the month. A column with a date such as `09/25/2025` is in American order; what may be either
there is a question, and so is a bare number of Excel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.lookalikes import folded
from msoko_pipeline.text.spelling import normal

MONTHS = tuple(
    re.compile(pattern)
    for pattern in (
        "янв(?:ар[ьяе])?", "фев(?:рал[ьяе])?", "мар(?:т[ае]?)?", "апр(?:ел[ьяе])?", "ма[йяе]", "июн[ьяе]?", "июл[ьяе]?",
        "авг(?:уст[ае]?)?", "сент?(?:ябр[ьяе])?", "окт(?:ябр[ьяе])?", "ноя(?:б(?:р[ьяе])?)?", "дек(?:абр[ьяе])?",
    )
)  # fmt: skip
"""The names of the months, in any case and cut short."""

_TIME = r"(?:[ t]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})" + _TIME)
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})(?P<sep> ?[-./, ] ?)(?P<m>\d{1,2})(?: ?[-./, ] ?)(?P<y>\d{4}|\d{2})" + _TIME)
_WORDS = re.compile(r'"?(?P<d>\d{1,2})"?[ .-]{0,2}(?P<m>[а-я]{3,8})\.?[ .,-]{0,2}(?P<y>\d{4}|\d{2})' + _TIME)
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")
_CENTURY = 50  # of two digits: 49 is 2049, 50 is 1950
EXCEL_BEGINS = dt.date(1899, 12, 30)
EXCEL_NUMBERS = range(30_000, 60_000)  # 1982 … 2064


def plain(word: str) -> str:
    return re.sub(r" ?(?:г|год|года)?[. ]*$", "", normal(word))


@lru_cache(10_000)
def date_of(word: str, *, american: bool = False) -> dt.date | None:
    """The day that a cell names; None where it names none, or one of two. american: the column has the month first."""
    text = plain(word)
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _DAY_FIRST.fullmatch(text):
        first, second, year = int(match["d"]), int(match["m"]), _year(match["y"])
        if american and match["sep"].strip() == "/":
            return _day(year, first, second) if second > 12 or first == second else None
        return _day(year, second, first)
    if match := _WORDS.fullmatch(folded(text)):
        month = _month(match["m"])
        return _day(_year(match["y"]), month, int(match["d"])) if month else None
    return None


def american_order(words: Iterable[str]) -> bool:
    """Whether a column of dates has one such as `09/25/2025`, in which the second number can only be a day."""
    matches = (_DAY_FIRST.fullmatch(plain(word)) for word in words)
    return any(match and match["sep"].strip() == "/" and int(match["m"]) > 12 for match in matches)


def either(word: str) -> list[dt.date]:
    """The days that a date with slashes may mean, by either order."""
    match = _DAY_FIRST.fullmatch(plain(word))
    if not match or match["sep"].strip() != "/":
        return []
    first, second, year = int(match["d"]), int(match["m"]), _year(match["y"])
    days = dict.fromkeys((_day(year, second, first), _day(year, first, second)))
    return [day for day in days if day is not None]


def excel_day(word: str) -> dt.date | None:
    """The day whose number in Excel this is: `45910` → 10.09.2025."""
    text = plain(word).replace(",", ".")
    if not _NUMBER.fullmatch(text) or int(float(text)) not in EXCEL_NUMBERS:
        return None
    return EXCEL_BEGINS + dt.timedelta(days=int(float(text)))


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < _CENTURY else 1900)


def _month(text: str) -> int | None:
    word = folded(text)
    return next((number for number, name in enumerate(MONTHS, 1) if name.fullmatch(word)), None)


def is_about_a_date(word: str) -> bool:
    """Whether a cell names a day, or at least a month and nothing besides: `сентябрь 2025`."""
    words = re.findall(r"[a-zа-я]+", plain(word))
    is_dated = bool(words) and re.search(r"\d", word) is not None  # Августа alone may be somebody
    return date_of(word) is not None or (is_dated and all(map(_month, words)))


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
