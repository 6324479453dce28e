"""Awards of contests, by which the bank of gifted pupils is proved. `contests` itself: `schemas.talent`."""

from __future__ import annotations

import pandas as pd

from schemas import catalogue

PRIZES = {"year": "int64", "org_id": "string", "pupil_key": "string", "award": "string"}
"""Columns of `prizes`: name → type. award: level of the contest, or stage of ВсОШ."""


def prizes(rows: pd.DataFrame) -> pd.DataFrame:
    """PRIZES: who won what, one row per pupil and level of contests. rows: `slices.participations` of contests."""
    awarded = rows[rows["result"].isin(catalogue.talent()["awards"])].rename(columns={"contest_level": "award"})
    return awarded[list(PRIZES)].drop_duplicates(ignore_index=True).astype(PRIZES)
