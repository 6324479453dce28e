"""How a school's shares changed since the year before, beside the change of the town's other schools."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.risk import posterior
from msoko_pipeline.risk.firing import SAME

_SIDES = {"R3": ("rise", "failed", 1), "R4": ("fall", "not_good", -1)}
"""Rule → its change, the count that grows as a school gets worse, −1 where the rule is about the rest."""


def changes(procedures: pd.DataFrame, year: int, rules: dict[str, Any], codes: Collection[str]) -> pd.DataFrame:
    """A row per school and work of both years (SAME) with the two changes that R3 and R4 ask about.

    procedures: `procedures.procedures` of the two years; codes: of the works that are asked about.

    rise, fall: by how many points the share below the minimum stands above (of «4» and «5» below) what was to be
    expected; rise_expected, fall_expected: that is last year's share, moved in log odds as the town's other schools
    moved (NULL where too few of them are known, and nothing is moved): works of two years are not equated, so that a
    harder work is nobody's fall; rise_probability,
    fall_probability: that the true share changed by at least the points of the rule. All in %, NULL without
    counts, and the probability where what is seen does not reach the points: no school is told of a change that
    nobody sees.
    """
    limits = rules["certainty"]
    results = procedures[(procedures["n"] > 0) & (procedures["year"] >= year - 1)]
    results = results.assign(not_good=results["n"] - results["good"])
    for _, count, _ in _SIDES.values():
        a, b = posterior.prior(results, count, limits)
        results[f"{count}_a"], results[f"{count}_b"] = a + results[count], b + results["n"] - results[count]
    counted = [f"{count}{part}" for _, count, _ in _SIDES.values() for part in ("", "_a", "_b")]
    results = results.loc[results["code"].isin(codes), ["year", "municipality_id", *SAME, "n", *counted]]
    before = results[results["year"] == year - 1].drop(columns=["year", "municipality_id"])
    both = results[results["year"] == year].merge(before, on=SAME, suffixes=("", "_1"))
    rows = both[SAME].copy()
    for rule, (name, count, way) in _SIDES.items():
        delta, error = posterior.change(both, count, f"{count}_1", limits["others_from"])
        least = float(rules[rule][name])
        expected = 100 * posterior.shifted(both[f"{count}_1"] / both["n_1"], delta)
        rows[name] = both[count] / both["n"] * 100 - expected
        is_known = (delta != 0) | (error > 0)
        rows[f"{name}_expected"] = np.where(is_known, expected if way > 0 else 100 - expected, np.nan)
        seen = (rows[name] >= least - 1e-9).to_numpy()
        a, b, a_1, b_1 = (both.loc[seen, f"{count}_{side}"].to_numpy(float) for side in ("a", "b", "a_1", "b_1"))
        sure = posterior.rose(a, b, *posterior.moved(a_1, b_1, delta[seen], error[seen]), least / 100)
        rows[f"{name}_probability"] = np.nan
        rows.loc[seen, f"{name}_probability"] = 100 * sure.clip(0, 1)
    return rows
