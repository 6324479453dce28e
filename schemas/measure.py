"""Measures of a register, declared once: what is counted of its rows, of whom a share is, compared with what target.

A mart of measures is a class of declarations under `@mart`; of it are made the published table with its shares, their
bounds and `small_base`, and the entries of its indicators. `msoko_pipeline.indicators.registers.measures` computes it.
A condition (`where`) names columns of the register and the values they must have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from schemas import catalogue, fields
from schemas.published import LEVELS, PCT, Mart, bound, hidden_columns, suppressed
from schemas.register import REGISTERS, Register
from schemas.types import ISO_DATE

ALL = "ALL"
"""All values of a dimension together."""
NO_GRADE = 0
"""All classes together."""
ENROLLED = "enrolled"
"""What the engine adds to the rows of a mart with `Enrolled`: how many pupils the school of the row has, if known."""


@dataclass(frozen=True)
class Known:
    """In a condition: any value, or none."""

    is_known: bool


KNOWN, UNKNOWN = Known(True), Known(False)
Where = Mapping[str, Any]
"""Column → the value it must have, several of which it must have one, KNOWN or UNKNOWN."""


@dataclass(frozen=True)
class Count:
    """How many: of rows; where `of` names columns, of their distinct values.

    among: another count of the mart; NULL where that is 0, as nobody is told of.
    """

    title: str
    unit: str
    of: tuple[str, ...] = ()
    where: Where = field(default_factory=dict)
    among: Count | None = None


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
class Label:
    """A text that the rows of one value of the dimension `by` have in common; NULL where several are together.

    checks: of the published column, pandera's.
    """

    title: str
    of: str
    by: str
    checks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Day:
    """The earliest or the latest of the days that the rows tell, ISO."""

    title: str
    of: str
    is_latest: bool = False


@dataclass(frozen=True)
class Made:
    """What a function of the mart's step makes, as it is no count, total or share of rows.

    of: column of the register that the function needs; checks: of the published column, pandera's.
    """

    title: str
    unit: str | None
    of: str | None
    dtype: Any
    checks: Mapping[str, Any]


@dataclass(frozen=True)
class Contingent:
    """Pupils of the classes from first to last, by the contingent form, of the schools that sent it."""

    first: int
    last: int


@dataclass(frozen=True)
class Enrolled:
    """Pupils of the unit's schools of which any source tells how many (`contingent.yaml`); the part of a share of them
    is of the rows of these schools alone.
    """

    title: str


@dataclass(frozen=True)
class EnrolledSource:
    """The sources that tell of them, codes joined by `; `."""

    title: str


@dataclass(frozen=True)
class Share:
    """A part of a whole, %, with Wilson's interval. A part that is a count is NULL where its whole counts nobody.

    item: of the roadmap; better: up, down or None; target, %: None where none is set; source, verified: of the formula.
    part_as, whole_as: published columns of the two; by default <name>_part and <name>_whole, none (None) where the
    table does not show it. A side that is a measure of the mart itself is published as that. has_bounds: the table
    shows the interval.
    """

    title: str
    part: Count | Total
    whole: Count | Total | Contingent | Enrolled
    item: str
    better: str | None
    source: str
    verified: bool = False
    target: float | None = None
    part_as: str | None = ""
    whole_as: str | None = ""
    has_bounds: bool = True


@dataclass(frozen=True)
class Dimension:
    """A dimension that is called otherwise than the column of the register that it is."""

    of: str
    title: str


Measure = Count | Total | Label | Day | Made | EnrolledSource | Share


def count(title: str, *of: str, unit: str, where: Where | None = None, among: Count | None = None) -> Any:
    """Rows, or distinct values of columns; see `Count`."""
    return Count(title, unit, of, where or {}, among)


def total(
    of: str, title: str = "", *, unit: str = "чел.", where: Where | None = None, once_in: Iterable[str] = ()
) -> Any:
    """The sum of a column; see `Total`."""
    return Total(title, unit, of, where or {}, tuple(once_in))


def label(title: str, of: str, *, by: str, **checks: Any) -> Any:
    """See `Label`."""
    return Label(title, of, by, checks)


def made(
    title: str, *, unit: str | None = None, of: str | None = None, dtype: Any = pd.Int64Dtype, **checks: Any
) -> Any:
    """See `Made`."""
    return Made(title, unit, of, dtype, checks)


def contingent(first: int = 1, last: int = 11) -> Contingent:
    """See `Contingent`."""
    return Contingent(first, last)


def share(title: str, **options: Any) -> Any:
    """A share; see `Share` for what else is told of it."""
    return Share(title, **options)


@dataclass(frozen=True)
class DeclaredMart:
    """A mart of measures. slices: sets of dimensions by which the rows are told; in a set the dimensions that it leaves
    out are ALL together. base: the measure whose smallness makes shares say little, none: the table does not say it.
    renamed: dimensions called otherwise than in the register. once: columns; of the rows that agree in them the later
    counts. alike: column → what all rows of one value of it must tell alike, and the first of them says. joined:
    columns that the step adds.
    """

    name: str
    register: str
    model: type[Mart]
    measures: Mapping[str, Measure]
    slices: tuple[tuple[str, ...], ...]
    base: str | None = None
    renamed: Mapping[str, Dimension] = field(default_factory=dict)
    once: tuple[str, ...] = ()
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    joined: tuple[str, ...] = ()

    @cached_property
    def shares(self) -> dict[str, Share]:
        return {name: measure for name, measure in self.measures.items() if isinstance(measure, Share)}

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.slices for name in names))

    @cached_property
    def columns(self) -> set[str]:
        """Columns of the rows that anything here names."""
        names = {*self.dimensions, *self.once, *self.alike, *(name for alike in self.alike.values() for name in alike)}
        sides = [side for share in self.shares.values() for side in (share.part, share.whole)]
        for measure in (*self.measures.values(), *sides):
            of = getattr(measure, "of", None) or ()
            names |= {*((of,) if isinstance(of, str) else of), *getattr(measure, "where", ())}
            names |= {*getattr(measure, "once_in", ())}
        return names

    def named(self, side: Any) -> str | None:
        """The measure that a side of a share, or what a count is among, is; None for none of its own."""
        return next((name for name, measure in self.measures.items() if measure == side), None)

    def sides(self, name: str) -> tuple[str | None, str | None]:
        """Published columns of the part and the whole of a share; None where the table does not show it."""
        share = self.shares[name]
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
    of: type[Register],
    title: str,
    slices: Sequence[Sequence[str]],
    base: str | None = None,
    **options: Any,
) -> Callable[[Class], Class]:
    """Declare the mart of a register's measures, which are the attributes of the class; see `DeclaredMart`."""

    def declare(declared: Class) -> Class:
        measures = {key: value for key, value in vars(declared).items() if isinstance(value, Measure)}
        register = next(each for each in REGISTERS.values() if each.model is of)
        if name in DECLARED_MARTS:
            raise ValueError(f"mart {name} is declared twice")
        if base is not None and base not in measures:
            raise ValueError(f"mart {name}: no measure {base} to judge a small base by")
        mart_of = DeclaredMart(name, register.name, Mart, measures, tuple(map(tuple, slices)), base, **options)
        columns = dict(_columns(mart_of, register.model))
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


def _columns(mart_of: DeclaredMart, model: type[pa.DataFrameModel]) -> Columns:
    specs = {spec.name: spec for spec in fields.columns_of(model)}
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
            codes = list(dict.fromkeys((spec.codes or {}).values()))
            checks: dict[str, Any] = {"isin": list(dict.fromkeys((ALL, *codes)))} if codes else {}
            title = renamed.title if renamed else spec.title
            yield name, (str, fields.field(f"{title} ({ALL} — все)", key=True, **checks))
    for name, measure in mart_of.measures.items():
        if isinstance(measure, Share):
            yield from _of_share(mart_of, name, measure)
        else:
            yield name, _of_number(measure, specs)
    if mart_of.base is not None:
        yield "small_base", (pd.BooleanDtype, fields.field("Малая база (N < 10)", nullable=False))
    if mart_of.name in catalogue.public()["marts"]:
        yield "suppressed", (pd.BooleanDtype, suppressed())
        yield "hidden_columns", (str, hidden_columns())


def _of_number(measure: Measure, specs: Mapping[str, fields.ColumnSpec]) -> tuple[Any, Any]:
    """A row of the table stands for rows of the register, so that what counts all of them counts one at least."""
    if isinstance(measure, Count):
        nullable, least = measure.among is not None, 0 if measure.where else 1
        return pd.Int64Dtype, fields.field(measure.title, unit=measure.unit, nullable=nullable, ge=least)
    if isinstance(measure, Total):
        whole = specs[measure.of].dtype.startswith("Int")
        return pd.Int64Dtype if whole else pd.Float64Dtype, fields.field(measure.title, unit=measure.unit, ge=0)
    if isinstance(measure, Made):
        return measure.dtype, fields.field(measure.title, unit=measure.unit, **measure.checks)
    if isinstance(measure, Day):
        return str, fields.field(measure.title, str_matches=ISO_DATE)
    return str, fields.field(measure.title, **(measure.checks if isinstance(measure, Label) else {}))


def _of_share(mart_of: DeclaredMart, name: str, measure: Share) -> Columns:
    sides = ((measure.part, "part", "числитель"), (measure.whole, "whole", "знаменатель"))
    for column, (side, end, words) in zip(mart_of.sides(name), sides, strict=True):
        if column is not None and mart_of.named(side) is None:
            title = f"{measure.title}: {words}" if column == f"{name}_{end}" else getattr(side, "title", "")
            unit = getattr(side, "unit", measure.part.unit)
            yield column, (pd.Int64Dtype, fields.field(title, unit=unit, ge=0))
    yield f"{name}_pct", (pd.Float64Dtype, fields.field(measure.title, source=measure.source, **PCT))
    if not measure.has_bounds:
        return
    yield f"{name}_ci_low", (pd.Float64Dtype, bound(f"{measure.title}, нижняя граница 95 %"))
    yield f"{name}_ci_high", (pd.Float64Dtype, bound(f"{measure.title}, верхняя граница 95 %"))
