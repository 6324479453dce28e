"""Which school and year each finding is about, as the rows of its sheet say; which school a whole file is about."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from schemas import catalogue
from schemas.facts import NO_ORGANISATION

COLUMNS = ["org_ref", "year"]
"""What is added to a finding: the school as its row names it (a login, a code, a name) and the reporting year."""
FEW = 8  # different spellings of one school that a file may have


def schools_in(facts: pd.DataFrame) -> pd.Series:
    """The school of each fact as its row names it; of a report the rows of schools only."""
    for name in ("org_id", "org_ref"):
        if name in facts:
            return facts[name].astype("string").replace(NO_ORGANISATION, pd.NA)
    if "unit_id" in facts:
        return facts["unit_id"].where(facts["level"] == "school").astype("string")
    return pd.Series(pd.NA, index=facts.index, dtype="string")


def located(issues: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """issues with COLUMNS: of the row each is about, else of the sheet where all of its rows say one.

    issues: `findings.COLUMNS`; facts: the typed rows of the sheet, refused ones too, with their `row`.
    """
    named = pd.DataFrame({"row": facts["row"].astype("Int64"), "org_ref": schools_in(facts)})
    named["year"] = facts["year"].astype("Int64") if "year" in facts else pd.array([pd.NA] * len(facts), dtype="Int64")
    first = named.drop_duplicates("row").set_index("row")
    rows = issues["row"].astype("Int64")
    return issues.assign(
        **{name: _filled(rows.map(first[name]).astype(named[name].dtype), named[name]) for name in COLUMNS}
    )


PUPILS = ("vpr_result", "gia9", "gia11")
"""Kinds with a row per pupil and work; their schools get signs and categories."""
PROCEDURES = {"vpr_result": "VPR", "olympiad_result": "VSOSH", "preschool_scale": "MKDO"}
"""Kind whose rows do not name their procedure → its code."""
JUDGED = (*PUPILS, "olympiad_result", "preschool_scale")
"""Kinds by whose rows a school, or a preschool, is judged."""


def works_of(rows: np.ndarray, kind: str, facts: pd.DataFrame) -> pd.DataFrame:
    """The school's work that each of these sheet rows is of: org_ref, year, procedure, stage (of an olympiad), subject,
    grade; no columns of other kinds. facts: the typed rows of the sheet, refused ones too.
    """
    if kind not in JUDGED or not len(rows):
        return pd.DataFrame(index=range(len(rows)))
    works = facts.reindex(columns=["row", "year", "procedure", "stage", "subject", "grade"]).astype({"row": "int64"})
    if kind in PROCEDURES:
        works["procedure"] = PROCEDURES[kind]
    else:
        works["grade"] = works["procedure"].map(catalogue.GRADES)
    works = works.assign(org_ref=schools_in(facts)).drop_duplicates("row").set_index("row")
    chosen = works.reindex(rows)
    for name in works.columns:
        chosen[name] = _filled(chosen[name], works[name])
    return chosen.reset_index(drop=True)


def _filled(chosen: pd.Series, values: pd.Series) -> pd.Series:
    """What was found, NULL filled by the one value that the sheet's column has, where it has one."""
    distinct = values.dropna().unique()
    return chosen.fillna(distinct[0]) if len(distinct) == 1 else chosen


def few(schools: Iterable[str]) -> list[str]:
    """The schools that a file names, in order; none where they are too many to be one."""
    distinct = sorted(set(schools))
    return distinct if len(distinct) <= FEW else []
