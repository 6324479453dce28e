"""Registers of talents: contests, the bank of gifted pupils, profile shifts. Read by `facts.flat`.

A pupil is a key (HMAC of the name) within an organisation, a mentor likewise. The school is named as people name it:
`matching.resolve` says which one that is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import mart
from schemas.measure import ENROLLED, KNOWN, UNKNOWN, Dimension, Enrolled, EnrolledSource, count, label, made, share
from schemas.register import Register, register
from schemas.rules import days_in_order, days_of_the_school_year, in_order
from schemas.types import ISO_DATE, Flag, Short, Text, Tiny, spelled

DATA = catalogue.talent()
SOURCE = "критерий проекта, docs/methodology.md: реестры конкурсов и профильных смен, ученик каждый один раз"
PUPIL = ("org_id", "pupil_key")
CRITERIA: dict[str, dict[str, Any]] = DATA["criteria"]


def consent_holds(rows: pd.DataFrame) -> pd.Series:
    """Whether the consent is in force on the day of the reporting year that the rules name; False without a date.

    rows: year, consent_date, valid_to (ISO; NULL: without a term).
    """
    day = rows["year"].astype("Int64").astype("string") + "-" + DATA["consent"]["day"]
    given = (rows["consent_date"].astype("string") <= day).fillna(False)
    lasts = (rows["valid_to"].astype("string") >= day).fillna(True)
    return (given & lasts).astype(bool)


def _direction(hint: str = "выберите из списка") -> Text:
    declared: Text = types.code(
        "Направление", spelled(DATA["directions"]), hint, required=True, example="интеллектуальное"
    )
    return declared


@register(
    "contest",
    title="Конкурсы и соревнования, участники",
    file="Конкурсы и соревнования.xlsx",
    sheet="Конкурсы",
    about="Одна строка на участие ученика в мероприятии. Имя не хранится — вместо него ключ. Школа — логин, ИНН, код "
    "или название. ВсОШ сюда не вносится.",
    known_by=("event_id", "level", "result"),
    replaces=("event_id", "org_ref"),
)
class Contest(Register):
    """Конкурсы и соревнования: участие ученика."""

    year: Short = types.school_year()
    event_id: Text = types.register_code("Код мероприятия", "мероприятие", example="К-12")
    event_name: Text = types.words(
        "Название", "как в положении", required=True, example="Конкурс исследовательских работ"
    )
    level: Text = types.code("Уровень", spelled(DATA["levels"]), required=True, example="региональный")
    organiser: Text = types.words(
        "Организатор", "организация, не человек", optional=True, example="Дворец творчества"
    )  # fmt: skip
    in_minpros_list: Flag = types.yes_no(
        "В перечне Минпросвещения", "есть ли в приказе-перечне олимпиад и конкурсов", required=True
    )
    direction: Text = _direction()
    event_date: Text = types.date("Дата", "день.месяц.год итогов", required=True, example="20.03.2026")
    org_ref: Text = types.school()
    pupil_key: Text = types.pupil("ФИО участника")
    pupil_grade: Tiny = types.grade(required=True, example=9)
    result: Text = types.code("Результат", spelled(DATA["results"]), required=True, example="призёр")

    _in_the_school_year = days_of_the_school_year("event_date")


@register(
    "gifted",
    title="Банк одарённых детей",
    file="Банк одарённых детей.xlsx",
    sheet="Банк",
    about="Одна строка на ученика школы. Имя не хранится — вместо него ключ. Без согласия законного представителя, "
    "действующего на 31 мая отчётного года, ученик не учитывается. Присланное позже по школе заменяет прежнее целиком.",
    known_by=("criterion", "consent_date"),
    replaces=("org_ref",),
)
class Gifted(Register):
    """Банк одарённых детей: ученик, критерий, согласие."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    pupil_key: Text = types.pupil("ФИО")
    pupil_grade: Tiny = types.grade(required=True, example=9)
    direction: Text = _direction("основное; выберите из списка")
    criterion: Text = types.code(
        "Критерий", spelled({code: rule["spellings"] for code, rule in CRITERIA.items()}),
        "призовое место муниципального этапа (МЭ) и выше, регионального (РЭ) и выше, или ГИР «Таланты»",
        required=True, example="призёр МЭ и выше",
    )  # fmt: skip
    achievements: Text = types.words(
        "Достижения", "через «; »: что, этап, год; без имён", personal=True, optional=True,
        example="ВсОШ, физика, МЭ, 2026",
    )  # fmt: skip
    mentor_key: Text = types.person("Наставник", example="Макетова Вера Ивановна", optional=True)
    has_programme: Flag = types.yes_no("ИОМ", "есть ли индивидуальный образовательный маршрут", required=True)
    consent_date: Text = types.date("Дата согласия", example="10.09.2025")
    valid_to: Text = types.date(
        "Согласие действует до", "день.месяц.год; пусто — без срока", optional=True, example="31.08.2026"
    )

    @pa.dataframe_check(error="row_no_consent")
    def _with_consent(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["consent_date"].notna()

    @pa.dataframe_check(error="row_consent_not_in_force")
    def _consent_in_force(cls, rows: pd.DataFrame) -> pd.Series:
        is_dated = rows["consent_date"].notna() & rows["year"].notna() & in_order(rows, "consent_date", "valid_to")
        return consent_holds(rows) | ~is_dated

    _dates_in_order = days_in_order("consent_date", "valid_to")

    @pa.dataframe_check(error="row_criterion_unproved")
    def _with_achievement(cls, rows: pd.DataFrame) -> pd.Series:
        needed = rows["criterion"].isin([code for code, rule in CRITERIA.items() if rule["achievement"]])
        return rows["achievements"].notna() | ~needed

    @pa.dataframe_check(error="row_criterion_of_class")
    def _old_enough(cls, rows: pd.DataFrame) -> pd.Series:
        least = rows["criterion"].map({code: rule.get("least_grade", 1) for code, rule in CRITERIA.items()})
        return (rows["pupil_grade"] >= least.astype("Int64")).fillna(True).astype(bool)


@register(
    "shift",
    title="Профильные смены, участники",
    file="Профильные смены.xlsx",
    sheet="Смены",
    about="Одна строка на ученика в смене. Имя не хранится — вместо него ключ. Квота — мест муниципалитету в этой "
    "смене.",
    known_by=("shift_id", "operator"),
    replaces=("shift_id", "org_ref"),
)
class Shift(Register):
    """Профильные смены: участие ученика."""

    year: Short = types.school_year()
    shift_id: Text = types.register_code("Код смены", "смену", example="С-3")
    shift_name: Text = types.words(
        "Название смены", "как в приглашении", required=True, example="Физика и инженерное дело"
    )  # fmt: skip
    operator: Text = types.code("Оператор", spelled(DATA["operators"]), required=True, example="Сириус")
    place: Text = types.words("Место", "город; можно пусто", optional=True, example="Сочи")
    starts: Text = types.date("Начало", required=True, example="01.11.2025")
    ends: Text = types.date("Окончание", "день.месяц.год, не раньше начала", required=True, example="24.11.2025")
    direction: Text = _direction()
    quota: Short = types.count(
        "Квота", "мест муниципалитету; пусто — квоты нет", least=1, optional=True, example=4
    )  # fmt: skip
    org_ref: Text = types.school()
    pupil_key: Text = types.pupil("ФИО участника")
    pupil_grade: Tiny = types.grade(hint="от 1 до 11; можно пусто", optional=True, example=9)
    result: Text = types.code(
        "Результат", spelled(DATA["shift_results"]), "выберите из списка; можно пусто", optional=True,
        example="завершил",
    )  # fmt: skip

    _dates_in_order = days_in_order("starts", "ends")
    _in_the_school_year = days_of_the_school_year("starts", "ends")

    @pa.dataframe_check(error="row_over_quota")
    def _within_quota(cls, rows: pd.DataFrame) -> pd.Series:
        place = rows.groupby(["year", "shift_id"], dropna=False).cumcount() + 1
        return (place <= rows["quota"]).fillna(True).astype(bool)


def _coverage(item: str) -> Any:
    return share(
        "Охват: доля учеников от обучающихся этих школ",
        part=count("Учеников этих школ: числитель охвата", *PUPIL, unit="чел."), part_as="covered",
        whole=Enrolled("Обучающихся в школах, где их число известно"), whole_as="contingent",
        item=item, better="up", source=SOURCE,
    )  # fmt: skip


SCHOOLS = count("Школ с учтёнными учениками", "org_id", unit="ОО")
PARTICIPANTS = count("Участий", unit="участий")
PUPILS = count("Учеников, каждый один раз", *PUPIL, unit="чел.")
ENROLLED_SOURCE = EnrolledSource(
    "Откуда число обучающихся, через «; »: contingent — форма контингента, social_passport — социальный паспорт"
)
WITHOUT_ENROLLED = count(
    "Школ вне охвата: число обучающихся неизвестно", "org_id", unit="ОО", where={ENROLLED: UNKNOWN}
)
AWARDS = tuple(DATA["awards"])


@mart(
    "contests",
    of=Contest,
    title="Конкурсы: участие, ученики, награды — по уровню и направлению конкурсов",
    slices=((), ("contest_level",), ("direction",)),
    base="unique_pupils",
    renamed={"contest_level": Dimension("level", "Уровень конкурса")},
    once=("event_id", *PUPIL),
    alike={"event_id": ("contest_level", "in_minpros_list")},
)
class Contests:
    """Ученик двух школ — два ученика; повтор в одном мероприятии — одно участие."""

    schools = SCHOOLS
    coverage = _coverage("5.1")
    contingent_source = ENROLLED_SOURCE
    without_contingent = WITHOUT_ENROLLED
    events = count("Мероприятий", "event_id", unit="мероприятий")
    participants = PARTICIPANTS
    unique_pupils = PUPILS
    winners = count("Побед", unit="участий", where={"result": "winner"})
    prizewinners = count(
        "Призовых мест", unit="участий", where={"result": [award for award in AWARDS if award != "winner"]}
    )
    award_pupils = count("Учеников с наградой", *PUPIL, unit="чел.", where={"result": AWARDS})
    listed_participants = count(
        "Участий в мероприятиях перечня Минпросвещения", unit="участий", where={"in_minpros_list": True}
    )
    efficiency = share(
        "Доля побед и призовых мест от участий",
        part=count("Побед и призовых мест", unit="участий", where={"result": AWARDS}), part_as=None,
        whole=participants, item="5.2", better="up", source=SOURCE,
    )  # fmt: skip
    awarded = share(
        "Доля учеников с наградой от участвовавших",
        part=award_pupils, whole=unique_pupils, item="5.2", better="up", source=SOURCE,
    )  # fmt: skip


@mart(
    "shifts",
    of=Shift,
    title="Профильные смены: участие, доля учеников из банка одарённых, квоты — по оператору, направлению, смене",
    slices=((), ("operator",), ("direction",), ("operator", "direction", "shift_id")),
    base="unique_pupils",
    once=("shift_id", *PUPIL),
    alike={"shift_id": ("shift_name", "starts", "ends", "operator", "direction")},
    joined=("in_bank",),
)
class Shifts:
    """`in_bank` — ученик в банке одарённых с согласием; NULL, если у города банка в этом году нет."""

    schools = SCHOOLS
    coverage = _coverage("5.3")
    contingent_source = ENROLLED_SOURCE
    without_contingent = WITHOUT_ENROLLED
    shift_name = label("Название смены", "shift_name", by="shift_id")
    starts = label("Начало", "starts", by="shift_id", str_matches=ISO_DATE)
    ends = label("Окончание", "ends", by="shift_id", str_matches=ISO_DATE)
    shifts = count("Смен", "shift_id", unit="смен")
    participants = PARTICIPANTS
    unique_pupils = PUPILS
    with_result = count("Участий, чей результат известен", unit="участий", where={"result": KNOWN})
    finished = share(
        "Доля завершивших от тех, чей результат известен",
        part=count("Завершили смену", unit="участий", where={"result": DATA["finished"]}), part_as="finished",
        whole=with_result, item="5.3", better="up", source=SOURCE,
    )  # fmt: skip
    awarded = count("Из них отмечены наградой", unit="участий", where={"result": "awarded"}, among=with_result)
    gifted = share(
        "Доля учеников из банка одарённых",
        part=count("Учеников из банка одарённых этого года", *PUPIL, unit="чел.", where={"in_bank": True}),
        whole=count("Учеников городов с банком", *PUPIL, unit="чел.", where={"in_bank": KNOWN}),
        part_as="gifted", whole_as=None, item="5.3", better="up", source=SOURCE,
    )  # fmt: skip
    quota = made("Мест по квоте (школам квоты нет)", unit="мест", of="quota", ge=0)
    quota_filled = made("Из них занято", unit="мест", ge=0)
    quota_filled_pct = made("Доля занятых мест квоты", unit="%", dtype=pd.Float64Dtype, ge=0, le=100)
    over_quota = made("Участий сверх квоты", unit="участий", ge=0)
