"""What an organisation has at all its levels of education together, and its self-analysis over all modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.reached_levels import reached
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.measure import ALL
from schemas.sources.upbringing import DATA, Analysed, Programmes

ORGANISATION = ["year", "org_id"]
FLAGS = ["has_programme", "is_published", "has_plan", "has_both"]


@makes(Programmes)
def make_programmes(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    return programmes(resolved(connection, settings, "upbringing", years))


@makes(Analysed)
def make_analysed(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    return analysed(resolved(connection, settings, "upbringing_analysis", years))


def programmes(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, and a row `ALL` an organisation: what it has at each level; events of the levels that tell both counts.

    rows: year, org_id, education_level, has_programme, is_published, has_plan, planned, completed. What one level
    has not, the organisation has not; where another does not tell, it is unknown.
    """
    rows = rows.astype(dict.fromkeys(FLAGS[:3], "boolean") | dict.fromkeys(("planned", "completed"), "Int64"))
    rows = rows.assign(has_both=rows["has_programme"] & rows["has_plan"])
    both = rows[["planned", "completed"]].notna().all(axis=1)
    counted = rows[FLAGS].astype("Int64").join(rows[["planned", "completed"]].where(both)).join(rows[ORGANISATION])
    groups = counted.groupby(ORGANISATION)
    every = groups[FLAGS].min().where((groups[FLAGS].count().eq(groups.size(), axis=0)) | (groups[FLAGS].min() == 0))
    every = every.astype("boolean").join(groups[["planned", "completed"]].sum(min_count=1))
    return pd.concat([rows, every.reset_index().assign(education_level=ALL)], ignore_index=True)


def analysed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `points_pct` and `rating`, and a row `ALL` an organisation: its points over all modules that it
    rated, without a rating where these are fewer than `least_modules`.

    rows: year, org_id, module, points, max_points.
    """
    groups = rows.groupby(ORGANISATION, as_index=False)
    every = groups.agg(points=("points", "sum"), max_points=("max_points", "sum"), modules=("module", "nunique"))
    whole = pd.concat([rows, every.assign(module=ALL)], ignore_index=True)
    points = (whole["points"] / whole["max_points"] * 100).astype("Float64")
    is_rated = (whole["modules"] >= DATA["least_modules"]).where(whole["module"] == ALL, True).astype(bool)
    return whole.assign(points_pct=points, rating=reached(points, DATA["levels"]).where(is_rated))
