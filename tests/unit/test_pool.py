"""Child processes: what kills one of them is told in its place; the other tasks go on."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.issues.refusals import Refusal, advice, guarded, said, sentence
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.extract import extract
from msoko_pipeline.reading.procedures.declared import Declared
from schemas import catalogue
from tests import making

MEMORY = 2048


def told(work: Callable[..., Any], tasks: list[tuple[Any, ...]]) -> list[Any]:
    return list(pool.run(work, tasks, workers=2, memory_mb=MEMORY))


def test_results_come_in_the_order_of_tasks() -> None:
    assert told(operator.mul, [(number, 2) for number in range(20)]) == [number * 2 for number in range(20)]


def test_no_tasks_no_children() -> None:
    assert told(operator.mul, []) == []


def test_an_error_costs_its_own_task_only() -> None:
    first, wrong, last = told(operator.truediv, [(6, 3), (1, 0), (8, 4)])
    assert (first, last) == (2.0, 2.0)
    assert isinstance(wrong, Refusal)
    assert wrong.issue_type == "file_failed"
    assert "ZeroDivisionError, msoko_pipeline/issues/refusals.py:" in wrong.message()
    assert wrong.trace.startswith("ZeroDivisionError\n  msoko_pipeline/issues/refusals.py:"), "kept on its way here"
    assert catalogue.issue_types()["file_failed"]["responsibility"] == "pipeline"


def test_a_task_that_takes_all_memory_is_refused() -> None:
    before, greedy, after = told(operator.mul, [(b"x", 1), (b"x", 3 << 30), (b"y", 1)])
    assert (before, after) == (b"x", b"y")
    assert isinstance(greedy, Refusal)
    assert greedy.issue_type == "file_too_large"


def test_a_task_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SECONDS", 0.3)
    quick, late = told(time.sleep, [(0,), (30,)])
    assert quick is None
    assert isinstance(late, Refusal)
    assert "чтение дольше" in late.message()


def test_a_reader_that_aborts_costs_its_own_file_only(tmp_path: Path) -> None:
    """A workbook of a few kilobytes with a cell in the last corner makes the reader abort: no exception to catch."""
    hostile = making.far_cell(tmp_path / "угол.xlsx")
    good = making.xlsx(tmp_path / "хороший.xlsx", making.REGISTER)
    assert hostile.stat().st_size < 5_000
    files = [good, hostile, good]
    outcomes = told(extract, [(path, path.name, Declared(), tmp_path / str(n), b"key") for n, path in enumerate(files)])
    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [False, True, False]
    refusal = outcomes[1]
    assert isinstance(refusal, Refusal)
    assert refusal.issue_type == "file_too_large"
    assert "Ctrl+End" in refusal.message()
    assert [sheet["layout"] for sheet in outcomes[2].sheets] == ["register"]


def test_guarded_gives_back_what_the_work_gives_or_says() -> None:
    def refuse() -> None:
        raise Refusal("file_empty")

    assert guarded(operator.add, 1, 2) == 3
    found = guarded(refuse)
    assert isinstance(found, Refusal)
    assert found.message() == sentence("file_empty")
    assert isinstance(guarded(operator.getitem, [], 0), Refusal)


@pytest.mark.parametrize("issue_type", sorted(catalogue.issue_types()))
def test_every_issue_says_what_is_wrong_and_what_to_do(issue_type: str) -> None:
    known = catalogue.issue_types()[issue_type]
    assert known["severity"] in ("error", "warning", "info")
    assert known["responsibility"] in ("sender", "authority", "pipeline")
    told = {"value": "5", "detail": "подробность", "layout": "раскладка", "rows": 3, "row": 8} | {
        "range": " (0–2)", "org": "СОШ", "files": "Формы.xlsx", "forms": "", "holds": "форм",
    }  # fmt: skip
    message = sentence(issue_type, **told)
    assert "{" not in message
    assert "…" not in said(issue_type, **told)
    assert advice(issue_type) in message
    assert known["mend"] == advice(issue_type, to_sender=True)
    assert message[-1] in ".?"


@pytest.mark.parametrize("issue_type", sorted(catalogue.issue_types()))
def test_a_sender_is_told_of_nothing_he_does_not_know(issue_type: str) -> None:
    words = ("msoko ", "MSOKO_", "manifest.csv", ".yaml", "столбец «Другие логины»")
    assert [word for word in words if word in advice(issue_type, to_sender=True)] == []
