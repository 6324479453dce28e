"""Whether a SQLite file can be read at all: told before anything is asked of it, without a traceback."""

from __future__ import annotations

import sqlite3
from pathlib import Path

HEADER = b"SQLite format 3\0"
SMALL = 64 << 20  # bytes up to which every page is looked at: a fraction of a second


def fault(path: Path) -> str | None:
    """What is wrong with a SQLite file, in Russian; None where nothing is to be seen. It must exist."""
    try:
        with path.open("rb") as stream:
            header = stream.read(100)
        size = path.stat().st_size
    except PermissionError:
        return "нет права его читать"
    except IsADirectoryError:
        return "на его месте папка"
    if not size:
        return "файл пуст"
    if not header.startswith(HEADER):
        return "внутри не база SQLite"
    if size < _declared_size(header):
        return "файл обрезан"
    return _fault_inside(path) if size <= SMALL else None


def _declared_size(header: bytes) -> int:
    """Bytes that the header says there are; 0 where it does not (an old writer has left the count behind)."""
    page = int.from_bytes(header[16:18], "big")
    is_counted = header[24:28] == header[92:96]
    return (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big") if is_counted else 0


def _fault_inside(path: Path) -> str | None:
    try:
        connection = sqlite3.connect(path, timeout=30)
        try:
            answer = connection.execute("pragma quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        return None if "locked" in str(error) else "он не открывается"
    except sqlite3.DatabaseError:
        return "база испорчена"
    return None if answer == "ok" else "база испорчена"
