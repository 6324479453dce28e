"""Troubles of the machine and of the home, not of a file: what stops a run, said in one Russian sentence each.

What belongs here: the exception that carries such a sentence, and the sentence for what the system says of itself.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

NO_ROOM = (
    "На диске кончилось место или исчерпана квота. Освободите место там, где папка состояния и хранилище витрин, и "
    "запустите снова: опубликованное прежде не изменилось, принятое сохранено"
)
READ_ONLY = "Папка состояния или хранилище витрин доступны только для чтения. Дайте право записи и запустите снова"
BROKEN_DISK = (
    "Диск не пишется или не читается: кончилось место или диск неисправен. Освободите место там, где папка состояния и "
    "хранилище витрин, проверьте диск и запустите снова: опубликованное прежде не изменилось, принятое сохранено"
)
TOO_MANY = "Открыто слишком много файлов. Увеличьте предел (ulimit -n) и запустите снова"
LOCKED = "База данных занята другой программой. Закройте её и запустите снова"
UNOPENED = "База данных не открывается: нет права или на её месте папка. Проверьте папку состояния и запустите снова"

SENTENCES = {
    errno.ENOSPC: NO_ROOM, errno.EDQUOT: NO_ROOM, errno.EFBIG: NO_ROOM, errno.EROFS: READ_ONLY, errno.EIO: BROKEN_DISK,
    errno.EMFILE: TOO_MANY, errno.ENFILE: TOO_MANY,
}  # fmt: skip
"""What the system answers → what it means here. None of it is the fault of the file that was being read."""

WORDS = {
    "No space left on device": NO_ROOM, "database or disk is full": NO_ROOM, "Disk quota exceeded": NO_ROOM,
    "File too large": NO_ROOM, "Read-only file system": READ_ONLY, "attempt to write a readonly database": READ_ONLY,
    "database is locked": LOCKED, "unable to open database file": UNOPENED,
    "disk I/O error": BROKEN_DISK, "Input/output error": BROKEN_DISK, "Too many open files": TOO_MANY,
}  # fmt: skip
"""The same as SQLite, DuckDB and Arrow put it."""

REASONS = {
    errno.EACCES: "нет права записи", errno.EPERM: "нет права записи", errno.EROFS: "носитель только для чтения",
    errno.ENOENT: "такого пути нет", errno.ENOTDIR: "на этом пути находится файл", errno.EEXIST: "там уже есть файл",
    errno.ENAMETOOLONG: "слишком длинное имя", errno.ENOSPC: "на диске кончилось место",
    errno.EDQUOT: "квота исчерпана", errno.ELOOP: "символические ссылки замкнуты",
}  # fmt: skip
"""What the system answers of one place → why it cannot be written."""


class Stopped(RuntimeError):
    """The run cannot go on; the text is for people: what is the matter and what to do."""


def in_words(error: BaseException) -> str | None:
    """The sentence for an exception, or for one that it came from; None where it is none of these troubles."""
    for each in chain(error):
        if isinstance(each, Stopped):
            return str(each)
        if isinstance(each, OSError) and each.errno in SENTENCES:
            return SENTENCES[each.errno]
        if isinstance(each, PermissionError) and each.filename:
            return f"Нет права читать или писать «{each.filename}». Дайте право тому, кто запускает, и запустите снова"
        if words := of_text(str(each)):
            return words
    return None


def why(error: OSError) -> str:
    """Why a place cannot be written, in words."""
    return REASONS.get(error.errno or 0, error.strerror or str(error))


def of_text(text: str) -> str | None:
    """The sentence for what a library says in its own words."""
    return next((sentence for words, sentence in WORDS.items() if words in text), None)


def is_of_machine(error: BaseException) -> bool:
    """Whether the machine is the cause, so that another file, or the same one later, would fare no better or well."""
    return any(isinstance(each, OSError) and (each.errno in SENTENCES or of_text(str(each))) for each in chain(error))


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those it came from."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = getattr(following, "orig", None) or following.__cause__ or following.__context__
