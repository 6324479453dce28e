"""Which results each rule fires on: arrays over schools' works, so that many variants of the rules cost little."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from msoko_pipeline.risk.procedures import at_or_above

Bools = NDArray[np.bool_]

SHNOR, ZONE = ("SHNOR_A", "SHNOR_B", "SHNOR_Q"), ("R1", "R2", "R3", "R4", "R5", "R6", "R7")
SAME = ["org_id", "procedure", "subject", "grade"]
_COUNTED = ["n", "failed", "good", "fail_pct", "quality_pct", "tail_pct", "town_fail_pct"]
_OF_YEAR = ["code", "municipality_id", "completion_pct", "town_completion_pct"]
CHANGES = {"R3": ("rise", "fail_pct", 1), "R4": ("fall", "quality_pct", -1)}
"""Rule → what it calls the change, its share, the way the share goes."""


@dataclass(frozen=True)
class Pairs:
    """Works of schools, this year's beside the same of the year before (`_1`), and what is known of the schools.

    rows: SAME, code, school (place in `schools`), counts and shares of both years (NULL where not sat), usable,
    usable_1 (no reason not to judge), the changes that R3 and R4 ask about. schools: org_id in order; shnor_before,
    signs, regulator: of each school, whether it was ШНОР, has a sign of non-objectivity, the regulator's indicator.
    """

    rows: pd.DataFrame
    schools: NDArray[np.object_]
    shnor_before: Bools
    signs: Bools
    regulator: Bools


@dataclass(frozen=True)
class Fired:
    """judged, low (`_1`: of the year before) and the rules of works, a place per row of the pairs; the rules of schools
    and the answers, a place per school. bound: of SHNOR_Q, %.
    """

    judged: Bools
    judged_1: Bools
    low: Bools
    low_1: Bools
    works: dict[str, Bools]
    earlier: Bools
    schools: dict[str, Bools]
    bound: float
    has_base: Bools
    is_shnor: Bools

    def categories(self, school: NDArray[np.int64]) -> NDArray[np.object_]:
        """Category of every school. school: of each row."""
        warned = np.any([self.schools[rule] for rule in ("R5", "R7")], axis=0)
        for rule in ZONE:
            if rule in self.works:
                warned = warned | _any(self.works[rule], school, len(self.has_base))
        in_zone = warned & (self.has_base | self.schools["R7"])
        names = np.select(
            [self.is_shnor & self.has_base, in_zone, self.has_base], ["shnor", "risk_zone", "none"], default="no_data"
        )
        return names.astype(object)


def pairs(
    procedures: pd.DataFrame, changes: pd.DataFrame, year: int, schools: Collection[str],
    shnor_before: Collection[str], signs: Collection[str], regulator: Collection[str],
) -> Pairs:  # fmt: skip
    """procedures: `procedures.procedures` of the year and the one before; changes: `changes.changes` of the year."""
    results = procedures.reindex(columns=[*dict.fromkeys([*procedures.columns, "not_judged"])])
    results = results.assign(usable=results["not_judged"].isna())
    kept = [*SAME, *_COUNTED, "usable", *[name for name in ("a", "b") if name in results]]
    now, before = (
        results[results["year"] == year],
        results.loc[results["year"] == year - 1, [*kept, "code", "municipality_id"]],
    )
    rows = now[[*kept, *_OF_YEAR]].merge(before, on=SAME, how="outer", suffixes=("", "_1"))
    for name in ("code", "municipality_id"):
        rows[name] = rows[name].fillna(rows.pop(f"{name}_1"))
    for side in ("usable", "usable_1"):
        rows[side] = rows[side].eq(True)
    rows = rows.merge(changes, on=SAME, how="left")
    names = np.array(sorted({*schools, *rows["org_id"]}), dtype=object)
    rows["school"] = pd.Index(names).get_indexer(rows["org_id"].astype(object))
    return Pairs(rows, names, *(np.isin(names, list(group)) for group in (shnor_before, signs, regulator)))


def fire(pairs: Pairs, rules: Mapping[str, Any]) -> Fired:
    """Every rule on every row. ШНОР first; R1 and R5 are about schools that are none."""
    rows, school, size = pairs.rows, pairs.rows["school"].to_numpy(), len(pairs.schools)
    listed = rows["code"].isin(rules["procedures"]).to_numpy()
    n, failed, judged, low = {}, {}, {}, {}
    for side in ("", "_1"):
        n[side], failed[side] = (rows[f"{name}{side}"].to_numpy(float) for name in ("n", "failed"))
        judged[side] = listed & rows[f"usable{side}"].to_numpy(bool) & (n[side] >= rules["min_n"])
        low[side] = judged[side] & at_or_above(failed[side], n[side], rules["low"]["from"])

    def several(mask: ArrayLike, limit: Mapping[str, Any], more: ArrayLike | None = None) -> Bools:
        """Of each row, whether its school has so many rows of the mask (and of `more`)."""
        count = np.bincount(school, mask, minlength=size)
        count = count if more is None else count + np.bincount(school, more, minlength=size)
        return np.asarray(count >= limit["procedures_from"])[school]

    off = np.zeros(len(rows), dtype=bool)
    works = {}
    a = rules["SHNOR_A"]
    enough = several(low[""], a, low["_1"] if a["years"] > 1 else None)
    works["SHNOR_A"] = low[""] & enough if a["enabled"] else off
    earlier = low["_1"] & enough if a["enabled"] and a["years"] > 1 else off
    works["SHNOR_B"] = low[""] & low["_1"] if rules["SHNOR_B"]["enabled"] else off
    of_a, of_b = (_any(mask, school, size) for mask in (works["SHNOR_A"] | earlier, works["SHNOR_B"]))
    if rules["mode"] == "both" and a["enabled"] and rules["SHNOR_B"]["enabled"]:
        together = of_a & of_b
        of_a = of_b = together
        works = {rule: mask & together[school] for rule, mask in works.items()}
        earlier = earlier & together[school]
    has_base = _any(judged[""], school, size)
    fail_pct = rows["fail_pct"].to_numpy(float)
    among, bound = _worst(np.where(judged[""], fail_pct, 0.0), judged[""], school, size, rules["SHNOR_Q"])
    is_shnor = of_a | of_b | among

    near = judged[""] & at_or_above(failed[""], n[""], rules["R2"]["from"]) & (fail_pct < rules["R2"]["below"] - 1e-9)
    by_rule = {"R1": low[""] & ~is_shnor[school], "R2": near & several(near, rules["R2"])}
    for rule in CHANGES:
        changed = judged[""] & judged["_1"] & _changed(rows, rule, rules[rule])
        by_rule[rule] = changed & several(changed, rules[rule])
    with np.errstate(invalid="ignore"):
        behind = rows["completion_pct"].to_numpy(float) < rows["town_completion_pct"].to_numpy(float)
    by_rule["R6"] = judged[""] & (rows["procedure"] == "OGE").to_numpy(bool) & pairs.signs[school] & behind
    works |= {rule: mask if rules[rule]["enabled"] else off for rule, mask in by_rule.items()}
    left = pairs.shnor_before & has_base & ~is_shnor
    by_school = {"SHNOR_Q": among, "R5": left & rules["R5"]["enabled"], "R7": pairs.regulator & rules["R7"]["enabled"]}
    return Fired(judged[""], judged["_1"], low[""], low["_1"], works, earlier, by_school, bound, has_base, is_shnor)


def _any(mask: Bools, school: NDArray[np.int64], size: int) -> Bools:
    return np.bincount(school, mask, minlength=size) > 0


def _worst(
    fail_pct: NDArray[np.float64], judged: Bools, school: NDArray[np.int64], size: int, rule: Mapping[str, Any]
) -> tuple[Bools, float]:
    """Schools whose mean share below the minimum is among the worst `share` %, and the bound of that."""
    count = np.bincount(school, judged, minlength=size)
    if not rule["enabled"] or not count.any():
        return np.zeros(size, dtype=bool), np.nan
    mean = np.bincount(school, fail_pct, minlength=size) / np.where(count > 0, count, np.nan)
    bound = float(np.nanquantile(mean, 1 - rule["share"] / 100))
    return (mean >= bound) & (mean > 0), bound


def _changed(rows: pd.DataFrame, rule: str, limit: Mapping[str, Any]) -> Bools:
    """Whether the change of the true shares is sure enough, or, of a rule without `probability`, the seen one great."""
    name, share, way = CHANGES[rule]
    if "probability" in limit:
        return rows[f"{name}_probability"].to_numpy(float) >= limit["probability"]
    seen = way * (rows[share].to_numpy(float) - rows[f"{share}_1"].to_numpy(float))
    return seen >= limit[name] - 1e-9
