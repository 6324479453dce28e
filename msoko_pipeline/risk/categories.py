"""ШНОР and the risk zone: each rule a function from procedures to the rows that fired. Thresholds are data.

A fired row: org_id, rule, procedure, subject, grade (NULL where the rule is not about one), value, threshold, basis_n,
tail_pct (how often chance alone gives what was seen or more, where the rule compares counts), previous (what it is
compared with), detail (what somebody else said, in words).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.risk.procedures import at_or_above
from msoko_pipeline.uncertainty import normal_tail

FIRED = [
    "org_id",
    "rule",
    "procedure",
    "subject",
    "grade",
    "value",
    "threshold",
    "basis_n",
    "tail_pct",
    "previous",
    "detail",
]
SAME = ["org_id", "procedure", "subject", "grade"]
CATEGORIES = ("shnor", "risk_zone", "none", "no_data")
SHNOR, ZONE = ("SHNOR_A", "SHNOR_B", "SHNOR_Q"), ("R1", "R2", "R3", "R4", "R5", "R6", "R7")


@dataclass(frozen=True)
class Evidence:
    """What the rules of a year look at.

    procedures: of this year and the two before (see `procedures.procedures`); schools: org_id of every school that must
    have a category; shnor_before: ШНОР of the year before; signs: org_id with a sign of non-objectivity this year;
    regulator: org_id, indicator, of the year.
    """

    year: int
    rules: dict[str, Any]
    procedures: pd.DataFrame
    schools: pd.Series
    shnor_before: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    regulator: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["org_id", "indicator"]))

    def of(self, year: int) -> pd.DataFrame:
        """Judged rows of the rules' procedures in a year."""
        told = self.procedures
        return told[(told["year"] == year) & told["listed"] & told["judged"]]

    def both(self) -> pd.DataFrame:
        """The same procedure this year and the year before, `_1` for the earlier."""
        before = self.of(self.year - 1)[[*SAME, "fail_pct", "quality_pct", "low", "n", "failed", "good", "tail_pct"]]
        return self.of(self.year).merge(before, on=SAME, suffixes=("", "_1"))


def shnor(known: Evidence) -> pd.DataFrame:
    """Rules of ШНОР that fired. With mode `both` A and B count only together."""
    rules, parts = known.rules, {}
    if rules["SHNOR_A"]["enabled"]:
        span = range(known.year - rules["SHNOR_A"]["years"] + 1, known.year + 1)
        told = pd.concat([known.of(year) for year in span])
        low = told[told["low"].fillna(False).astype(bool)]
        several = low.groupby("org_id")["code"].transform("size") >= rules["SHNOR_A"]["procedures_from"]
        parts["SHNOR_A"] = _fired("SHNOR_A", low[several], rules["low"]["from"])
    if rules["SHNOR_B"]["enabled"]:
        told = known.both()
        again = told[told["low"].fillna(False).astype(bool) & told["low_1"].fillna(False).astype(bool)]
        parts["SHNOR_B"] = _fired(
            "SHNOR_B", again, rules["low"]["from"], previous=again["fail_pct_1"],
            tail_pct=again["tail_pct"] * again["tail_pct_1"] / 100,
        )  # fmt: skip
    if rules["mode"] == "both" and {"SHNOR_A", "SHNOR_B"} <= parts.keys():
        together = set(parts["SHNOR_A"]["org_id"]) & set(parts["SHNOR_B"]["org_id"])
        parts = {rule: part[part["org_id"].isin(together)] for rule, part in parts.items()}
    if rules["SHNOR_Q"]["enabled"]:
        parts["SHNOR_Q"] = _worst(known, rules["SHNOR_Q"]["share"])
    return _joined(parts.values())


def _worst(known: Evidence, share: float) -> pd.DataFrame:
    """Schools whose mean share below the minimum over the procedures is among the worst `share` % of schools."""
    means = known.of(known.year).groupby("org_id", as_index=False).agg(fail_pct=("fail_pct", "mean"), n=("n", "sum"))
    bound = means["fail_pct"].quantile(1 - share / 100)
    return _fired("SHNOR_Q", means[(means["fail_pct"] >= bound) & means["fail_pct"].gt(0)], bound)


def zone(known: Evidence, low_schools: Collection[str] = ()) -> pd.DataFrame:
    """Rules of the risk zone that fired, for every school; whoever is ШНОР is not in the zone (see `categories`).

    low_schools: ШНОР of the year; a low result that makes none (R1) and the year after (R5) are not about them.
    """
    rules, now = known.rules, known.of(known.year)
    low = now[now["low"].fillna(False).astype(bool)]
    both = known.both()
    limits = {rule: rules[rule] for rule in ZONE}
    parts = {}
    parts["R1"] = _fired("R1", low[~low["org_id"].isin(low_schools)], rules["low"]["from"])
    near = now[
        at_or_above(now["failed"], now["n"], limits["R2"]["from"]) & (now["fail_pct"] < limits["R2"]["below"] - 1e-9)
    ]
    parts["R2"] = _fired("R2", _several(near, limits["R2"]), limits["R2"]["from"])
    rise = both["fail_pct"] - both["fail_pct_1"]
    worse = both[rise >= limits["R3"]["rise"] - 1e-9]
    parts["R3"] = _fired(
        "R3", _several(worse, limits["R3"]), limits["R3"]["rise"], value=rise, previous=both["fail_pct_1"],
        tail_pct=_tail(both, "failed"),
    )  # fmt: skip
    fall = both["quality_pct_1"] - both["quality_pct"]
    fallen = both[fall >= limits["R4"]["fall"] - 1e-9]
    parts["R4"] = _fired(
        "R4", _several(fallen, limits["R4"]), limits["R4"]["fall"], value=fall, previous=both["quality_pct_1"],
        tail_pct=_tail(both, "good", -1),
    )  # fmt: skip
    left = known.shnor_before & set(now["org_id"]) - set(low_schools)
    parts["R5"] = _fired("R5", pd.DataFrame({"org_id": sorted(left)}), np.nan)
    exams = now[(now["procedure"] == "OGE") & now["org_id"].isin(known.signs)]
    below = exams[exams["completion_pct"] < exams["town_completion_pct"]]
    parts["R6"] = _fired("R6", below, below["town_completion_pct"], value=below["completion_pct"], tail_pct=np.nan)
    parts["R7"] = _fired("R7", known.regulator, np.nan, detail=known.regulator["indicator"])
    return _joined(part for rule, part in parts.items() if limits[rule]["enabled"])


def _several(told: pd.DataFrame, limit: dict[str, Any]) -> pd.DataFrame:
    return told[told.groupby("org_id")["org_id"].transform("size") >= limit["procedures_from"]]


def _tail(both: pd.DataFrame, count: str, way: int = 1) -> pd.Series:
    """How often a share that has not changed differs as much as was seen, or more (normal, pooled), %.

    count: the column of those counted; way: 1 where it has risen since the year before, −1 where it has fallen.
    """
    n, n1 = both["n"].to_numpy(float), both["n_1"].to_numpy(float)
    part, part1 = both[count].to_numpy(float), both[f"{count}_1"].to_numpy(float)
    pooled = (part + part1) / (n + n1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = way * (part / n - part1 / n1) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n1))
    return pd.Series(normal_tail(z) * 100, index=both.index)


def _fired(rule: str, told: pd.DataFrame, threshold: Any, **given: Any) -> pd.DataFrame:
    """Rows of a rule; value is the share below the minimum unless given (aligned by index)."""
    found = told.assign(rule=rule, threshold=threshold, value=told.get("fail_pct"), basis_n=told.get("n"))
    for name, values in given.items():
        found[name] = values.reindex(found.index) if isinstance(values, pd.Series) else values
    return found.reindex(columns=FIRED)


def _joined(parts: Any) -> pd.DataFrame:
    found = pd.concat([pd.DataFrame(columns=FIRED), *parts], ignore_index=True)
    return found.astype(
        dict.fromkeys(("org_id", "rule", "procedure", "subject", "detail"), "string")
        | {"grade": "Int64"}
        | dict.fromkeys(("value", "threshold", "basis_n", "tail_pct", "previous"), "float64")
    )


def categories(known: Evidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Category of every school and the rules that made it.

    First: org_id, category, low_procedures (count), low_procedure_codes, judged_procedures, small_base_procedures,
    insufficient_procedures, rules. Second: fired rows (FIRED), those of the zone also where the school is ШНОР. ШНОР
    first; else the zone where a rule fired; else `none`; a school without one judged procedure is `no_data`, unless
    the regulator's own indicator (R7) puts it into the zone.
    """
    low = shnor(known)
    warned = zone(known, set(low["org_id"]))
    told = known.procedures[(known.procedures["year"] == known.year) & known.procedures["listed"]]
    judged = told[told["judged"]]
    found = pd.DataFrame({"org_id": pd.array(sorted({*known.schools, *told["org_id"]}), dtype="string")})
    by_school = judged.groupby("org_id")
    found["judged_procedures"] = _counted(found, by_school.size())
    is_lacking = told["not_judged"].notna() if "not_judged" in told else pd.Series(False, index=told.index)
    found["small_base_procedures"] = _counted(found, told[~told["judged"] & ~is_lacking].groupby("org_id").size())
    found["insufficient_procedures"] = _counted(found, told[is_lacking].groupby("org_id").size())
    lows = judged[judged["low"].fillna(False).astype(bool)]
    found["low_procedures"] = _counted(found, lows.groupby("org_id").size()).where(found["judged_procedures"] > 0)
    found["low_procedure_codes"] = found["org_id"].map(lows.groupby("org_id")["code"].agg("; ".join))
    is_low, has_base = found["org_id"].isin(low["org_id"]), found["judged_procedures"] > 0
    told_off = found["org_id"].isin(warned.loc[warned["rule"] == "R7", "org_id"])
    in_zone = found["org_id"].isin(warned["org_id"]) & (has_base | told_off)
    found["category"] = np.select(
        [is_low & has_base, in_zone, has_base], ["shnor", "risk_zone", "none"], default="no_data"
    )
    fired = _joined([low, warned])
    found["rules"] = found["org_id"].map(fired.groupby("org_id")["rule"].agg(lambda r: "; ".join(dict.fromkeys(r))))
    return found, fired


def _counted(found: pd.DataFrame, sizes: pd.Series) -> pd.Series:
    return found["org_id"].map(sizes).fillna(0).astype("Int64")


ORDER = {"none": 0, "risk_zone": 1, "shnor": 2}


def movement(before: pd.Series, now: pd.Series) -> pd.Series:
    """better, same, worse; NULL where either year has no category."""
    step = now.map(ORDER).astype("float64") - before.map(ORDER).astype("float64")
    return np.sign(step).map({-1.0: "better", 0.0: "same", 1.0: "worse"}).astype("string")
