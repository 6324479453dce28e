"""Graduates with the paths that nobody took: a row that names all its graduates leaves nobody for an empty cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.sources.graduates import PATHS, STUDIES, Paths, named_paths


@makes(Paths)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the register, completed."""
    return completed(resolved(connection, settings, "graduates", years))


def completed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with 0 for an empty path where the others add up to all graduates, and `students`: who goes on learning,
    NULL where a way of learning that is open to the class is not told. A path closed to the class is NULL.

    rows: grade, graduates and the paths.
    """
    rows = rows.astype(dict.fromkeys(["graduates", "grade", *PATHS], "Int64"))
    placed, _ = named_paths(rows)
    is_whole = placed == rows["graduates"]
    for path, grades in PATHS.items():
        filled = rows[path].mask(is_whole & rows[path].isna(), 0)
        rows[path] = filled.where(rows["grade"].isin(grades))
    closed = pd.DataFrame({path: ~rows["grade"].isin(PATHS[path]) for path in STUDIES})
    studies = rows[list(STUDIES)].mask(closed, 0)
    return rows.assign(students=studies.sum(axis=1, skipna=False))
