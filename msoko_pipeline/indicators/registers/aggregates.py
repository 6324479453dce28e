"""Measures as aggregates of rows (Narwhals): what one grouping by unit and dimensions gives.

Rows are `measures.sliced`: once for each unit and slice, with what they themselves tell of a dimension as `beside`
of its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import add, and_
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.numbers.expressions import flag
from schemas.declared import DeclaredMart
from schemas.measure import (
    ENROLLED,
    AtLeast,
    Contingent,
    Count,
    Day,
    Enrolled,
    Known,
    Label,
    Mean,
    Ratio,
    Share,
    Total,
    Where,
)

Frame = nw.LazyFrame[Any]


def aggregates(declared: DeclaredMart) -> Iterator[nw.Expr]:
    """What one grouping of the rows gives: a column per measure and side of a share; `_settled` completes them."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Count | Total | Label | Day | Mean):
            yield from aggregate(measure, declared, name)
        elif isinstance(measure, Share | Ratio) and not isinstance(measure.whole, Contingent):
            sides = [(end, side) for end, side in ends(measure) if isinstance(side, Count | Total)]
            needed = [ENROLLED] if isinstance(measure.whole, Enrolled) else []
            needed += [name for _, side in sides if isinstance(side, Total) for name in side.columns]
            for end, side in sides:
                if counted_once(declared, measure, side) is None:
                    yield from aggregate(side, declared, f"{name}_{end}", *needed)


def ends(share: Share | Ratio) -> tuple[tuple[str, Any], ...]:
    """The two sides of a figure by their endings."""
    return ("part", share.part), ("whole", share.whole)


def counted_once(declared: DeclaredMart, share: Share | Ratio, side: Any) -> str | None:
    """The mart's own measure that a side of a share of counts is, and need not be counted again."""
    return declared.named(side) if isinstance(share.part, Count) and isinstance(share.whole, Count) else None


def aggregate(
    measure: Count | Total | Label | Day | Mean, declared: DeclaredMart, name: str, *needed: str
) -> Iterator[nw.Expr]:
    """A measure of the rows that tell all columns of `needed`."""
    if isinstance(measure, Label | Day):
        of = nw.col(measure.of)
        yield (of.max() if isinstance(measure, Day) and measure.is_latest else of.min()).alias(name)
        return
    needs = [*(~nw.col(each).is_null() for each in needed), *conditions(measure.where, declared)]
    chosen = reduce(and_, needs) if needs else None
    if isinstance(measure, Mean):
        value = nw.col(measure.of).cast(nw.Float64)
        value = value if chosen is None else nw.when(chosen).then(value)
        yield from (value.sum().alias(f"{name}_total"), (value * value).sum().alias(f"{name}_squares"))
        yield value.count().alias(f"{name}_rows")
    elif isinstance(measure, Total):
        if not measure.once_in:
            of = reduce(add, map(nw.col, measure.columns))
            value = of if chosen is None else nw.when(chosen).then(of)
            yield value.sum().alias(name)
            yield value.count().alias(f"{name}_rows")
        if measure.is_whole:
            lacking = reduce(add, map(nw.col, measure.columns)).is_null()
            lacking = lacking if chosen is None else lacking & chosen
            yield lacking.any().alias(f"{name}_lacks")
    elif measure.of:
        words = [nw.col(own(each, declared)).cast(nw.String) for each in measure.of]
        word = nw.concat_str(*words, separator="|")
        word = word if chosen is None else nw.when(chosen).then(word)
        yield (word.n_unique() - word.is_null().any().cast(nw.Int64)).alias(name)
    else:
        yield (nw.len() if chosen is None else flag(chosen).sum().cast(nw.Int64)).alias(name)


def own(name: str, declared: DeclaredMart) -> str:
    """A column of the rows as they tell it, whatever the slice made of it."""
    return beside(name) if name in declared.dimensions else name


def beside(dimension: str) -> str:
    """The column with what the rows themselves tell of a dimension; no declared column begins so."""
    return f"_own_{dimension}"


def conditions(where: Where, declared: DeclaredMart) -> Iterator[nw.Expr]:
    """What a row of a measure must fulfil: each named column has one of its values."""
    for name, values in where.items():
        value = nw.col(own(name, declared))
        if isinstance(values, Known):
            yield ~value.is_null() if values.is_known else value.is_null()
        elif isinstance(values, AtLeast):
            yield value >= values.least
        else:
            yield value.is_in(listed(values))


def listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple | set) else [values]
