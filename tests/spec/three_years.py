"""Dynamics of small tables of values, as the specifications draw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from benchmarks.verdicts import NUMBERS, REGION, judged
from msoko_pipeline.indicators.values.all_works import WORK as KEY
from schemas import catalogue

LIMITS = catalogue.thresholds(2026)
WORK = {"procedure": "VPR", "level": "school", "unit_id": "edu190001", "subject": "MA", "grade": 4}


def rows(*values: dict[str, Any], limits: dict[str, Any] = LIMITS, town: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Dynamics of a table of values; a value tells its year and what of WORK, indicator_id, NUMBERS it has (n, the
    work's participants, is its denominator where it is not told).

    town: schools of the municipality «town».
    """
    common = {**WORK, "indicator_id": "vpr_quality", "max_primary": 20, "tasks": 12}
    frame = pd.DataFrame([common | value for value in values], columns=[*KEY, "indicator_id", *NUMBERS])
    told = judged(frame, town, limits, REGION).astype(object)
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
