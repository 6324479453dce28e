"""Indicators: what is computed, its values and their dynamics."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.marts.base import Mart, Result, hidden_columns, suppressed


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
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class DynamicsThreeYears(Result):
    """Динамика показателей за три года.

    Годы календарные: отчётный, прошлый и позапрошлый; год без этой работы — NULL.
    """

    indicator_id: str = field("Код показателя", key=True)
    value: pd.Float64Dtype = field("Значение отчётного года", nullable=False)
    value_1: pd.Float64Dtype = field("Значение прошлого года")
    value_2: pd.Float64Dtype = field("Значение позапрошлого года")
    change_1: pd.Float64Dtype = field("Изменение за год")
    change_2: pd.Float64Dtype = field("Изменение за два года")
    slope: pd.Float64Dtype = field("Наклон: изменение в год по имеющимся годам", source="метод наименьших квадратов")
    base: pd.Float64Dtype = field("База (знаменатель) отчётного года", ge=0)
    base_1: pd.Float64Dtype = field("База (знаменатель) прошлого года", ge=0)
    base_2: pd.Float64Dtype = field("База (знаменатель) позапрошлого года", ge=0)
    p_value: pd.Float64Dtype = field(
        "p изменения к последнему из прежних лет, двустороннее",
        ge=0, le=1, source="z-критерий двух долей с общей дисперсией; двух средних по их ошибкам",
    )  # fmt: skip
    significant: pd.BooleanDtype = field("Изменение к последнему из прежних лет значимо")
    comparable: pd.BooleanDtype = field(
        "Работы этих двух лет сопоставимы: совпадают максимум и число заданий", source="ФИОКО, рекомендации 2026"
    )
    trend: str = field("Тенденция за имеющиеся годы", isin=("better", "worse", "stable"))
    trend_p_value: pd.Float64Dtype = field(
        "p изменения к первому из прежних лет, оно же — наклона, двустороннее",
        ge=0, le=1, source="z-критерий двух долей с общей дисперсией; двух средних по их ошибкам",
    )  # fmt: skip
    trend_comparable: pd.BooleanDtype = field(
        "Работы отчётного и первого из прежних лет сопоставимы", source="ФИОКО, рекомендации 2026"
    )
    negative: pd.BooleanDtype = field(
        "Отрицательная динамика: доля «2» за год выросла на 10 п.п. и больше", source="ФИОКО, рекомендации 2026"
    )
    small_base: pd.BooleanDtype = field("Малая база в одном из лет (N < 10)", nullable=False)
    not_judged: str = field("Почему нет тенденции: доля строк в карантине в одном из лет")
