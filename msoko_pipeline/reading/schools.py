"""Whether a text names a school at all: a login, a code, a number sign, or a word such as «лицей»."""

from __future__ import annotations

import re
from functools import cache

from msoko_pipeline.reading import personal
from msoko_pipeline.reading.cells import LOOKALIKES, whole
from msoko_pipeline.reading.header import normal
from msoko_pipeline.reading.logins import logins_in
from msoko_pipeline.reading.problems import unnamed
from schemas import catalogue


@cache
def _words() -> re.Pattern[str]:
    kinds: dict[str, str] = catalogue.matching()["kinds"]
    signs = catalogue.matching()["signs"]
    return re.compile("|".join([*(f"(?:{pattern})" for pattern in kinds.values()), signs]))


_SURNAME = re.compile(r"(?<![А-Яа-яЁё])[А-ЯЁ](?:[а-яё]{2,}|[А-ЯЁ]{3,})")


def may_be_a_person(text: str) -> bool:
    """Whether a cell that should hold no words has one written like a surname, and it is no school's name."""
    return _SURNAME.search(text) is not None and not names_a_school(text)


_AFTER = re.compile(r"(?:им\.|имени(?![а-яё])).*", re.IGNORECASE)
_TWO_WORDS = re.compile(r"(?:^|,\s*)([А-ЯЁ][а-яё]{2,}\s+[А-ЯЁ][а-яё]{2,})\s*(?:,|$)")


def _has_person(text: str) -> bool:
    """Whether somebody is named beside the school; whose name it bears is told after «имени»."""
    rest = _AFTER.sub("", text)
    beside = [match[1] for match in _TWO_WORDS.finditer(rest) if not _words().search(normal(match[1]))]
    return unnamed(rest) != rest or (bool(beside) and "," in rest)


def names_a_school(text: str) -> bool:
    """`edu190003`, `190003`, `1903000000`, `Лицей имени Н. Г. Булакина`, `МБОУ № 5`; nothing with a person's full
    name in the nominative, which is no name of a school.
    """
    if personal.found(text) or _has_person(text):
        return False
    code = whole(text.strip())
    if code.isdigit() or logins_in(text):
        return True
    return _words().search(normal(text.upper().translate(LOOKALIKES))) is not None
