"""Requirements to the schools' own assessment (ВСОКО), a row each, and the score of a school over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.measure import ALL
from schemas.sources.vsoko import REQUIREMENTS, Requirements


@makes(Requirements)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The requirements that the schools tell of."""
    return requirements(resolved(connection, settings, "vsoko", years))


def requirements(rows: pd.DataFrame) -> pd.DataFrame:
    """year, org_id, requirement, is_met; of all of them together (ALL), of the schools that tell of each, whether every
    one is met, and score_pct, how many are. rows: year, org_id and REQUIREMENTS.
    """
    answers = rows[["year", "org_id", *REQUIREMENTS]].astype(dict.fromkeys(REQUIREMENTS, "Float64"))
    score = answers[list(REQUIREMENTS)].mean(axis=1, skipna=False)
    every = answers[["year", "org_id"]].assign(requirement=ALL, is_met=score == 1, score_pct=score * 100)
    long = answers.melt(["year", "org_id"], var_name="requirement", value_name="is_met").dropna(subset="is_met")
    long = long.assign(requirement=long["requirement"].str.removeprefix("has_"), is_met=long["is_met"] == 1)
    return pd.concat([long, every[score.notna()]], ignore_index=True)
