"""What the published tables have in common: the year of every row, and the work and unit of results."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.fields import field

LEVELS = ("school", "municipality", "region", "country")
PROCEDURES = ("VPR", "OGE", "EGE")
STAMPS = {"rule_version": "Версия правил", "published_at": "Опубликовано (UTC)"}
"""What publishing adds to every mart, NOT NULL."""
CATEGORIES = ("shnor", "risk_zone", "none", "no_data")
PCT: dict[str, Any] = {"ge": 0, "le": 100, "unit": "%"}


class Mart(pa.DataFrameModel):
    """Общие столбцы опубликованных таблиц."""

    year: pd.Int64Dtype = field("Отчётный год", key=True, ge=2015, le=2100)
    school_year: str = field("Учебный год", nullable=False, str_matches=r"^\d{4}/\d{2}$")

    class Config:
        strict = True
        coerce = False


class Result(Mart):
    """Общие столбцы таблиц с результатами работ."""

    cycle: str = field("Оценочный цикл", key=True, str_matches=r"^[a-z]+-\d{4}$")
    procedure: str = field("Процедура", key=True)
    subject: str = field("Код предмета", key=True, str_matches=r"^[A-Z]{2}$")
    grade: pd.Int64Dtype = field("Класс работы", key=True, ge=1, le=11)
    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)


def bound(title: str) -> Any:
    """A bound of a share's interval, %."""
    return field(title, source="Wilson, 1927", **PCT)


def scale_verified() -> Any:
    """Whether the marks of a row can be relied on, the same of every procedure: true where the file itself gave them
    (a report of ВПР, a protocol of an exam), or where a scale did, of ЕГЭ the minimum for the certificate, that a
    document of that very year confirms. NULL: there are no marks, or nothing to tell them by. Of the greatest score, of
    the profile score and of the bounds of signs it says nothing.
    """
    return field(
        "Отметки (ЕГЭ — «не ниже минимума») даны самим файлом или шкалой, подтверждённой документом этого года"
    )


def suppressed() -> Any:
    """Whether the public layer hides anything of the row."""
    return field("В открытом слое скрыта строка или часть её", nullable=False)


def hidden_columns() -> Any:
    """What of the row it hides."""
    return field("Что скрыто в открытом слое: столбцы через «; », * — всё")
