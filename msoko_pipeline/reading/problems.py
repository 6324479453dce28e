"""What can go wrong with a file as a whole: an exception that carries an issue type of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from msoko_pipeline.reading import personal
from msoko_pipeline.trouble import is_of_machine
from schemas import catalogue

T = TypeVar("T")


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


def guarded(work: Callable[..., T], *task: Any) -> T | Refusal:
    """`work(*task)`; whatever it raises becomes the refusal of its task, so that the other tasks go on.

    A trouble of the machine (a full disk) is nobody's file's fault and is raised.
    """
    try:
        return work(*task)
    except Refusal as refusal:
        return refusal
    except MemoryError:
        return Refusal("file_too_large", detail="не хватило памяти")
    except Exception as error:
        if is_of_machine(error):
            raise
        return Refusal("file_failed", detail=f"{type(error).__name__}: {error}"[:300])


def said(issue_type: str, **details: Any) -> str:
    """What is wrong, in Russian, for one issue of the catalogue."""
    return str(catalogue.issue_types()[issue_type]["says"].format_map(_Blank(details)))


def sentence(issue_type: str, **details: Any) -> str:
    """What is wrong and what to do."""
    return f"{said(issue_type, **details)}. {catalogue.issue_types()[issue_type]['mend']}"


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
    """A cell as it may be repeated in a message or kept in quarantine: what looks like a person is not."""
    return HIDDEN if _NAME.fullmatch(text.strip()) or personal.found(text) else text


def is_code(text: str) -> bool:
    """Whether a cell of a column of codes and numbers has no word in it (but «класс»), which may be somebody's name,
    and no document.
    """
    plain = re.sub(r"(?<![а-яё])(?:класс[а-я]*|кл)\.?(?![а-яё])", "", text.lower())
    return re.search(r"[а-яё]{3}|[a-z]{3}", plain) is None and personal.found(text) is None


_CAPITAL, _WORD = r"[А-ЯЁ]\.\s?", r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_NAMED = re.compile(
    rf"\b{_WORD}\s+{_CAPITAL}(?:{_CAPITAL})?|\b{_CAPITAL}(?:{_CAPITAL})?{_WORD}"  # with initials
    rf"|\b{_WORD}\s+{_WORD}\s+[А-ЯЁ][а-яё]+(?:[оеё]вич|ич|[оеё]вн|ичн)[а-яё]*"  # with a patronymic
    r"|\b[А-ЯЁ]{3,}\s+[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?"  # both in capitals
    r"|\b[А-ЯЁ]{3,}\s+[А-ЯЁ]{3,}\s+[А-ЯЁ]{3,}(?:ИЧ|ВН|ИЧН)[А-ЯЁ]*"
)


def unnamed(text: str) -> str:
    """A text without people in it: surnames with initials, full names with a patronymic, numbers of documents."""
    return personal.without_documents(_NAMED.sub(HIDDEN, text), HIDDEN)
