"""Collects what is wrong with a sheet's rows and cells, and says it in the words of the issue catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline import linear as re
from msoko_pipeline.privacy.repeating import DIGITS, repeated, unnamed, unnamed_details
from msoko_pipeline.reading.cells import Unread
from msoko_pipeline.reading.problems import advice, said, sentence
from msoko_pipeline.signs import in_line
from schemas import catalogue

SHOWN = 80  # characters of a value
SPARED = "cell_spared"
"""The type whose words and severity an issue takes that costs one cell and not its row."""
COLUMNS = ["sha256", "sheet", "row", "column", "value", "issue_type", "severity", "responsibility", "message_ru"]
"""What is told of every finding; `whose.COLUMNS` are added to it where it is kept."""


@dataclass
class _Block:
    issue_type: str
    positions: np.ndarray
    column: str | None
    values: Sequence[Any] | None
    details: dict[str, Any]
    each: Sequence[str] | None
    is_spared: bool = False

    @property
    def severity(self) -> str:
        return catalogue.issue_types()[SPARED if self.is_spared else self.issue_type]["severity"]

    def part(self, mask: np.ndarray, *, is_spared: bool) -> _Block:
        """The same of some of the positions."""
        at = np.flatnonzero(mask).tolist()
        values, each = ([held[row] for row in at] if held else held for held in (self.values, self.each))
        return replace(self, positions=self.positions[mask], values=values, each=each, is_spared=is_spared)


@dataclass
class Findings:
    """Issues of one sheet. rows: sheet row number (from 1) of each data row; positions index into it.

    whole: data rows that are no data at all (totals, a header again, broken lines); of their cells nothing is said.
    """

    sha256: str
    file: str
    sheet: str
    rows: np.ndarray
    blocks: list[_Block] = field(default_factory=list)
    whole: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.whole = np.zeros(len(self.rows), bool)

    def set_aside(self, issue_type: str, positions: np.ndarray, column: str | None = None, **details: Any) -> None:
        """Note rows that are no data; one reason a row."""
        fresh = positions[~self.whole[positions]]
        self.cells(issue_type, fresh, column, **details)
        self.whole[fresh] = True

    def cells(
        self,
        issue_type: str,
        positions: np.ndarray,
        column: str | None = None,
        values: Sequence[Any] | None = None,
        each: Sequence[str] | None = None,
        *,
        is_spared: bool = False,
        **details: Any,
    ) -> None:
        """Note an issue at data rows. values: what stood there, one per position; each: `detail` of each position.

        is_spared: the cell's value is unknown, and the row counts without it; so are errors of Excel, unless the cell
        turns out to be one that may not be empty.
        """
        if issue_type == "cell_empty":
            positions = self._insist(positions, column)
        aside = self.whole[positions]
        if aside.any():
            kept = np.flatnonzero(~aside).tolist()
            positions = positions[kept]
            values = None if values is None else [values[number] for number in kept]
            each = None if each is None else [each[number] for number in kept]
        details, each = unnamed_details(details), each and [unnamed(text) for text in each]
        if len(positions):
            self.blocks.append(_Block(issue_type, positions, column, values, details, each, is_spared))

    def _insist(self, positions: np.ndarray, column: str | None) -> np.ndarray:
        """Of cells that may not be empty: the spared ones refuse their rows; returns those of which nothing is said."""
        for number, block in enumerate(self.blocks):
            both = np.isin(block.positions, positions)
            if not block.is_spared or block.column != column or not both.any():
                continue
            self.blocks[number] = block.part(both, is_spared=False)
            if not both.all():
                self.blocks.append(block.part(~both, is_spared=True))
            positions = positions[~np.isin(positions, block.positions)]
        return positions

    def unread(self, found: Iterable[Unread], column: str) -> None:
        """Note the cells that could not be read."""
        for cell in found:
            values = [cell.value] * len(cell.positions)
            issue_type, details = cell.wrong.issue_type, cell.wrong.details
            is_spared = bool(catalogue.issue_types()[issue_type].get("spares"))
            self.cells(issue_type, cell.positions, column, values, is_spared=is_spared, **details)

    def refused(self) -> np.ndarray:
        """Mask of the data rows with at least one error."""
        mask = np.zeros(len(self.rows), bool)
        for block in self.blocks:
            if block.severity == "error":
                mask[block.positions] = True
        return mask

    def frame(self) -> pd.DataFrame:
        """All issues as rows of `ops.issue`."""
        return pd.DataFrame([line for block in self.blocks for line in self._lines(block)], columns=COLUMNS)

    def _lines(self, block: _Block) -> Iterator[tuple[Any, ...]]:
        known = catalogue.issue_types()[block.issue_type]
        values, column = _shown(block), block.column and in_line(block.column)
        sort = (block.issue_type, block.severity, known["responsibility"])
        told: dict[tuple[str | None, str | None], str] = {}
        for number, row in enumerate(self.rows[block.positions].tolist()):
            value, each = values[number], block.each[number] if block.each else None
            if (value, each) not in told:
                details = {"value": value, **block.details} | ({} if each is None else {"detail": each})
                told[value, each] = (spared if block.is_spared else sentence)(block.issue_type, **details)
            message = f"{place(self.file, self.sheet, row, block.column)}: {told[value, each]}"
            yield self.sha256, self.sheet or None, row, column, value, *sort, message

    def reasons(self) -> dict[int, list[str]]:
        """Position of each refused row → all its errors in words."""
        found: dict[int, list[str]] = {}
        for block in self.blocks:
            if block.severity != "error":
                continue
            values = _shown(block)
            for number, position in enumerate(block.positions.tolist()):
                detail = {"detail": block.each[number]} if block.each else {}
                text = said(block.issue_type, **{"value": values[number], **block.details, **detail})
                found.setdefault(position, []).append(f"{block.column}: {text}" if block.column else text)
        return found


def place(file: str, sheet: str | None, row: int | None = None, column: str | None = None) -> str:
    """How a message begins: «Файл «…», лист «…», строка …, столбец «…»», as far as it is told."""
    parts = (f"лист «{sheet}»" * bool(sheet), f"строка {row}" * bool(row), f"столбец «{column}»" * bool(column))
    return in_line(", ".join([f"Файл «{file}»", *filter(None, parts)]))


def spared(issue_type: str, **details: Any) -> str:
    """What is wrong with a cell, that its row counts without it, and what to do. range: what may stand there."""
    wrong = said(issue_type, **details)
    return f"{said(SPARED, detail=wrong, range=details.get('range', ''))}. {advice(issue_type)}"


def _shown(block: _Block) -> list[str | None]:
    """What stood in the cells, as it may be told."""
    if block.values is None or not len(block.values):
        return [None] * len(block.positions)
    known = catalogue.issue_types()[block.issue_type]
    texts = [None if value is None else _as_seen(str(value))[:SHOWN] for value in block.values]
    return [None if text is None else in_line(told(known, text)) for text in texts]


_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2}) 00:00:00")


def _as_seen(text: str) -> str:
    """A date of Excel as its sender sees it: `2026-02-01 00:00:00` → `01.02.2026`."""
    day = _DAY.fullmatch(text)
    return f"{day[3]}.{day[2]}.{day[1]}" if day else text


def told(known: Mapping[str, Any], text: str) -> str:
    """A value as an issue of this type may repeat it: names of schools and the like without people, of any other cell
    a number, a date, a code, a word that the issue lists, or ordinary words.
    """
    if known.get("words"):
        return unnamed(text)
    return repeated(text, known.get("listed", ()), digits=known.get("digits", DIGITS))


def about_file(
    sha256: str, file: str, issue_type: str, details: dict[str, Any], row: int | None = None
) -> pd.DataFrame:
    """One issue about a file as a whole; row: of its sheet, where to look first."""
    known = catalogue.issue_types()[issue_type]
    details = unnamed_details(details)
    sheet = details.pop("sheet", None)
    value = details.get("value")
    line = (sha256, sheet, row, None, None if value is None else in_line(str(value))[:SHOWN], issue_type)
    message = f"{place(file, sheet, row)}: {sentence(issue_type, **details)}"
    return pd.DataFrame([(*line, known["severity"], known["responsibility"], message)], columns=COLUMNS)
