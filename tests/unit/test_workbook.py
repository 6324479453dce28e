"""Files to grids of text: every cell as it stands, rows and columns numbered as in the sheet, no line lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msoko_pipeline.issues.refusals import Refusal, guarded
from msoko_pipeline.reading import delimited
from msoko_pipeline.reading.cell_states import Fault
from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.workbook import Grid, read
from tests import making
from tests.making import Formula

ROWS = [["код", "балл"], ["40001", 5], ["0101082", 7.5]]


def cells(grid: Grid) -> list[list[str]]:
    return grid.head(100)


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.ods, making.csv], ids=["xlsx", "xls", "ods", "csv"])
def test_all_formats_give_the_same_text(tmp_path: Path, make) -> None:
    path = make(tmp_path / "файл", ROWS)
    (grid,) = read(path, sniff(path))
    assert cells(grid) == [["код", "балл"], ["40001", "5"], ["0101082", "7.5"]]  # the leading zero stays


def test_values_of_a_workbook_as_text(tmp_path: Path) -> None:
    row = [40001.0, 0.5, dt.datetime(2026, 5, 10), "NA", " a\u00a0b ", True, Formula("=A1+1", 40002), "=A1", None]
    (grid,) = read(making.xlsx(tmp_path / "a.xlsx", [row]), "xlsx")
    assert cells(grid) == [["40001", "0.5", "2026-05-10 00:00:00", "NA", " a\u00a0b ", "true", "40002", "=A1"]]


def test_rows_and_columns_are_those_of_the_sheet(tmp_path: Path) -> None:
    """Readers leave out empty columns on the left; a fault is named by the letter that Excel shows."""
    rows = [["код", "балл"], ["40001", Formula("=1/0", "#DIV/0!")]]
    (grid,) = read(making.xlsx(tmp_path / "a.xlsx", rows, offset=(3, 2)), "xlsx")
    assert cells(grid)[3] == ["", "", "код", "балл"]
    assert cells(grid)[4] == ["", "", "40001", ""]
    assert grid.states.faults == [Fault(5, "D", "cell_error", "#DIV/0!")]


def test_every_sheet_with_cells_is_read_and_hidden_ones_are_known(tmp_path: Path) -> None:
    sheets = {"Протокол": ROWS, "Пустой": [], "Старый": ROWS}
    found = {
        grid.sheet: grid.hidden for grid in read(making.xlsx(tmp_path / "a.xlsx", sheets, hidden=["Старый"]), "xlsx")
    }
    assert found == {"Протокол": False, "Старый": True}


def test_a_chart_sheet_is_no_hindrance(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Данные").write(0, 0, "код")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Данные!$A$1:$A$2"})
        book.add_chartsheet("График").set_chart(chart)
    assert [grid.sheet for grid in read(tmp_path / "a.xlsx", "xlsx")] == ["Данные"]


def test_formatted_emptiness_below_the_table_is_cut_off(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="50000"><c r="A50000" t="str"><v></v></c></row>'
    (grid,) = read(making.raw_sheet(tmp_path / "a.xlsx", rows), "xlsx")
    assert grid.cells.num_rows == 1


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("<row r='1'><c r='A1'><v>1</v>", "испорчена"),
        ('<row r="1"><c r="A1" t="s"><v>900</v></c></row>', "испорчена"),
    ],
    ids=["broken xml", "a string that is not there"],
)
def test_a_workbook_broken_inside_is_refused(tmp_path: Path, content: str, word: str) -> None:
    path = making.raw_sheet(tmp_path / "a.xlsx", content)
    with pytest.raises(Refusal) as refused:
        read(path, "xlsx")
    assert refused.value.issue_type == "file_unreadable"
    assert word in refused.value.message()


def test_a_workbook_without_cells_is_empty(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read(making.xlsx(tmp_path / "a.xlsx", {"Лист1": [], "Лист2": [[None]]}), "xlsx")
    assert refused.value.issue_type == "file_empty"


# ---- text tables

RUSSIAN = "логин;вид\nedu190001;лицей\nedu190002;школа, сад\n"
READ = [["логин", "вид"], ["edu190001", "лицей"], ["edu190002", "школа, сад"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (grid,) = read(making.text(tmp_path / "a.csv", mark + RUSSIAN, encoding), "text")
    assert cells(grid) == READ


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    (grid,) = read(making.text(tmp_path / "a.csv", RUSSIAN.replace("\n", end)), "text")
    assert cells(grid) == READ


@pytest.mark.parametrize(
    "data",
    [
        "код;балл;школа\n40001;5;средняя общеобразовательная\n".encode("cp866"),
        "код;балл;школа\n40001;5;средняя общеобразовательная\n".encode("koi8-r"),
        "код;балл\n".encode("utf-16")[:-1] + b"\0\0\0",
        b"a;b\n\x01\x02\x03\x04\x05\x06;\x98\n",
    ],
    ids=["cp866", "koi8-r", "utf-16 cut off", "control characters"],
)
def test_an_encoding_that_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        delimited.parse(data)
    assert refused.value.issue_type == "file_encoding"
    assert "CSV UTF-8" in refused.value.message()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a;b;c", "1;2;3"], ";"),
        (["a\tb\tc", "1\t2\t3"], "\t"),
        (["a,b,c", '1,"2;3",4'], ","),
        (["Статистика по отметкам", "", "группа;2;3", "Вся выборка;5,06;32,92", "Школа;1,2;3,4"], ";"),
        (["user;groups;x"] + [f"sch1;{'g,' * 90};1"] * 5, ";"),
        (["№;умение;балл", "1;Читать, писать, считать, думать;2", "2;Знать, уметь;1"], ";"),
        (["один столбец", "и только"], ";"),
    ],
)
def test_the_delimiter_is_the_one_that_keeps_its_number(lines: list[str], expected: str) -> None:
    assert delimited.delimiter_of("\n".join(lines) + "\n") == expected


def grid_of(content: str) -> tuple[list[list[str]], dict[int, int], list[int]]:
    found = delimited.parse(content.encode())
    columns = [[cell or "" for cell in column.to_pylist()] for column in found.columns]
    return [list(line) for line in zip(*columns, strict=True)], found.ragged, found.unclosed


WELL_FORMED = {
    "plain": ("a;b\n1;2\n", [["a", "b"], ["1", "2"]]),
    "quoted": ('a;b\n"1;5";"МБОУ ""СОШ"""\n', [["a", "b"], ["1;5", 'МБОУ "СОШ"']]),
    "a line break in a cell": ('"a\nb";c\n1;2\n', [["a\nb", "c"], ["1", "2"]]),
    "quotes inside a bare field": ('a;b\nМБОУ "СОШ № 1";2\n', [["a", "b"], ['МБОУ "СОШ № 1"', "2"]]),
    "a trailing delimiter": ("a;b;\n1;2;\n", [["a", "b", ""], ["1", "2", ""]]),
    "blank lines": ("a;b\n\n1;2\n\n", [["a", "b"], ["", ""], ["1", "2"], ["", ""]]),
    "no end of line at the end": ("a;b\n1;2", [["a", "b"], ["1", "2"]]),
}


@pytest.mark.parametrize("what", WELL_FORMED)
def test_text_tables(what: str) -> None:
    content, expected = WELL_FORMED[what]
    assert grid_of(content) == (expected, {}, [])


def test_lines_of_another_length_are_named_and_kept() -> None:
    rows, ragged, _ = grid_of("a;b;c\n1;2\n1;2;3\n1;2;3;4\n")
    assert rows == [["a", "b", "c", ""], ["1", "2", "", ""], ["1", "2", "3", ""], ["1", "2", "3", "4"]]
    assert ragged == {2: 2, 4: 4}


@pytest.mark.parametrize(
    ("content", "unclosed", "kept"),
    [
        ('a;b;c\n1;"2;3\n4;5;6\n7;8;9\n', [2], ["4", "5", "6"]),
        ('a;b;c\n1;"x;y\n2;"x;y\n4;5;6\n', [2, 3], ["4", "5", "6"]),
        ('a;b;c\n1;"x;2\n4;5;6\n7;y";8\n', [2], ["4", "5", "6"]),
        ('a;b;c\n4;5;6\n7;8;"9\n', [3], ["4", "5", "6"]),
    ],
    ids=["never closed", "one in every line", "closed lines below, in the same column", "in the last line"],
)
def test_a_quote_that_does_not_close_costs_its_own_line_only(
    content: str, unclosed: list[int], kept: list[str]
) -> None:
    rows, _, found = grid_of(content)
    assert found == unclosed
    assert len(rows) == content.count("\n")
    assert kept in rows


@given(st.lists(st.lists(st.text(alphabet='ab;"1 ', max_size=4), min_size=1, max_size=4), min_size=1, max_size=8))
def test_no_line_is_ever_lost(fields: list[list[str]]) -> None:
    """However broken: every line of the text is a row or a part of a quoted cell."""
    lines = [";".join(line) for line in fields]
    rows, _, _ = grid_of("x;y\n" + "\n".join(lines) + "\n")
    held = "\n".join(cell for row in rows for cell in row)
    assert all(letter in held for line in lines for letter in line if letter in "ab1")
    assert len(rows) + held.count("\n") >= len(lines) + 1


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    found = guarded(delimited.parse, data)
    assert not isinstance(found, Refusal) or found.issue_type == "file_encoding"
