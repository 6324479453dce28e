"""Did last year's zone, share of «2», forecast foresee this year's ШНОР? All three of the same schools.

A forecast of last year was fitted on what was known then (`forecast.py`): the outcome was in none of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import wilson

OUTCOMES = ("hit", "false_alarm", "missed", "rest")


_OUTCOME = {
    "year": "int64", "municipality_id": "string", "org_id": "string", "category_before": "string", "category": "string",
    "fail_pct": "float64", "probability_pct": "float64", "warned": "bool", "became_shnor": "bool", "baseline": "bool",
    "by_forecast": "boolean", "outcome": "string",
}  # fmt: skip
_COUNTS = ("schools", "warned", "became_shnor", "hits", "false_alarms", "missed")
_SHARES = (
    "precision_pct", "precision_ci_low", "precision_ci_high", "recall_pct", "recall_ci_low", "recall_ci_high",
    "base_rate_pct", "lift", "expected", "brier", "brier_base",
)  # fmt: skip
_SCORE = (
    {"year": "int64", "level": "string", "unit_id": "string", "predictor": "string"}
    | dict.fromkeys(_COUNTS, "int64")
    | dict.fromkeys(_SHARES, "float64")
    | {"warnings_needed": "Int64"}
)
_FIFTH = {
    "year": "int64", "level": "string", "unit_id": "string", "fifth": "int64", "schools": "int64",
    "became_shnor": "int64", "predicted_pct": "float64", "seen_pct": "float64", "seen_ci_low": "float64",
    "seen_ci_high": "float64",
}  # fmt: skip
NO_OUTCOMES = pd.DataFrame(columns=list(_OUTCOME)).astype(_OUTCOME)
NO_SCORES = pd.DataFrame(columns=list(_SCORE)).astype(_SCORE)
NO_FIFTHS = pd.DataFrame(columns=list(_FIFTH)).astype(_FIFTH)
FIFTHS = 5
PREDICTORS = {
    "zone": ("warned", None),
    "last_year_share": ("baseline", "fail_pct"),
    "model": ("by_forecast", "probability_pct"),
}
"""Predictor → the column that says whom it named, and the one it ranks schools by."""


def outcomes(
    before: pd.DataFrame, now: pd.DataFrame, shares: pd.DataFrame, chances: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per school judged in both years and not ШНОР in the first: was it warned of, did it become ШНОР?

    before, now: org_id, category; shares: org_id, fail_pct — last year's mean share below the minimum over the rules'
    procedures; chances: org_id, probability_pct — last year's forecast. Where any school has a forecast, only those
    that have one are compared. Columns: org_id, category_before, category, warned, became_shnor, outcome, fail_pct,
    probability_pct; baseline, by_forecast: whether the same number of schools with the greatest share of «2», with the
    greatest probability would have named it (ties by org_id; by_forecast is NULL without a forecast).
    """
    both = before.merge(now, on="org_id", suffixes=("_before", ""))
    both = both[
        both["category_before"].isin(("none", "risk_zone")) & both["category"].isin(("none", "risk_zone", "shnor"))
    ]
    schools = both[["org_id", "category_before", "category"]].merge(shares, on="org_id", how="left")
    if chances is None:
        chances = pd.DataFrame({"org_id": pd.Series(dtype="str"), "probability_pct": pd.Series(dtype="float64")})
    schools = schools.merge(chances[["org_id", "probability_pct"]], on="org_id", how="left")
    has_forecast = schools["probability_pct"].notna()
    if has_forecast.any():
        schools = schools[has_forecast].reset_index(drop=True)
    schools["warned"] = schools["category_before"] == "risk_zone"
    schools["became_shnor"] = schools["category"] == "shnor"
    count = int(schools["warned"].sum())
    schools["baseline"] = _rank(schools, "fail_pct") <= count
    schools["by_forecast"] = (_rank(schools, "probability_pct") <= count).astype("boolean")
    schools["by_forecast"] = schools["by_forecast"].mask(schools["probability_pct"].isna())
    schools["outcome"] = np.select(
        [schools["warned"] & schools["became_shnor"], schools["warned"], schools["became_shnor"]],
        OUTCOMES[:3],
        default=OUTCOMES[3],
    )
    return schools.sort_values("org_id").reset_index(drop=True)


def _rank(schools: pd.DataFrame, column: str) -> pd.Series:
    """1 for the greatest, ties by org_id, no data last."""
    order = schools.sort_values([column, "org_id"], ascending=[False, True]).index
    return pd.Series(np.arange(1, len(schools) + 1), index=order).reindex(schools.index)


def score(schools: pd.DataFrame) -> pd.DataFrame:
    """Per predictor (`zone`, `last_year_share`, `model` where there are forecasts): counts and quality, one row each;
    NULL where nothing stands below.

    precision = hits / warned, recall = hits / became, both % with Wilson's interval; lift = the precision over that of
    last year's share (NULL for itself); warnings_needed: of how many schools, the greatest first, it had to warn to
    find as many as the zone did; expected: ШНОР by the forecast's sum; brier: mean square of (chance − outcome), 0…1,
    brier_base: of the share of ШНОР told of every school. The zone and the share answer yes or no: their chance for a
    school is the share of ШНОР among the other schools with the same answer.
    """
    predictors = [name for name in PREDICTORS if name != "model" or schools["probability_pct"].notna().any()]
    became = schools["became_shnor"].astype(bool)
    rows = []
    for predictor in predictors:
        named, ranked = PREDICTORS[predictor]
        is_named = schools[named].astype(bool)
        needed = _needed(schools, ranked, int((schools["warned"] & became).sum()))
        chance = schools["probability_pct"] / 100 if predictor == "model" else _others(is_named, became)
        hits, brier = int((is_named & became).sum()), float(((chance - became) ** 2).mean())
        rows.append((predictor, len(schools), int(is_named.sum()), int(became.sum()), hits, needed, brier))
    scores = pd.DataFrame(
        rows, columns=["predictor", "schools", "warned", "became_shnor", "hits", "warnings_needed", "brier"]
    ).astype({"warnings_needed": "Int64"})
    scores["false_alarms"], scores["missed"] = (
        scores["warned"] - scores["hits"],
        scores["became_shnor"] - scores["hits"],
    )
    for name, whole in (("precision", "warned"), ("recall", "became_shnor"), ("base_rate", "schools")):
        part = scores["became_shnor" if name == "base_rate" else "hits"]
        scores[f"{name}_pct"] = part / scores[whole].where(scores[whole] > 0) * 100
        if name != "base_rate":
            scores[f"{name}_ci_low"], scores[f"{name}_ci_high"] = (100 * side for side in wilson(part, scores[whole]))
    baseline = scores.loc[scores["predictor"] == "last_year_share", "precision_pct"].iloc[0]
    scores["lift"] = np.where(
        scores["predictor"] != "last_year_share",
        scores["precision_pct"] / (baseline if baseline > 0 else np.nan),
        np.nan,
    )
    scores["expected"] = np.where(scores["predictor"] == "model", schools["probability_pct"].sum() / 100, np.nan)
    scores["brier_base"] = float(became.mean() * (1 - became.mean()))
    return scores


def _needed(schools: pd.DataFrame, ranked: str | None, hits: int) -> int | None:
    """How many schools from the top of the ranking hold so many that became ШНОР; without a ranking, all warned."""
    if not hits:
        return None
    if ranked is None:
        return int(schools["warned"].sum())
    rank = _rank(schools, ranked)[schools["became_shnor"]].sort_values()
    return int(rank.iloc[hits - 1])


def _others(is_named: pd.Series, became: pd.Series) -> pd.Series:
    """Share of ШНОР among the other schools with the same answer; of all other schools where there is none."""
    same = became.groupby(is_named)
    others = same.transform("size") - 1
    share = (same.transform("sum") - became) / others.where(others > 0)
    return share.fillna((became.sum() - became) / max(len(became) - 1, 1))


def fifths(schools: pd.DataFrame) -> pd.DataFrame:
    """The schools with a forecast in five equal parts by probability, 1 the lowest: what was told, what came.

    Columns: fifth, schools, became_shnor, predicted_pct (mean), seen_pct with Wilson's interval. Fewer than five
    schools: no rows.
    """
    forecasts = (
        schools[schools["probability_pct"].notna()].sort_values(["probability_pct", "org_id"]).reset_index(drop=True)
    )
    if len(forecasts) < FIFTHS:
        return NO_FIFTHS.drop(columns=["year", "level", "unit_id"])
    part = np.concatenate(
        [np.full(len(p), i + 1) for i, p in enumerate(np.array_split(np.arange(len(forecasts)), FIFTHS))]
    )
    rows = forecasts.groupby(part, as_index=False).agg(
        schools=("org_id", "size"), became_shnor=("became_shnor", "sum"), predicted_pct=("probability_pct", "mean")
    )
    rows["fifth"] = np.arange(1, FIFTHS + 1)
    rows["seen_pct"] = rows["became_shnor"] / rows["schools"] * 100
    low, high = wilson(rows["became_shnor"], rows["schools"])
    return rows.assign(seen_ci_low=100 * low, seen_ci_high=100 * high)
