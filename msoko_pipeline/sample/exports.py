"""Regional exports of individual results as they looked in 2020, 2021 and 2022: sheet name → coded columns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from msoko_pipeline.sample.coded_columns import (
    Column,
    class_labels,
    class_of,
    gender,
    habit_of,
    journal,
    nothing,
    numbers,
    of_school,
    same,
    scores_of,
    textbook_name,
    textbooks,
    variant,
)
from msoko_pipeline.sample.forms import JOURNAL_HEADER, TOTAL_HEADER
from msoko_pipeline.sample.pupils import Ints
from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.town import REGION_LOGIN, REGION_NAME, School
from msoko_pipeline.sample.workbooks import Cell
from msoko_pipeline.sample.works import Work

PADDED_TASKS = 40
ORIGIN = ("Пользователь", "Код региона", "Регион", "Муниципалитет", "Школа", "Дата загрузки")
BOARDING_EVERY = 40  # one school in so many has a login of its own kind, `ksh…`


def export_2020(sitting: Sitting, schools: Sequence[School]) -> dict[str, list[Column]]:
    """Sheet `Sheet1`: tasks `a-1-grade`…, the textbook columns, and empty task columns up to `a-40-grade`."""
    tasks = len(sitting.work.tasks)
    columns = [
        of_school("groups", [_groups(school) for school in schools], sitting),
        of_school("user", [login_before_2022(school) for school in schools], sitting),
        numbers("id", sitting.number),
        numbers("code", sitting.code),
        journal("otc", sitting),
        gender("gender", sitting, schools),
        class_of("klass", sitting, schools),
        variant("var-1", sitting),
        nothing("var-2", sitting),
        numbers("sum", sitting.total, sitting.absent),
        *scores_of([f"a-{t}-grade" for t in range(1, tasks + 1)], sitting, schools),
        *textbooks(sitting),
        *(nothing(f"a-{t}-grade", sitting) for t in range(tasks + 1, PADDED_TASKS + 1)),
    ]
    return {"Sheet1": columns}


def export_2021(sitting: Sitting, schools: Sequence[School]) -> dict[str, list[Column]]:
    """Sheet `Sheet`: Russian headers, tasks `балл за 1`…"""
    columns = [
        of_school("логин школы", [login_before_2022(school) for school in schools], sitting),
        same("регион", REGION_NAME, sitting),
        numbers("номер обучающегося", sitting.number),
        numbers("код обучающегося", sitting.code),
        journal("отметка за предыдущую четверть/триместр", sitting),
        gender("пол", sitting, schools),
        class_of("класс", sitting, schools),
        variant("вариант", sitting),
        numbers("всего баллов", sitting.total, sitting.absent),
        *scores_of([f"балл за {t}" for t in range(1, len(sitting.work.tasks) + 1)], sitting, schools),
        *textbooks(sitting),
    ]
    return {"Sheet": columns}


def export_2022(sitting: Sitting, schools: Sequence[School]) -> dict[str, list[Column]]:
    """Sheets `Классы` and `Протокол`; who sent it stands in six columns of both, as `code | name`."""
    heads = [task.header for task in sitting.work.tasks]
    protocol = [
        *_origin(sitting.work, sitting.school, schools),
        numbers("Код", sitting.code),
        variant("Вариант", sitting),
        *scores_of(heads, sitting, schools),
        class_of("Наименование класса", sitting, schools),
        gender("Пол", sitting, schools),
        journal(JOURNAL_HEADER, sitting),
        numbers(TOTAL_HEADER, sitting.total, sitting.absent),
    ]
    school, class_no = np.unique(np.stack((sitting.school, sitting.class_no)), axis=1)
    labels, width = class_labels(sitting, schools)
    classes = [
        *_origin(sitting.work, school, schools),
        Column("Буква (цифра) класса", labels, school * width + class_no - 1),
        Column("Основной учебник", [textbook_name(1), textbook_name(2)], school % 2),
    ]
    return {"Классы": classes, "Протокол": protocol}


def export(sitting: Sitting, schools: Sequence[School]) -> dict[str, list[Column]]:
    """Sheets of the sitting's year; 2023 and 2024 look like 2022."""
    layouts = {2020: export_2020, 2021: export_2021}
    return layouts.get(sitting.work.year, export_2022)(sitting, schools)


def login_before_2022(school: School) -> str:
    """`sch…`; `ksh…` for the few boarding schools."""
    old, boarding = school.other_logins
    return boarding if school.number % BOARDING_EVERY == 7 else old


def _groups(school: School) -> str:
    """The long comma list of user groups that the export of 2020 repeats in every row (1–3 KB)."""
    groups = (f"vpr_{n:03d}_{n % 11}_all" for n in range(70 + zlib.crc32(school.login.encode()) % 110))
    return ",".join(["vpr2020", REGION_LOGIN, school.municipality.code, *groups])


def _origin(work: Work, school: Ints, schools: Sequence[School]) -> list[Column]:
    region: list[Cell] = [f"{REGION_LOGIN} | {REGION_NAME}"]
    alike = np.zeros(len(school), dtype=np.int64)
    month = "10" if work.pupil_grade > work.grade else "03"
    clock = [f"{8 + s.number % 10:02d}:{s.number % 60:02d}" for s in schools]
    days = [f"{1 + habit_of(s, 'day', 28):02d}.{month}.{work.year}" for s in schools]
    sent = [" ".join(moment) for moment in zip(days, clock, strict=True)]
    cells: dict[str, tuple[Sequence[Cell], Ints]] = {
        "Пользователь": ([s.login for s in schools], school),
        "Код региона": ([19], alike),
        "Регион": (region, alike),
        "Муниципалитет": ([f"{s.municipality.code} | {s.municipality.name}" for s in schools], school),
        "Школа": ([f"{s.login} | {s.title}" for s in schools], school),
        "Дата загрузки": (sent, school),
    }
    return [Column(header, *cells[header]) for header in ORIGIN]
