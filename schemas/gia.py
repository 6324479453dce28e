"""ГИА facts: what a validated row of a protocol of the state exams holds, and the schools' counts of certificates.

A pupil is a key (HMAC of the name) within an organisation. Answers stay as the protocol writes them: a sign a short
task (`+` full, `-` zero, a digit partial points), `1(2)2(3)` scores of long ones; `indicators.gia_tasks` reads them.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas.fields import field
from schemas.risk import ISO_DATE, SchoolYear
from schemas.vpr import SUBJECT, Fact

PERSON_KEY = r"^[0-9a-f]{16}$"
CODE = r"^\d{2,8}$"
"""Codes of РИС: organisation, municipality, place of the exam."""
OUTCOMES = ("result", "removed", "unfinished", "absent", "annulled", "none")
"""Has a result; sent away; left before the end; did not come; result taken back; nothing is told."""
SHORT, LONG = r"^[-+0-9]+$", r"^(?:\d+\(\d+\))+$"


class ExamRow(Fact):
    """Строка протокола экзамена: ученик на экзамене."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="year", ge=2015, le=2100)
    procedure: str = field("Процедура", key=True, isin=["OGE", "GVE9", "EGE", "GVE11"])
    subject: str = field("Код предмета", key=True, str_matches=SUBJECT)
    exam_date: str = field("Дата экзамена", key=True, str_matches=ISO_DATE)
    org_ref: str = field("Код ОО в РИС", key=True, str_matches=CODE)
    pupil_key: str = field("Ключ участника", key=True, personal=True, str_matches=PERSON_KEY)
    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится участник", nullable=False, ge=1, le=11)
    class_label: str = field("Класс (буква или номер)")
    ppe: str = field("Код ППЭ")


class Answers(ExamRow):
    """Протокол с ответами. Кто не имеет результата, остаётся участником: почему его нет, говорит `outcome`."""

    outcome: str = field("Чем кончился экзамен для участника", nullable=False, isin=OUTCOMES)
    primary_score: pd.Int16Dtype = field("Первичный балл", unit="балл", ge=0)
    municipality_ref: str = field("Код МСУ")
    oral: pd.BooleanDtype = field("Устная часть", key=True)
    resit: pd.BooleanDtype = field("Назван в протоколе пересдачей", nullable=False)
    short_answers: str = field("Задания с кратким ответом", str_matches=SHORT)
    long_answers: str = field("Задания с развёрнутым ответом: балл(максимум)", str_matches=LONG)


class Gia9(Answers):
    """ГИА-9: протоколы ОГЭ и ГВЭ-9."""

    mark: pd.Int8Dtype = field("Оценка", ge=2, le=5)


class Gia11(Answers):
    """ГИА-11: протоколы ЕГЭ и ГВЭ-11."""

    variant: str = field("Вариант")
    test_score: pd.Int16Dtype = field("Тестовый балл", unit="балл", ge=0, le=100)
    mark: pd.Int8Dtype = field("Отметка: базовая математика, ГВЭ", ge=2, le=5)


class Gia9Appeal(ExamRow):
    """ГИА-9: итоги апелляций."""

    primary_score: pd.Int16Dtype = field("Первичный балл", unit="балл", nullable=False, ge=0)
    state: str = field("Состояние апелляции", nullable=False)
    mark: pd.Int8Dtype = field("Оценка после апелляции", nullable=False, ge=2, le=5)


def _of_graduates(title: str) -> pd.Int32Dtype:
    counted: pd.Int32Dtype = field(title, unit="чел.", ge=0, at_most="graduates")
    return counted


class Certificate(SchoolYear):
    """Аттестаты и медали: числа по школе, класс 9 или 11."""

    grade: pd.Int8Dtype = field("Класс: 9 или 11", key=True, reads="pupil_grade", isin=[9, 11])
    as_of: str = field("На какой день числа", reads="date", str_matches=ISO_DATE)
    graduates: pd.Int32Dtype = field("Выпускников всего", unit="чел.", nullable=False, ge=0)
    admitted: pd.Int32Dtype = _of_graduates("Допущены к ГИА")
    certificates: pd.Int32Dtype = _of_graduates("Получили аттестат")
    honours: pd.Int32Dtype = field("Из них аттестат с отличием", unit="чел.", ge=0, at_most="certificates")
    failed: pd.Int32Dtype = _of_graduates("Не получили аттестат (справка)")
    september: pd.Int32Dtype = _of_graduates("Пересдают в сентябре")
    medals_1: pd.Int32Dtype = field("Медаль I степени", unit="чел.", ge=0, at_most="certificates")
    medals_2: pd.Int32Dtype = field("Медаль II степени", unit="чел.", ge=0, at_most="certificates")

    @pa.dataframe_check(error="row_certificates_over")
    def _no_more_than_graduated(cls, frame: pd.DataFrame) -> pd.Series:
        told = frame["certificates"] + frame["failed"]
        return (told <= frame["graduates"]).fillna(True)
