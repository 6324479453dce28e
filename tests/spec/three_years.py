"""Dynamics of small tables of values, as the specifications draw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd

from msoko_pipeline.indicators import changes, dynamics, engine
from msoko_pipeline.indicators.procedures import WORK as KEY
from schemas import catalogue

LIMITS = catalogue.thresholds(2026)
REGION = "19"
WORK = {"procedure": "VPR", "level": "school", "unit_id": "edu190001", "subject": "MA", "grade": 4}
NUMBERS = ("value", "numerator", "denominator", "se", "max_primary", "tasks")


def rows(*values: dict[str, Any], limits: dict[str, Any] = LIMITS, town: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Dynamics of a table of values; a value tells its year and what of WORK, indicator_id, NUMBERS it has.

    town: schools of the municipality «town».
    """
    common = {**WORK, "indicator_id": "vpr_quality", "max_primary": 20, "tasks": 12}
    frame = pd.DataFrame([common | value for value in values], columns=[*KEY, "indicator_id", *NUMBERS])
    frame = frame.astype({**dict.fromkeys(NUMBERS, "Float64"), "year": "int64"})
    members = pd.DataFrame(
        [(year, school, "municipality", "town") for year in frame["year"].unique() for school in town],
        columns=["year", "org_id", "level", "unit_id"],
    ).astype({"year": "int64", "org_id": "string", "level": "string", "unit_id": "string"})
    connection = duckdb.connect()
    for name, told in (("rows", frame), ("members", members)):
        connection.register(name, engine.arrow(told))
    connection.execute("create view told as select * from rows where value is not null")
    connection.register("judged", changes.judged_by(catalogue.indicators(), limits["dynamics"]))
    key = ", ".join(changes.KEY)
    connection.execute(
        f"create view pairs as select {key}, year - back as before from told, (values (1), (2)) as years(back)"
    )
    connection.execute(f"create table works as select distinct {', '.join(KEY)}, max_primary, tasks from rows")
    found = dynamics.three_years(changes.changes(connection, limits["dynamics"], REGION)).assign(insufficient=None)
    judged = [dynamics.judge(part, limits) for _, part in found.groupby("year")]
    told = pd.concat([*judged, found.iloc[:0]]).astype(object)
    return told.where(told.notna(), None).to_dict("records")


def share(year: int, top: float, base: float, **more: Any) -> dict[str, Any]:
    """A share as make_values tells it."""
    value = top / base * 100 if base else None
    wide = (top + 1) / (base + 2)
    error = 100 * (wide * (1 - wide) / (base + 2)) ** 0.5
    return {"year": year, "numerator": top, "denominator": base, "value": value, "se": error, **more}


def mean(year: int, value: float, error: float | None, **more: Any) -> dict[str, Any]:
    """A mean primary score of thirty with its standard error, as make_values tells it."""
    told = {"indicator_id": "vpr_mean_primary", "denominator": 30, "numerator": 30 * value}
    return {"year": year, "value": value, "se": error, **told, **more}


def of(year: int, *values: dict[str, Any], level: str = "school", **more: Any) -> dict[str, Any]:
    """The one row of a year at a level."""
    (row,) = (row for row in rows(*values, **more) if (row["year"], row["level"]) == (year, level))
    return row
