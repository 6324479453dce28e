"""States of the cells of an .xlsx, whatever program wrote it: namespace prefixes, either quotes, attributes in any
order, rows and cells without their places.

A sheet is first searched as bytes for signs of what is wanted, as fast as it unpacks; only a sheet with error cells or
formulas without a value is then parsed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree import ElementTree

from msoko_pipeline.reading.cell_states import MOST, CellStates, Fault, Merged, column_number, letters
from msoko_pipeline.reading.locks import Source, stream_of
from msoko_pipeline.text import linear as re

CHUNK = 1 << 20
OVERLAP = 4096  # bytes that two pieces share, longer than any sign

# every repetition is bounded: a crafted sheet must not make a pattern slow
_OPEN, _REST, _IS_SET = rb"<(?:\w{1,40}:)?", rb"[^<>]{0,1500}", rb"""hidden\s?=\s?["'](?:1|true)["']"""
_ERROR = re.compile(rb"""\bt\s?=\s?["']e["']""")
# a formula's end, then at most an empty value
_UNCOMPUTED = re.compile(
    rb"(?:</(?:\w{1,40}:)?f|" + _OPEN + rb"f\b" + _REST + rb"/)>\s{0,9}"
    rb"(?:" + _OPEN + rb"v\s?(?:/>|>\s{0,9}</(?:\w{1,40}:)?v>)\s{0,9})?</(?:\w{1,40}:)?c>"
)
_ROOT = re.compile(rb"<((?:\w{1,40}:)?)worksheet\b")
_HIDDEN = re.compile(_IS_SET)
_HIDDEN_ROW = re.compile(_OPEN + rb"row\b" + _REST + rb"\b" + _IS_SET + _REST + rb">")
_HIDDEN_COLUMN = re.compile(_OPEN + rb"col\b" + _REST + rb"\b" + _IS_SET + _REST + rb">")
_REF = rb"""\bref\s?=\s?["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"""
_MERGED = re.compile(_OPEN + rb"mergeCell\b" + _REST + _REF)
_NUMBER = {name: re.compile(rb"\b" + name + rb"""\s?=\s?["'](\d{1,7})""") for name in (b"r", b"min", b"max")}
_PLACE = re.compile(r"([A-Z]+)(\d+)")
WIDEST = 16_384


def states(source: Source, sheet: str) -> CellStates:
    """States of the cells of the sheet of this name."""
    with stream_of(source) as file, zipfile.ZipFile(file) as packed:
        member = _sheet_member(packed, sheet)
        if member is None:
            return CellStates()
        with packed.open(member) as stream:
            states, is_suspicious, is_unplaced = _searched(stream)
        if is_suspicious or is_unplaced:
            with packed.open(member) as stream:
                states.faults, hidden = _parsed(stream)
            states.hidden_rows = hidden if is_unplaced else states.hidden_rows
    return states


def _searched(stream: IO[bytes]) -> tuple[CellStates, bool, bool]:
    """What can be told without parsing, whether a cell may be faulty, whether a hidden row does not say its number."""
    rows: set[int] = set()
    columns: set[int] = set()
    merged: set[Merged] = set()
    is_suspicious = is_unplaced = is_filtered = is_below = False
    prefix: bytes | None = None
    errors: list[bytes] = []
    for text in _pieces(stream):
        if prefix is None:
            prefix = root[1] if (root := _ROOT.search(text)) else b""
            errors = [b'"e"', b"'e'"] if b"='" in text else [b'"e"']  # a writer quotes alike throughout
        is_suspicious = is_suspicious or _is_suspicious(text, prefix, errors)
        if b"hidden" in text and _HIDDEN.search(text):
            for tag in _HIDDEN_ROW.findall(text):
                number = _NUMBER[b"r"].search(tag)
                is_unplaced = is_unplaced or number is None
                rows |= {int(number[1])} if number else set()
            for tag in _HIDDEN_COLUMN.findall(text):
                columns |= _columns(tag)
        is_below = is_below or b"</" + prefix + b"sheetData>" in text  # all else stands there
        if is_below:
            merged |= {_range(*parts) for parts in _MERGED.findall(text)}
            is_filtered = is_filtered or b"autoFilter" in text
    order = sorted(merged, key=lambda part: (part.first_row, part.first_column))
    return CellStates([], order, sorted(rows), sorted(columns), is_filtered), is_suspicious, is_unplaced


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The sheet's XML in pieces that overlap: no sign is cut in two."""
    rest = b""
    while chunk := stream.read(CHUNK):
        yield rest + chunk
        rest = chunk[-OVERLAP:]


def _is_suspicious(text: bytes, prefix: bytes, errors: list[bytes]) -> bool:
    """Whether an error or a formula without a value may stand here; plain searches before the patterns."""
    if any(error in text for error in errors) and _ERROR.search(text):
        return True
    return b"<" + prefix + b"f" in text and _UNCOMPUTED.search(text) is not None


def _columns(tag: bytes) -> set[int]:
    first, last = (_NUMBER[name].search(tag) for name in (b"min", b"max"))
    if first is None or last is None:
        return set()
    return set(range(int(first[1]) - 1, min(int(last[1]), WIDEST)))


def _range(left: bytes, top: bytes, right: bytes, bottom: bytes) -> Merged:
    return Merged(int(top), int(bottom), column_number(left.decode()), column_number(right.decode()))


def _parsed(stream: IO[bytes]) -> tuple[list[Fault], list[int]]:
    """The faulty cells and the hidden rows, row by row; rows and cells without a place follow the one before."""
    from lxml import etree

    faults: list[Fault] = []
    hidden: list[int] = []
    row = 0
    for _, node in etree.iterparse(stream, tag="{*}row", resolve_entities=False, no_network=True, huge_tree=True):
        number = node.get("r") or ""
        row = int(number) if number.isdigit() else row + 1
        if node.get("hidden") in ("1", "true"):
            hidden.append(row)
        column = -1
        for cell in node.iterchildren("{*}c"):
            place = _PLACE.fullmatch(cell.get("r") or "")
            column = column_number(place[1]) if place else column + 1
            fault = _fault(cell, row, column) if len(faults) < MOST else None
            if fault:
                faults.append(fault)
        node.clear()
        while node.getprevious() is not None:
            del node.getparent()[0]
    return faults, hidden


def _fault(cell: Any, row: int, column: int) -> Fault | None:
    """The fault of a cell. A text without letters that a formula gave (`t="str"`) is an empty cell and no fault."""
    kind = cell.get("t")
    if kind == "e":
        value = cell.findtext("{*}v") or "#ОШИБКА"
        return Fault(row, letters(column), "cell_error", value[:80])
    formula = cell.find("{*}f")
    if formula is None or kind == "str" or cell.find("{*}is") is not None or (cell.findtext("{*}v") or "").strip():
        return None
    return Fault(row, letters(column), "cell_formula_empty", f"={formula.text or ''}"[:80])


def _sheet_member(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """Which part of the package is the sheet of this name."""
    names = packed.namelist()
    try:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for node in book.iter():
        if node.tag.endswith("}sheet") and node.get("name") == sheet:
            key = next((value for name, value in node.attrib.items() if name.endswith("}id")), None)
            target = targets.get(key, "")
            member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return member if member in names else None
    return None
