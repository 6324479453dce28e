"""What the text of the cells does not tell: errors, formulas without a value, merged ranges, hidden rows and columns.

One module per format (xlsx, xls, ods), each a streaming pass over the file beside the reader of the cells. Not here:
what any of it means for a row of data (`facts.body`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Literal

from msoko_pipeline.reading.locks import Source
from msoko_pipeline.text import linear as re
from schemas import catalogue

MOST = 100_000  # of a sheet: faults beyond so many say nothing new


@dataclass(frozen=True)
class Fault:
    """A cell that readers hand over as empty though it is not: an Excel error or a formula without a value.

    row: of the sheet, from 1; column: its letters.
    """

    row: int
    column: str
    issue_type: Literal["cell_error", "cell_formula_empty"]
    value: str


@dataclass(frozen=True)
class Merged:
    """A merged range: sheet rows from 1, columns from 0, both ends in."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class CellStates:
    """Of one sheet. hidden_rows: sheet rows from 1; hidden_columns: from 0; is_filtered: by a filter; no_text: sheet
    row and column (from 0) of each cell with control signs, which are no text.

    Of lines that are no data: sections, sheet row and text of such as «9 класс»; maxima, column and greatest score.
    """

    faults: list[Fault] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_filtered: bool = False
    no_text: list[tuple[int, int]] = field(default_factory=list)
    sections: list[tuple[int, str]] = field(default_factory=list)
    maxima: list[tuple[int, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CellStates:
        faults, merged = [Fault(**fault) for fault in data["faults"]], [Merged(**part) for part in data["merged"]]
        return cls(**{**data, "faults": faults, "merged": merged})


def of_book(source: Source, file_format: str, sheets: Sequence[str]) -> list[CellStates]:
    """States of each of these sheets, which are all of the book in its own order. Raises what broken files raise:
    OSError, ValueError, KeyError, zipfile.BadZipFile, struct.error, lxml's XMLSyntaxError.
    """
    if file_format == "xlsx":
        from msoko_pipeline.reading.cell_states import xlsx

        return [xlsx.states(source, sheet) for sheet in sheets]
    if file_format == "xls":
        from msoko_pipeline.reading.cell_states import xls

        by_sheet = xls.states(source)
    else:
        from msoko_pipeline.reading.cell_states import ods

        by_sheet = ods.states(source)
    return [by_sheet[number] if number < len(by_sheet) else CellStates() for number in range(len(sheets))]


@cache
def _errors() -> re.Pattern[str]:
    return re.compile(catalogue.codes()["cell_error"], re.IGNORECASE)


def is_error(text: str) -> bool:
    """Whether a text is an error of a spreadsheet program, in its Russian or English spelling: `#Н/Д`, `Err:502`."""
    return _errors().fullmatch(text.strip()) is not None


def column_number(name: str) -> int:
    """`A` → 0, `AA` → 26."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters(number: int) -> str:
    """0 → `A`, 26 → `AA`."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
