"""Specifications drawn as tables in text: `methodology/*.yaml` is what the rules must answer, and what people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

FOLDER = Path(__file__).parent / "methodology"


def load(name: str) -> dict[str, Any]:
    """One specification file."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def table(text: str) -> pd.DataFrame:
    """A drawn table: header and rows, cells between bars; numbers with a decimal comma, empty cells NULL."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    drawn = pd.DataFrame([[_value(cell) for cell in line] for line in lines[1:]], columns=lines[0], dtype=object)
    return drawn.apply(lambda column: column if any(isinstance(cell, str) for cell in column) else column.astype(float))


def records(specification: str, section: str) -> list[dict[str, Any]]:
    """The cases of a section of a specification, a dict a row; what is not known is None."""
    (cases,) = (each["cases"] for each in load(specification)["sections"] if each["name"] == section)
    rows = table(cases)
    return [dict(zip(rows.columns, row, strict=True)) for row in cells(rows)]


def cells(frame: pd.DataFrame) -> list[list[Any]]:
    """A frame's rows as a drawn table has them: what is not known is None."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.itertuples(index=False)]


def _value(cell: str) -> Any:
    try:
        return float(cell.replace(",", ".")) if cell else None
    except ValueError:
        return cell
