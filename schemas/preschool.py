"""Preschools (МКДО): scales of groups, passports, questionnaires of parents, experts. Read by `facts.flat`.

A preschool's code is `doo` and six digits; a school that has preschool groups keeps its login. Questionnaires are
anonymous; of an expert there is a key (HMAC of the name).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue
from schemas.fields import YES_NO, field
from schemas.gia import PERSON_KEY
from schemas.risk import ISO_DATE
from schemas.vpr import ANY_ORGANISATION, Fact

NOT_APPLICABLE = "NP"
LEVELS = ("0", "1", "2", "3", "4", "5")
CRITERIA = tuple(f"criteria_{level}" for level in LEVELS[1:])
TOLD_OF_CRITERIA = r"^\d{1,3}/\d{1,3}$"
DATA = catalogue.preschool()


def _spelled(listed: dict[str, list[str]]) -> dict[str, str]:
    return {spelling: code for code, spellings in listed.items() for spelling in spellings}


AREAS: dict[str, str] = _spelled({code: [told["title"], str(told["number"])] for code, told in DATA["areas"].items()})
"""Spelling of an area, its title or number → its code."""
AREA_OF: dict[str, str] = {name: code for code, told in DATA["areas"].items() for name in told["indicators"]}
"""Indicator of the scales → its area."""
INDICATORS: dict[str, str] = {
    title: name for told in DATA["areas"].values() for name, title in told["indicators"].items()
} | {name: name for name in AREA_OF}
"""Spelling of an indicator, its title or code → its code."""
QUESTIONS: dict[str, str] = _spelled({code: [code, code[1:], f"В{code[1:]}"] for code in DATA["questions"]})
ANSWERS = {answer: answer for answer in LEVELS[1:]} | {"да": "yes", "нет": "no", "НО": "none", "нет ответа": "none"}


def confirmed_level(rows: pd.DataFrame) -> pd.Series:
    """Level that criteria confirm, 0…5: level n counts only if all criteria of levels ≤ n are met. NULL: none is told.

    rows: CRITERIA, each `met/total` or NULL; a level whose criteria are not told is not confirmed, nor any above it.
    """
    told = [rows[name].astype("string") for name in CRITERIA]
    counts = [text.str.extract(r"^(?P<met>\d+)/(?P<all>\d+)$") for text in told]
    confirmed = pd.concat([(part["met"] == part["all"]).fillna(False) for part in counts], axis=1).astype("int64")
    known = pd.concat([text.notna() for text in told], axis=1).any(axis=1)
    return confirmed.cumprod(axis=1).sum(axis=1).astype("Int64").where(known)


class PreschoolYear(Fact):
    """Строка о детском саде за отчётный год."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="year", ge=2015, le=2100)
    org_id: str = field("Код ДОО", key=True, reads="organisation", str_matches=ANY_ORGANISATION)


def _criteria(level: int) -> str:
    declared: str = field(f"Критерии уровня {level}: выполнено/всего", reads="criteria", str_matches=TOLD_OF_CRITERIA)
    return declared


class PreschoolScale(PreschoolYear):
    """Шкалы МКДО: уровень показателя в группе по одному источнику."""

    group_name: str = field("Группа (или весь сад)", key=True)
    age: str = field("Возраст группы", isin=list(DATA["ages"]), codes=_spelled(DATA["ages"]))
    area: str = field("Область", key=True, isin=list(DATA["areas"]), codes=AREAS)
    indicator: str = field("Показатель", key=True, isin=list(AREA_OF), codes=INDICATORS)
    source: str = field(
        "Источник", key=True, isin=DATA["sources"]["order"], codes=_spelled(DATA["sources"]["spellings"])
    )
    level: str = field(
        "Уровень 0–5; NP — не применимо",
        isin=[*LEVELS, NOT_APPLICABLE], codes={level: level for level in LEVELS} | {"НП": NOT_APPLICABLE},
    )  # fmt: skip
    criteria_1: str = _criteria(1)
    criteria_2: str = _criteria(2)
    criteria_3: str = _criteria(3)
    criteria_4: str = _criteria(4)
    criteria_5: str = _criteria(5)

    @pa.dataframe_check(error="row_indicator_of_area")
    def _indicator_of_its_area(cls, frame: pd.DataFrame) -> pd.Series:
        area = frame["indicator"].map(AREA_OF)
        return ((area == frame["area"]) | area.isna() | frame["area"].isna()).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_level_missing")
    def _level_or_criteria(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["level"].notna() | frame[list(CRITERIA)].notna().any(axis=1)

    @pa.dataframe_check(error="row_level_differs")
    def _level_as_confirmed(cls, frame: pd.DataFrame) -> pd.Series:
        said, confirmed = frame["level"].astype("string"), confirmed_level(frame).astype("string")
        return ((said == confirmed) | said.isna() | confirmed.isna()).fillna(True).astype(bool)


def _count(title: str, at_most: str | None = None, unit: str = "чел.") -> Any:
    return field(title, unit=unit, ge=0, at_most=at_most)


def _told(title: str) -> Any:
    return field(title, codes=YES_NO)


def published_without(frame: pd.DataFrame, has: str, shown: str) -> pd.Series:
    """Rows that say that something is published and that there is none of it; what is not told contradicts nothing."""
    return (frame[shown] & ~frame[has]).fillna(False).astype(bool)


class PreschoolPassport(PreschoolYear):
    """Паспорт детского сада: числа за год, пусто — нет данных."""

    contingent: pd.Int32Dtype = field("Воспитанников", unit="чел.", nullable=False, ge=1)
    families: pd.Int32Dtype = field("Семей", unit="семей", nullable=False, ge=1)
    teachers: pd.Int32Dtype = _count("Педагогов")
    teachers_higher: pd.Int32Dtype = _count("Педагогов с высшим образованием", "teachers")
    teachers_category: pd.Int32Dtype = _count("Педагогов с категорией", "teachers")
    teachers_trained: pd.Int32Dtype = _count("Педагогов с повышением квалификации за 3 года", "teachers")
    posts: pd.Float64Dtype = _count("Ставок по штату", unit="ставок")
    posts_filled: pd.Float64Dtype = _count("Ставок занято", "posts", unit="ставок")
    special_needs: pd.Int32Dtype = _count("Детей с ОВЗ", "contingent")
    has_aop: pd.BooleanDtype = _told("Есть адаптированная программа")
    follows_fop: pd.BooleanDtype = _told("Программа по ФОП ДО")
    has_rpv: pd.BooleanDtype = _told("Есть рабочая программа воспитания")
    rpv_published: pd.BooleanDtype = _told("Рабочая программа воспитания размещена")
    days_ill: pd.Int32Dtype = _count("Дней пропущено по болезни всеми детьми", unit="дней")
    injuries: pd.Int32Dtype = _count("Травм за год", unit="случаев")
    health_1: pd.Int32Dtype = _count("I группа здоровья")
    health_2: pd.Int32Dtype = _count("II группа здоровья")
    health_3: pd.Int32Dtype = _count("III группа здоровья")
    health_4: pd.Int32Dtype = _count("IV группа здоровья")
    health_5: pd.Int32Dtype = _count("V группа здоровья")
    prescriptions: pd.Int32Dtype = _count("Предписаний надзора", unit="предписаний")
    families_involved: pd.Int32Dtype = _count("Семей участвует", "families", unit="семей")
    families_supported: pd.Int32Dtype = _count("Семей получили индивидуальную поддержку", "families", unit="семей")
    has_vsoko: pd.BooleanDtype = _told("Есть ВСОКО")
    vsoko_published: pd.BooleanDtype = _told("Результаты ВСОКО размещены")
    has_development: pd.BooleanDtype = _told("Есть программа развития")
    has_site: pd.BooleanDtype = _told("Сайт отвечает требованиям")

    @pa.dataframe_check(error="row_health_over")
    def _no_more_than_children(cls, frame: pd.DataFrame) -> pd.Series:
        grouped = frame[[f"health_{group}" for group in range(1, 6)]].sum(axis=1)
        return (grouped <= frame["contingent"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="row_vsoko_absent")
    def _no_results_of_what_is_not_there(cls, frame: pd.DataFrame) -> pd.Series:
        return ~published_without(frame, "has_vsoko", "vsoko_published")

    @pa.dataframe_check(error="row_rpv_absent")
    def _no_programme_shown_that_is_not_there(cls, frame: pd.DataFrame) -> pd.Series:
        return ~published_without(frame, "has_rpv", "rpv_published")


class PreschoolSurvey(PreschoolYear):
    """Анкета родителей: ответ на вопрос, без имени."""

    survey_id: str = field("Номер анкеты", key=True, reads="questionnaire", str_matches=r"^\d{1,8}$")
    group_age: str = field("Возраст группы", isin=list(DATA["ages"]), codes=_spelled(DATA["ages"]))
    q_code: str = field("Код вопроса", key=True, isin=list(DATA["questions"]), codes=QUESTIONS)
    answer: str = field("Ответ: 1–5, yes, no; none — нет ответа", nullable=False, codes=ANSWERS)
    answered_on: str = field("Дата", reads="date", str_matches=ISO_DATE)


class PreschoolExpert(Fact):
    """Эксперты МКДО: ключ вместо имени, приказ, обучение."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="year", ge=2015, le=2100)
    expert_key: str = field("Ключ эксперта", key=True, personal=True, str_matches=PERSON_KEY)
    order_no: str = field("Номер приказа", str_matches=r"^(?!.*[A-Za-zА-Яа-яЁё]{3}).*$")
    order_date: str = field("Дата приказа", reads="date", str_matches=ISO_DATE)
    trained: pd.BooleanDtype = field("Обучен", nullable=False, codes=YES_NO)
    training_hours: pd.Int16Dtype = field("Обучение", unit="ч", ge=0)
