"""The row of a sign: what every detector gives back, in the same columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import benjamini_hochberg, holm
from schemas import catalogue

WORK = ["year", "procedure", "subject", "grade"]
KEY = ["org_id", *WORK]
NUMBERS = ["value", "threshold", "basis_n", "p_value", "p_adjusted", "chance_pct"]
COLUMNS = [*KEY, "sign", "flagged", "reference", *NUMBERS, "bounds", "detail"]
"""value against threshold; basis_n: participants (works, medallists) it rests on; p_value: how often an objective
school would show as much, p_adjusted: with the number of tests allowed for; chance_pct: how often an objective school
of this size is flagged, %; flagged NULL: the base is too small to say; bounds: whose the bounds of marks are (official,
derived), where the sign rests on them; detail: what was seen, in words."""
TEXTS = ("org_id", "procedure", "subject", "sign", "reference", "bounds", "detail")
ALL = "ALL"  # subject of a sign that is not about one subject


def of_works(frame: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rows of the works that a sign looks at."""
    if declared["works"] == "any":
        return frame
    wanted = pd.MultiIndex.from_tuples(map(catalogue.procedure, declared["works"]))
    return frame[pd.MultiIndex.from_frame(frame[["procedure", "subject", "grade"]]).isin(wanted)]


def rows(sign: str, frame: pd.DataFrame, flagged: Any, judged: Any, **columns: Any) -> pd.DataFrame:
    """Rows of a sign over the schools and works of `frame` (KEY). judged: where the base is large enough to say."""
    signs = frame[KEY].reset_index(drop=True)
    given = {name: np.asarray(values) if np.ndim(values) else values for name, values in columns.items()}
    signs = signs.assign(sign=sign, **given)
    signs["flagged"] = pd.array(np.asarray(flagged, dtype=bool), dtype="boolean")
    signs.loc[~np.asarray(judged, dtype=bool), "flagged"] = pd.NA
    return shaped(signs)


def corrected(p: pd.Series, year: pd.Series, declared: dict[str, Any]) -> tuple[pd.Series, pd.Series]:
    """p-values with the number of tests of their year allowed for, and how small a p-value is flagged in that year.

    declared: alpha, correction (`benjamini_hochberg`, `holm`, `none`). NaN is no test. The second series is what a
    school without any cause reaches by chance: alpha · r / m, where r of the year's m tests are flagged, itself among
    them (Holm: alpha / (m − r + 1); none: alpha).
    """
    alpha, correction = declared["alpha"], declared["correction"]
    by_year = p.groupby(year)
    if correction == "none":
        return p, pd.Series(alpha, index=p.index).where(p.notna())
    adjust = {"benjamini_hochberg": benjamini_hochberg, "holm": holm}[correction]
    adjusted = by_year.transform(lambda p_values: adjust(p_values))
    tests, flagged = by_year.transform("count"), adjusted < alpha
    named = flagged.astype(int).groupby(year).transform("sum") + ~flagged
    limit = alpha * named / tests if correction == "benjamini_hochberg" else alpha / (tests - named + 1)
    return adjusted, limit.where(p.notna())


def shaped(frame: pd.DataFrame) -> pd.DataFrame:
    """The declared columns in their types, what is not told as NULL."""
    frame = frame.reindex(columns=COLUMNS)
    kinds: dict[str, Any] = dict.fromkeys(TEXTS, "string")
    kinds |= {"year": "int64", "grade": "int64", "flagged": "boolean"} | dict.fromkeys(NUMBERS, "float64")
    return frame.astype(kinds)


def none() -> pd.DataFrame:
    return shaped(pd.DataFrame(columns=COLUMNS))
