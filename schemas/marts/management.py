"""The management cycle, record by record: what was advised and decided, and whether it is carried out."""

from __future__ import annotations

import pandas as pd

from schemas import cycle
from schemas.fields import field
from schemas.published import LEVELS, Mart
from schemas.sources.progress import AREAS
from schemas.types import ISO_DATE

SECTIONS = [*dict.fromkeys(item.split(".")[0] for item in cycle.ITEMS)]
SYSTEMS = SECTIONS[1:]
"""Sections of the roadmap that are systems of the management of quality; the first is about МСОКО as a whole."""
OF_THE_YEAR = "year"
"""The period of an item that is told of once a year."""


class OfUnit(Mart):
    """Общие столбцы таблиц управленческого цикла."""

    level: str = field("Уровень: школа — об организации, иначе территория", key=True, isin=LEVELS)
    unit_id: str = field("Код организации, муниципалитета, региона", key=True)


class Record(OfUnit):
    """Запись управленческого цикла."""

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


class RoadmapStatus(OfUnit):
    """Дорожная карта: пункты года, сроки и исполнение.

    Строка — пункт и период, о котором отчитываются; у пунктов со сроками «декабрь» и «июнь» их два. Статус — из реестра
    исполнения, а без него у пунктов, исполняемых актом, — по акту; NULL — никто не сообщил.
    """

    item_id: str = field("Пункт дорожной карты", key=True, isin=cycle.ITEMS)
    period: str = field("Период: год или месяц, которым он кончается", key=True, isin=[*cycle.DATA["periods"]])
    section: pd.Int64Dtype = field("Раздел дорожной карты", nullable=False, ge=1, le=10)
    title: str = field("О чём пункт", nullable=False)
    org_id: str = field("Код организации, о которой строка; NULL — пункт в целом")
    responsible: str = field("Ответственный, словами отправителя")
    due: str = field("Срок: из реестра, иначе по правилу пункта; NULL — из других таблиц", str_matches=ISO_DATE)
    status: str = field("Статус; NULL — никто не сообщил", isin=[*cycle.DATA["statuses"]])
    done_date: str = field("Дата исполнения", str_matches=ISO_DATE)
    evidence: str = field("Подтверждение: документ")
    is_overdue: pd.BooleanDtype = field(
        "Не исполнено, а срок прошёл ко дню, когда получен реестр; NULL — никто не сообщил"
    )
    told_by: str = field("Откуда статус: реестр исполнения или акт", isin=["register", "act"])


class MgmtCycle(OfUnit):
    """Управленческий цикл: девять компонентов по системам и документ каждого.

    Оценка говорит, есть ли компонент и документ о нём, а не хорош ли он: 0 — записей нет, 1 — есть, но без документа,
    2 — есть с документом. У мониторинга записи — показатели раздела, у которых в этом году есть значение.
    """

    system: str = field("Система: раздел дорожной карты", key=True, isin=SYSTEMS)
    component: str = field("Компонент цикла", key=True, isin=[*cycle.DATA["components"]])
    records: pd.Int64Dtype = field("Записей", unit="записей", nullable=False, ge=0)
    score: pd.Float64Dtype = field("Оценка компонента", unit="балл", nullable=False, ge=0, le=2)
    document: str = field("Документ последней записи, у которой он есть")
    dated: str = field("Дата этой записи", str_matches=ISO_DATE)
    link: str = field("Ссылка на документ")
