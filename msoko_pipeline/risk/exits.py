"""Who left ШНОР, and who would have left without any change: chance, other pupils, another work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import at_least
from msoko_pipeline.risk import posterior
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.procedures import least_low

MOVEMENT = {
    "year": "int64", "level": "string", "unit_id": "string", "shnor_before": "Int64", "judged": "Int64",
    "left_shnor": "Int64", "left_pct": "float64", "expected_left": "float64", "expected_low": "Int64",
    "expected_high": "Int64", "text_ru": "string",
}  # fmt: skip
"""Columns of `of_unit`: name → type."""


def persistence(pairs: pd.DataFrame, limits: Mapping[str, Any]) -> tuple[float, float]:
    """How much of a school's distance from the town other pupils keep a year later, and by how much they differ.

    pairs: WORK, n, failed, n_1, failed_1 of the same works in two years. First: covariance of the two years' shares in
    a work over the variance of the true ones (sampling errors of two years are independent, so only the variance is
    corrected); second: what is left of the later year's variance, as log odds. Both pulled to `persistence` and
    `other_pupils`, which weigh as many pairs as `persistence_pairs`.
    """
    usual = np.array([limits["persistence"], limits["other_pupils"]])
    rows = pairs[(pairs["n"] > 0) & (pairs["n_1"] > 0)]
    work = rows.groupby(posterior.WORK)
    weight = 1 / (1 / rows["n"] + 1 / rows["n_1"])
    share, share1 = rows["failed"] / rows["n"], rows["failed_1"] / rows["n_1"]
    mean, mean1 = (work[f"failed{side}"].transform("sum") / work[f"n{side}"].transform("sum") for side in ("", "_1"))
    schools = work["n"].transform("size")
    used = schools > 1
    if not used.any():
        return float(usual[0]), float(usual[1])
    weight, apart, apart1 = weight[used], (share - mean)[used], (share1 - mean1)[used]
    unbiased = (schools / (schools - 1))[used]
    errors = (mean * (1 - mean) / rows["n"])[used], (mean1 * (1 - mean1) / rows["n_1"])[used]
    both = (weight * unbiased * apart * apart1).sum() / weight.sum()
    now = (weight * (unbiased * apart**2 - errors[0])).sum() / weight.sum()
    before = (weight * (unbiased * apart1**2 - errors[1])).sum() / weight.sum()
    if before <= 0 or now <= 0:
        return float(usual[0]), float(usual[1])
    kept = float(np.clip(both / before, 0, 1))
    middle = float((weight * (mean * (1 - mean))[used]).sum() / weight.sum())
    spread = float(np.clip(np.sqrt(max(now - kept**2 * before, 0.0)) / middle, 0, 1))
    pull = len(weight) / (len(weight) + limits["persistence_pairs"])
    kept, spread = (pull * np.array([kept, spread]) + (1 - pull) * usual).tolist()
    return kept, spread


def exit_pct(evidence: Evidence) -> pd.Series:
    """P(a school that was ШНОР would have left without any change in it), % by org_id.

    evidence.procedures: with posteriors. Last year's posterior of a work keeps the part of its distance from the town
    that other pupils keep (`persistence`), moves in log odds as the town's other schools moved, and meets this year's
    participants; a work that the school did not sit last year has the posterior of its works of that year together. Low
    results of last year are those that were seen. Only schools that were ШНОР and are judged this year; nothing with
    SHNOR_Q.
    """
    rules, rows = evidence.rules, evidence.pairs.rows
    none = pd.Series(dtype="float64")
    was = evidence.pairs.shnor_before[rows["school"].to_numpy()]
    if rules["SHNOR_Q"]["enabled"] or not was.any():
        return none
    limits, fired = rules["certainty"], evidence.fired
    rows = rows.assign(now=fired.judged, before=fired.judged_1, was_low=fired.low_1)
    both = rows[rows["now"] & rows["before"]]
    kept, spread = persistence(both, limits)
    rows["delta"], rows["error"] = 0.0, 0.0
    rows.loc[both.index, "delta"], rows.loc[both.index, "error"] = posterior.change(
        both, "failed", "failed_1", limits["others_from"]
    )
    rows = rows[was & (rows["now"] | rows["before"])]
    past = rows[rows["before"]].groupby("org_id")[["failed_1", "n_1"]].sum()
    share = (past["failed_1"] + 0.5) / (past["n_1"] + 1)
    own = rows["org_id"].map(share).to_numpy(float)
    a = np.where(rows["before"], rows["a_1"], own * limits["strength"])
    b = np.where(rows["before"], rows["b_1"], (1 - own) * limits["strength"])
    town = rows["town_fail_pct_1"].fillna(rows["town_fail_pct"]).clip(0.5, 99.5) / 100
    delta = rows["delta"] + (1 - kept) * np.log(town / (1 - town))
    points, weights = posterior.moved(a, b, delta, np.hypot(rows["error"], spread), kept)
    n = rows["n"].fillna(0).to_numpy(float)[:, None]
    chance = (at_least(least_low(n, rules["low"]["from"]), n, points) * weights).sum(axis=-1)
    low = np.where(rows["now"], np.nan_to_num(chance), 0.0)
    stays = posterior.shnor(rows["org_id"].astype(object), low, rows["was_low"].to_numpy(float), rules)
    return 100 * (1 - stays[stays.index.isin(rows.loc[rows["now"], "org_id"])])


def of_unit(schools: pd.DataFrame, level: str, unit: str) -> pd.DataFrame:
    """One row of MOVEMENT, without year; no rows where nobody was ШНОР.

    schools: category, previous_category, exit_by_chance_pct of a unit's schools. expected_low, expected_high: between
    which numbers of schools the chance exits fall in 95 % of cases, the schools leaving independently of each other.
    """
    was = schools[schools["previous_category"] == "shnor"]
    judged = was[was["category"] != "no_data"]
    if was.empty:
        return pd.DataFrame(columns=list(MOVEMENT))
    left = int((judged["category"] != "shnor").sum())
    row: dict[str, Any] = {
        "level": level, "unit_id": unit, "shnor_before": len(was), "judged": len(judged),
        "left_shnor": left, "left_pct": 100 * left / len(judged) if len(judged) else np.nan,
    }  # fmt: skip
    chance = judged["exit_by_chance_pct"].to_numpy(float) / 100
    if len(chance) and np.isfinite(chance).all():
        among = posterior.counts(chance).cumsum()
        row |= {"expected_left": chance.sum(), "expected_low": int(np.searchsorted(among, 0.025)),
                "expected_high": int(np.searchsorted(among, 0.975))}  # fmt: skip
    return pd.DataFrame([row])
