"""Profiles of the senior classes, individual plans, advanced subjects (roadmap 6.2, 6.3)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.measure import contingent, count, share, total
from schemas.register import Register, register
from schemas.types import SUBJECT, Int, Short, Text, Tiny

TITLE = "профильное обучение"
DATA = catalogue.profiles()
EXAMS: dict[str, list[str]] = {code: profile["exams"] for code, profile in DATA["profiles"].items()}
"""Profile → subjects of ЕГЭ that are chosen by it."""
PREPARING, NONE = "preparing", "none"
PROFILES = types.spelled({code: each["spellings"] for code, each in DATA["profiles"].items()} | DATA["others"])
SENIOR, MIDDLE = (10, 11), (8, 9)
SOURCE = "критерий проекта, docs/methodology.md: от контингента классов тех школ, которые прислали форму"
CHOICE = (
    "критерий проекта, docs/methodology.md: учеников на профиле не больше, чем сдающих в школе ЕГЭ по предметам профиля"
)
ADVANCED = "критерий проекта, docs/methodology.md: по всем предметам — не меньше самого многолюдного предмета параллели"


@register(
    "profile_education",
    title="Профильное обучение",
    file="Профильное обучение.xlsx",
    sheet="Профили",
    about="Одна строка на школу, параллель и профиль: 10–11 классы — по профилям и «без профиля», 8–9 классы — "
    "«предпрофильная подготовка». Многопрофильный класс считайте один раз, в строке самой большой группы. "
    "Чего школа не назвала, того в ней нет.",
    known_by=("profile", "own_plans"),
    replaces=("org_ref",),
    is_whole=True,
)
class ProfileEducation(Register):
    """Профильное обучение: ученики школы по профилям и параллелям."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    grade: Tiny = types.grade(
        hint="от 8 до 11", choices=(*MIDDLE, *SENIOR), ge=MIDDLE[0], le=SENIOR[1], key=True, example=10
    )  # fmt: skip
    profile: Text = types.code("Профиль", PROFILES, key=True, also=["Профиль обучения"], example="технологический")
    classes: Int = types.count(
        "Классов", "профильных; группа в классе — 0", unit="классов", also=["Количество классов"], example=1
    )
    pupils: Int = types.count("Учеников", "на этом профиле", also=["Обучающихся"], required=True, example=24)
    own_plans: Int = types.count(
        "На ИУП", "из них по индивидуальному учебному плану; 0, если никого", at_most="pupils", required=True,
        also=["ИУП", "По ИУП"], example=6,
    )  # fmt: skip
    joint: Int = types.count(
        "По совместным программам", "из них, с ДОД, СПО, вузом (сетевая форма); пусто — неизвестно", at_most="pupils",
        also=["Сетевые программы"], optional=True, example=8,
    )  # fmt: skip

    @pa.dataframe_check(error="row_profile_of_class")
    def _of_its_class(cls, rows: pd.DataFrame) -> pd.Series:
        is_preparing = rows["profile"] == PREPARING
        return (is_preparing == rows["grade"].isin(MIDDLE)).fillna(True).astype(bool)


@register(
    "advanced_subjects",
    title="Предметы углублённого уровня",
    file="Предметы углублённого уровня.xlsx",
    sheet="Предметы",
    about="Одна строка на школу, параллель и предмет, который в ней изучают углублённо: сколько учеников. Ученик, "
    "изучающий два предмета, — в двух строках.",
    known_by=("subject", "advanced_pupils"),
    replaces=("org_ref",),
    is_whole=True,
)
class AdvancedSubjects(Register):
    """Предметы углублённого уровня: ученики школы по предметам и параллелям."""

    year: Short = types.school_year()
    org_ref: Text = types.school()
    grade: Tiny = types.grade(key=True, example=10)
    subject: Text = types.column(
        "Предмет", "код или название предмета", key=True, reads="subject", str_matches=SUBJECT, example="математика"
    )
    advanced_pupils: Int = types.count(
        "Изучают углублённо", "учеников", also=["Учеников на углублённом уровне"], required=True, example=24
    )


class Profiles(MadeRows):
    """Rows of the register; of class 11 also how many may have chosen their exams by the profile."""

    grade: Tiny = types.grade(key=True)
    profile: Text = types.code("Профиль", PROFILES, key=True)
    classes: Int = types.count("Классов")
    pupils: Int = types.count("Учеников")
    own_plans: Int = types.count("На ИУП")
    joint: Int = types.count("По совместным программам")
    compared: Int = types.count("Учеников 11 класса на профилях, чей выбор ЕГЭ известен")
    choosers: Int = types.count("Сдающих предметы профиля")


ON_PROFILE = {"profile": [*EXAMS]}


@mart(
    "profile_education",
    of=Profiles,
    made_of=("profile_education",),
    title="Профильное обучение: профили, индивидуальные планы, выбор ЕГЭ по профилю",
    slices=((), ("grade",), ("profile",), ("grade", "profile")),
    base="pupils",
)
class ProfilesOfSchools:
    """Чего школа в форме не назвала, того в ней нет. Кто из учеников профиля что сдаёт, неизвестно: сравниваются числа
    школы, и доля выбравших ЕГЭ по профилю — верхняя граница."""

    schools = count("Школ", "org_id", unit="ОО")
    pupils = total("pupils", "Учеников в форме")
    profile_classes = total("classes", "Профильных классов", unit="классов", where=ON_PROFILE)
    coverage = share(
        "Охват учеников 10–11 классов профильным обучением",
        part=total("pupils", where=ON_PROFILE), whole=contingent(*SENIOR), item="6.2", better="up", source=SOURCE,
    )  # fmt: skip
    preparing = share(
        "Охват учеников 8–9 классов предпрофильной подготовкой",
        part=total("pupils", where={"profile": PREPARING}), whole=contingent(*MIDDLE), item="6.2", better="up",
        source=SOURCE,
    )  # fmt: skip
    own_plans = share(
        "Доля учеников 10–11 классов на индивидуальных учебных планах (ИУП)",
        part=total("own_plans", where={"profile": [*EXAMS, NONE]}), whole=contingent(*SENIOR), item="6.3",
        better="up", source=SOURCE,
    )  # fmt: skip
    joint = share(
        "Доля учеников в форме, занятых по совместным программам с ДОД, СПО, вузом",
        part=total("joint"), whole=total("pupils"), item="6.3", better="up", source=SOURCE,
    )  # fmt: skip
    choice = share(
        "Доля учеников 11 класса на профилях, сдающих ЕГЭ по предметам профиля, не больше",
        part=total("choosers"), whole=total("compared"), item="6.2", better="up", source=CHOICE,
    )  # fmt: skip


@mart(
    "advanced_subjects",
    of=AdvancedSubjects,
    title="Предметы углублённого уровня: ученики по предметам и классам",
    slices=((), ("grade",), ("subject",), ("subject", "grade")),
    base="studying",
)
class SubjectsOfSchools:
    """Ученик может изучать углублённо два предмета: по всем предметам охват — не меньше самого многолюдного из них."""

    schools = count("Школ", "org_id", unit="ОО")
    studying = total("advanced_pupils", "Изучают углублённо (ученик двух предметов — дважды)")
    senior = share(
        "Охват учеников 10–11 классов углублённым изучением предметов, не меньше",
        part=total("advanced_pupils", once_in=("org_id", "grade")), whole=contingent(*SENIOR), item="6.2",
        better="up", source=ADVANCED,
    )  # fmt: skip
    middle = share(
        "Охват учеников 5–9 классов углублённым изучением предметов, не меньше",
        part=total("advanced_pupils", once_in=("org_id", "grade")), whole=contingent(5, 9), item="6.2",
        better="up", source=ADVANCED,
    )  # fmt: skip
