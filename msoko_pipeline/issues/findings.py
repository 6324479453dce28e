"""Collects what is wrong with a sheet's rows and cells, and says it in the words of the issue catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from msoko_pipeline.issues.refusals import advice, said, sentence
from msoko_pipeline.privacy.repeating import DIGITS, repeated, unnamed, unnamed_details
from msoko_pipeline.text import linear as re
from msoko_pipeline.text.cells import Unread
from msoko_pipeline.text.signs import in_line
from schemas import catalogue

SHOWN = 80  # characters of a value
SPARED = "cell_spared"
"""The type whose words and severity an issue takes that costs one cell and not its row."""
MORE = "findings_more"
"""The type whose words an issue takes that stands for all further ones like it."""
COLUMNS = ["sha256", "sheet", "row", "column", "value", "issue_type", "severity", "responsibility", "message_ru"]
"""Columns of every finding; `whose.COLUMNS` are added where it is kept."""


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

    @property
    def alike(self) -> tuple[str, bool, str | None]:
        """What issues of a sheet have in common that are said to be alike."""
        return self.issue_type, self.is_spared, self.column

    def first(self, count: int) -> _Block:
        """The same of the first so many of the positions."""
        values, each = (items[:count] if items else items for items in (self.values, self.each))
        return replace(self, positions=self.positions[:count], values=values, each=each)

    def said(self, tell: Callable[..., str]) -> tuple[list[tuple[str | None, str]], list[int]]:
        """The different texts of the block, each with the value it repeats, and which of them each position has."""
        numbers: dict[tuple[str | None, str | None], int] = {}
        each = [None] * len(self.positions) if self.each is None else self.each
        which = [numbers.setdefault(pair, len(numbers)) for pair in zip(_shown(self), each, strict=True)]
        texts = []
        for value, one in numbers:
            details = {"value": value, **self.details} | ({} if one is None else {"detail": one})
            texts.append((value, tell(self.issue_type, **details)))
        return texts, which

    def part(self, mask: np.ndarray, *, is_spared: bool) -> _Block:
        """The same of some of the positions."""
        at = np.flatnonzero(mask).tolist()
        values, each = ([items[row] for row in at] if items else items for items in (self.values, self.each))
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
            if not block.is_spared or block.column != column:
                continue
            both = np.isin(block.positions, positions)
            if not both.any():
                continue
            self.blocks[number] = block.part(both, is_spared=False)
            if not both.all():
                self.blocks.append(block.part(~both, is_spared=True))
            positions = positions[~np.isin(positions, block.positions)]
        return positions

    def unread(self, unread: Iterable[Unread], column: str) -> None:
        """Note the cells that could not be read."""
        for cell in unread:
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

    def refused_at(self, column: str) -> np.ndarray:
        """Mask of the data rows with an error in this column, called as its header is."""
        mask = np.zeros(len(self.rows), bool)
        for block in self.blocks:
            if block.severity == "error" and block.column == column:
                mask[block.positions] = True
        return mask

    def spared(self, column: str) -> np.ndarray:
        """Mask of the data rows whose cell of a column is unknown and has been reported."""
        mask = np.zeros(len(self.rows), bool)
        for block in self.blocks:
            if block.is_spared and block.column == column:
                mask[block.positions] = True
        return mask

    def count(self) -> int:
        """How many issues ask for something to be mended, listed or not."""
        return sum(len(block.positions) for block in self.blocks if block.severity != "info")

    def frame(self, most: int | None = None) -> pd.DataFrame:
        """Issues as rows of `ops.issue`, at most so many; too many of one type are summed up in one."""
        limits = catalogue.limits()
        left = limits["findings_of_file"] if most is None else most
        listed = Counter[tuple[str, bool, str | None]]()
        more: dict[tuple[str, bool, str | None], list[_Block]] = {}
        lines: list[tuple[Any, ...]] = []
        for block in self.blocks:
            kept = max(0, min(len(block.positions), limits["findings_alike"] - listed[block.alike], left - len(lines)))
            listed[block.alike] += kept
            if kept:
                lines += self._lines(block if kept == len(block.positions) else block.first(kept))
            if kept < len(block.positions):
                more.setdefault(block.alike, []).append(replace(block, positions=block.positions[kept:]))
        return pd.DataFrame([*lines, *map(self._more, more.values())], columns=COLUMNS)

    def _lines(self, block: _Block) -> Iterator[tuple[Any, ...]]:
        declared = catalogue.issue_types()[block.issue_type]
        column = block.column and in_line(block.column)
        sort = (block.issue_type, block.severity, declared["responsibility"])
        texts, which = block.said(spared if block.is_spared else sentence)
        for row, number in zip(self.rows[block.positions].tolist(), which, strict=True):
            value, text = texts[number]
            message = f"{place(self.file, self.sheet, row, block.column)}: {text}"
            yield self.sha256, self.sheet or None, row, column, value, *sort, message

    def _more(self, blocks: Sequence[_Block]) -> tuple[Any, ...]:
        """One row for issues that are alike and not listed one by one."""
        block, rows = blocks[0], self.rows[np.concatenate([block.positions for block in blocks])]
        text = said(MORE, rows=len(rows), detail=f"{rows.min()}–{rows.max()}")
        message = f"{place(self.file, self.sheet, None, block.column)}: {text}. {advice(block.issue_type)}"
        sort = (block.issue_type, block.severity, catalogue.issue_types()[block.issue_type]["responsibility"])
        return self.sha256, self.sheet or None, None, block.column and in_line(block.column), None, *sort, message

    def reasons(self, at_once: int) -> Iterator[pa.StringArray]:
        """All errors of each refused row in words, row after row, so many of them at once."""
        refused = np.flatnonzero(self.refused())
        texts: list[str] = []
        numbers, places = [np.array([], np.int64)], [np.array([], np.int64)]
        for block in self.blocks:
            if block.severity != "error":
                continue
            pairs, which = block.said(said)
            numbers.append(np.array(which) + len(texts))
            places.append(np.searchsorted(refused, block.positions))
            texts += [f"{block.column}: {text}" if block.column else text for _, text in pairs]
        rows, words = np.concatenate(places), pa.array(texts, pa.string())
        order = np.argsort(rows, kind="stable")
        ends, ordered = np.searchsorted(rows[order], np.arange(len(refused) + 1)), np.concatenate(numbers)[order]
        for start in range(0, len(refused), at_once):
            bounds = ends[start : start + at_once + 1]
            each = words.take(pa.array(ordered[bounds[0] : bounds[-1]]))
            yield pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds - bounds[0], pa.int32()), each), "; ")


def place(file: str, sheet: str | None, row: int | None = None, column: str | None = None) -> str:
    """How a message begins: «Файл «…», лист «…», строка …, столбец «…»», as far as they are known."""
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
    declared = catalogue.issue_types()[block.issue_type]
    texts = [None if value is None else str(value) for value in block.values]
    shown = {text: None if text is None else in_line(told(declared, _as_seen(text)[:SHOWN])) for text in set(texts)}
    return [shown[text] for text in texts]


_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2}) 00:00:00")


def _as_seen(text: str) -> str:
    """A date of Excel as its sender sees it: `2026-02-01 00:00:00` → `01.02.2026`."""
    day = _DAY.fullmatch(text)
    return f"{day[3]}.{day[2]}.{day[1]}" if day else text


def told(declared: Mapping[str, Any], text: str) -> str:
    """A value as an issue of this type may repeat it: names of schools and the like without people, of any other cell
    a number, a date, a code, a word that the issue lists, or ordinary words.
    """
    if declared.get("words"):
        return unnamed(text)
    return repeated(text, declared.get("listed", ()), digits=declared.get("digits", DIGITS))


def about_file(
    sha256: str, file: str, issue_type: str, details: dict[str, Any], row: int | None = None
) -> pd.DataFrame:
    """One issue about a file as a whole; row, or `first_row` of the details: of its sheet, where to look first."""
    declared = catalogue.issue_types()[issue_type]
    details = unnamed_details(details)
    sheet, row = details.pop("sheet", None), details.pop("first_row", row)
    value = details.get("value")
    line = (sha256, sheet, row, None, None if value is None else in_line(str(value))[:SHOWN], issue_type)
    message = f"{place(file, sheet, row)}: {sentence(issue_type, **details)}"
    return pd.DataFrame([(*line, declared["severity"], declared["responsibility"], message)], columns=COLUMNS)
