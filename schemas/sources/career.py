"""Career guidance: who took part in which event of which project (roadmap 6.1, 6.4, 6.5)."""

from __future__ import annotations

from schemas import types
from schemas.declared import mart
from schemas.measure import Total, contingent, count, share, total
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.types import Int, Short, Text, Tiny

TITLE = "профориентация"
SOURCE = "критерий проекта, docs/methodology.md: охват — не меньше самого многолюдного мероприятия параллели"
PROJECTS = types.spelled({
    "bilet": ["Билет в будущее", "БВБ", "«Билет в будущее»"],
    "proektoria": ["ПроеКТОриЯ", "Шоу профессий", "«ПроеКТОриЯ»"],
    "horizons": ["Россия — мои горизонты", "Россия - мои горизонты", "«Россия — мои горизонты»"],
    "other": ["иное", "другое"],
})  # fmt: skip
"""Projects of career guidance, the first spelling is the title."""


@register(
    "career",
    title="Профориентация, участие",
    file="Профориентация.xlsx",
    sheet="Участие",
    about="Одна строка на школу, мероприятие и параллель: сколько учеников и педагогов участвовало. Имён не нужно. "
    "Чего школа не назвала, того в ней не было: перечислите все мероприятия года.",
    known_by=("project", "event", "teachers"),
    replaces=("org_id", "project"),
)
class Career(Register):
    """Профориентация: участие школы в мероприятии, по параллелям."""

    year: Short = types.school_year()
    org_id: Text = types.login()
    project: Text = types.code("Проект", PROJECTS, key=True, example="Билет в будущее")
    event: Text = types.words("Мероприятие", "как названо организатором", key=True, example="Урок «Цифра»")
    held_on: Text = types.date("Дата", key=True, example="14.10.2025")
    grade: Tiny = types.grade(key=True, example=8)
    pupils: Int = types.count("Учеников", "участвовало, каждый один раз", required=True, example=24)
    teachers: Int = types.count("Педагогов", "участвовало; можно пусто", example=2)

    _in_the_school_year = days_of_the_school_year("held_on")


def _pupils(**where: str) -> Total:
    return total("pupils", where=where, once_in=("org_id", "grade"))


@mart(
    "career_guidance",
    of=Career,
    title="Профориентация: участие и охват по проектам, классам и мероприятиям",
    slices=((), ("project",), ("grade",), ("project", "grade"), ("project", "event")),
    base="visits",
)
class CareerGuidance:
    """Охват — доля учеников, каждый один раз: в параллели считается самое многолюдное мероприятие."""

    schools = count("Школ", "org_id", unit="ОО")
    events = count("Мероприятий", "project", "event", "held_on", unit="мероприятий")
    visits = total("pupils", "Участий учеников", unit="участий")
    teacher_visits = total("teachers", "Участий педагогов", unit="участий")
    coverage = share(
        "Охват профориентацией учеников 1–11 классов, не меньше",
        part=_pupils(), whole=contingent(1, 11), item="6.1", better="up", source=SOURCE,
    )  # fmt: skip
    bilet = share(
        "Охват учеников 6–11 классов проектом «Билет в будущее», не меньше",
        part=_pupils(project="bilet"), whole=contingent(6, 11), item="6.4", better="up", source=SOURCE,
    )  # fmt: skip
    proektoria = share(
        "Охват учеников 1–11 классов уроками «ПроеКТОриЯ», не меньше",
        part=_pupils(project="proektoria"), whole=contingent(1, 11), item="6.5", better="up", source=SOURCE,
    )  # fmt: skip
