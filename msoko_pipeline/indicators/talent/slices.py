"""What the registers of talents have in common: slices of the rows, pupils as people, coverage of the contingent.

A pupil is a key within a school: namesakes of two schools are two pupils, and whoever changes the school is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import among, typed
from msoko_pipeline.indicators.organisations.register import homes
from msoko_pipeline.indicators.registers import measures
from msoko_pipeline.indicators.registers.aggregates import beside
from msoko_pipeline.indicators.registers.unit_shares import UNIT, with_share
from schemas.declared import DeclaredMart
from schemas.fields import columns_of
from schemas.measure import ALL, ENROLLED

PUPIL = ["year", "org_id", "pupil_key"]


def once(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The rows, one per key: a file that spells a school in two ways may name a pupil of it twice. rows: key, rank."""
    ordered = rows.sort_values("rank", kind="stable")
    return ordered.drop_duplicates([*key], keep="last").sort_values([*key], ignore_index=True)


def settled(rows: pd.DataFrame, key: Sequence[str], alike: Sequence[str]) -> pd.DataFrame:
    """The rows with what all rows of one event must say alike (`alike`) taken from the first of them that says it."""
    first = rows.groupby([*key])[[*alike]].transform("first")
    return rows.assign(**{name: first[name] for name in alike})


def columns(declared: DeclaredMart) -> dict[str, str]:
    """What a mart takes of the facts of its register: column → type; year, org_id and rank besides."""
    specs = {spec.name: spec.dtype for spec in columns_of(declared.rows)}
    specs |= {name: specs[dimension.of] for name, dimension in declared.renamed.items()}
    names = declared.columns - {*declared.joined, ENROLLED, "org_id"}
    types = {"str": "string", "Int": "Int64", "boo": "boolean"}
    return {
        "year": "int64",
        "org_id": "string",
        "rank": "int64",
        **{name: types[specs[name][:3]] for name in sorted(names)},
    }


def participations(rows: pd.DataFrame, declared: DeclaredMart) -> pd.DataFrame:
    """`columns` of the rows: each pupil once in an event, with what all rows of the event tell alike.

    rows: facts with org_id and rank.
    """
    renamed = {dimension.of: name for name, dimension in declared.renamed.items()}
    counted = once(typed(rows.rename(columns=renamed), columns(declared)), ["year", *declared.once])
    for event, alike in declared.alike.items():
        counted = settled(counted, ["year", event], alike)
    return counted


def measured(
    connection: Any, declared: DeclaredMart, rows: pd.DataFrame, units: pd.DataFrame, contingent: pd.DataFrame
) -> pd.DataFrame:
    """`measures.measured` of a register of pupils, typed as it is published.

    rows: `participations` with what the step joins; units: year, org_id, level, unit_id; contingent:
    `contingents.COLUMNS`.
    """
    of_schools = contingent.rename(columns={"pupils": ENROLLED})[["year", "org_id", ENROLLED]]
    of_units = contingents(contingent, units).rename(
        columns={"contingent": ENROLLED, "contingent_source": "enrolled_source"}
    )
    participations = rows.merge(of_schools, on=["year", "org_id"], how="left")
    own = participations.assign(**{beside(name): participations[name] for name in declared.dimensions})
    sliced = engine.load(connection, slices(own, *declared.slices).merge(units, on=["year", "org_id"]))
    return measures.measured(sliced, None, None, declared, of_units)


def slices(rows: pd.DataFrame, *kept: tuple[str, ...]) -> pd.DataFrame:
    """The rows once for each set of dimensions: those that a set leaves out are ALL in it."""
    dimensions = list(dict.fromkeys(name for names in kept for name in names))
    parts = [rows.assign(**{name: ALL for name in dimensions if name not in names}) for names in kept]
    return pd.concat(parts, ignore_index=True)


def contingents(contingent: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """UNIT and contingent, pupils of the unit's schools of which it is known; contingent_source: whence, by `; `.

    contingent: `contingents.COLUMNS`; units: year, org_id, level, unit_id.
    """
    of_schools = contingent.dropna(subset=["pupils"]).merge(units, on=["year", "org_id"])
    of_units = of_schools.groupby([*UNIT], as_index=False).agg(
        contingent=("pupils", "sum"), contingent_source=("source", lambda codes: "; ".join(sorted(set(codes))))
    )
    return of_units.astype({"contingent": "Int64", "contingent_source": "string"})


def is_known(rows: pd.DataFrame, contingent: pd.DataFrame) -> pd.Series:
    """Whether the contingent of each row's school is known: only such pupils enter a share of the contingent."""
    return among(rows, contingent.dropna(subset=["pupils"]), ["year", "org_id"])


def with_coverage(counts: pd.DataFrame, contingent: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Adds contingent, its source, and coverage_pct with its interval: `covered` pupils of the unit's contingent, both
    of the schools whose contingent is known; covered is NULL where none is.
    """
    whole = counts.merge(contingents(contingent, units), on=[*UNIT], how="left")
    whole["covered"] = whole["covered"].astype("Int64").where(whole["contingent"].notna())
    return with_share(whole, "coverage", whole["covered"], whole["contingent"])


def where(mask: pd.Series, values: pd.Series) -> pd.Series:
    """The values where the mask holds, else NULL: for counting the distinct ones."""
    return values.where(mask.fillna(False).astype(bool))


def of_towns(rows: pd.DataFrame, others: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    """Whether each row's town is one of those that `others` has a row of, in the row's year."""
    home = homes(units)
    towns = others[["year", "org_id"]].merge(home, on=["year", "org_id"])
    ours = rows[["year", "org_id"]].merge(home, on=["year", "org_id"], how="left").set_index(rows.index)
    return among(ours, towns, ["year", "home"])
