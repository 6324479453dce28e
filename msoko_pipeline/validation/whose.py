"""Which school and year each finding is about, as the rows of its sheet say; which school a whole file speaks of."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

COLUMNS = ["org_ref", "year"]
"""What is added to a finding: the school as its row names it (a login, a code, a name) and the reporting year."""
FEW = 8  # different spellings of one school that a file may have


def schools_in(facts: pd.DataFrame) -> pd.Series:
    """The school of each fact as its row names it; of a report the rows of schools only."""
    for name in ("org_id", "org_ref"):
        if name in facts:
            return facts[name].astype("string")
    if "unit_id" in facts:
        return facts["unit_id"].where(facts["level"] == "school").astype("string")
    return pd.Series(pd.NA, index=facts.index, dtype="string")


def located(issues: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """issues with COLUMNS: of the row each is about, else of the sheet where all of its rows say one.

    issues: `findings.COLUMNS`; facts: the typed rows of the sheet, refused ones too, with their `row`.
    """
    told = pd.DataFrame({"row": facts["row"].astype("Int64"), "org_ref": schools_in(facts)})
    told["year"] = facts["year"].astype("Int64") if "year" in facts else pd.array([pd.NA] * len(facts), dtype="Int64")
    first = told.drop_duplicates("row").set_index("row")
    rows = issues["row"].astype("Int64")
    return issues.assign(
        **{name: _filled(rows.map(first[name]).astype(told[name].dtype), told[name]) for name in COLUMNS}
    )


def _filled(found: pd.Series, values: pd.Series) -> pd.Series:
    """What was found, NULL filled by the one value that the sheet's column has, where it has one."""
    distinct = values.dropna().unique()
    return found.fillna(distinct[0]) if len(distinct) == 1 else found


def few(schools: Iterable[str]) -> list[str]:
    """The schools that a file names, in order; none where they are too many to be one."""
    distinct = sorted(set(schools))
    return distinct if len(distinct) <= FEW else []
