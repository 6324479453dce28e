"""How a column is declared: one `field(...)` per field, with what people and databases need to know of it.

A column carries a Russian title, a unit, a range, whether it is personal data, and its source. What belongs here:
the declaration helper and the readers of declarations. Not here: any particular table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa


def field(
    title: str,
    *,
    unit: str | None = None,
    personal: bool = False,
    key: bool = False,
    source: str | None = None,
    nullable: bool = True,
    **checks: Any,
) -> Any:
    """Declare a column of a model.

    title: Russian name for people; unit: unit of measure (``балл``, ``%``, ``чел.``); personal: True for data about
    a person, never shown in previews; key: part of the row's identity; source: act or report the value follows;
    nullable: NULL means «нет данных»; checks: pandera's own (``ge``, ``le``, ``isin``, ``str_matches``, …).
    """
    metadata = {"unit": unit, "personal": personal, "key": key, "source": source}
    return pa.Field(title=title, nullable=nullable and not key, metadata=metadata, **checks)


@dataclass(frozen=True)
class ColumnSpec:
    """What a declared column says, in one flat record. dtype is pandas' name (``Int64``, ``Float64``, ``str``, …)."""

    name: str
    dtype: str
    title: str
    unit: str | None
    personal: bool
    key: bool
    nullable: bool
    source: str | None
    checks: tuple[str, ...]


def columns_of(model: type[pa.DataFrameModel]) -> Iterator[ColumnSpec]:
    """The columns of a model in their declared order."""
    for name, declared in model.to_schema().columns.items():
        meta = declared.metadata or {}
        yield ColumnSpec(
            name=name,
            dtype=str(declared.dtype),
            title=declared.title or name,
            unit=meta.get("unit"),
            personal=bool(meta.get("personal")),
            key=bool(meta.get("key")),
            nullable=bool(declared.nullable),
            source=meta.get("source"),
            checks=tuple(str(check.error or check.name) for check in declared.checks),
        )


def title_of(model: type[pa.DataFrameModel]) -> str:
    """The Russian title of a table: the first line of the model's docstring."""
    return (model.__doc__ or model.__name__).strip().splitlines()[0].rstrip(".")
