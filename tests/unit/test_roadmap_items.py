"""Items of the roadmap however a clerk, or Excel for him, spells them."""

from __future__ import annotations

import pytest

from msoko_pipeline.text.cells import Wrong
from msoko_pipeline.text.roadmap_items import item_of
from schemas import catalogue

PER_SECTION = (8, 9, 14, 7, 7, 7, 3, 8, 8, 13)


def test_the_roadmap_has_84_items() -> None:
    sections = [int(item.split(".")[0]) for item in catalogue.roadmap_items()]
    assert [sections.count(section) for section in range(1, 11)] == list(PER_SECTION)
    assert len(sections) == 84


@pytest.mark.parametrize("item", catalogue.roadmap_items())
def test_every_item_is_read_as_it_is_written(item: str) -> None:
    spellings = (item, f"{item}.", f"п. {item}", f"П.{item}", f"пункт {item}.", f"№ {item}", item.replace(".", ","))
    assert {item_of(spelling) for spelling in (*spellings, f"{item} Мониторинг за 2025 год")} == {item}


@pytest.mark.parametrize("item", catalogue.roadmap_items())
def test_every_item_that_excel_takes_for_a_day_is_read_back(item: str) -> None:
    first, second, *third = map(int, item.strip("*").split("."))
    if third:
        day = f"{2000 + third[0]}-{second:02d}-{first:02d}"
    elif second > 12:
        day = f"{2000 + second}-{first:02d}-01"
    else:
        day = f"2026-{second:02d}-{first:02d}"
    assert {item_of(day), item_of(f"{day} 00:00:00")} == {item}


@pytest.mark.parametrize(
    ("word", "item"),
    [
        ("03.окт", "3.10"), ("3 октября", "3.10"), ("03.10.2026", "3.10"), ("03.10", "3.10"), ("46298", "3.10"),
        ("мар.14", "3.14"), ("10.2.1", "10.2.1*"), ("10.02.2001", "10.2.1*"), ("10.02.01", "10.2.1*"),
        ("02.янв", "2.1"), ("3. 10", "3.10"), ("2.1", "2.1"), ("3.1", "3.1"),
    ],
)  # fmt: skip
def test_a_spoilt_item_is_read(word: str, item: str) -> None:
    assert item_of(word) == item


@pytest.mark.parametrize(
    ("word", "issue_type"),
    [
        ("2.10", "cell_roadmap_item"), ("11.1", "cell_roadmap_item"), ("3", "cell_roadmap_item"),
        ("мониторинг", "cell_roadmap_item"), ("май.10", "cell_roadmap_item"), ("31.12.2025", "cell_roadmap_item"),
        ("1.3, 1.4", "cell_roadmap_items_several"), ("3.12 и 3.13", "cell_roadmap_items_several"),
        ("3.12; 3.13", "cell_roadmap_items_several"), ("3.12-3.14", "cell_roadmap_items_several"),
    ],
)  # fmt: skip
def test_what_names_no_item_or_several_is_refused(word: str, issue_type: str) -> None:
    with pytest.raises(Wrong) as caught:
        item_of(word)
    assert caught.value.issue_type == issue_type
