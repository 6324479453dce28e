"""States of the cells of an OpenDocument workbook (.ods), by streaming its content.xml."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO, Any

from msoko_pipeline.reading.cell_states import MOST, CellStates, Fault, Merged, is_error, letters
from msoko_pipeline.reading.locks import Source, stream_of

CHUNK = 1 << 20
SIGNS = (b':value-type="error"', b":formula=", b":visibility=", b"-spanned=")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CALC_TYPES = tuple(
    f"{{{space}}}value-type"
    for space in (
        "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        "urn:oasis:names:tc:opendocument:xmlns:calcext:1.0",
    )
)
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
WIDEST, LONGEST = 16_384, 1_048_576


def states(source: Source) -> list[CellStates]:
    """States of each sheet, in the book's order; none where nothing in the file is worth telling."""
    with stream_of(source) as file, zipfile.ZipFile(file) as packed:
        with packed.open("content.xml") as stream:
            if not _has_signs(stream):
                return []
        with packed.open("content.xml") as stream:
            return list(_tables(stream))


def _has_signs(stream: IO[bytes]) -> bool:
    rest = b""
    while chunk := stream.read(CHUNK):
        if any(sign in rest + chunk for sign in SIGNS):
            return True
        rest = chunk[-64:]
    return False


def _tables(stream: IO[bytes]) -> Iterator[CellStates]:
    from lxml import etree

    states, row, column = CellStates(), 0, 0
    tags = (f"{TABLE}table", f"{TABLE}table-row", f"{TABLE}table-column")
    events = etree.iterparse(
        stream, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, huge_tree=True
    )
    for event, node in events:
        if node.tag == tags[0] and event == "start":
            states, row, column = CellStates(), 0, 0
        elif event == "start":
            continue
        elif node.tag == tags[0]:
            yield states
            node.clear()
        elif node.tag == tags[1]:
            row = _row(node, row, states)
            _forget(node)
        else:
            times = _times(node, "columns", WIDEST)
            if node.get(f"{TABLE}visibility", "visible") != "visible" and column + times < WIDEST:
                states.hidden_columns += range(column, column + times)
            column += times


def _row(node: Any, row: int, states: CellStates) -> int:
    """Note what a row has; returns the last of the rows that it stands for."""
    times = _times(node, "rows", LONGEST)
    visibility = node.get(f"{TABLE}visibility", "visible")
    if visibility != "visible" and row + times < LONGEST:
        states.hidden_rows += range(row + 1, row + times + 1)
        states.is_filtered = states.is_filtered or visibility == "filter"
    column = 0
    for cell in node.iterchildren(*CELLS):
        if len(states.faults) < MOST and (fault := _fault(cell, row + 1, column)):
            states.faults.append(fault)
        down, right = (int(cell.get(f"{TABLE}number-{way}-spanned", "1")) for way in ("rows", "columns"))
        if down > 1 or right > 1:
            states.merged.append(Merged(row + 1, row + down, column, column + right - 1))
        column += _times(cell, "columns", WIDEST)
    return row + times


def _times(node: Any, way: str, most: int) -> int:
    times = node.get(f"{TABLE}number-{way}-repeated", "1")
    return min(int(times), most) if times.isdigit() else 1


def _fault(cell: Any, row: int, column: int) -> Fault | None:
    formula = cell.get(f"{TABLE}formula")
    is_marked = any(cell.get(name) == "error" for name in CALC_TYPES)
    if formula is None and not is_marked:
        return None
    shown = cell.find(f"{TEXT}p")
    text = "" if shown is None else "".join(shown.itertext())
    if is_marked or is_error(text):
        return Fault(row, letters(column), "cell_error", text[:80] or "#ОШИБКА")
    if shown is None and cell.get(f"{OFFICE}value-type") is None:
        return Fault(row, letters(column), "cell_formula_empty", "=" + (formula or "").removeprefix("of:=")[:79])
    return None


def _forget(node: Any) -> None:
    """Free what has been read; the memory of a long sheet stays small."""
    node.clear()
    while node.getprevious() is not None and node.getprevious().tag == node.tag:
        del node.getparent()[node.getparent().index(node) - 1]
