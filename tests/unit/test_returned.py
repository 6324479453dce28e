"""The return workbook: the sender's own cells, the bad ones marked, and what to do about each."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from msoko_pipeline.reading.delimited import parse
from msoko_pipeline.senders.copied import ELSEWHERE
from msoko_pipeline.senders.rehearsal import Verdict, rehearse
from msoko_pipeline.senders.returned import COLOURS, HEADER, returned_name, taken_in_here, write_returned
from msoko_pipeline.settings import Settings
from msoko_pipeline.text.spelling import normal
from schemas.form import Form, forms
from tests import making
from tests.making import take_in
from tests.real import TOWN, needs_town
from tests.unit.test_forms import LAYOUTS

SETTINGS = Settings(home=Path("nowhere"))
PROFILE = ("Год", "Логин", "Фактор риска", "Уровень риска")
GOOD, BAD = (2026, "edu190001", "2", "высокий"), (2026, "edu190002", "2", "огромный")


def returned(path: Path) -> tuple[Verdict, Any]:
    """The verdict on a file and its return workbook, opened."""
    verdict = rehearse(path, SETTINGS)
    target = returned_name(path.parent / "назад", path.name)
    write_returned(path if verdict.openable else None, verdict.marks, target, SETTINGS.reader_memory_mb)
    return verdict, openpyxl.load_workbook(target)


def painted(sheet: Any) -> dict[str, str]:
    """Coordinate → severity of the cells in our colours."""
    names = {colour: severity for severity, colour in COLOURS.items()}
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb in names]
    return {cell.coordinate: names[cell.fill.fgColor.rgb] for cell in cells}


def lines(book: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book["Что исправить"].iter_rows(min_row=2)]


# ---- forms


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_form_comes_back_with_its_bad_cell_marked_and_mended_is_taken_in(tmp_path: Path, form: str) -> None:
    """Written, filled in by its example, broken in a cell, returned, mended in the returned workbook, sent again."""
    declared = forms()[form]
    path = making.filled_form(tmp_path, form)
    book = openpyxl.load_workbook(path)
    page = book[declared.sheet]
    whole = take_in(path)
    assert (whole.refusal, whole.counts) == (None, (1, 1, 0))
    assert rehearse(path, SETTINGS).marks == []
    place = _breakable(declared, tmp_path)
    page.cell(2, place, "?!")
    book.save(path)
    assert take_in(path).counts == (1, 0, 1)
    verdict, back = returned(path)
    assert verdict.messages
    cell = back[declared.sheet].cell(2, place)
    assert painted(back[declared.sheet])[cell.coordinate] == "error"
    assert cell.value == "?!"
    assert verdict.marks[0].wrong in cell.comment.text
    assert back.sheetnames[0] == "Что исправить" == back.active.title
    assert lines(back)[0][:3] == [declared.sheet, 2, declared.columns[place - 1].name]
    cell.value = declared.columns[place - 1].example
    back.save(tmp_path / "исправлено.xlsx")
    again = take_in(tmp_path / "исправлено.xlsx")
    assert (again.refusal, again.counts) == (None, (1, 1, 0))


def _breakable(declared: Form, folder: Path) -> int:
    """Number (from 1) of the first column in which no such word may stand: the reader itself tells."""
    header, example = declared.header, [cell or None for cell in declared.example]
    for place, name in enumerate(header):
        row = [*example[:place], "?!", *example[place + 1 :]]
        told = take_in(making.xlsx(folder / f"ломаем {place}.xlsx", {declared.sheet: [header, row]}))
        if told.issues["column"].eq(name).any() and told.counts == (1, 0, 1):
            return place + 1
    raise AssertionError(f"no column of «{declared['sheet']}» refuses anything")


# ---- workbooks


def test_a_clean_file_has_nothing_to_mend(tmp_path: Path) -> None:
    assert rehearse(making.xlsx(tmp_path / "профиль.xlsx", [PROFILE, GOOD]), SETTINGS).marks == []


def test_a_bad_cell_is_red_and_led_to(tmp_path: Path) -> None:
    source = making.xlsx(tmp_path / "профиль.xlsx", {"Лист 'А' 2": [PROFILE, GOOD, BAD]}, offset=(2, 1))
    verdict, book = returned(source)
    assert painted(book["Лист 'А' 2"]) == {"E5": "error"}
    (line,) = lines(book)
    assert line == ["Лист 'А' 2", 5, "Уровень риска", verdict.marks[0].wrong, verdict.marks[0].mend, "нужно исправить"]
    assert "«огромный»" in line[3]
    assert book["Что исправить"]["B2"].hyperlink.location == "'Лист ''А'' 2'!E5"
    assert [cell.value for cell in book["Что исправить"][1]] == list(HEADER)
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == ["Что исправить"]


def test_a_bad_row_is_marked_over_the_width_of_the_table(tmp_path: Path) -> None:
    rows = [list(row) for row in making.table(making.FLAT["social_passport"])]
    rows[2][1] = rows[1][1]  # the same school again
    source = making.xlsx(tmp_path / "паспорт.xlsx", rows)
    _, book = returned(source)
    assert list(painted(book.worksheets[1])) == [f"{letter}3" for letter in "ABCDEFGHIJKLM"]


def test_blocks_on_one_sheet_are_marked_each_in_its_place(tmp_path: Path) -> None:
    bad = [*making.OGE_ROW[:12], 6]
    first = making.oge_regional([making.OGE_ROW, bad])
    rows = [*first, *making.oge_regional([bad], title="02 - Математика 2026.06.02")]
    source = making.xlsx(tmp_path / "протокол.xlsx", {"Page 1": rows})
    _, book = returned(source)
    places = [row for row, cells in enumerate(rows, 1) if cells and cells[-1] == 6]
    assert len(places) == 2
    marked = painted(book["Page 1"])
    assert {f"U{row}": "error" for row in places}.items() <= marked.items()
    assert {cell.rstrip("0123456789") for cell, severity in marked.items() if severity == "error"} == {"U"}
    assert book["Page 1"].cell(places[0], 13).value == "Пётр", "the file is the sender's own"
    assert not [line for line in lines(book) if "Пётр" in str(line)]


def test_a_warning_is_yellow(tmp_path: Path) -> None:
    row = ["Математика", "СОШ № 1", 1, "Образцов", "Пётр", "И", 8, 8, 20, 0.4, "победитель"]
    source = tmp_path / "Муниципальный этап 2025-2026.xlsx"
    _, book = returned(making.xlsx(source, {"Математика": [list(making.OLYMPIAD_WORKBOOK), row]}))
    assert painted(book["Математика"]) == {"K2": "warning"}
    assert lines(book)[0][5] == "проверьте"


def test_an_error_is_not_painted_over_and_both_are_told(tmp_path: Path) -> None:
    row = ["Математика", "СОШ № 1", 1, "Образцов", "Пётр", "И", 5, 12, 30, 0.6, "победитель"]
    rows = [list(making.OLYMPIAD_WORKBOOK), row, [*row[:6], 12, *row[7:]]]
    source = tmp_path / "Муниципальный этап 2025-2026.xlsx"
    _, book = returned(making.xlsx(source, {"Математика": rows}))
    assert painted(book["Математика"]) == {"G2": "warning", "H2": "error", "G3": "error", "H3": "error"}


def test_what_somebody_wrote_is_never_a_formula_of_ours(tmp_path: Path) -> None:
    attack = '=HYPERLINK("http://example.org";"x")'
    rows = [PROFILE, (2026, "edu190001", "2", attack)]
    csv = tmp_path / "профиль.csv"
    csv.write_text("\n".join(";".join(f'"{str(c).replace(chr(34), chr(34) * 2)}"' for c in row) for row in rows))
    for source in (making.xlsx(tmp_path / "профиль.xlsx", [list(row) for row in rows]), csv):
        _, book = returned(source)
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert [cell.value for cell in cells if cell.data_type == "f"] == []
        assert attack in [cell.value for cell in cells]


def test_values_stand_in_place_of_formulas(tmp_path: Path) -> None:
    rows = [PROFILE, [2026, "edu190001", making.Formula("=1+1", 2), "огромный"]]
    _, book = returned(making.xlsx(tmp_path / "профиль.xlsx", rows))
    assert book.worksheets[1]["C2"].value == 2


LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
PARTS = {  # part of the workbook → where, what is put before it
    "xl/_rels/workbook.xml.rels": (
        "</Relationships>", f'<Relationship Id="rId99" Type="{LINK}" Target="externalLinks/externalLink1.xml"/>'),
    "xl/workbook.xml": (
        "<calcPr", '<externalReferences><externalReference r:id="rId99"/></externalReferences><definedNames>'
        '<definedName name="чужое">[1]Лист!$A$1</definedName><definedName name="своё">Лист1!$A$1</definedName>'
        "</definedNames>"),
    "xl/worksheets/sheet1.xml": (
        "<pageMargins", '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>'
        '\'[1]Мой лист\'!A1=1</formula></cfRule></conditionalFormatting><conditionalFormatting sqref="A2">'
        '<cfRule type="expression" priority="2"><formula>A2=1</formula></cfRule></conditionalFormatting>'
        '<dataValidations count="2"><dataValidation type="list" sqref="B2"><formula1>[1]Лист!$A$1:$A$5</formula1>'
        '</dataValidation><dataValidation type="list" sqref="C2"><formula1>"1,2"</formula1></dataValidation>'
        "</dataValidations>"),
    "[Content_Types].xml": (
        "</Types>", '<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType='
        f'"{making.TYPE}.externalLink+xml"/>'),
}  # fmt: skip


def linked(path: Path) -> Path:
    """A workbook that refers to another file from a name, a list and a rule of colours, and to itself beside each."""
    making.xlsx(path, {"Лист1": [PROFILE, BAD]})

    def change(name: str, data: bytes) -> bytes:
        before, put = PARTS.get(name, ("", ""))
        assert before.encode() in data, name
        return data.replace(before.encode(), (put + before).encode(), 1) if before else data

    making.rezip(path, change)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(
            "xl/externalLinks/externalLink1.xml",
            f'<externalLink xmlns="{making.MAIN}"><externalBook xmlns:r="{making.OFFICE}" r:id="rId1"><sheetNames>'
            '<sheetName val="Лист"/></sheetNames></externalBook></externalLink>',
        )
        packed.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            f'<Relationships xmlns="{making.OPC}/relationships"><Relationship Id="rId1" Type="{LINK}Path"'
            ' Target="other.xlsx" TargetMode="External"/></Relationships>',
        )
    return path


def test_links_to_other_files_are_left_behind_and_all_that_leads_through_them(tmp_path: Path) -> None:
    _, book = returned(linked(tmp_path / "профиль.xlsx"))
    page = book["Лист1"]
    assert list(book.defined_names) == ["своё"]
    assert [rule.formula1 for rule in page.data_validations.dataValidation] == ['"1,2"']
    assert [rule.formula for area in page.conditional_formatting for rule in area.rules] == [["A2=1"]]
    with zipfile.ZipFile(next((tmp_path / "назад").iterdir())) as packed:
        assert [name for name in packed.namelist() if "externalLink" in name or b"[1]" in packed.read(name)] == []
    assert painted(page) == {"D2": "error"}


@pytest.mark.parametrize(
    ("formula", "elsewhere"),
    [("[1]Лист!A1", True), ("SUM('[12]Мой лист'!A1:A9)", True), ("[2]!Имя", True), ("Лист1!A1", False),
     ("Таблица1[1]", False), ("Таблица1[[#All],[1]]", False), ('"а[1]"', False)],
)  # fmt: skip
def test_a_reference_to_another_file_is_told_from_a_column_of_a_table(formula: str, elsewhere: bool) -> None:
    assert (ELSEWHERE.search(formula) is not None) is elsewhere


@pytest.mark.parametrize("sign", ["\x07", "\x0b", "\uffff"])
def test_a_sign_that_no_workbook_holds_spoils_none(tmp_path: Path, sign: str) -> None:
    source = making.csv(tmp_path / "профиль.csv", [PROFILE, GOOD, (*BAD[:3], f"очень{sign}высокий")])
    _, book = returned(source)
    spelled = " " if sign == "\x0b" else "�"
    assert book.worksheets[1]["D3"].value == f"очень{spelled}высокий"
    assert f"«очень{spelled}высокий»" in book.worksheets[1]["D3"].comment.text
    assert any(f"«очень{spelled}высокий»" in line[3] for line in lines(book))


def test_a_text_like_a_formula_is_quoted(tmp_path: Path) -> None:
    for sign in "=+-@":
        source = making.csv(tmp_path / f"{ord(sign)}.csv", [PROFILE, (*BAD[:3], f"{sign}1+1")])
        _, book = returned(source)
        assert book.worksheets[1]["D2"].quotePrefix, sign


def test_a_comment_of_the_senders_own_stays(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "профиль.xlsx", [PROFILE, BAD])
    book = openpyxl.load_workbook(path)
    book.active["D2"].comment = Comment("уточнить у завуча", "школа")
    book.save(path)
    _, book = returned(path)
    assert book.worksheets[1]["D2"].comment.text.startswith("уточнить у завуча\n— МСОКО —\n«огромный»")
    book.worksheets[1]["D2"].value = "никакой"
    book.save(tmp_path / "снова.xlsx")
    _, book = returned(tmp_path / "снова.xlsx")
    assert book.worksheets[1]["D2"].comment.text.startswith("уточнить у завуча\n— МСОКО —\n«никакой»")
    assert "огромный" not in book.worksheets[1]["D2"].comment.text


@pytest.mark.parametrize("is_sheet_gone", [False, True])
def test_marks_of_an_earlier_return_are_taken_away(tmp_path: Path, is_sheet_gone: bool) -> None:
    rows = [PROFILE, BAD, (2026, "edu190003", "2", "никакой")]
    _, book = returned(making.xlsx(tmp_path / "профиль.xlsx", rows))
    book.worksheets[1]["D2"].value = "высокий"
    if is_sheet_gone:
        del book["Что исправить"]
    book.save(tmp_path / "второй раз.xlsx")
    _, again = returned(tmp_path / "второй раз.xlsx")
    page = again.worksheets[1]
    assert painted(page) == {"D3": "error"}
    assert page["D2"].comment is None
    assert page["D3"].comment.text.count("никакой") == 1
    assert len(lines(again)) == 1
    assert again.sheetnames.count("Что исправить") == 1


def test_colours_of_the_senders_own_are_left_to_him(tmp_path: Path) -> None:
    path = making.xlsx(tmp_path / "профиль.xlsx", [PROFILE, GOOD, BAD])
    book = openpyxl.load_workbook(path)
    book.active["A2"].fill = PatternFill("solid", fgColor=COLOURS["warning"])
    book.save(path)
    _, book = returned(path)
    assert painted(book.worksheets[1]) == {"A2": "warning", "D3": "error"}


def test_a_stray_cell_in_the_last_corner_does_not_fill_the_memory(tmp_path: Path) -> None:
    rows = ""
    for number, row in enumerate((PROFILE, BAD), 1):
        cells = (f'<c r="{letter}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
                 for letter, cell in zip("ABCD", row, strict=True))  # fmt: skip
        rows += f'<row r="{number}">{"".join(cells)}</row>'
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    source = making.raw_sheet(tmp_path / "профиль.xlsx", rows + corner)
    mark = rehearse(making.xlsx(tmp_path / "такой же.xlsx", {"Лист1": [PROFILE, BAD]}), SETTINGS).marks
    assert write_returned(source, mark, tmp_path / "назад.xlsx", 1024)
    book = openpyxl.load_workbook(tmp_path / "назад.xlsx")
    assert book["Лист1"]["D2"].fill.fgColor.rgb == COLOURS["error"]


def test_a_copy_that_takes_too_long_is_left_out(tmp_path: Path) -> None:
    marks = rehearse(making.xlsx(tmp_path / "профиль.xlsx", {"Лист1": [PROFILE, BAD]}), SETTINGS).marks
    endless = tmp_path / "без конца.xlsx"
    os.mkfifo(endless)  # whoever opens it waits for ever
    assert not write_returned(endless, marks, tmp_path / "назад.xlsx", 1024, seconds=0.5)
    book = openpyxl.load_workbook(tmp_path / "назад.xlsx")
    assert book.sheetnames == ["Что исправить"]


def test_a_sheet_that_bears_a_name_is_found_again(tmp_path: Path) -> None:
    source = making.xlsx(tmp_path / "профиль.xlsx", {"Образцова А.П.": [PROFILE, GOOD, BAD]})
    _, book = returned(source)
    assert painted(book["Образцова А.П."]) == {"D3": "error"}
    assert "Образцова" not in str(lines(book))


# ---- other formats


@pytest.mark.parametrize("suffix", [".csv", ".xls", ".ods"])
def test_other_formats_are_copied_as_text(tmp_path: Path, suffix: str) -> None:
    rows = [list(PROFILE), list(GOOD), list(BAD)]
    make = {".csv": making.csv, ".xls": making.xls, ".ods": making.ods}[suffix]
    _, book = returned(make(tmp_path / f"профиль{suffix}", rows))
    page = book.worksheets[1]
    assert painted(page) == {"D3": "error"}
    assert [[normal(str(cell.value)) for cell in row] for row in page.iter_rows()] == [
        [normal(str(cell)) for cell in row] for row in rows
    ]


def test_sheets_with_names_that_excel_does_not_take_are_marked_each_in_its_place(tmp_path: Path) -> None:
    long = "Рисковый профиль школ города Черногорска"
    sheets = {f"{long}: первый": [PROFILE, GOOD], f"{long}: второй": [PROFILE, BAD], "2025/26": [PROFILE, BAD]}
    sheets["2025/26"][1] = (2026, "edu190003", "2", "никакой")
    _, book = returned(making.ods(tmp_path / "профиль.ods", sheets))
    titles = book.sheetnames[1:]
    assert titles == ["Рисковый профиль школ города Че", "Рисковый профиль школ гор (2)", "2025 26"]
    assert [painted(book[title]) for title in titles] == [{}, {"D2": "error"}, {"D2": "error"}]
    linked = [book["Что исправить"][f"B{row}"].hyperlink.location for row in (2, 3)]
    assert linked == [f"'{title}'!D2" for title in titles[1:]]
    assert [line[0] for line in lines(book)] == [f"{long}: второй", "2025/26"]  # as the sender calls them


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".xlsx"])
def test_the_sheet_of_an_earlier_return_is_written_anew_in_any_format(tmp_path: Path, suffix: str) -> None:
    make = {".xls": making.xls, ".ods": making.ods, ".xlsx": making.xlsx}[suffix]
    sheets = {"ЧТО ИСПРАВИТЬ": [["Лист", "Строка"], ["Профиль", 2]], "Профиль": [PROFILE, GOOD, BAD]}
    verdict, book = returned(make(tmp_path / f"профиль{suffix}", sheets))
    assert book.sheetnames == ["Что исправить", "Профиль"]
    assert len(lines(book)) == len(verdict.messages) == 1


# ---- real files


@needs_town
def test_a_real_file_comes_back_with_each_of_its_findings_marked(tmp_path: Path) -> None:
    source = tmp_path / "2021" / "4" / "Математика.csv"
    source.parent.mkdir(parents=True)
    shutil.copy(TOWN / "vpr2021_MA4.csv", source)
    verdict, book = returned(source)
    page = book.worksheets[1]
    marked = painted(page)
    told = [mark for mark in verdict.marks if mark.row]
    assert len(told) > 10
    wanted = {f"{get_column_letter(column + 1)}{mark.row}" for mark in told for column in mark.columns}
    assert set(marked) == wanted
    rows = parse(source.read_bytes()).columns
    assert [page.cell(told[0].row, number).value for number in range(1, len(rows) + 1)] == [
        column[told[0].row - 1].as_py() for column in rows
    ]
    for mark in told:
        assert mark.wrong in page.cell(mark.row, mark.columns[0] + 1).comment.text
    again = next((source.parent / "назад").iterdir()).rename(source.with_suffix(".xlsx"))
    before, after = (rehearse(path, SETTINGS) for path in (source, again))
    assert after.title == before.title  # fills, comments and the sheet do not disturb the reader
    assert [(mark.row, mark.columns, mark.wrong) for mark in after.marks if mark.row] == [
        (mark.row, mark.columns, mark.wrong) for mark in told
    ]


# ---- files that are not taken in


def test_a_file_that_nobody_reads_has_the_sheet_alone(tmp_path: Path) -> None:
    source = tmp_path / "обрыв.xlsx"
    source.write_bytes(making.xlsx(tmp_path / "целый.xlsx", [PROFILE, GOOD]).read_bytes()[:700])
    _, book = returned(source)
    assert book.sheetnames == ["Что исправить"]
    assert "не читается" in lines(book)[0][3]


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    source = tmp_path / "бомба.xlsx"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"<Types/>")
        packed.writestr("xl/workbook.xml", b" " * 60_000_000)
    _, book = returned(source)
    assert book.sheetnames == ["Что исправить"]
    assert "велик" in lines(book)[0][3]


def test_a_file_that_ended_its_reader_is_not_opened_again(tmp_path: Path) -> None:
    verdict, book = returned(making.far_cell(tmp_path / "дальняя ячейка.xlsx"))
    assert not verdict.openable
    assert book.sheetnames == ["Что исправить"]
    assert "слишком велик" in lines(book)[0][3]


def test_a_workbook_of_another_kind_comes_back_with_the_reason(tmp_path: Path) -> None:
    source = making.xlsx(tmp_path / "дежурства.xlsx", {"Июнь": [["График дежурств"], ["Понедельник"]]})
    _, book = returned(source)
    assert book.sheetnames == ["Что исправить", "Июнь"]
    assert "вид файла не распознан" in lines(book)[0][3]


# ---- where it goes


def test_equal_names_are_numbered(tmp_path: Path) -> None:
    first = returned_name(tmp_path, "a/форма.xlsx")
    assert first.name == "форма — исправить.xlsx"
    first.touch()
    assert returned_name(tmp_path, "b/форма.csv").name == "форма — исправить (2).xlsx"


def test_where_files_are_taken_in_nothing_is_returned(tmp_path: Path) -> None:
    inbox = tmp_path / "var" / "inbox"
    assert taken_in_here(inbox / "2026", (inbox,)) == inbox
    assert taken_in_here(tmp_path / "назад", (inbox, tmp_path / "var")) is None
