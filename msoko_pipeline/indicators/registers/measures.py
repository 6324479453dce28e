"""Marts of declared measures (`schemas.measure`): the rows of a register → its counts, totals and shares by unit.

One engine for all of them: Narwhals on DuckDB groups the rows by unit and dimensions, once more where rows of one pupil
count once; shares are of the few rows that remain, on arrays. Nothing here knows a particular register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from operator import and_
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from msoko_pipeline.home import engine, holding
from msoko_pipeline.home.year_tables import path_of
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.indicators.registers.unit_shares import UNIT, is_small, with_share
from msoko_pipeline.matching.resolve import REFERRING, resolved
from msoko_pipeline.numbers.expressions import flag
from msoko_pipeline.settings import Settings
from schemas.fields import columns_of
from schemas.kinds import DECLARED, DECLARED_MARTS, KINDS
from schemas.measure import (
    ALL,
    ENROLLED,
    NO_GRADE,
    Contingent,
    Count,
    Day,
    DeclaredMart,
    Enrolled,
    EnrolledSource,
    Known,
    Label,
    Made,
    Share,
    Total,
    Where,
)

Frame = nw.LazyFrame[Any]


def make_declared(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """A table per mart of measures: year, level, unit_id, its dimensions and measures; returns rows per table."""
    with engine.connect(settings) as connection:
        units = engine.keep(connection, register.units_in(connection, settings, years))
        pupils = holding.current(connection, settings, "contingent", years)
        if pupils is None:
            pupils = engine.empty(connection, {"year": "bigint"} | _types_of("contingent"))
        frames = {
            name: _of_facts(connection, settings, declared, units, pupils, years)
            for name, declared in DECLARED_MARTS.items()
            if KINDS[declared.register].source in DECLARED  # another family has a step of its own
        }
        return engine.write_frames(connection, frames, years, partial(path_of, settings))


def of_organisations(connection: Any, settings: Settings, name: str, years: Sequence[int]) -> pd.DataFrame:
    """A mart of measures of a register of organisations, none of the contingent, for a step that completes it."""
    units = engine.keep(connection, register.units_in(connection, settings, years))
    return _of_facts(connection, settings, DECLARED_MARTS[name], units, None, years)


def _of_facts(
    connection: Any, settings: Settings, declared: DeclaredMart, units: Frame, pupils: Frame | None,
    years: Sequence[int],
) -> pd.DataFrame:  # fmt: skip
    """The mart of the facts that hold."""
    facts = _facts(connection, settings, declared.register, years)
    if facts is None:
        dtypes = types(declared)
        columns = [*UNIT, *declared.dimensions, *dict.fromkeys(_computed(declared))]
        return pd.DataFrame({name: pd.Series(dtype=dtypes[name]) for name in columns})
    rows = engine.keep(connection, sliced(_with_all(connection, facts, declared), units, declared))
    return measured(rows, units, pupils, declared)


def _facts(connection: Any, settings: Settings, kind: str, years: Sequence[int]) -> Frame | None:
    """The facts that hold, with the org_id of the organisation where a file names it in words; None without any."""
    if kind in REFERRING:
        rows = resolved(connection, settings, kind, years)
        return None if rows.empty else engine.load(connection, rows)
    return holding.current(connection, settings, kind, years)


def _with_all(connection: Any, facts: Frame, declared: DeclaredMart) -> Frame:
    """The facts with the columns that the mart names; those kept before the register had a column lack it."""
    types_of = _types_of(declared.register)
    lacking = sorted(declared.columns - {*engine.columns(facts)})
    columns = "".join(f", null::{types_of[name]} as {name}" for name in lacking)
    return engine.query(connection, f"select *{columns} from facts", facts=facts)


def _types_of(kind: str) -> dict[str, str]:
    """Column of a kind of facts → DuckDB's type."""
    return {spec.name: engine.sql_type(spec.dtype) for spec in columns_of(KINDS[kind].model)}


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
    counted = engine.pandas(rows.group_by(key).agg(*_aggregates(declared, rows)))
    if enrolled is not None:
        counted = counted.merge(enrolled, on=[*UNIT], how="left")
    for name, measure in declared.measures.items():
        beside = None
        if isinstance(measure, Total) and measure.once_in:
            beside = _once(rows, key, measure, name)
        elif isinstance(measure, Share) and isinstance(measure.whole, Contingent):
            assert units is not None, f"{declared.name}.{name} is of the contingent"
            assert pupils is not None, f"{declared.name}.{name} is of the contingent"
            beside = _of_contingent(rows, units, pupils, declared, measure, name)
        if beside is not None:
            counted = counted.merge(engine.pandas(beside), on=key, how="left")
    counted = counted.assign(**dict(_settled(counted, declared)))
    counted = _with_shares(counted, declared)
    dtypes, columns = types(declared), [*key, *dict.fromkeys(_computed(declared))]
    settled: pd.DataFrame = counted.sort_values(key, ignore_index=True)[columns]
    return settled.astype({name: dtypes[name] for name in columns})


def _computed(declared: DeclaredMart) -> Iterator[str]:
    """Columns of the computed table beside its key."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Share):
            yield from (column for column in declared.sides(name) if column)
            yield from (f"{name}_{end}" for end in ("part", "whole", "pct", "ci_low", "ci_high"))
        elif not isinstance(measure, Made):
            yield name
    if declared.base:
        yield "small_base"


def types(declared: DeclaredMart) -> dict[str, str]:
    """Column of the computed table → pandas' type, those that its step makes included."""
    published = {spec.name: spec.dtype for spec in columns_of(declared.model)}
    ends = {"part": "Int64", "whole": "Int64", **dict.fromkeys(("pct", "ci_low", "ci_high"), "Float64")}
    of_shares = {f"{name}_{end}": dtype for name in declared.shares for end, dtype in ends.items()}
    return of_shares | published | {"year": "int64"}


def _aggregates(declared: DeclaredMart, rows: Frame) -> Iterator[nw.Expr]:
    """What one grouping of the rows gives: a column per measure and side of a share; `_settled` completes them."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Count | Total | Label | Day):
            yield from _aggregate(measure, rows, name)
        elif isinstance(measure, Share) and not isinstance(measure.whole, Contingent):
            sides = [(end, side) for end, side in _ends(measure) if isinstance(side, Count | Total)]
            needed = [ENROLLED] if isinstance(measure.whole, Enrolled) else []
            needed += [side.of for _, side in sides if isinstance(side, Total)]
            for end, side in sides:
                if _counted_once(declared, measure, side) is None:
                    yield from _aggregate(side, rows, f"{name}_{end}", *needed)


def _ends(share: Share) -> tuple[tuple[str, Any], ...]:
    return ("part", share.part), ("whole", share.whole)


def _counted_once(declared: DeclaredMart, share: Share, side: Any) -> str | None:
    """The mart's own measure that a side of a share of counts is, and need not be counted again."""
    return declared.named(side) if isinstance(share.part, Count) and isinstance(share.whole, Count) else None


def _aggregate(measure: Count | Total | Label | Day, rows: Frame, name: str, *needed: str) -> Iterator[nw.Expr]:
    """A measure of the rows that tell all columns of `needed`."""
    if isinstance(measure, Label | Day):
        of = nw.col(measure.of)
        yield (of.max() if isinstance(measure, Day) and measure.is_latest else of.min()).alias(name)
        return
    conditions = [*(~nw.col(each).is_null() for each in needed), *_conditions(measure.where, rows)]
    chosen = reduce(and_, conditions) if conditions else None
    if isinstance(measure, Total):
        if not measure.once_in:
            value = nw.col(measure.of) if chosen is None else nw.when(chosen).then(nw.col(measure.of))
            yield value.sum().alias(name)
            yield value.count().alias(f"{name}_rows")
    elif measure.of:
        words = [nw.col(_own(each, rows)).cast(nw.String) for each in measure.of]
        word = nw.concat_str(*words, separator="|")
        word = word if chosen is None else nw.when(chosen).then(word)
        yield (word.n_unique() - word.is_null().any().cast(nw.Int64)).alias(name)
    else:
        yield (nw.len() if chosen is None else flag(chosen).sum().cast(nw.Int64)).alias(name)


def _settled(counted: pd.DataFrame, declared: DeclaredMart) -> Iterator[tuple[str, pd.Series]]:
    """The columns of `_aggregates` as they are published: NULL where nobody tells, copies under a name of their own."""
    for name, measure in declared.measures.items():
        if isinstance(measure, Label):
            yield name, counted[name].where(counted[measure.by] != ALL)
        elif isinstance(measure, EnrolledSource):
            yield name, counted["enrolled_source"]
        elif isinstance(measure, Count) and measure.among:
            yield name, counted[name].where(counted[declared.named(measure.among)] > 0)
        elif isinstance(measure, Total) and not measure.once_in:
            yield name, counted[name].where(counted[f"{name}_rows"] > 0)
        elif isinstance(measure, Share):
            for (end, side), column in zip(_ends(measure), declared.sides(name), strict=True):
                value = _side(counted, declared, name, end)
                yield f"{name}_{end}", value
                if column is not None and declared.named(side) is None:
                    yield column, value


def _side(counted: pd.DataFrame, declared: DeclaredMart, name: str, end: str) -> pd.Series:
    """The part or the whole of a share, NULL where it is not told."""
    share = declared.shares[name]
    if isinstance(share.whole, Enrolled):
        whole = counted[ENROLLED]
        return whole if end == "whole" else counted[f"{name}_part"].where(whole.notna())
    sides = {end: counted[_counted_once(declared, share, side) or f"{name}_{end}"] for end, side in _ends(share)}
    if isinstance(share.whole, Contingent):
        return sides[end]
    if isinstance(dict(_ends(share))[end], Total):
        return sides[end].where(counted[f"{name}_{end}_rows"] > 0)
    return sides["part"].where(sides["whole"] > 0) if end == "part" and isinstance(share.whole, Count) else sides[end]


def sliced(facts: Frame, units: Frame, declared: DeclaredMart) -> Frame:
    """The facts of a register once for each unit of theirs and each slice: the dimensions that a slice leaves out are
    all together in it. What the facts themselves tell of a dimension stays beside it as own_<name>.
    """
    rows = facts.with_columns(nw.col(name).alias(f"own_{name}") for name in declared.dimensions)
    rows = rows.join(units, on=["year", "org_id"])
    parts = [
        rows.with_columns(_whole(name) for name in declared.dimensions if name not in names).with_columns(
            nw.col(name).cast(nw.Int64) for name in declared.dimensions if name == "grade"
        )
        for names in declared.slices
    ]
    return nw.concat(parts, how="vertical")


def _whole(dimension: str) -> nw.Expr:
    """All values of a dimension together."""
    return nw.lit(NO_GRADE if dimension == "grade" else ALL).alias(dimension)


def _own(name: str, rows: Frame) -> str:
    """A column of the register as the rows tell it, whatever the slice made of it."""
    return f"own_{name}" if f"own_{name}" in rows.collect_schema().names() else name


def _conditions(where: Where, rows: Frame) -> Iterator[nw.Expr]:
    """What a row of a measure must fulfil: each named column has one of its values."""
    for name, values in where.items():
        value = nw.col(_own(name, rows))
        if isinstance(values, Known):
            yield ~value.is_null() if values.is_known else value.is_null()
        else:
            yield value.is_in(_listed(values))


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple | set) else [values]


def _once(rows: Frame, key: Sequence[str], measure: Total, name: str) -> Frame:
    """The key and a total of rows of which only the greatest of those counts that agree in `once_in`."""
    chosen = rows.filter(*_conditions(measure.where, rows), ~nw.col(measure.of).is_null())
    within = [*dict.fromkeys((*key, *(_own(each, rows) for each in measure.once_in)))]
    chosen = chosen.group_by(within).agg(nw.col(measure.of).max())
    return chosen.group_by(key).agg(nw.col(measure.of).sum().alias(name))


def _of_contingent(
    rows: Frame, units: Frame, pupils: Frame, declared: DeclaredMart, measure: Share, name: str
) -> Frame:
    """The key, `<name>_part`, `<name>_whole`: pupils of the unit's schools that have sent both the register and their
    contingent. Of a school that has sent it, what it does not name has not been: nobody took part; whoever has not
    sent it is unknown. A slice of other values than the measure is of has no such share.

    Every other slice is compared with the same pupils; one by class with those of the class.
    """
    whole, key = measure.whole, [*UNIT, *declared.dimensions]
    assert isinstance(whole, Contingent)
    classes = pupils.filter(nw.col("pupils") > 0, nw.col("grade").is_between(whole.first, whole.last)).select(
        "year", "org_id", nw.col("grade").cast(nw.Int64).alias("class"), "pupils"
    )
    grade = _own("grade", rows)
    ours = rows.filter(~nw.col(grade).is_null()).with_columns(nw.col(grade).cast(nw.Int64).alias("class"))
    ours = ours.join(classes.select("year", "org_id", "class"), on=["year", "org_id", "class"], how="semi")
    if isinstance(measure.part, Total) and measure.part.once_in:
        part = _once(ours, key, measure.part, f"{name}_part")
    else:
        part = ours.group_by(key).agg(*_aggregate(measure.part, ours, f"{name}_part"))
    senders = rows.select("year", "org_id").unique()
    members = classes.join(senders, on=["year", "org_id"], how="semi").join(units, on=["year", "org_id"])
    by_class = members.select(*UNIT, nw.col("class").alias("grade"), "pupils")
    wholes = nw.concat([by_class, by_class.with_columns(_whole("grade").cast(nw.Int64))], how="vertical")
    wholes = wholes.group_by([*UNIT, "grade"]).agg(nw.col("pupils").sum().alias(f"{name}_whole"))
    place = [*UNIT, "grade"]
    if "grade" not in declared.dimensions:
        wholes, place = wholes.filter(nw.col("grade") == NO_GRADE).drop("grade"), [*UNIT]
    slices = rows.select(*key).unique().join(wholes, on=place, how="left").join(part, on=key, how="left")
    return _or_nobody(slices, measure, name).select(*key, f"{name}_part", f"{name}_whole")


def _or_nobody(slices: Frame, measure: Share, name: str) -> Frame:
    """The part is 0 where there is a whole and none of it; slices that the measure is not of have neither."""
    part, whole = nw.col(f"{name}_part"), nw.col(f"{name}_whole")
    names = slices.collect_schema().names()
    is_of = nw.lit(True)
    for column, values in measure.part.where.items():
        if column in names:
            is_of = is_of & nw.col(column).is_in([*_listed(values), ALL])
    return slices.with_columns(
        nw.when(is_of & ~whole.is_null()).then(nw.coalesce(part, nw.lit(0))).alias(f"{name}_part"),
        nw.when(is_of).then(whole).alias(f"{name}_whole"),
    )


def _with_shares(counted: pd.DataFrame, declared: DeclaredMart) -> pd.DataFrame:
    """Adds `<name>_pct` and its bounds of every share, and small_base, where the mart has it."""
    for name in declared.shares:
        counted = with_share(counted, name, counted[f"{name}_part"], counted[f"{name}_whole"])
    return counted if declared.base is None else counted.assign(small_base=is_small(counted, declared.base))
