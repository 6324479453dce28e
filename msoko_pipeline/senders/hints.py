"""What a column of a form takes, in one line beside the cell: the form's own hint, then what the kind's model demands.

The model is asked only where the sheet names a column as the model does and its cells are read by their type: a range
of codes says nothing to people, and what a parser of its own takes the form's hint tells.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from msoko_pipeline.facts.enforce import columns_of as declared_columns
from msoko_pipeline.reading.header import Recognised, recognise
from msoko_pipeline.reading.workbook import Grid
from msoko_pipeline.text import linear as re
from schemas.fields import ColumnSpec, columns_of
from schemas.form import Form, FormColumn
from schemas.kinds import KINDS

LIMIT = 255  # signs that Excel takes in a hint


def hints(form: Form) -> list[str]:
    """A hint per column of the form: unit, range, what it may not exceed, whether it must be filled, within `LIMIT`.

    What the form's own words say already is not said again.
    """
    recognised = recognise(_header(form))
    if recognised is None or recognised.kind not in KINDS:
        return [column.hint[:LIMIT] for column in form.columns]
    specs = {spec.name: spec for spec in columns_of(KINDS[recognised.kind].model)}
    named = {number: specs[name] for name, number in recognised.columns.items() if name in specs}
    return [_hint(column, named.get(number), recognised) for number, column in enumerate(form.columns)]


def _header(form: Form) -> Grid:
    names = [pa.array([name]).dictionary_encode() for name in form.header]
    return Grid(form.sheet, pa.table(names, names=[str(number) for number in range(len(names))]))


def _hint(column: FormColumn, spec: ColumnSpec | None, recognised: Recognised) -> str:
    words = column.hint
    for part in _demanded(column, spec, recognised) if spec is not None else ():
        if len(words) + len(part) + 2 <= LIMIT:
            words += f"; {part}"
    return words[:LIMIT]


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


def _range(kind: str, name: str, own: str) -> list[str]:
    """The least and the greatest value, in words; nothing where the form's own words name both."""
    statistics: dict[str, Any] = {}
    for check in declared_columns(KINDS[kind].model)[name].checks:
        statistics |= check.statistics or {}
    bounds = [(word, statistics[key]) for word, key in (("от", "min_value"), ("до", "max_value")) if key in statistics]
    if not bounds or all(re.search(rf"(?<!\d){bound}(?!\d)", own) for _, bound in bounds):
        return []
    return [" ".join(f"{word} {bound}" for word, bound in bounds)]
