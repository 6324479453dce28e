"""Reads a guarded file into grids of text: every cell as it stands, row and column numbers as in the sheet.

Workbooks go through calamine (fastexcel), all cells as text; text tables through `reading.delimited`, markup of other
programs through `reading.markup`, Excel 95 through `reading.old_excel`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading import delimited
from msoko_pipeline.reading.cell_states import CellStates, Fault, is_error, letters, of_book
from msoko_pipeline.reading.guard import BROKEN_ZIP, Format, sniff
from msoko_pipeline.reading.locks import Source, content_of, unlocked
from msoko_pipeline.text.distinct import Text
from msoko_pipeline.text.signs import LOST, NO_TEXT, as_text, without_format
from schemas import catalogue

LONGEST_CELL = 4 * 32_767  # bytes: what a cell of Excel can hold, in its longest letters
ODS_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
ERROR_BEGINS = frozenset("#EeОо ")
"""First letters of the texts that may be errors: the others, nearly all, need no closer look."""

if TYPE_CHECKING:
    from msoko_pipeline.reading.pages import Page


@dataclass
class Grid:
    """A sheet, or a block of one, as text. cells: dictionary-encoded text columns; NULL is an empty cell.

    offset: sheet rows above the first row of `cells`: row i is sheet row offset + i + 1; ragged: sheet row → number of
    fields, where it differs; unclosed: sheet rows whose quotes do not close; states: of the whole sheet.
    """

    sheet: str
    cells: pa.Table
    states: CellStates = field(default_factory=CellStates)
    ragged: dict[int, int] = field(default_factory=dict)
    unclosed: list[int] = field(default_factory=list)
    hidden: bool = False
    offset: int = 0

    @cached_property
    def columns(self) -> list[Text]:
        return [Text.of(column) for column in self.cells.columns]

    @cached_property
    def filled(self) -> np.ndarray:
        """How many cells of each row are filled."""
        return np.stack([column.filled for column in self.columns]).sum(axis=0)

    @cached_property
    def words(self) -> dict[str, list[tuple[int, int]]]:
        """The distinct words that are more than numbers, and where each stands: column, code."""
        places: dict[str, list[tuple[int, int]]] = {}
        for number, column in enumerate(self.columns):
            is_wordy = pc.match_substring_regex(pa.array(column.words, pa.string()), r"[^\d\s.,+-]")
            for code in np.flatnonzero(is_wordy.to_numpy(False)).tolist():
                places.setdefault(column.words[code], []).append((number, code))
        return places

    def rows_with(self, is_like: Callable[[str], bool]) -> list[int]:
        """Rows (from 0) with a word, more than a number, that is like it."""
        codes: dict[int, list[int]] = {}
        for word, places in self.words.items():
            if is_like(word):
                for number, code in places:
                    codes.setdefault(number, []).append(code)
        return sorted({row for number, like in codes.items() for row in self.columns[number].rows_of(like).tolist()})

    def cut(self, starts: Sequence[int]) -> list[Grid]:
        """Blocks that begin at these rows (from 0, in order, the first 0); the sheet itself where there is but one."""
        if len(starts) < 2:
            return [self]
        ends = [*starts[1:], self.cells.num_rows]
        return [
            replace(self, cells=self.cells.slice(start, end - start), offset=self.offset + start)
            for start, end in zip(starts, ends, strict=True)
        ]

    def head(self, rows: int) -> list[list[str]]:
        """The first rows as lists of text, "" for empty."""
        columns = [column.cast(pa.string()).to_pylist() for column in self.cells.slice(0, rows).columns]
        return [["" if cell is None else cell for cell in line] for line in zip(*columns, strict=True)]


def read(source: Source, file_format: Format) -> list[Grid]:
    """All sheets with at least one cell. Raises Refusal where the file cannot be read."""
    filled = [
        _without_error_texts(_without_control_signs(grid))
        for grid in _grids(source, file_format)
        if grid.cells.num_rows
    ]
    if not filled:
        raise Refusal("file_empty")
    return filled


def _grids(source: Source, file_format: Format) -> list[Grid]:
    if file_format == "locked":
        source = unlocked(source)
        file_format = sniff(source)
    if file_format in ("locked", "zip"):
        raise Refusal("file_unreadable", detail="внутри закрытой книги не книга")
    if file_format == "xls":
        return _xls(source)
    if file_format in ("xlsx", "ods"):
        return _read_workbook(source, file_format)
    if file_format == "flat_ods":
        return _read_workbook(_zipped(content_of(source)), "ods")
    if file_format == "text":
        lines = delimited.parse(content_of(source))
        return [Grid("", _encoded(lines.columns), CellStates(), lines.ragged, lines.unclosed)]
    pages = _pages(source, file_format)
    _check_sheets(len(pages))
    return list(map(_grid, pages))


def _xls(source: Source) -> list[Grid]:
    """A workbook of Excel 97–2003; of one that the reader takes for broken, what the older library reads of it."""
    from msoko_pipeline.reading import old_excel

    try:
        return _read_workbook(source, "xls")
    except Refusal as refusal:
        if refusal.issue_type != "file_unreadable":
            raise
        try:
            pages = old_excel.pages(source)
            _check_sheets(len(pages))
            return list(map(_grid, pages))
        except Refusal:
            raise refusal from None


def _grid(page: Page) -> Grid:
    return Grid(page.sheet, _encoded(page.columns()), CellStates(page.faults), hidden=page.hidden)


def _pages(source: Source, file_format: Format) -> list[Page]:
    from msoko_pipeline.reading import markup, old_excel

    if file_format == "old_xls":
        return old_excel.pages(source)
    if file_format == "xml_2003":
        return markup.xml_2003_pages(source)
    content = content_of(source)
    return markup.mht_pages(content) if file_format == "mht" else markup.html_pages(content)


def _zipped(content: bytes) -> bytes:
    """OpenDocument in one XML as the workbook it would be: the same elements, without the line breaks between them."""
    from lxml import etree

    try:
        parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
        compact = etree.tostring(etree.fromstring(content, parser))
    except etree.LxmlError as error:
        raise Refusal("file_unreadable", detail="книга OpenDocument обрывается или испорчена") from error
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        package.writestr("content.xml", compact)
    return packed.getvalue()


def _read_workbook(source: Source, file_format: Format) -> list[Grid]:
    import fastexcel

    if isinstance(source, Path) and source.suffix:  # by an extension the reader would judge, and it may be wrong
        source = source.read_bytes()
    grids = []
    try:
        book = fastexcel.read_excel(source)
        _check_sheets(len(book.sheet_names))
        states = _states(source, file_format, book.sheet_names)
        for number, name in enumerate(book.sheet_names):
            sheet = book.load_sheet(number, header_row=None, skip_rows=0, dtypes="string")
            batch = sheet.to_arrow()
            if batch.num_rows == 0 or batch.num_columns == 0:
                continue
            kept = _trimmed(batch)
            blank = pa.nulls(len(kept[0]), pa.string())  # the reader leaves out empty columns on the left
            cells = _encoded([blank] * sheet.selected_columns[0].absolute_index + kept)
            grids.append(Grid(name, cells, states[number], hidden=sheet.visible != "visible"))
    except fastexcel.FastExcelError as error:
        if "password" in str(error).lower():
            raise Refusal("file_password") from error
        raise Refusal("file_unreadable", detail="книга испорчена внутри") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how the reader's own breakdown looks in Python
            raise Refusal("file_unreadable", detail="книга испорчена внутри") from None
        raise
    return grids


def _check_sheets(count: int) -> None:
    most = catalogue.limits()["sheets"]
    if count > most:
        raise Refusal("file_too_large", detail=f"листов {count}, допустимо {most}")


def _states(source: Source, file_format: Format, sheets: Sequence[str]) -> list[CellStates]:
    try:
        return of_book(source, file_format, sheets)
    except (*BROKEN_ZIP, SyntaxError, LookupError) as error:  # lxml's XMLSyntaxError is a SyntaxError
        raise Refusal("file_unreadable", detail="лист книги испорчен внутри") from error


def _without_control_signs(grid: Grid) -> Grid:
    """The sheet without signs that are no text (NUL, markup of other programs); its states keep where they stood."""
    table, places = grid.cells, []
    for number, column in enumerate(table.columns):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if not pc.any(pc.match_substring_regex(array.dictionary, NO_TEXT.pattern)).as_py():
            continue
        words = array.dictionary.to_pylist()
        lost = pa.array([code for code, word in enumerate(words) if LOST.search(word)], array.indices.type)
        rows = np.flatnonzero(pc.is_in(array.indices, lost).to_numpy(False))
        places += [(row + grid.offset + 1, number) for row in rows.tolist()]
        clean = pa.array([as_text(word) or None for word in words], pa.string()).take(array.indices)
        table = table.set_column(number, table.field(number).name, pc.dictionary_encode(clean))
    sheet = as_text(grid.sheet)
    if table is grid.cells and sheet == grid.sheet:
        return grid
    return replace(grid, sheet=sheet, cells=table, states=replace(grid.states, no_text=sorted(places)))


def _without_error_texts(grid: Grid) -> Grid:
    """The sheet without errors of Excel that were saved or pasted as text («#Н/Д»): they are faults as any other."""
    pasted: list[Fault] = []
    table = grid.cells
    for number, column in enumerate(table.columns):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        words = array.dictionary.to_pylist()
        errors = [code for code, word in enumerate(words) if word and word[0] in ERROR_BEGINS and is_error(word)]
        if not errors:
            continue
        rows = np.flatnonzero(pc.is_in(array.indices, pa.array(errors, array.indices.type)).to_numpy(False))
        codes = array.indices.take(pa.array(rows)).to_pylist()
        place = letters(number)
        pasted += [
            Fault(row + grid.offset + 1, place, "cell_error", words[code].strip())
            for row, code in zip(rows.tolist(), codes, strict=True)
        ]
        kept = pc.if_else(pc.is_in(array.indices, pa.array(errors, array.indices.type)), None, column.cast(pa.string()))
        table = table.set_column(number, table.field(number).name, pc.dictionary_encode(kept))
    if not pasted:
        return grid
    faults = sorted([*grid.states.faults, *pasted], key=lambda fault: fault.row)
    return replace(grid, cells=table, states=replace(grid.states, faults=faults))


def _trimmed(batch: pa.RecordBatch) -> list[pa.Array]:
    """Columns without the empty rows below the last filled one: Excel keeps a million of them for a stray format."""
    if any(column[-1].as_py() for column in batch.columns):
        return list(batch.columns)
    filled = (np.flatnonzero(pc.not_equal(column, "").fill_null(False)) for column in batch.columns)
    last = max((int(rows[-1]) for rows in filled if len(rows)), default=-1)
    return [column.slice(0, last + 1) for column in batch.columns]


def _encoded(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Text columns as dictionaries: what follows interprets each spelling once, not each cell."""
    encoded = [_dictionary(column) for column in columns]
    return pa.table(encoded, names=[str(number) for number in range(len(encoded))])


def _dictionary(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    column = column.cast(pa.string()) if column.type != pa.string() else column
    encoded = pc.dictionary_encode(column)
    longest = pc.max(pc.binary_length(encoded.dictionary)).as_py() or 0
    if longest > LONGEST_CELL:
        raise Refusal("file_too_large", detail=f"в ячейке {longest} байт текста, допустимо {LONGEST_CELL}")
    spelled = encoded.dictionary
    if (seen := without_format(spelled)) is not spelled:
        column = seen.take(encoded.indices)
        encoded = pc.dictionary_encode(column)
    if pc.any(pc.equal(encoded.dictionary, "")).as_py():  # a formula that gives "" is an empty cell
        encoded = pc.dictionary_encode(pc.if_else(pc.equal(column, ""), None, column))
    return encoded
