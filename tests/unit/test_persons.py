"""People leave the cells before anything is kept: keys instead of names, nothing instead of documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.reading.extract import extract, load
from msoko_pipeline.reading.persons import person_key, plain_name
from msoko_pipeline.text.distinct import Text
from schemas.layout import Layout, layouts
from tests import making

SECRET = making.SECRET
LAYOUT = {
    "kind": "manifest",
    "title_ru": "Список",
    "priority": 1,
    "work": "none",
    "header_has": ["фамилия", "балл"],
    "row_key": "pupil_key",
    "columns": {
        "surname": ["фамилия"], "first_name": ["имя"], "patronymic": ["отчество?"], "score": ["балл"],
    },
    "persons": {"pupil_key": ["surname", "first_name", "patronymic"]},
    "ignored": ["серия", "номер", "телефон"],
}  # fmt: skip
TABLE = making.table(
    """
    Ответственный Образцова О. О. | | | | | | | |
    Фамилия | Имя | Отчество | Серия | Номер | Телефон | Балл
    Образцов | Пётр | Примерович | 9504 | 123456 | 000-00 | 12
    ОБРАЗЦОВ |  Петр | примерович | 9504 | 123456 | 000-00 | 14
    Шаблонова | Анна | | 9505 | 123457 | | 9
    """
)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(layouts(), "people", Layout.declared("people", LAYOUT))


def sheet(folder: Path, table: making.Rows, secret: bytes = SECRET) -> tuple[Any, Any]:
    told = extract(making.xlsx(folder / "список.xlsx", table), "список.xlsx", making.declared(), folder, secret)
    return load(folder / "0.arrow"), told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Семёнова Анна Петровна", "СЕМЕНОВА  анна петровна ", True),
        ("Римская-Корсакова Анна", "Римская Корсакова Анна", True),
        ("Семенов Петр", "Cеменoв Пeтр", True),  # Latin C, o, e
        ("Семенов Петр", "Семенов Павел", False),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str, same: bool) -> None:
    assert (person_key(one, SECRET) == person_key(other, SECRET)) is same


def test_a_key_tells_nothing_without_the_secret() -> None:
    assert person_key("Образцов Пётр", SECRET) != person_key("Образцов Пётр", b"another")
    assert person_key(" . ", SECRET) is None
    assert plain_name("О'Образцов  П.") == "о образцов п"


def test_names_become_keys_and_documents_nothing(tmp_path: Path) -> None:
    kept, told = sheet(tmp_path, TABLE)
    keys = Text.of(kept.grid.cells.column(kept.recognised.columns["pupil_key"])).texts(range_of(kept))
    assert keys[0] == keys[1] == person_key("Образцов Пётр Примерович", SECRET)
    assert keys[2] == person_key("Шаблонова Анна", SECRET)
    assert {"surname", "first_name", "patronymic"}.isdisjoint(kept.recognised.columns)
    assert told.notes == [
        ("sheet_sheltered", {"sheet": "Лист1", "detail": "людей заменено ключами: 3; ячеек не сохранено: 8"})
    ]


def test_nothing_that_is_kept_holds_a_name_or_a_document(tmp_path: Path) -> None:
    sheet(tmp_path, TABLE)
    raw = (tmp_path / "0.arrow").read_bytes().decode("utf-8", "ignore")
    kept, _ = sheet(tmp_path, TABLE)
    cells = str(kept.grid.cells.to_pydict()) + str(kept.recognised) + raw
    for secret in ("Образцов", "ОБРАЗЦОВ", "Шаблонова", "Анна", "Примерович", "9504", "123456", "000-00"):
        assert secret not in cells
    assert "12" in cells  # the score is there


def test_an_empty_name_has_no_key(tmp_path: Path) -> None:
    kept, _ = sheet(tmp_path, [*TABLE, [None, None, None, None, None, None, 5]])
    column = kept.grid.cells.column(kept.recognised.columns["pupil_key"])
    assert column.to_pylist()[-1] is None


def range_of(kept: Any) -> Any:
    import numpy as np

    return np.arange(kept.recognised.header_row + 1, kept.grid.cells.num_rows)
