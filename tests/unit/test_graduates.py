"""The form of graduates: rules of rows, each kept by one row and broken by another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import making
from tests.making import form, take_in

NINTH = {
    "Класс": 9, "Выпускников": 60, "В 10 классе": 30, "В СПО": 25, "В вузе": None, "По профилю": 20, "Работают": 2,
    "В армии": 0, "Не определены": 3,
}  # fmt: skip
ELEVENTH = NINTH | {"Класс": 11, "В 10 классе": None, "В вузе": 30}


@pytest.mark.parametrize(
    ("row", "issue_type", "is_accepted"),
    [
        (NINTH, None, True),
        (ELEVENTH, None, True),
        (NINTH | {"В вузе": 0}, None, True),
        (NINTH | {"В вузе": 3, "Не определены": 0}, "row_path_of_class", False),
        (ELEVENTH | {"В 10 классе": 3, "Не определены": 0}, "row_path_of_class", False),
        (NINTH | {"В СПО": 26}, "row_paths_differ", False),
        (NINTH | {"В СПО": 24}, "row_paths_differ", False),
        (NINTH | {"Работают": None, "В СПО": 27}, None, True),  # all graduates are named
        (NINTH | {"Работают": None, "В СПО": 28}, "row_paths_differ", False),
        (NINTH | {"Работают": None}, "row_paths_unknown", True),
        (NINTH | {"По профилю": 55}, None, True),
        (NINTH | {"По профилю": 56}, "row_profile_over", False),
        (NINTH | {"По профилю": None}, None, True),
        (NINTH | {"По профилю": 61}, "cell_over_whole", False),
        (NINTH | {"Класс": 10}, "cell_range", False),
    ],
)
def test_the_paths_of_graduates_add_up(
    tmp_path: Path, row: dict[str, Any], issue_type: str | None, is_accepted: bool
) -> None:
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", form("graduates", {"Школа": "edu190009"}, row)))
    assert told.types == ({issue_type} if issue_type else set())
    assert told.counts == (2, 1 + is_accepted, int(not is_accepted))


@pytest.mark.parametrize(
    ("grade", "profile", "is_accepted"),
    [(10, "гуманитарный", True), (9, "предпрофиль", True), (11, "без профиля", True), (9, "гуманитарный", False),
     (10, "предпрофиль", False)],
)  # fmt: skip
def test_a_profile_is_of_its_classes(tmp_path: Path, grade: int, profile: str, is_accepted: bool) -> None:
    row = {"Школа": "edu190009", "Класс": grade, "Профиль": profile}
    told = take_in(making.xlsx(tmp_path / "форма.xlsx", form("profile_education", {}, row)))
    assert told.counts == (2, 1 + is_accepted, int(not is_accepted))
    assert told.types == (set() if is_accepted else {"row_profile_of_class"})
