"""What must be true of a file before a reader may open it: not empty, not locked, not a bomb, a format we know.

One 5 KB workbook can make a reader allocate all memory, so the reader also runs in a child process with a limit
(see pool.py); the guard keeps the ordinary cases out with a clear word.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import IO, Literal

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading import locks
from msoko_pipeline.reading.locks import Source, stream_of
from msoko_pipeline.text import linear as re
from schemas import catalogue

Format = Literal["xlsx", "xls", "old_xls", "ods", "flat_ods", "xml_2003", "html", "mht", "locked", "zip", "text"]
"""old_xls: Excel 95 and older; flat_ods: OpenDocument as one XML; xml_2003: SpreadsheetML; locked: by Excel's default
password, for which Excel does not ask."""

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
MEMBER_BYTES = 400  # of the list of members for one of them, its name included
CHUNK = 1 << 20
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"
BLANK = b"\0 \r\n\t\xef\xbb\xbf\xff\xfe;,"  # separators, byte order marks, and the zeros of a file lost on a bad disk

DOCUMENTS = (
    (b"%PDF", "документ PDF"),
    (b"{\\rtf", "документ RTF"),
    (b"\x89PNG", "изображение"),
    (b"\xff\xd8\xff", "изображение"),
    (b"GIF8", "изображение"),
    (b"II*\0", "изображение"),
    (b"MM\0*", "изображение"),
    (b"MOXCEL", "табличный документ 1С (.mxl); сохраните его в 1С как «Лист Excel»"),
    (b"ID;P", "таблица SYLK (.slk); откройте её в Excel и сохраните как .xlsx"),
    (b"TABLE\r\n0,1", "таблица DIF (.dif); откройте её в Excel и сохраните как .xlsx"),
    (b"TABLE\n0,1", "таблица DIF (.dif); откройте её в Excel и сохраните как .xlsx"),
    (b"\0\1\0\0Standard", "база данных Access; выгрузите таблицу в Excel"),
    (b"SQLite format 3\0", "база данных SQLite; выгрузите таблицу в Excel"),
    (b"[InternetShortcut]", "ярлык веб-страницы, а не сама таблица; скачайте таблицу по ссылке как .xlsx"),
    (b"L\0\0\0\1\x14\2\0", "ярлык Windows, а не сам файл; пришлите файл, на который он ведёт"),
)
ARCHIVES = (
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ", ".xz"),
    (b"MSCF", ".cab"),
)
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, struct.error)
_MARKUP = re.compile(rb"\s*<[!?a-z]", re.IGNORECASE)
_MAIL = re.compile(rb"^(?:mime-version:|content-type: *multipart/related)", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(rb'\s*\{\s*"(?:url|doc_id)"')
_RAW_BOOK = re.compile(rb"\x09[\0\2\4\x08][\4\6\x08\x10]\0")  # a workbook stream of Excel 2–95 without a container
_DBASE = re.compile(rb"[\x03\x30\x83\x8b\xf5].[\1-\x0c][\1-\x1f].{4}.{2}.{2}\0\0", re.DOTALL)


def sniff(source: Source) -> Format:
    """The format by content. Raises Refusal for an empty file, a locked or a damaged one, a bomb, no table at all."""
    with stream_of(source) as stream:
        head = stream.read(4096)
        rest: bytes = head
        while not rest.strip(BLANK):
            rest = stream.read(CHUNK)
            if not rest:
                raise Refusal("file_empty")
    if head.startswith(OLE):
        return _ole(source)
    if head.startswith(b"PK"):
        return _zip(source)
    for signature, what in DOCUMENTS:
        if head.startswith(signature):
            raise Refusal("file_not_table", detail=what)
    for signature, suffix in ARCHIVES:
        if head.startswith(signature):
            raise Refusal("file_archive_kind", detail=suffix)
    if _RAW_BOOK.match(head):
        return "old_xls"
    return _text(source, head)


def _text(source: Source, head: bytes) -> Format:
    """A text table, a page, a workbook written as XML; anything else is refused by its name."""
    wide = head.startswith(UTF_16) or without_mark(head) is not None
    plain = (head.replace(b"\0", b"") if wide else head).lstrip(UTF_8_MARK + b"\xff\xfe")
    if b"\0" in plain:
        what = "база dBase (.dbf); откройте её в Excel и сохраните как .xlsx" if _DBASE.match(head) else ""
        raise Refusal("file_not_table", detail=what or "двоичные данные неизвестного вида")
    if _LINK.match(plain):
        raise Refusal(
            "file_not_table",
            detail="ссылка на таблицу Google, а не сама таблица; скачайте её: Файл → Скачать → Microsoft Excel (.xlsx)",
        )
    if _MAIL.search(plain) and b"multipart/related" in plain.lower():
        return "mht"
    if not _MARKUP.match(plain):
        return "text"
    with stream_of(source) as stream:
        return markup_kind(stream.read(CHUNK // 8))


def markup_kind(head: bytes) -> Format:
    """Which markup a text begins with: a workbook as XML, or a page. Raises Refusal for any other XML."""
    plain = head.replace(b"\0", b"").lower()
    if b"<office:document" in plain:
        if b"opendocument.spreadsheet" in plain:
            return "flat_ods"
        raise Refusal("file_not_table", detail="документ или презентация OpenDocument")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain and b"workbook" in plain and b"<html" not in plain:
        return "xml_2003"
    is_xml = plain.lstrip(UTF_8_MARK + b"\xff\xfe \r\n\t").startswith(b"<?xml")
    if is_xml and b"<html" not in plain and b"<table" not in plain:
        raise Refusal("file_not_table", detail="разметка XML, но не таблица Excel")
    return "html"


def without_mark(head: bytes) -> str | None:
    """The encoding of UTF-16 without a byte order mark, by its zeros and the `04` of Cyrillic; None for other text."""
    even, odd = head[0:1000:2], head[1:1000:2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        of_text = high.count(0) + high.count(4)
        if high.count(0) and of_text >= 0.9 * len(high) and low.count(0) <= 0.1 * len(low):
            return encoding
    return None


def _ole(source: Source) -> Format:
    """The old container of Office: a workbook .xls, something else of Office, or a locked .xlsx."""
    import olefile

    try:
        with stream_of(source) as stream, olefile.OleFileIO(stream) as container:
            parts = {entry[0].lower() for entry in container.listdir()}
    except locks.BROKEN_OLE as error:
        raise Refusal("file_unreadable", detail="книга .xls обрывается или испорчена") from error
    if "encryptedpackage" in parts:
        return _openable(source)
    if parts & {"worddocument", "powerpoint document"}:
        raise Refusal("file_not_table", detail="документ Word или презентация")
    if not parts & {"workbook", "book"}:
        raise Refusal("file_unreadable", detail="книга .xls испорчена, или это другой файл Office")
    if locks.is_locked(source):
        return _openable(source)
    return "xls" if "workbook" in parts else "old_xls"


def _openable(source: Source) -> Format:
    if not locks.is_by_default(source):
        raise Refusal("file_password")
    return "locked"


def _listed(stream: IO[bytes]) -> int:
    """How many members an archive has by its last record, without listing them: the greater of what it says and what
    would fit into its list."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - (1 << 16) - 22))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    count, length = struct.unpack_from("<HI", tail, at + 10)
    return max(count, length // MEMBER_BYTES)


def _zip(source: Source) -> Format:
    limits = catalogue.limits()
    try:
        with stream_of(source) as stream:
            listed, most = _listed(stream), limits["archive_files"]
            if listed > most:
                raise Refusal("archive_too_large", detail=f"файлов в нём не меньше {listed}, допустимо {most}")
            packed = zipfile.ZipFile(stream)
            members = packed.infolist()
            names = {member.filename for member in members}
    except BROKEN_ZIP as error:
        raise Refusal("file_unreadable", detail="архив или книга обрывается или испорчена") from error
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, sum(member.compress_size for member in members))
    if unpacked > limits["unpacked"] or (unpacked > limits["ratio_from"] and ratio > limits["ratio"]):
        raise Refusal("file_bomb", detail=f"{unpacked / 1e6:.0f} МБ, сжатие в {ratio:.0f} раз")
    if "mimetype" in names and "content.xml" in names:
        return _open_document(source)
    if names & {"EncryptedPackage", "encrypted-package"}:
        raise Refusal("file_password")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Refusal("file_not_table", detail="документ Word или презентация")
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        raise Refusal(
            "file_not_table", detail="документ Apple; экспортируйте таблицу: Файл → Экспортировать в → Excel (.xlsx)"
        )
    return "zip"


def _open_document(source: Source) -> Format:
    try:
        with stream_of(source) as stream, zipfile.ZipFile(stream) as packed:
            kind = packed.read("mimetype")
            manifest = packed.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in packed.namelist() else b""
    except BROKEN_ZIP as error:
        raise Refusal("file_unreadable", detail="книга .ods испорчена") from error
    if b"encryption-data" in manifest:
        raise Refusal("file_password")
    if b"spreadsheet" not in kind:
        raise Refusal("file_not_table", detail="документ или презентация OpenDocument")
    return "ods"
