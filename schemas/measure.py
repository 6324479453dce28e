"""Measures of a register, declared once: what is counted of its rows, of whom a share is, compared with what target.

A mart of measures is a class of declarations under `@mart`; of it are made the published table with its shares, their
bounds and `small_base`, and the entries of its indicators. `msoko_pipeline.indicators.registers.measures` computes it.
A condition (`where`) names columns of the register and the values they must have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from schemas import fields
from schemas.published import LEVELS, PCT, Mart, bound
from schemas.register import REGISTERS, Register

ALL = "ALL"
"""All values of a dimension together."""
NO_GRADE = 0
"""All classes together."""
Where = Mapping[str, Any]


@dataclass(frozen=True)
class Count:
    """How many: of rows; where `of` names columns, of their distinct values. where: column → value or values."""

    title: str
    unit: str
    of: tuple[str, ...] = ()
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Total:
    """The sum of a column; NULL where no row tells it.

    once_in: columns; of the rows that agree in them only the greatest value counts, as one pupil may stand in several.
    """

    title: str
    unit: str
    of: str
    where: Where = field(default_factory=dict)
    once_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contingent:
    """Pupils of the classes from first to last, by the contingent form, of the schools that sent it."""

    first: int
    last: int


@dataclass(frozen=True)
class Share:
    """A part of a whole, %, with Wilson's interval.

    item: of the roadmap; better: up, down or None; target, %: None where none is set; source, verified: of the formula.
    """

    title: str
    part: Count | Total
    whole: Count | Total | Contingent
    item: str
    better: str | None
    source: str
    verified: bool
    target: float | None = None


Measure = Count | Total | Share


def count(title: str, *of: str, unit: str, where: Where | None = None) -> Any:
    """Rows, or distinct values of columns."""
    return Count(title, unit, of, where or {})


def total(
    of: str, title: str = "", *, unit: str = "чел.", where: Where | None = None, once_in: Iterable[str] = ()
) -> Any:
    """The sum of a column; see `Total`."""
    return Total(title, unit, of, where or {}, tuple(once_in))


def contingent(first: int = 1, last: int = 11) -> Contingent:
    """See `Contingent`."""
    return Contingent(first, last)


def share(
    title: str,
    *,
    part: Count | Total,
    whole: Count | Total | Contingent,
    item: str,
    better: str | None,
    source: str,
    verified: bool = False,
    target: float | None = None,
) -> Any:
    """A share; see `Share`."""
    return Share(title, part, whole, item, better, source, verified, target)


@dataclass(frozen=True)
class DeclaredMart:
    """A mart of measures. slices: sets of columns of the register by which the rows are told; in a set the dimensions
    that it leaves out are ALL together. base: the measure whose smallness makes shares say little.
    """

    name: str
    register: str
    model: type[Mart]
    measures: Mapping[str, Measure]
    slices: tuple[tuple[str, ...], ...]
    base: str

    @property
    def shares(self) -> dict[str, Share]:
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Share)}

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.slices for name in names))


DECLARED_MARTS: dict[str, DeclaredMart] = {}
"""Name of a mart of measures → its declaration."""

Class = TypeVar("Class", bound=type)


def mart(
    name: str, *, of: type[Register], title: str, slices: Sequence[Sequence[str]], base: str
) -> Callable[[Class], Class]:
    """Declare the mart of a register's measures, which are the attributes of the class; see `DeclaredMart`."""

    def declare(declared: Class) -> Class:
        measures = {key: value for key, value in vars(declared).items() if isinstance(value, Count | Total | Share)}
        register = next(each for each in REGISTERS.values() if each.model is of)
        if name in DECLARED_MARTS:
            raise ValueError(f"mart {name} is declared twice")
        if base not in measures:
            raise ValueError(f"mart {name}: no measure {base} to judge a small base by")
        made = DeclaredMart(name, register.name, Mart, measures, tuple(map(tuple, slices)), base)
        columns = dict(_columns(made, register.model))
        body = {key: value for key, (_, value) in columns.items()}
        types = {key: dtype for key, (dtype, _) in columns.items()}
        about = f"{title}.\n\n{declared.__doc__}"
        model = type(
            declared.__name__, (Mart,),
            {"__doc__": about, "__module__": declared.__module__, "__annotations__": types, **body},
        )  # fmt: skip
        DECLARED_MARTS[name] = replace(made, model=model)
        return declared

    return declare


def _columns(made: DeclaredMart, model: type[pa.DataFrameModel]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Columns of the published table: name → its type and declaration."""
    specs = {spec.name: spec for spec in fields.columns_of(model)}
    yield "level", (str, fields.field("Уровень", key=True, isin=LEVELS))
    yield "unit_id", (str, fields.field("Код организации, муниципалитета, региона", key=True))
    for name in made.dimensions:
        spec = specs[name]
        if name == "grade":
            yield name, (pd.Int64Dtype, fields.field("Класс (0 — все)", key=True, ge=NO_GRADE, le=11))
        else:
            known = list(dict.fromkeys((spec.codes or {}).values()))
            checks: dict[str, Any] = {"isin": list(dict.fromkeys((ALL, *known)))} if known else {}
            yield name, (str, fields.field(f"{spec.title} ({ALL} — все)", key=True, **checks))
    for name, measure in made.measures.items():
        if isinstance(measure, Share):
            yield from _of_share(name, measure)
        else:
            whole = pd.Int64Dtype if isinstance(measure, Count) or specs[measure.of].dtype.startswith("Int") else None
            yield name, (whole or pd.Float64Dtype, fields.field(measure.title, unit=measure.unit, ge=0))
    yield "small_base", (pd.BooleanDtype, fields.field("Малая база (N < 10)", nullable=False))


def _of_share(name: str, measure: Share) -> Iterator[tuple[str, tuple[Any, Any]]]:
    unit = measure.part.unit
    yield f"{name}_part", (pd.Int64Dtype, fields.field(f"{measure.title}: числитель", unit=unit, ge=0))
    yield f"{name}_whole", (pd.Int64Dtype, fields.field(f"{measure.title}: знаменатель", unit=unit, ge=0))
    yield f"{name}_pct", (pd.Float64Dtype, fields.field(measure.title, source=measure.source, **PCT))
    yield f"{name}_ci_low", (pd.Float64Dtype, bound(f"{measure.title}, нижняя граница 95 %"))
    yield f"{name}_ci_high", (pd.Float64Dtype, bound(f"{measure.title}, верхняя граница 95 %"))
