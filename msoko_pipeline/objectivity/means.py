"""Signs 1–6 of ФИОКО: the school's mean score stands above the region's, interval above interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.objectivity.rows import of_works, rows, ru
from msoko_pipeline.uncertainty import t_tail


def mean_inflated(schools: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """x̄ − t·s/√m > X̄ + t·S/√n (ФИОКО, 2019): value is the left side, threshold the right side, балл.

    schools: KEY, n, mean, sd of the school; ref_n, ref_mean, ref_sd, reference of whom it is compared with.
    Procedures in `region_only` are judged against the region alone: half of a town stands above the town's own mean.
    p_value: P of such a mean or a greater one where the true mean is the reference's (Student, m − 1); chance_pct: how
    often such a school is flagged.
    """
    told = of_works(schools, declared)
    m, mean, sd = told["n"].to_numpy(float), told["mean"].to_numpy(float), told["sd"].to_numpy(float)
    t = declared["t"]
    with np.errstate(divide="ignore", invalid="ignore"):
        own, others = sd / np.sqrt(m), told["ref_sd"].to_numpy(float) / np.sqrt(told["ref_n"].to_numpy(float))
        low, high = mean - t * own, told["ref_mean"].to_numpy(float) + t * others
        p = t_tail((mean - told["ref_mean"]) / own, m - 1)
        chance = t_tail(t + t * others / own, m - 1) * 100
    judged = (m >= max(2, declared["least"])) & np.isfinite(low) & np.isfinite(high)
    judged &= (~told["procedure"].isin(declared["region_only"]) | (told["reference"] == "region")).to_numpy(bool)
    return rows(
        "mean_inflated", told, low > high, judged,
        value=low, threshold=high, reference=told["reference"], basis_n=m, p_value=p, chance_pct=chance,
        detail=[
            f"средний балл {ru(x)} против {ru(r)}, N = {n:.0f}"
            for x, r, n in zip(mean, told["ref_mean"], m, strict=True)
        ],
    )  # fmt: skip
