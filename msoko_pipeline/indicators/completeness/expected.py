"""Which works are expected of which organisation, which of them have come, and how late."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from schemas.assessment_year import BETWEEN
from schemas.measure import ALL

CLASS = ["year", "org_id", "grade"]
WORK = ["year", "procedure", "subject", "grade", "org_id"]
KEY = ["year", "org_id", "procedure", "grade", "subjects"]


def expected_works(
    lines: pd.DataFrame, sampled: pd.DataFrame, classes: pd.DataFrame, schools: pd.DataFrame, preschools: pd.DataFrame
) -> pd.DataFrame:
    """The lines with an org_id: a row a work that an organisation is to send.

    lines: see `lines.lines`; sampled: year, procedure, subject, grade, org_id; classes: CLASS, those that there are;
    schools, preschools: year, org_id. A school whose classes nobody knows is to send any work of each procedure.
    """
    of_preschools = lines["procedure"] == "MKDO"
    of_all = lines[(lines["sits"] == "all") & ~of_preschools]
    of_sample = lines[lines["sits"] == "sample"].drop(columns="subject")
    samples = sampled.merge(
        of_sample.assign(subject=of_sample["subjects"]), on=["year", "procedure", "subject", "grade"]
    )
    obscure = schools.merge(classes[["year", "org_id"]].drop_duplicates(), on=["year", "org_id"], how="left",
                            indicator=True)  # fmt: skip
    obscure = obscure.loc[obscure["_merge"] == "left_only", ["year", "org_id"]]
    of_any = of_all[of_all["grade"] > 0].sort_values("deadline").drop_duplicates(["year", "procedure"], keep="last")
    of_any = of_any.assign(grade=0, subjects=ALL, subject=ALL, expected=1)
    parts = [
        of_all[of_all["grade"] > 0].merge(classes, on=["year", "grade"]),
        of_all[of_all["grade"] == 0].merge(schools, on="year"),
        of_any.merge(obscure, on="year"),
        samples,
        lines[of_preschools].merge(preschools, on="year"),
    ]
    return pd.concat(parts, ignore_index=True).drop_duplicates(KEY).drop(columns="sits")


def with_received(works: pd.DataFrame, sat: pd.DataFrame) -> pd.DataFrame:
    """The expected works with `received`: how many of their subjects have results, no more than are expected.

    sat: WORK, the works that have results.
    """
    every = sat[WORK].drop_duplicates()
    every = pd.concat([every, every.assign(subject=ALL), every.assign(subject=ALL, grade=0)]).drop_duplicates()
    subjects = works[KEY].assign(subject=works["subjects"].str.split(BETWEEN)).explode("subject")
    counts = subjects.merge(every, on=WORK).groupby(KEY, as_index=False).size()
    rows = works.merge(counts, on=KEY, how="left")
    received = rows["size"].fillna(0).clip(upper=rows["expected"]).astype("Int64")
    return rows.assign(received=received).drop(columns="size")


def judged(works: pd.DataFrame, files: pd.DataFrame, since: str, today: dt.date) -> pd.DataFrame:
    """The works with status, received_on, is_late. works: see `with_received`.

    files: year, procedure, subject and grade (NULL: any), org_id (NULL: any), received_on — the day on which each file
    came, in ISO text. since: the day of the first file that ever came here, of whatever year; what was due before it is
    not late.
    """
    status = pd.Series("missing", works.index).mask(works["deadline"] >= today.isoformat(), "awaited")
    status = status.mask(works["received"] > 0, "partial").mask(works["received"] >= works["expected"], "received")
    days = _first_days(works, files)
    is_late = (days > works["deadline"]).astype("boolean").mask(days.isna() | (works["deadline"] < since))
    return works.assign(status=status, received_on=days, is_late=is_late)


def _first_days(works: pd.DataFrame, files: pd.DataFrame) -> pd.Series:
    """The day of the first file of each work that has any results, as text; of files that name the organisation, where
    there are any, else of those that name none.
    """
    subjects = works.loc[works["received"] > 0, KEY]
    subjects = subjects.assign(place=subjects.index, subject=subjects["subjects"].str.split(BETWEEN)).explode("subject")
    pairs = subjects.merge(files, on=["year", "procedure"], suffixes=("", "_of_file"))
    fits = pd.Series(True, pairs.index)
    for name, anything in (("subject", ALL), ("grade", 0)):
        of_file = pairs[f"{name}_of_file"]
        fits &= of_file.isna() | (of_file == pairs[name]).fillna(False) | (pairs[name] == anything)
    is_named = (pairs["org_id_of_file"] == pairs["org_id"]).fillna(False)
    pairs = pairs[fits & (is_named | pairs["org_id_of_file"].isna())].assign(is_named=is_named)
    first = pairs.sort_values(["is_named", "received_on"], ascending=[False, True], kind="stable")
    first = first.drop_duplicates("place").set_index("place")["received_on"]
    return first.reindex(works.index).astype("string")
