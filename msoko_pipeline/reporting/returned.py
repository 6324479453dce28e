"""The return workbook: the sender's own file with the bad cells marked, and a sheet «Что исправить» before the others.

A workbook .xlsx is copied as it is (values instead of formulas, no links to other files); of other formats the cells
are copied as text. Of a file that may not be opened, or cannot be, there is the sheet «Что исправить» alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msoko_pipeline.reading import pool
from msoko_pipeline.reading.extract import MENDING_SHEET
from msoko_pipeline.reading.guard import Format, sniff
from msoko_pipeline.reading.problems import Refusal
from msoko_pipeline.reading.workbook import read

if TYPE_CHECKING:
    from openpyxl import Workbook

    from msoko_pipeline.validation.marks import Mark

SHEET_NAME_LIMIT = 31
COLOURS = {"error": "FFF4B6B6", "warning": "FFFFE699"}  # ARGB
SEVERITIES = {"error": "нужно исправить", "warning": "проверьте"}
HEADER = ("Лист", "Строка", "Столбец", "Что не так", "Что сделать", "Важность")
WIDTHS = (24, 9, 28, 60, 60, 18)
LISTED = 5000  # lines of the sheet «Что исправить»: who has more to mend begins with these
SIGNATURE = "МСОКО"
FORMULA_SIGNS = ("=", "+", "-", "@")


def returned_name(folder: Path, name: str) -> Path:
    """Where the workbook of a file goes: `ф.xls` → `ф — исправить.xlsx`, numbered where there is one already."""
    stem = f"{Path(name).stem} — исправить"
    names = (folder / f"{stem}{f' ({number})' if number > 1 else ''}.xlsx" for number in count(1))
    return next(path for path in names if not path.exists())


def write_returned(source: Path, marks: Sequence[Mark], target: Path, memory_mb: int) -> None:
    """Write the return workbook of a file. A file that is too much for its copy has the sheet alone."""
    (told,) = pool.run(_write, [(source, marks, target)], workers=1, memory_mb=memory_mb)
    if isinstance(told, Refusal):
        _save(_blank(), marks, target)


def _write(source: Path, marks: Sequence[Mark], target: Path) -> None:
    _save(_copied(source, sniff(source)), marks, target)


def _save(book: Workbook, marks: Sequence[Mark], target: Path) -> None:
    places = {sheet.title: sheet for sheet in book.worksheets}
    first = next(iter(places.values()), None)
    for mark in marks:
        sheet = places.get((mark.sheet or "")[:SHEET_NAME_LIMIT]) or (None if mark.sheet else first)
        if sheet is not None and mark.row:
            _paint(sheet, mark)
    _list(book, marks)
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def _blank() -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _copied(source: Path, file_format: Format) -> Workbook:
    """The sender's cells: an .xlsx with its looks, anything else (and an .xlsx of another make) as text."""
    from openpyxl import load_workbook

    if file_format == "xlsx":
        try:
            with source.open("rb") as stream:
                book = load_workbook(stream, data_only=True, keep_links=False)
        except Exception:  # a workbook that our reader reads and this library does not: its cells, then
            return _as_text(source, file_format)
        if MENDING_SHEET in book.sheetnames:
            _unmark(book)
        for sheet in book.chartsheets:
            book.remove(sheet)
        return book
    return _as_text(source, file_format)


def _as_text(source: Path, file_format: Format) -> Workbook:
    book = _blank()
    for grid in read(source, file_format):
        sheet = book.create_sheet(grid.sheet[:SHEET_NAME_LIMIT] or "Данные")
        for row, cells in enumerate(grid.head(grid.cells.num_rows), grid.offset + 1):
            for column, text in enumerate(cells, 1):
                if text:
                    _put(sheet.cell(row, column), text)
    return book


def _put(cell: Any, text: str) -> None:
    """A text as a text, whatever it begins with: a formula that somebody wrote into a cell is not to be computed."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    if text.startswith(FORMULA_SIGNS):
        cell.data_type, cell.quotePrefix = "s", True
    cell.number_format = "@"


def _unmark(book: Workbook) -> None:
    """Take our own marks of an earlier return away: colours, comments, the sheet."""
    from openpyxl.styles import PatternFill

    del book[MENDING_SHEET]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == SIGNATURE:
                    cell.comment = None
                if cell.has_style and cell.fill.fgColor.rgb in COLOURS.values():
                    cell.fill = PatternFill()


def _paint(sheet: Any, mark: Mark) -> None:
    """Colour the cells of a finding and say on the first of them what is wrong; an error is not painted over."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    said = f"{mark.wrong}. {mark.mend}"
    for place, column in enumerate(mark.columns):
        cell = _anchor(sheet, mark.row, column + 1)
        if cell.fill.fgColor.rgb != COLOURS["error"]:
            cell.fill = PatternFill("solid", fgColor=COLOURS[mark.severity])
        if not place:
            before = f"{cell.comment.text}\n" if cell.comment is not None else ""
            cell.comment = Comment(before + said, SIGNATURE, height=120, width=320)


def _anchor(sheet: Any, row: int | None, column: int) -> Any:
    """The cell, or that of the merged range it lies in which holds its value."""
    cell = sheet.cell(row, column)
    if type(cell).__name__ == "MergedCell":
        merged = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        return sheet.cell(merged.min_row, merged.min_col)
    return cell


def _list(book: Workbook, marks: Sequence[Mark]) -> None:
    """The sheet «Что исправить», the first and the one that opens."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(MENDING_SHEET, 0)
    sheet.append(HEADER)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, mark in enumerate(marks[:LISTED], 2):
        told = (mark.sheet, mark.row, mark.column, mark.wrong, mark.mend, SEVERITIES[mark.severity])
        for column, value in enumerate(told, 1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(value, str):
                _put(cell, value)
            else:
                cell.value = value
        _link(book, sheet.cell(number, 2), mark)
    if len(marks) > LISTED:
        sheet.append((None, None, None, f"… и ещё {len(marks) - LISTED}: исправьте эти и проверьте файл снова"))
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def _link(book: Workbook, cell: Any, mark: Mark) -> None:
    """Lead from the line to the cell it is about."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.hyperlink import Hyperlink

    others = book.sheetnames[1:]
    name = (mark.sheet or "")[:SHEET_NAME_LIMIT] or next(iter(others), "")
    if mark.row and name in others:
        column = get_column_letter(mark.columns[0] + 1 if mark.columns else 1)
        title = name.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!{column}{mark.row}")
        cell.style = "Hyperlink"


def taken_in_here(folder: Path, kept: Iterable[Path]) -> Path | None:
    """Which of the kept folders a folder lies in: what is written there would be taken in as a file of a sender."""
    here = folder.absolute().resolve()
    return next((place for place in kept if here.is_relative_to(place.absolute().resolve())), None)
