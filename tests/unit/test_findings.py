"""How many findings of one file are told one by one, and that every refused row is kept however many they are."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from msoko_pipeline.home import store
from msoko_pipeline.intake import folding, quarantine
from schemas import catalogue
from tests import making
from tests.limited import limits

HEADER = making.export_2021()[0]
GOOD = making.export_2021()[1]


def export(path: Path, *, good: int = 0, bad: int = 0) -> Path:
    """A regional export: pupils of a school, then those whose login is none."""
    rows = [
        ["sch190001" if number < good else "нет", number, 50001 + number, *GOOD[3:]] for number in range(good + bad)
    ]
    return making.xlsx(path, [HEADER, *rows])


def test_equal_findings_are_told_up_to_a_limit_and_then_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(monkeypatch, findings_alike=3)
    taken = making.take_in(export(tmp_path / "данные.xlsx", good=2, bad=10))
    issues = taken.issues[taken.issues["column"] == "логин школы"]
    assert issues["row"].tolist()[:3] == [4, 5, 6]
    (more,) = issues[issues["row"].isna()].to_dict("records")
    assert len(issues) == 4
    assert (more["issue_type"], more["severity"]) == ("cell_login", "error")
    assert "таких замечаний ещё 7, в строках 7–13" in more["message_ru"]
    assert more["message_ru"].endswith(catalogue.issue_types()["cell_login"]["mend"])
    assert len(taken.quarantine) == taken.outcome.rows_quarantined == 10
    assert (taken.outcome.rows_read, taken.outcome.rows_accepted, taken.outcome.issues) == (12, 2, 10)
    assert set(taken.quarantine["reasons"]) == {"логин школы: «нет» — не логин организации"}
    assert "ещё 2 строки: 5, 6" in str(taken.outcome.chief)
    assert "таких замечаний ещё 7" in str(taken.outcome.chief)


def test_as_many_findings_as_the_limit_allows_are_told_without_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(monkeypatch, findings_alike=3)
    issues = making.take_in(export(tmp_path / "данные.xlsx", good=2, bad=3)).issues
    assert issues[issues["issue_type"] == "cell_login"]["row"].tolist() == [4, 5, 6]


def test_a_file_has_so_many_findings_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, findings_of_file=4)
    taken = making.take_in(export(tmp_path / "данные.xlsx", good=2, bad=10))
    assert len(taken.issues) <= 4 + 2
    assert len(taken.quarantine) == 10


def test_the_sender_is_told_of_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, findings_alike=3)
    making.take_in(export(tmp_path / "данные.xlsx", bad=10))
    issues = pq.read_table(store.issues_file(tmp_path / "данные.xlsx.taken" / "lake", "file")).to_pylist()
    said = folding.messages(issues, "данные.xlsx")
    about = [message for message in said if "столбец «логин школы»" in message]
    assert len(about) == 2
    assert sum("таких замечаний ещё 7" in message for message in about) == 1


def test_refused_rows_are_kept_in_parts_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "AT_ONCE", 3)
    rows = making.export_2021()
    wrong = [["нет", number, 50001 + number if number % 2 else "х", *GOOD[3:]] for number in range(7)]
    wrong[4][6] = "а\u202eб"
    held = making.take_in(making.xlsx(tmp_path / "данные.xlsx", [*rows, *wrong])).quarantine
    assert held["row"].tolist() == [5, 6, 7, 8, 9, 10, 11]
    cells = [json.loads(text) for text in held["cells"]]
    assert [row["код обучающегося"] for row in cells] == ["х", "50002", "х", "50004", "х", "50006", "х"]
    assert list(cells[0])[:2] == ["логин школы", "код обучающегося"]
    assert "\u202e" not in "".join(held["cells"])
    assert [text.count("; ") for text in held["reasons"]] == [1, 0, 1, 0, 1, 0, 1]
