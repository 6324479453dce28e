"""Text tables (.csv): encoding, delimiter, fields. No field and no line is lost, whatever became of the quotes.

Well-formed text goes through pyarrow whole. Where quotes do not match or lines differ in length, lines are taken one
by one, and those that cannot be trusted are named.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.csv

from msoko_pipeline.issues.refusals import Refusal
from msoko_pipeline.reading.guard import UTF_16, without_mark
from msoko_pipeline.text import linear as re

DELIMITERS = ";\t,|"
LOOKED_AT = 60  # lines from which the delimiter is found
LONGEST_CELL = 100  # lines: a quote that does not close within so many was never meant to; each costs its square
MOST_COLUMNS = 1 << 14  # of a sheet of Excel
WORDS = ("балл", "вариант", "город", "класс", "логин", "муницип", "отметк", "предмет", "район", "участник", "школ")
OTHER_ENCODINGS = ("cp866", "koi8-r", "mac-cyrillic")

_DELIMITER_TOLD = re.compile(r'"?sep=([;,|\t])"?[;,\t]*(?:\n|$)', re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

csv.field_size_limit(1 << 30)


@dataclass
class Lines:
    """A text table. columns: text, None where empty; ragged: row (from 1) → number of fields; unclosed: rows."""

    columns: list[pa.Array | pa.ChunkedArray]
    ragged: dict[int, int]
    unclosed: list[int]


def parse(data: bytes) -> Lines:
    """The table in a text file. Raises Refusal where the encoding cannot be read."""
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if match := _DELIMITER_TOLD.match(text):  # an order of Excel's own, which it does not show as a row
        text = text[match.end() :]
    delimiter = match[1] if match else delimiter_of(text)
    columns = _fast(text, delimiter) if _well_quoted(text, delimiter) else None
    return _line_by_line(text, delimiter) if columns is None else Lines(columns, {}, [])


def decoded(data: bytes) -> str:
    """UTF-8 strictly first (any UTF-8 text also reads as Windows-1251, into nonsense), then Windows-1251.

    UTF-16, «Текст Юникод» of Excel, is read as such, with its mark or without.
    """
    wide = "utf-16" if data.startswith(UTF_16) else without_mark(data)
    for encoding in (wide,) if wide else ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text or len(_CONTROL.findall(text[:10_000])) > 5:
            break
        if encoding == "cp1251" and _is_nonsense(data[:20_000]):
            break
        return text
    raise Refusal("file_encoding")


def _is_nonsense(data: bytes) -> bool:
    """Whether words of school tables stand here in another encoding of Cyrillic and none in Windows-1251."""

    def has_words(encoding: str) -> bool:
        text = data.decode(encoding, "replace").lower()
        return any(word in text for word in WORDS)

    return not has_words("cp1251") and any(map(has_words, OTHER_ENCODINGS))


def delimiter_of(text: str) -> str:
    """The delimiter found equally often in most of the first lines; of two such, the first of `DELIMITERS`.

    Decimal commas and commas of prose vary from line to line, a delimiter does not.
    """
    lines = list(islice((line for line in io.StringIO(text) if line.strip()), LOOKED_AT))

    def steady(delimiter: str) -> int:
        counts = Counter(count for line in lines if (count := line.count(delimiter)))
        return max(counts.values(), default=0)

    return max(DELIMITERS, key=steady)


_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')


def _well_quoted(text: str, delimiter: str) -> bool:
    """Whether every quote opens or closes a whole field, and no field looks like swallowed lines."""
    end, edges = 0, (delimiter, "\n", "")
    swallowed = _usual_width(text.split("\n", LOOKED_AT)[:LOOKED_AT], delimiter) - 1
    for match in _QUOTED.finditer(text):
        start, stop = match.span()
        if '"' in text[end:start] or text[max(0, start - 1) : start] not in edges or text[stop : stop + 1] not in edges:
            return False
        if "\n" in match[0] and match[0].count(delimiter) >= max(1, swallowed):
            return False
        end = stop
    return '"' not in text[end:]


def _fast(text: str, delimiter: str) -> list[pa.ChunkedArray] | None:
    """The whole text by pyarrow; None where rows differ in length."""
    width = len(next(csv.reader(io.StringIO(text), delimiter=delimiter), []))
    _check_width(width)
    names = [str(number) for number in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values='"' in text, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.columns


def _line_by_line(text: str, delimiter: str) -> Lines:
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    usual = _usual_width(lines[:LOOKED_AT], delimiter)
    rows: list[list[str]] = []
    unclosed: list[int] = []
    at = 0
    while at < len(lines):
        fields, taken = _record(lines, at, delimiter, usual)
        if fields is None:
            fields = lines[at].split(delimiter)
            unclosed.append(len(rows) + 1)
        rows.append(fields)
        at += taken
    width = max(map(len, rows), default=0)
    _check_width(width)
    ragged = {number: len(row) for number, row in enumerate(rows, 1) if row and len(row) != usual}
    columns = [
        pa.array([row[number] or None if number < len(row) else None for row in rows], pa.string())
        for number in range(width)
    ]
    return Lines(columns, ragged, unclosed)


def _check_width(width: int) -> None:
    if width > MOST_COLUMNS:
        raise Refusal("file_too_large", detail=f"столбцов {width}, допустимо {MOST_COLUMNS}")


def _usual_width(lines: list[str], delimiter: str) -> int:
    counts = Counter(line.count(delimiter) + 1 for line in lines if line.strip())
    return counts.most_common(1)[0][0] if counts else 0


def _record(lines: list[str], at: int, delimiter: str, usual: int) -> tuple[list[str] | None, int]:
    """Fields of the record that begins at a line and how many lines it takes; None where its quotes do not close."""
    text = lines[at]
    if '"' not in text:
        return text.split(delimiter) if text else [], 1
    taken = 1
    while _is_open(text, delimiter):
        if taken > LONGEST_CELL or at + taken >= len(lines):
            return None, 1
        text += "\n" + lines[at + taken]
        taken += 1
    fields = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    if taken > 1 and any("\n" in field and field.count(delimiter) >= max(1, usual - 1) for field in fields):
        return None, 1
    return fields, taken


def _is_open(text: str, delimiter: str) -> bool:
    """Whether a quote that opens a field is not closed; a quote inside a bare field is a sign like any other."""
    at = 0
    while True:
        if text.startswith('"', at):
            closed = _QUOTED.match(text, at)
            if closed is None:
                return True
            at = closed.end()
        at = text.find(delimiter, at) + 1
        if at == 0:
            return False
