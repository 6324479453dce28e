"""How a column is declared: one `field(...)` per field, with what people and databases need to know of it.

A column carries a Russian title, a unit, a range, whether it is personal data, and its source. What belongs here:
the declaration helper and the readers of declarations. Not here: any particular table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pandera.pandas as pa

Content = Literal["words", "place", "answers"]
"""What cells hold where no parser and no type tells: words of any kind; a municipality; answers of an exam."""
YES_NO = (
    {"да": True, "нет": False}
    | dict.fromkeys(("1", "+", "v", "✓", "✔", "есть", "имеется", "yes", "y", "true", "истина"), True)
    | dict.fromkeys(("0", "отсутствует", "не имеется", "no", "n", "false", "ложь"), False)
)
"""How people write yes and no in a cell. A dash and a cross are neither: they are put for both."""


@dataclass(frozen=True)
class Written:
    """How a form asks for a column of a register (`schemas.types`).

    hint: what to write; example: a cell filled in; also: other headers that it goes by; choices: what the form offers;
    is_optional: a sheet may do without the column; is_person: a name stands there, and only its key is kept; of_all: it
    is asked only in the row of all codes together.
    """

    hint: str
    example: str = ""
    also: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_optional: bool = False
    is_person: bool = False
    of_all: bool = False


def field(
    title: str,
    *,
    unit: str | None = None,
    personal: bool = False,
    key: bool = False,
    source: str | None = None,
    nullable: bool = True,
    codes: Mapping[str, Any] | None = None,
    reads: str | None = None,
    at_most: str | Collection[str] = (),
    instead: Collection[str] = (),
    digits: int | None = None,
    content: Content | None = None,
    written: Written | None = None,
    **checks: Any,
) -> Any:
    """Declare a column of a model.

    title: Russian name for people; unit: unit of measure (``балл``, ``%``, ``чел.``); personal: True for data about
    a person, never shown in previews; key: part of the row's identity; source: act or report the value follows;
    nullable: NULL means «нет данных»; checks: pandera's own (``ge``, ``le``, ``isin``, ``str_matches``, …).

    How a simple table writes it (`facts.flat`): codes: spelling in a cell → value, nothing else is taken; reads: name
    of the cell parser (``login``, ``subject``, ``date``, ``flag``, …), by default the dtype tells; at_most: the
    columns whose values this one may not exceed; instead: words that may stand in the place of a value («SUPP»);
    digits: how many digits a code of the column may have. Both may be repeated in messages, as nobody is named by them.
    content: what its cells hold, where neither the parser nor the type tells (`privacy.allowed`).
    written: how the form of a register asks for it.
    """
    metadata: dict[str, Any] = {"unit": unit, "personal": personal, "key": key, "source": source}
    wholes = (at_most,) if isinstance(at_most, str) else tuple(at_most)
    metadata |= {"codes": codes, "reads": reads, "at_most": wholes, "instead": tuple(instead), "digits": digits}
    metadata |= {"content": content, "written": written}
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
    codes: Mapping[str, Any] | None = None
    reads: str | None = None
    at_most: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    digits: int | None = None
    content: Content | None = None
    written: Written | None = None


@cache
def columns_of(model: type[pa.DataFrameModel]) -> tuple[ColumnSpec, ...]:
    """The columns of a model in their declared order."""
    return tuple(_column(name, declared) for name, declared in model.to_schema().columns.items())


def _column(name: str, declared: Any) -> ColumnSpec:
    meta = declared.metadata or {}
    return ColumnSpec(
        name=name,
        dtype=str(declared.dtype),
        title=declared.title or name,
        unit=meta.get("unit"),
        personal=bool(meta.get("personal")),
        key=bool(meta.get("key")),
        nullable=bool(declared.nullable),
        source=meta.get("source"),
        checks=tuple(str(check.error or check.name) for check in declared.checks),
        codes=meta.get("codes"),
        reads=meta.get("reads"),
        at_most=meta.get("at_most", ()),
        instead=meta.get("instead", ()),
        digits=meta.get("digits"),
        content=meta.get("content"),
        written=meta.get("written"),
    )


def title_of(model: type[pa.DataFrameModel]) -> str:
    """The Russian title of a table: the first line of the model's docstring."""
    return (model.__doc__ or model.__name__).strip().splitlines()[0].rstrip(".")
