"""How recommendations, measures and decisions are carried out, and what came of the measures (roadmap 2.6 and others).

A row of these marts stands for a record of a register: what is addressed to several organisations by name is a record
of each. What is addressed to all of them, or to the authority itself, is the territory's alone.
"""

from __future__ import annotations

from typing import Any

from schemas import cycle, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import KNOWN, count, share
from schemas.types import Flag, Text

TITLE = "исполнение рекомендаций, мер и решений"
SOURCE = (
    "критерий проекта, docs/methodology.md: исполненные не позже срока — из тех, чей срок наступил ко дню, на который "
    "заполнен реестр, или ко дню, когда он получен"
)
EFFECT_SOURCE = "критерий проекта, docs/methodology.md: вывод самого анализа, а не расчёт программы"
AREAS = {each["title"]: code for code, each in cycle.DATA["areas"].items()}
NO_CATEGORY = "unnamed"
NAMED = {"addressee": KNOWN}


class Record(MadeRows):
    """Запись реестра: кому она, исполнена ли, наступил ли срок."""

    area: Text = field("Направление", codes=AREAS)
    addressee: Text = field("Организация, которой адресовано")
    is_done: Flag = field("Исполнено")
    is_due: Flag = field("Срок наступил")
    is_in_time: Flag = field("Срок наступил, исполнено не позже него")
    is_overdue: Flag = field("Не исполнено, срок прошёл")
    is_due_by_checkpoint: Flag = field("Срок наступил не позже декабря")


class RecommendationRecord(Record):
    """Адресная рекомендация."""


class MeasureRecord(Record):
    """Мера плана или программы."""

    category: Text = field(
        "Категория школы", codes=types.spelled(cycle.DATA["categories"]) | {"не названа": NO_CATEGORY}
    )


class DecisionRecord(Record):
    """Управленческое решение."""

    decision_kind: Text = field("Вид решения", codes=types.spelled(cycle.DATA["decisions"]))


class EffectRecord(MadeRows):
    """Вывод об одном показателе, по которому судят о мере или решении."""

    area: Text = field("Направление", codes=AREAS)
    addressee: Text = field("Организация, о которой анализ")
    conclusion: Text = field("Вывод", codes=types.spelled(cycle.DATA["conclusions"]))


_OF_A_PART: dict[str, Any] = {"part_as": None, "whole_as": None, "has_bounds": False}
"""What a share of an area shows beside the rows of the area: its value alone."""


def _in_time(title: str, item: str, area: str = "", **of: Any) -> Any:
    """The share of records done in time among those that are due, of an area or of all."""
    of |= {"area": area} if area else {}
    shown = _OF_A_PART if of else {}
    return share(
        title, part=count("", unit="записей", where=of | {"is_in_time": True}),
        whole=count("", unit="записей", where=of | {"is_due": True}), item=item, better="up", source=SOURCE, **shown,
    )  # fmt: skip


BY_CHECKPOINT = {"is_due_by_checkpoint": True}


@mart(
    "help_plan_progress",
    of=MeasureRecord,
    made_of=("planned_measure",),
    title="Исполнение мер планов и программ",
    slices=((), ("area",), ("category",)),
    base="measures",
)
class HelpPlanProgress:
    """Отменённое и то, чего не требуется, не считается. Декабрь — меры, чей срок не позже 31 декабря: то, что было
    видно на первой из двух проверок года."""

    measures = count("Мер", unit="мер")
    organisations = count("Организаций, которым адресовано поимённо", "addressee", unit="ОО", where=NAMED)
    done = count("Исполнено", unit="мер", where={"is_done": True})
    overdue_records = count("Просрочено", unit="мер", where={"is_overdue": True})
    due_by_december = count("Срок наступил до конца декабря", unit="мер", where=BY_CHECKPOINT)
    in_time_by_december = count("Из них исполнено в срок", unit="мер", where=BY_CHECKPOINT | {"is_in_time": True})
    in_time = _in_time("Доля мер, исполненных в срок", "2.6")
    objectivity = _in_time("Доля мер помощи школам с признаками, исполненных в срок", "3.12", "objectivity")
    objectivity_december = _in_time(
        "Доля мер помощи школам с признаками, исполненных в срок, на декабрь", "3.12", "objectivity", **BY_CHECKPOINT
    )
    low_results = _in_time("Доля мер помощи ШНОР и ШНСУ, исполненных в срок", "4.3", "low_results")
    low_results_december = _in_time(
        "Доля мер помощи ШНОР и ШНСУ, исполненных в срок, на декабрь", "4.3", "low_results", **BY_CHECKPOINT
    )
    risk_zone = _in_time("Доля мер помощи школам зоны риска, исполненных в срок", "4.5", "risk_zone")
    talent = _in_time("Доля мер по талантам, исполненных в срок", "5.7", "talent")
    career = _in_time("Доля мер по профориентации, исполненных в срок", "6.7", "career")
    teachers = _in_time("Доля мер профессионального развития, исполненных в срок", "8.8", "teachers")
    upbringing = _in_time("Доля мер по воспитанию, исполненных в срок", "9.8", "upbringing")
    programmes = _in_time("Доля мер по программам ДОО, исполненных в срок", "10.2.1*", "preschool_programmes")
    activity = _in_time("Доля мер по образовательной деятельности ДОО, исполненных в срок", "10.3.1",
                        "preschool_activity")  # fmt: skip
    conditions = _in_time("Доля мер по условиям ДОО, исполненных в срок", "10.4.1", "preschool_conditions")
    family = _in_time("Доля мер ДОО по работе с семьёй, исполненных в срок", "10.5.1", "preschool_family")
    health = _in_time("Доля мер ДОО по здоровью и уходу, исполненных в срок", "10.6.1", "preschool_health")


@mart(
    "recommendation_summary",
    of=RecommendationRecord,
    made_of=("recommendation",),
    title="Адресные рекомендации: сколько дано и исполнено",
    slices=((), ("area",)),
    base="recommendations",
)
class RecommendationSummary:
    """Отменённое и то, чего не требуется, не считается. Сами рекомендации — в `recommendation`."""

    recommendations = count("Рекомендаций", unit="рекомендаций")
    organisations = count("Организаций, которым адресовано поимённо", "addressee", unit="ОО", where=NAMED)
    done = count("Исполнено", unit="рекомендаций", where={"is_done": True})
    overdue_records = count("Просрочено", unit="рекомендаций", where={"is_overdue": True})
    in_time = _in_time("Доля рекомендаций, исполненных в срок", "2.6")
    objectivity = _in_time("Доля рекомендаций по объективности, исполненных в срок", "3.10", "objectivity")
    heads = _in_time("Доля рекомендаций руководителям, исполненных в срок", "7.2", "heads")


@mart(
    "decision_summary",
    of=DecisionRecord,
    made_of=("decision",),
    title="Управленческие решения: сколько принято и исполнено",
    slices=((), ("area",), ("decision_kind",)),
    base="decisions",
)
class DecisionSummary:
    """Отменённое и то, чего не требуется, не считается. Сами решения — в `decision`."""

    decisions = count("Решений", unit="решений")
    organisations = count("Организаций, о которых решения", "addressee", unit="ОО", where=NAMED)
    done = count("Исполнено", unit="решений", where={"is_done": True})
    overdue_records = count("Просрочено", unit="решений", where={"is_overdue": True})
    in_time = _in_time("Доля решений, исполненных в срок", "2.6")
    objectivity = _in_time("Доля решений по объективности, исполненных в срок", "3.13", "objectivity")
    low_results = _in_time("Доля решений о ШНОР и ШНСУ, исполненных в срок", "4.4", "low_results")
    risk_zone = _in_time("Доля решений о школах зоны риска, исполненных в срок", "4.5", "risk_zone")
    heads = _in_time("Доля решений о руководителях, исполненных в срок", "7.3", "heads")


def _effective(title: str, item: str, area: str = "") -> Any:
    """The share of analyses that found an effect, of an area or of all."""
    of = {"area": area} if area else {}
    shown = _OF_A_PART if of else {}
    return share(
        title, part=count("", unit="выводов", where=of | {"conclusion": "effective"}),
        whole=count("", unit="выводов", where=of), item=item, better="up", source=EFFECT_SOURCE, **shown,
    )  # fmt: skip


@mart(
    "effect_summary",
    of=EffectRecord,
    made_of=("effect",),
    title="Анализ эффективности мер: выводы",
    slices=((), ("area",)),
    base="analyses",
)
class EffectSummary:
    """Выводы, как их прислали. Был ли сдвиг больше случайного и больше, чем у школ без помощи, они не говорят."""

    analyses = count("Выводов", unit="выводов")
    organisations = count("Организаций, о которых анализ", "addressee", unit="ОО", where=NAMED)
    partly = count("Из них «частично эффективно»", unit="выводов", where={"conclusion": "partly"})
    not_effective = count("Из них «неэффективно»", unit="выводов", where={"conclusion": "not_effective"})
    effective = _effective("Доля выводов «эффективно»", "2.6")
    objectivity = _effective("Доля выводов «эффективно»: помощь школам с признаками", "3.13", "objectivity")
    low_results = _effective("Доля выводов «эффективно»: помощь ШНОР и ШНСУ", "4.4", "low_results")
    risk_zone = _effective("Доля выводов «эффективно»: помощь школам зоны риска", "4.5", "risk_zone")
    talent = _effective("Доля выводов «эффективно»: таланты", "5.7", "talent")
    career = _effective("Доля выводов «эффективно»: профориентация", "6.7", "career")
    teachers = _effective("Доля выводов «эффективно»: профессиональное развитие", "8.8", "teachers")
    upbringing = _effective("Доля выводов «эффективно»: воспитание", "9.8", "upbringing")
