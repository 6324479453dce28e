"""Talents: contests, the bank of gifted pupils, profile shifts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.fields import field
from schemas.published import LEVELS, PCT, Mart, bound, hidden_columns, suppressed
from schemas.talent import DATA

ALL = ("ALL",)


def _count(title: str, unit: str = "чел.") -> Any:
    return field(title, unit=unit, ge=0)


def _pct(title: str) -> Any:
    return field(title, **PCT)


class Talent(Mart):
    """Общие столбцы таблиц о талантах."""

    level: str = field("Уровень", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)
    direction: str = field("Направление (ALL — все)", key=True, isin=(*ALL, *DATA["directions"]))
    schools: pd.Int64Dtype = _count("Школ с учтёнными учениками", unit="ОО")
    contingent: pd.Int64Dtype = _count("Обучающихся в школах, где их число известно")
    covered: pd.Int64Dtype = _count("Из них учтено: числитель охвата")
    contingent_source: str = field(
        "Откуда число обучающихся, через «; »: contingent — форма контингента, social_passport — социальный паспорт"
    )
    without_contingent: pd.Int64Dtype = _count("Школ вне охвата: число обучающихся неизвестно", unit="ОО")
    coverage_pct: pd.Float64Dtype = _pct("Охват: доля учеников от обучающихся этих школ")
    coverage_ci_low: pd.Float64Dtype = bound("Охват, нижняя граница 95 %")
    coverage_ci_high: pd.Float64Dtype = bound("Охват, верхняя граница 95 %")
    small_base: pd.BooleanDtype = field("Малая база (N < 10)", nullable=False)
    suppressed: pd.BooleanDtype = suppressed()
    hidden_columns: str = hidden_columns()


class GiftedBank(Talent):
    """Банк одарённых детей: согласия, критерии, пополнение и выбытие. Ученик без согласия — только число."""

    criterion: str = field("Критерий включения (ALL — все)", key=True, isin=(*ALL, *DATA["criteria"]))
    listed: pd.Int64Dtype = field("Записей в банке", unit="чел.", nullable=False, ge=0)
    without_consent: pd.Int64Dtype = field("Из них без действующего согласия", unit="чел.", nullable=False, ge=0)
    consent_pct: pd.Float64Dtype = _pct("Доля записей с согласием")
    consent_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    consent_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    pupils: pd.Int64Dtype = field("Учеников учтено (с согласием)", unit="чел.", nullable=False, ge=0)
    with_programme: pd.Int64Dtype = _count("С индивидуальным маршрутом (ИОМ)")
    programme_pct: pd.Float64Dtype = _pct("Доля учеников с ИОМ")
    programme_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    programme_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    with_mentor: pd.Int64Dtype = _count("С наставником")
    mentor_pct: pd.Float64Dtype = _pct("Доля учеников с наставником")
    mentor_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    mentor_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    confirmable: pd.Int64Dtype = _count("Чей критерий можно сверить с наградами конкурсов и ВсОШ")
    confirmed: pd.Int64Dtype = _count("Из них награда нашлась")
    confirmed_pct: pd.Float64Dtype = _pct("Доля подтверждённых")
    confirmed_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    confirmed_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
    previous_pupils: pd.Int64Dtype = _count("Было учтено год назад")
    new_pupils: pd.Int64Dtype = _count("Новых за год")
    kept_pupils: pd.Int64Dtype = _count("Остались с прошлого года")
    left_pupils: pd.Int64Dtype = _count("Выбыли за год")
    graduated_pupils: pd.Int64Dtype = _count("Из выбывших окончили школу")
    kept_pct: pd.Float64Dtype = _pct("Доля оставшихся от тех, кто не окончил школу")
    kept_ci_low: pd.Float64Dtype = bound("То же, нижняя граница 95 %")
    kept_ci_high: pd.Float64Dtype = bound("То же, верхняя граница 95 %")
