"""ШНОР and the risk zone: each rule a function from procedures to the rows that fired. Thresholds are data.

A fired row: org_id, rule, procedure, subject, grade (NULL where the rule is not about one), value, threshold, basis_n,
tail_pct (how often chance alone gives what was seen or more, where the rule compares counts), probability_pct (how sure
a change of true shares is, where the rule asks for that), previous (what it is compared with), expected (the same,
moved as the town was), detail (what somebody else said, in words).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import normal_tail
from msoko_pipeline.risk.changes import changes
from msoko_pipeline.risk.firing import CHANGES, SAME, Fired, Pairs, fire, pairs

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
    "probability_pct",
    "previous",
    "expected",
    "detail",
]
CATEGORIES = ("shnor", "risk_zone", "none", "no_data")


@dataclass(frozen=True)
class Evidence:
    """What the rules of a year look at.

    procedures: of this year and the two before (see `procedures.procedures`); schools: org_id of every school that must
    have a category; shnor_before: ШНОР of the year before; signs: org_id whose evidence of non-objectivity is enough
    this year; regulator: org_id, indicator, of the year; also: codes of procedures that other variants of the rules ask
    about.
    """

    year: int
    rules: dict[str, Any]
    procedures: pd.DataFrame
    schools: pd.Series
    shnor_before: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    regulator: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["org_id", "indicator"]))
    also: frozenset[str] = frozenset()

    @cached_property
    def changes(self) -> pd.DataFrame:
        """`changes.changes` of the year, made once."""
        return changes(self.procedures, self.year, self.rules, {*self.rules["procedures"], *self.also})

    @cached_property
    def pairs(self) -> Pairs:
        """Works of this year beside those of the year before, made once for all variants of the rules."""
        procedures = self.procedures
        listed = procedures.loc[(procedures["year"] == self.year) & procedures["listed"], "org_id"]
        return pairs(
            procedures, self.changes, self.year, {*self.schools, *listed}, self.shnor_before, self.signs,
            self.regulator["org_id"].tolist(),
        )  # fmt: skip

    @cached_property
    def fired(self) -> Fired:
        """What the rules in force answer of the pairs."""
        return fire(self.pairs, self.rules)

    def of(self, year: int) -> pd.DataFrame:
        """Judged rows of the rules' procedures in a year."""
        procedures = self.procedures
        return procedures[(procedures["year"] == year) & procedures["listed"] & procedures["judged"]]


def fired_rows(evidence: Evidence, fired: Fired) -> pd.DataFrame:
    """Every rule that fired, a row each: FIRED. Those of the zone also where the school is ШНОР."""
    rules, rows, names = evidence.rules, evidence.pairs.rows, evidence.pairs.schools
    parts = {}
    low_from = rules["low"]["from"]
    parts["SHNOR_A"] = _fired("SHNOR_A", rows[fired.works["SHNOR_A"]], low_from)
    before = rows[[*SAME, *(f"{name}_1" for name in ("fail_pct", "n", "tail_pct"))]].rename(
        columns={f"{name}_1": name for name in ("fail_pct", "n", "tail_pct")}
    )
    parts["earlier"] = _fired("SHNOR_A", before[fired.earlier], low_from)
    again = rows[fired.works["SHNOR_B"]]
    parts["SHNOR_B"] = _fired(
        "SHNOR_B", again, low_from, previous=again["fail_pct_1"], tail_pct=again["tail_pct"] * again["tail_pct_1"] / 100
    )
    parts["SHNOR_Q"] = _fired("SHNOR_Q", _means(evidence, fired), fired.bound)
    parts["R1"] = _fired("R1", rows[fired.works["R1"]], low_from)
    parts["R2"] = _fired("R2", rows[fired.works["R2"]], rules["R2"]["from"])
    for rule in CHANGES:
        parts[rule] = _changed(rule, rows[fired.works[rule]], rules[rule])
    parts["R5"] = _fired("R5", pd.DataFrame({"org_id": names[fired.schools["R5"]]}), np.nan)
    below = rows[fired.works["R6"]]
    parts["R6"] = _fired("R6", below, below["town_completion_pct"], value=below["completion_pct"], tail_pct=np.nan)
    if rules["R7"]["enabled"]:
        parts["R7"] = _fired("R7", evidence.regulator, np.nan, detail=evidence.regulator["indicator"])
    return _joined(part for part in parts.values() if len(part))


def _means(evidence: Evidence, fired: Fired) -> pd.DataFrame:
    """Schools that SHNOR_Q names: mean share below the minimum, participants."""
    rows = evidence.pairs.rows[fired.judged & fired.schools["SHNOR_Q"][evidence.pairs.rows["school"].to_numpy()]]
    return rows.groupby("org_id", as_index=False).agg(fail_pct=("fail_pct", "mean"), n=("n", "sum"))


_COUNTS = {"R3": "failed", "R4": "good"}


def _changed(rule: str, rows: pd.DataFrame, limit: dict[str, Any]) -> pd.DataFrame:
    """R3, R4: the seen change with its chance, or, where the rule asks for it, the probability of the true one."""
    name, share, way = CHANGES[rule]
    if "probability" not in limit:
        change = way * (rows[share] - rows[f"{share}_1"])
        tail = _tail(rows, _COUNTS[rule], way)
        return _fired(rule, rows, limit[name], value=change, previous=rows[f"{share}_1"], tail_pct=tail)
    return _fired(
        rule, rows, limit[name], value=rows[name], previous=rows[f"{share}_1"], tail_pct=np.nan,
        expected=rows[f"{name}_expected"], probability_pct=rows[f"{name}_probability"],
    )  # fmt: skip


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


def _fired(rule: str, rows: pd.DataFrame, threshold: Any, **given: Any) -> pd.DataFrame:
    """Rows of a rule; value is the share below the minimum unless given (aligned by index)."""
    fired = rows.assign(rule=rule, threshold=threshold, value=rows.get("fail_pct"), basis_n=rows.get("n"))
    for name, values in given.items():
        fired[name] = values.reindex(fired.index) if isinstance(values, pd.Series) else values
    return fired.reindex(columns=FIRED)


def _joined(parts: Any) -> pd.DataFrame:
    fired = pd.concat([pd.DataFrame(columns=FIRED), *parts], ignore_index=True)
    return fired.astype(
        dict.fromkeys(("org_id", "rule", "procedure", "subject", "detail"), "string")
        | {"grade": "Int64"}
        | dict.fromkeys(
            ("value", "threshold", "basis_n", "tail_pct", "probability_pct", "previous", "expected"), "float64"
        )
    )


def categories(evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Category of every school and the rules that made it.

    First: org_id, category, low_procedures (count), low_procedure_codes, judged_procedures, small_base_procedures,
    insufficient_procedures, rules. Second: fired rows (FIRED), those of the zone also where the school is ШНОР. ШНОР
    first; else the zone where a rule fired; else `none`; a school without one judged procedure is `no_data`, unless
    the regulator's own indicator (R7) puts it into the zone.
    """
    fired = fired_rows(evidence, evidence.fired)
    procedures = evidence.procedures[(evidence.procedures["year"] == evidence.year) & evidence.procedures["listed"]]
    judged = procedures[procedures["judged"]]
    schools = pd.DataFrame({"org_id": pd.array(sorted({*evidence.schools, *procedures["org_id"]}), dtype="string")})
    by_school = judged.groupby("org_id")
    schools["judged_procedures"] = _counted(schools, by_school.size())
    is_lacking = (
        procedures["not_judged"].notna() if "not_judged" in procedures else pd.Series(False, index=procedures.index)
    )
    schools["small_base_procedures"] = _counted(
        schools, procedures[~procedures["judged"] & ~is_lacking].groupby("org_id").size()
    )
    schools["insufficient_procedures"] = _counted(schools, procedures[is_lacking].groupby("org_id").size())
    lows = judged[judged["low"].fillna(False).astype(bool)]
    schools["low_procedures"] = _counted(schools, lows.groupby("org_id").size()).where(schools["judged_procedures"] > 0)
    schools["low_procedure_codes"] = schools["org_id"].map(lows.groupby("org_id")["code"].agg("; ".join))
    names = evidence.fired.categories(evidence.pairs.rows["school"].to_numpy())
    schools["category"] = schools["org_id"].map(pd.Series(names, index=evidence.pairs.schools))
    schools["rules"] = schools["org_id"].map(fired.groupby("org_id")["rule"].agg(lambda r: "; ".join(dict.fromkeys(r))))
    return schools, fired


def _counted(schools: pd.DataFrame, sizes: pd.Series) -> pd.Series:
    return schools["org_id"].map(sizes).fillna(0).astype("Int64")


ORDER = {"none": 0, "risk_zone": 1, "shnor": 2}


def movement(before: pd.Series, now: pd.Series) -> pd.Series:
    """better, same, worse; NULL where either year has no category."""
    step = now.map(ORDER).astype("float64") - before.map(ORDER).astype("float64")
    return np.sign(step).map({-1.0: "better", 0.0: "same", 1.0: "worse"}).astype("string")
