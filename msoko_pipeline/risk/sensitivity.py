"""The list of ШНОР under other rules: which schools change their category when a number of the rules is another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from msoko_pipeline.risk import certainty
from msoko_pipeline.risk.categories import Evidence
from msoko_pipeline.risk.firing import fire
from schemas import catalogue

SENSITIVITY = {
    "year": "int64", "org_id": "string", "variant": "string", "title_ru": "string", "category": "string",
    "probability_pct": "float64", "is_other": "boolean",
}  # fmt: skip
"""Columns of `sensitivity`: name → type."""


def sensitivity(evidence: Evidence, declared: Mapping[str, Any], official: pd.Series) -> pd.DataFrame:
    """A row per school and variant of `declared`: SENSITIVITY. official: the category of the rules in force by org_id.

    evidence: with posteriors (`certainty.with_posteriors`). probability_pct: P(ШНОР by the variant), %; is_other: the
    category differs from the official one. A variant is like the rules in force, or like a variant of them (`like`),
    except the numbers that it tells.
    """
    pairs, parts = evidence.pairs, []
    school = pairs.rows["school"].to_numpy()
    for name, variant in declared.items():
        rules = _rules(variant, evidence.rules, evidence.year)
        fired = fire(pairs, rules)
        schools = pd.DataFrame({"org_id": pairs.schools, "category": fired.categories(school)})
        schools["probability_pct"] = schools["org_id"].map(certainty.shnor_pct(pairs, fired, rules))
        parts.append(schools.assign(variant=name, title_ru=variant["title"]))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["org_id"].isin(official.index)].assign(year=evidence.year)
    rows["is_other"] = rows["category"] != rows["org_id"].map(official)
    return rows.astype(SENSITIVITY)[list(SENSITIVITY)]


def procedures_of(declared: Mapping[str, Any], year: int) -> set[str]:
    """Codes of the procedures that the variants name besides the rules in force."""
    return {code for variant in declared.values() for code in _rules(variant, {"procedures": ()}, year)["procedures"]}


def _rules(variant: Mapping[str, Any], in_force: Mapping[str, Any], year: int) -> dict[str, Any]:
    like = catalogue.risk_rules(variant["like"], year) if "like" in variant else in_force
    return merged(like, variant.get("rules", {}))


def merged(rules: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Rules with other values of some; a rule keeps what the other does not tell."""
    return {
        **rules,
        **{
            name: {**rules.get(name, {}), **value} if isinstance(value, dict) else value
            for name, value in other.items()
        },
    }
