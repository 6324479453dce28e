"""Practices as their authors describe them, with whether another organisation took them over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.sources.practices import NO_LEVEL, Shared

PRACTICE = ["year", "practice_id"]


@makes(Shared)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the register, settled."""
    return shared(resolved(connection, settings, "practices", years))


def shared(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with system and practice_level of the practice's author, or of the first who tells them, and is_adopted:
    an organisation that is none of its authors took it over in the year.

    rows: year, practice_id, org_id, role, system, practice_level.
    """
    rows = rows.assign(is_later=rows["role"] == "adopter").sort_values([*PRACTICE, "is_later", "org_id"])
    described = rows.groupby(PRACTICE)[["system", "practice_level"]].transform("first")
    authors = rows.loc[~rows["is_later"], [*PRACTICE, "org_id"]].assign(is_own=True)
    adopters = rows[rows["is_later"]].merge(authors, on=[*PRACTICE, "org_id"], how="left")
    adopted = adopters.loc[adopters["is_own"].isna(), PRACTICE].drop_duplicates().assign(is_adopted=True)
    rows = rows.assign(system=described["system"], practice_level=described["practice_level"].fillna(NO_LEVEL))
    rows = rows.merge(adopted, on=PRACTICE, how="left")
    return rows.assign(is_adopted=rows["is_adopted"].notna())
