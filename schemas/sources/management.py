"""The management cycle: recommendations, measures, decisions, their effect (roadmap 2.6 and others)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import cycle, types
from schemas.register import register
from schemas.types import Number, Short, Text

TITLE = "управленческий цикл"
CODES = "Код свой, один на запись у отправителя. "


def _text(title: str, example: str, *also: str) -> Any:
    also = (*also, "Содержание", "Текст")
    return types.words(title, "что именно, без имён", required=True, also=also, example=example)


def _basis(hint: str, example: str) -> Any:
    also = ["На основании чего", "Основания"]
    return types.words("Основание", hint, also=also, example=example)


def _indicator(**rest: Any) -> Any:
    also = ["Показатель эффекта", "Индикатор", "Целевой показатель"]
    return types.words("Показатель", "по чему судят об эффекте", also=also, example="доля «2» по математике, %", **rest)


def _values() -> tuple[Any, Any, Any]:
    return (
        cycle.number("Было", "значение до; можно пусто", "24,5", "Базовое значение", "Исходное значение"),
        cycle.number("Цель", "значение, к которому идут; можно пусто", 15, "Целевое значение", "План"),
        cycle.number("Стало", "значение после; можно пусто", "17,2", "Факт", "Фактическое значение"),
    )


@register(
    "recommendation",
    title="Адресные рекомендации",
    file="Адресные рекомендации.xlsx",
    sheet="Рекомендации",
    about=CODES + "Одна строка на рекомендацию: кому, по какому пункту дорожной карты, на основании чего.",
    known_by=("recommendation_id", "status"),
    replaces=("org_ref",),
)
class Recommendation(cycle.Founded):
    """Адресные рекомендации: кому, что, почему, исполнено ли."""

    year: Short = types.year()
    recommendation_id: Text = cycle.own_code("Код рекомендации", "рекомендацию", "Р-7", ["№ рекомендации"])
    item: Text = cycle.item()
    org_ref: Text = cycle.addressee()
    group_name: Text = types.words(
        "Группа", "кому, если не одной организации: ШНОР, учителям математики", optional=True, example="ШНОР"
    )
    text: Text = _text("Рекомендация", "провести диагностику дефицитов", "Текст рекомендации")
    basis: Text = _basis("показатель и год, отчёт, справка", "доля «2» по математике, 2025 год")
    issued: Text = cycle.issued()
    due: Text = cycle.due()
    status: Text = cycle.status()
    done_on: Text = cycle.done_on()
    evidence: Text = cycle.evidence()
    as_of: Text = cycle.as_of()


@register(
    "planned_measure",
    title="Меры и мероприятия планов",
    file="Меры и мероприятия.xlsx",
    sheet="Меры",
    about=CODES + "Одна строка на мероприятие плана или программы. Код плана — из реестра актов. Кто школа по "
    "категории и какой фактор мешает — для планов адресной помощи.",
    known_by=("measure_id", "status"),
    replaces=("org_ref",),
)
class PlannedMeasure(cycle.Issued):
    """Меры: мероприятие плана, срок, исполнение, показатель эффекта."""

    year: Short = types.year()
    measure_id: Text = cycle.own_code("Код меры", "меру", "М-31", ["№ меры", "№ мероприятия", "Код мероприятия плана"])
    plan_id: Text = cycle.other_code("Код плана", "код акта, которым план утверждён", "А-14", also=["План, код"])
    item: Text = cycle.item()
    org_ref: Text = cycle.addressee()
    category: Text = types.code(
        "Категория школы", types.spelled(cycle.DATA["categories"]), optional=True, also=["Категория"], example="ШНОР"
    )
    factor: Text = types.words(
        "Фактор", "что мешает результатам; можно пусто", optional=True, also=["Фактор риска", "Дефицит"],
        example="дефицит педагогических кадров",
    )  # fmt: skip
    text: Text = _text("Мера", "семинар для учителей математики", "Мероприятие", "Наименование мероприятия")
    responsible: Text = types.words(
        "Ответственный", "отдел или должность, не имя; можно пусто", optional=True, also=["Исполнитель"],
        example="методист",
    )  # fmt: skip
    issued: Text = cycle.issued("Начало")
    due: Text = cycle.due(required=True)
    status: Text = cycle.status()
    done_on: Text = cycle.done_on()
    evidence: Text = cycle.evidence()
    as_of: Text = cycle.as_of()
    indicator: Text = _indicator()
    baseline: Number
    target: Number
    fact: Number
    baseline, target, fact = _values()


@register(
    "decision",
    title="Управленческие решения",
    file="Управленческие решения.xlsx",
    sheet="Решения",
    about=CODES + "Одна строка на решение: о ком, на основании чего, исполнено ли. О человеке решение пишется без "
    "имени: должность и организация.",
    known_by=("decision_id", "status"),
    replaces=("org_ref",),
)
class Decision(cycle.Founded):
    """Управленческие решения: вид, основание, исполнение."""

    year: Short = types.year()
    decision_id: Text = cycle.own_code("Код решения", "решение", "У-4", ["№ решения"])
    item: Text = cycle.item()
    org_ref: Text = cycle.addressee()
    decision_kind: Text = types.code(
        "Вид решения", types.spelled(cycle.DATA["decisions"]), required=True, example="методическая помощь"
    )
    text: Text = _text("Решение", "закрепить за школой методиста", "Текст решения")
    basis: Text = _basis("код рекомендации или меры, показатель и год, справка", "Р-7")
    issued: Text = cycle.issued()
    due: Text = cycle.due()
    status: Text = cycle.status()
    done_on: Text = cycle.done_on()
    evidence: Text = cycle.evidence()
    as_of: Text = cycle.as_of()


@register(
    "effect",
    title="Анализ эффективности мер",
    file="Эффективность мер.xlsx",
    sheet="Эффект",
    about=CODES + "Одна строка на показатель, по которому судят о мере или решении: было, цель, стало, вывод.",
    known_by=("effect_id", "conclusion"),
    replaces=("org_ref",),
)
class Effect(cycle.Itemised):
    """Эффективность мер: показатель до и после, вывод."""

    year: Short = types.year()
    effect_id: Text = cycle.own_code("Код анализа", "строку анализа", "Э-2", ["№ анализа", "Код эффекта"])
    item: Text = cycle.item()
    org_ref: Text = cycle.addressee()
    of_code: Text = cycle.other_code(
        "Код меры или решения", "из реестра мер или решений: об эффекте чего", "М-31", required=True,
        also=["Код меры / решения", "Мера или решение"],
    )  # fmt: skip
    judged_on: Text = types.date("Дата анализа", required=True, also=["Дата"], example="20.06.2026")
    indicator: Text = _indicator(required=True)
    baseline: Number
    target: Number
    fact: Number
    baseline, target, fact = _values()
    conclusion: Text = types.code(
        "Вывод", types.spelled(cycle.DATA["conclusions"]), required=True, also=["Эффективность", "Заключение"],
        example="частично эффективно",
    )  # fmt: skip

    @pa.dataframe_check(error="row_effect_unmeasured")
    def _judged_by_values(cls, rows: pd.DataFrame) -> pd.Series:
        return rows[["baseline", "fact"]].notna().all(axis=1)
