"""ВПР facts: what a validated row of each kind of file holds.

`VprResult` is one pupil's work; its task columns (`s01`…`s40`: балл; `x01`…`x40`: не приступал) are added per work,
because each work has its own tasks. The reports of «Аналитика» keep the rows of every level they print.
"""

from __future__ import annotations

import pandas as pd

from schemas.facts import Fact
from schemas.fields import field
from schemas.types import ORGANISATION, SUBJECT

MAX_TASKS = 60
LEVELS = ("school", "municipality", "region", "country")


class VprWork(Fact):
    """Работа: год, предмет, класс."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, ge=2015, le=2100)
    subject: str = field("Код предмета", key=True, content="words", str_matches=SUBJECT)
    grade: pd.Int8Dtype = field("Класс работы", key=True, ge=1, le=11)


class VprResult(VprWork):
    """ВПР: индивидуальные результаты (коды, без имён)."""

    org_id: str = field("Код организации", key=True, str_matches=ORGANISATION)
    municipality_id: str = field("Код муниципалитета")
    participant_code: str = field("Код участника", key=True, str_matches=r"^\d{4,6}$")
    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится участник", ge=1, le=11)
    class_raw: str = field("Класс, как записан")
    class_label: str = field("Класс (буква или номер)")
    gender: str = field("Пол", personal=True, isin=["м", "ж"])
    variant: str = field("Вариант", digits=6)
    absent: pd.BooleanDtype = field("Отсутствовал", nullable=False)
    partial: pd.BooleanDtype = field("Писал одну из двух частей", nullable=False)
    journal_mark: pd.Int8Dtype = field("Отметка по журналу", ge=2, le=5)
    mark: pd.Int8Dtype = field("Отметка за работу (из файла)", ge=2, le=5)
    primary_score: pd.Int16Dtype = field("Первичный балл", unit="балл", ge=0)
    task_sum: pd.Int16Dtype = field("Сумма баллов за задания", unit="балл", ge=0)


class VprUnitRow(VprWork):
    """Строка отчёта «Аналитики»: страна, регион, муниципалитет или школа."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)
    unit_name: str = field("Как назван в отчёте")
    max_primary: pd.Int16Dtype = field("Максимальный первичный балл", unit="балл", ge=1)
    participants: pd.Int32Dtype = field("Участников", unit="чел.", nullable=False, ge=0)


class VprMarks(VprUnitRow):
    """ВПР: статистика по отметкам."""

    mark_2_pct: pd.Float64Dtype = field("Доля «2»", unit="%", ge=0, le=100)
    mark_3_pct: pd.Float64Dtype = field("Доля «3»", unit="%", ge=0, le=100)
    mark_4_pct: pd.Float64Dtype = field("Доля «4»", unit="%", ge=0, le=100)
    mark_5_pct: pd.Float64Dtype = field("Доля «5»", unit="%", ge=0, le=100)


class VprJournal(VprUnitRow):
    """ВПР: сравнение отметок с отметками по журналу."""

    lower_pct: pd.Float64Dtype = field("Понизили", unit="%", ge=0, le=100)
    lower: pd.Int32Dtype = field("Понизили", unit="чел.", nullable=False, ge=0)
    equal_pct: pd.Float64Dtype = field("Подтвердили", unit="%", ge=0, le=100)
    equal: pd.Int32Dtype = field("Подтвердили", unit="чел.", nullable=False, ge=0)
    higher_pct: pd.Float64Dtype = field("Повысили", unit="%", ge=0, le=100)
    higher: pd.Int32Dtype = field("Повысили", unit="чел.", nullable=False, ge=0)


class VprDistribution(VprUnitRow):
    """ВПР: распределение первичных баллов, строка на балл."""

    primary_score: pd.Int16Dtype = field("Первичный балл", key=True, unit="балл", ge=0)
    share_pct: pd.Float64Dtype = field("Доля участников", unit="%", ge=0, le=100)
    count: pd.Float64Dtype = field("Участников с этим баллом", unit="чел.", nullable=False, ge=0)


class VprTaskPerformance(VprUnitRow):
    """ВПР: выполнение заданий, строка на задание."""

    task: str = field("Задание", key=True)
    max_score: pd.Int16Dtype = field("Максимальный балл", unit="балл", ge=1)
    completion_pct: pd.Float64Dtype = field("Выполнение", unit="%", ge=0, le=100)


class VprTaskGroup(VprTaskPerformance):
    """ВПР: выполнение заданий группами участников, строка на задание и отметку."""

    mark: pd.Int8Dtype = field("Отметка группы", key=True, ge=2, le=5)
    participants: pd.Int32Dtype = field("Участников", unit="чел.", ge=0)


class VprPlanned(VprTaskPerformance):
    """ВПР: достижение планируемых результатов, строка на задание и уровень."""

    requirement: str = field("Планируемый результат, умение", content="words")
    participants: pd.Int32Dtype = field("Участников", unit="чел.", ge=0)
