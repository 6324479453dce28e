"""The row of a sign: what every detector gives back, in the same columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from schemas import catalogue

WORK = ["year", "procedure", "subject", "grade"]
KEY = ["org_id", *WORK]
NUMBERS = ["value", "threshold", "basis_n", "p_value", "p_adjusted", "chance_pct"]
COLUMNS = [*KEY, "sign", "flagged", "reference", *NUMBERS, "detail"]
"""value against threshold; basis_n: participants (works, medallists) it rests on; p_value: how often an objective
school would show as much, p_adjusted: with the number of tests allowed for; chance_pct: how often an objective school
of this size is flagged, %; flagged NULL: the base is too small to say; detail: what was seen, in words."""
ALL = "ALL"  # subject of a sign that is not about one subject


def of_works(frame: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rows of the works that a sign looks at."""
    if declared["works"] == "any":
        return frame
    wanted = pd.MultiIndex.from_tuples(map(catalogue.procedure, declared["works"]))
    return frame[pd.MultiIndex.from_frame(frame[["procedure", "subject", "grade"]]).isin(wanted)]


def rows(sign: str, frame: pd.DataFrame, flagged: Any, judged: Any, **columns: Any) -> pd.DataFrame:
    """Rows of a sign over the schools and works of `frame` (KEY). judged: where the base is large enough to say."""
    told = frame[KEY].reset_index(drop=True)
    given = {name: np.asarray(values) if np.ndim(values) else values for name, values in columns.items()}
    told = told.assign(sign=sign, **given)
    told["flagged"] = pd.array(np.asarray(flagged, dtype=bool), dtype="boolean")
    told.loc[~np.asarray(judged, dtype=bool), "flagged"] = pd.NA
    return shaped(told)


def shaped(frame: pd.DataFrame) -> pd.DataFrame:
    """The declared columns in their types, what is not told as NULL."""
    frame = frame.reindex(columns=COLUMNS)
    kinds: dict[str, Any] = dict.fromkeys(("org_id", "procedure", "subject", "sign", "reference", "detail"), "string")
    kinds |= {"year": "int64", "grade": "int64", "flagged": "boolean"} | dict.fromkeys(NUMBERS, "float64")
    return frame.astype(kinds)


def none() -> pd.DataFrame:
    return shaped(pd.DataFrame(columns=COLUMNS))


def ru(number: float, digits: int = 1) -> str:
    """A number as Russian texts print it."""
    return f"{number:.{digits}f}".replace(".", ",")
