"""Targets of indicators that the authority sets for a year; they replace those that indicators are declared with."""

from __future__ import annotations

from schemas import types
from schemas.register import Register, register
from schemas.types import Number, Short, Text

TITLE = "целевые значения"


@register(
    "target",
    title="Целевые значения показателей",
    file="Целевые значения.xlsx",
    sheet="Цели",
    about="Одна строка на показатель: чего город хочет достичь за год. Показатель — код или название из словаря данных "
    "(docs/dictionary.md, «Показатели»). Целевое значение заменяет то, с которым показатель объявлен.",
    known_by=("indicator_id", "target"),
    replaces=("indicator_id",),
    is_whole=True,
)
class Target(Register):
    """Целевые значения: показатель и чего по нему хотят достичь за год."""

    year: Short = types.school_year()
    indicator_id: Text = types.column(
        "Код или название показателя", "как в словаре данных", key=True, reads="indicator",
        str_matches=r"^[a-z0-9_]+$", example="career_guidance_bilet",
    )  # fmt: skip
    target: Number = types.column(
        "Целевое значение", "в единицах показателя: проценты — числом от 0 до 100", required=True, example=80,
        also=["Цель", "План", "Плановое значение"],
    )  # fmt: skip
    basis: Text = types.words(
        "Основание", "акт, которым установлено; можно пусто", also=["Документ", "Чем установлено"], optional=True,
        example="Приказ 12-о",
    )  # fmt: skip
