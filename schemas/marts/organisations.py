"""Organisations."""

from __future__ import annotations

import pandas as pd

from schemas.fields import field
from schemas.published import Mart


class Organisation(Mart):
    """Образовательные организации."""

    org_id: str = field("Код организации", key=True)
    name: str = field("Наименование", nullable=False)
    short_name: str = field("Краткое наименование; где его не сообщили — полное")
    kind: str = field("Вид организации")
    municipality_id: str = field("Код муниципалитета")
    municipality_name: str = field("Муниципалитет")
    aliases: str = field("Другие логины и написания, через «; »")
    inn: str = field("ИНН")
    oge_code: str = field("Код ОГЭ")
    ege_code: str = field("Код ЕГЭ")


class OrgMatch(Mart):
    """Названия школ в файлах: какой школе соответствует каждое написание и почему."""

    kind: str = field("Вид файлов", key=True)
    org_ref: str = field("Как написано", key=True)
    org_id: str = field("Код организации (только если соответствие верное)")
    method: str = field("Как найдена", isin=("login", "code", "inn", "name_exact", "name_fuzzy"))
    similarity: pd.Float64Dtype = field("Сходство, 0–100", ge=0, le=100)
    status: str = field("Решение", nullable=False, isin=("sure", "doubtful", "several", "unknown"))
    suggestions: str = field("На какие школы похоже")
    rows: pd.Int64Dtype = field("Строк с таким написанием", nullable=False, ge=1)
