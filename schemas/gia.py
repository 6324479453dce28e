"""ГИА facts: what a validated row of a protocol of the state exams holds, and the schools' counts of certificates.

A pupil is a key (HMAC of the name) within an organisation. Answers stay as the protocol writes them: a sign a short
task (`+` full, `-` zero, a digit partial points), `1(2)2(3)` scores of long ones; `indicators.gia.tasks` reads them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, procedures, types
from schemas.declared import mart
from schemas.facts import Fact
from schemas.fields import field
from schemas.measure import Day, made, share, total
from schemas.published import PCT
from schemas.register import Register, register
from schemas.types import ISO_DATE, PERSON_KEY, SUBJECT, Int, Number, Short, Text, Tiny

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


class Gia11Appeal(ExamRow):
    """ГИА-11: итоги апелляций. Балла нет там, где апелляция его не изменила или результат отменён."""

    pupil_grade: pd.Int8Dtype = field("Класс, в котором учится участник", ge=1, le=11)
    primary_score: pd.Int16Dtype = field("Первичный балл после апелляции", unit="балл", ge=0)
    state: str = field("Состояние апелляции", content="words", nullable=False)
    test_score: pd.Int16Dtype = field("Тестовый балл после апелляции", unit="балл", ge=0, le=100)
    mark: pd.Int8Dtype = field("Отметка после апелляции: базовая математика, ГВЭ", ge=2, le=5)


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


_EXAMS = types.spelled({code: procedures.SPELLINGS[code] for code in ("OGE", "EGE", "GVE9", "GVE11")})
_SUBJECTS = {title: code for code, title in catalogue.subjects().items() if code in catalogue.subjects_of("gia")}
_SUBJECTS |= {"Математика профильная": "MA", "Математика (профильный уровень)": "MA", "Математика базовая": "MB"}
_SUBJECTS |= catalogue.subject_spellings("gia")
PARTS = {
    **{f"mark_{mark}": (f"Отметок «{mark}»", f"«{mark}»") for mark in (2, 3, 4, 5)},
    "below_minimum": ("Не преодолели минимум", "Ниже минимума"),
    "band_61_80": ("От 61 до 80 баллов", "61–80"),
    "band_81_99": ("От 81 до 99 баллов", "81–99"),
    "band_100": ("100 баллов", "Стобалльников"),
}
"""Count of participants → its title and another header that it goes by."""
MARKS = ("mark_2", "mark_3", "mark_4", "mark_5")
BANDS = ("band_61_80", "band_81_99", "band_100")
ROUNDING_PCT = 0.6  # per cent are printed whole or with decimals


def _people(name: str, example: Any = "") -> Int:
    title, other = PARTS[name]
    also = [f"{other}, чел.", other, f"{title}, человек"]
    counted: Int = types.count(
        f"{title}, чел.", "если известно", at_most="participants", also=also, optional=True, example=example
    )  # fmt: skip
    return counted


def _per_cent(name: str, example: Any = "") -> Number:
    title, other = PARTS[name]
    share: Number = types.count(
        f"{title}, %", "если известен процент, а не число", unit="%", le=100, optional=True,
        also=[f"{other}, %", f"Доля: {other}", f"Процент: {other}"], example=example,
    )  # fmt: skip
    return share


def _figure(title: str, unit: str, *also: str, least: int = 0, example: Any = "", **bounds: Any) -> Number:
    figure: Number = types.count(
        title, "можно пусто", unit=unit, least=least, also=also, optional=True, example=example, **bounds
    )  # fmt: skip
    return figure


@register(
    "exam_reference",
    title="Экзамены, результаты региона и страны",
    file="Экзамены, регион и страна.xlsx",
    sheet="Регион и страна",
    about="Одна строка на экзамен и территорию: с чем сравнить школы и город. Участники — с результатом, первая "
    "попытка (основной период). Числа людей или проценты — что есть в отчёте региона; остальное можно не заполнять.",
    known_by=("territory", "procedure", "participants"),
    replaces=("procedure", "subject", "territory"),
    is_whole=True,
)
class ExamReference(Register):
    """Экзамены: результаты региона и страны для сравнения."""

    year: Short = types.year("год экзамена")
    procedure: Text = types.code("Вид экзамена", _EXAMS, key=True, also=["Экзамен", "Форма экзамена"], example="ОГЭ")
    subject: Text = types.code("Предмет", _SUBJECTS, key=True, also=["Учебный предмет"], example="Русский язык")
    territory: Text = types.code(
        "Территория", procedures.TERRITORIES, key=True, also=["Уровень", "Регион, страна"], example="регион"
    )  # fmt: skip
    participants: Int = types.count(
        "Участников с результатом", "человек, основной период", least=1, required=True, example=5000,
        also=["Участников", "Количество участников", "Кол-во участников", "Всего участников", "Участников, чел."],
    )  # fmt: skip
    mark_2: Int = _people("mark_2", 200)
    mark_3: Int = _people("mark_3", 1800)
    mark_4: Int = _people("mark_4", 2000)
    mark_5: Int = _people("mark_5", 1000)
    mark_2_pct: Number = _per_cent("mark_2", 4)
    mark_3_pct: Number = _per_cent("mark_3", 36)
    mark_4_pct: Number = _per_cent("mark_4", 40)
    mark_5_pct: Number = _per_cent("mark_5", 20)
    below_minimum: Int = _people("below_minimum", 200)
    below_minimum_pct: Number = _per_cent("below_minimum", 4)
    band_61_80: Int = _people("band_61_80")
    band_81_99: Int = _people("band_81_99")
    band_100: Int = _people("band_100")
    band_61_80_pct: Number = _per_cent("band_61_80")
    band_81_99_pct: Number = _per_cent("band_81_99")
    band_100_pct: Number = _per_cent("band_100")
    mean_mark: Number = _figure("Средняя отметка", "отметка", "Средняя оценка", least=2, le=5, example="3,76")
    sd_mark: Number = _figure("Стандартное отклонение отметки", "отметка", le=2)
    mean_primary: Number = _figure("Средний первичный балл", "балл", "Средний балл (первичный)", example="26,4")
    sd_primary: Number = _figure("Стандартное отклонение первичного балла", "балл", example="6,1")
    mean_test: Number = _figure("Средний тестовый балл", "балл", "Средний балл (тестовый)", le=100)
    sd_test: Number = _figure("Стандартное отклонение тестового балла", "балл", le=50)

    @pa.dataframe_check(error="row_marks_differ")
    def _everybody_has_a_mark(cls, rows: pd.DataFrame) -> pd.Series:
        marks = rows[list(MARKS)]
        total, people = marks.sum(axis=1).astype("Float64"), rows["participants"].astype("Float64")
        return _unless(marks.notna().all(axis=1) & (total != people)) & _unless(total > people)

    @pa.dataframe_check(error="row_shares_not_whole")
    def _shares_are_of_all(cls, rows: pd.DataFrame) -> pd.Series:
        shares = rows[[f"{name}_pct" for name in MARKS]]
        total = shares.sum(axis=1).astype("Float64")
        far = (total - 100).abs() > len(MARKS) * ROUNDING_PCT
        of_bands = rows[["below_minimum_pct", *(f"{name}_pct" for name in BANDS)]].sum(axis=1).astype("Float64")
        most = 100 + len(MARKS) * ROUNDING_PCT
        return _unless(shares.notna().all(axis=1) & far) & _unless(total > most) & _unless(of_bands > most)

    @pa.dataframe_check(error="row_count_and_share")
    def _count_and_share_agree(cls, rows: pd.DataFrame) -> pd.Series:
        agree = pd.Series(True, index=rows.index)
        for name in PARTS:
            share = rows[name].astype("Float64") / rows["participants"].astype("Float64") * 100
            agree &= _unless((share - rows[f"{name}_pct"].astype("Float64")).abs() > ROUNDING_PCT)
        return agree

    @pa.dataframe_check(error="row_figure_of_other_exam")
    def _marks_or_test_scores(cls, rows: pd.DataFrame) -> pd.Series:
        scores = rows[[*BANDS, *(f"{name}_pct" for name in BANDS), "mean_test", "sd_test"]].notna().any(axis=1)
        marks = rows[[*MARKS, *(f"{name}_pct" for name in MARKS), "mean_mark", "sd_mark"]].notna().any(axis=1)
        has_marks = by_mark(rows)
        only_ege = (rows["subject"] != "MB") | (rows["procedure"] == "EGE")
        return _unless(has_marks & scores) & _unless(~has_marks & marks) & only_ege.fillna(True).astype(bool)

    @pa.dataframe_check(error="row_mean_over_exam")
    def _no_more_than_the_exam_has(cls, rows: pd.DataFrame) -> pd.Series:
        exams = zip(rows["procedure"], rows["year"], rows["subject"], strict=True)
        tops = [
            catalogue.exam_maximum(str(exam), int(year), str(subject)) if pd.notna(year) else None
            for exam, year, subject in exams
        ]
        most = pd.Series([top[0] if top and top[1] else None for top in tops], rows.index, "Float64")
        return _unless(rows["mean_primary"].astype("Float64") > most)


def by_mark(rows: pd.DataFrame) -> pd.Series:
    """Whether an exam gives a mark (ОГЭ, ГВЭ, base mathematics), not a test score. rows: procedure, subject."""
    return ((rows["procedure"] != "EGE") | (rows["subject"] == "MB")).fillna(False).astype(bool)


def _unless(wrong: pd.Series) -> pd.Series:
    """True where nothing is known to be wrong."""
    return ~wrong.astype("boolean").fillna(False).astype(bool)


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
    both_passed_ci_low = made("То же, нижняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
    both_passed_ci_high = made("То же, верхняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
    three_exams = made("Из сдававших имеют три тестовых балла и больше", unit="чел.", ge=0)
    sum3_160 = made("Набрали 160 баллов и больше по трём лучшим предметам", unit="чел.", ge=0)
    sum3_160_pct = made("Доля набравших 160 и больше", dtype=pd.Float64Dtype, **PCT)
    sum3_160_ci_low = made("То же, нижняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
    sum3_160_ci_high = made("То же, верхняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
    sum3_220 = made("Набрали 220 баллов и больше по трём лучшим предметам", unit="чел.", ge=0)
    sum3_220_pct = made("Доля набравших 220 и больше", dtype=pd.Float64Dtype, **PCT)
    sum3_220_ci_low = made("То же, нижняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
    sum3_220_ci_high = made("То же, верхняя граница 95 %", dtype=pd.Float64Dtype, **PCT)
