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


def sensitivity(known: Evidence, declared: Mapping[str, Any], official: pd.Series) -> pd.DataFrame:
    """A row per school and variant of `declared`: SENSITIVITY. official: the category of the rules in force by org_id.

    known: with posteriors (`certainty.with_posteriors`). probability_pct: P(ШНОР by the variant), %; is_other: the
    category differs from the official one. A variant is like the rules in force, or like a variant of them (`like`),
    except the numbers that it tells.
    """
    pairs, parts = known.pairs, []
    school = pairs.rows["school"].to_numpy()
    for name, told in declared.items():
        rules = _rules(told, known.rules, known.year)
        fired = fire(pairs, rules)
        found = pd.DataFrame({"org_id": pairs.schools, "category": fired.categories(school)})
        found["probability_pct"] = found["org_id"].map(certainty.shnor_pct(pairs, fired, rules))
        parts.append(found.assign(variant=name, title_ru=told["title"]))
    found = pd.concat(parts, ignore_index=True)
    found = found[found["org_id"].isin(official.index)].assign(year=known.year)
    found["is_other"] = found["category"] != found["org_id"].map(official)
    return found.astype(SENSITIVITY)[list(SENSITIVITY)]


def procedures_of(declared: Mapping[str, Any], year: int) -> set[str]:
    """Codes of the procedures that the variants name besides the rules in force."""
    return {code for told in declared.values() for code in _rules(told, {"procedures": ()}, year)["procedures"]}


def _rules(told: Mapping[str, Any], in_force: Mapping[str, Any], year: int) -> dict[str, Any]:
    like = catalogue.risk_rules(told["like"], year) if "like" in told else in_force
    return merged(like, told.get("rules", {}))


def merged(rules: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Rules with other values of some; a rule keeps what the other does not tell."""
    return {
        **rules,
        **{
            name: {**rules.get(name, {}), **value} if isinstance(value, dict) else value
            for name, value in other.items()
        },
    }
