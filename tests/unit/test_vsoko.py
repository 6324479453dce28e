"""The forms of failing pupils and of practices: rules of rows, each kept by one row and broken by another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import making
from tests.making import form, take_in


@pytest.mark.parametrize(
    ("change", "types"),
    [
        ({"Переведены условно": 8, "Оставлены на второй год": 1}, set()),
        ({"Переведены условно": 9, "Оставлены на второй год": None}, set()),
        ({"Переведены условно": 9, "Оставлены на второй год": 1}, {"row_debtors_over"}),
        ({"С риском неуспешности": 24, "Из них с ИОМ": 20}, set()),
        ({"С риском неуспешности": 23, "Из них с ИОМ": 20}, {"row_at_risk_under"}),
        ({"С риском неуспешности": None, "Из них с ИОМ": None}, set()),
    ],
)
def test_a_doubtful_row_is_taken_and_told(tmp_path: Path, change: dict[str, Any], types: set[str]) -> None:
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", form("vsoko", {}, {"Школа": "edu190009"} | change)))
    assert (told.counts, told.types) == ((2, 2, 0), types)


@pytest.mark.parametrize(
    ("change", "issue_type"),
    [
        ({"Из них с ИОМ": 41}, "cell_over_whole"),
        ({"Неуспевающих, I четверть": 521}, "cell_over_whole"),
        ({"Пропущено уроков": -1}, "cell_range"),
        ({"План ВСОКО на год": "частично"}, "cell_not_listed"),
    ],
)
def test_a_bad_row_waits_in_quarantine(tmp_path: Path, change: dict[str, Any], issue_type: str) -> None:
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", form("vsoko", {}, {"Школа": "edu190009"} | change)))
    assert told.counts == (2, 1, 1)
    assert issue_type in told.types


@pytest.mark.parametrize(
    ("day", "types"), [("18.03.2026", set()), (None, set()), ("18.03.2027", {"row_date_out_of_year"})]
)
def test_a_practice_is_of_its_school_year(tmp_path: Path, day: str | None, types: set[str]) -> None:
    rows = form("practices", {}, {"Организация": "doo190021", "Роль": "внедряет", "Дата": day})
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", rows))
    assert (told.counts, told.types) == ((2, 2, 0), types)
    assert told.facts["practices"]["role"].tolist() == ["author", "adopter"]
