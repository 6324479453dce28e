"""Plans of works that files bring: they stand where the program has none of that very year, and only there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.indicators.task_plans import TaskPlans, Work
from schemas import catalogue
from schemas.exam_tasks import exam_tasks
from schemas.sources.task_plans import is_known
from tests import making
from tests.making import Taken, form, take_in


def task(code: str, position: int, most: int, answer: str = "") -> dict[str, Any]:
    return {"task": code, "position": position, "max_score": most, "verified": True, "level": "Б", "skill": "Умение",
            "answer": answer}  # fmt: skip


SENT: dict[Work, list[dict[str, Any]]] = {
    ("VPR", 2025, "MA", 5): [task("1", 1, 2), task("2.1", 2, 1)],
    ("VPR", 2021, "MA", 5): [task("1", 1, 9)],  # the program has the work of this year
    ("OGE", 2023, "HI", 9): [task("1", 1, 1, "short"), task("20", 2, 3, "long")],
    ("OGE", 2026, "HI", 9): [task("1", 1, 9, "short")],
    ("OGE", 2025, "BI", 9): [task("1", 1, 1, "short")],  # the program only infers that year from the next
    ("EGE", 2023, "EN", 11): [task("1", 1, 2, "short"), task("4 (устно)", 2, 3, "oral")],
}
PLANS = TaskPlans(SENT)


@pytest.mark.parametrize(
    ("year", "grade", "subject", "maxima"),
    [(2025, 5, "MA", [2, 1]), (2021, 5, "MA", None), (2025, 6, "MA", None)],
)
def test_the_plan_of_a_work(year: int, grade: int, subject: str, maxima: list[int] | None) -> None:
    tasks, of_year = PLANS.tasks(year, grade, subject)
    told = catalogue.tasks(year, grade, subject) if maxima is None else (SENT["VPR", year, subject, grade], "same")
    assert (tasks, of_year) == told
    named = PLANS.codified(year, grade, subject, {"1": None})
    assert [named[code]["max_score"] for code in named] == (
        maxima or [each["max_score"] for each in catalogue.codified(year, grade, subject, {"1": None}).values()]
    )


@pytest.mark.parametrize(
    ("procedure", "year", "subject", "expected"),
    [
        ("OGE", 2023, "HI", [("1", 1, False, False), ("20", 3, True, False)]),
        ("OGE", 2025, "BI", [("1", 1, False, False)]),
        ("EGE", 2023, "EN", [("1", 2, False, False), ("4 (устно)", 3, False, True)]),
        ("OGE", 2026, "HI", None),
        ("OGE", 2024, "HI", None),
        ("EGE", 2026, "RU", None),
    ],
)
def test_the_plan_of_an_exam(procedure: str, year: int, subject: str, expected: list[tuple[Any, ...]] | None) -> None:
    plan = PLANS.of_exam(procedure, year, subject)
    if expected is None:
        assert plan == exam_tasks(procedure, year, subject)
    else:
        assert [(each.task, each.max_score, each.is_long, each.is_oral) for each in plan] == expected


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (("VPR", 2021, "MA", 5), True), (("VPR", 2025, "MA", 5), False), (("OGE", 2026, "HI", 9), True),
        (("OGE", 2025, "HI", 9), False), (("OGE", 2019, "HI", 9), False),
    ],
)  # fmt: skip
def test_which_works_the_program_knows(work: Work, expected: bool) -> None:
    assert is_known(*work) is expected


def test_without_files_there_are_no_plans_of_theirs() -> None:
    assert TaskPlans().tasks(2025, 5, "MA") == catalogue.tasks(2025, 5, "MA")


# ---- the form


def taken(folder: Path, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form("task_plan", *changes)))


EXAM = {"Процедура": "ОГЭ", "Класс": 9}


@pytest.mark.parametrize(
    ("change", "issue_type", "accepted"),
    [
        ({"Задание": "10 К2"}, None, 1),
        ({"Задание": 5.1, "Уровень": "базовый"}, None, 1),
        ({"Вид ответа": None, "Уровень": None, "Умение": None}, None, 1),
        (EXAM | {"Задание": "1.1/1.2"}, None, 1),
        (EXAM | {"Год": 2023}, None, 1),
        ({"Год": 2021}, "row_plan_known", 1),
        (EXAM | {"Предмет": "Химия", "Год": 2026}, "row_plan_known", 1),
        (EXAM | {"Год": 2023, "Вид ответа": None}, "row_answer_missing", 0),
        (EXAM | {"Год": 2023, "Класс": 8}, "row_grade_of_exam", 0),
        ({"Задание": "последнее"}, "cell_task_code", 0),
        ({"Задание": "05.01.2026"}, None, 1),
        ({"Задание": dt.date(2026, 1, 5)}, None, 1),
        ({"Задание": "45662"}, "cell_task_code", 0),
        ({"Максимальный балл": 0}, "cell_range", 0),
    ],
)
def test_a_row_of_a_plan(tmp_path: Path, change: dict[str, Any], issue_type: str | None, accepted: int) -> None:
    told = taken(tmp_path, {"Год": 2025} | change)
    assert (told.counts, told.types) == ((1, accepted, 1 - accepted), {issue_type} if issue_type else set())


@pytest.mark.parametrize(
    ("word", "code"),
    [("5.1", "5.1"), ("5(1)", "5.1"), ("10К2", "10.К2"), ("05.01.2026", "5.1"), ("39 (1)", "39 (1)"), ("3.0", "3")],
)
def test_a_task_goes_by_one_code(tmp_path: Path, word: str, code: str) -> None:
    assert taken(tmp_path, {"Год": 2025, "Задание": word}).facts["task_plan"]["task"].tolist() == [code]
