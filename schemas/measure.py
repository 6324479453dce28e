"""Measures of rows, declared once: what is counted of them, of whom a share is, compared with what target.

`schemas.declared` makes marts of them. A condition (`where`) names columns of the rows and the values they must have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

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


@dataclass(frozen=True)
class AtLeast:
    """In a condition: a number not below the least."""

    least: float


Where = Mapping[str, Any]
"""Column → the value it must have, several of which it must have one, KNOWN or UNKNOWN, or `AtLeast`."""


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
    """The sum of a column, or of several; NULL where no row tells it, and of a row that tells not all of them.

    once_in: columns; of the rows that agree in them only the greatest value counts, as one pupil may stand in several.
    is_whole: NULL where any row does not tell it: without that row the sum would be too small.
    """

    title: str
    unit: str
    of: str | tuple[str, ...]
    where: Where = field(default_factory=dict)
    once_in: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it sums."""
        return (self.of,) if isinstance(self.of, str) else self.of


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
    kind: ClassVar[str] = "share"
    unit: ClassVar[str] = "%"
    per: ClassVar[float] = 100


@dataclass(frozen=True)
class Ratio:
    """So much of one thing for each `per` of another, without an interval; NULL where either is unknown or the other 0.
    What is told of it, of its sides and of the columns they are published as: see `Share`.
    """

    title: str
    part: Count | Total
    whole: Count | Total | Contingent
    unit: str
    item: str
    better: str | None
    source: str
    per: float = 1
    verified: bool = False
    target: float | None = None
    part_as: str | None = ""
    whole_as: str | None = ""
    kind: ClassVar[str] = "ratio"


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the rows that tell it, with 1,96·s/√n within its bounds; published as the name, its
    rows as <name>_rows. bounds: the least and the greatest that a value can be. The rest: see `Share`.
    """

    title: str
    of: str
    unit: str
    item: str
    better: str | None
    source: str
    bounds: tuple[float | None, float | None] = (None, None)
    where: Where = field(default_factory=dict)
    verified: bool = False
    target: float | None = None
    kind: ClassVar[str] = "mean"
    per: ClassVar[float] = 1


@dataclass(frozen=True)
class Dimension:
    """A dimension that is called otherwise than the column of the register that it is."""

    of: str
    title: str


Figure = Share | Ratio | Mean
"""What an indicator may be: kind (share, ratio, mean), unit, per (by what the two sides' quotient is multiplied)."""
Measure = Count | Total | Label | Day | Made | EnrolledSource | Figure


def count(title: str, *of: str, unit: str, where: Where | None = None, among: Count | None = None) -> Any:
    """Rows, or distinct values of columns; see `Count`."""
    return Count(title, unit, of, where or {}, among)


def total(
    of: str | tuple[str, ...],
    title: str = "",
    *,
    unit: str = "чел.",
    where: Where | None = None,
    once_in: Iterable[str] = (),
    is_whole: bool = False,
) -> Any:
    """The sum of a column; see `Total`."""
    return Total(title, unit, of, where or {}, tuple(once_in), is_whole)


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


def ratio(title: str, **options: Any) -> Any:
    """So much for each of another; see `Ratio`."""
    return Ratio(title, **options)


def mean(title: str, of: str, **options: Any) -> Any:
    """The mean of a column; see `Mean`."""
    return Mean(title, of, **options)
