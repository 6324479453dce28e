"""Tasks of exams as `methodology/exam_tasks.yaml` says: plans of the years, whose tasks a protocol lists, deficits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.gia import tasks as gia_tasks
from msoko_pipeline.indicators.vpr import tasks
from schemas import catalogue
from schemas.exam_tasks import ExamTask, exam_tasks
from tests.spec.tables import load, table

CASES = {case["title"]: table(case["cases"]) for case in load("exam_tasks")["cases"]}
INFORMATICS = exam_tasks("OGE", 2026, "IN")


def rows(title: str) -> list[dict[str, Any]]:
    return CASES[title].astype(object).where(CASES[title].notna(), None).to_dict("records")


def matrix(
    masks: Sequence[str | None], texts: Sequence[str | None], scores: Sequence[float | None], plan: Sequence[ExamTask]
) -> gia_tasks.Matrix:
    text = {"short": pd.Series(masks, dtype="string"), "long": pd.Series(texts, dtype="string")}
    return gia_tasks.matrix(text["short"], text["long"], pd.Series(scores, dtype="Int64"), 0.95, plan)


@pytest.mark.parametrize("row", rows("Работы 2026 года"), ids=lambda row: row["работа"])
def test_the_tasks_add_up_to_the_printed_work(row: dict[str, Any]) -> None:
    procedure, subject = row["работа"].split("-")
    plan = exam_tasks(procedure, 2026, subject)
    asked = [task for task in plan if task.task != "ГК, ФК"]
    levels = [task.level for task in asked]
    assert len(asked) == row["заданий"]
    assert sum(task.is_long for task in asked) == row["с развёрнутым ответом"]
    assert [levels.count(level) for level in "БПВ"] == [row["Б"], row["П"], row["В"]]
    assert sum(task.max_score for task in plan) == row["максимум"]
    assert catalogue.exam_maximum(procedure, 2026, subject) in (None, (row["максимум"], True), (row["максимум"], False))
    assert [task.position for task in plan] == list(range(1, len(plan) + 1))
    assert len({task.task for task in plan}) == len(plan)
    assert all(task.skill and task.verified and task.source.startswith("ФИПИ") for task in plan)
    assert all(sum(task.criteria) in (0, task.max_score) for task in plan)


@pytest.mark.parametrize(
    "row", rows("Те же задания год назад"), ids=lambda row: f"{row['работа']} {row['задание 2026']}"
)
def test_the_year_before_has_the_same_tasks_where_it_is_said(row: dict[str, Any]) -> None:
    procedure, subject = row["работа"].split("-")
    now, before = ({task.task: task for task in exam_tasks(procedure, year, subject)} for year in (2026, 2025))
    task = now[row["задание 2026"][1:]]
    assert task.max_score == row["максимум 2026"]
    if row["задание 2025"] is None:
        assert before == {}
        return
    same = before[row["задание 2025"][1:]]
    assert (same.skill, same.level, same.max_score) == (task.skill, task.level, row["максимум 2025"])
    assert same.verified is False
    assert len(before) == len(now)


def test_of_other_years_and_exams_nothing_is_known() -> None:
    assert exam_tasks("OGE", 2024, "MA") == exam_tasks("OGE", 2027, "MA") == exam_tasks("GVE9", 2026, "MA") == ()


@pytest.mark.parametrize("year", [2025, 2026])
def test_maxima_of_literature_add_up_in_both_years(year: int) -> None:
    most = {"OGE": {2025: 37, 2026: 40}, "EGE": {2025: 48, 2026: 48}}
    for procedure, told in most.items():
        assert sum(task.max_score for task in exam_tasks(procedure, year, "LI")) == told[year]


@pytest.mark.parametrize("row", rows("Когда план подходит к протоколу"), ids=lambda row: row["почему"])
def test_when_a_plan_speaks_of_a_protocol(row: dict[str, Any]) -> None:
    told = matrix([row["краткие"]] * 3, [row["развёрнутые"]] * 3, [int(row["балл"])] * 3, INFORMATICS)
    assert bool(told.plan) == (row["план"] == "да")
    if told.plan:
        assert told.tasks[:12] == [str(number) for number in range(1, 13)]
        assert told.tasks[12:14] == (["13", "14"] if len(told.tasks) == 16 else ["13", "14.К1"])
        assert np.nansum(told.top) == 21
    else:
        assert told.tasks[0] == "1"
        assert told.tasks[-1].startswith("Р")


def test_a_plan_tells_the_worth_of_a_plus_that_few_rows_do_not() -> None:
    """Six pupils say nothing of what nineteen signs are worth; the plan does."""
    plan = exam_tasks("EGE", 2026, "HI")
    rng = np.random.default_rng(3)
    tops = [task.max_score for task in plan if not task.is_long]
    long = [task.max_score for task in plan if task.is_long]
    scores = rng.integers(0, np.array([*tops, *long]) + 1, (6, len(plan)))
    masks = ["".join("+" if s == t else "-" if s == 0 else str(s) for s, t in zip(row, tops, strict=False))
             for row in scores]  # fmt: skip
    texts = ["".join(f"{s}({t})" for s, t in zip(row[len(tops) :], long, strict=True)) for row in scores]
    alone, planned = (matrix(masks, texts, scores.sum(axis=1), known) for known in ((), plan))
    assert np.isnan(alone.top[: len(tops)]).all()
    np.testing.assert_array_equal(planned.scores, scores)
    assert planned.top.tolist() == [*tops, *long]


def test_tasks_stand_in_the_order_of_the_work() -> None:
    """Long tasks of social studies stand among the short ones: 1, 5, 6, 12, 21…24."""
    plan = exam_tasks("OGE", 2026, "OB")
    long = [task.max_score for task in plan if task.is_long]
    told = matrix(["+" * 16], ["".join(f"0({top})" for top in long)], [17], plan)
    in_order = [task for _, task in sorted(zip(told.order, told.tasks, strict=True))]
    assert in_order == [task.task for task in plan]
    sums = gia_tasks.sums(told, pd.Series([17]), np.zeros(1, np.int64), 1)
    assert sums.set_index("task")["skill"].to_dict() == {task.task: task.skill for task in plan}


def test_the_oral_part_of_a_language_may_be_told_elsewhere() -> None:
    plan = exam_tasks("EGE", 2026, "EN")
    short = [task for task in plan if not task.is_long]
    for text, score, speaks in (("6(6)14(14)", 82, True), ("6(6)14(14)", 62, True), ("6(6)14(14)", 61, False),
                                ("6(6)14(14)1(1)4(4)5(5)10(10)", 82, True),
                                ("6(6)14(14)1(1)4(4)5(5)10(10)", 81, False)):  # fmt: skip
        assert bool(matrix(["+" * len(short)], [text], [score], plan).plan) == speaks


def test_a_mask_cut_short_costs_its_own_tasks_alone() -> None:
    whole = ["++++++------"] * 39 + ["++++++"]
    told = matrix(whole, ["1(2)3(3)0(2)2(2)"] * 40, [12] * 40, INFORMATICS)
    assert told.plan
    assert np.isnan(told.scores[-1, :12]).all()
    assert told.scores[-1, 12:].tolist() == [1, 3, 0, 2]
    assert not np.isnan(told.scores[:-1]).any()


def test_known_criteria_must_be_as_printed() -> None:
    plan = exam_tasks("OGE", 2026, "LI")
    printed = [top for task in plan for top in task.criteria]
    swapped = [printed[1], printed[0], *printed[2:]]
    for tops, speaks in ((printed, True), (swapped, False)):
        told = matrix([None], ["".join(f"{top}({top})" for top in tops)], [40], plan)
        assert bool(told.plan) == speaks
    assert told.tasks[0] == "Р1"


@pytest.mark.parametrize("row", rows("Достижение и дефицит"), ids=lambda row: row["почему"])
def test_status_and_deficit(row: dict[str, Any]) -> None:
    count, share = row["N"], row["выполнение"]
    frame = pd.DataFrame(
        {"difficulty": [row["уровень"]], "max_score": [1.0], "c": [count], "s": [count * share / 100]}
        | {name: [None] for name in ("n", "t", "tt", "f", "z", "x", "b", "q", "r")}
    ).astype({"difficulty": "string"} | dict.fromkeys(("n", "t", "tt", "f", "z", "x", "b", "q", "r"), "Float64"))
    connection = duckdb.connect()
    connection.register("rows", engine.arrow(frame))
    told = tasks.indicators(engine.table(connection, "rows"), catalogue.thresholds(2026))
    found = told.collect("pandas").to_native().iloc[0]
    assert found["completion_ci_high"] == pytest.approx(row["верхняя граница"], abs=0.01)
    bounds = proportion_confint(count * share / 100, count, method="wilson")
    assert (found["completion_ci_low"], found["completion_ci_high"]) == pytest.approx([100 * b for b in bounds])
    status, deficit = (None if pd.isna(found[name]) else found[name] for name in ("status", "deficit"))
    assert (status, deficit) == (row["статус"], row["дефицит"])


@pytest.mark.parametrize("top", [1, 2, 4])
def test_the_interval_covers_the_completion_of_tasks_of_several_points(top: int) -> None:
    """In 4,000 drawn groups of 30 the interval misses the truth in no more than about 5 %; less for several points."""
    rng = np.random.default_rng(11)
    chances = rng.dirichlet(np.ones(top + 1))
    scores = rng.choice(top + 1, (4000, 30), p=chances).mean(axis=1) / top
    low, high = proportion_confint(30 * scores, 30, method="wilson")
    truth = float(chances @ np.arange(top + 1)) / top
    assert ((truth < low) | (truth > high)).mean() < 0.07
