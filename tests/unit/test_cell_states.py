"""Errors, formulas without a value, merged ranges, hidden rows and columns: alike in every format and spelling."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt

from msoko_pipeline.reading.cell_states import CellStates, Fault, Merged, is_error, of_book, xlsx
from msoko_pipeline.reading.workbook import read
from tests import making


def faults(path: Path, sheet: str) -> list[Fault]:
    return xlsx.states(path, sheet).faults


def test_errors_and_formulas_without_a_value_are_found(tmp_path: Path) -> None:
    rows = [
        ["код", making.Formula("=1/0", "#DIV/0!"), making.Formula("=SUM(A1:A2)", 7)],
        ["код", making.Formula("=SUM(A1:B1)"), making.Formula("=A1", "x")],
    ]
    path = making.forget_values(making.xlsx(tmp_path / "a.xlsx", {"Первый": [[1]], "Второй": rows}))
    assert faults(path, "Первый") == []
    assert faults(path, "Второй") == [
        Fault(1, "B", "cell_error", "#DIV/0!"),
        Fault(2, "B", "cell_formula_empty", "=SUM(A1:B1)"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="B2" t="e"><v>#N/A</v></c>', [Fault(2, "B", "cell_error", "#N/A")]),
        ('<c t="e" s="3" r="B2"><f>X</f><v>#REF!</v></c>', [Fault(2, "B", "cell_error", "#REF!")]),
        ('<c r="B2"><f>SUM(A1)</f></c>', [Fault(2, "B", "cell_formula_empty", "=SUM(A1)")]),
        ('<c r="B2"><f t="shared" si="0"/></c>', [Fault(2, "B", "cell_formula_empty", "=")]),
        ('<c r="B2"><f>SUM(A1)</f><v></v></c>', [Fault(2, "B", "cell_formula_empty", "=SUM(A1)")]),
        ('<c r="B2"><f>SUM(A1)</f> <v /> </c>', [Fault(2, "B", "cell_formula_empty", "=SUM(A1)")]),
        ("<c r='B2' t='e'><v>#N/A</v></c>", [Fault(2, "B", "cell_error", "#N/A")]),
        ("<c t='e' r='B2'><f>A1</f><v>#N/A</v></c>", [Fault(2, "B", "cell_error", "#N/A")]),
        ('<c/><c t="e"><v>#N/A</v></c>', [Fault(2, "B", "cell_error", "#N/A")]),
        ('<c r="B2"><f>A1</f><v>5</v></c>', []),
        ('<c r="B2" t="s"><f>A1</f><v>0</v></c>', []),
        ('<c r="B2" t="str"><f>A1</f><v/></c>', []),
        ('<c r="B2" t="inlineStr"><is><t>формула</t></is></c>', []),
        ('<c r="A2" s="1"/><c r="B2" s="1"/>', []),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_any_writer_of_workbooks_is_understood(tmp_path: Path, cell: str, expected: list[Fault], prefix: str) -> None:
    marked = cell
    for tag in ("c", "f", "v", "is", "t"):
        for edge in (" ", ">", "/"):
            marked = marked.replace(f"<{tag}{edge}", f"<{prefix}{tag}{edge}").replace(f"</{tag}>", f"</{prefix}{tag}>")
    path = making.raw_sheet(tmp_path / "a.xlsx", f'<{prefix}row r="2">{marked}</{prefix}row>', prefix)
    assert faults(path, "Лист1") == expected


def test_a_fault_far_down_a_long_sheet_is_found(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 60_000))
    path = making.raw_sheet(tmp_path / "a.xlsx", rows + '<row r="60000"><c r="A60000" t="e"><v>#N/A</v></c></row>')
    with zipfile.ZipFile(path) as packed:
        assert packed.getinfo("xl/worksheets/sheet1.xml").file_size > 2 << 20
    assert faults(path, "Лист1") == [Fault(60_000, "A", "cell_error", "#N/A")]


# ---- old workbooks and OpenDocument


def book_of_all(path: Path) -> Path:
    """A workbook with an error, a formula without a value, a merged range, a hidden row and a hidden column."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["ОО", "Балл", "Сумма"], ["школа", 1, "=B2+1"], [None, "=NA()", 3], ["школа", 3, "=1/0"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.save(path)
    return path


def test_everything_of_an_xlsx_is_told(tmp_path: Path) -> None:
    (states,) = of_book(book_of_all(tmp_path / "a.xlsx"), "xlsx", ["Sheet"])
    assert [(fault.row, fault.column, fault.issue_type) for fault in states.faults] == [
        (2, "C", "cell_formula_empty"),
        (3, "B", "cell_formula_empty"),
        (4, "C", "cell_formula_empty"),
    ]
    assert states.merged == [Merged(2, 3, 0, 0)]
    assert (states.hidden_rows, states.hidden_columns, states.is_filtered) == ([4], [2], False)


def xls_of_all(path: Path) -> Path:
    book = xlwt.Workbook()
    book.add_sheet("Пустой")
    sheet = book.add_sheet("Данные")
    sheet.write_merge(1, 2, 0, 0, "школа")
    sheet.write(1, 1, 5)
    sheet.row(2).set_cell_error(1, 0x2A)
    for number, formula in enumerate(("SUM(A1:B1)", "B1+B2", "ROUND(B2,1)", 'IF(B2=5,"","x")')):
        sheet.write(3, number, xlwt.Formula(formula))
    sheet.row(3).hidden = True
    sheet.col(2).hidden = True
    book.save(str(path))
    return path


def test_everything_of_an_old_workbook_is_told(tmp_path: Path) -> None:
    """A formula that may give "" was perhaps computed; a sum was not."""
    empty, states = of_book(xls_of_all(tmp_path / "a.xls"), "xls", ["Пустой", "Данные"])
    assert empty == CellStates()
    assert states.faults == [
        Fault(3, "B", "cell_error", "#N/A"),
        *(Fault(4, letter, "cell_formula_empty", "=") for letter in "ABC"),
    ]
    assert states.merged == [Merged(2, 3, 0, 0)]
    assert (states.hidden_rows, states.hidden_columns) == ([4], [2])


ODS_ROWS = """
<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>
<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string"><text:p>а</text:p>
</table:table-cell></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell {error}/></table:table-row>
<table:table-row table:visibility="filter" table:number-rows-repeated="2">
<table:table-cell table:number-rows-spanned="2"><text:p>школа</text:p></table:table-cell>{formula}</table:table-row>
"""
NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


def raw_ods(path: Path, rows: str) -> Path:
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
    body = f'<table:table table:name="Лист1">{rows}</table:table><table:table table:name="Лист2"/>'
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"  # noqa: E501
    return making.zipped(path, {"mimetype": making.ODS, "content.xml": content})


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ('<table:table-cell table:formula="of:=A1"/>', [Fault(4, "B", "cell_formula_empty", "=A1")]),
        ('<table:table-cell table:formula="of:=A1"><text:p/></table:table-cell>', []),
        (
            '<table:table-cell table:formula="of:=A1" office:value-type="string"><text:p>Err:502</text:p></table:table-cell>',  # noqa: E501
            [Fault(4, "B", "cell_error", "Err:502")],
        ),
    ],
    ids=["never computed", "gives an empty text", "an error without its type"],
)
def test_everything_of_an_open_document_is_told(tmp_path: Path, formula: str, fault: list[Fault]) -> None:
    error = 'calcext:value-type="error" table:formula="of:=NA()"'
    path = raw_ods(tmp_path / "a.ods", ODS_ROWS.format(error=error, formula=formula))
    states, second = of_book(path, "ods", ["Лист1", "Лист2"])
    assert states.faults == [Fault(3, "C", "cell_error", "#ОШИБКА"), *fault]
    assert states.merged == [Merged(4, 5, 0, 0)]
    assert (states.hidden_rows, states.hidden_columns, states.is_filtered) == ([4, 5], [2], True)
    assert second == CellStates()


@pytest.mark.parametrize("text", ["#Н/Д", "#N/A", "#ССЫЛКА!", "#ref!", "#ДЕЛ/0!", "Err:502", "#####", " #ЗНАЧ! "])
def test_an_error_saved_as_text_is_an_error(tmp_path: Path, text: str) -> None:
    assert is_error(text)
    (grid,) = read(making.csv(tmp_path / "a.csv", [["а", "б"], ["1", text], ["2", "3"]]), "text")
    assert grid.states.faults == [Fault(2, "B", "cell_error", text.strip())]
    assert grid.cells.column(1).to_pylist() == ["б", None, "3"]


@pytest.mark.parametrize("text", ["#1", "№", "# Д", "Ошибка", "#", "##", "К-12"])
def test_an_ordinary_text_is_no_error(text: str) -> None:
    assert not is_error(text)


def test_a_key_that_is_an_error_is_named_as_one(tmp_path: Path) -> None:
    """The row is not «without a key»: its cell is an error, in every format alike."""
    rows = making.export_2021(
        "sch190001 | 1 | 50001 | 4 | м | а | 1 | 9 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | |\n"
        "#Н/Д | 2 | 50002 | 3 | ж | а | 2 | 2 | X | 0 | 1 | x | 0 | 1 | 0 | Х | |"
    )
    for name, write in (("a.xlsx", making.xlsx), ("a.xls", making.xls), ("a.ods", making.ods), ("a.csv", making.csv)):
        taken = making.take_in(write(tmp_path / name, rows))
        assert taken.counts == (2, 1, 1)
        assert taken.issues[["row", "column", "value", "issue_type"]].values.tolist()[0] == [
            3,
            "логин школы",
            "#Н/Д",
            "cell_error",
        ]
        assert "row_without_key" not in taken.types
