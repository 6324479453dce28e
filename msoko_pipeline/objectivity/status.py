"""From signs to a school's status over three years, and the index of objectivity of a territory."""

from __future__ import annotations

import pandas as pd

from msoko_pipeline.settings import Settings
from msoko_pipeline.uncertainty import wilson
from schemas import catalogue

STATUSES = ("no_signs", "signs", "persistent")


def counting(signs: pd.DataFrame, year: int) -> pd.DataFrame:
    """Signs of a year that make a status there."""
    declared = catalogue.signs(year)["signs"]
    return signs[(signs["year"] == year) & signs["sign"].isin([s for s, told in declared.items() if told["counts"]])]


def statuses(signs: pd.DataFrame, year: int) -> pd.DataFrame:
    """org_id, objectivity_status, signs (flagged in the year), sign_years (years flagged of the last three).

    signs: rows of this and the two earlier years. `persistent` where flagged in `persistent_from` of the last `years`;
    a school of which no sign could be judged in the year and none flagged before has no row.
    """
    declared = catalogue.signs(year)["status"]
    told = [counting(signs, y).assign(of=y) for y in range(year - declared["years"] + 1, year + 1)]
    every = pd.concat(told, ignore_index=True)
    every["hit"] = every["flagged"].fillna(False).astype(bool)
    now = every[every["of"] == year]
    judged = now.loc[now["flagged"].notna(), "org_id"].unique()
    hits = every[every["hit"]].groupby("org_id")["of"].nunique()
    told_of = sorted({*judged, *hits[hits >= declared["persistent_from"]].index})
    found = pd.DataFrame({"org_id": pd.array(told_of, dtype="string")})
    found["signs"] = found["org_id"].map(now[now["hit"]].groupby("org_id").size()).fillna(0).astype("int64")
    found["sign_years"] = found["org_id"].map(hits).fillna(0).astype("int64")
    found["objectivity_status"] = "no_signs"
    found.loc[found["signs"] > 0, "objectivity_status"] = "signs"
    found.loc[found["sign_years"] >= declared["persistent_from"], "objectivity_status"] = "persistent"
    found["year"] = year
    return found


BASES = ("fioko", "all")
INDEX = {
    "year": "int64", "level": "string", "unit_id": "string", "basis": "string", "schools": "int64",
    "with_signs": "int64", "with_signs_pct": "float64", "ci_low": "float64", "ci_high": "float64",
    "index_value": "float64",
}  # fmt: skip


def index(signs: pd.DataFrame, home: pd.DataFrame, settings: Settings, year: int) -> pd.DataFrame:
    """Index of objectivity, 100 − share of schools with at least one sign (ФИОКО, 2019, stages 2 and 3).

    signs: rows of the year; home: org_id, municipality_id. Per municipality (and the region, where the inbox covers it)
    and basis: `fioko` counts the methodology's signs, `all` every sign that makes a status. Columns: INDEX; schools:
    those in which at least one sign could be judged; the interval is Wilson's, %.
    """
    declared = catalogue.signs(year)["signs"]
    places = home.set_index("org_id")["municipality_id"]
    parts = []
    for basis in BASES:
        chosen = [
            s for s, told in declared.items() if (told["evidence"] == "fioko" if basis == "fioko" else told["counts"])
        ]
        judged = signs[signs["sign"].isin(chosen) & signs["flagged"].notna()]
        hit = judged.assign(hit=judged["flagged"].astype(bool)).groupby("org_id", as_index=False)["hit"].any()
        told = [hit.assign(level="municipality", unit_id=hit["org_id"].map(places))]
        told += [hit.assign(level="region", unit_id=settings.region_code)] if settings.scope == "region" else []
        parts.append(pd.concat(told, ignore_index=True).assign(basis=basis))
    every = pd.concat(parts, ignore_index=True).groupby(["level", "unit_id", "basis"], as_index=False)
    found = every.agg(schools=("hit", "size"), with_signs=("hit", "sum"))
    low, high = wilson(found["with_signs"], found["schools"])
    share = found["with_signs"] / found["schools"] * 100
    found = found.assign(year=year, with_signs_pct=share, ci_low=low * 100, ci_high=high * 100, index_value=100 - share)
    return found.astype(INDEX)[list(INDEX)]
