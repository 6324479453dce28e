"""ГИА facts: what a validated row of a protocol of the state exams holds, and the schools' counts of certificates.

A pupil is a key (HMAC of the name) within an organisation. Answers stay as the protocol writes them: a sign a short
task (`+` full, `-` zero, a digit partial points), `1(2)2(3)` scores of long ones; `indicators.gia.tasks` reads them.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import types
from schemas.declared import mart
from schemas.facts import Fact
from schemas.fields import field
from schemas.measure import Day, made, share, total
from schemas.published import PCT
from schemas.register import Register, register
from schemas.types import ISO_DATE, PERSON_KEY, SUBJECT, Int, Short, Text, Tiny

CODE = r"^\d{2,8}$"
"""Codes of РИС: organisation, municipality, place of the exam."""
OUTCOMES = ("result", "removed", "unfinished", "absent", "annulled", "none")
"""Has a result; sent away; left before the end; did not come; result taken back; nothing is known."""
SHORT, LONG = r"^[-+0-9]+$", r"^(?:\d+\(\d+\))+$"


class ExamRow(Fact):
    """Строка протокола экзамена: ученик на экзамене."""

    year: pd.Int16Dtype = field("Отчётный год", key=True, reads="year", ge=2015, le=2100)
    procedure: str = field("Процедура", key=True, isin=["OGE", "GVE9", "EGE", "GVE11"])
    subject: str = field("Код предмета", key=True, str_matches=SUBJECT)
    exam_date: str = field("Дата экзамена", key=True, str_matches=ISO_DATE)
    org_ref: str = field("Код ОО в РИС", key=True, digits=8, str_matches=CODE)
    pupil_key: str = field("Ключ участника", key=True, personal=True, str_matches=PERSON_KEY)
    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится участник", nullable=False, ge=1, le=11)
    class_label: str = field("Класс (буква или номер)")
    ppe: str = field("Код ППЭ", digits=8)


class Answers(ExamRow):
    """Протокол с ответами. Кто не имеет результата, остаётся участником: почему его нет, говорит `outcome`."""

    outcome: str = field("Чем кончился экзамен для участника", nullable=False, isin=OUTCOMES)
    primary_score: pd.Int16Dtype = field("Первичный балл", unit="балл", ge=0)
    municipality_ref: str = field("Код МСУ", digits=8)
    oral: pd.BooleanDtype = field("Устная часть", key=True)
    resit: pd.BooleanDtype = field("Назван в протоколе пересдачей", nullable=False)
    short_answers: str = field("Задания с кратким ответом", content="answers", str_matches=SHORT)
    long_answers: str = field("Задания с развёрнутым ответом: балл(максимум)", content="answers", str_matches=LONG)


class Gia9(Answers):
    """ГИА-9: протоколы ОГЭ и ГВЭ-9."""

    mark: pd.Int8Dtype = field("Оценка", ge=2, le=5)


class Gia11(Answers):
    """ГИА-11: протоколы ЕГЭ и ГВЭ-11."""

    variant: str = field("Вариант", digits=6)
    test_score: pd.Int16Dtype = field("Тестовый балл", unit="балл", ge=0, le=100)
    mark: pd.Int8Dtype = field("Отметка: базовая математика, ГВЭ", ge=2, le=5)


class Gia9Appeal(ExamRow):
    """ГИА-9: итоги апелляций."""

    primary_score: pd.Int16Dtype = field("Первичный балл", unit="балл", nullable=False, ge=0)
    state: str = field("Состояние апелляции", content="words", nullable=False)
    mark: pd.Int8Dtype = field("Оценка после апелляции", nullable=False, ge=2, le=5)


def _of_graduates(title: str, hint: str, example: int, of: str = "graduates") -> Int:
    counted: Int = types.count(title, hint, at_most=of, example=example)
    return counted


@register(
    "certificate",
    title="Аттестаты и медали",
    file="Аттестаты и медали.xlsx",
    sheet="Аттестаты",
    about="Одна строка на школу и класс (9 или 11), во всех столбцах — число выпускников. Пусто — нет данных.",
    known_by=("org_id", "certificates"),
    replaces=("org_id", "grade"),
    is_whole=True,
)
class Certificate(Register):
    """Аттестаты и медали: числа по школе, класс 9 или 11."""

    year: Short = types.year("год выпуска")
    org_id: Text = types.login()
    grade: Tiny = types.grade(hint="9 или 11", choices=(9, 11), isin=[9, 11], key=True, example=11)
    as_of: Text = types.date(
        "На какой день",
        "день.месяц.год, на который числа верны: до сентябрьских пересдач или после",
        optional=True,
        example="01.07.2026",
    )
    graduates: Int = types.count("Выпускников всего", "на начало ГИА", required=True, example=24)
    admitted: Int = _of_graduates("Допущены", "к ГИА", 24)
    certificates: Int = _of_graduates("Получили аттестат", "человек", 23)
    honours: Int = _of_graduates("Из них с отличием", "не больше получивших аттестат", 3, "certificates")
    failed: Int = _of_graduates("Не получили (справка)", "человек", 1)
    september: Int = _of_graduates("Пересдают в сентябре", "человек", 1)
    medals_1: Int = _of_graduates("Медаль I степени", "только 11 класс", 2, "certificates")
    medals_2: Int = _of_graduates("Медаль II степени", "только 11 класс", 1, "certificates")

    @pa.dataframe_check(error="row_certificates_over")
    def _no_more_than_graduated(cls, rows: pd.DataFrame) -> pd.Series:
        leavers = rows["certificates"] + rows["failed"]
        return (leavers <= rows["graduates"]).fillna(True)


SOURCE = "критерий проекта, docs/methodology.md: числа школ, тех, что назвали и часть, и целое"


@mart(
    "certificates",
    of=Certificate,
    title="Аттестаты, медали и итоги выпускников: школа (уровень) × класс",
    slices=(("grade",),),
)
class Certificates:
    """Числа самих школ; у 11 класса рядом то, что говорят о выпускниках протоколы ЕГЭ."""

    as_of = Day("На какой день числа школы; суммы — самый ранний из её школ", "as_of")
    as_of_last = Day("Самый поздний из них", "as_of", is_latest=True)
    graduates = total("graduates", "Выпускников всего")
    admitted = total("admitted", "Допущены к ГИА")
    certificates = share(
        "Доля получивших аттестат",
        part=total("certificates", "Получили аттестат"), part_as="certificates",
        whole=total("graduates"), whole_as=None, has_bounds=False, item="2.4", better="up", source=SOURCE,
    )  # fmt: skip
    honours = total("honours", "Из них с отличием")
    failed = total("failed", "Не получили аттестат (справка)")
    september = total("september", "Пересдают в сентябре")
    medals_1 = total("medals_1", "Медалей I степени")
    medals_2 = total("medals_2", "Медалей II степени")
    examined = made("Сдавали ЕГЭ (по протоколам)", unit="чел.", ge=0)
    exams_until = made("День последнего экзамена в протоколах, включая пересдачи", dtype=str, str_matches=ISO_DATE)
    both_passed = made("Преодолели минимум по русскому языку и математике", unit="чел.", ge=0)
    both_passed_pct = made("Доля преодолевших оба обязательных", dtype=pd.Float64Dtype, **PCT)
    sum3_160 = made("Набрали 160 баллов и больше по трём лучшим предметам", unit="чел.", ge=0)
    sum3_160_pct = made("Доля набравших 160 и больше", dtype=pd.Float64Dtype, **PCT)
    sum3_220 = made("Набрали 220 баллов и больше по трём лучшим предметам", unit="чел.", ge=0)
    sum3_220_pct = made("Доля набравших 220 и больше", dtype=pd.Float64Dtype, **PCT)
