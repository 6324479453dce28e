"""Merged cells, hidden rows and columns, Latin letters in Cyrillic words: read as they are meant, and told."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlwt

from tests import making
from tests.making import Taken, take_in

EXPORT = making.export_2021()


def book(path: Path, rows: making.Rows = EXPORT, *, merged: str = "", hidden: tuple[int, ...] = (), column: str = "",
         is_filtered: bool = False) -> Path:  # fmt: skip
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    if column:
        sheet.column_dimensions[column].hidden = True
    if is_filtered:
        sheet.auto_filter.ref = sheet.dimensions
        sheet.auto_filter.add_filter_column(0, ["да"])
    made.save(path)
    return path


def old_book(path: Path, rows: making.Rows, merged: tuple[int, int, int], hidden: int) -> Path:
    """An .xls: merged = first row, last row, column, from 0; hidden = a row from 0."""
    made = xlwt.Workbook()
    sheet = made.add_sheet("Лист1")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None and not (column == merged[2] and merged[0] <= number <= merged[1]):
                sheet.write(number, column, cell)
    sheet.write_merge(merged[0], merged[1], merged[2], merged[2], rows[merged[0]][merged[2]])
    sheet.row(hidden).hidden = True
    made.save(str(path))
    return path


def filled(told: Taken) -> list[str]:
    return told.messages("sheet_merged")


def test_a_merged_school_speaks_for_its_rows(tmp_path: Path) -> None:
    told = take_in(book(tmp_path / "a.xlsx", merged="A2:A4"))
    assert told.counts == (3, 3, 0)
    assert told.facts["vpr_result"]["org_id"].tolist() == ["edu190001"] * 3
    assert "заполнено ячеек: 2" in filled(told)[0]


def test_a_merged_school_of_an_old_workbook(tmp_path: Path) -> None:
    told = take_in(old_book(tmp_path / "a.xls", EXPORT, (1, 3, 0), hidden=2))
    assert told.counts == (3, 3, 0)
    assert told.facts["vpr_result"]["org_id"].tolist() == ["edu190001"] * 3
    assert "скрыто строк: 1 (строка 3)" in told.messages("sheet_rows_hidden")[0]


def test_a_merged_score_speaks_for_its_first_row_only(tmp_path: Path) -> None:
    told = take_in(book(tmp_path / "a.xlsx", merged="I2:I3"))
    assert filled(told) == []
    assert told.counts == (3, 2, 1)


def test_merged_pupils_and_schools_of_a_register(tmp_path: Path) -> None:
    rows = [
        list(making.OLYMPIAD_WORKBOOK),
        ["Математика", "МБОУ «СОШ № 1»", "1", "Образцова", "Проба", "Примеровна", 7, 7, 20, 0.4, "участник"],
        ["Физика", None, "2", None, None, None, 7, 7, 21, 0.4, "участник"],
        ["Химия", None, "3", "Тестова", "Проба", "Примеровна", 7, 7, 22, 0.4, "участник"],
    ]
    made = book(tmp_path / "МЭ 2025-2026.xlsx", [["Протокол муниципального этапа 2025/2026"], *rows], merged="B3:B5")
    again = openpyxl.load_workbook(made)
    for column in "DEF":
        again.active.merge_cells(f"{column}3:{column}4")
    again.save(made)
    told = take_in(made)
    assert told.counts == (3, 3, 0)
    results = told.facts["olympiad_result"]
    assert results["org_ref"].tolist() == ["МБОУ «СОШ № 1»"] * 3
    assert results["pupil_key"].nunique() == 2


def test_a_merged_title_and_a_merged_header_are_nobodys_rows(tmp_path: Path) -> None:
    told = take_in(book(tmp_path / "a.xlsx", merged="A1:B1"))
    assert filled(told) == []


@pytest.mark.parametrize(("is_filtered", "said"), [(True, "скрыто фильтром строк: 2"), (False, "скрыто строк: 2")])
def test_hidden_rows_are_read_and_told(tmp_path: Path, is_filtered: bool, said: str) -> None:
    told = take_in(book(tmp_path / "a.xlsx", hidden=(3, 4, 90), is_filtered=is_filtered))
    assert told.counts == (3, 3, 0)
    (message,) = told.messages("sheet_rows_hidden")
    assert f"{said} (строки 3, 4)" in message
    assert told.issues["severity"].tolist() == ["info"]


def test_a_hidden_column_of_the_table_is_told(tmp_path: Path) -> None:
    told = take_in(book(tmp_path / "a.xlsx", column="F"))
    assert "столбцов: 1 («класс»)" in told.messages("sheet_rows_hidden")[0]
    assert take_in(book(tmp_path / "b.xlsx", column="Z")).types == set()


def latin(text: making.Cell) -> making.Cell:
    return text.translate(str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")) if isinstance(text, str) else text


@pytest.mark.parametrize("layout", ["f1", "marks", "distribution", "task_groups"])
def test_latin_letters_in_a_header(tmp_path: Path, layout: str) -> None:
    rows = [
        [latin(cell) for cell in row] if number == 7 else row for number, row in enumerate(making.REPORTS[layout]())
    ]
    plain, told = (
        take_in(making.xlsx(tmp_path / f"{n}.xlsx", table)) for n, table in enumerate((making.REPORTS[layout](), rows))
    )
    assert (told.refusal, told.counts, told.layouts) == (None, plain.counts, [layout])


@pytest.mark.parametrize("layout", ["oge_regional", "ege_regional"])
def test_latin_letters_in_a_header_of_an_exam(tmp_path: Path, layout: str) -> None:
    rows = [[latin(cell) for cell in row] if "Код ОО" in row else row for row in making.PROTOCOLS[layout]]
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows))
    assert (told.counts, told.layouts) == ((1, 1, 0), [layout])


def test_latin_letters_in_statuses_and_kinds(tmp_path: Path) -> None:
    rows = making.table(making.FLAT["risk_profile"])
    rows[1][3] = latin("высокий")
    told = take_in(making.xlsx(tmp_path / "a.xlsx", rows))
    assert told.counts == (2, 2, 0)
    rows = [list(row) for row in EXPORT]
    rows[1][4], rows[3][6] = "M", latin("отсутствовал")
    told = take_in(making.xlsx(tmp_path / "b.xlsx", rows))
    assert told.counts == (3, 3, 0)
    assert told.facts["vpr_result"]["gender"].tolist()[0] == "м"
    assert bool(told.facts["vpr_result"]["absent"].iloc[2])
