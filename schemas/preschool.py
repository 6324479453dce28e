"""Preschools (МКДО): scales of groups, passports, questionnaires of parents, experts. Read by `facts.flat`.

A preschool's code is `doo` and six digits; a school that has preschool groups keeps its login. Questionnaires are
anonymous; of an expert there is a key (HMAC of the name).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.declared import MadeRows, mart
from schemas.fields import field
from schemas.measure import KNOWN, AtLeast, count, ratio, share, total
from schemas.register import Register, register
from schemas.types import Flag, Int, Number, Short, Text, spelled

NOT_APPLICABLE = "NP"
LEVELS = ("0", "1", "2", "3", "4", "5")
CRITERIA = tuple(f"criteria_{level}" for level in LEVELS[1:])
TOLD_OF_CRITERIA = r"^\d{1,3}/\d{1,3}$"
DATA = catalogue.preschool()
SOURCE = (
    "дорожная карта МСОКО (приказ ГУО администрации г. Черногорска 28.12.2022 № 1798а), пункты 10.2–10.7; формулы — "
    "критерий проекта, docs/methodology.md"
)
AREAS_OF_PASSPORT = {"10.2": "programme", "10.4": "staff", "10.5": "family", "10.6": "care", "10.7": "management"}
"""Item of the roadmap → the area of quality that a figure of the passport tells of."""


AREAS: dict[str, str] = spelled({code: [area["title"], str(area["number"])] for code, area in DATA["areas"].items()})
"""Spelling of an area, its title or number → its code."""
AREA_OF: dict[str, str] = {name: code for code, area in DATA["areas"].items() for name in area["indicators"]}
"""Indicator of the scales → its area."""
INDICATORS: dict[str, str] = {
    title: name for area in DATA["areas"].values() for name, title in area["indicators"].items()
} | {name: name for name in AREA_OF}
"""Spelling of an indicator, its title or code → its code."""
AGES = spelled(DATA["ages"])
QUESTIONS: dict[str, str] = spelled({code: [code, code[1:], f"В{code[1:]}"] for code in DATA["questions"]})
ANSWERS = {answer: answer for answer in LEVELS[1:]} | {"да": "yes", "нет": "no", "НО": "none", "нет ответа": "none"}


def confirmed_level(rows: pd.DataFrame) -> pd.Series:
    """Level that criteria confirm, 0…5: level n counts only if all criteria of levels ≤ n are met. NULL: none is given.

    rows: CRITERIA, each `met/total` or NULL; a level whose criteria are not told is not confirmed, nor any above it.
    """
    written = [rows[name].astype("string") for name in CRITERIA]
    counts = [text.str.extract(r"^(?P<met>\d+)/(?P<all>\d+)$") for text in written]
    confirmed = pd.concat([(part["met"] == part["all"]).fillna(False) for part in counts], axis=1).astype("int64")
    is_told = pd.concat([text.notna() for text in written], axis=1).any(axis=1)
    return confirmed.cumprod(axis=1).sum(axis=1).astype("Int64").where(is_told)


def _criteria(level: int, hint: str, example: str) -> Text:
    declared: Text = types.column(
        f"Критерии уровня {level}", hint, optional=True, reads="criteria", str_matches=TOLD_OF_CRITERIA, example=example
    )
    return declared


@register(
    "preschool_scale",
    title="Шкалы МКДО",
    file="Шкалы МКДО.xlsx",
    sheet="Шкалы",
    about="Одна строка на группу, показатель и источник. Уровень засчитан, если выполнены все критерии его и всех "
    "нижних; критерии можно не приводить. Имён не нужно.",
    known_by=("org_id", "indicator", "source"),
    replaces=("org_id", "group_name", "source"),
    part="area",
)
class PreschoolScale(Register):
    """Шкалы МКДО: уровень показателя в группе по одному источнику."""

    year: Short = types.year()
    org_id: Text = types.preschool("doo и шесть цифр; у школы с дошкольными группами — её логин")
    group_name: Text = types.column(
        "Группа", "номер или название; показатель сада в целом — «весь сад»", key=True, content="words", example=1
    )
    age: Text = types.code("Возраст", AGES, example="от 4 до 5 лет")
    area: Text = types.code(
        "Область", AREAS, "номер от 1 до 10 или название", key=True, example=4,
        choices=sorted(declared["number"] for declared in DATA["areas"].values()),
    )  # fmt: skip
    indicator: Text = types.code(
        "Показатель", INDICATORS, "как в инструментарии: Речевое развитие, Игра, Питание…", key=True, choices=(),
        example="Речевое развитие",
    )  # fmt: skip
    source: Text = types.code("Источник", spelled(DATA["sources"]["spellings"]), key=True, example="эксперт")
    level: Text = types.code(
        "Уровень", {level: level for level in LEVELS} | {"НП": NOT_APPLICABLE}, "от 0 до 5; НП — не применимо",
        example=3,
    )  # fmt: skip
    criteria_1: Text = _criteria(1, "«3 из 4», «да» или «нет»; можно пусто", "4 из 4")
    criteria_2: Text = _criteria(2, "то же", "3 из 3")
    criteria_3: Text = _criteria(3, "то же", "да")
    criteria_4: Text = _criteria(4, "то же", "2 из 3")
    criteria_5: Text = _criteria(5, "то же", "нет")

    @pa.dataframe_check(error="row_indicator_of_area")
    def _indicator_of_its_area(cls, rows: pd.DataFrame) -> pd.Series:
        area = rows["indicator"].map(AREA_OF)
        return ((area == rows["area"]) | area.isna() | rows["area"].isna()).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_level_missing")
    def _level_or_criteria(cls, rows: pd.DataFrame) -> pd.Series:
        return rows["level"].notna() | rows[list(CRITERIA)].notna().any(axis=1)

    @pa.dataframe_check(error="row_level_differs")
    def _level_as_confirmed(cls, rows: pd.DataFrame) -> pd.Series:
        declared, confirmed = rows["level"].astype("string"), confirmed_level(rows).astype("string")
        return ((declared == confirmed) | declared.isna() | confirmed.isna()).fillna(True).astype(bool)


def _children(group: str, example: int, hint: str = "детей") -> Int:
    counted: Int = types.count(f"Группа здоровья {group}", hint, example=example)
    return counted


def published_without(rows: pd.DataFrame, has: str, shown: str) -> pd.Series:
    """Rows that say that something is published and that there is none of it; what is not told contradicts nothing."""
    return (rows[shown] & ~rows[has]).fillna(False).astype(bool)


@register(
    "preschool_passport",
    title="Паспорт детского сада",
    file="Паспорта детских садов.xlsx",
    sheet="Паспорт",
    about="Одна строка на детский сад, числа за год. Пусто — нет данных.",
    known_by=("org_id", "contingent", "teachers"),
    replaces=("org_id",),
    is_whole=True,
)
class PreschoolPassport(Register):
    """Паспорт детского сада: числа за год, пусто — нет данных."""

    year: Short = types.year()
    org_id: Text = types.preschool()
    contingent: Int = types.count("Воспитанников", "на конец года", least=1, required=True, example=180)
    families: Int = types.count("Семей", "каждая один раз", unit="семей", least=1, required=True, example=160)
    teachers: Int = types.count("Педагогов", example=18)
    teachers_higher: Int = types.count(
        "Педагогов с высшим образованием", "не больше педагогов", at_most="teachers", example=12
    )
    teachers_category: Int = types.count(
        "Педагогов с категорией", "не больше педагогов", at_most="teachers", example=9
    )  # fmt: skip
    teachers_trained: Int = types.count(
        "Педагогов с ПК за 3 года", "не больше педагогов", at_most="teachers", example=16
    )  # fmt: skip
    posts: Number = types.count("Ставок по штату", "можно с дробью", unit="ставок", example="20,5")
    posts_filled: Number = types.count(
        "Ставок занято", "не больше ставок по штату", unit="ставок", at_most="posts", example=19
    )
    special_needs: Int = types.count("Детей с ОВЗ", "не больше воспитанников", at_most="contingent", example=11)
    has_aop: Flag = types.yes_no("Есть АОП")
    follows_fop: Flag = types.yes_no("ОП по ФОП ДО")
    has_rpv: Flag = types.yes_no("Есть РПВ")
    rpv_published: Flag = types.yes_no("РПВ размещена", "выберите из списка; «да» — только если РПВ есть")
    days_ill: Int = types.count("Дней пропущено по болезни", "всеми детьми за год", unit="дней", example=1620)
    injuries: Int = types.count("Травм", "случаев за год", unit="случаев", example=1)
    health_1: Int = _children("I", 40)
    health_2: Int = _children("II", 110)
    health_3: Int = _children("III", 22)
    health_4: Int = _children("IV", 5)
    health_5: Int = _children("V", 3, "детей; вместе не больше воспитанников")
    prescriptions: Int = types.count(
        "Предписаний", "санитарных и пожарных, за год", unit="предписаний", example=0
    )  # fmt: skip
    families_involved: Int = types.count(
        "Семей участвует", "не больше семей", unit="семей", at_most="families", example=120
    )
    families_supported: Int = types.count(
        "Семей получили поддержку", "индивидуальную; не больше семей", unit="семей", at_most="families", example=35
    )
    has_vsoko: Flag = types.yes_no("Есть ВСОКО")
    vsoko_published: Flag = types.yes_no(
        "Результаты ВСОКО размещены", "выберите из списка; «да» — только если ВСОКО есть", example="нет"
    )
    has_development: Flag = types.yes_no("Есть программа развития")
    has_site: Flag = types.yes_no("Сайт отвечает требованиям")

    @pa.dataframe_check(error="row_health_over")
    def _no_more_than_children(cls, rows: pd.DataFrame) -> pd.Series:
        grouped = rows[[f"health_{group}" for group in range(1, 6)]].sum(axis=1)
        return (grouped <= rows["contingent"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_vsoko_absent")
    def _no_results_of_what_is_not_there(cls, rows: pd.DataFrame) -> pd.Series:
        return ~published_without(rows, "has_vsoko", "vsoko_published")

    @pa.dataframe_check(error="row_rpv_absent")
    def _no_programme_shown_that_is_not_there(cls, rows: pd.DataFrame) -> pd.Series:
        return ~published_without(rows, "has_rpv", "rpv_published")


@register(
    "preschool_survey",
    title="Анкета родителей",
    file="Анкета родителей ДОО.xlsx",
    sheet="Анкета",
    about="Одна строка на ответ, анкеты анонимны. Вопросы: Q1 довольны ли образованием ребёнка; Q2 присмотром и "
    "уходом; Q3 условиями; Q4 получаете ли помощь и консультации, когда просите. Публикуется, если анкет не меньше "
    "10 и не меньше 30 % семей.",
    known_by=("org_id", "survey_id", "q_code"),
    replaces=("org_id",),
    part="group_age",
    numbered_by_part=True,
)
class PreschoolSurvey(Register):
    """Анкета родителей: ответ на вопрос, без имени."""

    year: Short = types.year()
    survey_id: Text = types.column(
        "Номер анкеты", "порядковый, цифры", key=True, reads="questionnaire", str_matches=r"^\d{1,8}$", example=1
    )
    org_id: Text = types.preschool()
    group_age: Text = types.code("Возраст группы", AGES, example="от 4 до 5 лет")
    q_code: Text = types.code("Код вопроса", QUESTIONS, key=True, example="Q1")
    answer: Text = types.code("Ответ", ANSWERS, "от 1 до 5, да, нет; НО — нет ответа", required=True, example=5)
    answered_on: Text = types.date("Дата", example="20.04.2026")


@register(
    "preschool_expert",
    title="Эксперты МКДО",
    file="Эксперты МКДО.xlsx",
    sheet="Эксперты",
    about="Одна строка на эксперта. Имя не хранится — вместо него ключ. Присланный позже список года заменяет прежний "
    "целиком.",
    known_by=("expert_key", "order_no"),
)
class PreschoolExpert(Register):
    """Эксперты МКДО: ключ вместо имени, приказ, обучение."""

    year: Short = types.year()
    expert_key: Text = types.person(
        "Эксперт", hint="фамилия, имя, отчество", example="Образцова Анна Примеровна", key=True
    )
    order_no: Text = types.column("Приказ", "номер", str_matches=r"^(?!.*[A-Za-zА-Яа-яЁё]{3}).*$", example="12-о")
    order_date: Text = types.date("Дата приказа", example="15.01.2026")
    trained: Flag = types.yes_no("Обучен", required=True)
    training_hours: Short = types.count("Часов обучения", "можно пусто", unit="ч", example=36)


def _of_preschools(
    title: str, item: str, better: str = "up", *, among: dict[str, Any] | None = None, **has: Any
) -> Any:
    """The share of preschools that have something, among those that tell."""
    (name,) = has
    rows = among or {}
    part, whole = ({**rows, **has}, {**rows, name: KNOWN})
    return share(
        title, part=count("", unit="ДОО", where=part), whole=count("", unit="ДОО", where=whole),
        item=item, better=better, source=SOURCE,
    )  # fmt: skip


def _of(whole: str, part: str, title: str, item: str, *, unit: str = "чел.") -> Any:
    """The share of a number of the passport in another."""
    return share(
        title, part=total(part, unit=unit), whole=total(whole, unit=unit), item=item, better="up", source=SOURCE
    )  # fmt: skip


@mart(
    "preschool_passport",
    of=PreschoolPassport,
    title="Паспорта детских садов: доли, отношения, числа",
    slices=((),),
    base="children",
)
class Passport:
    """Сумма по садам, назвавшим обе стороны; «да — нет» у сада — 100 или 0 %, у города — доля садов."""

    preschools = count("Детских садов с паспортом", "org_id", unit="ДОО")
    children = total("contingent", "Воспитанников")
    fop = _of_preschools("Программа соответствует ФОП ДО", "10.2", follows_fop=True)
    aop = _of_preschools(
        "Есть АОП там, где есть дети с ОВЗ", "10.2", has_aop=True, among={"special_needs": AtLeast(1)}
    )  # fmt: skip
    rpv = _of_preschools("Есть рабочая программа воспитания", "10.2", has_rpv=True)
    rpv_published = _of_preschools("Рабочая программа воспитания размещена", "10.2", rpv_published=True)
    teachers_higher = _of("teachers", "teachers_higher", "Педагоги с высшим образованием", "10.4")
    teachers_category = _of("teachers", "teachers_category", "Педагоги с категорией", "10.4")
    teachers_trained = _of("teachers", "teachers_trained", "Педагоги с повышением квалификации за 3 года", "10.4")
    posts_filled = ratio(
        "Укомплектованность ставок",
        part=total("posts_filled", unit="ставок"), whole=total("posts", unit="ставок"), per=100, unit="%",
        item="10.4", better="up", source=SOURCE,
    )  # fmt: skip
    children_per_teacher = ratio(
        "Воспитанников на педагога",
        part=total("contingent", where={"teachers": AtLeast(1)}), whole=total("teachers"), unit="чел.",
        item="10.4", better="down", source=SOURCE,
    )  # fmt: skip
    families_involved = _of("families", "families_involved", "Участвующие семьи", "10.5", unit="семей")
    families_supported = _of(
        "families", "families_supported", "Семьи с индивидуальной поддержкой", "10.5", unit="семей"
    )
    days_ill = ratio(
        "Пропущено по болезни на ребёнка",
        part=total("days_ill", unit="дней"), whole=total("contingent"), unit="дней",
        item="10.6", better="down", source=SOURCE,
    )  # fmt: skip
    injuries = ratio(
        "Травмы",
        part=total("injuries", unit="случаев"), whole=total("contingent"), per=1000, unit="на 1000 детей",
        item="10.6", better="down", source=SOURCE,
    )  # fmt: skip
    health_weak = share(
        "Дети с III–V группой здоровья",
        part=total(("health_3", "health_4", "health_5")),
        whole=total(("health_1", "health_2", "health_3", "health_4", "health_5")),
        item="10.6", better="down", source=SOURCE,
    )  # fmt: skip
    prescriptions = _of_preschools("Есть предписания", "10.6", "down", prescriptions=AtLeast(1))
    prescriptions_number = total("prescriptions", "Предписания надзора", unit="предписаний")
    vsoko = _of_preschools("Есть ВСОКО", "10.7", has_vsoko=True)
    vsoko_published = _of_preschools("Результаты ВСОКО размещены", "10.7", vsoko_published=True)
    development = _of_preschools("Есть программа развития", "10.7", has_development=True)
    site = _of_preschools("Сайт отвечает требованиям", "10.7", has_site=True)


class PublishedAnswers(MadeRows):
    """Answers to a question that enough families of a preschool gave: how many, and how many of them are good."""

    q_code: str = field("Код вопроса", codes={code: code for code in DATA["questions"]})
    good: pd.Int64Dtype = field("Хороших ответов", unit="ответов", ge=0)
    given: pd.Int64Dtype = field("Ответов", unit="ответов", ge=0)


def _good(code: str) -> Any:
    """The share of good answers to a question, of those given."""
    question = DATA["questions"][code]
    return share(
        question["title"],
        part=total("good", unit="ответов", where={"q_code": code}),
        whole=total("given", unit="ответов", where={"q_code": code}),
        item=question["item"], better="up", source=DATA["questions_source"]["source"],
        verified=DATA["questions_source"]["verified"],
    )  # fmt: skip


@mart("preschool_families", of=PublishedAnswers, title="Анкеты родителей детских садов: доли ответов", slices=((),))
class Families:
    """Только сады, где ответили достаточно семей: правило — в docs/methodology.md."""

    preschools = count("Детских садов, чьи ответы показаны", "org_id", unit="ДОО")
    satisfied_education = _good("Q1")
    satisfied_care = _good("Q2")
    satisfied_conditions = _good("Q3")
    supported_when_asked = _good("Q4")
