"""Tasks and maxima under the title of another work are a question; those of a new year, or of half a work, are none."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from msoko_pipeline.reading.procedures import work_plans
from msoko_pipeline.reading.procedures.work import Work
from msoko_pipeline.sample.works import works_of
from schemas import catalogue
from tests import making
from tests.making import RU4_MAXIMA, Taken, take_in

F1: Any = SimpleNamespace(kind=work_plans.INDIVIDUAL)
REPORT: Any = SimpleNamespace(kind="vpr_task_performance")
KNOWN = {(grade, subject): plan for (_, grade, subject), plan in catalogue._plans().items()}
YEAR = 2021
"""The year of which the plans are known."""


def asked(year: int, grade: int, subject: str, plan: work_plans.Plan, found: Any = F1) -> bool:
    return work_plans.contradiction(Work(year, subject, grade), found, plan) is not None


@pytest.mark.parametrize(("year", "least"), [(YEAR, 1546), (YEAR + 1, 1533), (YEAR + 5, 1533)])
def test_a_work_renamed_as_another_is_asked_about(year: int, least: int) -> None:
    """Of 1560 pairs of known works; the rest have one plan, or are two classes' works with as many points."""
    pairs = [(work, other) for work, other in product(KNOWN, KNOWN) if work != other]
    silent = [(work, other) for work, other in pairs if not asked(year, *other, KNOWN[work])]
    assert (len(pairs), len(pairs) - len(silent)) == (1560, least)
    for work, other in silent:
        is_same = KNOWN[work] == KNOWN[other]
        assert is_same or (work[1] == other[1] and sum(KNOWN[work]) in catalogue.totals(*other).values())


@pytest.mark.parametrize("year", range(2020, 2027))
def test_no_work_is_asked_about_under_its_own_name(year: int) -> None:
    works = [(work.grade, work.subject, tuple(task.max_score for task in work.tasks)) for work in works_of(year)]
    works += [(*work, plan) for work, plan in KNOWN.items()]
    assert [work for work in works if asked(year, *work)] == []


@pytest.mark.parametrize(
    ("year", "grade", "subject", "plan", "question"),
    [
        (2026, 4, "RU", RU4_MAXIMA, False),
        (2026, 5, "RU", (1,) * 10, False),  # the number of tasks since the reform: 10, after 21
        (2026, 7, "BI", (1, 2) * 13, False),
        (2023, 7, "BI", (2,) * 14, False),
        (2023, 7, "BI", (1, 2, 1, 2), True),
        (2023, 7, "BI", (2,) * 24, True),
        (2023, 7, "BI", (1,) * 24, False),  # more tasks, and no more points
        (2023, 7, "HI", (1, 2, 1, 2), False),  # nothing is known of the work
        (2022, 4, "MA", KNOWN[5, "MA"], False),  # as many points: it may be the next year's
        (2022, 4, "MA", KNOWN[6, "IS"], True),
        (2023, 7, "FR", KNOWN[7, "DE"], False),
        (2023, 7, "FR", KNOWN[11, "DE"], True),
    ],
)
def test_what_may_be_of_a_work(year: int, grade: int, subject: str, plan: work_plans.Plan, question: bool) -> None:
    assert asked(year, grade, subject, plan) is question


def test_a_report_of_few_tasks_may_be_cut_down() -> None:
    assert asked(2023, 7, "BI", (1, 2, 1, 2))
    assert not asked(2023, 7, "BI", (1, 2, 1, 2), REPORT)
    assert asked(2023, 7, "BI", KNOWN[5, "MA"], REPORT)


# ---- in files


def take(folder: Path, rows: making.Rows) -> Taken:
    return take_in(making.xlsx(folder / "а.xlsx", rows), making.declared(2022, "RU", 5))


def f1(plan: work_plans.Plan, work: str, names: str = "{n} ({top}б)") -> making.Rows:
    """Ф1 with other tasks."""
    frame = making.frame("Индивидуальные результаты", work=work, top=sum(plan))
    header = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант"]
    header += [names.format(n=n, top=top) for n, top in enumerate(plan, 1)]
    header += ["Первичный балл", "Отметка", "Отметка по журналу"]
    pupils = [making.f1_pupil(50001 + n, [1] * len(plan), len(plan), 3) for n in range(3)]
    return [*frame, header, *pupils]


@pytest.mark.parametrize(
    ("work", "question"),
    [("ВПР 2021 Математика 5 класс", False), ("ВПР 2021 Русский язык 5 класс", True),
     ("ВПР 2024 Математика 5 класс", False), ("ВПР 2024 История 8 класс", True),
     ("ВПР 2026 Литература 5 класс", False)],
)  # fmt: skip
def test_individual_results_under_a_title(tmp_path: Path, work: str, question: bool) -> None:
    told = take(tmp_path, f1(KNOWN[5, "MA"], work))
    assert (told.refusal is not None) is question
    if told.refusal is not None:
        assert told.refusal.issue_type == "file_work_plan"
        assert "Математика, 5 класс" in told.refusal.message()


def _tasks(plan: work_plans.Plan, work: str) -> making.Rows:
    heads = "".join(f" | {number}" for number in range(1, len(plan) + 1))
    tops = "".join(f" | {top}" for top in plan)
    shares = " | 50" * len(plan)
    head = f"Группы участников | Кол-во ОО | Кол-во участников{heads}\nМакс балл | | {tops}\n"
    rows = making.table(f"{head}{making.TOWN} | 12 | 200{shares}")
    return [*making.frame("Выполнение заданий", work=work, top=sum(plan)), *rows]


def _planned(plan: work_plans.Plan, work: str) -> making.Rows:
    rows = "\n".join(f"{number} | Умение | {top} | 60 | 61 | 62 | 63" for number, top in enumerate(plan, 1))
    return making.planned_report(rows, work=work, top=sum(plan))


@pytest.mark.parametrize("make", [_tasks, _planned])
@pytest.mark.parametrize(("subject", "question"), [("Математика", False), ("Русский язык", True)])
def test_maxima_of_a_line_and_of_a_column(tmp_path: Path, make: Any, subject: str, question: bool) -> None:
    told = take(tmp_path, make(KNOWN[5, "MA"], f"ВПР 2023 {subject} 5 класс"))
    assert (told.refusal is not None) is question


def test_maxima_that_are_not_all_printed_say_nothing(tmp_path: Path) -> None:
    rows = f1(KNOWN[5, "MA"], "ВПР 2024 История 8 класс")
    broken = [[cell if cell != "3 (1б)" else "3" for cell in row] for row in rows]
    told = take(tmp_path, broken)
    assert told.refusal is None or told.refusal.issue_type != "file_work_plan"
    tops = _tasks(KNOWN[5, "MA"], "ВПР 2023 Русский язык 5 класс")
    line = next(row for row in tops if row and row[0] == "Макс балл")
    line[5] = None
    assert take(tmp_path, tops).refusal is None
