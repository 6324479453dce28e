"""Whether a text names a school at all: a login, a code, a number sign, or a word such as «лицей»."""

from __future__ import annotations

from functools import cache

from msoko_pipeline.privacy import contacts, people
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import whole
from msoko_pipeline.text.logins import logins_in
from msoko_pipeline.text.lookalikes import LOOKALIKES
from msoko_pipeline.text.spelling import normal
from schemas import catalogue

LONGEST_NAME = 500  # characters: twice the longest official name; in PostgreSQL a key holds 2,704 bytes
LONGEST_CODE = 10  # digits: an ИНН of an organisation; longer ones are people's or of no school


@cache
def _words() -> re.Pattern[str]:
    kinds: dict[str, str] = catalogue.matching()["kinds"]
    signs = catalogue.matching()["signs"]
    return re.compile("|".join([*(f"(?:{pattern})" for pattern in kinds.values()), signs]))


_AFTER = re.compile(r"(?:им\.|имени(?![а-яё])).*", re.IGNORECASE | re.DOTALL)


def _has_person(text: str) -> bool:
    """Whether somebody is named beside the school: by two words at least. Whose name it bears is told after «имени»."""
    rest = _AFTER.sub("", text)
    return any(len(rest[start:end].split()) > 1 for start, end in people.spans(rest)) or bool(contacts.spans(rest))


def names_a_school(text: str) -> bool:
    """`edu190003`, `190003`, `1903000000`, `Лицей имени Н. Г. Булакина`, `МБОУ № 5`; nothing that names a person, no
    text of a page.
    """
    if len(text) > LONGEST_NAME:
        return False
    code = whole(text.strip())
    if code.isdigit():
        return len(code) <= LONGEST_CODE
    if _has_person(text):
        return False
    if logins_in(text):
        return True
    return _words().search(normal(text.upper().translate(LOOKALIKES))) is not None
