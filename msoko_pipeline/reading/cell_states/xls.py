"""States of the cells of an old workbook (.xls): one walk over its records (MS-XLS: BIFF5 and BIFF8)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msoko_pipeline.reading.cell_states import MOST, CellStates, Fault, Merged, letters
from msoko_pipeline.reading.locks import Source, stream_of

BOF, EOF, SHEET = 0x0809, 0x000A, 0x0085
ERROR_OR_FLAG, FORMULA = 0x0205, 0x0006
ROW, COLUMNS, MERGED, FILTERED, FILTER = 0x0208, 0x007D, 0x00E5, 0x009B, 0x009D
BIFF8 = 0x0600
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
ARITHMETIC = frozenset({0x03, 0x04, 0x05, 0x06, 0x07, 0x12, 0x13, 0x14})  # + - * / ^ and the signs
NUMERIC = frozenset({0, 4, 5, 6, 7, 27})  # COUNT, SUM, AVERAGE, MIN, MAX, ROUND
HEAD = struct.Struct("<HH")
PLACE = struct.Struct("<HH")
HIDDEN_ROW, HIDDEN_COLUMN = 0x20, 0x01
WIDEST = 256


def states(source: Source) -> list[CellStates]:
    """States of each sheet, in the book's order."""
    import olefile

    with stream_of(source) as stream, olefile.OleFileIO(stream) as container:
        name = next(name for name in ("Workbook", "Book") if container.exists(name))
        data = container.openstream(name).read()
    starts = [int.from_bytes(data[at : at + 4], "little") for kind, at, _ in _records(data, 0) if kind == SHEET]
    return [_sheet(data, start) for start in starts]


def _records(data: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Records of a part of the book up to its end: kind, where its body begins, its length."""
    at, depth, last = start, 0, len(data) - 3
    while at < last:
        kind, length = HEAD.unpack_from(data, at)
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 1:  # a chart in a sheet has records of its own
            yield kind, at + 4, length
        if depth <= 0:
            return
        at += 4 + length


def _sheet(data: bytes, start: int) -> CellStates:
    states = CellStates()
    is_biff8 = int.from_bytes(data[start + 4 : start + 6], "little") == BIFF8
    for kind, at, length in _records(data, start):
        if kind in (ERROR_OR_FLAG, FORMULA):
            fault = _fault(data[at : at + length], kind, is_biff8) if len(states.faults) < MOST else None
            states.faults += [fault] if fault else []
        elif kind == ROW and length >= 16 and data[at + 12] & HIDDEN_ROW:
            states.hidden_rows.append(PLACE.unpack_from(data, at)[0] + 1)
        elif kind == COLUMNS and length >= 10 and data[at + 8] & HIDDEN_COLUMN:
            first, last = PLACE.unpack_from(data, at)
            states.hidden_columns += range(first, min(last + 1, WIDEST))
        elif kind == MERGED:
            states.merged += _merged(data[at : at + length])
        elif kind in (FILTERED, FILTER):
            states.is_filtered = True
    return states


def _merged(body: bytes) -> list[Merged]:
    ranges = struct.iter_unpack("<4H", body[2 : 2 + (len(body) - 2) // 8 * 8])
    return [Merged(top + 1, bottom + 1, left, right) for top, bottom, left, right in ranges]


def _fault(body: bytes, kind: int, is_biff8: bool) -> Fault | None:
    """The fault of a cell. A formula that gives "" and one that was never computed are kept alike: the latter is known
    where the formula can give nothing but a number.
    """
    row, column = PLACE.unpack_from(body)
    place = row + 1, letters(column)
    if kind == ERROR_OR_FLAG:
        return Fault(*place, "cell_error", ERRORS.get(body[6], "#ОШИБКА")) if body[7] else None
    if body[12:14] != b"\xff\xff":
        return None
    if body[6] == 2:
        return Fault(*place, "cell_error", ERRORS.get(body[8], "#ОШИБКА"))
    if body[6] == 3 and is_biff8 and _gives_a_number(body[22 : 22 + int.from_bytes(body[20:22], "little")]):
        return Fault(*place, "cell_formula_empty", "=")
    return None


def _gives_a_number(tokens: bytes) -> bool:
    """Whether the last token, which the formula's value comes from, is arithmetic or a function such as SUM."""
    if tokens[-1:] and tokens[-1] in ARITHMETIC:
        return True
    if tokens[-4:-2] == b"\x19\x10":  # SUM of one range
        return True
    named = tokens[-4:-3] in (b"\x22", b"\x42", b"\x62") or tokens[-3:-2] in (b"\x21", b"\x41", b"\x61")
    return named and int.from_bytes(tokens[-2:], "little") in NUMERIC
