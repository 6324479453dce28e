"""Courses of teachers: further training and retraining (roadmap 8.3, 5.5). Document numbers are not kept."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import teachers, types
from schemas.declared import mart
from schemas.measure import count, total
from schemas.register import Register, register
from schemas.rules import days_in_order, days_of_the_school_year
from schemas.teachers import DATA
from schemas.types import Flag, Short, Text

TITLE = "курсы педагогов"
KINDS = types.spelled(DATA["courses"]["kinds"])


@register(
    "course",
    title="Повышение квалификации и переподготовка",
    file="Курсы педагогов.xlsx",
    sheet="Курсы",
    about="Одна строка на работника и оконченную им программу: повышение квалификации от 16 часов или переподготовка "
    "от 250. Имя не хранится — вместо него ключ; номеров удостоверений и дипломов не нужно. Год — тот, в котором "
    "окончена программа: для доли за три года нужны строки трёх лет.",
    known_by=("programme", "hours", "topic"),
    replaces=("org_ref",),
    beside=("удостоверение.*", "диплом.*", "номер документа", "документ.*", "должность", "предмет"),
)
class Course(Register):
    """Курсы: работник окончил программу."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    staff_key: Text = teachers.person("ФИО слушателя", "Слушатель")
    programme: Text = types.words(
        "Программа", "как в удостоверении или дипломе", key=True, also=["Название программы", "Тема курсов", "Курс"],
        example="Методика решения задач ОГЭ",
    )  # fmt: skip
    provider: Text = types.words(
        "Где обучался", "организация; можно пусто", also=["Организация ДПО", "Место обучения"], optional=True,
        example="Институт развития образования",
    )  # fmt: skip
    is_in_federal_register: Flag = types.yes_no(
        "В федеральном реестре ДПП", "есть ли программа в ФР ДПП; можно пусто", also=["В ФР ДПП"], optional=True
    )
    hours: Short = types.count("Часов", "по документу", unit="ч", least=1, le=3000, required=True, also=["Объём, ч",
                               "Количество часов"], example=36)  # fmt: skip
    kind: Text = types.code("Вид", KINDS, also=["Вид программы", "Вид ДПП"], required=True,
                            example="повышение квалификации")  # fmt: skip
    topic: Text = types.code("Тема", teachers.TOPICS, "главная; выберите из списка", required=True,
                             also=["Направление", "Тематика"], example="методика")  # fmt: skip
    starts: Text = types.date("Начало", "день.месяц.год; можно пусто", also=["Дата начала"], optional=True,
                              example="02.03.2026")  # fmt: skip
    ends: Text = types.date("Окончание", also=["Дата окончания", "Дата выдачи"], key=True, example="27.03.2026")

    _dates_in_order = days_in_order("starts", "ends")
    _ended_in_the_school_year = days_of_the_school_year("ends")

    @pa.dataframe_check(error="row_hours_few")
    def _long_enough(cls, rows: pd.DataFrame) -> pd.Series:
        least = rows["kind"].map(DATA["courses"]["least_hours"]).astype("Int64")
        return (rows["hours"] >= least).fillna(True).astype(bool)


@mart(
    "courses",
    of=Course,
    title="Курсы педагогов: слушатели, программы и часы по видам и темам",
    slices=((), ("kind",), ("topic",), ("kind", "topic")),
    base="people",
    least=DATA["least_people"]["value"],
)
class Courses:
    """Оконченные в году программы; доли от педагогов — в таблице `teacher_development`."""

    organisations = count("Организаций", "org_id", unit="ОО")
    people = count("Окончивших, каждый один раз", *teachers.PERSON, unit="чел.")
    courses = count("Окончено программ", unit="программ")
    hours = total("hours", "Часов", unit="ч")
    in_federal_register = count(
        "Из них по программам федерального реестра", unit="программ", where={"is_in_federal_register": True}
    )
