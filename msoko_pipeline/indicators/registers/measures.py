"""Marts of declared measures (`schemas.measure`): the rows of a register → its counts, totals and shares by unit.

One engine for all of them, Narwhals on DuckDB: a grouping by unit and dimensions, a second one where rows of one pupil
count once. Nothing here knows a particular register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from msoko_pipeline.home import engine
from msoko_pipeline.home.year_tables import path_of
from msoko_pipeline.indicators.organisations import register
from msoko_pipeline.numbers.expressions import num, pct, pos, wilson
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.fields import ColumnSpec, columns_of
from schemas.kinds import KINDS
from schemas.measure import ALL, DECLARED_MARTS, NO_GRADE, Contingent, Count, DeclaredMart, Share, Total, Where

Frame = nw.LazyFrame[Any]
UNIT = ("year", "level", "unit_id")


def make_declared(settings: Settings, years: Sequence[int]) -> dict[str, int]:
    """A table per mart of measures: year, level, unit_id, its dimensions and measures; returns rows per table."""
    with engine.connect(settings) as connection:
        engine.read_years(connection, "orgs", years, path_of(settings, "organisations"))
        register.units(connection, settings, "orgs", "units")
        units = engine.table(connection, "units")
        if not engine.current(connection, settings, "contingent", years, "contingent"):
            _nothing(connection, "contingent", columns_of(KINDS["contingent"].model))
        pupils = engine.table(connection, "contingent")
        written = {}
        for name, declared in DECLARED_MARTS.items():
            if engine.current(connection, settings, declared.register, years, f"facts_{name}"):
                facts = engine.table(connection, f"facts_{name}")
                rows = engine.keep(connection, sliced(facts, units, declared), f"rows_{name}")
                engine.keep(connection, measured(rows, units, pupils, declared, years), name)
            else:
                _nothing(connection, name, columns_of(declared.model))
            written[name] = engine.write_years(connection, name, years, path_of(settings, name))
        return written


def _nothing(connection: Any, name: str, columns: Sequence[ColumnSpec]) -> None:
    """A table of these columns without rows."""
    types = {"year": "bigint"} | {spec.name: engine.sql_type(spec.dtype) for spec in columns}
    connection.execute(f"create table {name} ({', '.join(f'{column} {dtype}' for column, dtype in types.items())})")


def measured(rows: Frame, units: Frame, pupils: Frame, declared: DeclaredMart, years: Sequence[int]) -> Frame:
    """The columns of the mart, without what publishing adds: a row per unit and slice of which the register has rows.

    rows: of the register, `sliced`; units: year, org_id, level, unit_id; pupils: year, org_id, grade, pupils.
    A share is of the rows that tell both its part and its whole; of a contingent, of the schools and classes whose
    number of pupils is known. A part greater than its whole is no share: numbers of different days.
    """
    key = [*UNIT, *declared.dimensions]
    found = rows.group_by(key).agg(nw.len().alias("rows_told"))
    for name, measure in declared.measures.items():
        if not isinstance(measure, Share):
            found = _beside(found, _value(rows, key, measure, name), key)
        elif isinstance(measure.whole, Contingent):
            found = _beside(found, _of_contingent(rows, units, pupils, declared, measure, name), key)
        else:
            found = _beside(found, _of_rows(rows, key, measure, name), key)
    return found.with_columns(*_shares(declared), _small(declared, years).alias("small_base")).drop("rows_told")


def sliced(facts: Frame, units: Frame, declared: DeclaredMart) -> Frame:
    """The facts of a register once for each unit of theirs and each slice: the dimensions that a slice leaves out are
    all together in it. What the facts themselves tell of a dimension stays beside it as own_<name>.
    """
    facts = facts.join(units, on=["year", "org_id"])
    rows = facts.with_columns(nw.col(name).alias(f"own_{name}") for name in declared.dimensions)
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


def _own(name: str, told: Frame) -> str:
    """A column of the register as the rows tell it, whatever the slice made of it."""
    return f"own_{name}" if f"own_{name}" in told.collect_schema().names() else name


def _of(where: Where, told: Frame) -> Frame:
    """The rows of a measure: each named column has one of its values."""
    for name, values in where.items():
        told = told.filter(nw.col(_own(name, told)).is_in(_listed(values)))
    return told


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple | set) else [values]


def _value(told: Frame, key: Sequence[str], measure: Count | Total, name: str) -> Frame:
    """The key and the measure under `name`; NULL where no row of it tells anything, a count of nothing is 0."""
    chosen = _of(measure.where, told)
    if isinstance(measure, Total):
        chosen = chosen.filter(~nw.col(measure.of).is_null())
        if measure.once_in:
            within = [*dict.fromkeys((*key, *(_own(each, told) for each in measure.once_in)))]
            chosen = chosen.group_by(within).agg(nw.col(measure.of).max())
        return chosen.group_by(key).agg(nw.col(measure.of).sum().alias(name))
    if not measure.of:
        return chosen.group_by(key).agg(nw.len().alias(name))
    columns = [_own(each, told) for each in measure.of]
    return chosen.select(*dict.fromkeys((*key, *columns))).unique().group_by(key).agg(nw.len().alias(name))


def _beside(found: Frame, other: Frame, key: Sequence[str]) -> Frame:
    return found.join(other, on=[*key], how="left")


def _of_rows(told: Frame, key: Sequence[str], measure: Share, name: str) -> Frame:
    """The key, `<name>_part`, `<name>_whole`: over the rows that tell both."""
    part, whole = measure.part, measure.whole
    both = told
    for side in (part, whole):
        if isinstance(side, Total) and not side.once_in:
            both = both.filter(~nw.col(side.of).is_null())
    return _beside(_value(both, key, whole, f"{name}_whole"), _value(both, key, part, f"{name}_part"), key)  # type: ignore[arg-type]  # a contingent has a way of its own


def _of_contingent(
    told: Frame, units: Frame, pupils: Frame, declared: DeclaredMart, measure: Share, name: str
) -> Frame:
    """The key, `<name>_part`, `<name>_whole`: pupils of the unit's schools that have sent both the register and their
    contingent. Of a school that has sent it, what it does not name has not been: nobody took part; whoever has not
    sent it is unknown. A slice of other values than the measure is of has no such share.

    Every other slice is compared with the same pupils; one by class with those of the class.
    """
    whole, key = measure.whole, [*UNIT, *declared.dimensions]
    assert isinstance(whole, Contingent)
    known = pupils.filter(nw.col("pupils") > 0, nw.col("grade").is_between(whole.first, whole.last)).select(
        "year", "org_id", nw.col("grade").cast(nw.Int64).alias("class"), "pupils"
    )
    grade = _own("grade", told)
    ours = told.filter(~nw.col(grade).is_null()).with_columns(nw.col(grade).cast(nw.Int64).alias("class"))
    part = _value(
        ours.join(known.select("year", "org_id", "class"), on=["year", "org_id", "class"], how="semi"),
        key, measure.part, f"{name}_part",
    )  # fmt: skip
    senders = told.select("year", "org_id").unique()
    members = known.join(senders, on=["year", "org_id"], how="semi").join(units, on=["year", "org_id"])
    by_class = members.select(*UNIT, nw.col("class").alias("grade"), "pupils")
    wholes = nw.concat([by_class, by_class.with_columns(_whole("grade").cast(nw.Int64))], how="vertical")
    wholes = wholes.group_by([*UNIT, "grade"]).agg(nw.col("pupils").sum().alias(f"{name}_whole"))
    place = [*UNIT, "grade"]
    if "grade" not in declared.dimensions:
        wholes, place = wholes.filter(nw.col("grade") == NO_GRADE).drop("grade"), [*UNIT]
    found = told.select(*key).unique().join(wholes, on=place, how="left").join(part, on=key, how="left")
    return _or_nobody(found, measure, name)


def _or_nobody(found: Frame, measure: Share, name: str) -> Frame:
    """The part is 0 where there is a whole and none of it; slices that the measure is not of have neither."""
    part, whole = nw.col(f"{name}_part"), nw.col(f"{name}_whole")
    names = found.collect_schema().names()
    is_of = nw.lit(True)
    for column, values in measure.part.where.items():
        if column in names:
            is_of = is_of & nw.col(column).is_in([*_listed(values), ALL])
    return found.with_columns(
        nw.when(is_of & ~whole.is_null()).then(nw.coalesce(part, nw.lit(0))).alias(f"{name}_part"),
        nw.when(is_of).then(whole).alias(f"{name}_whole"),
    )


def _shares(declared: DeclaredMart) -> Iterator[nw.Expr]:
    """`<name>_pct` and its bounds of every share, from its part and whole."""
    for name in declared.shares:
        k, n = num(f"{name}_part"), pos(num(f"{name}_whole"))
        sound = k <= n
        low, high = wilson(k, n)
        yield nw.when(sound).then(pct(k, n)).alias(f"{name}_pct")
        yield nw.when(sound).then(low).alias(f"{name}_ci_low")
        yield nw.when(sound).then(high).alias(f"{name}_ci_high")


def _small(declared: DeclaredMart, years: Sequence[int]) -> nw.Expr:
    """Whether so few are counted that the shares say little, by the year's threshold; so it is where nobody is told."""
    base, small = nw.coalesce(num(declared.base), nw.lit(0.0)), nw.lit(False)
    for year in years:
        small = small | ((nw.col("year") == year) & (base < catalogue.thresholds(year)["small_base"]))
    return small
