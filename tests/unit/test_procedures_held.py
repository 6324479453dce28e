"""Forms of how procedures are held and controlled: what each takes, what it asks about, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import making
from tests.making import form, take_in

VENUE, PERSON, VISIT, CHECK = "exam_venue", "procedure_person", "control_visit", "security_check"
TAKEN, REFUSED = (1, 1, 0), (1, 0, 1)


@pytest.mark.parametrize(
    ("kind", "change", "issue_type", "counts"),
    [
        (VENUE, {"Процедура": "МЭ", "ППЭ": 0}, None, TAKEN),
        (VENUE, {"Процедура": "итоговое собеседование", "Дата": "11.02.2026"}, None, TAKEN),
        (VENUE, {"С видео онлайн": 10, "С видео офлайн": 3}, "row_rooms_over", REFUSED),
        (VENUE, {"С видео онлайн": 13, "С видео офлайн": None}, "cell_over_whole", REFUSED),
        (VENUE, {"Наблюдателей присутствовало": 5}, None, TAKEN),
        (VENUE, {"Общественных": 4}, "cell_over_whole", REFUSED),
        (VENUE, {"Проверено муниципальной комиссией": 181}, "cell_over_whole", REFUSED),
        (VENUE, {"Дата": "01.09.2026"}, "row_date_out_of_year", TAKEN),
        (PERSON, {"Роль": "техспециалист"}, None, TAKEN),
        (PERSON, {"Роль": "директор"}, "cell_not_listed", REFUSED),
        (PERSON, {"Дата инструктажа": "27.05.2026"}, None, TAKEN),
        (PERSON, {"Дата инструктажа": "28.05.2026"}, "row_instructed_late", TAKEN),
        (PERSON, {"Конфликт интересов": "да", "Заменён": "да"}, None, TAKEN),
        (PERSON, {"Конфликт интересов": None, "Заменён": "да"}, None, TAKEN),
        (PERSON, {"Конфликт интересов": "нет", "Заменён": "да"}, "row_replaced_without_conflict", TAKEN),
        (PERSON, {"Дата": "27.05.2025", "Дата инструктажа": None}, "row_date_out_of_year", TAKEN),
        (VISIT, {"По плану": None}, None, TAKEN),
        (VISIT, {"Проведён": None, "Нарушений": 0}, None, TAKEN),
        (VISIT, {"Проведён": None}, "row_visit_not_made", REFUSED),
        (VISIT, {"По плану": None, "Проведён": None, "Нарушений": None}, "row_visit_undated", REFUSED),
        (VISIT, {"Акт": None, "Нарушений": 0}, None, TAKEN),
        (VISIT, {"Акт": None}, "row_visit_without_act", TAKEN),
        (VISIT, {"Проведён": "21.04.2027"}, "row_date_out_of_year", TAKEN),
        (CHECK, {"Область": "ИБ", "Контроль": "резервные копии", "Итог проверки": "+"}, None, TAKEN),
        (CHECK, {"Область": "ОГЭ", "Контроль": "сейф", "Итог проверки": "н/п"}, None, TAKEN),
        (CHECK, {"Итог проверки": "отлично"}, "cell_not_listed", REFUSED),
        (CHECK, {"Согласий": 641}, "cell_over_whole", REFUSED),
        (CHECK, {"Дата проверки": "15.04.2024"}, "row_date_out_of_year", TAKEN),
    ],
)
def test_rows(
    tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str | None, counts: tuple[int, int, int]
) -> None:
    outcome = take_in(making.xlsx(tmp_path / "форма.xlsx", form(kind, change)))
    assert (outcome.counts, outcome.types) == (counts, {issue_type} if issue_type else set())


def test_a_person_is_kept_as_a_key(tmp_path: Path) -> None:
    outcome = take_in(making.xlsx(tmp_path / "форма.xlsx", form(PERSON, {"Дата инструктажа": None, "Заменён": None})))
    (row,) = outcome.facts[PERSON].to_dict("records")
    assert len(row["person_key"]) == 16
    assert "Образцова" not in str(row)
