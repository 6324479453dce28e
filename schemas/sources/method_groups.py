"""Methodical associations of the municipality: who is in which group, and its meetings (roadmap 8.4)."""

from __future__ import annotations

from schemas import teachers, types
from schemas.declared import mart
from schemas.measure import count, share, total
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.teachers import DATA
from schemas.types import Flag, Int, Short, Text

TITLE = "методические объединения"
SOURCE = "критерий проекта, docs/methodology.md: пришедшие из состава группы от всего состава, по всем заседаниям"
GROUPS = types.spelled(DATA["groups"])


def _group_id() -> Text:
    declared: Text = types.register_code("Код группы", "группу", also=["Код ГМО", "Код объединения"], example="Г-4")
    return declared


def _kind() -> Text:
    declared: Text = types.code("Вид группы", GROUPS, required=True, example="ГМО")
    return declared


@register(
    "method_group",
    title="Методические объединения, состав",
    file="Методические объединения, состав.xlsx",
    sheet="Состав",
    about="Одна строка на участника группы: городского объединения, творческой группы. Имя не хранится — вместо него "
    "ключ. Присланный позже состав группы заменяет прежний целиком.",
    known_by=("group_id", "is_leader"),
    replaces=("group_id",),
)
class MethodGroup(Register):
    """Методические объединения: участник группы."""

    year: Short = types.school_year()
    group_id: Text = _group_id()
    kind: Text = _kind()
    discipline: Text = teachers.discipline("чьё объединение; «без предмета», если не по предмету", required=True)
    org_ref: Text = types.organisation()
    staff_key: Text = teachers.person("ФИО участника")
    is_leader: Flag = types.yes_no("Руководитель группы", "да — руководит; нет или пусто — участник", example="нет")


@register(
    "method_meeting",
    title="Методические объединения, заседания",
    file="Методические объединения, заседания.xlsx",
    sheet="Заседания",
    about="Одна строка на заседание группы. Участников называет состав, здесь — только числа.",
    known_by=("group_id", "members", "attended"),
    replaces=("group_id",),
)
class MethodMeeting(Register):
    """Методические объединения: заседание группы."""

    year: Short = types.school_year()
    group_id: Text = _group_id()
    kind: Text = _kind()
    discipline: Text = teachers.discipline("чьё объединение; «без предмета», если не по предмету", required=True)
    org_ref: Text = types.organisation()
    held_on: Text = types.date("Дата", key=True, also=["Дата заседания"], example="05.11.2025")
    topic: Text = types.words("Тема", "как в протоколе", required=True, also=["Тема заседания", "Повестка"],
                              example="Итоги диагностики и план года")  # fmt: skip
    members: Int = types.count("В составе группы", "на день заседания", least=1, required=True, example=24)
    attended: Int = types.count("Из состава пришло", "не больше состава", at_most="members", required=True, example=19)
    guests: Int = types.count("Гостей", "не из состава; можно пусто", optional=True, example=2)
    organisations: Int = types.count("Организаций", "из скольких пришли; можно пусто", unit="ОО", optional=True,
                                     also=["Школ"], example=11)  # fmt: skip
    output: Text = types.words("Итог", "что решено или создано; можно пусто", optional=True,
                               also=["Результат", "Решение"], example="банк заданий")  # fmt: skip

    _in_the_school_year = days_of_the_school_year("held_on")


@mart(
    "method_groups",
    of=MethodMeeting,
    title="Методические объединения: группы, заседания, посещаемость",
    slices=((), ("kind",), ("discipline",), ("kind", "discipline")),
    base="members",
)
class MethodGroups:
    """Строка организации — о заседаниях, которые прошли в ней."""

    organisations = count("Где проходили заседания, организаций", "org_id", unit="ОО")
    groups = count("Групп", "group_id", unit="групп")
    meetings = count("Заседаний", unit="заседаний")
    members = total("members", "Состав, по всем заседаниям", unit="участий")
    attended = total("attended", "Пришло из состава, по всем заседаниям", unit="участий")
    guests = total("guests", "Гостей", unit="участий")
    attendance = share(
        "Посещаемость заседаний методических объединений",
        part=total("attended"), part_as=None, whole=total("members"), whole_as=None, item="8.4", better="up",
        source=SOURCE,
    )  # fmt: skip
