"""What all facts have in common: the row of the sheet they come from, and what a later file of their kind replaces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pandera.pandas as pa

from schemas.fields import columns_of, field

NO_ORGANISATION = "—"
"""What stands in `org_ref` of a row about no one organisation: what the authority itself does, or asks of all."""


class Fact(pa.DataFrameModel):
    """Общие столбцы фактов: из какой строки какого листа."""

    row: pd.Int32Dtype = field("Строка листа (с 1)", key=True, ge=1)

    class Config:
        strict = False
        coerce = False


@dataclass(frozen=True)
class Kind:
    """A kind of facts, and what a later file of it replaces (docs/decisions/0013).

    unit_key: columns that say whose facts a file brings; none: the whole year's. Within a unit a later file replaces
    the rows of the same `row_key`, and where it repeats a list, the whole list. part: the column that says which list
    of a unit a row stands in (class, ППЭ, group), NULL or "—" where not given. numbered_by_part: rows are numbered
    anew in each part, so that one number in two parts is two rows. keyed: the column of keys that are made of a name in
    some files and of a code in others (`#…`), which cannot be compared. is_whole: a unit's rows are one document, and
    the later one replaces all of it.
    """

    name: str
    model: type[pa.DataFrameModel]
    unit_key: tuple[str, ...]
    part: str | None = None
    numbered_by_part: bool = False
    keyed: str | None = None
    is_whole: bool = False

    @cached_property
    def row_key(self) -> tuple[str, ...]:
        """Columns that tell the rows of a unit apart within a file."""
        keys = [column.name for column in columns_of(self.model) if column.key]
        return tuple(name for name in keys if name not in ("row", "year", *self.unit_key))

    @property
    def source(self) -> str:
        """Where such facts come from, a key of SOURCES: the module that declares them."""
        return self.model.__module__.rsplit(".", 1)[1]
