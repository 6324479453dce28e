"""The published tables (schema `mart`): what an analyst may rely on.

Keys are text; shares are 0…100 and named `*_pct`; counts are integers; NULL means no data and is never 0.
Each model's docstring begins with the table's Russian title; `MARTS` lists them in the order of publication.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.fields import field

LEVELS = ("school", "municipality", "region", "country")
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


class Organisation(Mart):
    """Образовательные организации."""

    org_id: str = field("Код организации", key=True)
    name: str = field("Наименование", nullable=False)
    kind: str = field("Вид организации")
    municipality_id: str = field("Код муниципалитета")
    municipality_name: str = field("Муниципалитет")
    aliases: str = field("Другие логины и написания, через «; »")
    inn: str = field("ИНН")
    oge_code: str = field("Код ОГЭ")
    ege_code: str = field("Код ЕГЭ")


class Indicator(Mart):
    """Показатели: что посчитано и по какой формуле."""

    indicator_id: str = field("Код показателя", key=True)
    section: pd.Int64Dtype = field("Раздел дорожной карты", nullable=False, ge=1, le=10)
    roadmap_item: str = field("Пункт дорожной карты", nullable=False)
    title_ru: str = field("Показатель", nullable=False)
    unit: str = field("Единица измерения", nullable=False)
    formula: str = field("Формула", nullable=False)
    source: str = field("Источник формулы", nullable=False)
    higher_is_better: pd.BooleanDtype = field("Больше — лучше")
    verified: pd.BooleanDtype = field("Формула подтверждена источником", nullable=False)


class IndicatorValue(Result):
    """Значения показателей по организациям и уровням, с доверительными границами и прошлым циклом."""

    indicator_id: str = field("Код показателя", key=True)
    numerator: pd.Float64Dtype = field("Числитель")
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    value: pd.Float64Dtype = field("Значение")
    ci_low: pd.Float64Dtype = field("Нижняя граница 95 % интервала", source="Wilson, 1927; для средних — 1,96·s/√n")
    ci_high: pd.Float64Dtype = field("Верхняя граница 95 % интервала", source="Wilson, 1927; для средних — 1,96·s/√n")
    previous_value: pd.Float64Dtype = field("Значение прошлого цикла той же работы")
    previous_year: pd.Int64Dtype = field("Год прошлого цикла")
    change: pd.Float64Dtype = field("Изменение к прошлому циклу")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = field("Значение скрыто", nullable=False)


class VprSchool(Result):
    """ВПР: отметки, баллы и сравнение с журналом — работа × уровень."""

    pupil_grade: pd.Int64Dtype = field("Класс, в котором учатся участники", ge=1, le=11)
    participants: pd.Int64Dtype = field("Участников", unit="чел.", ge=0)
    absent: pd.Int64Dtype = field("Отсутствовали", unit="чел.", ge=0)
    partial: pd.Int64Dtype = field("Писали только одну из двух частей", unit="чел.", ge=0)
    marked: pd.Int64Dtype = field("Участников с отметкой", unit="чел.", ge=0)
    mark_2: pd.Int64Dtype = field("Отметок «2»", unit="чел.", ge=0)
    mark_3: pd.Int64Dtype = field("Отметок «3»", unit="чел.", ge=0)
    mark_4: pd.Int64Dtype = field("Отметок «4»", unit="чел.", ge=0)
    mark_5: pd.Int64Dtype = field("Отметок «5»", unit="чел.", ge=0)
    mark_2_pct: pd.Float64Dtype = field("Доля «2»", **PCT)
    success_pct: pd.Float64Dtype = field("Успеваемость: доля «3», «4», «5»", **PCT)
    success_ci_low: pd.Float64Dtype = field("Успеваемость, нижняя граница 95 %", **PCT)
    success_ci_high: pd.Float64Dtype = field("Успеваемость, верхняя граница 95 %", **PCT)
    quality_pct: pd.Float64Dtype = field("Качество: доля «4», «5»", **PCT)
    quality_ci_low: pd.Float64Dtype = field("Качество, нижняя граница 95 %", **PCT)
    quality_ci_high: pd.Float64Dtype = field("Качество, верхняя граница 95 %", **PCT)
    sou_pct: pd.Float64Dtype = field("СОУ: степень обученности учащихся (Симонов)", **PCT)
    mean_mark: pd.Float64Dtype = field("Средняя отметка", ge=2, le=5)
    max_primary: pd.Int64Dtype = field("Максимальный первичный балл", unit="балл", ge=1)
    mean_primary: pd.Float64Dtype = field("Средний первичный балл", unit="балл", ge=0)
    sd_primary: pd.Float64Dtype = field("Стандартное отклонение первичного балла (n − 1)", unit="балл", ge=0)
    se_primary: pd.Float64Dtype = field("Стандартная ошибка среднего первичного балла", unit="балл", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение работы: Σ баллов / (N · максимум)", **PCT)
    journal_lower: pd.Int64Dtype = field("Понизили: отметка ВПР ниже журнальной", unit="чел.", ge=0)
    journal_equal: pd.Int64Dtype = field("Подтвердили", unit="чел.", ge=0)
    journal_higher: pd.Int64Dtype = field("Повысили: отметка ВПР выше журнальной", unit="чел.", ge=0)
    journal_gap_2plus: pd.Int64Dtype = field("Расхождение с журналом на 2 балла и больше", unit="чел.", ge=0)
    journal_mean_gap: pd.Float64Dtype = field("Среднее расхождение: ВПР − журнал", ge=-3, le=3)
    alpha: pd.Float64Dtype = field("Надёжность: альфа Кронбаха", le=1)
    scale_verified: pd.BooleanDtype = field("Шкала перевода подтверждена (или отметки даны файлом)")
    mark_source: str = field("Откуда отметки", isin=("file", "scale", "report"))
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class VprTask(Result):
    """ВПР: выполнение заданий — задание × работа × уровень."""

    task: str = field("Задание", key=True)
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    difficulty: str = field("Уровень сложности", isin=("Б", "П", "В"))
    skill: str = field("Проверяемое умение")
    participants: pd.Int64Dtype = field("Участников, у кого задание оценено", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение: Σ баллов / (N · максимум)", **PCT)
    full_pct: pd.Float64Dtype = field("Выполнили полностью", **PCT)
    zero_pct: pd.Float64Dtype = field("Получили 0 баллов", **PCT)
    not_attempted_pct: pd.Float64Dtype = field("Не приступали (X)", **PCT)
    discrimination: pd.Float64Dtype = field("Дискриминация: корреляция с суммой остальных заданий", ge=-1, le=1)
    status: str = field(
        "Достижение (ФИОКО)", isin=("sufficient", "uncertain", "insufficient"), source="ФИОКО, рекомендации 2026"
    )
    max_verified: pd.BooleanDtype = field("Максимум задания подтверждён")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class VprTaskGroup(Result):
    """ВПР: выполнение заданий группами участников с разной отметкой."""

    mark: pd.Int64Dtype = field("Отметка группы", key=True, ge=2, le=5)
    task: str = field("Задание", key=True)
    participants: pd.Int64Dtype = field("Участников в группе", unit="чел.", ge=0)
    completion_pct: pd.Float64Dtype = field("Выполнение задания группой", **PCT)
    facts_source: str = field("Откуда результаты", isin=("individual", "report"))
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)


class PlannedResults(Result):
    """ВПР: достижение планируемых результатов."""

    task: str = field("Задание", key=True)
    requirement: str = field("Планируемый результат, умение")
    max_score: pd.Int64Dtype = field("Максимальный балл", unit="балл", ge=1)
    completion_pct: pd.Float64Dtype = field("Выполнение", **PCT)


class ScoreDistribution(Result):
    """Распределение первичных баллов."""

    primary_score: pd.Int64Dtype = field("Первичный балл", key=True, unit="балл", ge=0)
    participants: pd.Int64Dtype = field("Участников с этим баллом", unit="чел.", ge=0)
    share_pct: pd.Float64Dtype = field("Доля участников", **PCT)


MARTS: dict[str, type[Mart]] = {
    "organisation": Organisation,
    "indicator": Indicator,
    "indicator_value": IndicatorValue,
    "vpr_school": VprSchool,
    "vpr_task": VprTask,
    "vpr_task_group": VprTaskGroup,
    "planned_results": PlannedResults,
    "score_distribution": ScoreDistribution,
}
"""Name of the published table → its model, in the order of publication."""
