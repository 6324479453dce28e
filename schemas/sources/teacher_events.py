"""Methodical and contest events of teachers, and the support of schools (roadmap 8.5–8.7, 3.11, 5.1, 5.6, 6.6, 9.2)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import mart
from schemas.measure import Total, count, share, total
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.teachers import DATA
from schemas.types import Int, Short, Text

TITLE = "мероприятия педагогов"
SOURCE = "критерий проекта, docs/methodology.md: по отчётам организаций о мероприятиях"
ITEMS = types.spelled({item: [item, item.replace(".", ","), f"п. {item}", f"п.{item}"] for item in DATA["items"]}
                      | {"other": ["иной", "вне дорожной карты", "нет"]})  # fmt: skip
"""Items of the roadmap that an event may serve."""


@register(
    "teacher_event",
    title="Мероприятия педагогов",
    file="Мероприятия педагогов.xlsx",
    sheet="Мероприятия",
    about="Одна строка на мероприятие и организацию, чьи педагоги в нём участвовали или которую поддержали: семинар, "
    "мастер-класс, конкурс, сопровождение, выезд. Имён не нужно, только числа.",
    known_by=("kind", "item", "participants"),
    replaces=("event_id", "org_ref"),
    is_whole=True,
)
class TeacherEvent(Register):
    """Мероприятия педагогов: участие организации."""

    year: Short = types.school_year()
    event_id: Text = types.register_code("Код мероприятия", "мероприятие", example="М-7")
    event: Text = types.words("Мероприятие", "как в приказе или плане", required=True, also=["Название"],
                              example="Семинар о работе с одарёнными детьми")  # fmt: skip
    kind: Text = types.code("Вид мероприятия", types.spelled(DATA["events"]), required=True, also=["Вид", "Форма"],
                            example="семинар")  # fmt: skip
    event_level: Text = types.code(
        "Уровень", types.spelled(DATA["event_levels"]), required=True, example="муниципальный"
    )
    item: Text = types.code("Пункт дорожной карты", ITEMS, "выберите из списка; вне её — «иной»", required=True,
                            also=["Пункт", "Пункт плана"], example="8.7")  # fmt: skip
    held_on: Text = types.date("Дата", required=True, example="20.11.2025")
    org_ref: Text = types.organisation()
    participants: Int = types.count("Педагогов участвовало", "из этой организации", required=True,
                                    also=["Участников", "Участвовало"], example=4)  # fmt: skip
    winners: Int = types.count("Победителей", "только у конкурса", at_most="participants", optional=True, example="")
    prizewinners: Int = types.count("Призёров", "только у конкурса: призёры, лауреаты", at_most="participants",
                                    optional=True, also=["Призёров и лауреатов"], example="")  # fmt: skip
    surveyed: Int = types.count("Опрошено", "об удовлетворённости; можно пусто", at_most="participants",
                                optional=True, example=4)  # fmt: skip
    satisfied: Int = types.count("Удовлетворено", "из опрошенных; можно пусто", at_most="surveyed", optional=True,
                                 also=["Довольны"], example=3)  # fmt: skip

    _in_the_school_year = days_of_the_school_year("held_on")

    @pa.dataframe_check(error="row_awards_over")
    def _awards_of_those_who_took_part(cls, rows: pd.DataFrame) -> pd.Series:
        awards = rows[["winners", "prizewinners"]].sum(axis=1)
        return (awards <= rows["participants"]).fillna(True).astype(bool)


def _of_contests(of: str, title: str = "") -> Total:
    counted: Total = total(of, title, unit="участий", where={"kind": "contest"})
    return counted


@mart(
    "teacher_events",
    of=TeacherEvent,
    title="Мероприятия педагогов: виды, уровни, пункты дорожной карты, конкурсы и поддержка организаций",
    slices=((), ("kind",), ("event_level",), ("item",), ("kind", "event_level"), ("kind", "item")),
    base="participants",
)
class TeacherEvents:
    """Участия, а не люди: педагог, бывший на двух мероприятиях, считается дважды."""

    organisations = count("Охвачено организаций", "org_id", unit="ОО")
    events = count("Мероприятий", "event_id", unit="мероприятий")
    participants = total("participants", "Участий педагогов", unit="участий")
    contest_participants = _of_contests("participants", "Участий в конкурсах")
    winners = _of_contests("winners", "Побед в конкурсах")
    prizewinners = _of_contests("prizewinners", "Призовых мест в конкурсах")
    satisfied = share(
        "Доля удовлетворённых методической поддержкой от опрошенных",
        part=total("satisfied"), whole=total("surveyed"), item="8.7", better="up", source=SOURCE,
    )  # fmt: skip
