"""People planted in every style, in every place of every kind of file: none is found outside the archive.

Each layout's made file gets a row for each style and column that the layout knows, and the style again in its titles,
in headers and cells of columns beside the table, in names of its sheet and of the file. Where hiding is switched off,
each style is found: what is looked for was planted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from msoko_pipeline.privacy import repeating
from msoko_pipeline.reading import extract, kept
from msoko_pipeline.reading.header import recognise
from msoko_pipeline.reading.kept import Received
from msoko_pipeline.reading.workbook import read
from schemas.layout import layouts
from tests import making
from tests.plants import PLANTS, Plant
from tests.scanner import traces
from tests.unit.test_header import LAYOUTS

ROWS = 4  # of the made file that plants are put into copies of
NEEDLES = [needle for plant in PLANTS for needle in plant.needles]


def planted(layout: str, folder: Path, plants: Iterable[Plant]) -> list[list[Any]]:
    """The layout's made table with a row more for every plant and column, and a plant in each title."""
    rows = [list(row) for row in LAYOUTS[layout]]
    (grid,) = read(making.xlsx(folder / "made.xlsx", rows), "xlsx")
    found = recognise(grid)
    assert found is not None
    width = max(map(len, rows))
    rows = [[*row, *[None] * (width - len(row))] for row in rows]
    template = next((row for row in rows[found.header_row + 1 :] if any(row)), [None] * width)
    columns = sorted({*found.columns.values(), *(task.column for task in found.tasks[:1]), *list(found.units)[:3]})
    more = []
    for number, plant in enumerate(plants):
        for column in columns:
            row = list(template)
            row[column] = plant.text
            more.append([*row, None, plant.text])  # beside the table, under no header
        if number < found.header_row:
            rows[number] = [*rows[number], plant.text]
    return [*rows, *more]


def taken(path: Path, name: str, said: str) -> tuple[Path, str]:
    """Where reading and validation of a file have left something, and what they told of it."""
    result = making.take_in(path, making.declared(2021, "IS", 5), name)
    told = [result.told.notes, result.told.refusal, result.told.sheets, result.issues.to_dict("records")]
    return path.parent / f"{path.name}.taken", said + json.dumps(told, ensure_ascii=False, default=str)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nobody_is_found_in_what_a_kind_of_file_leaves(tmp_path: Path, layout: str) -> None:
    rows = planted(layout, tmp_path, PLANTS)
    path = making.xlsx(tmp_path / "ф.xlsx", {"4 класс Укрытьева": rows})
    place, told = taken(path, "2021/5/История Неведомцев Аристарх.xlsx", "")
    assert traces(place, NEEDLES) == {}
    assert [needle for needle in NEEDLES if needle in told] == []


def headed(plants: Iterable[Plant]) -> Iterator[tuple[Plant, list[list[Any]]]]:
    """A register with a column more that is called by a plant, and a form with a plant for its first cell."""
    for plant in plants:
        head, *rows = LAYOUTS["contest"]
        yield plant, [[*head, plant.text], *[[*row, plant.text] for row in rows]]


def test_nobody_is_found_in_headers_that_are_not_known(tmp_path: Path) -> None:
    for number, (plant, rows) in enumerate(headed(PLANTS)):
        place, told = taken(making.csv(tmp_path / f"{number}.csv", rows), "Конкурсы 2026.csv", "")
        assert traces(place, plant.needles) == {}, plant.style
        assert [needle for needle in plant.needles if needle in told] == [], plant.style


def test_nobody_is_found_in_a_file_of_no_kind(tmp_path: Path) -> None:
    for number, plant in enumerate(PLANTS):
        path = making.csv(tmp_path / f"{number}.csv", [[plant.text, "этаж"], ["1", plant.text]])
        place, told = taken(path, "Список.csv", "")
        assert traces(place, plant.needles) == {}, plant.style
        assert [needle for needle in plant.needles if needle in told] == [], plant.style


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.style)
def test_nobody_is_found_in_names_of_files_and_sheets(tmp_path: Path, plant: Plant) -> None:
    name = plant.text.replace("/", "_")
    shown = Received("f" * 64, f"2026/edu190003/Форма {name} Русский язык 4 класс ВПР 2026.xlsx", 1, tmp_path).shown
    sheet = repeating.unnamed_sheets([f"4А {plant.text}"[:31]])
    told = shown + "".join(sheet.values())
    assert [needle for needle in plant.needles if needle.replace("/", "_") in told and len(needle) > 3] == []
    assert all(word in shown for word in ("2026/edu190003/Форма", "Русский язык 4 класс ВПР 2026.xlsx"))


def test_each_style_is_found_where_hiding_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "sheltered", lambda found, grid, secret: (found, grid, None))
    rows = planted("risk_indicator", tmp_path, PLANTS)
    place, _ = taken(making.xlsx(tmp_path / "ф.xlsx", rows), "ф.xlsx", "")
    found = set().union(*traces(place, NEEDLES).values())
    assert [plant.style for plant in PLANTS if not set(plant.needles) <= found] == []


def test_names_of_files_are_hidden_by_the_same_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "unnamed", lambda text: text)
    assert Received("f" * 64, "Укрытьева.xlsx", 1, Path()).shown == "Укрытьева.xlsx"


def test_every_layout_has_its_plants() -> None:
    assert set(LAYOUTS) == set(layouts())
