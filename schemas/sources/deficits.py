"""Diagnostics of teachers' deficits: levels by block of competences (roadmap 8.1, 8.2). Never about one teacher."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import teachers, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import KNOWN, Count, count, mean, share
from schemas.register import Register, register
from schemas.rules import days_of_the_school_year
from schemas.teachers import DATA, PERSON
from schemas.types import Number, Short, Text

TITLE = "диагностика педагогов"
SOURCE = DATA["deficit_source"]["source"]
SOURCE_OF_RESULT = "критерий проекта, docs/methodology.md: среднее баллов, где названы балл и максимум"


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

    _in_the_school_year = days_of_the_school_year("held_on")

    @pa.dataframe_check(error="row_diagnosed_level_missing")
    def _level_with_the_score(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["level"].notna() | rows["score"].isna()


class DiagnosedRow(MadeRows):
    """Диагностика педагога в году, или дефицит последних лет и окончен ли по его блоку курс."""

    part: str = field("Диагностика или дефицит", isin=["diagnosed", "deficit"])
    staff_key: str = field("Ключ педагога", personal=True)
    procedure: str = field("Диагностика", codes=types.spelled(DATA["procedures"]))
    discipline: str = field("Предмет", codes=teachers.DISCIPLINES)
    block: str = field("Блок", codes=teachers.BLOCKS)
    rating: str = field("Уровень", codes=types.spelled(DATA["levels"]), personal=True)
    has_recommendation: pd.BooleanDtype = field("Есть рекомендация")
    is_closed: pd.BooleanDtype = field("Окончен курс по блоку после диагностики")
    result: pd.Float64Dtype = field("Балл от максимума", unit="%")


class MapRow(DiagnosedRow):
    """Диагностика педагога в муниципалитете или регионе."""

    org_id: str = field("Организация")


def _people(title: str, **where: object) -> Count:
    counted: Count = count(title, *PERSON, unit="чел.", where={"part": "diagnosed", **where})
    return counted


def _ratings(title: str, rating: str) -> Count:
    counted: Count = count(title, unit="оценок", where={"part": "diagnosed", "rating": rating})
    return counted


ORGANISATIONS = count("Организаций", "org_id", unit="ОО")
PARTICIPANTS = _people("Педагогов прошли", rating=KNOWN)
BELOW = _ratings("Оценок ниже минимального уровня", "below")
MINIMAL = _ratings("Оценок минимального уровня", "minimal")
MIDDLE = _ratings("Оценок среднего уровня", "middle")
HIGH = _ratings("Оценок высокого уровня", "high")
LACKING = share(
    "Доля педагогов с дефицитом (минимальный уровень и ниже)",
    part=_people("С дефицитом", rating=DATA["deficit"]), whole=PARTICIPANTS, part_as="with_deficit",
    item="8.1", better="down", source=SOURCE,
)  # fmt: skip
RESULT = mean(
    "Средний результат диагностики, % от максимума", "result", unit="%", bounds=(0, 100), item="8.2", better="up",
    source=SOURCE_OF_RESULT, where={"part": "diagnosed"},
)  # fmt: skip


@mart(
    "teacher_deficits",
    of=DiagnosedRow,
    made_of=("deficit",),
    title="Дефициты педагогов: охват, уровни, закрытие курсами — по диагностикам и блокам",
    slices=((), ("procedure",), ("block",), ("procedure", "block")),
    base="participants",
    least=DATA["least_people"]["value"],
    least_cell=DATA["least_people"]["value"],
)
class TeacherDeficits:
    """О группе меньше пяти педагогов не говорится ничего; уровни скрыты все, если на каком-то меньше пяти оценок."""

    organisations = ORGANISATIONS
    planned = _people("Педагогов должны были пройти")
    participants = PARTICIPANTS
    participation = share(
        "Доля прошедших диагностику от тех, кто должен был",
        part=participants, whole=planned, item="8.2", better="up", source=SOURCE,
    )  # fmt: skip
    below, minimal, middle, high = BELOW, MINIMAL, MIDDLE, HIGH
    lacking = LACKING
    result = RESULT
    recommended = share(
        "Доля педагогов с дефицитом, получивших рекомендацию",
        part=_people("С рекомендацией", rating=DATA["deficit"], has_recommendation=True),
        whole=_people("С дефицитом", rating=DATA["deficit"]), whole_as=None, item="8.1", better="up", source=SOURCE,
    )  # fmt: skip
    closed = share(
        "Доля дефицитов, по блоку которых после диагностики окончен курс",
        part=count("Дефицитов с курсом", unit="дефицитов", where={"part": "deficit", "is_closed": True}),
        whole=count("Дефицитов этого и прошлого года", unit="дефицитов", where={"part": "deficit", "is_closed": KNOWN}),
        item="8.3", better="up", source=DATA["closed_within"]["source"],
    )  # fmt: skip


@mart(
    "teacher_deficit_map",
    of=MapRow,
    made_of=("deficit",),
    title="Карта дефицитов по предметам: уровни педагогов в блоках",
    slices=(("discipline",), ("discipline", "block")),
    base="participants",
    least=DATA["least_map"]["value"],
    least_cell=DATA["least_people"]["value"],
)
class TeacherDeficitMap:
    """Только о муниципалитете и регионе; предмет показан, если диагностику прошли десять педагогов и больше."""

    organisations = ORGANISATIONS
    participants = PARTICIPANTS
    below, minimal, middle, high = BELOW, MINIMAL, MIDDLE, HIGH
    lacking = LACKING
    result = RESULT
