"""Control signs in cells, which no workbook and no database can hold: gone at the ends, «�» inside, told where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msoko_pipeline.publishing import rows
from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.workbook import read
from msoko_pipeline.text import signs
from schemas.fields import columns_of
from schemas.marts import MARTS
from tests import making
from tests.making import take_in

HEADER, *PUPILS = making.export_2021()
Make = Callable[[Path, making.Rows], Path]


def export(*changed: tuple[int, str, str]) -> making.Rows:
    """The export with some cells changed: row of the sheet, header of the column, text."""
    table = [list(line) for line in (HEADER, *PUPILS)]
    for row, header, text in changed:
        table[row - 1][HEADER.index(header)] = text
    return table


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.csv], ids=["xlsx", "xls", "csv"])
def test_signs_inside_a_cell_are_replaced_and_told(tmp_path: Path, make: Make) -> None:
    table = export((2, "класс", "а\x07б"), (3, "Учебник", "1)\x02История"), (4, "Учебник", "1)\vИстория\x06"))
    told = take_in(make(tmp_path / f"a.{make.__name__}", table))
    assert told.counts == (3, 3, 0)
    (message,) = told.messages("sheet_signs")
    assert "столбец «класс» — строка 2" in message
    assert "Впишите эти ячейки заново" in message
    assert told.issues.loc[told.issues["issue_type"] == "sheet_signs", "row"].tolist() == [2]


@pytest.mark.parametrize("make", [making.xlsx, making.xls], ids=["xlsx", "xls"])
def test_a_nul_is_such_a_sign(tmp_path: Path, make: Make) -> None:
    told = take_in(
        make(tmp_path / f"a.{make.__name__}", export((2, "логин школы", "sch190001\0\0"), (3, "балл за 1", "1\x001")))
    )
    assert told.facts["vpr_result"]["org_id"].tolist() == ["edu190001"] * 3, "padding is no loss"
    (message,) = told.messages("sheet_signs")
    assert "столбец «логин школы» — строка 2; столбец «балл за 1» — строка 3" in message
    assert "«1�1»" in " ".join(told.issues["message_ru"])


def test_a_clean_sheet_says_nothing_of_signs(tmp_path: Path) -> None:
    told = take_in(making.xlsx(tmp_path / "a.xlsx", export((2, "Учебник", "1)\tИстория\nРоссии"))))
    assert told.messages("sheet_signs") == []


def test_many_rows_are_counted(tmp_path: Path) -> None:
    table = [HEADER] + [[*PUPILS[0][:5], "а\x01б", *PUPILS[0][6:]] for _ in range(30)]
    (message,) = take_in(making.xlsx(tmp_path / "a.xlsx", table)).messages("sheet_signs")
    assert "строки 2–21 и ещё 10" in message


def test_the_name_of_a_sheet(tmp_path: Path) -> None:
    path = making.xls(tmp_path / "a.xls", {"Ли\x07ст": export()})
    assert [grid.sheet for grid in read(path, sniff(path))] == ["Ли�ст"]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_is_text_stays_as_it_is(text: str) -> None:
    told = signs.as_text(text)
    assert not signs.NO_TEXT.search(told)
    assert (told == text) is (signs.NO_TEXT.search(text) is None)
    assert signs.as_text(told) == told


def test_what_no_database_holds_becomes_null_or_a_sign_of_loss() -> None:
    model = MARTS["organisation"]
    held = {spec.name: pa.nulls(3, rows.TYPES[rows.kind(spec.dtype)]) for spec in columns_of(model)}
    table = rows.of_frame(pa.table(held | {"name": ["а\0б", "а\x01б", None]}), model)
    assert table["name"].to_pylist() == ["а�б", "а�б", None]
    numbers = MARTS["vpr_school"]
    held = {spec.name: pa.nulls(4, rows.TYPES[rows.kind(spec.dtype)]) for spec in columns_of(numbers)}
    table = rows.of_frame(pa.table(held | {"success_pct": [1.5, float("nan"), float("inf"), float("-inf")]}), numbers)
    assert table["success_pct"].to_pylist() == [1.5, None, None, None]
