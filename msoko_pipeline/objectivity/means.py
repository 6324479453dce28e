"""Signs 1–6 of ФИОКО: the school's mean score stands above the region's, interval above interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import shrunken_means, t_tail
from msoko_pipeline.objectivity.sign_rows import WORK, of_works, rows
from msoko_pipeline.text.russian import ru


def mean_inflated(schools: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """x̄ − t·s/√m > X̄ + t·S/√n (ФИОКО, 2019): value is the left side, threshold the right side, балл.

    schools: KEY, n, mean, sd of the school; ref_n, ref_mean, ref_sd, reference: with whom it is compared.
    Procedures in `region_only` are judged against the region alone: half of a town stands above the town's own mean.
    p_value: P of such a mean or a greater one where the true mean is the reference's (Student, m − 1); chance_pct: how
    often an objective school of this size is flagged, true means being as different as those of the schools are (see
    `spread_of`).
    """
    works = of_works(schools, declared)
    m, mean, sd = works["n"].to_numpy(float), works["mean"].to_numpy(float), works["sd"].to_numpy(float)
    t = declared["t"]
    with np.errstate(divide="ignore", invalid="ignore"):
        own, others = sd / np.sqrt(m), works["ref_sd"].to_numpy(float) / np.sqrt(works["ref_n"].to_numpy(float))
        low, high = mean - t * own, works["ref_mean"].to_numpy(float) + t * others
        p = t_tail((mean - works["ref_mean"]) / own, m - 1)
        both = np.sqrt(own**2 + spread_of(works, declared) ** 2)
        freedom = np.minimum((m - 1) * (both / own) ** 4, 1e6)  # Welch, Satterthwaite: of the school's own part alone
        chance = t_tail(t * (own + others) / both, freedom) * 100
    judged = (m >= max(2, declared["least"])) & np.isfinite(low) & np.isfinite(high)
    judged &= (~works["procedure"].isin(declared["region_only"]) | (works["reference"] == "region")).to_numpy(bool)
    return rows(
        "mean_inflated", works, low > high, judged,
        value=low, threshold=high, reference=works["reference"], basis_n=m, p_value=p, chance_pct=chance,
        detail=[
            f"средний балл {ru(x)} против {ru(r)}, N = {n:.0f}"
            for x, r, n in zip(mean, works["ref_mean"], m, strict=True)
        ],
    )  # fmt: skip


def spread_of(works: pd.DataFrame, declared: dict[str, Any]) -> np.ndarray:
    """Standard deviation of schools' true means about the reference's in each row's work, балл.

    From the schools there are, where the work has `least_schools` of them (DerSimonian, Laird, 1986); else `spread`
    standard deviations of the reference's pupils.
    """
    usual = declared["spread"] * works["ref_sd"]
    seen = works[works["n"].ge(2) & works["sd"].gt(0) & works["ref_sd"].gt(0)]
    by_work = {}
    for work, part in seen.groupby(WORK):
        if len(part) >= declared["least_schools"]:
            by_work[work] = shrunken_means(part["mean"], part["sd"] / np.sqrt(part["n"])).strength ** -0.5
    of_rows = [by_work.get(work) for work in zip(*(works[name] for name in WORK), strict=True)]
    return pd.Series(of_rows, index=works.index, dtype="float64").fillna(usual).to_numpy(float)
