"""Items of the roadmap as cells hold them: `3.10`, `п. 3.10.`, `3,10`, and the days that Excel makes of them.

In a Russian Excel `3.10` typed into a cell becomes the third of October, `10.2.1` the tenth of February 2001 and
`3.14`, as there is no fourteenth month, March 2014. A number loses its last zero: `3.1` may have been `3.10`; of that a
rule of `schemas.cycle` tells.
"""

from __future__ import annotations

from functools import lru_cache

from msoko_pipeline.text import dates
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Wrong
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

_BEFORE = r"(?:(?:пункты?|п\.? ?п\.?|п\.?|№) ?)?"
_WRITTEN = re.compile(_BEFORE + r"(?P<item>\d{1,2}(?: ?[.,] ?\d{1,2}){1,2})(?:[.,)* ]{0,4}|[.)*]{0,3} (?P<rest>.*))")
_NUMBER = re.compile(r"\d{1,2}[.,]\d{1,2}")
_DAY_AND_MONTH = re.compile(r"\d{1,2}[ .-]{0,2}[а-я]{3,8}\.?")
_MONTH_AND_YEAR = re.compile(r"[а-я]{3,8}[ .-]{0,2}\d{2}")
LEAP = "2000"
"""A year that has every day."""
CENTURY = 2000
MONTHS = 12


@lru_cache(10_000)
def item_of(word: str) -> str:
    """The code of the item that a cell names. Raises Wrong for a cell that names none, several, or one there is not."""
    text = normal(word)
    code = _as_written(text) or _as_excel_took_it(word, text)
    if code is None:
        raise Wrong("cell_roadmap_items_several" if len(_NUMBER.findall(text)) > 1 else "cell_roadmap_item")
    return code


def _as_written(text: str) -> str | None:
    match = _WRITTEN.fullmatch(text)
    if match is None or _NUMBER.search(match["rest"] or ""):
        return None
    return _coded(*map(int, re.split(r"[.,]", match["item"])))


def _as_excel_took_it(word: str, text: str) -> str | None:
    """The item that Excel took for a day or a month: `d.m.y` of three numbers, `m.y` where no month fits, `d.m`."""
    of_month = dates.date_of(f"1 {text}") if _MONTH_AND_YEAR.fullmatch(text) else None
    if of_month is not None:
        return _coded(of_month.month, of_month.year - CENTURY)
    is_short = _DAY_AND_MONTH.fullmatch(text) is not None
    day = dates.date_of(f"{text} {LEAP}") if is_short else dates.date_of(word) or dates.excel_day(word)
    if day is None:
        return None
    year = day.year - CENTURY
    if year > MONTHS and day.day == 1 and (code := _coded(day.month, year)):
        return code
    return _coded(day.day, day.month, year) or _coded(day.day, day.month)


def _coded(*numbers: int) -> str | None:
    """The item of these numbers; the one that the roadmap leaves without a number has a star."""
    code = ".".join(map(str, numbers))
    return next((item for item in (code, f"{code}*") if item in catalogue.roadmap_items()), None)
