"""Visits to see whether procedures are held as they should be: planned, made, what was found (roadmap 3.5)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import procedures, types
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.types import Flag, Int, Short, Text

TITLE = "контрольные выезды"
CHECKERS = types.spelled({
    "authority": ["управление образования", "ГУО", "орган управления образованием", "муниципальный орган", "УО",
                  "МОУО"],
    "coordinator": ["муниципальный координатор", "координатор"],
    "commission": ["комиссия", "рабочая группа", "муниципальная комиссия"],
    "region": ["министерство", "региональный контроль", "Минобрнауки", "региональное министерство", "обрнадзор"],
    "federal": ["Рособрнадзор", "федеральный инспектор"],
    "public": ["общественный наблюдатель", "общественность", "родители"],
})  # fmt: skip
"""Who visits, the first spelling is the title."""


@register(
    "control_visit",
    title="Контрольные выезды на процедуры",
    file="Контрольные выезды.xlsx",
    sheet="Выезды",
    about="Одна строка на выезд в организацию в день процедуры. Запланированный и не состоявшийся выезд — строка без "
    "даты проведения; внеплановый — без даты по плану.",
    known_by=("visit_id", "checker"),
    replaces=("org_ref",),
)
class ControlVisit(Register):
    """Контрольные выезды: план, проведение, нарушения, акт."""

    year: Short = types.school_year()
    visit_id: Text = types.register_code("Номер выезда", "выезд", example="12", also=["№ выезда", "Код выезда"])
    procedure: Text = procedures.procedure(procedures.HELD)
    org_ref: Text = types.organisation()
    planned_on: Text = types.date(
        "По плану", "день.месяц.год; пусто — внеплановый", example="21.04.2026",
        also=["Плановая дата", "Дата по плану", "План"],
    )  # fmt: skip
    visited_on: Text = types.date(
        "Проведён", "день.месяц.год; пусто — не состоялся", example="21.04.2026",
        also=["Дата выезда", "Фактическая дата", "Дата проведения", "Факт"],
    )  # fmt: skip
    checker: Text = types.code(
        "Кто проверял", CHECKERS, "выберите из списка; не имя", required=True, example="управление образования",
        also=["Проверяющий", "Проверяющий орган", "Кем проведён"],
    )  # fmt: skip
    violations: Int = types.count(
        "Нарушений", "выявлено; 0 — не было", unit="нарушений", example=1, also=["Выявлено нарушений"]
    )
    findings: Text = types.words(
        "Какие нарушения", "своими словами, без имён; можно пусто", personal=True, optional=True,
        example="наблюдатель опоздал", also=["Нарушения", "Содержание нарушений"],
    )  # fmt: skip
    act_number: Text = types.column(
        "Акт", "номер справки или акта; можно пусто", optional=True, str_matches=r"^(?!.*[A-Za-zА-Яа-яЁё]{3}).*$",
        example="7-к", also=["Номер акта", "Справка", "№ акта"],
    )  # fmt: skip
    is_mended: Flag = types.yes_no(
        "Нарушения устранены", "пусто — нарушений нет или не известно", optional=True, also=["Устранено", "Устранены"]
    )

    @pa.dataframe_check(error="row_visit_undated")
    def _planned_or_made(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["planned_on"].notna() | rows["visited_on"].notna()

    @pa.dataframe_check(error="row_visit_not_made")
    def _found_where_somebody_was(cls, rows: pd.DataFrame) -> pd.Series:
        return (~(rows["violations"] > 0).fillna(False) | rows["visited_on"].notna()).astype(bool)

    @pa.dataframe_check(error="row_visit_without_act")
    def _found_in_an_act(cls, rows: pd.DataFrame) -> pd.Series:
        return (~(rows["violations"] > 0).fillna(False) | rows["act_number"].notna()).astype(bool)

    _in_the_school_year = days_of_the_school_year("planned_on", "visited_on")
