"""Forms of upbringing: rules of rows, each kept by one row and broken by another; what the made-up town says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import making
from tests.making import Taken, form, take_in


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


ALL = {"Объединение": "все объединения", "На Добро.рф": None}


@pytest.mark.parametrize(("members", "accepted"), [(130, 2), (120, 2), (119, 1)])
def test_all_associations_have_no_fewer_members_than_one(tmp_path: Path, members: int, accepted: int) -> None:
    told = taken(tmp_path, "associations", {}, ALL | {"Участников": members})
    assert told.counts == (2, accepted, 2 - accepted)
    assert ("row_whole_under_part" in told.types) == (accepted == 1)


@pytest.mark.parametrize(("children", "is_noted"), [(400, False), (None, False), (390, True)])
def test_a_school_has_as_many_children_in_each_row(tmp_path: Path, children: int | None, is_noted: bool) -> None:
    told = taken(tmp_path, "associations", {}, {"Объединение": "ЮИД", "Детей 8–18 лет в школе": children})
    assert told.counts == (2, 2, 0)
    assert ("row_children_differ" in told.types) == is_noted


@pytest.mark.parametrize(
    ("spelled", "code"),
    [
        ("РДДМ", "movement"),
        ("рдш", "movement"),
        ("«Юнармия»", "yunarmia"),
        ("Волонтеры", "volunteers"),
        ("Всего", "ALL"),
    ],
)
def test_an_association_goes_by_several_names(tmp_path: Path, spelled: str, code: str) -> None:
    told = taken(tmp_path, "associations", {"Объединение": spelled})
    assert told.facts["associations"]["association"].tolist() == [code]


@pytest.mark.parametrize(
    ("change", "issue_type"),
    [
        ({"Есть РПВ": "нет", "РПВ размещена": "нет"}, None),
        ({"Есть РПВ": "нет", "РПВ размещена": None}, None),
        ({"Есть РПВ": "нет"}, "row_rpv_absent"),
        ({"Есть КПВР": "нет", "Мероприятий по КПВР": None, "Из них проведено": None}, None),
        ({"Есть КПВР": "нет"}, "row_plan_absent"),
    ],
)
def test_nothing_is_shown_or_done_of_what_is_not_there(
    tmp_path: Path, change: dict[str, Any], issue_type: str | None
) -> None:
    told = taken(tmp_path, "upbringing", {}, {"Уровень образования": "СОО"} | change)
    assert told.counts == (2, 1 + (issue_type is None), int(issue_type is not None))
    assert told.types == ({issue_type} if issue_type else set())


def test_a_form_may_name_its_link_and_nothing_else_of_the_page(tmp_path: Path) -> None:
    told = taken(tmp_path, "upbringing", {"Ссылка на РПВ": "https://школа.рф/воспитание"})
    assert told.facts["upbringing"]["page"].tolist() == ["https://школа.рф/воспитание"]


@pytest.mark.parametrize(("low", "is_accepted"), [(8, True), (7, False), (9, False)])
def test_levels_of_an_orientation_are_all_answers(tmp_path: Path, low: int, is_accepted: bool) -> None:
    told = taken(tmp_path, "value_orientations", {}, {"Ценность": "семья", "Низкий уровень": low})
    assert told.counts == (2, 1 + is_accepted, int(not is_accepted))
    assert told.types == (set() if is_accepted else {"row_value_levels_differ"})


@pytest.mark.parametrize(
    ("change", "issue_type"),
    [
        ({"Детей": 240}, None),
        ({"Детей": 239}, "row_whole_under_part"),
        ({"С ОВЗ и инвалидностью": 30}, None),
        ({"С ОВЗ и инвалидностью": 31}, "row_special_needs_over"),
        ({"С ОВЗ и инвалидностью": 31, "Детей с ОВЗ и инвалидностью в организации": None}, None),
    ],
)
def test_all_directions_have_no_fewer_children_than_one(
    tmp_path: Path, change: dict[str, Any], issue_type: str | None
) -> None:
    part = {
        "Направленность": "техническая", "Детей 5–18 лет в организации": None,
        "Детей с ОВЗ и инвалидностью в организации": None,
    }  # fmt: skip
    told = taken(tmp_path, "additional_education", part, change)
    assert told.types == ({issue_type} if issue_type else set())
    assert told.counts == (2, 2 - (issue_type is not None), int(issue_type is not None))
