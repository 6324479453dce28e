"""Tables of other programs are read by what is in them, whatever they are called, or named for what they are."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from msoko_pipeline.issues.refusals import Refusal, guarded
from msoko_pipeline.reading.archive import receive
from msoko_pipeline.reading.cell_states import Fault
from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.reading.workbook import Grid, read
from tests import foreign, making
from tests.limited import limits

ROWS = [["логин", "код", "доля", "дата"], ["edu190001", 40001, 0.5, "0306"], ["МБОУ «СОШ № 2» & Ко", 40002, 1, None]]
READ = [
    ["логин", "код", "доля", "дата"],
    ["edu190001", "40001", "0.5", "0306"],
    ["МБОУ «СОШ № 2» & Ко", "40002", "1", ""],
]


def grids(path: Path) -> list[Grid]:
    return read(path, sniff(path))


def cells(grid: Grid) -> list[list[str]]:
    return grid.head(grid.cells.num_rows)


def flat_ods(path: Path) -> Path:
    """OpenDocument as one XML with line breaks between the elements, as LibreOffice writes it."""
    with zipfile.ZipFile(making.ods(path, ROWS)) as packed:
        content = packed.read("content.xml").decode()
    flat = content.replace("office:document-content", "office:document").replace(
        'office:version="1.2"', 'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"'
    )
    return making.text(
        path, flat.replace("><table:", ">\n   <table:").replace("></table:table-row", ">\n </table:table-row")
    )


FORMATS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "Excel 95": (lambda path: foreign.xls_95(path, ROWS), "old_xls"),
    "Excel 95 that does not tell its encoding": (lambda path: foreign.xls_95(path, ROWS, codepage=None), "old_xls"),
    "Excel 95 without a container": (lambda path: foreign.xls_95(path, ROWS, bare=True), "old_xls"),
    "a web page": (lambda path: foreign.html(path, ROWS), "html"),
    "a web page of header cells": (lambda path: foreign.html(path, ROWS, tag="th"), "html"),
    "a web page in cp1251 that says so": (
        lambda path: foreign.html(path, ROWS, head='<meta charset="windows-1251">', encoding="cp1251"),
        "html",
    ),
    "a web page in cp1251 that does not": (lambda path: foreign.html(path, ROWS, encoding="cp1251"), "html"),
    "a web page in utf-16": (lambda path: foreign.html(path, ROWS, encoding="utf-16"), "html"),
    "a web page in utf-16 without a mark": (lambda path: foreign.html(path, ROWS, encoding="utf-16-le"), "html"),
    "SpreadsheetML": (lambda path: foreign.xml_2003(path, ROWS), "xml_2003"),
    "flat OpenDocument": (flat_ods, "flat_ods"),
    "the default password": (lambda path: foreign.by_default_password(path, ROWS), "locked"),
    "a web archive": (
        lambda path: foreign.web_archive(path, {"Лист1": foreign.html(path.with_suffix(".htm"), ROWS)}),
        "mht",
    ),
}


@pytest.mark.parametrize("what", FORMATS)
@pytest.mark.parametrize("extension", [".xls", ".xlsx", ".ods", ""])
def test_a_table_is_read_whatever_it_is_called(tmp_path: Path, what: str, extension: str) -> None:
    make, expected = FORMATS[what]
    path = make(tmp_path / f"файл{extension}")
    assert sniff(path) == expected
    (grid,) = grids(path)
    assert cells(grid) == READ


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.ods])
@pytest.mark.parametrize("extension", [".xls", ".xlsx", ".ods", ".csv", ".xlsb"])
def test_workbooks_under_each_others_extension(tmp_path: Path, make: Callable[..., Path], extension: str) -> None:
    (grid,) = grids(make(tmp_path / f"файл{extension}", ROWS))
    assert cells(grid) == READ


# ---- web pages


def page(tmp_path: Path, body: str) -> list[list[str]]:
    (grid,) = grids(making.text(tmp_path / "a.xls", f"<!DOCTYPE html><html><body>{body}</body></html>"))
    return cells(grid)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<h1>ВПР 2026</h1><p>4 класс</p><table><tr><td>a<td>b</table>",
            [["ВПР 2026", ""], ["4 класс", ""], ["a", "b"]],
        ),
        ("<table><tr><td colspan=2>a<td>b<tr><td>1<td>2<td>3</table>", [["a", "", "b"], ["1", "2", "3"]]),
        ("<table><tr><td rowspan=2>a<td>b<tr><td>2</table>", [["a", "b"], ["", "2"]]),
        ("<table><tr><td>a&nbsp;&laquo;б&raquo;<br>в</table>", [["a «б»\nв"]]),
        ("<table><tr><td>\n  a\n  b  </table>", [["a b"]]),
        ('<table><tr><td x:num="1234.5">1 234,5<td sdval="40001">40001</table>', [["1234.5", "40001"]]),
        ('<table><tr><td x:num="46149">07.05.2026<td x:num="0.5">50%</table>', [["07.05.2026", "50%"]]),
        ("<table><tr><td><table><tr><td>a<td>b</table></table>", [["a", "b"]]),
        ("<table><tr><td>a</table><script>x</script><p>итог</p><table><tr><td>b</table>", [["a"], ["итог"], ["b"]]),
        ("<table><tr><td>a<td colspan=999999999>b<td>c</table>", [["a", "b", "c"]]),
    ],
    ids=[
        "titles above",
        "colspan",
        "rowspan",
        "entities",
        "spaces",
        "values",
        "dates",
        "a frame",
        "two tables",
        "vast",
    ],
)
def test_a_page_reads_as_excel_shows_it(tmp_path: Path, body: str, expected: list[list[str]]) -> None:
    assert page(tmp_path, body) == expected


def test_the_sheets_of_a_page_of_libreoffice_stand_apart(tmp_path: Path) -> None:
    body = "".join(
        f'<a name="table{n}"><h1>Sheet {n}: <em>Лист {n}</em></h1></a><table><tr><td>{n}</td></tr></table>'
        for n in (0, 1)
    )
    path = making.text(tmp_path / "a.html", f"<html><body><h1>Overview</h1>{body}</body></html>")
    assert [(grid.sheet, cells(grid)) for grid in grids(path)] == [("Лист 0", [["0"]]), ("Лист 1", [["1"]])]


def test_a_web_archive_of_two_sheets(tmp_path: Path) -> None:
    pages = {name: foreign.html(tmp_path / f"{name}.htm", [[name]]) for name in ("Первый", "Второй")}
    path = foreign.web_archive(tmp_path / "a.xls", pages)
    assert [(grid.sheet, cells(grid)) for grid in grids(path)] == [("Первый", [["Первый"]]), ("Второй", [["Второй"]])]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (
            b"<html><body>\xd0\x92\xd0\xbe\xd0\xb9\xd0\xb4\xd0\xb8\xd1\x82\xd0\xb5</body></html>",
            "веб-страница без таблицы",
        ),
        (b"<html><frameset><frame src='sheet001.htm'></frameset></html>", "лежат в папке рядом"),
        (b"<?xml version='1.0'?><report/>", "разметка XML"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=a\n\n--a--\n", "веб-архив без таблицы"),
        (b"MOXCEL\0\7\0", "1С"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "SYLK"),
        (b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "DIF"),
        (b'{"url": "https://docs.google.com/open?id=1", "doc_id": "1"}', "Google"),
        (b"[InternetShortcut]\r\nURL=https://example.ru\r\n", "ярлык"),
        (b"\0\1\0\0Standard Jet DB\0", "Access"),
        (bytes([3, 126, 5, 7, 2, 0, 0, 0, 65, 0, 20, 0]) + bytes(20), "dBase"),
        (making.packed({"Index/Document.iwa": b"x"}), "Apple"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_read_is_called_by_its_name(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "файл.xls"
    path.write_bytes(content)
    found = guarded(grids, path)
    assert isinstance(found, Refusal)
    assert word in found.message()
    assert "xlsx" in found.message()


# ---- workbooks as XML


def test_values_faults_and_hidden_sheets_of_spreadsheetml(tmp_path: Path) -> None:
    row = [dt.datetime(2026, 5, 10), 40001.0, making.Formula("=1/0", "#DIV/0!"), making.Formula("=A1")]
    path = foreign.xml_2003(tmp_path / "a.xls", {"Новый": [row], "Старый": [[1]]}, hidden=["Старый"])
    new, old = grids(path)
    assert cells(new) == [["2026-05-10 00:00:00", "40001"]]
    assert new.states.faults == [Fault(1, "C", "cell_error", "#DIV/0!"), Fault(1, "D", "cell_formula_empty", "=A1")]
    assert (new.hidden, old.hidden) == (False, True)


def test_places_of_spreadsheetml(tmp_path: Path) -> None:
    xml = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Л"><Table>'
        '<Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">a</Data></Cell>'
        '<Cell><Data ss:Type="String">b</Data></Cell><Cell ss:Index="5"><Data ss:Type="String">c</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    (grid,) = grids(making.text(tmp_path / "a.xml", xml))
    assert cells(grid) == [["", "", "", "", ""], ["a", "", "b", "", "c"]]


def test_a_cell_beyond_the_last_corner_is_refused(tmp_path: Path) -> None:
    xml = foreign.xml_2003(tmp_path / "a.xml", [["a"]]).read_text(encoding="utf-8")
    for change in ('<Row ss:Index="900000000">', '<Row ss:Index="1000000"><Cell ss:Index="16000"/>'):
        path = making.text(tmp_path / "b.xml", xml.replace("<Row>", change))
        found = guarded(grids, path)
        assert isinstance(found, Refusal) or cells(found[0])[-1] == ["a"]


def test_no_other_file_is_drawn_in_by_an_xml(tmp_path: Path) -> None:
    making.text(tmp_path / "чужое.txt", "тайна")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "чужое.txt").as_uri()}">]>'
    xml = foreign.xml_2003(tmp_path / "a.xml", [["a"]]).read_text(encoding="utf-8")
    xml = xml.replace("<Workbook", entity + "<Workbook", 1).replace(">a<", ">&e;<")
    found = guarded(grids, making.text(tmp_path / "b.xml", xml))
    assert isinstance(found, Refusal) or "тайна" not in str(cells(found[0]))


# ---- locks


def test_a_password_of_somebodys_own_is_not_opened(tmp_path: Path) -> None:
    for make in (making.locked_xlsx, making.locked_xls):
        found = guarded(sniff, make(tmp_path / "a.xlsx", ROWS))
        assert isinstance(found, Refusal)
        assert found.issue_type == "file_password"


def test_what_is_inside_a_lock_is_guarded_too(tmp_path: Path) -> None:
    import msoffcrypto

    inside = making.bomb(tmp_path / "bomb.xlsx")
    with inside.open("rb") as source, (tmp_path / "a.xlsx").open("wb") as target:
        msoffcrypto.OfficeFile(source).encrypt("VelvetSweatshop", target)
    found = guarded(grids, tmp_path / "a.xlsx")
    assert isinstance(found, Refusal)
    assert found.issue_type == "file_bomb"


# ---- text


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        ("код|балл\n1|2\n", "utf-8", [["код", "балл"], ["1", "2"]]),
        (
            "логин;код\nedu1 | МБОУ;1\nedu2 | МБОУ;2\n",
            "utf-8",
            [["логин", "код"], ["edu1 | МБОУ", "1"], ["edu2 | МБОУ", "2"]],
        ),
        ("sep=;\nкод;балл\n1;2\n", "utf-8", [["код", "балл"], ["1", "2"]]),
        ("sep=,\r\nкод,балл;ы\r\n1,2;3\r\n", "cp1251", [["код", "балл;ы"], ["1", "2;3"]]),
        ('"sep=\t"\nкод\tбалл\n1\t2\n', "utf-8", [["код", "балл"], ["1", "2"]]),
        ("код;балл\n1;2\n", "utf-16-le", [["код", "балл"], ["1", "2"]]),
        ("код\tбалл\n1\t2\n", "utf-16-be", [["код", "балл"], ["1", "2"]]),
        ("код;балл\n1;2\n", "utf-8-sig", [["код", "балл"], ["1", "2"]]),
        ('"код","балл, всего"\n"1","2"\n', "utf-8", [["код", "балл, всего"], ["1", "2"]]),
    ],
)
def test_text_of_other_programs(tmp_path: Path, content: str, encoding: str, expected: list[list[str]]) -> None:
    (grid,) = grids(making.text(tmp_path / "a.xls", content, encoding))
    assert cells(grid) == expected


# ---- bounds


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("код;балл\n1;" + "x" * 200_000 + "\n", "байт текста"),
        ("a;" * 20_000 + "\n", "столбцов"),
        ("код;балл\n" + "1;" * 20_000 + "\n", "столбцов"),
    ],
    ids=["a long cell", "many columns", "one wide row"],
)
def test_a_text_that_no_sheet_could_hold_is_refused(tmp_path: Path, content: str, word: str) -> None:
    found = guarded(grids, making.text(tmp_path / "a.csv", content))
    assert isinstance(found, Refusal)
    assert found.issue_type == "file_too_large"
    assert word in found.message()


def test_a_workbook_of_too_many_sheets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, sheets=2)
    sheets = {f"Лист{number}": ROWS for number in range(3)}
    assert len(grids(making.xlsx(tmp_path / "a.xlsx", dict(list(sheets.items())[:2])))) == 2
    found = guarded(grids, making.xlsx(tmp_path / "b.xlsx", sheets))
    assert isinstance(found, Refusal)
    assert "листов 3" in found.message()
    names = {f"Лист{number}": [["код", "балл"], ["1", "2"]] for number in range(3)}
    assert "листов 3" in str(guarded(grids, foreign.xml_2003(tmp_path / "c.xml", names)).message())


# ---- archives


def archive_of(path: Path, names: list[bytes]) -> Path:
    """A .zip whose names are these bytes, and which does not say in which encoding."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number, name in enumerate(names):
            packed.writestr(str(number).zfill(len(name)), f"{number};x")
    data = buffer.getvalue()
    for number, name in enumerate(names):
        data = data.replace(str(number).zfill(len(name)).encode(), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "cp866", "cp1251"])
@pytest.mark.parametrize(
    "names",
    [
        ["2021/4/Математика.csv", "Русский язык.csv"],
        ["школа № 5.csv", "мака.csv"],
        ["ШКОЛА.csv"],
        ["Форма сбора результатов ё.csv", "ascii.csv"],
    ],
)
def test_names_of_members_in_any_encoding(tmp_path: Path, names: list[str], encoding: str) -> None:
    archive_of(tmp_path / "inbox" / "а.zip", [name.encode(encoding) for name in names])
    assert [item.name for item in receive(tmp_path / "inbox", tmp_path / "kept")] == [f"а.zip/{name}" for name in names]
