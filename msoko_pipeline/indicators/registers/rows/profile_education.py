"""Pupils on profiles beside the exams that their school sits: how many may have chosen ЕГЭ by their profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.indicators.registers.rows import makes
from msoko_pipeline.matching.resolve import resolved
from msoko_pipeline.settings import Settings
from schemas.sources.profile_education import EXAMS, SENIOR, Profiles

SCHOOL = ["year", "org_id"]
LEAVERS = SENIOR[1]


@makes(Profiles)
def make(connection: Any, settings: Settings, years: Sequence[int]) -> pd.DataFrame:
    """The rows of the register with `compared` and `choosers`."""
    rows = resolved(connection, settings, "profile_education", years)
    if rows.empty:
        return rows
    exams = resolved(connection, settings, "gia11", years)
    return with_choice(rows, exams[exams["procedure"] == "EGE"])


def with_choice(rows: pd.DataFrame, exams: pd.DataFrame) -> pd.DataFrame:
    """The rows with `compared`: pupils of class 11 on a profile that has exams, in a school whose exams are known; and
    `choosers`: of them no more than there are pupils of class 11 who sit an exam of the profile, whoever they are.

    rows: year, org_id, grade, profile, pupils; exams: year, org_id, subject, pupil_key, pupil_grade.
    """
    exams = exams[exams["pupil_grade"] == LEAVERS].astype({"subject": "string"})
    pairs = pd.DataFrame([(profile, subject) for profile, subjects in EXAMS.items() for subject in subjects],
                         columns=["profile", "subject"]).astype("string")  # fmt: skip
    pupils = exams.merge(pairs, on="subject").drop_duplicates([*SCHOOL, "profile", "pupil_key"])
    takers = pupils.groupby([*SCHOOL, "profile"], as_index=False).agg(takers=("pupil_key", "size"))
    examined = exams[SCHOOL].drop_duplicates().assign(is_examined=True)
    rows = rows.merge(examined, on=SCHOOL, how="left").merge(takers, on=[*SCHOOL, "profile"], how="left")
    is_compared = rows["is_examined"].notna() & rows["profile"].isin(pairs["profile"]) & (rows["grade"] == LEAVERS)
    compared = rows["pupils"].astype("Int64").where(is_compared.fillna(False))
    least = pd.concat([compared, rows["takers"].astype("Int64").fillna(0)], axis=1).min(axis=1)
    return rows.assign(compared=compared, choosers=least.where(compared.notna()))
