"""The title frame that every report of «Аналитика» opens with, and Ф1 «Индивидуальные результаты»."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.town import School
from msoko_pipeline.sample.workbooks import SHEET_NAME_LIMIT, Cell, Row, Sheet
from msoko_pipeline.sample.works import Work

INDIVIDUAL = "Индивидуальные результаты"
NO_MARK = "нет отметки"
NOT_TRIED_TEXT = "X"
LEAD = ("ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант")
TRAIL = ("Первичный балл", "Отметка", "Отметка по журналу")
SCORE_CELLS = np.array([NOT_TRIED_TEXT, *range(10)], dtype=object)  # by score + 1


def frame(title: str, work: Work, seventh: Row = ()) -> list[Row]:
    """R1–R7; the header comes eighth."""
    return [
        [title],
        [],
        [work.procedure],
        ["Предмет:", work.title],
        ["Максимальный первичный балл:", work.max_primary],
        ["Дата:", work.day],
        seventh,
    ]


def framed_sheet(title: str, work: Work, rows: Sequence[Row], seventh: Row = ()) -> Sheet:
    """A report's sheet: its name is cut to Excel's limit, as the real exports do."""
    return Sheet(f"{work.short} {title}"[:SHEET_NAME_LIMIT], [*frame(title, work, seventh), *rows])


def individual_rows(sitting: Sitting, schools: Sequence[School]) -> list[list[Cell]]:
    """R8 on: the header, then a banner for each school and its pupils who were present, one row each."""
    work = sitting.work
    rows: list[list[Cell]] = [[*LEAD, *(task.header for task in work.tasks), *TRAIL]]
    present = sitting.present
    for position in np.unique(present.school):
        school = schools[position]
        part = present.where(present.school == position)
        rows.append([f"{school.label} | Кол-во участников: {len(part)}"])
        who: list[Cell] = [school.login, school.municipality.name, school.label]
        scores = SCORE_CELLS[part.scores + 1].tolist()
        lead = np.column_stack((part.code, part.class_no, part.variant)).tolist()
        trail = np.column_stack((part.total, part.mark)).tolist()
        journal = [mark or NO_MARK for mark in part.journal.tolist()]
        rows += [[*who, *a, *s, *b, mark] for a, s, b, mark in zip(lead, scores, trail, journal, strict=True)]
    return rows


def individual_sheet(work: Work, rows: Sequence[Row]) -> Sheet:
    """Ф1 of the work with its row of difficulty levels."""
    levels = [None, None, "Уровень сложности задания", None, None, None, *(task.level for task in work.tasks)]
    return framed_sheet(INDIVIDUAL, work, rows, levels)
