"""Recommendations, measures and decisions that count, and conclusions on effects: rows of the marts of progress."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.management.records import areas, judged_records, of_units
from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.settings import Settings
from schemas.sources.progress import (
    NO_CATEGORY,
    DecisionRecord,
    EffectRecord,
    MeasureRecord,
    RecommendationRecord,
)


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `records.judged` the rows that count, with their area and, where the register has it, the category."""
    rows = rows[~rows["is_void"]]
    if "category" not in rows:
        return rows.assign(area=areas(rows["item"]))
    category = rows["category"].fillna(NO_CATEGORY)
    return rows.assign(area=areas(rows["item"], rows["category"]), category=category)


def _records(kind: str, connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    return counted(judged_records(connection, settings, kind, years))


for _model, _kind in ((RecommendationRecord, "recommendation"), (MeasureRecord, "planned_measure"),
                      (DecisionRecord, "decision")):  # fmt: skip
    makes(_model)(partial(_records, _kind))


@makes(EffectRecord)
def effects(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """Conclusions on effects."""
    rows = of_units(connection, settings, "effect", years)
    return rows.assign(area=areas(rows["item"]))
