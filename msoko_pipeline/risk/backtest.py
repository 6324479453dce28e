"""Did last year's zone foresee this year's ШНОР? Precision, recall, and the lift over last year's share of «2»."""

from __future__ import annotations

import numpy as np
import pandas as pd

from msoko_pipeline.uncertainty import wilson

OUTCOMES = ("hit", "false_alarm", "missed", "rest")


_OUTCOME = {
    "year": "int64", "municipality_id": "string", "org_id": "string", "category_before": "string", "category": "string",
    "fail_pct": "float64", "warned": "bool", "became_shnor": "bool", "baseline": "bool", "outcome": "string",
}  # fmt: skip
_COUNTS = ("schools", "warned", "became_shnor", "hits", "false_alarms", "missed")
_SHARES = (
    "precision_pct", "precision_ci_low", "precision_ci_high", "recall_pct", "recall_ci_low", "recall_ci_high",
    "base_rate_pct", "lift",
)  # fmt: skip
_SCORE = (
    {"year": "int64", "level": "string", "unit_id": "string", "predictor": "string"}
    | dict.fromkeys(_COUNTS, "int64")
    | dict.fromkeys(_SHARES, "float64")
)
NO_OUTCOMES = pd.DataFrame(columns=list(_OUTCOME)).astype(_OUTCOME)
NO_SCORES = pd.DataFrame(columns=list(_SCORE)).astype(_SCORE)
PREDICTORS = {"zone": "warned", "last_year_share": "baseline"}
"""Predictor → the column that says whom it named."""


def outcomes(before: pd.DataFrame, now: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """One row per school judged in both years and not ШНОР in the first: was it warned of, did it become ШНОР?

    before, now: org_id, category; shares: org_id, fail_pct — last year's mean share below the minimum over the rules'
    procedures. Columns: org_id, category_before, category, warned, became_shnor, outcome, fail_pct, baseline: whether
    the same number of schools with the greatest share of «2» would have named it (ties by org_id).
    """
    both = before.merge(now, on="org_id", suffixes=("_before", ""))
    both = both[
        both["category_before"].isin(("none", "risk_zone")) & both["category"].isin(("none", "risk_zone", "shnor"))
    ]
    told = both[["org_id", "category_before", "category"]].merge(shares, on="org_id", how="left")
    told["warned"] = told["category_before"] == "risk_zone"
    told["became_shnor"] = told["category"] == "shnor"
    ranked = told.sort_values(["fail_pct", "org_id"], ascending=[False, True]).index[: int(told["warned"].sum())]
    told["baseline"] = told.index.isin(ranked)
    told["outcome"] = np.select(
        [told["warned"] & told["became_shnor"], told["warned"], told["became_shnor"]], OUTCOMES[:3], default=OUTCOMES[3]
    )
    return told.sort_values("org_id").reset_index(drop=True)


def score(told: pd.DataFrame) -> pd.DataFrame:
    """Per predictor (`zone`, `last_year_share`): counts and quality, one row each; NULL where nothing stands below.

    precision = hits / warned, recall = hits / became, both % with Wilson's interval; lift = the zone's precision over
    that of last year's share.
    """
    rows = []
    for predictor, named in PREDICTORS.items():
        hits = int((told[named] & told["became_shnor"]).sum())
        rows.append((predictor, len(told), int(told[named].sum()), int(told["became_shnor"].sum()), hits))
    found = pd.DataFrame(rows, columns=["predictor", "schools", "warned", "became_shnor", "hits"])
    found["false_alarms"], found["missed"] = found["warned"] - found["hits"], found["became_shnor"] - found["hits"]
    for name, whole in (("precision", "warned"), ("recall", "became_shnor"), ("base_rate", "schools")):
        part = found["became_shnor" if name == "base_rate" else "hits"]
        found[f"{name}_pct"] = part / found[whole].where(found[whole] > 0) * 100
        if name != "base_rate":
            found[f"{name}_ci_low"], found[f"{name}_ci_high"] = (100 * side for side in wilson(part, found[whole]))
    baseline = found.loc[found["predictor"] == "last_year_share", "precision_pct"].iloc[0]
    found["lift"] = np.where(
        found["predictor"] == "zone", found["precision_pct"] / (baseline if baseline > 0 else np.nan), np.nan
    )
    return found
