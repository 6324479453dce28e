"""Types of the columns of registers: how people write a cell, which values hold, what a form says and shows.

Each function declares a column of a `Register`; its title is the header of the sheet. What belongs here: types that
several registers use. A column like no other is declared by `column` where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from schemas import catalogue
from schemas.fields import YES_NO, Written, field

Tiny = pd.Int8Dtype
Short = pd.Int16Dtype
Int = pd.Int32Dtype
Number = pd.Float64Dtype
Flag = pd.BooleanDtype
Text = str

ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
PERSON_KEY = r"^[0-9a-f]{16}$"
SUBJECT = r"^[A-Z]{2}$"
REGISTER_CODE = r"^(?=.*\d)(?!.*[A-Za-zА-Яа-яЁё]{3})[0-9A-Za-zА-Яа-яЁё./_-]{1,20}$"
"""Digits, maybe with one or two letters in a row, no spaces: no name."""
WORK_CODE = r"^(?=.*\d)(?!.*[A-Za-zА-Яа-яЁё]{5})[0-9A-Za-zА-Яа-яЁё./_-]{2,30}$"
"""Digits with letters, no spaces, never five letters in a row: no name."""
TASK_CODE = r"^\d{1,2}(?:[./–-]\d{1,2}){0,3}(?:\.К\d{1,2})?(?: \((?:\d{1,2}|устно)\))?$"
"""A number of a task with its part or criterion: `5.1`, `10.К2`, `1.1/1.2`, `39 (1)`."""
GRADES = range(1, 12)
SCHOOL_TITLE = "Школа"
"""Header of a column where only a school can stand."""
_LOGINS: dict[str, Any] = catalogue.logins()
LOGIN_KINDS: dict[str, Any] = _LOGINS["kinds"]
"""Letters of a login → the kind of organisation: title, org_kind, whether its pupils sit the works of schools."""


def _of_kinds(kinds: Iterable[str]) -> str:
    """Pattern of the canonical logins of these kinds."""
    return rf"^(?:{'|'.join(kinds)})\d{{{_LOGINS['digits']}}}$"


ORGANISATION = _of_kinds(kind for kind, declared in LOGIN_KINDS.items() if declared["pupils"])
ANY_ORGANISATION = _of_kinds(LOGIN_KINDS)


def spelled(listed: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Spelling → code, in the order listed: the first spelling of a code is its title."""
    return {spelling: code for code, spellings in listed.items() for spelling in spellings}


def column(
    title: str,
    hint: str,
    *,
    example: Any = "",
    also: Iterable[str] = (),
    choices: Iterable[Any] | None = None,
    optional: bool = False,
    person: bool = False,
    of_all: bool = False,
    required: bool = False,
    codes: Mapping[str, Any] | None = None,
    **of_field: Any,
) -> Any:
    """A column of a register. hint: what the form says; choices: what it offers, by default the titles of the codes;
    optional: a sheet may do without the column; required: a cell may not stay empty; of_all: asked only in the row of
    all codes together; the rest as `fields.field`.
    """
    titles: dict[Any, str] = {}
    for spelling, value in (codes or {}).items():
        titles.setdefault(value, spelling)
    offered = titles.values() if choices is None else choices
    written = Written(hint, str(example), tuple(also), tuple(map(str, offered)), optional, person, of_all)
    return field(title, nullable=not required, codes=codes, written=written, **of_field)


def year(hint: str = "отчётный год") -> Any:
    """The reporting year, in which the school year ends."""
    return column("Год", hint, example=2026, key=True, reads="year", ge=2015, le=2100)


def school_year() -> Any:
    """The reporting year of what goes on through a school year."""
    return year("отчётный: в котором кончается учебный год")


def login(hint: str = "edu и шесть цифр") -> Any:
    """A school by its login of ФИС ОКО."""
    return column("Логин", hint, example="edu190003", key=True, reads="login", str_matches=ORGANISATION)


def preschool(hint: str = "doo и шесть цифр") -> Any:
    """A preschool by its code; a school that has preschool groups by its login."""
    return column(
        "Код ДОО", hint, example="doo190001", key=True, reads="organisation", str_matches=ANY_ORGANISATION
    )  # fmt: skip


def school() -> Any:
    """A school as people name it; `matching.resolve` says which one that is."""
    return column(
        SCHOOL_TITLE, "логин, ИНН, код или название", example="edu190003", also=["ОО"], key=True, reads="school"
    )


def organisation() -> Any:
    """A school, a preschool or another organisation as people name it; see `school`."""
    return column(
        "Организация", "логин, код ДОО, ИНН или название", example="edu190003", key=True, reads="school",
        also=["Школа", "ОО", "ОУ", "ДОО", "Образовательная организация"],
    )  # fmt: skip


def person(title: str, *, example: str, also: Iterable[str] = (), key: bool = False, **written: Any) -> Any:
    """Somebody's name, of which a key (HMAC) is kept."""
    hint = "фамилия, имя, отчество полностью" if key else "фамилия, имя, отчество; можно пусто"
    hint = written.pop("hint", hint)
    return column(
        title, hint, example=example, also=also, key=key, personal=True, person=True, str_matches=PERSON_KEY, **written
    )


def pupil(*also: str) -> Any:
    """The pupil a row is of."""
    return person("ФИО ученика", example="Образцов Пётр Примерович", also=also, key=True)


def code(title: str, codes: Mapping[str, Any], hint: str = "выберите из списка", **rest: Any) -> Any:
    """A value of a list; another word is refused. codes: spelling → value."""
    values = dict.fromkeys(codes.values())
    return column(title, hint, codes=codes, isin=list(values), **rest)


def count(title: str, hint: str = "человек", *, unit: str | None = "чел.", least: int = 0, **rest: Any) -> Any:
    """How many: a whole number, empty where it is not known."""
    return column(title, hint, unit=unit, ge=least, **rest)


def yes_no(title: str, hint: str = "выберите из списка", **rest: Any) -> Any:
    """Yes or no; empty where nobody says."""
    return column(title, hint, codes=YES_NO, choices=("да", "нет"), **{"example": "да", **rest})


def flag(title: str, example: str = "") -> Any:
    """1 or 0; an empty cell is 0 as well."""
    hint = "1, если маркер есть; иначе 0 или пусто"
    return column(title, hint, example=example, choices=("0", "1"), required=True, reads="flag")


def date(title: str, hint: str = "день.месяц.год", **rest: Any) -> Any:
    """A day, kept as ISO 8601."""
    return column(title, hint, reads="date", str_matches=ISO_DATE, **rest)


def grade(title: str = "Класс", hint: str = "от 1 до 11", *, choices: Iterable[int] = GRADES, **rest: Any) -> Any:
    """A class without its letter."""
    allowed = rest if "isin" in rest else {"ge": 1, "le": 11, **rest}
    return column(title, hint, choices=choices, reads="pupil_grade", **allowed)


def mark(title: str, hint: str = "от 2 до 5", **rest: Any) -> Any:
    """A mark of the five-point scale."""
    return column(title, hint, choices=range(2, 6), reads="mark", ge=2, le=5, **rest)


def words(title: str, hint: str, **rest: Any) -> Any:
    """Somebody's own words, without the names of people in them."""
    return column(title, hint, reads="free_text", **rest)


def register_code(title: str, of: str, **rest: Any) -> Any:
    """A sender's own code of an event or a shift: digits, maybe with one or two letters, so that it is no name."""
    hint = f"свой, один на {of}: цифры, можно с одной-двумя буквами"
    return column(title, hint, key=True, reads="register_code", str_matches=REGISTER_CODE, **rest)
