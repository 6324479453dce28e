"""What a file is, told by its bytes; what may not be opened is refused with a word for people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.guard import sniff
from tests import making

ROWS = making.SCHOOL_LIST


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: making.xlsx(path, ROWS), "xlsx"),
        (lambda path: making.xls(path, ROWS), "xls"),
        (lambda path: making.ods(path, ROWS), "ods"),
        (lambda path: making.csv(path, ROWS), "text"),
        (lambda path: making.csv(path, ROWS, encoding="cp1251"), "text"),
        (lambda path: making.csv(path, ROWS, encoding="utf-16"), "text"),
        (lambda path: making.zipped(path, {"данные.csv": "a;b"}), "zip"),
        (lambda path: making.text(path, ";\n" * 5_000 + "login;x\n"), "text"),
    ],
    ids=["xlsx", "xls", "ods", "utf-8", "cp1251", "utf-16", "zip", "text after a page of separators"],
)
def test_the_format_is_told_by_content(tmp_path: Path, make: Callable[[Path], Path], expected: str) -> None:
    assert sniff(make(tmp_path / "файл")) == expected


def cut(path: Path, share: float = 0.6) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def raw(data: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return write


REFUSED: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    # what it is: (how it is made, issue type, a word of the message)
    "empty": (raw(b""), "file_empty", "файл пуст"),
    "byte order mark only": (raw(b"\xef\xbb\xbf"), "file_empty", "файл пуст"),
    "separators only": (raw(b";;;\r\n;;;\r\n"), "file_empty", "файл пуст"),
    "zeros of a bad disk": (raw(bytes(9_000)), "file_empty", "файл пуст"),
    "xlsx with a password": (lambda path: making.locked_xlsx(path, ROWS), "file_password", "паролем"),
    "xls with a password": (lambda path: making.locked_xls(path, ROWS), "file_password", "паролем"),
    "ods with a password": (lambda path: making.ods(path, ROWS, locked=True), "file_password", "паролем"),
    "ods of a new LibreOffice with a password": (
        lambda path: making.zipped(path, {"mimetype": making.ODS, "encrypted-package": b"\1\2"}),
        "file_password",
        "паролем",
    ),
    "xlsx cut off": (lambda path: cut(making.xlsx(path, ROWS)), "file_unreadable", "обрывается"),
    "xls cut off": (lambda path: cut(making.xls(path, ROWS), 0.2), "file_unreadable", "обрывается"),
    "zip bomb": (making.bomb, "file_bomb", "недопустимо велик"),
    "docx": (lambda path: making.zipped(path, {"word/document.xml": "<w/>"}), "file_not_table", "документ Word"),
    "odt": (
        lambda path: making.ods(path, ROWS, kind="application/vnd.oasis.opendocument.text"),
        "file_not_table",
        "OpenDocument",
    ),
    "pdf": (raw(b"%PDF-1.7\n1 0 obj"), "file_not_table", "PDF"),
    "rtf": (raw(rb"{\rtf1 text}"), "file_not_table", "RTF"),
    "png": (raw(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "file_not_table", "изображение"),
    "jpeg": (raw(b"\xff\xd8\xff\xe0\0\x10JFIF"), "file_not_table", "изображение"),
    "rar": (raw(b"Rar!\x1a\x07\x01\0"), "file_archive_kind", ".rar"),
    "7z": (raw(b"7z\xbc\xaf\x27\x1c\0\4"), "file_archive_kind", ".7z"),
    "binary": (raw(b"\1\2\3\0\0\4\5"), "file_not_table", "двоичные"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_be_opened_is_refused(tmp_path: Path, what: str) -> None:
    make, issue_type, word = REFUSED[what]
    with pytest.raises(Refusal) as refused:
        sniff(make(tmp_path / "файл"))
    assert refused.value.issue_type == issue_type
    assert word in refused.value.message()


def test_a_large_but_honest_workbook_is_no_bomb(tmp_path: Path) -> None:
    making.bomb(tmp_path / "файл", megabytes=20)  # a thousand to one, but small
    assert sniff(tmp_path / "файл") == "xlsx"


@pytest.mark.parametrize(
    ("stream", "issue_type"), [("WordDocument", "file_not_table"), ("Contents", "file_unreadable")]
)
def test_other_documents_of_old_office_are_no_workbooks(tmp_path: Path, stream: str, issue_type: str) -> None:
    path = making.xls(tmp_path / "файл.doc", ROWS)
    data = bytearray(path.read_bytes())
    entry = data.index("Workbook".encode("utf-16-le"))
    data[entry : entry + 64] = stream.encode("utf-16-le").ljust(64, b"\0")
    data[entry + 64 : entry + 66] = (2 * len(stream) + 2).to_bytes(2, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(Refusal) as refused:
        sniff(path)
    assert refused.value.issue_type == issue_type
