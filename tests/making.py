"""Made files for the tests of reading: small, in every format and layout, clean or wrong in one known way.

Tables are written as people see them: lines of text, cells between bars, nothing between bars for an empty cell, `¦`
for a bar inside a cell.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import msoffcrypto
import olefile
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

from msoko_pipeline.home import store
from msoko_pipeline.intake.sheets import Job, Outcome, validate, write_refusal
from msoko_pipeline.issues.findings import COLUMNS
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.extract import Extracted, extract
from msoko_pipeline.reading.procedures.declared import Declared
from msoko_pipeline.senders.empty_forms import write_forms
from schemas.form import forms
from schemas.kinds import KINDS

Cell = Any
Rows = Sequence[Sequence[Cell]]

PASSWORD = "секрет"


def table(text: str) -> list[list[Cell]]:
    """Rows of a table drawn in text; whole numbers become numbers, as they are in workbooks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [[_cell(cell.strip()) for cell in line.split("|")] for line in lines]


def _cell(text: str) -> Cell:
    return int(text) if text.isdigit() and (text == "0" or text[0] != "0") else text.replace("¦", "|") or None


# ---- layouts

WORK_2021 = ("2021", "IS", 5)  # the least work with a codifier of its own: maxima 2 1 3 3 1 2 1 2, 15 in all


def export_2021(rows: str = "") -> list[list[Cell]]:
    """The regional export of 2021, «История, 5 класс», ended by textbooks. Without rows: three pupils, all well."""
    tasks = " | ".join(f"балл за {number}" for number in range(1, 9))
    return table(
        "логин школы | номер обучающегося | код обучающегося | отметка за предыдущую четверть/триместр | пол | класс |"
        f" вариант | всего баллов | {tasks} | Учебник | Др.уч. автор\n" + (rows or PUPILS_2021)
    )


PUPILS_2021 = """
    sch190001 | 1 | 50001 | 4 | м | а |  1 | 9  | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет
    sch190001 | 2 | 50002 | 3 | ж | а |  2 | 2  | X | 0 | 1 | x | 0 | 1 | 0 | Х | 1) История | нет
    sch190001 | 3 | 50003 |   |   |   | отсутствовал |  |   |   |   |   |   |   |   |  |  |
"""


def export_2020(rows: str = "", *, padded_after: bool = False) -> list[list[Cell]]:
    """The export of autumn 2020, «История, 5 класс» written by sixth-graders: `groups`, 40 task columns, textbooks."""
    heads = [f"a-{number}-grade" for number in range(1, 41)]
    who = ["groups", "user", "id", "code", "otc", "gender", "klass", "var-1", "var-2", "sum"]
    books = ["Учебник", "Др.уч. автор"]
    header = [*who, *heads[:8], *books, *heads[8:]] if padded_after else [*who, *heads, *books]
    groups = ",".join(f"vpr_{number:03d}_all" for number in range(120))
    made: list[list[Cell]] = [list(header)]
    for line in table(rows or PUPILS_2020):
        told, last = line[:17], line[17:]
        padding: list[Cell] = [None] * 32
        made.append([groups, *told, *last, *padding] if padded_after else [groups, *told, *padding, *last])
    return made


PUPILS_2020 = """
    sch190001 | 1 | 60001 | 4 | м | а | 1 | | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 1) История | нет
    ksh190002 | 2 | 60002 | 3 | Ж | "Б" | 2 | | 3 | 1 | 0 | 1 | X | 0 | 1 | 0 | не пройд. | 1) История | нет
    edu190001 | 3 | 60003 |   |   | | отсутствовал | | |  |   |   |   |   |   |   |  |  |
"""

JOURNAL = "Отметка за предыдущий триместр/ четверть/полугодие"
TASKS_2022 = "1 (2б) | 2 (1б) | 3(1) (3б) | 3(2) (3б) | 4К1 (1б) | 4 k2 (2б)"


def export_2022(rows: str = "") -> list[list[Cell]]:
    """The protocol of 2022, «Физика, 8 класс», six tasks with maxima in the headers, 12 in all."""
    return table(
        "Пользователь | Код региона | Регион | Муниципалитет | Школа | Дата загрузки | Код | Вариант |"
        f" {TASKS_2022} | Наименование класса | Пол | {JOURNAL} | Итого баллов\n"
        + (rows or PUPILS_2022).replace("ОТКУДА", FROM_2022)
    )


FROM_2022 = "edu190001 | 19 | reg190000 ¦ Хакасия | reg19_m019 ¦ Черногорск | edu190001 ¦ МБОУ | 12.03.2022 10:00"
PUPILS_2022 = """
    ОТКУДА | 80001 | 1 | 2 | 1 | 3 | 3 | 1 | 2 | 8 а | м | 5 | 12
    ОТКУДА | 80002 | 2 | 0 | X | 1 | 0 | 0 | 1 | нет | ж | нет отметки | 2
    ОТКУДА | 80003 | отсутствовал | | | | | | | | | | 0
"""

CLASSES_2022 = table(
    """
    Пользователь | Код региона | Регион | Муниципалитет | Школа | Дата загрузки | Буква (цифра) класса | Учебник
    edu190001 | 19 | reg190000 | reg19_m019 ¦ Черногорск | edu190001 ¦ МБОУ «СОШ № 1» | 12.03.2022 | а | Физика
    edu190001 | 19 | reg190000 | reg19_m019 ¦ Черногорск | edu190001 ¦ МБОУ «СОШ № 1» | 12.03.2022 | б | Физика
    """
)

FORM_TASKS = "1 (5б) | 2 (5б) | 3 (5б) | 4К1 (3б) | 4К2 (2б)"


def form_2026(rows: str = "", prefilled: int = 20, beside: Sequence[Cell] = (0, "X", 2, 1)) -> list[list[Cell]]:
    """The collection form of 2026, 20 points in all: rows prefilled with a zero total, lookup junk to the right."""
    header = table(f"Код участника | Вариант | {FORM_TASKS} | Порядковый номер класса | {JOURNAL} | Итого баллов")
    filled = table(rows or PUPILS_2026) if rows.strip() or not rows else []
    width = len(header[0])
    empty: list[list[Cell]] = [[*[None] * (width - 1), 0] for _ in range(prefilled)]
    return header + [[*row, *[None] * (width + 3 - len(row)), *beside] for row in [*filled, *empty]]


PUPILS_2026 = """
    40001 | 1 | 5 | 4 | 3 | 2 | 1 | 1 | 4 | 15
    40002 | 2 | X | 0 | 1 | X | 0 | 2 | нет отметки | 0
    40003 | отсутствовал | | | | | | | | 0
"""
NOBODY = " "  # rows of a form nobody filled in

FORM_2024 = f'Код | Вариант (часть 1) | 1 (1б) | 2 (2б) | Вариант (часть 2) | 3.1 (1б) | 3.2 k1 (2б) | Класс № (список формируется из листа "Классы") | Пол | {JOURNAL} | Итого баллов'  # noqa: E501


def form_2024(rows: str = "") -> list[list[Cell]]:
    """The two-part form of 2023–2024, 6 points in all: the second pupil wrote the first part only."""
    return table(
        FORM_2024
        + (
            rows
            or """
            70001 | 1 | 1 | 2 | 2 | 1 | 0 | б | ж | 4 | 4
            70002 | 1 | 1 | 0 | отсутствовал | | | б | м | 3 | 1
            70003 | отсутствовал | | | отсутствовал | | | | | |
            """
        )
    )


def frame(
    title: str, work: str = "ВПР 2026 Русский язык 4 класс", top: Cell = 24, day: str = "20.04.2026"
) -> list[list[Cell]]:
    """Rows 1–7 of every report of «Аналитика»; the header comes eighth."""
    subject = work.split(" ", 2)[2].rsplit(" ", 2)[0]
    return [[title], [], [work], ["Предмет:", subject], ["Максимальный первичный балл:", top], ["Дата:", day], []]


SCHOOL = "МБОУ «СОШ № 1»(edu190001)"
TOWN = "город Черногорск(reg19_m019)"
UNITS = ("Вся выборка", "Республика Хакасия", TOWN, SCHOOL)
RU4_MAXIMA = (2, 1, 2, 3, 2, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1)  # golden check 4: РУ4-2026, 24 in all
RU4_TASKS = [f"{number} ({top}б)" for number, top in enumerate(RU4_MAXIMA, 1)]


def f1(pupils: Iterable[Sequence[Cell]] = (), **titled: Any) -> list[list[Cell]]:
    """Ф1 of «Русский язык, 4 класс»: levels in row 7, a school's banner, a row a pupil."""
    top = frame("Индивидуальные результаты", **titled)[:-1]
    levels = [None, None, "Уровень сложности задания", None, None, None, *("Б" if n < 12 else "П" for n in range(15))]
    header = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант", *RU4_TASKS]
    header += ["Первичный балл", "Отметка", "Отметка по журналу"]
    told = list(pupils) or [f1_pupil(40001, RU4_MAXIMA, 24, 5), f1_pupil(40002, [1] * 15, 15, 3)]
    return [*top, levels, header, [f"{SCHOOL} | Кол-во участников: {len(told)}"], *map(list, told)]


def f1_pupil(code: Cell, scores: Sequence[Cell], total: Cell, mark: Cell, journal: Cell = 4) -> list[Cell]:
    return ["edu190001", "город Черногорск", SCHOOL, code, 1, 1, *scores, total, mark, journal]


def marks_report(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """«Статистика по отметкам»; the school's row leaves the number of organisations empty."""
    told = (
        rows
        or f"""
        Вся выборка | 35589 | 1722202 | 5.06 | 32.92 | 44.33 | 17.69
        Республика Хакасия | 190 | 6800 | 7,5 | 35 | 42,5 | 15
        {TOWN} | 12 | 900 | 6 | 34 | 44 | 16
        {SCHOOL} | | 89 | 12.36 | 52.81 | 26.97 | 7.87
    """
    )
    head = "Группы участников | Кол-во ОО | Кол-во участников | 2 | 3 | 4 | 5\n"
    return [*frame("Статистика по отметкам", **titled), *table(head + told)]


LOWER, EQUAL, HIGHER = (
    "Понизили (Отметка < Отметка по журналу)",
    "Подтвердили (Отметка = Отметке по журналу)",
    "Повысили (Отметка > Отметка по журналу)",
)
JOURNAL_TITLE = "Сравнение отметок с отметками по журналу"


def journal_report(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """«Сравнение отметок с отметками по журналу», wide; begins with the region."""
    told = (
        rows
        or f"""
        Республика Хакасия | 1000 | 37.2 | 372 | 60.7 | 607 | 2.1 | 21
        {SCHOOL} | 93 | 55.91 | 52 | 39.78 | 37 | 4.30 | 4
    """
    )
    parts = " | ".join(f"{word} % | {word} Кол-во участников" for word in (LOWER, EQUAL, HIGHER))
    return [*frame(JOURNAL_TITLE, **titled), *table(f"Группы участников | Кол-во участников(всего) | {parts}\n{told}")]


def journal_vertical(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """The older, vertical shape of the same report."""
    told = (
        rows
        or f"""
        {SCHOOL} | |
        {LOWER} | 52 | 55,91
        {EQUAL} | 37 | 39,78
        {HIGHER} | 4 | 4,3
        Всего | 93 | 100
    """
    )
    return [*frame(JOURNAL_TITLE, **titled), *table(f"Группы участников | Кол-во участников | %\n{told}")]


def distribution_report(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """«Распределение первичных баллов» of a work of four points."""
    told = rows or f"{TOWN} | 12 | 200 | 5 | 10 | 25,5 | 40 | 19,5\n{SCHOOL} | | 50 | 0 | 10 | 30 | 40 | 20"
    head = "Группы участников | Кол-во ОО | Кол-во участников | 0 | 1 | 2 | 3 | 4\n"
    return [*frame("Распределение первичных баллов", **{"top": 4, **titled}), *table(head + told)]


def tasks_report(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """«Выполнение заданий» of three tasks, the maxima under the header."""
    told = rows or f"{TOWN} | 12 | 200 | 91,5 | 60 | 33.33\n{SCHOOL} | | 50 | 88 | 55,5 | 20"
    head = "Группы участников | Кол-во ОО | Кол-во участников | 1 | 2К1 | 2К2\nМакс балл | | | 1 | 2 | 3\n"
    return [*frame("Выполнение заданий", **{"top": 6, **titled}), *table(head + told)]


def groups_report(rows: str = "", **titled: Any) -> list[list[Cell]]:
    """«Выполнение заданий группами участников»: a unit, then a row for each mark."""
    told = (
        rows
        or f"""
        {SCHOOL} | | |
        Ср.% вып. уч. гр.баллов 2 | 11 | 40 | 10,5
        Ср.% вып. уч. гр.баллов 3 | 47 | 60 | 30
        Ср.% вып. уч. гр.баллов 4 | 24 | 80 | 55
        Ср.% вып. уч. гр.баллов 5 | 7 | 98 | 90
    """
    )
    head = "Группы участников | Кол-во участников | 1 (1б) | 2 (2б)\n"
    return [*frame("Выполнение заданий группами участников", **{"top": 3, **titled}), *table(head + told)]


REQUIREMENTS = (
    "Блоки ПООП обучающийся научится / получит возможность научиться или проверяемые требования (умения) "
    "в соответствии с ФГОС (ФК ГОС)"
)


def planned_report(
    rows: str = "", units: str = f"Республика Хакасия | {TOWN} | {SCHOOL} | РФ", **titled: Any
) -> list[list[Cell]]:
    """«Достижение планируемых результатов»: a row a task, a column a unit, «NNNN уч.» under the units."""
    told = rows or "1 | Умение списывать | 2 | 70,5 | 71 | 72 | 73\n2К1 | Умение делить слова | 1 | 60 | 61 | 62 | 63"
    people = "| | | 6800 уч. | 900 уч. | 89 уч. | 1722202 уч."
    return [
        *frame("Достижение планируемых результатов", **{"top": 3, **titled}),
        *table(f"№ | {REQUIREMENTS} | Макс балл | {units}\n{people}\n{told}"),
    ]


REPORTS = {
    "marks": marks_report,
    "journal": journal_report,
    "journal_vertical": journal_vertical,
    "distribution": distribution_report,
    "task_performance": tasks_report,
    "task_groups": groups_report,
    "planned": planned_report,
    "f1": f1,
}
"""Layout → its report, clean."""

REGISTER = table(
    """
    Логин ФИС ОКО | Другие логины | Краткое наименование | Полное наименование | Вид | Муниципалитет | ИНН
    edu190001 | sch190001, ksh190001 | СОШ № 1 | МБОУ «СОШ № 1» | СОШ | Черногорск | 1900000011
    edu190002 | | Лицей | МБОУ «Лицей» | лицей | Черногорск | 1900000029
    """
)
SCHOOL_LIST = table(
    """
    login | municipality_type | oo_kind_from_name
    sch190001 | город | СОШ
    sch190002 | город | ЛИЦЕЙ
    """
)
CONTEXT_2021 = table(
    """
    логин | Организационно-правовая форма ОО | Сколько всего в школе учителей?
    edu190001 | Муниципальная | 40
    edu190002 | Муниципальная |
    """
)
CONTEXT_2022 = table(
    """
    login | 9. Статус организации. | 25. Сколько всего в ОО учителей/преподавателей?
    edu190001 | 1) Самостоятельное юридическое лицо | 40
    """
)
REFERENCE = table(
    """
    year | subject | work_grade | primary_score | participants
    2021 | IS | 5 | 0 | 13
    2021 | История | 5 | 1 | 27
    """
)
MANIFEST = table("file | year | subject | grade\nданные.csv | 2021 | IS | 5")
FLAT = {
    "objectivity_list": """
        Год | Логин | Муниципалитет | ОО | 4 РУ | 4 МА | 5 РУ | 5 МА | Количество маркеров
        2025 | edu190001 | Черногорск | СОШ № 1 | 1 | 0 |  | 1 | 2
        2025 | sch190002 | Черногорск | СОШ № 2 | 0 |  | 1 |  |
    """,
    "risk_profile": """
        Год | Логин | Фактор риска | Уровень риска
        2025 | edu190001 | 2 | высокий
        2025 | edu190001 | Низкий уровень вовлеченности родителей | Средний
    """,
    "social_passport": """
        Год | Логин | ОО | Обучающихся | Из неполных семей | Из многодетных семей | Из малообеспеченных семей | Оба родителя с высшим образованием | На учёте (ВШК, ПДН, КДН) | Под опекой | Русский язык не родной | Родители не работают | С ОВЗ и инвалидностью
        2025 | edu190001 | СОШ № 1 | 100 | 20 | 15 | 10 | 30 | 0 | 2 |  | 1 | 100
        2025 | edu190002 | СОШ № 2 | 50 | 20 | 15 | 10 | 30 | 0 | 2 | 3 | 1 | 5
    """,  # noqa: E501
    "recheck": """
        Год | Процедура | Логин | Предмет | Класс | Код работы | Балл до | Балл после | Отметка до | Отметка после | Эксперт | Дата проверки | Заключение
        2025 | ВПР | edu190001 | Математика | 4 | 40012 | 14 | 12 | 4 | 3 | ТАЙНА | 20.05.2025 | понижена
        2025 | ВсОШ | edu190001 | RU | 9 | ру9-0007 | 30 | 30 |  |  | ТАЙНА |  |
    """,  # noqa: E501
    "medallist": """
        Год | Логин | № п/п | Степень медали | ЕГЭ: русский язык | ЕГЭ: лучший другой предмет | ЕГЭ: математика базовая, отметка | ЕГЭ: сколько других предметов
        2025 | edu190001 | 1 | I | 86 | 74 | 5 | 1
        2025 | edu190001 | 2 | 2 | 64 | 61 |  |
    """,  # noqa: E501
    "certificate": """
        Год | Логин | Класс | На какой день | Выпускников всего | Допущены | Получили аттестат | Из них с отличием | Не получили (справка) | Пересдают в сентябре | Медаль I степени | Медаль II степени
        2025 | edu190001 | 11 | 01.07.2025 | 20 | 20 | 19 | 3 | 1 | 1 | 2 | 1
        2025 | edu190001 | 9 |  | 60 | 58 | 57 | 4 | 3 | 3 |  |
    """,  # noqa: E501
    "risk_indicator": """
        Год | Логин | Индикатор риска | Дата установления | Пояснение
        2025 | edu190001 | доля «2» выросла | 11.06.2025 | принято
        2025 | edu190002 | доля «2» выросла |  |
    """,
}
"""Layout of a simple table → its text, clean."""


def spread(cells: Sequence[Cell], places: Sequence[int]) -> list[Cell]:
    """A line whose cells stand at these columns, as merged columns of РИС spread them."""
    line: list[Cell] = [None] * (max(places) + 1)
    for place, cell in zip(places, cells, strict=True):
        line[place] = cell
    return line


OGE_PLACES = (0, 1, 2, 4, 6, 8, 10, 12, 13, 14, 17, 18, 20)
EGE_PLACES = (0, 2, 4, 6, 8, 10, 12, 13, 14, 16, 18, 20, 22)
OGE_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код МСУ", "Фамилия", "Имя", "Отчество",
              "Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл", "Оценка")  # fmt: skip
EGE_HEADER = ("№", "Код МСУ", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество",
              "Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл",
              "Тестовый балл")  # fmt: skip
COMPACT_HEADER = ("№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", "Фамилия", "Имя", "Отчество", "Вариант",
                  "Код участника", "№ бланка", "Ответы в краткой форме", "Ответы в развернутой форме",
                  "Первичный балл", "Итоговый балл")  # fmt: skip
DENSE_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", "Фамилия", "Имя", "Отчество",
                "Серия", "Номер", "Ответы в краткой форме", "Ответы в развернутой форме", "Первичный балл",
                "Оценка")  # fmt: skip
APPEALS_HEADER = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество", "Экзамен",
                  "Состояние апелляции", "Текущие")  # fmt: skip
OGE_ROW = (1.0, 190001.0, "9А", 901.0, "0001", 19.0, "Образцов", "Пётр", "Примерович", "++++++++++2+++++",
           "1(2)2(3)2(2)", 27.0, 4.0)  # fmt: skip
EGE_ROW = (
    1.0,
    19.0,
    190001.0,
    "11А",
    1101.0,
    "0001",
    "Шаблонова",
    "Анна",
    "Образцовна",
    "+++-1+",
    "2(3)0(2)",
    8.0,
    50.0,
)
COMPACT_ROW = (1, 1101, 190001, "11", "", "", "Шаблонова", "Анна", "Образцовна", "301", "000123", "77", "+++-1+",
               "2(3)0(2)", 8, 50)  # fmt: skip
DENSE_ROW = (1, 190001, "9А", 901, "0001", "000124", "Образцов", "Пётр", "Примерович", "9504", "123456", "+++++",
             "1(2)", 14, 4)  # fmt: skip
APPEAL_ROW = (1, 190001, "9А", 901, "0001", "Образцов", "Пётр", "Примерович", "Математика(2026.06.02)",
              "Удовлетворена", 15, 4)  # fmt: skip


def exam_block(
    title: str,
    header: Sequence[Cell],
    rows: Iterable[Sequence[Cell]],
    places: Sequence[int] = (),
    region: str | None = None,
) -> list[list[Cell]]:
    """A block of a protocol: the region, the exam, an empty line, the header, the rows, their means."""
    at = places or range(len(header))
    above: list[list[Cell]] = [["Протокол проверки результатов"], [region]] if region else []
    means = spread(["Средние", *[None] * (len(header) - 3), 14.5, 3.9], at)
    return [*above, [title], [], spread(header, at), *(spread(row, at) for row in rows), means, []]


REGION = "19 - Республика Хакасия"


def oge_regional(rows: Iterable[Sequence[Cell]] = (OGE_ROW,), title: str = "12 - Обществознание 2026.06.03") -> Any:
    return exam_block(title, OGE_HEADER, rows, OGE_PLACES, REGION)


def ege_regional(rows: Iterable[Sequence[Cell]] = (EGE_ROW,), title: str = "04 - Химия 2026.06.01") -> Any:
    return exam_block(title, EGE_HEADER, rows, EGE_PLACES, REGION)


def oge_appeals(rows: Iterable[Sequence[Cell]] = (APPEAL_ROW,)) -> list[list[Cell]]:
    return [list(APPEALS_HEADER), [None] * 10 + ["Первичный балл", "Оценка"], *map(list, rows)]


EGE_APPEAL_ROW = (1, 190001, "11А", 1101, "0001", "Шаблонова", "Анна", "Образцовна", "Химия(2026.06.01)",
                  "Удовлетворена", 30, 58)  # fmt: skip


def ege_appeals(rows: Iterable[Sequence[Cell]] = (EGE_APPEAL_ROW,)) -> list[list[Cell]]:
    return [list(APPEALS_HEADER), [None] * 10 + ["Первичный балл", "Тестовый балл"], *map(list, rows)]


PROTOCOLS = {
    "oge_regional": oge_regional(),
    "ege_regional": ege_regional(),
    "ege_compact": exam_block("04 - Химия 2026.06.01", COMPACT_HEADER, [COMPACT_ROW]),
    "oge_dense": exam_block("02 - Математика 2026.06.02", DENSE_HEADER, [DENSE_ROW]),
    "oge_appeals": oge_appeals(),
    "ege_appeals": ege_appeals(),
}
"""Layout of an exam protocol → a clean block of it."""

OLYMPIAD_WORKBOOK = (
    *("Предмет", "ОУ", "Код участника", "Фамилия", "Имя", "Отчество", "Класс, за который выступает"),
    *("Класс, в котором учится", "Итоговый балл", "% выполнения", "Статус"),
)
OLYMPIAD_SIRIUS = ("Код участника", "Логин ОО", "Предмет", "Класс", "Балл", "Макс. балл", "Статус")


# ---- formats


def xlsx(
    path: Path, sheets: Rows | Mapping[str, Rows], *, hidden: Sequence[str] = (), offset: tuple[int, int] = (0, 0)
) -> Path:
    """A workbook; offset: rows and columns left empty before the table. `=…` texts stay texts, `Formula` is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, rows in _named(sheets).items():
            page = book.add_worksheet(name[:31])
            for number, row in enumerate(rows, offset[0]):
                for column, cell in enumerate(row, offset[1]):
                    if isinstance(cell, Formula):
                        page.write_formula(number, column, cell.text, None, cell.value)
                    elif hasattr(cell, "year"):
                        page.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        page.write(number, column, cell)
            if name in hidden:
                page.hide()
    return path


class Formula:
    """A formula and what Excel keeps beside it; value None: nothing was ever kept."""

    def __init__(self, text: str, value: Cell = None) -> None:
        self.text = text
        self.value = KEPT_NOTHING if value is None else value


KEPT_NOTHING = "‹пусто›"


def forget_values(path: Path) -> Path:
    """Take the kept values of formulas out of a workbook, as programs that never compute leave it."""
    return rezip(
        path, lambda name, data: data.replace(f"<v>{KEPT_NOTHING}</v>".encode(), b"").replace(b' t="str"', b"")
    )


def rezip(path: Path, change: Any) -> Path:
    """Rewrite the parts of a zipped file."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: change(name, packed.read(name)) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


def xls(path: Path, sheets: Rows | Mapping[str, Rows]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    _xls_book(sheets).save(str(path))
    return path


def _xls_book(sheets: Rows | Mapping[str, Rows]) -> xlwt.Workbook:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in _named(sheets).items():
        page = book.add_sheet(name[:31])
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write(number, column, cell)
    return book


def locked_xls(path: Path, sheets: Rows | Mapping[str, Rows]) -> Path:
    """An .xls that says it is encrypted: a FILEPASS record after the first one."""
    data = _xls_book(sheets).get_biff_data()
    first = 4 + int.from_bytes(data[2:4], "little")
    filepass = b"\x2f\x00\x36\x00" + b"\x01\x00\x01\x00\x01\x00" + bytes(48)
    XlsDoc().save(str(path), data[:first] + filepass + data[first:])
    return path


def locked_xlsx(path: Path, sheets: Rows | Mapping[str, Rows], password: str = PASSWORD) -> Path:
    """An .xlsx with a password: an OLE container, as Excel makes it."""
    plain = xlsx(path.with_suffix(".plain"), sheets)
    with plain.open("rb") as source, path.open("wb") as target:
        msoffcrypto.OfficeFile(source).encrypt(password, target)
    plain.unlink()
    assert olefile.isOleFile(str(path))
    return path


ODS_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{}</manifest:file-entry>'
    "</manifest:manifest>"
)
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def ods(path: Path, sheets: Rows | Mapping[str, Rows], *, kind: str = ODS, locked: bool = False) -> Path:
    """An OpenDocument workbook by hand; numbers are numbers, the rest is text."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in _named(sheets).items()
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    secret = '<manifest:encryption-data manifest:checksum="x"/>' if locked else ""
    return zipped(
        path, {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": ODS_MANIFEST.format(secret)}
    )


def _ods_row(row: Sequence[Cell]) -> str:
    cells = []
    for cell in row:
        if cell is None:
            cells.append("<table:table-cell/>")
        elif isinstance(cell, (int, float)):
            value = f'office:value-type="float" office:value="{cell}"'
            cells.append(f"<table:table-cell {value}><text:p>{cell}</text:p></table:table-cell>")
        else:
            cells.append(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            )
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def csv(path: Path, rows: Rows, *, delimiter: str = ";", encoding: str = "utf-8", end: str = "\n") -> Path:
    """A text table without any quoting: what is written is what stands there."""
    return text(path, end.join(delimiter.join(_plain(cell) for cell in row) for row in rows) + end, encoding)


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A .zip as bytes, to be put into another."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


OPC = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{OPC}/content-types"><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OPC}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Лист1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OPC}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
"""The least workbook, but for its one sheet."""


def raw_sheet(path: Path, rows: str, prefix: str = "") -> Path:
    """A workbook whose one sheet has this XML for rows; prefix: of the namespace, as some programs write it."""
    space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    sheet = f'<{prefix}worksheet {space}="{MAIN}"><{prefix}sheetData>{rows}</{prefix}sheetData></{prefix}worksheet>'
    return zipped(path, {**WORKBOOK_PARTS, "xl/worksheets/sheet1.xml": sheet})


def far_cell(path: Path) -> Path:
    """A few kilobytes with a cell in the last corner of a sheet: 17 billion cells to a reader that fills them in."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>Код</t></is></c></row>'
    return raw_sheet(path, first + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def bomb(path: Path, megabytes: int = 60) -> Path:
    """A workbook that unpacks to a thousand times its size."""
    return zipped(path, {**WORKBOOK_PARTS, "xl/worksheets/sheet1.xml": b"\0" * (megabytes << 20)})


# ---- taking in


@dataclass
class Taken:
    """What became of one file: refusal (issue type and message) or facts by kind; issues and quarantine as frames.

    sheltered: what the issues say of people left out of the cells, which is nothing that anybody mends.
    """

    told: Extracted
    outcome: Outcome
    facts: dict[str, pd.DataFrame]
    issues: pd.DataFrame
    quarantine: pd.DataFrame
    refusal: Refusal | None = None
    sheltered: list[str] = field(default_factory=list)

    @property
    def layouts(self) -> list[str]:
        return [sheet["layout"] for sheet in self.told.sheets]

    @property
    def types(self) -> set[str]:
        return set(self.issues["issue_type"])

    def messages(self, issue_type: str) -> list[str]:
        return self.issues.loc[self.issues["issue_type"] == issue_type, "message_ru"].tolist()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows read, accepted, quarantined."""
        return self.outcome.rows_read, self.outcome.rows_accepted, self.outcome.rows_quarantined


SECRET = b"a key of the tests"


def declared(year: int = 2021, subject: str = "IS", grade: int = 5, login: str | None = "edu190001") -> Declared:
    return Declared(year, subject, grade, login)


def form(kind: str, *changes: Mapping[str, Cell]) -> list[list[Cell]]:
    """Our form of a kind filled in by its own examples, a row for each set of changes (header → cell)."""
    columns = forms()[kind].columns
    return [forms()[kind].header, *([change.get(c.name, c.example) for c in columns] for change in changes)]


def placed(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Files in a folder: name, with folders of its own, and content."""
    for name, content in files:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def filled_form(folder: Path, name: str) -> Path:
    """An empty form as `msoko templates` writes it, filled in by its own example."""
    form = forms()[name]
    path = next(path for path in write_forms(folder) if path.name == form.file)
    book = openpyxl.load_workbook(path)
    for number, column in enumerate(form.columns, 1):
        book[form.sheet].cell(2, number, column.example)
    book.save(path)
    return path


def take_in(path: Path, said: Declared | None = None, name: str | None = None) -> Taken:
    """Read and validate one file in this process, beside itself; said: what manifest or path tell of it; name: its
    path inside the inbox.
    """
    place = path.parent / f"{path.name}.taken"
    told = extract(path, name or path.name, said or declared(), place / "cells" / "file", SECRET)
    problems = [*told.notes, *([told.refusal] if told.refusal else [])]
    refusal = Refusal(told.refusal[0], **told.refusal[1]) if told.refusal else None
    outcome: Outcome | Refusal = Outcome("file")
    if refusal is None:
        sheets = [(s["number"], {task[0]: n for n, task in enumerate(s["tasks"], 1)}) for s in told.sheets]
        outcome = validate(Job("file", path.name, 1, sheets, told.notes, place / "cells", place / "lake", "19"))
        if isinstance(outcome, Refusal):
            refusal, outcome = outcome, Outcome("file")
            problems.append((refusal.issue_type, refusal.details))
    if refusal is not None:
        write_refusal(place / "lake", "file", path.name, problems)
    facts = {
        kind: pd.concat([_plain_frame(part) for part in parts], ignore_index=True)
        for kind in KINDS
        if (parts := sorted((place / "lake" / kind).glob("year=*/*.parquet")))
    }
    issues, quarantine = store.issues_file(place / "lake", "file"), store.quarantine_file(place / "lake", "file")
    found = pq.read_table(issues).to_pandas() if issues.exists() else pd.DataFrame(columns=COLUMNS)
    sheltered = found["issue_type"] == "sheet_sheltered"
    return Taken(
        told,
        outcome,
        facts,
        found[~sheltered].reset_index(drop=True),
        pq.read_table(quarantine).to_pandas()
        if quarantine.exists()
        else pd.DataFrame(columns=["row", "cells", "reasons"]),
        refusal,
        found.loc[sheltered, "message_ru"].tolist(),
    )


def _plain_frame(path: Path) -> pd.DataFrame:
    """A Parquet file as plain Python values, None for NULL."""
    columns = pq.ParquetFile(path).read().to_pydict()
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _named(sheets: Rows | Mapping[str, Rows]) -> Mapping[str, Rows]:
    return sheets if isinstance(sheets, Mapping) else {"Лист1": sheets}
