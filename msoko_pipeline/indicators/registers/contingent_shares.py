"""Totals of rows of which some count once, and shares of the contingent, by unit and dimensions (Narwhals)."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from msoko_pipeline.indicators.registers.aggregates import Frame, aggregate, conditions, listed, own
from msoko_pipeline.indicators.registers.unit_shares import UNIT
from schemas.declared import DeclaredMart
from schemas.measure import ALL, NO_GRADE, Contingent, Ratio, Share, Total


def all_of(dimension: str) -> nw.Expr:
    """All values of a dimension together."""
    return nw.lit(NO_GRADE if dimension == "grade" else ALL).alias(dimension)


def once(rows: Frame, key: Sequence[str], measure: Total, declared: DeclaredMart, name: str) -> Frame:
    """The key and a total of rows of which only the greatest of those counts that agree in `once_in`."""
    (of,) = measure.columns
    chosen = rows.filter(*conditions(measure.where, declared), ~nw.col(of).is_null())
    within = [*dict.fromkeys((*key, *(own(each, declared) for each in measure.once_in)))]
    chosen = chosen.group_by(within).agg(nw.col(of).max())
    return chosen.group_by(key).agg(nw.col(of).sum().alias(name))


def of_contingent(
    rows: Frame, units: Frame, pupils: Frame, declared: DeclaredMart, measure: Share | Ratio, name: str
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
    grade = own("grade", declared)
    ours = rows.filter(~nw.col(grade).is_null()).with_columns(nw.col(grade).cast(nw.Int64).alias("class"))
    ours = ours.join(classes.select("year", "org_id", "class"), on=["year", "org_id", "class"], how="semi")
    if isinstance(measure.part, Total) and measure.part.once_in:
        part = once(ours, key, measure.part, declared, f"{name}_part")
    else:
        part = ours.group_by(key).agg(*aggregate(measure.part, declared, f"{name}_part"))
    senders = rows.select("year", "org_id").unique()
    members = classes.join(senders, on=["year", "org_id"], how="semi").join(units, on=["year", "org_id"])
    by_class = members.select(*UNIT, nw.col("class").alias("grade"), "pupils")
    wholes = nw.concat([by_class, by_class.with_columns(all_of("grade").cast(nw.Int64))], how="vertical")
    wholes = wholes.group_by([*UNIT, "grade"]).agg(nw.col("pupils").sum().alias(f"{name}_whole"))
    place = [*UNIT, "grade"]
    if "grade" not in declared.dimensions:
        wholes, place = wholes.filter(nw.col("grade") == NO_GRADE).drop("grade"), [*UNIT]
    slices = rows.select(*key).unique().join(wholes, on=place, how="left").join(part, on=key, how="left")
    return _or_nobody(slices, measure, declared, name).select(*key, f"{name}_part", f"{name}_whole")


def _or_nobody(slices: Frame, measure: Share | Ratio, declared: DeclaredMart, name: str) -> Frame:
    """The part is 0 where there is a whole and none of it; slices that the measure is not of have neither."""
    part, whole = nw.col(f"{name}_part"), nw.col(f"{name}_whole")
    is_of = nw.lit(True)
    for column, values in measure.part.where.items():
        if column in declared.dimensions:
            is_of = is_of & nw.col(column).is_in([*listed(values), ALL])
    return slices.with_columns(
        nw.when(is_of & ~whole.is_null()).then(nw.coalesce(part, nw.lit(0))).alias(f"{name}_part"),
        nw.when(is_of).then(whole).alias(f"{name}_whole"),
    )
