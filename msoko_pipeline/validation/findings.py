"""Collects what is wrong with a sheet's rows and cells, and says it in the words of the issue catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.reading.cells import Unread
from msoko_pipeline.reading.problems import sentence
from schemas import catalogue

SHOWN = 80  # characters of a value
COLUMNS = ["sha256", "sheet", "row", "column", "value", "issue_type", "severity", "responsibility", "message_ru"]


@dataclass
class _Block:
    issue_type: str
    positions: np.ndarray
    column: str | None
    values: Sequence[Any] | None
    details: dict[str, Any]
    each: Sequence[str] | None


@dataclass
class Findings:
    """Issues of one sheet. rows: sheet row number (from 1) of each data row; positions index into it."""

    sha256: str
    file: str
    sheet: str
    rows: np.ndarray
    blocks: list[_Block] = field(default_factory=list)

    def cells(
        self,
        issue_type: str,
        positions: np.ndarray,
        column: str | None = None,
        values: Sequence[Any] | None = None,
        each: Sequence[str] | None = None,
        **details: Any,
    ) -> None:
        """Note an issue at data rows. values: what stood there, one per position; each: `detail` of each position."""
        if len(positions):
            self.blocks.append(_Block(issue_type, positions, column, values, details, each))

    def unread(self, found: Iterable[Unread], column: str) -> None:
        """Note the cells that could not be read."""
        for cell in found:
            values = [cell.value] * len(cell.positions)
            self.cells(cell.wrong.issue_type, cell.positions, column, values, **cell.wrong.details)

    def refused(self) -> np.ndarray:
        """Mask of the data rows with at least one error."""
        mask = np.zeros(len(self.rows), bool)
        for block in self.blocks:
            if catalogue.issue_types()[block.issue_type]["severity"] == "error":
                mask[block.positions] = True
        return mask

    def frame(self) -> pd.DataFrame:
        """All issues as rows of `ops.issue`."""
        parts = [self._frame(block) for block in self.blocks]
        return pd.concat(parts, ignore_index=True) if parts else empty()

    def _frame(self, block: _Block) -> pd.DataFrame:
        known = catalogue.issue_types()[block.issue_type]
        count = len(block.positions)
        rows = self.rows[block.positions]
        values = [None if v is None else str(v)[:SHOWN] for v in block.values] if block.values else [None] * count
        place = f"Файл «{self.file}»" + (f", лист «{self.sheet}»" if self.sheet else "")
        where = f", столбец «{block.column}»" if block.column else ""
        if block.each is None and len(set(values)) <= 1:
            said = [sentence(block.issue_type, value=values[0], **block.details)] * count
        else:
            said = [
                sentence(block.issue_type, **{"value": value, **block.details, **({"detail": each} if each else {})})
                for value, each in zip(values, block.each or [""] * count, strict=True)
            ]
        return pd.DataFrame(
            {
                "sha256": self.sha256,
                "sheet": self.sheet or None,
                "row": rows,
                "column": block.column,
                "value": values,
                "issue_type": block.issue_type,
                "severity": known["severity"],
                "responsibility": known["responsibility"],
                "message_ru": [f"{place}, строка {r}{where}: {text}" for r, text in zip(rows, said, strict=True)],
            },
            columns=COLUMNS,
        )

    def reasons(self) -> dict[int, list[str]]:
        """Position of each refused row → all its errors in words."""
        found: dict[int, list[str]] = {}
        for block in self.blocks:
            known = catalogue.issue_types()[block.issue_type]
            if known["severity"] != "error":
                continue
            for number, position in enumerate(block.positions.tolist()):
                value = block.values[number] if block.values else None
                detail = {"detail": block.each[number]} if block.each else {}
                said = known["says"].format_map(_Known({"value": value, **block.details, **detail}))
                found.setdefault(position, []).append(f"{block.column}: {said}" if block.column else said)
        return found


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})


def about_file(sha256: str, file: str, issue_type: str, details: dict[str, Any]) -> pd.DataFrame:
    """One issue about a file as a whole."""
    known = catalogue.issue_types()[issue_type]
    details = dict(details)
    sheet = details.pop("sheet", None)
    place = f"Файл «{file}»" + (f", лист «{sheet}»" if sheet else "")
    value = details.get("value")
    line = (sha256, sheet, None, None, None if value is None else str(value)[:SHOWN], issue_type)
    said = f"{place}: {sentence(issue_type, **details)}"
    return pd.DataFrame([(*line, known["severity"], known["responsibility"], said)], columns=COLUMNS)
