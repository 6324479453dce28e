"""The schools' own systems of assessment (ВСОКО) and pupils who fail (roadmap 4.6)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import MadeRows, mart
from schemas.measure import ALL, count, mean, ratio, share, total
from schemas.register import Register, register
from schemas.types import Flag, Int, Number, Short, Text

TITLE = "профилактика неуспешности"
SOURCE = "критерий проекта, docs/methodology.md: от обучающихся 2–11 классов школ, назвавших это число"
OF_RISK = "критерий проекта, docs/methodology.md: с риском неуспешности — у кого хотя бы одна «2» за четверть"
OF_CHECKLIST = "критерий проекта, docs/methodology.md: требования равноценны; у школы, ответившей не на все, балла нет"
REQUIREMENTS = {
    "has_regulation": "Положение о ВСОКО",
    "has_plan": "План ВСОКО на год",
    "has_criteria": "Критерии оценивания",
    "has_schedule": "График оценочных процедур",
    "has_analysis": "Анализ ВПР и ГИА",
    "has_risk_list": "Список учеников с риском",
    "has_programme": "Программа профилактики неуспешности",
    "has_parents": "Работа с родителями",
    "has_decisions": "Решения по итогам",
}
"""Columns of the checklist and their headers."""
CODES = {title: name.removeprefix("has_") for name, title in REQUIREMENTS.items()}
PERIODS = ("failing_1", "failing_2", "failing_3", "failing_4", "failing")


def _met(name: str, hint: str) -> Flag:
    declared: Flag = types.yes_no(REQUIREMENTS[name], f"{hint}; да или нет")
    return declared


def _pupils(title: str, hint: str, example: int, *also: str, of: str = "pupils", optional: bool = False) -> Int:
    declared: Int = types.count(title, hint, also=also, at_most=of, optional=optional, example=example)
    return declared


@register(
    "vsoko",
    title="ВСОКО и профилактика неуспешности",
    file="ВСОКО и неуспевающие.xlsx",
    sheet="ВСОКО",
    about="Одна строка на школу. Ученики — 2–11 классов, каждый в столбце один раз, имён не нужно. Никого — поставьте "
    "0; пусто — нет данных. При триместрах заполните первые три столбца четвертей.",
    known_by=("failing_1", "repeaters"),
    replaces=("org_ref",),
    is_whole=True,
)
class Vsoko(Register):
    """ВСОКО и профилактика неуспешности: требования и числа школы."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    has_regulation: Flag = _met("has_regulation", "утверждено и действует")
    has_plan: Flag = _met("has_plan", "утверждён на этот год")
    has_criteria: Flag = _met("has_criteria", "есть порядок и шкалы текущего контроля")
    has_schedule: Flag = _met("has_schedule", "единый, размещён на сайте")
    has_analysis: Flag = _met("has_analysis", "рассмотрен педсоветом")
    has_risk_list: Flag = _met("has_risk_list", "обновляется каждую четверть")
    has_programme: Flag = _met("has_programme", "есть и выполняется")
    has_parents: Flag = _met("has_parents", "с родителями неуспевающих, по плану")
    has_decisions: Flag = _met("has_decisions", "приказы и меры по результатам")
    pupils: Int = types.count(
        "Обучающихся 2–11 классов", "на конец года", also=["Обучающихся"], least=1, required=True, example=520
    )  # fmt: skip
    failing_1: Int = _pupils("Неуспевающих, I четверть", "с «2» хотя бы по одному предмету", 24, "I четверть")
    failing_2: Int = _pupils("Неуспевающих, II четверть", "то же", 21, "II четверть")
    failing_3: Int = _pupils("Неуспевающих, III четверть", "то же", 19, "III четверть")
    failing_4: Int = _pupils("Неуспевающих, IV четверть", "то же; при триместрах пусто", 14, "IV четверть")
    failing: Int = _pupils("Неуспевающих за год", "с годовой «2»", 9, "Неуспевающих по итогам года")
    conditional: Int = _pupils("Переведены условно", "с академической задолженностью", 7, "Условно переведённых")
    repeaters: Int = _pupils("Оставлены на второй год", "на повторное обучение", 1, "Второгодников")
    at_risk: Int = _pupils("С риском неуспешности", "хотя бы одна «2» за четверть в этом году", 40, "Группа риска")
    with_route: Int = _pupils("Из них с ИОМ", "с индивидуальным маршрутом", 30, "ИОМ для неуспешных", of="at_risk")
    absentees: Int = _pupils(
        "Систематически пропускают", "без уважительной причины, больше 30 % уроков", 3, "Пропускающих занятия"
    )  # fmt: skip
    missed_lessons: Int = types.count(
        "Пропущено уроков", "без уважительной причины, всеми за год; можно пусто", unit="уроков", optional=True,
        also=["Пропуски без уважительной причины"], example=1560,
    )  # fmt: skip

    @pa.dataframe_check(error="row_debtors_over")
    def _no_more_debtors_than_fail(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows["conditional"] + rows["repeaters"] <= rows["failing"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_at_risk_under")
    def _whoever_failed_is_at_risk(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows[list(PERIODS[:-1])].max(axis=1) <= rows["at_risk"]).fillna(True).astype(bool)


class Requirements(MadeRows):
    """A row a school and requirement that it tells of; of all of them (ALL) whether each is met, and how many, in %."""

    requirement: Text = types.code("Требование", {**CODES, "все требования": ALL}, key=True)
    is_met: Flag = types.yes_no("Выполнено")
    score_pct: Number = types.column("Выполнено требований", "", unit="%", ge=0, le=100)


def _share(title: str, part: str, better: str = "down", whole: str = "pupils", source: str = SOURCE) -> Any:
    return share(title, part=total(part), whole=total(whole), item="4.6", better=better, source=source)


@mart(
    "vsoko_prevention",
    of=Vsoko,
    title="Профилактика неуспешности: неуспевающие, условно переведённые, второгодники, пропуски, ИОМ",
    slices=((),),
    base="pupils",
)
class Prevention:
    """Каждая доля — по школам, которые назвали это число: чего школа не сказала, неизвестно."""

    schools = count("Школ", "org_id", unit="ОО")
    pupils = total("pupils", "Обучающихся 2–11 классов")
    failing_1 = _share("Доля неуспевающих в I четверти", "failing_1")
    failing_2 = _share("Доля неуспевающих во II четверти", "failing_2")
    failing_3 = _share("Доля неуспевающих в III четверти", "failing_3")
    failing_4 = _share("Доля неуспевающих в IV четверти", "failing_4")
    failing = _share("Доля неуспевающих за год", "failing")
    conditional = _share("Доля переведённых условно", "conditional")
    repeaters = _share("Доля оставленных на второй год", "repeaters")
    at_risk = _share("Доля обучающихся с риском неуспешности", "at_risk", source=OF_RISK)
    route = _share(
        "Доля обучающихся с риском неуспешности, у которых есть ИОМ", "with_route", "up", "at_risk", OF_RISK
    )  # fmt: skip
    absentees = _share("Доля систематически пропускающих занятия", "absentees")
    missed_per_pupil = ratio(
        "Пропущено уроков без уважительной причины на обучающегося", part=total("missed_lessons", unit="уроков"),
        whole=total("pupils"), unit="уроков", item="4.6", better="down", source=SOURCE,
    )  # fmt: skip


@mart(
    "vsoko_checklist",
    of=Requirements,
    made_of=("vsoko",),
    title="ВСОКО школ: выполнение требований",
    slices=(("requirement",),),
    base="schools",
)
class Checklist:
    """«Все требования» — о школах, ответивших на каждое: сколько из них выполняет все и каков в среднем их балл, доля
    выполненных."""

    schools = count("Школ, ответивших", "org_id", unit="ОО")
    met = share(
        "Доля школ, выполняющих требование к ВСОКО", part=count("", "org_id", unit="ОО", where={"is_met": True}),
        whole=schools, item="4.6", better="up", source=OF_CHECKLIST,
    )  # fmt: skip
    score = mean(
        "Балл ВСОКО: выполнено требований", "score_pct", unit="%", item="4.6", better="up", source=OF_CHECKLIST,
        bounds=(0, 100),
    )  # fmt: skip
