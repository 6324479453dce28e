"""Marts of declared measures (`schemas.measure`): the rows of a register → its counts, totals and shares by unit.

One engine for all of them: Narwhals on DuckDB groups the rows by unit and dimensions, once more where rows of one pupil
count once; shares are of the few rows that remain, on arrays. Nothing here knows a particular register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from msoko_pipeline.home import engine, holding, store
from msoko_pipeline.home.year_tables import path_of
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.registers.aggregates import Frame, aggregates, beside, counted_once, ends
from msoko_pipeline.indicators.registers.contingent_shares import all_of, of_contingent, once
from msoko_pipeline.indicators.registers.rows import made_rows, typed_rows
from msoko_pipeline.indicators.registers.small_groups import withheld
from msoko_pipeline.indicators.registers.unit_shares import UNIT, is_small, share_of
from msoko_pipeline.matching.resolve import REFERRING, resolved
from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.settings import Settings
from schemas.declared import DeclaredMart
from schemas.fields import columns_of
from schemas.kinds import DECLARED, DECLARED_MARTS, KINDS
from schemas.marts import may_have_rows
from schemas.measure import (
    ALL,
    ENROLLED,
    Contingent,
    Count,
    Enrolled,
    EnrolledSource,
    Label,
    Made,
    Mean,
    Ratio,
    Share,
    Total,
)

OF_A_MEAN = ("rows", "total", "sd", "ci_low", "ci_high")
"""Columns of a mean beside it, by their endings."""


def make_declared(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """A table per mart of measures that may have rows: year, level, unit_id, its dimensions and measures; returns rows
    per table.
    """
    made = {*may_have_rows(store.kinds_come(settings.lake))}
    with engine.connect(settings) as connection:
        units = engine.keep(connection, register.units_in(connection, settings, years))
        pupils = holding.current(connection, settings, "contingent", years)
        if pupils is None:
            pupils = engine.empty(connection, {"year": "bigint"} | _types("contingent"))
        frames = {
            name: _of_facts(connection, settings, declared, units, pupils, years)
            for name, declared in DECLARED_MARTS.items()
            if declared.source in DECLARED  # another family has a step of its own
            and name in made
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def _types(kind: str) -> dict[str, str]:
    """Column of a kind of facts → DuckDB's type."""
    return {spec.name: engine.sql_type(spec.dtype) for spec in columns_of(KINDS[kind].model)}


def of_organisations(connection: Any, settings: Settings, name: str, years: Sequence[int]) -> pd.DataFrame:
    """A mart of measures of a register of organisations, none of the contingent, for a step that completes it."""
    units = engine.keep(connection, register.units_in(connection, settings, years))
    return _of_facts(connection, settings, DECLARED_MARTS[name], units, None, years)


def _of_facts(
    connection: Any, settings: Settings, declared: DeclaredMart, units: Frame, pupils: Frame | None,
    years: Sequence[int],
) -> pd.DataFrame:  # fmt: skip
    """The mart of the facts that hold."""
    facts = _rows(connection, settings, declared, years)
    if facts is None:
        dtypes = types(declared)
        columns = [*UNIT, *declared.dimensions, *dict.fromkeys(_computed(declared))]
        return pd.DataFrame({name: pd.Series(dtype=dtypes[name]) for name in columns})
    rows = engine.keep(connection, sliced(_with_all(connection, facts, declared), units, declared))
    return measured(rows, units, pupils, declared)


def of_frame(connection: Any, rows: pd.DataFrame, units: pd.DataFrame, declared: DeclaredMart) -> pd.DataFrame:
    """`measured` of rows in a frame. units: year, org_id, level, unit_id."""
    loaded = engine.load(connection, typed_rows(rows, declared.rows))
    return measured(
        engine.keep(connection, sliced(loaded, engine.load(connection, units), declared)), None, None, declared
    )


def _rows(connection: Any, settings: Settings, declared: DeclaredMart, years: Sequence[int]) -> Frame | None:
    """The rows that the mart counts: the facts that hold, with the org_id of the organisation where a file names it in
    words, or what a function makes; None without any.
    """
    if declared.register is None:
        made = made_rows(declared.rows)(connection, settings, years)
        return None if made.empty else engine.load(connection, made)
    if declared.register in REFERRING:
        rows = resolved(connection, settings, declared.register, years)
        return None if rows.empty else engine.load(connection, rows)
    return holding.current(connection, settings, declared.register, years)


def _with_all(connection: Any, facts: Frame, declared: DeclaredMart) -> Frame:
    """The facts with the columns that the mart names; those kept before the register had a column lack it."""
    lacking = sorted(declared.columns - {*engine.columns(facts)})
    columns = "".join(f", null::{engine.sql_type(declared.specs[name].dtype)} as {name}" for name in lacking)
    return engine.query(connection, f"select *{columns} from facts", facts=facts)


def measured(
    rows: Frame, units: Frame | None, pupils: Frame | None, declared: DeclaredMart, enrolled: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The columns of the mart by their key, typed as they are published, without what publishing adds and what its step
    makes: a row per unit and slice of which the register has rows. Of every share also `<name>_part` and
    `<name>_whole`.

    rows: of the register, `sliced`; units: year, org_id, level, unit_id, pupils: year, org_id, grade, pupils, for marts
    with shares of the contingent; enrolled: UNIT, `ENROLLED`, enrolled_source, for those with shares of all enrolled.
    A share is of the rows that tell both its part and its whole; of a contingent, of the schools and classes whose
    number of pupils is known. A part greater than its whole is no share: numbers of different days.
    """
    key = [*UNIT, *declared.dimensions]
    counted = engine.pandas(rows.group_by(key).agg(*aggregates(declared)))
    if enrolled is not None:
        counted = counted.merge(enrolled, on=[*UNIT], how="left")
    for name, measure in declared.measures.items():
        apart = None
        if isinstance(measure, Total) and measure.once_in:
            apart = once(rows, key, measure, declared, name)
        elif isinstance(measure, Share | Ratio) and isinstance(measure.whole, Contingent):
            assert units is not None, f"{declared.name}.{name} is of the contingent"
            assert pupils is not None, f"{declared.name}.{name} is of the contingent"
            apart = of_contingent(rows, units, pupils, declared, measure, name)
        if apart is not None:
            counted = counted.merge(engine.pandas(apart), on=key, how="left")
    settled = pd.DataFrame(dict(_settled(counted, declared)))
    counted = pd.concat([counted.drop(columns=[*settled], errors="ignore"), settled], axis=1)
    counted = withheld(_with_shares(counted, declared), declared)
    dtypes, columns = types(declared), [*key, *dict.fromkeys(_computed(declared))]
    mart: pd.DataFrame = counted.sort_values(key, ignore_index=True)[columns]
    return mart.astype({name: dtypes[name] for name in columns})


def _computed(declared: DeclaredMart) -> Iterator[str]:
    """Columns of the computed table beside its key."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Share):
            yield from (column for column in declared.sides(name) if column)
            yield from (f"{name}_{end}" for end in ("part", "whole", "pct", "ci_low", "ci_high"))
        elif isinstance(measure, Ratio):
            yield from (column for column in declared.sides(name) if column)
            yield from (f"{name}_part", f"{name}_whole", declared.value_of(name))
        elif isinstance(measure, Mean):
            yield from (declared.value_of(name), *(f"{name}_{end}" for end in OF_A_MEAN))
        elif not isinstance(measure, Made):
            yield name
    if declared.base:
        yield "small_base"


def types(declared: DeclaredMart) -> dict[str, str]:
    """Column of the computed table → pandas' type, those that its step makes included."""
    published = {spec.name: spec.dtype for spec in columns_of(declared.model)}
    ends = {"part": "Int64", "whole": "Int64", **dict.fromkeys(("pct", "ci_low", "ci_high"), "Float64")}
    of_shares = {f"{name}_{end}": dtype for name in declared.shares for end, dtype in ends.items()}
    others = [f"{name}_{end}" for name, figure in declared.figures.items() if not isinstance(figure, Share)
              for end in ("part", "whole", *OF_A_MEAN)]  # fmt: skip
    return of_shares | dict.fromkeys(others, "Float64") | published | {"year": "int64"}


def _settled(counted: pd.DataFrame, declared: DeclaredMart) -> Iterator[tuple[str, pd.Series]]:
    """The columns of `aggregates` as they are published: NULL where nobody tells, copies under a name of their own."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Label):
            yield name, counted[name].where(counted[measure.by] != ALL)
        elif isinstance(measure, EnrolledSource):
            yield name, counted["enrolled_source"]
        elif isinstance(measure, Count) and measure.among:
            yield name, counted[name].where(counted[declared.named(measure.among)] > 0)
        elif isinstance(measure, Total) and not measure.once_in:
            is_known = counted[f"{name}_rows"] > 0
            yield name, counted[name].where(is_known & ~counted[f"{name}_lacks"] if measure.is_whole else is_known)
        elif isinstance(measure, Mean):
            yield from _of_mean(counted, name, measure, declared.value_of(name))
        elif isinstance(measure, Share | Ratio):
            for (end, side), column in zip(ends(measure), declared.sides(name), strict=True):
                value = _side(counted, declared, name, end)
                yield f"{name}_{end}", value
                if column is not None and declared.named(side) is None:
                    yield column, value


def _of_mean(counted: pd.DataFrame, name: str, measure: Mean, value: str) -> Iterator[tuple[str, pd.Series]]:
    """The mean, its standard deviation among rows (n − 1), and the bounds of 1,96·s/√n."""
    n = counted[f"{name}_rows"].astype("Float64")
    mean = counted[f"{name}_total"].astype("Float64") / n.where(n > 0)
    spread = (counted[f"{name}_squares"].astype("Float64") - n * mean**2) / (n - 1).where(n > 1)
    sd = spread.clip(lower=0) ** 0.5
    error = Z95 * sd / n**0.5
    yield from ((value, mean), (f"{name}_sd", sd))
    yield f"{name}_ci_low", (mean - error).clip(lower=measure.bounds[0])
    yield f"{name}_ci_high", (mean + error).clip(upper=measure.bounds[1])


def _side(counted: pd.DataFrame, declared: DeclaredMart, name: str, end: str) -> pd.Series:
    """The part or the whole of a share, NULL where it is not told."""
    share = declared.sided[name]
    if isinstance(share.whole, Enrolled):
        whole = counted[ENROLLED]
        return whole if end == "whole" else counted[f"{name}_part"].where(whole.notna())
    sides = {end: counted[counted_once(declared, share, side) or f"{name}_{end}"] for end, side in ends(share)}
    if isinstance(share.whole, Contingent):
        return sides[end]
    if isinstance(dict(ends(share))[end], Total):
        return sides[end].where(counted[f"{name}_{end}_rows"] > 0)
    return sides["part"].where(sides["whole"] > 0) if end == "part" and isinstance(share.whole, Count) else sides[end]


def sliced(facts: Frame, units: Frame, declared: DeclaredMart) -> Frame:
    """The facts of a register once for each unit of theirs and each slice: the dimensions that a slice leaves out are
    all together in it. What the facts themselves tell of a dimension stays beside it (`beside`); those that do not tell
    it are in no slice by it.
    """
    rows = facts.with_columns(nw.col(name).alias(beside(name)) for name in declared.dimensions)
    if "level" not in rows.collect_schema().names():
        rows = rows.join(units, on=["year", "org_id"])
    parts = [
        (rows.filter(*(~nw.col(name).is_null() for name in names)) if names else rows)
        .with_columns(all_of(name) for name in declared.dimensions if name not in names)
        .with_columns(nw.col(name).cast(nw.Int64) for name in declared.dimensions if name == "grade")
        for names in declared.slices
    ]
    return nw.concat(parts, how="vertical")


def _with_shares(counted: pd.DataFrame, declared: DeclaredMart) -> pd.DataFrame:
    """Adds the values of shares and ratios with their bounds, and small_base, where the mart has it."""
    values: dict[str, Any] = {}
    for name, figure in declared.sided.items():
        part, whole = (counted[f"{name}_{end}"].astype("Float64") for end in ("part", "whole"))
        if isinstance(figure, Ratio):
            values[declared.value_of(name)] = part / whole.where(whole > 0) * figure.per
        else:
            values |= zip((f"{name}_{end}" for end in ("pct", "ci_low", "ci_high")), share_of(part, whole), strict=True)
    counted = pd.concat([counted, pd.DataFrame(values, index=counted.index)], axis=1)
    return counted if declared.base is None else counted.assign(small_base=is_small(counted, declared.base))
