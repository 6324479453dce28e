"""Staff: who works in an organisation as what, with what education and category (roadmap 8.3, 8.5)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import teachers, types
from schemas.declared import mart
from schemas.measure import KNOWN, Count, count, share, total
from schemas.register import Register, register
from schemas.rules import school_year
from schemas.teachers import DATA, TEACHING_POSTS
from schemas.types import Flag, Number, Short, Text

TITLE = "кадры"
SOURCE = "критерий проекта, docs/methodology.md: педагог каждый один раз, от тех, о ком это известно"


@register(
    "staff",
    title="Кадры организации",
    file="Кадры.xlsx",
    sheet="Кадры",
    about="Одна строка на работника и должность, на конец учебного года; внешние совместители — тоже. Имя не "
    "хранится — вместо него ключ. Фамилию пишите одинаково во всех списках: сменивший её считается другим человеком. "
    "Присланное позже по организации заменяет прежнее целиком.",
    known_by=("post", "education", "ped_experience"),
    replaces=("org_ref",),
    is_whole=True,
)
class Staff(Register):
    """Кадры: работник организации в должности."""

    year: Short = types.school_year()
    org_ref: Text = types.organisation()
    staff_key: Text = teachers.person()
    post: Text = types.code("Должность", teachers.POSTS, key=True, example="учитель")
    discipline: Text = teachers.discipline("основной; пусто или «без предмета», если его нет")
    education: Text = types.code(
        "Образование", types.spelled(DATA["education"]), "по диплому; выберите из списка",
        also=["Уровень образования"], example="высшее педагогическое",
    )  # fmt: skip
    category: Text = types.code(
        "Категория", types.spelled(DATA["categories"]), "выберите из списка; нет — «без категории»",
        also=["Квалификационная категория", "Кв. категория"], example="первая",
    )  # fmt: skip
    category_date: Text = types.date(
        "Дата присвоения категории", "по приказу; можно пусто", also=["Дата категории", "Дата аттестации"],
        optional=True, example="20.12.2023",
    )  # fmt: skip
    birth_year: Short = types.column(
        "Год рождения", "четыре цифры", also=["Г. р."], personal=True, ge=1930, le=2015, example=1994
    )
    hire_date: Text = types.date(
        "Принят на работу", "в эту организацию; день.месяц.год", also=["Дата приёма", "Дата приёма на работу"],
        optional=True, example="01.09.2024",
    )  # fmt: skip
    ped_experience: Short = types.column(
        "Педагогический стаж", "полных лет; 0, если меньше года", unit="лет", ge=0, le=75, example=2,
        also=["Педстаж", "Стаж педагогической работы", "Пед. стаж"],
    )  # fmt: skip
    load: Number = types.column(
        "Ставка", "ставок в этой должности: 1, 0,5 — не часы", unit="ставок", ge=0, le=3, optional=True, example=1,
        also=["Нагрузка", "Нагрузка, ставок"],
    )  # fmt: skip
    has_mentor: Flag = types.yes_no(
        "Есть наставник", "закреплён приказом; у молодых педагогов обязательно «да» или «нет»", optional=True
    )
    mentor_key: Text = types.person("Наставник", example="Макетова Анна Петровна", also=["ФИО наставника"],
                                    optional=True)  # fmt: skip

    @pa.dataframe_check(error="row_experience_over_age")
    def _old_enough(cls, rows: pd.DataFrame) -> pd.Series:
        most = rows["year"].astype("Int64") - rows["birth_year"] - DATA["least_age"]["value"]
        return (rows["ped_experience"] <= most).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_date_after_year")
    def _no_later_than_the_year(cls, rows: pd.DataFrame) -> pd.Series:
        _, last = school_year(rows)
        late = [(rows[day] > last).astype("boolean").fillna(False) for day in ("hire_date", "category_date")]
        return ~(late[0] | late[1]).astype(bool)

    @pa.dataframe_check(error="row_own_mentor")
    def _mentor_of_another(cls, rows: pd.DataFrame) -> pd.Series:
        return (rows["mentor_key"] != rows["staff_key"]).astype("boolean").fillna(True).astype(bool)


def _teachers(title: str = "", **where: object) -> Count:
    counted: Count = count(title, *teachers.PERSON, unit="чел.", where={"post": TEACHING_POSTS, **where})
    return counted


@mart(
    "staff",
    of=Staff,
    title="Кадры: педагоги по должностям и предметам, образование и категории",
    slices=((), ("post",), ("discipline",)),
    base="teachers",
    least=DATA["least_people"]["value"],
)
class StaffOfOrganisations:
    """Педагоги — без руководителей и их заместителей; работающий в двух организациях считается в каждой."""

    organisations = count("Организаций", "org_id", unit="ОО")
    people = count("Работников, каждый один раз", *teachers.PERSON, unit="чел.")
    teachers = _teachers("Педагогов, каждый один раз")
    posts_filled = total("load", "Ставок, занятых педагогами", unit="ставок", where={"post": TEACHING_POSTS})
    higher = share(
        "Доля педагогов с высшим образованием",
        part=_teachers("С высшим образованием", education=DATA["higher"]),
        whole=_teachers("Педагогов, чьё образование известно", education=KNOWN),
        whole_as="with_education", item="8.3", better="up", source=SOURCE,
    )  # fmt: skip
    no_teaching_education = share(
        "Доля педагогов без педагогического образования (по диплому)",
        part=_teachers("Без педагогического образования",
                       education=[code for code in DATA["education"] if code not in DATA["teaching"]]),
        whole=_teachers("Педагогов, чьё образование известно", education=KNOWN), whole_as=None,
        item="8.3", better="down", source=SOURCE,
    )  # fmt: skip
    category = share(
        "Доля педагогов с квалификационной категорией",
        part=_teachers("С категорией", category=DATA["with_category"]),
        whole=_teachers("Педагогов, о чьей категории известно", category=KNOWN),
        whole_as="with_category_known", item="8.3", better="up", source=SOURCE,
    )  # fmt: skip
    highest_category = share(
        "Доля педагогов с высшей категорией",
        part=_teachers("С высшей категорией", category=DATA["highest_category"]),
        whole=_teachers("Педагогов, о чьей категории известно", category=KNOWN), whole_as=None,
        item="8.3", better="up", source=SOURCE,
    )  # fmt: skip
