"""Risk facts: what others have found about a school, taken in as it came. Simple tables, read by `facts.flat`.

How a cell is written is declared here: code lists (`layouts/risk/codes.csv`), parsers by name, otherwise the dtype.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue
from schemas.fields import field
from schemas.vpr import ORGANISATION, SUBJECT, Fact

WORK_CODE = r"^(?=.*\d)(?!.*[A-Za-zА-Яа-яЁё]{5})[0-9A-Za-zА-Яа-яЁё./_-]{2,30}$"
"""Digits with letters, no spaces, never five letters in a row: no name."""

ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"


def _words(code_list: str) -> dict[str, str]:
    """Spelling → code."""
    return {row["spelling"]: row["value"] for row in catalogue.rows("risk/codes.csv") if row["list"] == code_list}


def _numbers(code_list: str) -> dict[str, int]:
    """Spelling → number."""
    return {spelling: int(value) for spelling, value in _words(code_list).items()}


class SchoolYear(Fact):
    """Строка о школе за отчётный год."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="year", ge=2015, le=2100)
    org_id: str = field("Код организации", key=True, reads="login", str_matches=ORGANISATION)


class ObjectivityList(SchoolYear):
    """Перечень ОО с признаками необъективности (официальный список)."""

    org_name: str = field("Как названа в перечне")
    municipality_name: str = field("Муниципалитет")
    ru4: pd.BooleanDtype = field("Маркер: русский язык, 4 класс", nullable=False, reads="flag")
    ma4: pd.BooleanDtype = field("Маркер: математика, 4 класс", nullable=False, reads="flag")
    ru5: pd.BooleanDtype = field("Маркер: русский язык, 5 класс", nullable=False, reads="flag")
    ma5: pd.BooleanDtype = field("Маркер: математика, 5 класс", nullable=False, reads="flag")
    markers: pd.Int8Dtype = field("Количество маркеров (из перечня)", ge=0, le=4)

    @pa.dataframe_check(error="row_markers_differ")
    def _markers_add_up(cls, frame: pd.DataFrame) -> pd.Series:
        found = frame[["ru4", "ma4", "ru5", "ma5"]].fillna(False).sum(axis=1)
        return (frame["markers"] == found).fillna(True)


class RiskProfile(SchoolYear):
    """Рисковый профиль школы (500+)."""

    factor: pd.Int8Dtype = field("Фактор риска (1–10)", key=True, ge=1, le=10, codes=_numbers("factor"))
    level: str = field("Уровень риска", nullable=False, isin=["high", "medium", "low"], codes=_words("level"))


def _count(title: str) -> pd.Int32Dtype:
    counted: pd.Int32Dtype = field(title, unit="чел.", ge=0, at_most="pupils")
    return counted


class SocialPassport(SchoolYear):
    """Социальный паспорт школы."""

    pupils: pd.Int32Dtype = field("Обучающихся", unit="чел.", nullable=False, ge=1)
    single_parent: pd.Int32Dtype = _count("Из неполных семей")
    large_family: pd.Int32Dtype = _count("Из многодетных семей")
    low_income: pd.Int32Dtype = _count("Из малообеспеченных семей")
    parents_higher: pd.Int32Dtype = _count("Оба родителя с высшим образованием")
    on_register: pd.Int32Dtype = _count("На учёте ВШК, ПДН, КДН")
    guardianship: pd.Int32Dtype = _count("Под опекой")
    russian_not_native: pd.Int32Dtype = _count("Русский язык не родной")
    parents_unemployed: pd.Int32Dtype = _count("Родители не работают")
    special_needs: pd.Int32Dtype = _count("С ОВЗ и инвалидностью")


class Recheck(SchoolYear):
    """Протокол перепроверки: строка на работу, без имени эксперта."""

    procedure: str = field("Процедура", key=True, isin=["VPR", "VSOSH", "REG"], codes=_words("procedure"))
    subject: str = field("Код предмета", key=True, reads="subject", str_matches=SUBJECT)
    grade: pd.Int8Dtype = field("Класс", key=True, reads="pupil_grade", ge=1, le=11)
    work_code: str = field("Код работы", key=True, personal=True, reads="work_code", str_matches=WORK_CODE)
    primary_before: pd.Int16Dtype = field("Первичный балл до перепроверки", unit="балл", ge=0)
    primary_after: pd.Int16Dtype = field("Первичный балл после перепроверки", unit="балл", ge=0)
    mark_before: pd.Int8Dtype = field("Отметка до перепроверки", reads="mark", ge=2, le=5)
    mark_after: pd.Int8Dtype = field("Отметка после перепроверки", reads="mark", ge=2, le=5)
    checked_on: str = field("Дата перепроверки", reads="date", str_matches=ISO_DATE)
    conclusion: str = field("Заключение", personal=True, reads="free_text")


class Medallist(SchoolYear):
    """Претенденты на медаль и их ЕГЭ: номер вместо имени."""

    number: pd.Int16Dtype = field("№ п/п в школе", key=True, ge=1)
    medal: pd.Int8Dtype = field("Степень медали по отметкам", nullable=False, ge=1, le=2, codes=_numbers("medal"))
    ege_ru: pd.Int16Dtype = field("ЕГЭ: русский язык", unit="балл", ge=0, le=100)
    ege_other: pd.Int16Dtype = field("ЕГЭ: лучший другой предмет", unit="балл", ge=0, le=100)
    math_base_mark: pd.Int8Dtype = field("ЕГЭ: математика базовая, отметка", reads="mark", ge=2, le=5)
    other_exams: pd.Int8Dtype = field(
        "ЕГЭ: сколько других предметов (кроме русского языка и базовой математики)",
        ge=0,
        le=14,
        source="приказ Минпросвещения 29.09.2023 № 730: «5» по базовой математике — для тех, кто сдаёт только эти два",
    )

    @pa.dataframe_check(error="row_other_exams")
    def _has_no_other_exam(cls, frame: pd.DataFrame) -> pd.Series:
        return ((frame["other_exams"] > 0) | frame["ege_other"].isna()).fillna(True)


class RiskIndicator(SchoolYear):
    """Индикаторы риска Рособрнадзора: строка на школу, год и индикатор."""

    indicator: str = field("Индикатор риска", key=True)
    established_on: str = field("Дата установления", reads="date", str_matches=ISO_DATE)
    note: str = field("Пояснение", personal=True, reads="free_text")
