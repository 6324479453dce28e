"""Reads a guarded file into grids of text: every cell as it stands, row numbers as in the sheet.

Workbooks go through calamine (fastexcel), all cells as text; CSV through pyarrow, or through the csv module where
rows differ in length, so that no field is lost.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from msoko_pipeline.reading.guard import Fault, Format, faults
from msoko_pipeline.reading.problems import Refusal

DELIMITERS = ";\t,"


@dataclass
class Grid:
    """A sheet as text. cells: dictionary-encoded text columns, row i is sheet row i + 1; NULL is an empty cell."""

    sheet: str
    cells: pa.Table
    faults: list[Fault] = field(default_factory=list)
    ragged: dict[int, int] = field(default_factory=dict)  # sheet row → number of fields, where it differs

    def head(self, rows: int) -> list[list[str]]:
        """The first rows as lists of text, "" for empty."""
        columns = [column.cast(pa.string()).to_pylist() for column in self.cells.slice(0, rows).columns]
        return [["" if cell is None else cell for cell in line] for line in zip(*columns, strict=True)]


def read(path: Path, file_format: Format) -> list[Grid]:
    """All sheets with at least one cell. Raises Refusal where the file cannot be read."""
    if file_format == "text":
        return [_read_text(path)]
    return _read_workbook(path, file_format)


def _read_workbook(path: Path, file_format: Format) -> list[Grid]:
    import fastexcel

    grids = []
    try:
        book = fastexcel.read_excel(path)
        for number, name in enumerate(book.sheet_names):
            sheet = book.load_sheet(number, header_row=None, skip_rows=0, dtypes="string")
            batch = sheet.to_arrow()
            if batch.num_rows == 0 or batch.num_columns == 0:
                continue
            found = faults(path, number) if file_format == "xlsx" else []
            grids.append(Grid(name, _encoded(batch.columns), found))
    except fastexcel.FastExcelError as error:
        text = str(error)
        if "password" in text.lower():
            raise Refusal("file_password") from error
        raise Refusal("file_unreadable", detail=text.splitlines()[0][:200]) from error
    if not grids:
        raise Refusal("file_empty")
    return grids


def _read_text(path: Path) -> Grid:
    data = path.read_bytes()
    text = _decoded(data)
    delimiter = max(DELIMITERS, key=text.split("\n", 1)[0].count)
    if text.split("\n", 1)[0].count(delimiter) == 0:
        delimiter = max(DELIMITERS, key=text[:20_000].count)
    grid = _fast_csv(text, delimiter)
    return grid or _careful_csv(text, delimiter)


def _decoded(data: bytes) -> str:
    """UTF-8 strictly first (any UTF-8 text also reads as Windows-1251, into nonsense), then Windows-1251."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text or sum(char < " " and char not in "\r\n\t" for char in text[:10_000]) > 5:
            break
        return text
    raise Refusal("file_encoding")


def _fast_csv(text: str, delimiter: str) -> Grid | None:
    """The whole text by pyarrow; None where rows differ in length or quotes do not match."""
    width = len(next(csv.reader(io.StringIO(text), delimiter=delimiter), []))
    names = [str(number) for number in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return Grid("", _encoded(table.columns))


def _careful_csv(text: str, delimiter: str) -> Grid:
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    width = max(map(len, lines), default=0)
    usual = max((len(line) for line in lines[:50]), default=0)
    ragged = {number: len(line) for number, line in enumerate(lines, 1) if line and len(line) != usual}
    columns = [
        pa.array([line[number] or None if number < len(line) else None for line in lines], pa.string())
        for number in range(width)
    ]
    return Grid("", _encoded(columns), ragged=ragged)


def _encoded(columns: list[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Text columns as dictionaries: what follows interprets each spelling once, not each cell."""
    encoded = [pc.dictionary_encode(_plain(column)) for column in columns]
    return pa.table(encoded, names=[str(number) for number in range(len(encoded))])


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column.cast(pa.string()) if column.type != pa.string() else column
