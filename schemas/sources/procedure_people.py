"""Who takes part in holding a procedure: instructed before it or not, conflicts of interest (roadmap 3.3, 3.6, 3.7).

A person is a key (HMAC of the name); nothing about one person is published.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import procedures, types
from schemas.register import Register, register
from schemas.rules import days_in_order, days_of_the_school_year
from schemas.types import Flag, Short, Text

TITLE = "участники проведения процедур"
ROLES = types.spelled({
    "head": ["руководитель ППЭ", "руководитель пункта", "ответственный организатор", "координатор",
             "школьный координатор"],
    "organiser": ["организатор", "организатор в аудитории", "организатор вне аудитории", "организаторы",
                  "организатор ППЭ"],
    "technician": ["технический специалист", "техспециалист", "техник", "тех. специалист", "IT-специалист"],
    "expert": ["эксперт", "эксперты", "эксперт по проверке", "проверяющий", "член предметной комиссии"],
    "observer": ["наблюдатель", "общественный наблюдатель", "независимый наблюдатель", "наблюдатели"],
    "jury": ["жюри", "член жюри", "председатель жюри"],
    "commission": ["член ГЭК", "уполномоченный ГЭК", "представитель ГЭК", "ГЭК"],
    "assistant": ["ассистент", "собеседник", "экзаменатор-собеседник", "медицинский работник", "медик"],
})  # fmt: skip
"""Roles in a procedure, the first spelling is the title."""


def conflicts_agree(rows: pd.DataFrame) -> pd.Series:
    """Whether nobody is replaced for a conflict that there is not. rows: has_conflict, is_replaced."""
    return ~(rows["is_replaced"].fillna(False) & ~rows["has_conflict"].fillna(True)).astype(bool)


@register(
    "procedure_person",
    title="Участники проведения процедур",
    file="Участники проведения процедур.xlsx",
    sheet="Участники",
    about="Одна строка на человека, процедуру и день: кто работает на процедуре, а не кто её пишет. Имя не хранится — "
    "вместо него ключ. Организация — та, где он работает на процедуре. Пустая дата инструктажа — инструктажа не было.",
    known_by=("role", "instructed_on"),
    replaces=("procedure", "held_on", "org_ref"),
)
class ProcedurePerson(Register):
    """Участники проведения процедур: роль, инструктаж, конфликт интересов."""

    year: Short = types.school_year()
    procedure: Text = procedures.procedure(procedures.HELD, example="ОГЭ")
    held_on: Text = types.date("Дата", key=True, example="27.05.2026", also=["Дата проведения", "Дата экзамена"])
    org_ref: Text = types.organisation()
    person_key: Text = types.person(
        "ФИО участника проведения", example="Образцова Анна Примеровна", key=True,
        also=["ФИО работника", "ФИО", "Фамилия, имя, отчество", "Работник"],
    )  # fmt: skip
    role: Text = types.code(
        "Роль", ROLES, key=True, example="организатор", also=["Должность в ППЭ", "Роль в процедуре", "Функция"]
    )  # fmt: skip
    instructed_on: Text = types.date(
        "Дата инструктажа", "последнего перед процедурой; пусто — не было", example="25.05.2026",
        also=["Инструктаж", "Инструктаж пройден", "Дата обучения"],
    )  # fmt: skip
    has_declared: Flag = types.yes_no(
        "Заявил о конфликте интересов или его отсутствии", "подано ли заявление; пусто — не известно",
        also=["Декларация о конфликте интересов", "Заявление подано", "Декларация"],
    )  # fmt: skip
    has_conflict: Flag = types.yes_no(
        "Конфликт интересов", "выявлен ли: учитель этого класса, тренер, родственник; пусто — не проверяли",
        example="нет", also=["Конфликт интересов выявлен", "Выявлен конфликт"],
    )  # fmt: skip
    is_replaced: Flag = types.yes_no(
        "Заменён", "из-за конфликта; пусто — конфликта нет", example="", also=["Замена", "Отведён"]
    )

    _in_the_school_year = days_of_the_school_year("held_on")
    _instructed_before = days_in_order("instructed_on", "held_on", "row_instructed_late")

    @pa.dataframe_check(error="row_replaced_without_conflict")
    def _replaced_for_a_conflict(cls, rows: pd.DataFrame) -> pd.Series:
        return conflicts_agree(rows)
