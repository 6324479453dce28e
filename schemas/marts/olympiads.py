"""Olympiads: participation, awards, coverage, the way to the next stage."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.olympiads import ALL, STAGES
from schemas.published import LEVELS, PCT, Mart, bound, hidden_columns, suppressed
from schemas.types import SUBJECT


class Olympiad(Mart):
    """ВсОШ: этап × предмет × уровень; subject ALL — все предметы вместе."""

    cycle: str = field("Оценочный цикл", key=True, str_matches=r"^vsosh-\d{4}$")
    stage: str = field("Этап: ШЭ, МЭ, РЭ, ЗЭ", key=True, isin=STAGES)
    subject: str = field("Код предмета; ALL — все вместе", key=True, str_matches=rf"{SUBJECT}|^{ALL}$")
    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)
    facts_source: str = field("Откуда: протоколы (protocol), количественная форма (count)", nullable=False)
    participants: pd.Int64Dtype = field("Участий (участник × предмет)", unit="чел.", ge=0)
    unique_pupils: pd.Int64Dtype = field("Участников: каждый ученик один раз", unit="чел.", ge=0)
    judged: pd.Int64Dtype = field("Участий с известным статусом", unit="чел.", ge=0)
    winners: pd.Int64Dtype = field("Победителей", unit="чел.", ge=0)
    prizewinners: pd.Int64Dtype = field("Призёров", unit="чел.", ge=0)
    award_pupils: pd.Int64Dtype = field("Учеников с наградой: каждый один раз", unit="чел.", ge=0)
    efficiency_pct: pd.Float64Dtype = field("Эффективность: победители и призёры / участия с известным статусом", **PCT)
    efficiency_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    efficiency_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    contingent: pd.Int64Dtype = field("Контингент 4–11 классов участвовавших школ", unit="чел.", ge=0)
    covered: pd.Int64Dtype = field("Из них участвовали в ШЭ", unit="чел.", ge=0)
    contingent_source: str = field("Откуда контингент: contingent — форма контингента по классам")
    without_contingent: pd.Int64Dtype = field("Школ вне охвата: контингент неизвестен", unit="ОО", ge=0)
    coverage_pct: pd.Float64Dtype = field("Охват школьным этапом", **PCT)
    coverage_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    coverage_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    moving: pd.Int64Dtype = field("Участий, о чьём следующем этапе есть протоколы", unit="чел.", ge=0)
    moved: pd.Int64Dtype = field("Из них участвовали в следующем этапе", unit="чел.", ge=0)
    conversion_pct: pd.Float64Dtype = field("Конверсия в следующий этап", **PCT)
    conversion_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    conversion_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    scored: pd.Int64Dtype = field("Участий с известным выполнением", unit="чел.", ge=0)
    low: pd.Int64Dtype = field("Из них выполнили меньше 25 %", unit="чел.", ge=0)
    low_pct: pd.Float64Dtype = field("Доля выполнивших меньше 25 %", **PCT)
    low_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    low_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    max_known: pd.Int64Dtype = field("Участий с известным максимумом", unit="чел.", ge=0)
    full_score: pd.Int64Dtype = field("Из них набрали максимум", unit="чел.", ge=0)
    full_score_pct: pd.Float64Dtype = field("Доля набравших максимум", **PCT)
    full_score_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    full_score_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    judged_winners: pd.Int64Dtype = field("Победителей ШЭ, чей балл на МЭ известен", unit="чел.", ge=0)
    fallen: pd.Int64Dtype = field("Из них набрали на МЭ меньше 25 %", unit="чел.", ge=0)
    fallen_pct: pd.Float64Dtype = field("Доля победителей ШЭ, набравших на МЭ меньше 25 %", **PCT)
    fallen_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    fallen_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    same_scores_pct: pd.Float64Dtype = field("Наибольшая доля одинаковых результатов в параллели школы", **PCT)
    same_scores_n: pd.Int64Dtype = field("Участников этой параллели", unit="чел.", ge=0)
    possible_signs: str = field("Возможные признаки через «; »; пусто — нет, NULL — судить не по чему")
    not_judged: str = field("Почему признаков нет: доля строк в карантине")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()
