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
    bounds: Bounds = {}
    for procedure, subject, grade in works[["procedure", "subject", "grade"]].drop_duplicates().itertuples(index=False):
        scale = catalogue.scale(year, int(grade), subject)
        if scale:
            bounds[year, procedure, subject, int(grade)] = tuple(scale[name] for name in ("min_3", "min_4", "min_5"))
    return bounds


def derived(distribution: pd.DataFrame, marked: pd.DataFrame) -> Bounds:
    """Bounds that the schools' marks and scores determine, 0 where they do not; works without any are left out.

    distribution: KEY, primary_score, participants; marked: KEY, n2…n5, of schools whose marks the files tell. In a
    school the pupils below a mark are as many as those with less than its bound, so the bound lies above the greatest
    score of the former and not above the least score of the latter. It is determined where all schools of the work
    leave one score; where they contradict each other, or a school its own counts, there is none.
    """
    marks = marked[marked["level"].eq("school") & marked["mark_source"].isin(("file", "report"))]
    scores = distribution[distribution["participants"] > 0].sort_values([*KEY, "primary_score"])
    scores = scores.merge(marks[[*KEY, *MARKS]].dropna(), on=KEY)
    if scores.empty:
        return {}
    upto = scores.groupby(KEY)["participants"].cumsum().round()
    whole = scores.groupby(KEY)["participants"].transform("sum").round()
    same = whole == scores[[*MARKS]].sum(axis=1)  # marks of other pupils than the scores' say nothing
    scores, upto = scores[same], upto[same]
    score = scores["primary_score"].astype("int64")
    limits = []
    for position in (1, 2, 3):
        below = scores[[*MARKS[:position]]].sum(axis=1)
        inside, met = upto <= below, (upto == below) | below.eq(0)
        of = scores[KEY].assign(
            low=np.where(inside, score + 1, 0), high=np.where(inside, np.iinfo(np.int32).max, score), met=met
        )
        schools = of.groupby(KEY).agg(low=("low", "max"), high=("high", "min"), met=("met", "any"))
        works = schools.groupby(WORK).agg(low=("low", "max"), high=("high", "min"), met=("met", "all"))
        limits.append(works["low"].where(works["met"] & (works["low"] == works["high"]), 0))
    bounds = pd.concat(limits, axis=1).astype("int64")
    bounds = bounds[bounds.gt(0).any(axis=1)]
    return {
        (int(year), procedure, subject, int(grade)): tuple(map(int, least))
        for (year, procedure, subject, grade), *least in bounds.itertuples()
    }


def without(some: Bounds, others: Bounds) -> Bounds:
    """Bounds of the works that the others do not have."""
    return {work: least for work, least in some.items() if work not in others}
