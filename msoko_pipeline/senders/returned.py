"""The return workbook: the sender's own file with the bad cells marked, and a sheet «Что исправить» before the others.

Of a file that may not be opened, or cannot be, there is the sheet «Что исправить» alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msoko_pipeline.intake.folding import fold
from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.privacy.repeating import unnamed_sheets
from msoko_pipeline.reading import pool
from msoko_pipeline.reading.extract import MENDING_SHEET
from msoko_pipeline.reading.guard import sniff
from msoko_pipeline.senders.copied import Places, blank, copied, plain, put
from msoko_pipeline.text.spelling import normal

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from msoko_pipeline.intake.marks import Mark

NAME_LIMIT = 200  # bytes of a file's own name: with what is added, fewer than file systems take
COLOURS = {"error": "FFF4B6B6", "warning": "FFFFE699"}  # ARGB
SEVERITIES = {"error": "нужно исправить", "warning": "проверьте"}
HEADER = ("Лист", "Строка", "Столбец", "Что не так", "Что сделать", "Важность")
WIDTHS = (24, 9, 28, 60, 60, 18)
LISTED = 5000  # lines of the sheet «Что исправить»: who has more to mend begins with these
SIGNATURE = "МСОКО"
SIGNED = f"\n— {SIGNATURE} —\n"  # between a comment of the sender's own and ours


def returned_name(folder: Path, name: str) -> Path:
    """Where the workbook of a file goes: `ф.xls` → `ф — исправить.xlsx`, numbered where there is one already."""
    stem = f"{_cut(Path(name).stem)} — исправить"
    names = (folder / f"{stem}{f' ({number})' if number > 1 else ''}.xlsx" for number in count(1))
    return next(path for path in names if not path.exists())


def _cut(stem: str) -> str:
    """The stem as long as a file's name may be, with room for what is added to it."""
    return stem.encode()[:NAME_LIMIT].decode(errors="ignore")


def write_returned(
    source: Path | None, marks: Sequence[Mark], target: Path, memory_mb: int, seconds: float | None = None
) -> bool:
    """Write the return workbook of a file; says whether the sender's cells are in it. memory_mb, seconds: what it may
    take, as for reading.

    source: None for a file that is not to be opened again. Such a one, and a file that is too much for its copy, has
    the sheet «Что исправить» alone. Raises OSError where the target cannot be written.
    """
    if source is not None:
        (outcome,) = pool.run(_write, [(source, marks, target)], workers=1, memory_mb=memory_mb, seconds=seconds)
        if not isinstance(outcome, Refusal):
            return True
    _save(blank(), {}, marks, target)
    return False


def _write(source: Path, marks: Sequence[Mark], target: Path) -> None:
    book, places = copied(source, sniff(source))
    _unmark(book)
    titles = unnamed_sheets(name for name, sheet in places.items() if _is_filled(sheet))
    _save(book, {titles[name]: sheet for name, sheet in places.items() if name in titles}, marks, target)


def _is_filled(sheet: Worksheet) -> bool:
    return any(cell.value is not None for cell in sheet._cells.values())


def _save(book: Workbook, places: Places, marks: Sequence[Mark], target: Path) -> None:
    for mark in marks:
        sheet = places.get(mark.sheet or "")
        if sheet is not None and mark.row:
            _paint(sheet, mark)
    _list(book, places, marks)
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def _unmark(book: Workbook) -> None:
    """Take our own marks of an earlier return away: the sheet, colours, comments (a comment of the sender's stays).

    The sheet may be gone by then: who has mended a file deletes it.
    """
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    ours = [sheet for sheet in book.worksheets if normal(sheet.title) == normal(MENDING_SHEET)]
    for sheet in ours:
        book.remove(sheet)
    # not iter_rows: it makes every cell up to the last corner, and a stray cell there is enough to fill the memory
    cells = [cell for sheet in book.worksheets for cell in sheet._cells.values() if cell.has_style or cell.comment]
    signed = [cell for cell in cells if cell.comment is not None and cell.comment.author == SIGNATURE]
    if not ours and not signed:
        return  # these are the sender's own colours
    for cell in signed:
        own, both, _ = cell.comment.text.partition(SIGNED)
        cell.comment = Comment(own, "") if both else None
    for cell in cells:
        if cell.fill.fgColor.rgb in COLOURS.values():
            cell.fill = PatternFill()


def _paint(sheet: Any, mark: Mark) -> None:
    """Colour the cells of a finding and say on the first of them what is wrong; an error is not painted over."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    comment = plain(f"{mark.wrong}. {mark.mend}")
    for place, column in enumerate(mark.columns):
        cell = _anchor(sheet, mark.row, column + 1)
        if cell.fill.fgColor.rgb != COLOURS["error"]:
            cell.fill = PatternFill("solid", fgColor=COLOURS[mark.severity])
        if not place:
            before = ""
            if cell.comment is not None:
                before = cell.comment.text + ("\n" if cell.comment.author == SIGNATURE else SIGNED)
            cell.comment = Comment(before + comment, SIGNATURE, height=120, width=320)


def _anchor(sheet: Any, row: int | None, column: int) -> Any:
    """The cell, or that of the merged range it lies in which holds its value."""
    cell = sheet.cell(row, column)
    if type(cell).__name__ == "MergedCell":
        merged = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        return sheet.cell(merged.min_row, merged.min_col)
    return cell


def _list(book: Workbook, places: Places, marks: Sequence[Mark]) -> None:
    """The sheet «Что исправить», the first and the one that opens."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(MENDING_SHEET, 0)
    sheet.append(HEADER)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    marks = fold(marks)
    for number, mark in enumerate(marks[:LISTED], 2):
        cells = (mark.sheet, mark.row, mark.column, mark.wrong, mark.mend, SEVERITIES[mark.severity])
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(value, str):
                put(cell, value)
            else:
                cell.value = value
        _link(sheet.cell(number, 2), mark, places.get(mark.sheet or ""))
    if len(marks) > LISTED:
        sheet.append((None, None, None, f"… и ещё {len(marks) - LISTED}: исправьте эти и проверьте файл снова"))
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def _link(cell: Any, mark: Mark, sheet: Worksheet | None) -> None:
    """Lead from the line to the cell it is about."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.hyperlink import Hyperlink

    if mark.row and sheet is not None:
        column = get_column_letter(mark.columns[0] + 1 if mark.columns else 1)
        title = sheet.title.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!{column}{mark.row}")
        cell.style = "Hyperlink"


def taken_in_here(folder: Path, kept: Iterable[Path]) -> Path | None:
    """Which of the kept folders a folder lies in: what is written there would be taken in as a file of a sender."""
    here = folder.absolute().resolve()
    return next((place for place in kept if here.is_relative_to(place.absolute().resolve())), None)
