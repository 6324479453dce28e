"""The management cycle, record by record: what was advised and decided, and whether it is carried out."""

from __future__ import annotations

import pandas as pd

from schemas import cycle
from schemas.fields import field
from schemas.published import LEVELS, Mart
from schemas.sources.progress import AREAS
from schemas.types import ISO_DATE

SECTIONS = [*dict.fromkeys(item.split(".")[0] for item in cycle.ITEMS)]


class Record(Mart):
    """Запись управленческого цикла."""

    level: str = field("Уровень: школа — организация, которой адресовано, иначе территория", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)
    org_id: str = field("Код организации; NULL — адресовано всем или самому органу управления")
    system: str = field("Раздел дорожной карты", nullable=False, isin=SECTIONS)
    roadmap_item: str = field("Пункт дорожной карты", nullable=False, isin=cycle.ITEMS)
    area: str = field("Направление", nullable=False, isin=[*AREAS.values()])
    text_ru: str = field("Содержание, словами отправителя", nullable=False)
    basis: str = field("Основание, словами отправителя")
    issued: str = field("Дата", nullable=False, str_matches=ISO_DATE)
    due: str = field("Срок", str_matches=ISO_DATE)
    status: str = field("Статус, как прислан", nullable=False, isin=[*cycle.DATA["statuses"]])
    done_on: str = field("Дата исполнения", str_matches=ISO_DATE)
    is_overdue: pd.BooleanDtype = field(
        "Не исполнено, а срок прошёл ко дню, на который заполнен реестр, или ко дню, когда он получен", nullable=False
    )


class Recommendation(Record):
    """Адресные рекомендации: кому, что, почему, исполнено ли.

    Рекомендации, которые прислал орган управления. Сколько их и исполнено ли в срок — в `recommendation_summary`.
    """

    recommendation_id: str = field("Код рекомендации", key=True)
    group_name: str = field("Группа, которой адресовано, словами отправителя")


class Decision(Record):
    """Управленческие решения: вид, о ком, на основании чего, исполнено ли.

    Сколько их и исполнены ли в срок — в `decision_summary`.
    """

    decision_id: str = field("Код решения", key=True)
    decision_kind: str = field("Вид решения", nullable=False, isin=[*cycle.DATA["decisions"]])
