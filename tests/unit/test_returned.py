"""The return workbook: the sender's own cells, the bad ones marked, and what to do about each."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from msoko_pipeline.reading.header import normal
from msoko_pipeline.reporting.forms import write_forms
from msoko_pipeline.reporting.returned import COLOURS, HEADER, returned_name, taken_in_here, write_returned
from msoko_pipeline.settings import Settings
from msoko_pipeline.validation.rehearsal import Verdict, rehearse
from schemas import catalogue
from tests import making
from tests.making import take_in
from tests.unit.test_forms import LAYOUTS

SETTINGS = Settings(home=Path("nowhere"))
PROFILE = ("Год", "Логин", "Фактор риска", "Уровень риска")
GOOD, BAD = (2026, "edu190001", "2", "высокий"), (2026, "edu190002", "2", "огромный")


def returned(path: Path) -> tuple[Verdict, Any]:
    """The verdict on a file and its return workbook, opened."""
    verdict = rehearse(path, SETTINGS)
    target = returned_name(path.parent / "назад", path.name)
    write_returned(path, verdict.marks, target, SETTINGS.reader_memory_mb)
    return verdict, openpyxl.load_workbook(target)


def painted(sheet: Any) -> dict[str, str]:
    """Coordinate → severity of the cells in our colours."""
    names = {colour: severity for severity, colour in COLOURS.items()}
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb in names]
    return {cell.coordinate: names[cell.fill.fgColor.rgb] for cell in cells}


def lines(book: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book["Что исправить"].iter_rows(min_row=2)]


# ---- forms


@pytest.mark.parametrize("form", [form for form in LAYOUTS if form != "manifest"])
def test_a_form_comes_back_with_its_bad_cell_marked_and_mended_is_taken_in(tmp_path: Path, form: str) -> None:
    """Written, filled in by its example, broken in a cell, returned, mended in the returned workbook, sent again."""
    declared = catalogue.forms()[form]
    path = next(path for path in write_forms(tmp_path) if path.name == declared["file"])
    book = openpyxl.load_workbook(path)
    page = book[declared["sheet"]]
    for number, column in enumerate(declared["columns"], 1):
        page.cell(2, number, column["example"])
    book.save(path)
    whole = take_in(path)
    assert (whole.refusal, whole.counts) == (None, (1, 1, 0))
    assert rehearse(path, SETTINGS).marks == []
    place = _breakable(form)
    page.cell(2, place, "###")
    book.save(path)
    verdict, back = returned(path)
    assert verdict.messages
    cell = back[declared["sheet"]].cell(2, place)
    assert painted(back[declared["sheet"]])[cell.coordinate] == "error"
    assert cell.value == "###"
    assert verdict.marks[0].wrong in cell.comment.text
    assert back.sheetnames[0] == "Что исправить" == back.active.title
    assert lines(back)[0][:3] == [declared["sheet"], 2, declared["columns"][place - 1]["name"]]
    cell.value = declared["columns"][place - 1]["example"]
    back.save(tmp_path / "исправлено.xlsx")
    again = take_in(tmp_path / "исправлено.xlsx")
    assert (again.refusal, again.counts) == (None, (1, 1, 0))


def _breakable(form: str) -> int:
    """Number (from 1) of a column in which no such word may stand."""
    wanted = {"register": "Логин ФИС ОКО", "reference": "primary_score"}.get(form)
    names = [column["name"] for column in catalogue.forms()[form]["columns"]]
    lists = [column["name"] for column in catalogue.forms()[form]["columns"] if "list" in column]
    return names.index(wanted or next(iter(lists), "Логин")) + 1


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


def test_formulas_and_links_to_other_files_are_left_behind(tmp_path: Path) -> None:
    rows = [PROFILE, [2026, "edu190001", making.Formula("=1+1", 2), "огромный"]]
    _, book = returned(making.xlsx(tmp_path / "профиль.xlsx", rows))
    assert book.worksheets[1]["C2"].value == 2
    with zipfile.ZipFile(next((tmp_path / "назад").iterdir())) as packed:
        assert [name for name in packed.namelist() if "externalLink" in name] == []


def test_marks_of_an_earlier_return_are_taken_away(tmp_path: Path) -> None:
    rows = [PROFILE, BAD, (2026, "edu190003", "2", "никакой")]
    _, book = returned(making.xlsx(tmp_path / "профиль.xlsx", rows))
    book.worksheets[1]["D2"].value = "высокий"
    book.save(tmp_path / "второй раз.xlsx")
    _, again = returned(tmp_path / "второй раз.xlsx")
    page = again.worksheets[1]
    assert painted(page) == {"D3": "error"}
    assert page["D2"].comment is None
    assert page["D3"].comment.text.count("никакой") == 1
    assert len(lines(again)) == 1
    assert again.sheetnames.count("Что исправить") == 1


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


def test_a_workbook_of_another_kind_comes_back_with_the_reason(tmp_path: Path) -> None:
    source = making.xlsx(tmp_path / "дежурства.xlsx", {"Июнь": [["График дежурств"], ["Понедельник"]]})
    _, book = returned(source)
    assert book.sheetnames == ["Что исправить", "Июнь"]
    assert "вид файла не узнан" in lines(book)[0][3]


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
