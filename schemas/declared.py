"""Marts of measures: a class of declarations under `@mart`, of which the published table and its indicators are made.

The table has its shares with their bounds and `small_base`. `msoko_pipeline.indicators.registers.measures` computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, fields
from schemas.measure import (
    ALL,
    NO_GRADE,
    Count,
    Day,
    Dimension,
    Figure,
    Label,
    Made,
    Mean,
    Measure,
    Ratio,
    Share,
    Total,
)
from schemas.published import LEVELS, PCT, Mart, bound, hidden_columns, suppressed
from schemas.register import REGISTERS, Register
from schemas.types import ISO_DATE


class MadeRows(pa.DataFrameModel):
    """Rows that a step makes of several registers or years, for a mart that counts them as it counts a register's.

    They have year and org_id beside the columns that the model declares.
    """

    class Config:
        strict = False
        coerce = False


@dataclass(frozen=True)
class DeclaredMart:
    """A mart of measures. rows: the register, or the made rows, that it counts; register: its name, none of made rows.
    made_of: kinds of facts; without any of them there are no made rows. Without made_of it depends on other tables too.
    slices: sets of dimensions by which the rows are told; in a set the dimensions that it leaves out are ALL together.
    base: the measure whose smallness makes shares say little, none: the table does not say it. renamed: dimensions
    called otherwise than in the register. once: columns; of the rows that agree in them the later counts. alike:
    column → what all rows of one value of it must tell alike, and the first of them says. joined: columns that the
    step adds. procedure: a code and the dimension of its stages, by which the values of an indicator are apart
    (VSOSH-SHE); with an empty code the dimension is the procedure itself. least: of a group of fewer people nothing is
    told; least_cell: nor is a count of fewer of them (`msoko_pipeline.indicators.registers.small_groups`).
    """

    name: str
    rows: type[pa.DataFrameModel]
    register: str | None
    model: type[Mart]
    measures: Mapping[str, Measure]
    slices: tuple[tuple[str, ...], ...]
    base: str | None = None
    renamed: Mapping[str, Dimension] = field(default_factory=dict)
    once: tuple[str, ...] = ()
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    joined: tuple[str, ...] = ()
    procedure: tuple[str, str] | None = None
    least: int = 0
    least_cell: int = 0
    made_of: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The module that declares the rows, a key of SOURCES."""
        return self.rows.__module__.rsplit(".", 1)[1]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of facts; a home to which none of them ever came has no rows of the mart. None: it may have them."""
        return self.made_of if self.register is None else (self.register,)

    @cached_property
    def specs(self) -> dict[str, fields.ColumnSpec]:
        """Columns of the rows by their names."""
        return {spec.name: spec for spec in fields.columns_of(self.rows)}

    @cached_property
    def shares(self) -> dict[str, Share]:
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Share)}

    @cached_property
    def means(self) -> dict[str, Mean]:
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Mean)}

    @cached_property
    def sided(self) -> dict[str, Share | Ratio]:
        """Figures that have a part and a whole."""
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Share | Ratio)}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """What may be an indicator."""
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Figure)}

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.slices for name in names))

    @cached_property
    def columns(self) -> set[str]:
        """Columns of the rows that anything here names."""
        names = {*self.dimensions, *self.once, *self.alike, *(name for alike in self.alike.values() for name in alike)}
        sides = [side for share in self.sided.values() for side in (share.part, share.whole)]
        for measure in (*self.measures.values(), *sides):
            of = getattr(measure, "of", None) or ()
            names |= {*((of,) if isinstance(of, str) else of), *getattr(measure, "where", ())}
            names |= {*getattr(measure, "once_in", ())}
        return names

    def value_of(self, name: str) -> str:
        """The published column of a figure's value: what is in per cent ends in `_pct`."""
        return f"{name}_pct" if self.figures[name].unit == "%" else name

    def named(self, side: Any) -> str | None:
        """The measure that a side of a share, or what a count is among, is; None for none of its own."""
        return next((name for name, measure in self.measures.items() if measure == side), None)

    def sides(self, name: str) -> tuple[str | None, str | None]:
        """Published columns of the part and the whole of a figure; None where the table does not show it."""
        share = self.sided[name]
        part, whole = (
            self.named(side) or (f"{name}_{end}" if column == "" else column)
            for side, column, end in ((share.part, share.part_as, "part"), (share.whole, share.whole_as, "whole"))
        )
        return part, whole


DECLARED_MARTS: dict[str, DeclaredMart] = {}
"""Name of a mart of measures → its declaration."""

Class = TypeVar("Class", bound=type)


def mart(
    name: str,
    *,
    of: type[Register] | type[MadeRows],
    title: str,
    slices: Sequence[Sequence[str]],
    base: str | None = None,
    **options: Any,
) -> Callable[[Class], Class]:
    """Declare the mart of measures of a register, or of made rows, which are the attributes of the class; see
    `DeclaredMart`.
    """

    def declare(declared: Class) -> Class:
        measures = {key: value for key, value in vars(declared).items() if isinstance(value, Measure)}
        register = next((each.name for each in REGISTERS.values() if each.model is of), None)
        if name in DECLARED_MARTS:
            raise ValueError(f"mart {name} is declared twice")
        if base is not None and base not in measures:
            raise ValueError(f"mart {name}: no measure {base} to judge a small base by")
        mart_of = DeclaredMart(name, of, register, Mart, measures, tuple(map(tuple, slices)), base, **options)
        columns = dict(_columns(mart_of))
        body = {key: value for key, (_, value) in columns.items()}
        types = {key: dtype for key, (dtype, _) in columns.items()}
        about = f"{title}.\n\n{declared.__doc__}"
        model = type(
            declared.__name__, (Mart,),
            {"__doc__": about, "__module__": declared.__module__, "__annotations__": types, **body},
        )  # fmt: skip
        DECLARED_MARTS[name] = replace(mart_of, model=model)
        return declared

    return declare


Columns = Iterator[tuple[str, tuple[Any, Any]]]
"""Columns of a published table: name → its type and declaration."""


def _columns(mart_of: DeclaredMart) -> Columns:
    specs = mart_of.specs
    yield "level", (str, fields.field("Уровень", key=True, isin=LEVELS))
    yield "unit_id", (str, fields.field("Код организации, муниципалитета, региона", key=True))
    for name in mart_of.dimensions:
        renamed = mart_of.renamed.get(name)
        spec = specs[renamed.of if renamed else name]
        if name == "grade" and all(name in names for names in mart_of.slices):
            grades = [int(grade) for grade in spec.written.choices] if spec.written else None
            yield name, (pd.Int64Dtype, fields.field(spec.title, key=True, isin=grades))
        elif name == "grade":
            yield name, (pd.Int64Dtype, fields.field("Класс (0 — все)", key=True, ge=NO_GRADE, le=11))
        else:
            yield name, (str, _of_dimension(mart_of, name, renamed.title if renamed else spec.title))
    for name, measure in mart_of.measures.items():
        if isinstance(measure, Share | Ratio):
            yield from _of_sides(mart_of, name, measure)
        elif isinstance(measure, Mean):
            yield from _of_mean(mart_of, name, measure)
        else:
            yield name, _of_number(measure, specs, is_withheld=mart_of.least > 0 and name != mart_of.base)
    if mart_of.base is not None:
        yield "small_base", (pd.BooleanDtype, fields.field("Малая база (N < 10)", nullable=False))
    if mart_of.name in catalogue.public()["marts"]:
        yield "suppressed", (pd.BooleanDtype, suppressed())
        yield "hidden_columns", (str, hidden_columns())


def _number(side: Any, specs: Mapping[str, fields.ColumnSpec]) -> Any:
    """The type of a number of people or things: a fraction where the column that it sums may be one."""
    summed = side.columns if isinstance(side, Total) else ()
    return pd.Float64Dtype if any(specs[name].dtype.startswith("Float") for name in summed) else pd.Int64Dtype


def _of_number(measure: Measure, specs: Mapping[str, fields.ColumnSpec], *, is_withheld: bool) -> tuple[Any, Any]:
    """A row of the table stands for rows of the register, so that what counts all of them counts one at least."""
    if isinstance(measure, Count):
        nullable, least = is_withheld or measure.among is not None, 0 if measure.where else 1
        return pd.Int64Dtype, fields.field(measure.title, unit=measure.unit, nullable=nullable, ge=least)
    if isinstance(measure, Total):
        return _number(measure, specs), fields.field(measure.title, unit=measure.unit, ge=0)
    if isinstance(measure, Made):
        return measure.dtype, fields.field(measure.title, unit=measure.unit, **measure.checks)
    if isinstance(measure, Day):
        return str, fields.field(measure.title, str_matches=ISO_DATE)
    return str, fields.field(measure.title, **(measure.checks if isinstance(measure, Label) else {}))


def _of_dimension(mart_of: DeclaredMart, name: str, title: str) -> Any:
    """The column of a dimension: its codes, and ALL where a slice leaves it out or it is a code itself."""
    renamed = mart_of.renamed.get(name)
    of = renamed.of if renamed else name
    codes = list(dict.fromkeys((mart_of.specs[of].codes or {}).values()))
    checks: dict[str, Any] = {"isin": codes} if codes else _pattern(mart_of.rows, of)
    if all(name in names for names in mart_of.slices) and ALL not in codes:
        return fields.field(title, key=True, **checks)
    checks = {"isin": list(dict.fromkeys((ALL, *codes)))} if codes else {}
    return fields.field(f"{title} ({ALL} — все)", key=True, **checks)


def _pattern(rows: type[pa.DataFrameModel], name: str) -> dict[str, Any]:
    """What the column of the rows must match, if anything."""
    of_column = {check.name: check.statistics for check in rows.to_schema().columns[name].checks}
    return {"str_matches": of_column["str_matches"]["pattern"]} if "str_matches" in of_column else {}


def _of_mean(mart_of: DeclaredMart, name: str, measure: Mean) -> Columns:
    least, greatest = measure.bounds
    bounds: dict[str, Any] = {key: value for key, value in (("ge", least), ("le", greatest)) if value is not None}
    title, value = measure.title, mart_of.value_of(name)
    yield f"{name}_rows", (pd.Int64Dtype, fields.field(f"{title}: по скольким строкам", unit="строк", ge=0))
    yield value, (pd.Float64Dtype, fields.field(title, unit=measure.unit, source=measure.source, **bounds))
    yield f"{name}_ci_low", (pd.Float64Dtype, fields.field(f"{title}, нижняя граница 95 %", **bounds))
    yield f"{name}_ci_high", (pd.Float64Dtype, fields.field(f"{title}, верхняя граница 95 %", **bounds))


def _of_sides(mart_of: DeclaredMart, name: str, measure: Share | Ratio) -> Columns:
    sides = ((measure.part, "part", "числитель"), (measure.whole, "whole", "знаменатель"))
    for column, (side, end, words) in zip(mart_of.sides(name), sides, strict=True):
        if column is not None and mart_of.named(side) is None:
            title = f"{measure.title}: {words}" if column == f"{name}_{end}" else getattr(side, "title", "")
            unit = getattr(side, "unit", measure.part.unit)
            yield column, (_number(side, mart_of.specs), fields.field(title, unit=unit, ge=0))
    if isinstance(measure, Ratio):
        value = mart_of.value_of(name)
        yield value, (pd.Float64Dtype, fields.field(measure.title, unit=measure.unit, source=measure.source, ge=0))
        return
    yield f"{name}_pct", (pd.Float64Dtype, fields.field(measure.title, source=measure.source, **PCT))
    if not measure.has_bounds:
        return
    yield f"{name}_ci_low", (pd.Float64Dtype, bound(f"{measure.title}, нижняя граница 95 %"))
    yield f"{name}_ci_high", (pd.Float64Dtype, bound(f"{measure.title}, верхняя граница 95 %"))
