"""Forms of НОК: what each takes, what it asks about, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import making
from tests.making import Taken, form, take_in


def taken(folder: Path, kind: str, *changes: dict[str, Any]) -> Taken:
    return take_in(making.xlsx(folder / "форма.xlsx", form(kind, *changes)))


@pytest.mark.parametrize(
    ("kind", "change", "issue_type", "counts"),
    [
        ("nok", {}, None, (1, 1, 0)),
        ("nok", {"Итоговая оценка НОК": "89,9"}, None, (1, 1, 0)),
        ("nok", {"Итоговая оценка НОК": "95"}, "row_nok_total_differs", (1, 1, 0)),
        ("nok", {"К1 Открытость": None, "Итоговая оценка НОК": "95"}, None, (1, 1, 0)),
        ("nok", {"К1 Открытость": "100,5"}, "cell_range", (1, 0, 1)),
        ("nok", {"Опрошено": 641}, "cell_over_whole", (1, 0, 1)),
        ("nok_checklist", {"Раздел чек-листа": "на сайте", "Есть": 1}, None, (1, 1, 0)),
        ("nok_checklist", {"Есть": None}, None, (1, 1, 0)),
        ("nok_checklist", {"Есть": 2}, "cell_not_listed", (1, 0, 1)),
        ("nok_checklist", {"Раздел чек-листа": "столовая"}, "cell_not_listed", (1, 0, 1)),
        ("nok_answers", {"Стенды: обращались": "нет", "Стенды: довольны": None}, None, (1, 1, 0)),
        ("nok_answers", {"Стенды: обращались": "нет"}, "row_nok_unasked", (1, 1, 0)),
        ("nok_answers", {"Номер анкеты НОК": None}, "cell_empty", (1, 0, 1)),
        ("nok_plan", {"Критерий НОК": 3}, None, (1, 1, 0)),
        ("nok_plan", {"Критерий НОК": "доступность для инвалидов"}, None, (1, 1, 0)),
        ("nok_plan", {"Критерий НОК": "К6"}, "cell_not_listed", (1, 0, 1)),
        ("nok_plan", {"Фактический срок": "10.09.2026"}, None, (1, 1, 0)),
        ("nok_plan", {"Фактический срок": "11.09.2026"}, "row_done_after_report", (1, 0, 1)),
        ("nok_plan", {"Фактический срок": None}, None, (1, 1, 0)),
    ],
)
def test_rows(
    tmp_path: Path, kind: str, change: dict[str, Any], issue_type: str | None, counts: tuple[int, ...]
) -> None:
    told = taken(tmp_path, kind, change)
    assert (told.counts, told.types) == (counts, {issue_type} if issue_type else set())


def test_headers_of_a_calculation_are_read(tmp_path: Path) -> None:
    header, row = form("nok_answers", {})
    numbered = [f"v{number}" for number in range(1, 15)]
    told = take_in(making.xlsx(tmp_path / "ответы.xlsx", [[*header[:3], *numbered], row]))
    assert (told.counts, told.layouts) == ((1, 1, 0), ["nok_answers"])
