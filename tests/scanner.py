"""Looks for words in everything a run leaves behind: raw bytes in three encodings, and what packed files hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

ENCODINGS = ("utf-8", "utf-16-le", "cp1251")


def traces(folder: Path, words: Iterable[str], beside: Path | None = None) -> dict[str, set[str]]:
    """File → which of the words are in it or in its name. beside: a folder that is not looked into."""
    wanted = {word: _forms(word) for word in sorted(set(words))}
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (beside is None or not path.is_relative_to(beside)):
            texts = [str(path.relative_to(folder)), *unpacked(path)]
            whole = "\n".join(texts)
            raw = path.read_bytes()
            told = {word for word, forms in wanted.items() if word in whole or any(form in raw for form in forms)}
            if told:
                found[str(path.relative_to(folder))] = told
    return found


def _forms(word: str) -> list[bytes]:
    escaped = word.encode("unicode_escape")  # as JSON writes it
    return [*(form for encoding in ENCODINGS if (form := word.encode(encoding, "replace")).count(b"?") < 1), escaped]


def unpacked(path: Path) -> Iterator[str]:
    """The distinct texts of a Parquet, Arrow or SQLite file, which lie in it compressed or coded."""
    head = path.read_bytes()[:16]
    if head.startswith(b"PAR1"):
        yield from _texts(pq.ParquetFile(path).read())
        yield str(pq.read_schema(path).metadata)
    elif head.startswith(b"ARROW1"):
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
        yield from _texts(table)
        for name, value in (table.schema.metadata or {}).items():
            yield name.decode() + value.decode()
    elif head.startswith(b"SQLite format 3"):
        yield from _rows(path)


def _texts(table: pa.Table) -> Iterator[str]:
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            for chunk in column.chunks:  # also the words that no row uses any more
                yield from (str(word) for word in chunk.dictionary.to_pylist())
        else:
            yield from (str(word) for word in column.unique().to_pylist())


def _rows(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            for row in connection.execute(f'select * from "{name}"'):
                yield " ".join(cell.decode("utf-8", "ignore") if isinstance(cell, bytes) else str(cell) for cell in row)
    finally:
        connection.close()
