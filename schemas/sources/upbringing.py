"""Working programmes and plans of upbringing (РПВ, КПВР) and the self-analysis of schools (roadmap 9.1, 9.3)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.measure import ALL, KNOWN, count, mean, share, total
from schemas.register import Register, register
from schemas.types import Flag, Int, Number, Short, Text

TITLE = "воспитание"
DATA = catalogue.upbringing()
SOURCE = (
    "критерий проекта, docs/methodology.md: РПВ и КПВР есть, если они есть на каждом уровне образования организации"
)
OF_POINTS = "критерий проекта, docs/methodology.md: баллы самоанализа в % от наибольших возможных"
EDUCATION_LEVELS = types.spelled({
    "preschool": ["ДО", "дошкольное образование", "дошкольное"],
    "primary": ["НОО", "начальное общее образование", "начальное общее", "начальное", "1–4 классы", "1-4 классы"],
    "basic": ["ООО", "основное общее образование", "основное общее", "основное", "5–9 классы", "5-9 классы"],
    "secondary": ["СОО", "среднее общее образование", "среднее общее", "среднее", "10–11 классы", "10-11 классы"],
})  # fmt: skip
MODULES = types.spelled(DATA["modules"])
LEVELS = types.spelled({"high": ["высокий"], "medium": ["средний"], "low": ["низкий"]})


@register(
    "upbringing",
    title="Программы и планы воспитания",
    file="Программы и планы воспитания.xlsx",
    sheet="РПВ и КПВР",
    about="Одна строка на организацию и уровень образования: у школы с 1 по 11 класс три строки. РПВ — рабочая "
    "программа воспитания, КПВР — календарный план воспитательной работы.",
    known_by=("has_plan", "planned"),
    replaces=("org_ref",),
    is_whole=True,
)
class Upbringing(Register):
    """Программы и планы воспитания: РПВ и КПВР организации, по уровням образования."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    education_level: Text = types.code(
        "Уровень образования", EDUCATION_LEVELS, key=True, also=["Уровень"], example="ООО"
    )
    has_programme: Flag = types.yes_no("Есть РПВ", also=["РПВ", "Наличие РПВ", "РПВ разработана"], required=True)
    is_published: Flag = types.yes_no(
        "РПВ размещена", "на сайте организации; «да» — только если РПВ есть",
        also=["РПВ размещена на сайте", "РПВ на сайте"],
    )  # fmt: skip
    page: Text = types.words(
        "Ссылка на РПВ", "адрес страницы; можно пусто", also=["Ссылка", "Адрес страницы"], optional=True,
        example="https://school.example/vospitanie",
    )  # fmt: skip
    has_plan: Flag = types.yes_no("Есть КПВР", also=["КПВР", "Наличие КПВР"], required=True)
    planned: Int = types.count(
        "Мероприятий по КПВР", "на учебный год", unit="мероприятий", also=["Запланировано мероприятий"], example=60
    )  # fmt: skip
    completed: Int = types.count(
        "Из них проведено", "не больше запланированных", unit="мероприятий", at_most="planned",
        also=["Проведено мероприятий", "Выполнено"], example=54,
    )  # fmt: skip

    @pa.dataframe_check(error="row_rpv_absent")
    def _no_programme_shown_that_is_not_there(cls, rows: pd.DataFrame) -> pd.Series:
        return ~(rows["is_published"] & ~rows["has_programme"]).fillna(False).astype(bool)

    @pa.dataframe_check(error="row_plan_absent")
    def _no_events_of_a_plan_that_is_not_there(cls, rows: pd.DataFrame) -> pd.Series:
        return ~((rows["planned"] > 0) & ~rows["has_plan"]).fillna(False).astype(bool)


@register(
    "upbringing_analysis",
    title="Самоанализ воспитательной работы",
    file="Самоанализ воспитательной работы.xlsx",
    sheet="Самоанализ",
    about="Одна строка на организацию и модуль рабочей программы воспитания: баллы самоанализа и наибольшие возможные. "
    "Модуль, который не оценивали, не пишите.",
    known_by=("module", "max_points"),
    replaces=("org_ref",),
    is_whole=True,
)
class UpbringingAnalysis(Register):
    """Самоанализ воспитательной работы: баллы организации, по модулям программы."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    module: Text = types.code("Модуль", MODULES, key=True, also=["Модуль РПВ"], example="классное руководство")
    points: Number = types.count(
        "Баллов", "набрано; можно с дробью", unit="балл", also=["Балл", "Набрано баллов"], at_most="max_points",
        required=True, example=8,
    )  # fmt: skip
    max_points: Number = types.count(
        "Наибольший балл", "сколько можно набрать", unit="балл", also=["Максимум", "Максимальный балл"], least=1,
        required=True, example=10,
    )  # fmt: skip
    reasons: Text = types.words(
        "Причины", "почему не больше; без имён, можно пусто", also=["Причины дефицитов"], optional=True,
        example="нет классного руководителя в одном классе",
    )  # fmt: skip


class Programmes(MadeRows):
    """Rows of the register and one of all levels of education of an organisation together."""

    education_level: Text = types.code("Уровень образования", {**EDUCATION_LEVELS, "все уровни": ALL}, key=True)
    has_programme: Flag = types.yes_no("Есть РПВ")
    is_published: Flag = types.yes_no("РПВ размещена")
    has_plan: Flag = types.yes_no("Есть КПВР")
    has_both: Flag = types.yes_no("Есть РПВ и КПВР")
    planned: Int = types.count("Мероприятий по КПВР", unit="мероприятий")
    completed: Int = types.count("Из них проведено", unit="мероприятий")


class Analysed(MadeRows):
    """Rows of the self-analysis with their points in %, and one of all modules of an organisation together."""

    module: Text = types.code("Модуль", {**MODULES, "все модули": ALL}, key=True)
    points_pct: Number = types.column("Баллов самоанализа", "", unit="%", ge=0, le=100)
    rating: Text = types.code("Уровень", LEVELS)


def _having(title: str, flag: str) -> Any:
    return share(
        title, part=count("", "org_id", unit="ОО", where={flag: True}), item="9.1", better="up", source=SOURCE,
        whole=count("", "org_id", unit="ОО", where={flag: KNOWN}),
    )  # fmt: skip


@mart(
    "upbringing",
    of=Programmes,
    made_of=("upbringing",),
    title="Программы и планы воспитания (РПВ, КПВР): есть ли, размещены ли, сколько выполнено",
    slices=(("education_level",),),
    base="organisations",
)
class ProgrammesOfUpbringing:
    """В строке «все уровни» у организации есть то, что есть на каждом её уровне образования."""

    organisations = count("Организаций", "org_id", unit="ОО")
    programme = _having("Доля организаций с рабочей программой воспитания (РПВ)", "has_programme")
    published = _having("Доля организаций, разместивших РПВ на сайте", "is_published")
    plan = _having("Доля организаций с календарным планом воспитательной работы (КПВР)", "has_plan")
    both = _having("Доля организаций с РПВ и КПВР", "has_both")
    done = share(
        "Доля проведённых мероприятий КПВР", part=total("completed", unit="мероприятий"),
        whole=total("planned", unit="мероприятий"), item="9.1", better="up", source=SOURCE,
    )  # fmt: skip


ANALYSED = count("Организаций с уровнем самоанализа", "org_id", unit="ОО", where={"rating": KNOWN})


def _rated(title: str, rating: str, better: str) -> Any:
    return share(
        title, part=count("", "org_id", unit="ОО", where={"rating": rating}), whole=ANALYSED, item="9.3", better=better,
        source=DATA["levels_source"]["source"],
    )  # fmt: skip


@mart(
    "upbringing_analysis",
    of=Analysed,
    made_of=("upbringing_analysis",),
    title="Самоанализ воспитательной работы: баллы и уровни по модулям",
    slices=(("module",),),
    base="organisations",
)
class AnalysisOfUpbringing:
    """Баллы организаций сравнимы только в % от наибольших: шкалы у них разные. «Все модули» — сумма баллов
    организации; при немногих оценённых модулях её уровня нет."""

    organisations = count("Организаций", "org_id", unit="ОО")
    points = mean(
        "Баллы самоанализа в среднем по организациям", "points_pct", unit="%", item="9.3", better="up",
        source=OF_POINTS, bounds=(0, 100),
    )  # fmt: skip
    analysed = ANALYSED
    strong = _rated("Доля организаций с высоким уровнем самоанализа", "high", "up")
    weak = _rated("Доля организаций с низким уровнем самоанализа", "low", "down")
