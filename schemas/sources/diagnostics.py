"""Regional and federal diagnostics, НИКО, functional and metasubject literacy (roadmap 2.1, 2.2)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import procedures, types
from schemas.declared import MadeRows, mart
from schemas.measure import ALL, KNOWN, count, mean, ratio, share, total
from schemas.register import Register, register
from schemas.types import Int, Number, Short, Text, Tiny

TITLE = "диагностики"
SOURCE = "критерий проекта, docs/methodology.md: числа учеников из таблиц школ, сравнение — с отчётом региона"
LEVELS = ("insufficient_level", "low_level", "middle_level", "raised_level", "high_level")
"""Levels of a diagnostic, the lowest first; a procedure may have fewer."""


def _level(title: str, example: int, *also: str) -> Any:
    hint = "учеников, не процентов; пусто — в этой работе такого уровня нет"
    return types.count(title, hint, at_most="participants", also=also, example=example)


class DiagnosticWork(Register):
    """Диагностическая работа класса."""

    year: Short = types.school_year()
    procedure: Text = procedures.procedure(procedures.DIAGNOSTICS, "функциональная грамотность")
    wave: Text = procedures.wave()
    subject: Text = procedures.subject()
    grade: Tiny = types.grade(key=True, also=["Параллель"], example=8)


class Results(Register):
    """Результаты работы: участники, уровни, средний балл."""

    participants: Int = types.count(
        "Участвовали", "учеников с результатом", least=1, required=True, also=["Участников", "Писали", "Выполняли"],
        example=48,
    )  # fmt: skip
    insufficient_level: Int = _level("Недостаточный", 3, "Недостаточный уровень", "Критический", "Ниже низкого")
    low_level: Int = _level("Низкий", 9, "Низкий уровень", "Пониженный", "Ниже базового", "Ниже среднего")
    middle_level: Int = _level("Средний", 20, "Средний уровень", "Базовый", "Базовый уровень")
    raised_level: Int = _level("Повышенный", 12, "Повышенный уровень", "Выше среднего")
    high_level: Int = _level("Высокий", 4, "Высокий уровень")
    mean_score: Number = types.count(
        "Средний балл", "по участникам; в отчёте процент выполнения — впишите его", unit="балл", at_most="max_score",
        also=["Средний результат", "Средний процент выполнения"], example="11,4",
    )  # fmt: skip
    max_score: Number = types.count(
        "Максимальный балл", "за всю работу; если вписан процент выполнения — 100", unit="балл", least=1,
        also=["Максимум", "Макс. балл"], example=20,
    )  # fmt: skip

    @pa.dataframe_check(error="row_levels_differ")
    def _all_of_them_have_a_level(cls, rows: pd.DataFrame) -> pd.Series:
        by_level = rows[list(LEVELS)]
        is_whole = by_level.sum(axis=1) == rows["participants"]
        return (is_whole | by_level.isna().all(axis=1)).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_mean_without_maximum")
    def _mean_of_a_maximum(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["mean_score"].isna() | rows["max_score"].notna()


class OfSchool(DiagnosticWork):
    """Чья работа: школа и сколько её учеников должны были участвовать."""

    org_ref: Text = types.school()
    planned: Int = types.count(
        "Должны участвовать", "учеников класса (выборки) на день работы", also=["План", "Запланировано", "По списку"],
        example=52,
    )  # fmt: skip


@register(
    "diagnostic",
    title="Диагностики, результаты школ",
    file="Диагностики.xlsx",
    sheet="Результаты",
    about="Одна строка на работу, класс и школу; классы параллели вместе. Работы одного года по одному предмету "
    "различаются срезом. По уровням — число учеников, вместе столько, сколько участвовало. Имён не нужно.",
    known_by=("planned", "participants", "middle_level"),
    replaces=("procedure", "wave", "subject", "grade", "org_ref"),
    is_whole=True,
)
class Diagnostic(Results, OfSchool):
    """Диагностики: результаты школы по классу и предмету."""

    @pa.dataframe_check(error="row_participants_over")
    def _no_more_than_planned(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows["participants"] <= rows["planned"]).fillna(True).astype(bool)


class OfTerritory(DiagnosticWork):
    """Чья работа: территория, с которой сравнивают."""

    territory: Text = types.code("Территория", procedures.TERRITORIES, key=True, example="регион")


@register(
    "diagnostic_reference",
    title="Диагностики, результаты региона и страны",
    file="Диагностики, регион и страна.xlsx",
    sheet="Регион и страна",
    about="Одна строка на работу, класс и территорию из отчёта о ней: с чем сравнить результаты школ. Процедура, срез, "
    "предмет и класс — как в таблице школ.",
    known_by=("territory", "participants", "middle_level"),
    replaces=("procedure", "wave", "subject", "grade", "territory"),
    is_whole=True,
)
class DiagnosticReference(Results, OfTerritory):
    """Диагностики: результаты региона и страны для сравнения."""


class SchoolResults(MadeRows):
    """Results of schools in their units, and those that reports tell of the region and the country; of every work the
    last of the year once more as all of its waves.
    """

    procedure: Text = procedures.procedure(procedures.DIAGNOSTICS)
    wave: Text = types.code("Срез", {"последний в году": ALL} | procedures.WAVES, key=True)
    subject: Text = procedures.subject()
    grade: Tiny = types.grade()
    school: Text = types.column("Школа", "логин; у территории нет")
    planned: Int = types.count("Должны участвовать")
    participants: Int = types.count("Участвовали")
    insufficient_level: Int = types.count("Недостаточный")
    low_level: Int = types.count("Низкий")
    middle_level: Int = types.count("Средний")
    raised_level: Int = types.count("Повышенный")
    high_level: Int = types.count("Высокий")
    with_level: Int = types.count("С известным уровнем")
    middle_or_above: Int = types.count("Средний уровень и выше")
    points: Number = types.count("Набрано баллов", unit="балл")
    points_possible: Number = types.count("Баллов за все работы", unit="балл")
    above_region: Number = types.column("Процент выполнения за вычетом процента региона", "", unit="п. п.")


@mart(
    "diagnostics",
    of=SchoolResults,
    made_of=("diagnostic", "diagnostic_reference"),
    title="Диагностики: участие, уровни, процент выполнения и сравнение с регионом",
    slices=(
        ("wave", "procedure"), ("wave", "procedure", "subject"), ("wave", "procedure", "grade"),
        ("wave", "procedure", "subject", "grade"),
    ),
    base="participants",
    procedure=("", "procedure"),
)  # fmt: skip
class Diagnostics:
    """ALL в столбце среза — последний срез года, а не сумма срезов. Ученик, писавший две работы, — два участия.
    Регион и страна — по их отчётам; с регионом сравнивается та же работа. Работы разных лет различны: о проценте
    выполнения не говорится, лучше ли он прежнего, — об этом говорит разность с регионом."""

    schools = count("Школ, приславших результаты", "school", unit="ОО", where={"school": KNOWN})
    planned = total("planned", "Должны были участвовать", unit="участий")
    participants = total("participants", "Участвовали", unit="участий")
    insufficient_level = total("insufficient_level", "Недостаточный уровень", unit="участий")
    low_level = total("low_level", "Низкий уровень", unit="участий")
    middle_level = total("middle_level", "Средний уровень", unit="участий")
    raised_level = total("raised_level", "Повышенный уровень", unit="участий")
    high_level = total("high_level", "Высокий уровень", unit="участий")
    participation = share(
        "Доля участвовавших от тех, кто должен был",
        part=total("participants", unit="участий"), whole=total("planned", unit="участий"), item="2.1", better="up",
        source=SOURCE,
    )  # fmt: skip
    middle_or_above = share(
        "Доля показавших средний уровень и выше",
        part=total("middle_or_above", unit="участий"), whole=total("with_level", unit="участий"), item="2.1",
        better="up", source=SOURCE,
    )  # fmt: skip
    completion = ratio(
        "Процент выполнения диагностик",
        part=total("points", unit="балл"), whole=total("points_possible", unit="балл"), per=100, unit="%", item="2.1",
        better=None, source=SOURCE, part_as=None, whole_as=None,
    )  # fmt: skip
    above_region = mean(
        "Процент выполнения диагностик выше регионального, в среднем по работам школ", "above_region", unit="п. п.",
        item="2.1", better="up", source=SOURCE, bounds=(-100, 100),
    )  # fmt: skip
