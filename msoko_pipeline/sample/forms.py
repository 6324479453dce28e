"""Collection forms, filled in by a school: the one of 2026 and the older one in two parts with formula totals.

Neither says whose it is: a form lies in a folder named by the school's login, with a manifest beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from msoko_pipeline.reading.cell_states import letters
from msoko_pipeline.sample.frames import NO_MARK, NOT_TRIED_TEXT, SCORE_CELLS
from msoko_pipeline.sample.sitting import Sitting
from msoko_pipeline.sample.workbooks import Cell, Formula, Row, Sheet, xlsx
from msoko_pipeline.sample.works import Work

ABSENT = "отсутствовал"
JOURNAL_HEADER = "Отметка за предыдущий триместр/ четверть/полугодие"
TOTAL_HEADER = "Итого баллов"
CLASS_HEADER_2026 = "Порядковый номер класса"
CLASS_HEADER_2024 = 'Класс № (список формируется из листа "Классы")'
PREFILLED_ROWS = 1499
LETTERS = "абвгдежзиклмнопрстуфхцчшэюя"


def form_name(work: Work) -> str:
    return f"Форма сбора результатов {work.title} {work.grade} класс ВПР {work.year}.xlsx"


def form_2026(sitting: Sitting) -> bytes:
    """The form of 2026. `sitting` holds one school, absent pupils too; of nobody the form stays empty."""
    work = sitting.work
    header: list[Cell] = ["Код участника", "Вариант", *(task.header for task in work.tasks)]
    header += [CLASS_HEADER_2026, JOURNAL_HEADER, TOTAL_HEADER]
    rows: list[list[Cell]] = [header]
    for code, gone, variant, scores, class_no, journal, total in zip(*_columns(sitting), strict=True):
        if gone:
            rows.append([code, ABSENT, *[None] * (len(header) - 3), 0])
        else:
            rows.append([code, variant, *scores, class_no, journal or NO_MARK, total])
    rows += [[*[None] * (len(header) - 1), 0] for _ in range(PREFILLED_ROWS - len(rows))]
    for row, junk in zip(rows[1:], _junk(), strict=False):
        row += [None, None, None, *junk]
    return xlsx(
        Sheet("Протокол", rows),
        Sheet("Служебный", _lists(work)),
        Sheet(CLASS_HEADER_2026, [[number] for number in range(1, 50)]),
    )


def form_2024(sitting: Sitting) -> bytes:
    """The form of 2023–2024: two parts with a variant each, «Пол», totals as formulas with kept values."""
    work = sitting.work
    half = (len(work.tasks) + 1) // 2
    heads = [task.header for task in work.tasks]
    header: Row = [
        "Код",
        "Вариант (часть 1)",
        *heads[:half],
        "Вариант (часть 2)",
        *heads[half:],
        CLASS_HEADER_2024,
        "Пол",
        JOURNAL_HEADER,
        TOTAL_HEADER,
    ]
    rows: list[Row] = [header]
    formulas = []
    first, last = letters(2), letters(1 + half)
    second, end = letters(3 + half), letters(2 + len(heads))
    girls = sitting.girl.tolist()
    for girl, (code, gone, variant, scores, class_no, journal, total) in zip(
        girls, zip(*_columns(sitting), strict=True), strict=True
    ):
        line = len(rows) + 1
        text = f'=IF(LEN({first}{line})>0,SUM({first}{line}:{last}{line},{second}{line}:{end}{line}),"")'
        formulas.append(Formula(len(rows), len(header) - 1, text, "" if gone else total))
        if gone:
            rows.append([code, ABSENT, *[None] * half, ABSENT])
        else:
            who = [LETTERS[class_no - 1], "ж" if girl else "м", journal or NO_MARK]
            rows.append([code, variant, *scores[:half], variant, *scores[half:], *who])
    classes = [[LETTERS[number - 1]] for number in np.unique(sitting.class_no)]
    return xlsx(Sheet("Протокол", rows, formulas), Sheet("Классы", classes))


def _columns(sitting: Sitting) -> tuple[list[Any], ...]:
    """Code, absent, variant, scores, class, journal mark, total: a list of each."""
    return (
        sitting.code.tolist(),
        sitting.absent.tolist(),
        sitting.variant.tolist(),
        SCORE_CELLS[sitting.scores + 1].tolist(),
        sitting.class_no.tolist(),
        sitting.journal.tolist(),
        sitting.total.tolist(),
    )


def _junk() -> list[list[Cell]]:
    """Look-up columns right of the table: allowed combinations of criteria, the same in every form."""
    first: list[Cell] = [0, NOT_TRIED_TEXT, 2, 1]
    second: list[Cell] = [0, 1, 2, 3, NOT_TRIED_TEXT]
    return [[a, b, second[(i + j) % 5], b, a, b] for j, b in enumerate(second) for i, a in enumerate(first)]


def _lists(work: Work) -> list[Row]:
    """Drop-down lists as columns: variants, scores of each maximum, journal marks."""
    maxima = sorted({task.max_score for task in work.tasks}, reverse=True)
    columns: list[list[Cell]] = [[1, 2, ABSENT]]
    columns += [[*range(maximum, -1, -1), NOT_TRIED_TEXT] for maximum in maxima]
    columns.append([5, 4, 3, 2, NO_MARK])
    longest = max(map(len, columns))
    return [list(row) for row in zip(*(c + [None] * (longest - len(c)) for c in columns), strict=True)]
