"""Preschools: scores of the monitoring, shares of passports and questionnaires."""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.fields import field
from schemas.published import PCT, Mart, bound, hidden_columns, suppressed

SCORE: dict[str, Any] = {"ge": 0, "le": 5, "unit": "балл"}


class PreschoolQuality(Mart):
    """Качество дошкольного образования: показатель, область или сад в целом × детский сад или муниципалитет."""

    cycle: str = field("Оценочный цикл", nullable=False, str_matches=r"^mkdo-\d{4}$")
    unit_level: str = field("Уровень", key=True, isin=("preschool", "municipality"))
    org_id: str = field("Код ДОО; у муниципалитета — его код", key=True)
    municipality_id: str = field("Код муниципалитета")
    area: str = field("Область (ALL — сад в целом)", key=True)
    indicator: str = field("Показатель (ALL — область в целом)", key=True)
    roadmap_item: str = field("Пункт дорожной карты", nullable=False, str_matches=r"^10(\.\d)?$")
    title_ru: str = field("Показатель, по-русски", nullable=False)
    kind: str = field(
        "Балл, доля, признак «да — нет», отношение или число", isin=("score", "share", "flag", "ratio", "count")
    )
    score: pd.Float64Dtype = field("Балл 0–5, без округления; у муниципалитета взвешен по числу детей", **SCORE)
    score_unweighted: pd.Float64Dtype = field("Балл муниципалитета: простое среднее по садам", **SCORE)
    score_self: pd.Float64Dtype = field("Балл по одной самооценке: выше экспертного, сравнивать с ним же", **SCORE)
    score_expert: pd.Float64Dtype = field("Балл по одним оценкам эксперта", **SCORE)
    expert_pct: pd.Float64Dtype = field("Доля оценок, из которых сложен балл, данных экспертом", **PCT)
    level: pd.Int64Dtype = field("Уровень качества по баллу", ge=0, le=5)
    level_title: str = field("Название уровня")
    at_base: pd.Int64Dtype = field("Садов не ниже базового уровня", unit="ДОО", ge=0)
    groups: pd.Int64Dtype = field("Групп наблюдалось", unit="групп", ge=1)
    ages: str = field("Возраст этих групп, коды через «; » (mixed — разновозрастная)")
    preschools: pd.Int64Dtype = field("Садов, из которых сложена строка муниципалитета", unit="ДОО", ge=0)
    weighed: pd.Int64Dtype = field("Из них известно число детей: по ним взвешен балл", unit="ДОО", ge=0)
    children: pd.Int64Dtype = field("Детей: вес балла", unit="чел.", ge=1)
    sources: str = field("Источники оценок через «; »")
    self_gap: pd.Float64Dtype = field("Самооценка минус эксперт, где есть обе", unit="балл", ge=-5, le=5)
    value: pd.Float64Dtype = field("Значение доли или отношения", ge=0)
    unit: str = field("Единица измерения", nullable=False)
    numerator: pd.Float64Dtype = field("Числитель", ge=0)
    denominator: pd.Float64Dtype = field("Знаменатель", ge=0)
    ci_low: pd.Float64Dtype = bound("Нижняя граница 95 % интервала доли")
    ci_high: pd.Float64Dtype = bound("Верхняя граница 95 % интервала доли")
    small_base: pd.BooleanDtype = field("Малая база доли (N < 10)")
    responses: pd.Int64Dtype = field(
        "Анкет с ответами (у муниципалитета — садов, назвавших число семей)", unit="анкет", ge=0
    )
    families: pd.Int64Dtype = field("Семей у этих садов", unit="семей", ge=1)
    response_pct: pd.Float64Dtype = field("Ответили семей, показано и тогда, когда доли скрыты", **PCT)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()
    is_published: pd.BooleanDtype = field("Показано; нет — анкет меньше 10 или меньше 30 % семей", nullable=False)
    higher_is_better: pd.BooleanDtype = field("Больше — лучше", nullable=False)
    verified: pd.BooleanDtype = field("Формула подтверждена источником", nullable=False)
    not_judged: str = field("Почему нет ни уровня, ни изменения: доля строк в карантине")
    previous_value: pd.Float64Dtype = field("Балл или значение год назад")
    change: pd.Float64Dtype = field("Изменение за год; у муниципалитета — по садам обоих лет")
    change_se: pd.Float64Dtype = field(
        "Стандартная ошибка изменения между садами", ge=0, source="Cochran, 1977, 6.4: линеаризация отношения"
    )
    matched: pd.Int64Dtype = field("Садов в обоих годах: по ним изменение", unit="ДОО", ge=0)
    change_self: pd.Float64Dtype = field("Изменение балла по самооценке", unit="балл", ge=-5, le=5)
    matched_self: pd.Int64Dtype = field("Садов с самооценкой в обоих годах", unit="ДОО", ge=0)
    change_expert: pd.Float64Dtype = field("Изменение балла по оценкам эксперта", unit="балл", ge=-5, le=5)
    matched_expert: pd.Int64Dtype = field("Садов с оценками эксперта в обоих годах", unit="ДОО", ge=0)
    not_compared: str = field("Почему нет изменения: состав садов или доля оценок эксперта иные")
