"""Reporting years as people write them in a column: `2025`, `2025 г.`, the school year `2024/25` that ends in it."""

from __future__ import annotations

import datetime as dt

from msoko_pipeline.text import linear as re
from msoko_pipeline.text.spelling import normal

FIRST_YEAR = 2015
_YEAR = re.compile(r"'?(20\d\d)(?:[.,]0+)?\s*(?:год|г)?\.?")
_SPAN = re.compile(r"'?(?:20)?(\d\d)\s*[-/]\s*(?:20)?(\d\d)\s*(?:уч[а-я]*\.?)?\s*(?:год|г\.? ?г|г)?\.?")


def reporting_year(word: str) -> int | None:
    """The year of a cell that names one and nothing beside it; None for other text."""
    plain = normal(word)
    if bare := _YEAR.fullmatch(plain):
        return int(bare[1])
    span = _SPAN.fullmatch(plain)
    if span and int(span[2]) == (int(span[1]) + 1) % 100:
        return 2000 + int(span[2])
    return None


def year_of_day(day: dt.date, first_day: str) -> int:
    """The reporting year of a day: that in which its school year ends. first_day: of a school year, `09-01`."""
    return day.year + (f"{day:%m-%d}" >= first_day)


def is_possible(year: int) -> bool:
    """Whether there can be reports of a year: not before the first ones, nor later than the next."""
    return FIRST_YEAR <= year <= dt.date.today().year + 1
