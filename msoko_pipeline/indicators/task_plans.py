"""Plans of works: those of the program, and those that files bring of works whose year the program has no plan of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msoko_pipeline.home import engine, holding
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.exam_tasks import ExamTask, exam_tasks
from schemas.sources.task_plans import is_known

SOURCE = "план работы из папки приёма"
Work = tuple[str, int, str, int]
"""Procedure, year, subject, grade."""


@dataclass(frozen=True)
class TaskPlans:
    """sent: work → its tasks in their order, as `catalogue.tasks` gives those of the program, with answer."""

    sent: Mapping[Work, list[dict[str, Any]]] = field(default_factory=dict)

    def tasks(self, year: int, grade: int, subject: str) -> tuple[list[dict[str, Any]], str]:
        """Tasks of a ВПР, and of what year they are; see `catalogue.tasks`."""
        sent = self._of_work("VPR", year, subject, grade)
        return (sent, "same") if sent else catalogue.tasks(year, grade, subject)

    def codified(
        self, year: int, grade: int, subject: str, maxima: Mapping[str, int | None]
    ) -> Mapping[str, dict[str, Any]]:
        """Tasks of a ВПР that a plan may name; see `catalogue.codified`."""
        sent = self._of_work("VPR", year, subject, grade)
        return {task["task"]: task for task in sent} or catalogue.codified(year, grade, subject, maxima)

    def of_exam(self, procedure: str, year: int, subject: str) -> tuple[ExamTask, ...]:
        """Tasks of an exam; see `exam_tasks`."""
        grade = catalogue.exam_rules()["grades"][procedure][-1]
        sent = self._of_work(procedure, year, subject, grade)
        return tuple(map(_exam_task, sent)) or exam_tasks(procedure, year, subject)

    def _of_work(self, procedure: str, year: int, subject: str, grade: int) -> list[dict[str, Any]]:
        work = (procedure, year, subject, grade)
        return [] if is_known(*work) else self.sent.get(work, [])


def _exam_task(task: Mapping[str, Any]) -> ExamTask:
    return ExamTask(
        task["task"], task["position"], task["answer"] == "oral", task["answer"] == "long", task["max_score"],
        task["level"], task["skill"], (), None, True, SOURCE,
    )  # fmt: skip


def task_plans(connection: Any, settings: Settings, years: Sequence[int]) -> TaskPlans:
    """The plans of the years, those that hold of their files among them."""
    facts = holding.current(connection, settings, "task_plan", years)
    if facts is None:
        return TaskPlans()
    columns = "procedure, year, subject, grade, task, answer, max_score, difficulty, skill"
    rows = engine.select(connection, f"select {columns} from facts order by year, seq, row", facts=facts)
    sent: dict[Work, list[dict[str, Any]]] = {}
    for procedure, year, subject, grade, task, answer, most, level, skill in rows.itertuples(index=False, name=None):
        tasks = sent.setdefault((procedure, int(year), subject, int(grade)), [])
        words = {"level": level or "", "skill": skill or "", "answer": answer or ""}
        tasks.append({"task": task, "position": len(tasks) + 1, "max_score": int(most), "verified": True, **words})
    return TaskPlans(sent)
