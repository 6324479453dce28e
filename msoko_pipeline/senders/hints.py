"""What a column of a form takes: one line beside the cell, and the type and range that the sheet itself enforces.

The model is asked only where the sheet names a column as the model does and its cells are read by their type: a range
of codes says nothing to people, and what a parser of its own takes the form's hint tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from msoko_pipeline.facts.enforce import columns_of as declared_columns
from msoko_pipeline.privacy.allowed import personal
from msoko_pipeline.reading.header import Recognised, recognise
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from schemas.fields import ColumnSpec, columns_of
from schemas.form import Form, FormColumn
from schemas.kinds import KINDS

LIMIT = 255  # signs that Excel takes in a hint
TEXT, WHOLE, DECIMAL, DATE = "text", "whole", "decimal", "date"


@dataclass(frozen=True)
class Cells:
    """What the cells of a column take. kind: TEXT, WHOLE, DECIMAL, DATE; least, greatest: None where there is none."""

    hint: str
    kind: str = TEXT
    least: float | None = None
    greatest: float | None = None
    is_required: bool = False


def cells(form: Form) -> list[Cells]:
    """What each column of the form takes; the hint with unit, range, what it may not exceed, within `LIMIT`.

    What the form's own words say already is not said again.
    """
    recognised = recognise(_header(form))
    if recognised is None or recognised.kind not in KINDS:
        return [Cells(column.hint[:LIMIT]) for column in form.columns]
    specs = {spec.name: spec for spec in columns_of(KINDS[recognised.kind].model)}
    # of a person the sheet has the name, and the model the key
    specs |= {name.removesuffix("_key"): specs[name] for name in personal(KINDS[recognised.kind].model) & specs.keys()}
    named = {number: specs[name] for name, number in recognised.columns.items() if name in specs}
    return [_cells(column, named.get(number), recognised) for number, column in enumerate(form.columns)]


def hints(form: Form) -> list[str]:
    """A hint per column of the form; see `cells`."""
    return [each.hint for each in cells(form)]


def _header(form: Form) -> Grid:
    names = [pa.array([name]).dictionary_encode() for name in form.header]
    return Grid(form.sheet, pa.table(names, names=[str(number) for number in range(len(names))]))


def _cells(column: FormColumn, spec: ColumnSpec | None, recognised: Recognised) -> Cells:
    hint = column.hint
    if spec is None:
        return Cells(hint[:LIMIT])
    for part in _demanded(column, spec, recognised):
        if len(hint) + len(part) + 2 <= LIMIT:
            hint += f"; {part}"
    bounds = _bounds(recognised.kind, spec.name)
    least, greatest = (bounds.get(key) for key in ("min_value", "max_value"))
    return Cells(hint[:LIMIT], _kind(spec), least, greatest, not spec.nullable)


def _kind(spec: ColumnSpec) -> str:
    if spec.reads == "date":
        return DATE
    if spec.codes is not None or spec.instead or spec.reads not in (None, "year"):
        return TEXT  # its reader takes more than numbers
    return WHOLE if spec.dtype.startswith("Int") else DECIMAL if spec.dtype.startswith("Float") else TEXT


def _demanded(column: FormColumn, spec: ColumnSpec, recognised: Recognised) -> list[str]:
    own = column.hint.lower()
    parts = []
    if spec.unit and spec.unit.rstrip(".") not in own:
        parts.append(f"единица: {spec.unit}")
    if spec.codes is None and spec.reads is None and not column.choices:
        parts += _range(recognised.kind, spec.name, own)
    wholes = [
        recognised.header[recognised.columns[name]].strip() for name in spec.at_most if name in recognised.columns
    ]
    if wholes and "не больше" not in own:
        parts.append(f"не больше числа в столбце {' и '.join(f'«{whole}»' for whole in wholes)}")
    if not spec.nullable and "пусто" not in own:
        parts.append("обязательно")
    return parts


def _bounds(kind: str, name: str) -> dict[str, Any]:
    """min_value, max_value of a column, where it has them."""
    statistics: dict[str, Any] = {}
    for check in declared_columns(KINDS[kind].model)[name].checks:
        statistics |= check.statistics or {}
    return statistics


def _range(kind: str, name: str, own: str) -> list[str]:
    """The least and the greatest value, in words; nothing where the form's own words name both."""
    statistics = _bounds(kind, name)
    bounds = [(word, statistics[key]) for word, key in (("от", "min_value"), ("до", "max_value")) if key in statistics]
    if not bounds or all(re.search(rf"(?<!\d){bound}(?!\d)", own) for _, bound in bounds):
        return []
    return [" ".join(f"{word} {bound}" for word, bound in bounds)]
