"""Tables as other programs write them: Excel 95, web pages and archives, workbooks as XML, Excel's default password."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from xml.sax.saxutils import escape

from xlwt.CompoundDoc import XlsDoc

from tests import making


def xls_95(
    path: Path, rows: making.Rows, *, sheet: str = "Лист1", codepage: int | None = 1251, bare: bool = False
) -> Path:
    """A workbook of Excel 95 (BIFF5) by hand; bare: the stream alone, as programs older than containers wrote it."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def label(row: int, column: int, word: str) -> bytes:
        letters = word.encode("cp1251")
        return record(0x0204, struct.pack("<HHHH", row, column, 0, len(letters)) + letters)

    bof = record(0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 0))
    name = "Лист1".encode("cp1251")
    said = record(0x0042, struct.pack("<H", codepage)) if codepage else b""
    place = len(bof) + len(said) + 4 + 7 + len(name) + 4
    bound = record(0x0085, struct.pack("<IBBB", place, 0, 0, len(name)) + name)
    data = bof + said + bound + record(0x000A, b"") + record(0x0809, struct.pack("<HHHH", 0x0500, 16, 0, 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, (int, float)):
                data += record(0x0203, struct.pack("<HHHd", number, column, 0, cell))
            elif cell is not None:
                data += label(number, column, str(cell))
    data += record(0x000A, b"")
    path.parent.mkdir(parents=True, exist_ok=True)
    if bare:
        path.write_bytes(data)
        return path
    XlsDoc().save(str(path), data)
    whole = bytearray(path.read_bytes())
    entry = whole.index("Workbook".encode("utf-16-le"))
    whole[entry : entry + 64] = "Book".encode("utf-16-le").ljust(64, b"\0")
    whole[entry + 64 : entry + 66] = (10).to_bytes(2, "little")
    path.write_bytes(bytes(whole))
    return path


def html(path: Path, rows: making.Rows, *, head: str = "", encoding: str = "utf-8", tag: str = "td") -> Path:
    """A web page with one table, as many systems export under the name of .xls."""
    lines = ("".join(f"<{tag}>{escape('' if cell is None else str(cell))}</{tag}>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return making.text(path, f"<html><head>{head}</head><body><table border=1>{body}</table></body></html>", encoding)


def xml_2003(path: Path, sheets: making.Rows | Mapping[str, making.Rows], *, hidden: Sequence[str] = ()) -> Path:
    """A workbook as Excel saves it as «Таблица XML 2003»."""
    space = "urn:schemas-microsoft-com:office:"
    pages = []
    for name, rows in making._named(sheets).items():
        lines = "".join(f"<Row>{''.join(map(_xml_cell, row))}</Row>" for row in rows)
        visible = "<Visible>SheetHidden</Visible>" if name in hidden else ""
        pages.append(
            f'<Worksheet ss:Name="{escape(name)}"><Table>{lines}</Table>'
            f'<WorksheetOptions xmlns="{space}excel">{visible}</WorksheetOptions></Worksheet>'
        )
    start = f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{space}spreadsheet"'
    return making.text(path, f'{start} xmlns:ss="{space}spreadsheet">{"".join(pages)}</Workbook>')


def _xml_cell(cell: making.Cell) -> str:
    if cell is None:
        return "<Cell/>"
    if isinstance(cell, making.Formula):
        kept = "" if cell.value is making.KEPT_NOTHING else f'<Data ss:Type="Error">{escape(str(cell.value))}</Data>'
        return f'<Cell ss:Formula="{escape(cell.text)}">{kept}</Cell>'
    if hasattr(cell, "isoformat"):
        return f'<Cell><Data ss:Type="DateTime">{cell.isoformat()}.000</Data></Cell>'
    kind = "Number" if isinstance(cell, (int, float)) else "String"
    return f'<Cell><Data ss:Type="{kind}">{escape(str(cell))}</Data></Cell>'


def web_archive(path: Path, pages: Mapping[str, Path]) -> Path:
    """A workbook as Excel saves it as «Веб-страница в одном файле»: a frame, a strip of tabs, a page a sheet."""
    whole = MIMEMultipart("related")
    names = "".join(f"<x:ExcelWorksheet><x:Name>{escape(name)}</x:Name></x:ExcelWorksheet>" for name in pages)
    frame = f"<html><!--[if gte mso 9]><xml>{names}</xml><![endif]--><frameset></frameset></html>"
    parts = [("book.htm", frame), ("book.files/tabstrip.htm", "<table><tr><td>ярлычки</td></tr></table>")]
    parts += [
        (f"book.files/sheet{number:03}.htm", page.read_text(encoding="utf-8"))
        for number, page in enumerate(pages.values(), 1)
    ]
    for place, content in parts:
        part = MIMEText(content, "html", "utf-8")
        part["Content-Location"] = f"file:///C:/0/{place}"
        whole.attach(part)
    path.write_bytes(whole.as_bytes())
    return path


def by_default_password(path: Path, sheets: making.Rows | Mapping[str, making.Rows]) -> Path:
    """A workbook that Excel opens without asking: locked with its own password, because it was made read-only."""
    return making.locked_xlsx(path, sheets, password="VelvetSweatshop")
