"""Organisations."""

from __future__ import annotations

from schemas.fields import field
from schemas.marts.base import Mart


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
