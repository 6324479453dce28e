"""How sure it is that a school is ШНОР: the probability that its true shares meet the conditions of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import normal_tail
from msoko_pipeline.risk import posterior
from msoko_pipeline.risk.firing import Fired, Pairs


def with_posteriors(procedures: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Procedures with a and b of the posterior of each share below the minimum."""
    a, b = posterior.prior(procedures, "failed", rules["certainty"])
    return procedures.assign(a=a + procedures["failed"], b=b + procedures["n"] - procedures["failed"])


def shnor_pct(pairs: Pairs, fired: Fired, rules: Mapping[str, Any]) -> pd.Series:
    """P(ШНОР by the rules), % by org_id of the schools judged this year. pairs.rows: with a and b of both years.

    A share is low with the probability that it truly reaches the threshold. SHNOR_A and SHNOR_B: `posterior.shnor`;
    SHNOR_Q: that the mean of the true shares reaches the bound that was seen, by the normal distribution.
    """
    rows, least = pairs.rows, rules["low"]["from"] / 100
    used = fired.judged | fired.judged_1
    works, now, before = rows[used], fired.judged[used], fired.judged_1[used]
    low = np.where(now, 1 - posterior.below(works["a"], works["b"], least), 0.0)
    low_1 = np.where(before, 1 - posterior.below(works["a_1"], works["b_1"], least), 0.0)
    school = works["school"].to_numpy()
    chance = posterior.shnor(school, low, low_1, rules)
    if rules["SHNOR_Q"]["enabled"]:
        chance = 1 - (1 - chance) * (1 - _among_worst(works[now], fired.bound).reindex(chance.index).fillna(0))
    chance = 100 * chance[chance.index.isin(school[now])]
    return chance.set_axis(pairs.schools[chance.index.to_numpy(int)])


def _among_worst(now: pd.DataFrame, bound: float) -> pd.Series:
    """P(the mean of a school's true shares reaches the bound, %), by the school's place."""
    size = now["a"] + now["b"]
    works = now.assign(mean=now["a"] / size, variance=now["a"] * now["b"] / size**2 / (size + 1))
    schools = works.groupby("school").agg(mean=("mean", "mean"), variance=("variance", "sum"), works=("mean", "size"))
    error = np.sqrt(schools["variance"]) / schools["works"]
    return pd.Series(normal_tail((bound / 100 - schools["mean"]) / error), index=schools.index)


def is_borderline(category: pd.Series, probability_pct: pd.Series, rules: dict[str, Any]) -> pd.Series:
    """Whether a category is less sure than the rules want; NULL without a probability.

    A ШНОР: P(ШНОР) below `sure`; another: P(that it is none) below it.
    """
    sure = probability_pct.where(category == "shnor", 100 - probability_pct)
    return (sure < rules["certainty"]["sure"]).astype("boolean").mask(probability_pct.isna())
