"""Nothing is told of a group of few people: figures of marts that declare a least number (`schemas.declared`)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from msoko_pipeline.indicators.registers.unit_shares import UNIT
from schemas.declared import DeclaredMart
from schemas.measure import Count, Mean, Share

ENDINGS = ("", "_pct", "_ci_low", "_ci_high", "_part", "_whole", "_rows", "_total", "_sd")
"""Of the columns of a figure."""


def withheld(counted: pd.DataFrame, declared: DeclaredMart) -> pd.DataFrame:
    """The columns of the mart without what would tell of fewer people than `least`; how many there are, stays.

    A row of so few tells nothing else. A figure is NULL where its whole is so small, and where its part is below
    `least_cell`. A count below it is NULL with the others of its column: it could be told from their sum.
    """
    if not declared.least:
        return counted
    blank = dict.fromkeys(counted.columns, pd.Series(False, index=counted.index))
    if declared.base:
        few = _few(counted[declared.base], declared.least)
        shown = {declared.base, "small_base", *declared.dimensions, *UNIT}
        blank |= {name: few for name in counted.columns if name not in shown}
    for name, figure in declared.figures.items():
        few = _few(counted[f"{name}_rows" if isinstance(figure, Mean) else f"{name}_whole"], declared.least)
        if isinstance(figure, Share):
            few |= _few(counted[f"{name}_part"], declared.least_cell)
        blank |= {column: blank[column] | few for column in _columns(counted, declared, name)}
    for together in _cells(declared):
        few = pd.concat([_few(counted[name], declared.least_cell) for name in together], axis=1).any(axis=1)
        blank |= {column: blank[column] | few for column in together}
    return counted.assign(**{name: counted[name].mask(few) for name, few in blank.items() if few.any()})


def _few(number: pd.Series, least: int) -> pd.Series:
    value = number.astype("Float64")
    return ((value > 0) & (value < least)).fillna(False).astype(bool)


def _columns(counted: pd.DataFrame, declared: DeclaredMart, name: str) -> list[str]:
    """Columns of a figure; of its sides those that are no measure of the mart's own."""
    sides = declared.sides(name) if name in declared.sided else ()
    own = [f"{name}{ending}" for ending in ENDINGS if f"{name}{ending}" in counted]
    return [*own, *(column for column in sides if column and column not in declared.measures)]


def _cells(declared: DeclaredMart) -> Iterator[list[str]]:
    """Counts of people that are told together: those of the same things by other values of the same columns."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, measure in declared.measures.items():
        if isinstance(measure, Count) and measure.where and name != declared.base:
            groups.setdefault((measure.of, measure.unit, *measure.where), []).append(name)
    yield from groups.values()
