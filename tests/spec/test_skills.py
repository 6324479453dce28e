"""Whose word names a task: the year's own report, the codifier of the year, another year's only of the same work."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from msoko_pipeline.home import engine
from msoko_pipeline.indicators.vpr import merge
from schemas import catalogue

OF_2021 = {str(task["task"]): task["max_score"] for task in catalogue.tasks(2021, 4, "MA")[0]}


def test_the_codifier_of_the_year_speaks_of_its_own_works() -> None:
    assert list(catalogue.codified(2021, 4, "MA", dict.fromkeys(OF_2021))) == list(OF_2021)


@pytest.mark.parametrize("year", [2020, 2022, 2025])
def test_another_years_codifier_speaks_where_number_and_every_maximum_agree(year: int) -> None:
    named = catalogue.codified(year, 4, "MA", OF_2021)
    assert [task["skill"] for task in named.values()] == [task["skill"] for task in catalogue.tasks(2021, 4, "MA")[0]]


@pytest.mark.parametrize(
    "maxima",
    [
        dict.fromkeys(OF_2021),
        OF_2021 | {"1": None},
        OF_2021 | {"1": OF_2021["1"] + 1},
        OF_2021 | {"99": 1},
        {task: most for task, most in OF_2021.items() if task != "1"},
    ],
    ids=["no maximum printed", "one not printed", "one other", "one more task", "one task less"],
)
def test_otherwise_nobody_knows(maxima: dict[str, int | None]) -> None:
    assert catalogue.codified(2025, 4, "MA", maxima) == {}


def test_the_report_of_planned_results_comes_first() -> None:
    work = {"year": 2025, "subject": "MA", "grade": 4}
    planned = pd.DataFrame(
        [work | {"task": "1", "requirement": "Решать задачи"}, work | {"task": "3", "requirement": "Измерять"}]
    )
    tasks = pd.DataFrame([work | {"task": task, "skill": f"по кодификатору {task}"} for task in ("1", "2")])
    connection = duckdb.connect()
    relations = (engine.load(connection, frame) for frame in (tasks, tasks.iloc[:0], planned))
    skills = engine.pandas(merge.skills(connection, *relations))
    assert skills.set_index("task")["skill"].to_dict() == {
        "1": "Решать задачи", "2": "по кодификатору 2", "3": "Измерять",
    }  # fmt: skip
