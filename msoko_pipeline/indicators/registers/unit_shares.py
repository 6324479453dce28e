"""Shares of counts by unit, on arrays, as the marts of every register have them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import wilson
from schemas import catalogue

UNIT = ("year", "level", "unit_id")


def share_of(part: pd.Series, whole: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """part / whole · 100 and Wilson's 95 % interval, %. NaN where there is no base, or a part greater than it: such
    numbers are of different days and no share.
    """
    k, n = (each.astype("Float64").to_numpy(float, na_value=np.nan) for each in (part, whole))
    sound = (n > 0) & (k <= n)
    k, n = np.where(sound, k, np.nan), np.where(sound, n, np.nan)
    low, high = wilson(k, n)
    return k / n * 100, low * 100, high * 100


def with_share(counts: pd.DataFrame, name: str, part: pd.Series, whole: pd.Series) -> pd.DataFrame:
    """Adds <name>_pct and its interval <name>_ci_low, <name>_ci_high: see `share_of`."""
    pct, low, high = share_of(part, whole)
    return counts.assign(**{f"{name}_pct": pct, f"{name}_ci_low": low, f"{name}_ci_high": high})


def is_small(counts: pd.DataFrame, base: str) -> pd.Series:
    """Whether so few are counted that their shares say little, by the year's threshold; so it is where nobody is.

    counts: year and the column `base`.
    """
    least = {year: catalogue.thresholds(int(year))["small_base"] for year in counts["year"].unique()}
    return (counts[base].fillna(0) < counts["year"].map(least)).astype("boolean")
