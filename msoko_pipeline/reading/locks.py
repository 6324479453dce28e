"""Workbooks that are locked: by a password of their own, or by the default one, for which Excel does not ask."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import IO

from msoko_pipeline.issues.refusals import Refusal

Source = Path | bytes
"""A file, or what was inside one."""

DEFAULT_PASSWORD = "VelvetSweatshop"
"""Excel locks a workbook with it that was only made read-only: [MS-OFFCRYPTO] 2.4.2.3, 2025."""

BROKEN_OLE = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, struct.error)


def stream_of(source: Source) -> IO[bytes]:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def content_of(source: Source) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source


def is_locked(source: Source) -> bool:
    """Whether a workbook of the old container is locked. Raises Refusal where it is broken."""
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError, ParseError

    try:
        with stream_of(source) as stream:
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    except FileFormatError:  # the library knows no locks of Excel 95: its reader will report them
        return False
    except (*BROKEN_OLE, ParseError) as error:
        raise Refusal("file_unreadable", detail="книга .xls обрывается или испорчена") from error


def is_by_default(source: Source) -> bool:
    """Whether the default password opens a locked workbook."""
    import msoffcrypto

    try:
        with stream_of(source) as stream:
            book = msoffcrypto.OfficeFile(stream)
            verified = {"verify_password": True} if book.format == "ooxml" else {}  # that of an .xls always is
            book.load_key(password=DEFAULT_PASSWORD, **verified)
    except Exception:  # a wrong password, a lock of another kind: in either case only its owner opens it
        return False
    return True


def unlocked(source: Source) -> bytes:
    """The workbook inside a file locked by the default password. Raises Refusal where it cannot be had."""
    import msoffcrypto

    inside = io.BytesIO()
    try:
        with stream_of(source) as stream:
            book = msoffcrypto.OfficeFile(stream)
            book.load_key(password=DEFAULT_PASSWORD)
            book.decrypt(inside)
    except Exception as error:
        raise Refusal("file_password") from error
    return inside.getvalue()
