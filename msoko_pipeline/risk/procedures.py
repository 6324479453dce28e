"""A school's result in each procedure as the rules see it: the share below the minimum, and how sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.numbers.uncertainty import at_least, funnel, shrunken_means, shrunken_shares, wilson
from schemas import catalogue

Z998 = 3.090232306167813
"""Normal quantile of a two-sided 99.8 % interval: the outer limits of a funnel plot (Spiegelhalter, 2005)."""

KEY = ["year", "org_id", "procedure", "subject", "grade"]
GROUP = ["year", "municipality_id", "procedure", "subject", "grade"]


def procedures(results: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Rows of `results` with what the rules ask of them.

    results: KEY, municipality_id, n (who wrote and has a mark), failed («2» or below the minimum), good («4» and «5»),
    completion_pct and completion_se, % of the maximum; not_judged (where there is one): why nothing is judged by it.
    Adds `code`; `listed`: one of the rules' procedures; `judged`: n ≥ min_n and no reason not to; `low`: fail share
    ≥ the threshold, inclusive, NULL where not judged; the share with Wilson's interval; `fail_shrunk_pct`: pulled
    to the town's mean by empirical Bayes; the town's share and funnel limits around it at this n (95 and 99.8 %);
    `chance_pct`: how often a school of this size with the town's share would be low by chance alone; `tail_pct`: how
    often so many of its participants, or more, would be below the minimum;
    `completion_shrunk_pct` and the town's `town_completion_pct` (weighted by participants). All shares in %.
    """
    rows = judged(results.assign(code=codes(results)), rules)
    n, failed = rows["n"].to_numpy(float), rows["failed"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["fail_pct"], rows["quality_pct"] = failed / n * 100, rows["good"].to_numpy(float) / n * 100
    rows["fail_ci_low"], rows["fail_ci_high"] = (100 * side for side in wilson(failed, n))
    town = rows.groupby(GROUP, dropna=False)
    share = (town["failed"].transform("sum") / town["n"].transform("sum").where(lambda whole: whole > 0)).to_numpy(
        float
    )
    rows["town_fail_pct"] = share * 100
    rows["funnel_low"], rows["funnel_high"] = (100 * side for side in funnel(share, n, Z95))
    rows["funnel_low_998"], rows["funnel_high_998"] = (100 * side for side in funnel(share, n, Z998))
    rows["chance_pct"] = at_least(least_low(n, rules["low"]["from"]), n, share) * 100
    rows["tail_pct"] = at_least(failed, n, share) * 100
    weighed = (rows["completion_pct"] * rows["n"]).groupby([rows[name] for name in GROUP], dropna=False)
    rows["town_completion_pct"] = weighed.transform("sum") / town["n"].transform("sum")
    rows["fail_shrunk_pct"], rows["completion_shrunk_pct"] = np.nan, np.nan
    for group, part in rows.groupby(GROUP, dropna=False):
        spread = catalogue.thresholds(int(group[0]))["shrinkage"]["spread"]
        rows.loc[part.index, "fail_shrunk_pct"] = shrunken_shares(part["failed"], part["n"], spread).value * 100
        pulled = shrunken_means(part["completion_pct"], part["completion_se"])
        rows.loc[part.index, "completion_shrunk_pct"] = pulled.value
    return rows


def judged(rows: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Rows with `code` as the rules judge them: listed, judged, low."""
    n, failed = rows["n"].to_numpy(float), rows["failed"].to_numpy(float)
    enough = pd.Series(n >= rules["min_n"], index=rows.index)
    if "not_judged" in rows:
        enough &= rows["not_judged"].isna()
    low = pd.array(at_or_above(failed, n, rules["low"]["from"]), dtype="boolean")
    low = pd.Series(low, index=rows.index).mask(~enough)
    return rows.assign(listed=rows["code"].isin(rules["procedures"]), judged=enough, low=low)


def codes(frame: pd.DataFrame) -> pd.Series:
    """`VPR-RU-5`, `OGE-RU`, `EGE-MA`: how the rules name a procedure."""
    plain = frame["procedure"].astype(str) + "-" + frame["subject"].astype(str)
    return plain.where(frame["procedure"].isin(list(catalogue.GRADES)), plain + "-" + frame["grade"].astype(str))


def at_or_above(part: np.ndarray, whole: np.ndarray, pct: float) -> np.ndarray:
    """part / whole ≥ pct %, in whole numbers: 3 of 10 is 30 %, whatever the binary fraction says."""
    return part * 100 >= pct * whole - 1e-9


def least_low(n: np.ndarray, pct: float) -> np.ndarray:
    """The least count that is at or above pct % of n."""
    return np.ceil(pct * n / 100 - 1e-9)
