"""Diagnostics of teachers' deficits: levels by block of competences (roadmap 8.1, 8.2). Never about one teacher."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import teachers, types
from schemas.register import Register, register
from schemas.rules import within_school_year
from schemas.teachers import DATA
from schemas.types import Number, Short, Text

TITLE = "диагностика педагогов"
SOURCE = DATA["deficit_source"]["source"]


@register(
    "deficit",
    title="Диагностика профессиональных дефицитов",
    file="Диагностика педагогов.xlsx",
    sheet="Диагностика",
    about="Одна строка на педагога, диагностику, предмет и блок. Кто должен был пройти и не прошёл — тоже строка, балл "
    "и уровень пусты. Имя не хранится — вместо него ключ; показатели публикуются только о группах от пяти человек.",
    known_by=("procedure", "block", "level"),
    replaces=("org_ref", "procedure"),
)
class Deficit(Register):
    """Диагностика: уровень педагога в блоке компетенций."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    staff_key: Text = teachers.person("ФИО участника")
    procedure: Text = types.code(
        "Диагностика", types.spelled(DATA["procedures"]), key=True, also=["Процедура", "Исследование"],
        example="региональная диагностика",
    )  # fmt: skip
    discipline: Text = teachers.discipline("чей; «без предмета», если диагностика не по предмету", key=True)
    block: Text = types.code(
        "Блок", teachers.BLOCKS, key=True, also=["Блок компетенций", "Вид компетенций"], example="методический"
    )  # fmt: skip
    held_on: Text = types.date("Дата", "диагностики; можно пусто", also=["Дата диагностики"], optional=True,
                               example="14.10.2025")  # fmt: skip
    score: Number = types.column("Балл", "набрано; можно пусто", ge=0, at_most="max_score", personal=True,
                                 optional=True, also=["Баллы", "Набрано баллов"], example=17)  # fmt: skip
    max_score: Number = types.column("Максимум", "наибольший балл; можно пусто", gt=0, optional=True,
                                     also=["Максимальный балл", "Макс. балл"], example=30)  # fmt: skip
    level: Text = types.code(
        "Уровень", types.spelled(DATA["levels"]), "выберите из списка; не прошёл — пусто", personal=True,
        example="средний",
    )  # fmt: skip
    recommendation: Text = types.words(
        "Рекомендация", "чему учиться; без имён; можно пусто", personal=True, optional=True, also=["Рекомендации"],
        example="курс по методике решения задач",
    )  # fmt: skip

    @pa.dataframe_check(error="row_date_out_of_year")
    def _in_the_school_year(cls, rows: pd.DataFrame) -> pd.Series:
        return within_school_year(rows, "held_on")

    @pa.dataframe_check(error="row_diagnosed_level_missing")
    def _level_with_the_score(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["level"].notna() | rows["score"].isna()
