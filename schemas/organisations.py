"""Organisations and their context: the register, the school lists, the context forms."""

from __future__ import annotations

import pandas as pd

from schemas.facts import Fact
from schemas.fields import field
from schemas.types import ANY_ORGANISATION


class Organisation(Fact):
    """Образовательная организация, как в реестре."""

    org_id: str = field("Код организации", key=True, str_matches=ANY_ORGANISATION)
    name: str = field("Полное наименование", content="words")
    short_name: str = field("Краткое наименование", content="words")
    org_kind: str = field("Вид организации", content="words")
    municipality_id: str = field("Код муниципалитета", content="place")
    municipality_name: str = field("Муниципалитет", content="place")
    aliases: str = field("Другие логины", content="words")
    inn: str = field("ИНН", digits=10, str_matches=r"^\d{10}$|^\d{12}$")
    oge_code: str = field("Код ОГЭ", digits=8)
    ege_code: str = field("Код ЕГЭ", digits=8)


class Context(Fact):
    """Контекстные данные об организации: ответ на вопрос формы."""

    year: pd.Int16Dtype = field("Год формы", key=True, ge=2015, le=2100)
    org_id: str = field("Код организации", key=True, str_matches=ANY_ORGANISATION)
    question_no: pd.Int16Dtype = field("Номер столбца вопроса", key=True, ge=1)
    question: str = field("Вопрос", nullable=False)
    answer: str = field("Ответ")


class Manifest(Fact):
    """Перечень файлов выгрузки: какая в файле работа."""

    file: str = field("Имя файла", key=True)
    year: pd.Int16Dtype = field("Отчётный год", nullable=False, ge=2015, le=2100)
    subject: str = field("Код предмета", nullable=False)
    grade: pd.Int8Dtype = field("Класс работы", nullable=False, ge=1, le=11)
    login: str = field("Логин школы")
