"""What must be true of a file before a reader may open it: not empty, not locked, not a bomb, a format we know.

One 5 KB workbook can make a reader allocate all memory, so the reader also runs in a child process with a limit
(see worker.py); the guard keeps the ordinary cases out with a clear word.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from msoko_pipeline.reading.problems import Refusal

Format = Literal["xlsx", "xls", "ods", "zip", "text"]

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
MAX_UNPACKED = 1_500_000_000  # bytes: a region's greatest real export unpacks to a sixth of this
MAX_RATIO = 200  # a real workbook packs about 10 to 1
RATIO_MATTERS_FROM = 50_000_000
CHUNK = 1 << 20


def sniff(path: Path) -> Format:
    """The format by content. Raises Refusal for an empty file, a locked or a damaged one, a bomb."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip(b"\0 \r\n\t\xef\xbb\xbf;,"):
        raise Refusal("file_empty")
    if head.startswith(OLE):
        return _ole(path)
    if head.startswith(b"PK"):
        return _zip(path)
    if b"\0" in head:
        raise Refusal("file_unreadable", detail="двоичные данные неизвестного вида")
    if re.match(rb"\s*(<!doctype|<html|<\?xml|%pdf|\{\\rtf)", head, re.IGNORECASE):
        raise Refusal("file_unreadable", detail="внутри не таблица, а документ (HTML, XML, PDF или RTF)")
    return "text"


def _ole(path: Path) -> Format:
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError

    with path.open("rb") as stream:
        try:
            if msoffcrypto.OfficeFile(stream).is_encrypted():
                raise Refusal("file_password")
        except FileFormatError as error:
            raise Refusal("file_unreadable", detail="это файл Office, но не книга Excel") from error
        except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise Refusal("file_unreadable", detail="книга .xls повреждена") from error
    return "xls"


def _zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refusal("file_unreadable", detail="архив обрывается или испорчен") from error
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, sum(member.compress_size for member in members))
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_MATTERS_FROM and ratio > MAX_RATIO):
        raise Refusal("file_bomb", detail=f"{unpacked / 1e6:,.0f} МБ, сжатие в {ratio:,.0f} раз".replace(",", " "))
    if "mimetype" in names and "content.xml" in names:
        return "ods"
    if "EncryptedPackage" in names:
        raise Refusal("file_password")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Refusal("file_unreadable", detail="это документ Word или презентация, а не таблица")
    return "zip"


@dataclass(frozen=True)
class Fault:
    """A cell that readers hand over as empty though it is not: an Excel error or a formula without a value."""

    row: int
    column: str
    issue_type: Literal["cell_error", "cell_formula_empty"]
    value: str


_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*?)(?<!/)>(.*?)</c>', re.DOTALL)
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_FORMULA = re.compile(rb"<f[^>/]*>([^<]*)</f>")


def faults(path: Path, sheet: int, limit: int = 100_000) -> list[Fault]:
    """Error cells and formulas without a cached value of a sheet (0-based) of an .xlsx, by one streaming pass."""
    found: list[Fault] = []
    with zipfile.ZipFile(path) as packed:
        member = _sheet_member(packed, sheet)
        if member is None:
            return found
        with packed.open(member) as stream:
            for text in _suspicious(stream):
                for letters, row, attributes, inside in _CELL.findall(text):
                    if b't="e"' in attributes:
                        value = _VALUE.search(inside)
                        shown = value[1].decode("utf-8", "replace") if value else "#ОШИБКА"
                        found.append(Fault(int(row), letters.decode(), "cell_error", shown))
                    elif b"<f" in inside and b"<v>" not in inside and b"<is>" not in inside:
                        formula = _FORMULA.search(inside)
                        shown = "=" + formula[1].decode("utf-8", "replace")[:80] if formula else "="
                        found.append(Fault(int(row), letters.decode(), "cell_formula_empty", shown))
                    if len(found) >= limit:
                        return found
    return found


def _suspicious(stream: io.BufferedIOBase | zipfile.ZipExtFile) -> Iterator[bytes]:  # type: ignore[type-arg, unused-ignore]
    """Pieces of the sheet's XML that hold whole cells and at least one formula or error."""
    rest = b""
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(b"<c ")
        text, rest = (text[:cut], text[cut:]) if cut > 0 else (b"", text)
        if b"<f" in text or b't="e"' in text:
            yield text
    if b"<f" in rest or b't="e"' in rest:
        yield rest


def _sheet_member(packed: zipfile.ZipFile, sheet: int) -> str | None:
    """Which part of the package is the sheet with this number in the workbook's own order."""
    from xml.etree import ElementTree

    try:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    names = [
        targets.get(next((value for key, value in node.attrib.items() if key.endswith("}id")), None), "")
        for node in book.iter()
        if node.tag.endswith("}sheet")
    ]
    if sheet >= len(names):
        return None
    target = names[sheet]
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return member if member in packed.namelist() else None
