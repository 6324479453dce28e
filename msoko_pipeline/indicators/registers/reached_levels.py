"""Levels of values by their bounds, as rules of several sources declare them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def reached(values: pd.Series, least: Mapping[str, float]) -> pd.Series:
    """Code of the highest level whose least value each of the values reaches; NULL where there is none."""
    codes = pd.Series(pd.NA, index=values.index, dtype="string")
    for code, bound in sorted(least.items(), key=lambda each: each[1]):
        codes = codes.mask(values.ge(bound).fillna(False).astype(bool), code)
    return codes
