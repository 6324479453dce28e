"""From signs to a school's status over three years, and the index of objectivity of a territory.

Two statuses stand side by side. `objectivity_2019`: any of the fourteen signs of ФИОКО (2019), or the official list
where there is one. `objectivity_status`: the project's own, which wants evidence of two independent families in a year,
or an official list or a recheck.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.numbers.uncertainty import wilson
from msoko_pipeline.settings import Settings
from schemas import catalogue

YEARS = {
    "org_id": "string", "signs": "int64", "families": "int64", "families_judged": "int64", "hit": "bool",
    "judged": "bool", "chance": "float64",
}  # fmt: skip


def evidence(signs: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows of a year that bear on the project's status, with family, hit (flagged, and no oftener by chance than
    `chance_most`), judged and chance (that an objective school is flagged there, 0…1).
    """
    declared = {name: rule for name, rule in catalogue.signs(year)["signs"].items() if rule["counts"]}
    rows = signs[(signs["year"] == year) & signs["sign"].isin([*declared])].copy()
    rows["family"] = rows["sign"].map({name: rule["family"] for name, rule in declared.items()})
    most = rows["sign"].map({name: rule.get("chance_most", 100.0) for name, rule in declared.items()}).astype("float64")
    sure = ~(rows["chance_pct"] > most).fillna(False)
    rows["judged"] = rows["flagged"].notna() & sure
    rows["hit"] = rows["flagged"].fillna(False).astype(bool) & sure
    rows["chance"] = (rows["chance_pct"].astype("float64") / 100).fillna(0.0)
    return rows


def of_year(signs: pd.DataFrame, year: int) -> pd.DataFrame:
    """What a year says of each school (YEARS): signs and families that speak, families judged, hit: whether they are
    enough, judged: whether enough could have been, chance: that an objective school has enough by chance, 0…1.

    chance: each family's own is 1 − Π(1 − chance) of its rows, families taken as independent; somebody else's finding
    (`alone`) has none.
    """
    rows, rule = evidence(signs, year), catalogue.signs(year)["status"]
    alone = rows["family"].isin(rule["alone"])
    rows = rows[rows["judged"]].assign(alone=alone, quiet=np.log1p(-rows["chance"].clip(upper=0.999999)))
    rows["named"], rows["quiet"] = rows["hit"] & rows["alone"], rows["quiet"].where(~rows["alone"], 0.0)
    of_family = rows.groupby(["org_id", "family"], as_index=False).agg(
        signs=("hit", "sum"), speaks=("hit", "any"), named=("named", "any"), alone=("alone", "any"),
        quiet=("quiet", "sum"),
    )  # fmt: skip
    of_family["silent"] = np.exp(of_family["quiet"])
    of_family["odds"] = (1 - of_family["silent"]) / of_family["silent"]
    of_family["squares"] = of_family["odds"] ** 2
    schools = of_family.groupby("org_id", as_index=False).agg(
        signs=("signs", "sum"), families=("speaks", "sum"), families_judged=("speaks", "size"), named=("named", "any"),
        alone=("alone", "any"), silent=("silent", "prod"), one=("odds", "sum"),
        squares=("squares", "sum"),
    )  # fmt: skip
    least = rule["families_from"]
    none, single = schools["silent"], schools["silent"] * schools["one"]
    pair = schools["silent"] * (schools["one"] ** 2 - schools["squares"]) / 2
    fewer = sum((none, single, pair)[:least])
    return (
        schools.assign(
            hit=schools["named"] | schools["families"].ge(least),
            judged=schools["alone"] | schools["families_judged"].ge(least),
            chance=(1 - fewer).clip(lower=0),
        )
        .reindex(columns=list(YEARS))
        .astype(YEARS)
    )


def by_methodology(signs: pd.DataFrame, year: int) -> pd.DataFrame:
    """The same of the methodology of 2019: org_id, hit, judged, chance (that an objective school has a sign).

    Where the year has an official list, it alone decides, and nothing is known of chance (NaN).
    """
    declared = {sign: rule for sign, rule in catalogue.signs(year)["signs"].items() if rule["evidence"] == "fioko"}
    rows = signs[(signs["year"] == year) & signs["flagged"].notna()]
    own, listed = rows[rows["sign"].isin([*declared])], rows[rows["sign"] == "official_list"]
    quiet = np.log1p(-(own["chance_pct"].astype("float64") / 100).fillna(0.0).clip(upper=0.999999))
    of_sign = own.assign(hit=own["flagged"].astype(bool), quiet=quiet).groupby(["org_id", "sign"], as_index=False)
    by_sign = of_sign.agg(hit=("hit", "any"), quiet=("quiet", "sum"), worst=("quiet", "min"))
    shared = by_sign["sign"].map(lambda sign: bool(declared[sign].get("chance_shared")))
    by_sign["quiet"] = by_sign["quiet"].where(~shared, by_sign["worst"])
    schools = by_sign.groupby("org_id", as_index=False).agg(hit=("hit", "any"), quiet=("quiet", "sum"))
    schools["chance"] = 1 - np.exp(schools["quiet"])
    if len(listed):
        named = set(listed.loc[listed["flagged"].astype(bool), "org_id"])
        every = sorted({*schools["org_id"], *listed["org_id"]})
        schools = schools.set_index("org_id").reindex(every).rename_axis("org_id").reset_index()
        schools["hit"], schools["chance"] = schools["org_id"].isin(named), np.nan
    return schools.assign(judged=True)[["org_id", "hit", "judged", "chance"]].astype(
        {"org_id": "string", "hit": "bool"}
    )


def over_years(years: Sequence[pd.DataFrame], rule: dict[str, Any]) -> pd.DataFrame:
    """org_id, status, sign_years from the years of `of_year` or `by_methodology`, the last one last.

    `persistent` where hit in `persistent_from` of them; a school that could not be judged in the last year and was not
    hit so often before has no row.
    """
    every = pd.concat(years, ignore_index=True)
    hits = every[every["hit"]].groupby("org_id").size()
    now = years[-1]
    org_ids = sorted({*now.loc[now["judged"] | now["hit"], "org_id"], *hits[hits >= rule["persistent_from"]].index})
    schools = pd.DataFrame({"org_id": pd.array(org_ids, dtype="string")})
    schools["sign_years"] = schools["org_id"].map(hits).fillna(0).astype("int64")
    schools["status"] = np.select(
        [schools["sign_years"] >= rule["persistent_from"], schools["org_id"].isin(now.loc[now["hit"], "org_id"])],
        ["persistent", "signs"], default="no_signs",
    )  # fmt: skip
    return schools


ByYear = dict[int, tuple[pd.DataFrame, pd.DataFrame]]
"""Year → what `of_year` and `by_methodology` say of it."""


def statuses(signs: pd.DataFrame, year: int, by_year: ByYear | None = None) -> pd.DataFrame:
    """org_id, objectivity_status, signs, sign_families (that speak this year), families_judged, sign_years, hit (enough
    this year), objectivity_2019.

    signs: rows of this and the two earlier years; by_year: what is known of years already, and is added to. No row
    for a school of which nothing could be judged.
    """
    rule, by_year = catalogue.signs(year)["status"], {} if by_year is None else by_year
    span = range(year - rule["years"] + 1, year + 1)
    for y in span:
        if y not in by_year:
            by_year[y] = of_year(signs, y), by_methodology(signs, y)
    own = over_years(now := [by_year[y][0] for y in span], rule).rename(columns={"status": "objectivity_status"})
    theirs = over_years([by_year[y][1] for y in span], rule)
    schools = own.merge(
        theirs.rename(columns={"status": "objectivity_2019"}).drop(columns="sign_years"), on="org_id", how="outer"
    )
    counted = now[-1].drop(columns=["judged", "chance"]).rename(columns={"families": "sign_families"})
    schools = schools.merge(counted, on="org_id", how="outer")
    counts = dict.fromkeys(("sign_years", "signs", "sign_families", "families_judged"), "Int64")
    return schools.astype(counts).assign(hit=schools["hit"].fillna(False).astype(bool), year=year)


INDEX = {
    "year": "int64", "level": "string", "unit_id": "string", "basis": "string", "schools": "int64",
    "with_signs": "int64", "with_signs_pct": "float64", "ci_low": "float64", "ci_high": "float64",
    "index_value": "float64", "expected_false": "float64",
}  # fmt: skip


def index(signs: pd.DataFrame, home: pd.DataFrame, settings: Settings, year: int) -> pd.DataFrame:
    """Index of objectivity, 100 − share of schools with signs (ФИОКО, 2019, stages 2 and 3).

    signs: rows of the year; home: org_id, municipality_id. Per municipality (and the region, where the inbox covers it)
    and basis: `fioko`, the methodology of 2019; `project`, schools whose evidence of the year is enough. Columns:
    INDEX; schools: those that could be judged; the interval is Wilson's, %; expected_false: how many schools would be
    named in this territory if all of them were objective.
    """
    places = home.set_index("org_id")["municipality_id"]
    parts = []
    for basis, schools in (("fioko", by_methodology(signs, year)), ("project", of_year(signs, year))):
        judged = schools.loc[schools["judged"], ["org_id", "hit", "chance"]].assign(basis=basis)
        parts.append(judged.assign(level="municipality", unit_id=judged["org_id"].map(places)))
        parts += [judged.assign(level="region", unit_id=settings.region_code)] if settings.scope == "region" else []
    every = pd.concat(parts, ignore_index=True).groupby(["level", "unit_id", "basis"], as_index=False)
    units = every.agg(
        schools=("hit", "size"), with_signs=("hit", "sum"), expected_false=("chance", lambda c: c.sum(min_count=1))
    )
    low, high = wilson(units["with_signs"], units["schools"])
    share = units["with_signs"] / units["schools"] * 100
    units = units.assign(year=year, with_signs_pct=share, ci_low=low * 100, ci_high=high * 100, index_value=100 - share)
    return units.astype(INDEX)[list(INDEX)]
