"""A workbook of coded columns, written fast: the sheets' XML is put together column by column.

A workbook library needs an hour for a region's million rows. Shared strings, numbers as numbers, every cell with its
reference, as in the real exports.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.sample.coded_columns import Column
from msoko_pipeline.sample.workbooks import Cell

CHUNK_ROWS = 20_000
SHEETS_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_NS = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Table:
    """One sheet. above: lines over the header, a text each in the first column."""

    columns: Sequence[Column]
    above: Sequence[str] = ()

    @property
    def header_row(self) -> int:
        """Row of the header, from 1."""
        return len(self.above) + 1


def write_workbook(path: Path, sheets: Mapping[str, Table]) -> None:
    """A minimal valid .xlsx of coded columns; nothing in it depends on the clock."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for number, table in enumerate(sheets.values(), 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                for piece in _sheet_xml(table, strings):
                    sheet.write(piece)
        for name, text in _parts(list(sheets), strings).items():
            with book.open(name, "w") as part:
                part.write((XML + text).encode())


def _sheet_xml(table: Table, strings: dict[str, int]) -> Iterator[bytes | memoryview]:
    columns, header_row = table.columns, table.header_row
    letters = [_letter(i) for i in range(len(columns))]
    rows = len(columns[0].codes)
    above = "".join(
        f'<row r="{row}"><c r="A{row}{_value(line, strings)}</row>' for row, line in enumerate(table.above, 1)
    )
    heads = "".join(
        f'<c r="{letter}{header_row}{_value(column.header, strings)}'
        for letter, column in zip(letters, columns, strict=True)
    )
    yield (
        f'{XML}<worksheet xmlns="{SHEETS_NS}"><dimension ref="A1:{letters[-1]}{rows + header_row}"/>'
        f'<sheetData>{above}<row r="{header_row}">{heads}</row>'
    ).encode()
    filled = [(letter, column) for letter, column in zip(letters, columns, strict=True) if not column.is_empty]
    cells = [pa.array([_value(value, strings) for value in column.values], pa.string()) for _, column in filled]
    for start in range(0, rows, CHUNK_ROWS):
        end = min(start + CHUNK_ROWS, rows)
        line = pa.array(np.arange(start + header_row + 1, end + header_row + 1)).cast(pa.string())
        parts: list[object] = ['<row r="', line, '">']
        for (letter, column), values in zip(filled, cells, strict=True):
            parts += [f'<c r="{letter}', line, values.take(pa.array(column.codes[start:end]))]
        yield _joined(pc.binary_join_element_wise(*parts, "</row>", ""))
    yield b"</sheetData></worksheet>"


def _joined(text: pa.StringArray) -> memoryview:
    """All strings of the array one after another, without a copy."""
    _, offsets, letters = text.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return memoryview(letters)[int(ends[0]) : int(ends[-1])]


def _value(cell: Cell, strings: dict[str, int]) -> str:
    """The cell's XML after its row number: a shared string, a number, or nothing."""
    if cell is None:
        return '"/>'
    if isinstance(cell, str):
        return f'" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'
    return f'"><v>{cell}</v></c>'


def _parts(sheets: Sequence[str], strings: Mapping[str, int]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    kinds = {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    kinds |= {"/xl/workbook.xml": "sheet.main", "/xl/sharedStrings.xml": "sharedStrings"}
    overrides = "".join(f'<Override PartName="{p}" ContentType="{TYPES}.{kind}+xml"/>' for p, kind in kinds.items())
    tabs = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    links = {f"worksheets/sheet{n}.xml": "worksheet" for n in numbers} | {"sharedStrings.xml": "sharedStrings"}
    return {
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEETS_NS}" uniqueCount="{len(strings)}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
        + "</sst>",
        "xl/workbook.xml": f'<workbook xmlns="{SHEETS_NS}" xmlns:r="{OFFICE_NS}"><sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relationships(links),
        "_rels/.rels": _relationships({"xl/workbook.xml": "officeDocument"}),
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE_NS}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>",
    }


def _relationships(links: Mapping[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{n}" Type="{OFFICE_NS}/{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(links.items(), 1)
    )
    return f'<Relationships xmlns="{PACKAGE_NS}/relationships">{"".join(lines)}</Relationships>'


def _letter(column: int) -> str:
    """Excel's name of a column counted from 0, up to ZZ."""
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
