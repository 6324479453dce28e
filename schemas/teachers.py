"""What the registers of teachers have in common: their lists, and the person's columns.

A person is a key (HMAC of the name) within an organisation, the same in every register; so are the columns that tell
of whom a row is.
"""

from __future__ import annotations

from typing import Any

from schemas import catalogue, types
from schemas.types import Text, spelled

DATA = catalogue.teachers()
PERSON = ("org_id", "staff_key")
POSTS = spelled(DATA["posts"])
DISCIPLINES = spelled(DATA["disciplines"])
TEACHING_POSTS = tuple(post for post in DATA["posts"] if post not in DATA["managing"])
"""Posts of teaching staff: all but heads and deputies."""
BLOCKS = spelled(DATA["blocks"])
TOPICS = spelled({topic: declared["spellings"] for topic, declared in DATA["topics"].items()})
BLOCKS_OF: dict[str, tuple[str, ...]] = {topic: tuple(each["blocks"]) for topic, each in DATA["topics"].items()}
"""Topic of a course → the blocks of competences that it is of."""


def person(*also: str, example: str = "Образцова Вера Примеровна") -> Any:
    """The member of staff a row is of."""
    names = ("ФИО сотрудника", "ФИО", "ФИО работника", "Сотрудник", "Педагог", *also)
    return types.person("ФИО педагога", example=example, also=names, key=True)


def discipline(hint: str, **rest: Any) -> Any:
    """The subject that somebody teaches or a group is of, as one teacher has it."""
    declared: Text = types.code("Предмет", DISCIPLINES, hint, example="математика", **rest)
    return declared
