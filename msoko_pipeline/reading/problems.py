"""What can go wrong with a file as a whole: an exception that carries an issue type of the catalogue."""

from __future__ import annotations

import re
from typing import Any

from schemas import catalogue


class Refusal(Exception):
    """The file is not taken in. issue_type: key of schemas/layouts/issues.yaml; the rest fills the message."""

    def __init__(self, issue_type: str, **details: Any) -> None:
        self.issue_type = issue_type
        self.details = details
        super().__init__(issue_type, details)

    def __reduce__(self) -> Any:
        return (_again, (self.issue_type, self.details))

    def message(self) -> str:
        return sentence(self.issue_type, **self.details)


def _again(issue_type: str, details: dict[str, Any]) -> Refusal:
    return Refusal(issue_type, **details)


def sentence(issue_type: str, **details: Any) -> str:
    """What is wrong and what to do, in Russian, for one issue of the catalogue."""
    known = catalogue.issue_types()[issue_type]
    said = known["says"].format_map(_Blank(details))
    return f"{said}. {known['mend']}"


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


_NAME = re.compile(
    r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?(?:\s+[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?){1,2}"  # Иванова Анна Петровна
    r"|[А-ЯЁ]{2,}(?:-[А-ЯЁ]{2,})?(?:\s+[А-ЯЁ]{2,}){1,2}"  # ИВАНОВА АННА
    r"|[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ]\.?\s*(?:[А-ЯЁ]\.?)?"  # Иванова А. П.
    r"|[А-ЯЁ]\.\s*(?:[А-ЯЁ]\.\s*)?[А-ЯЁ][а-яё]+"  # А. П. Иванова
)
HIDDEN = "‹похоже на имя, скрыто›"


def shown(text: str) -> str:
    """A cell as it may be repeated in a message or kept in quarantine: what looks like a person's name is not."""
    return HIDDEN if _NAME.fullmatch(text.strip()) else text
