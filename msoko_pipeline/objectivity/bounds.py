"""The least primary scores of marks 3, 4 and 5: official ones, and those that the marks and scores determine."""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.objectivity.heaping import Bounds
from msoko_pipeline.objectivity.sign_rows import KEY, WORK
from schemas import catalogue

MARKS = ("n2", "n3", "n4", "n5")


def official(year: int, works: pd.DataFrame) -> Bounds:
    """Official bounds of the year's works that have a scale. works: procedure, subject, grade."""
    found: Bounds = {}
    for procedure, subject, grade in works[["procedure", "subject", "grade"]].drop_duplicates().itertuples(index=False):
        scale = catalogue.scale(year, int(grade), subject)
        if scale:
            found[year, procedure, subject, int(grade)] = tuple(scale[name] for name in ("min_3", "min_4", "min_5"))
    return found


def derived(distribution: pd.DataFrame, marked: pd.DataFrame) -> Bounds:
    """Bounds that the schools' marks and scores determine, 0 where they do not; works without any are left out.

    distribution: KEY, primary_score, participants; marked: KEY, n2…n5, of schools whose marks the files tell. In a
    school the pupils below a mark are as many as those with less than its bound, so the bound lies above the greatest
    score of the former and not above the least score of the latter. It is determined where all schools of the work
    leave one score; where they contradict each other, or a school its own counts, there is none.
    """
    told = marked[marked["level"].eq("school") & marked["mark_source"].isin(("file", "report"))]
    known = distribution[distribution["participants"] > 0].sort_values([*KEY, "primary_score"])
    known = known.merge(told[[*KEY, *MARKS]].dropna(), on=KEY)
    if known.empty:
        return {}
    upto = known.groupby(KEY)["participants"].cumsum().round()
    whole = known.groupby(KEY)["participants"].transform("sum").round()
    same = whole == known[[*MARKS]].sum(axis=1)  # marks of other pupils than the scores' say nothing
    known, upto = known[same], upto[same]
    score = known["primary_score"].astype("int64")
    limits = []
    for position in (1, 2, 3):
        below = known[[*MARKS[:position]]].sum(axis=1)
        inside, met = upto <= below, (upto == below) | below.eq(0)
        of = known[KEY].assign(
            low=np.where(inside, score + 1, 0), high=np.where(inside, np.iinfo(np.int32).max, score), met=met
        )
        schools = of.groupby(KEY).agg(low=("low", "max"), high=("high", "min"), met=("met", "any"))
        works = schools.groupby(WORK).agg(low=("low", "max"), high=("high", "min"), met=("met", "all"))
        limits.append(works["low"].where(works["met"] & (works["low"] == works["high"]), 0))
    found = pd.concat(limits, axis=1).astype("int64")
    found = found[found.gt(0).any(axis=1)]
    return {
        (int(year), procedure, subject, int(grade)): tuple(map(int, least))
        for (year, procedure, subject, grade), *least in found.itertuples()
    }


def without(some: Bounds, others: Bounds) -> Bounds:
    """Bounds of the works that the others do not have."""
    return {work: least for work, least in some.items() if work not in others}
