"""Registers of risk: what others have found about a school, taken in as it came.

Evidence: the official list is a real regional one (2023–2025); the other forms are our own.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, types
from schemas.register import Register, register
from schemas.types import Flag, Int, Short, Text, Tiny


def _words(code_list: str) -> dict[str, str]:
    """Spelling → code."""
    return {row["spelling"]: row["value"] for row in catalogue.rows("risk/codes.csv") if row["list"] == code_list}


def _numbers(code_list: str) -> dict[str, int]:
    """Spelling → number."""
    return {spelling: int(value) for spelling, value in _words(code_list).items()}


@register(
    "objectivity_list",
    title="Перечень ОО с признаками необъективности (официальный список)",
    file="Перечень ОО с признаками необъективности.xlsx",
    sheet="Перечень",
    about="Одна строка на школу из официального списка года. Присланный позже список того же года заменяет прежний "
    "целиком.",
    known_by=("org_id", "markers"),
    is_whole=True,
    is_of_own=False,
)
class ObjectivityList(Register):
    """Перечень ОО с признаками необъективности (официальный список)."""

    year: Short = types.year("отчётный год ВПР")
    org_id: Text = types.login()
    municipality_name: Text = types.column("Муниципалитет", "как в списке", content="place", example="город Черногорск")
    org_name: Text = types.column("ОО", "как в списке", content="words", example="МБОУ «СОШ № 3»")
    ru4: Flag = types.flag("4 РУ", "1")
    ma4: Flag = types.flag("4 МА", "0")
    ru5: Flag = types.flag("5 РУ")
    ma5: Flag = types.flag("5 МА", "1")
    markers: Tiny = types.count("Количество маркеров", "сколько единиц в строке", unit=None, example=2, le=4)

    @pa.dataframe_check(error="row_markers_differ")
    def _markers_add_up(cls, rows: pd.DataFrame) -> pd.Series:
        marked = rows[["ru4", "ma4", "ru5", "ma5"]].fillna(False).sum(axis=1)
        return (rows["markers"] == marked).fillna(True)


@register(
    "risk_profile",
    title="Рисковый профиль школы (500+)",
    file="Рисковые профили школ (500+).xlsx",
    sheet="Рисковый профиль",
    about="Одна строка на школу и фактор. Факторы: "
    + "; ".join(f"{number} {title}" for number, title in sorted(catalogue.risk_factors().items()))
    + ".",
    known_by=("org_id", "factor"),
    replaces=("org_id",),
    is_whole=True,
)
class RiskProfile(Register):
    """Рисковый профиль школы (500+)."""

    year: Short = types.year()
    org_id: Text = types.login()
    factor: Tiny = types.code(
        "Фактор риска", _numbers("factor"), "номер от 1 до 10 или название; список — на листе «Как заполнять»",
        key=True, example=2,
    )  # fmt: skip
    level: Text = types.code("Уровень риска", _words("level"), required=True, example="высокий")


def _of_pupils(title: str, example: int, hint: str = "человек") -> Int:
    counted: Int = types.count(title, hint, at_most="pupils", example=example)
    return counted


@register(
    "social_passport",
    title="Социальный паспорт школы",
    file="Социальные паспорта школ.xlsx",
    sheet="Социальный паспорт",
    about="Одна строка на школу, во всех столбцах — число обучающихся, ни имён, ни процентов. Пусто — нет данных.",
    known_by=("org_id", "single_parent"),
    replaces=("org_id",),
    is_whole=True,
)
class SocialPassport(Register):
    """Социальный паспорт школы."""

    year: Short = types.year()
    org_id: Text = types.login()
    pupils: Int = types.count(
        "Обучающихся", "всего в школе, не меньше каждого из следующих чисел", least=1, required=True, example=640
    )
    single_parent: Int = _of_pupils("Из неполных семей", 120)
    large_family: Int = _of_pupils("Из многодетных семей", 90)
    low_income: Int = _of_pupils("Из малообеспеченных семей", 75)
    parents_higher: Int = _of_pupils("Оба родителя с высшим образованием", 210)
    on_register: Int = _of_pupils("На учёте (ВШК, ПДН, КДН)", 8, "человек, каждый один раз")
    guardianship: Int = _of_pupils("Под опекой", 11)
    russian_not_native: Int = _of_pupils("Русский язык не родной", 35)
    parents_unemployed: Int = _of_pupils("Родители не работают", 14)
    special_needs: Int = _of_pupils("С ОВЗ и инвалидностью", 22, "человек, каждый один раз")


@register(
    "recheck",
    title="Протокол перепроверки",
    file="Протокол перепроверки.xlsx",
    sheet="Перепроверка",
    about="Одна строка на перепроверенную работу. Имена учеников и экспертов не нужны; столбец «Эксперт», если он "
    "есть, не читается.",
    known_by=("procedure", "work_code"),
    replaces=("procedure", "org_id", "subject", "grade"),
    beside=(".*эксперт.*",),
    row_key="work_code",
    is_of_own=False,
)
class Recheck(Register):
    """Протокол перепроверки: строка на работу, без имени эксперта."""

    year: Short = types.year()
    procedure: Text = types.code("Процедура", _words("procedure"), key=True, example="ВПР")
    org_id: Text = types.login()
    subject: Text = types.column(
        "Предмет", "код или название предмета", key=True, reads="subject", str_matches=types.SUBJECT,
        example="Математика",
    )  # fmt: skip
    grade: Tiny = types.grade(hint="класс работы", key=True, example=5)
    work_code: Text = types.column(
        "Код работы", "код участника или шифр, не имя", key=True, personal=True, reads="work_code",
        str_matches=types.WORK_CODE, example="50012",
    )  # fmt: skip
    primary_before: Short = types.count("Балл до", "первичный балл до перепроверки", unit="балл", example=14)
    primary_after: Short = types.count("Балл после", "первичный балл после", unit="балл", example=12)
    mark_before: Tiny = types.mark("Отметка до", example=4)
    mark_after: Tiny = types.mark("Отметка после", example=3)
    checked_on: Text = types.date("Дата проверки", example="20.05.2026")
    conclusion: Text = types.words(
        "Заключение", "своими словами, без имён", personal=True, example="отметка понижена"
    )  # fmt: skip


def _score(title: str, example: int) -> Short:
    scored: Short = types.count(title, "тестовый балл, 0–100", unit="балл", le=100, example=example)
    return scored


@register(
    "medallist",
    title="Претенденты на медаль и их ЕГЭ",
    file="Претенденты на медаль и их ЕГЭ.xlsx",
    sheet="Претенденты",
    about="Одна строка на выпускника, который по отметкам претендует на медаль, получил он её или нет. Вместо имени — "
    "порядковый номер внутри школы.",
    known_by=("org_id", "medal"),
    replaces=("org_id",),
    part="medal",
    numbered_by_part=True,
    is_of_own=False,
)
class Medallist(Register):
    """Претенденты на медаль и их ЕГЭ: номер вместо имени."""

    year: Short = types.year()
    org_id: Text = types.login()
    number: Short = types.count(
        "№ п/п", "номер претендента в школе, с 1", unit=None, least=1, key=True, digits=6, example=1
    )  # fmt: skip
    medal: Tiny = types.code(
        "Степень медали", _numbers("medal"), "I или II, по отметкам", required=True, example="I"
    )  # fmt: skip
    ege_ru: Short = _score("ЕГЭ: русский язык", 86)
    ege_other: Short = _score("ЕГЭ: лучший другой предмет", 74)
    math_base_mark: Tiny = types.mark("ЕГЭ: математика базовая, отметка", "от 2 до 5; пусто, если не сдавал", example=5)
    other_exams: Tiny = types.count(
        "ЕГЭ: сколько других предметов",
        "сколько сдавал кроме русского языка и базовой математики; 0 — только их",
        unit=None, le=14, optional=True, example=2,
        source="приказ Минпросвещения 29.09.2023 № 730: «5» по базовой математике — для тех, кто сдаёт только эти два",
    )  # fmt: skip

    @pa.dataframe_check(error="row_other_exams")
    def _has_no_other_exam(cls, rows: pd.DataFrame) -> pd.Series:
        return ((rows["other_exams"] > 0) | rows["ege_other"].isna()).fillna(True)


@register(
    "risk_indicator",
    title="Индикаторы риска Рособрнадзора",
    file="Индикаторы риска Рособрнадзора.xlsx",
    sheet="Индикаторы риска",
    about="Одна строка на школу, год и индикатор.",
    known_by=("org_id", "indicator"),
    replaces=("org_id",),
    is_of_own=False,
)
class RiskIndicator(Register):
    """Индикаторы риска Рособрнадзора: строка на школу, год и индикатор."""

    year: Short = types.year()
    org_id: Text = types.login()
    indicator: Text = types.column(
        "Индикатор риска", "как в приказе", key=True, content="words", example="доля «2» выросла за год"
    )
    established_on: Text = types.date("Дата установления", example="11.06.2026")
    note: Text = types.words(
        "Пояснение", "своими словами, без имён", personal=True, example="письмо принято к сведению"
    )  # fmt: skip
