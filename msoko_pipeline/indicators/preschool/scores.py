"""Scores of preschools: level → group → indicator → area → preschool → town. Nothing is rounded on the way.

A level that is not applicable (НП) is no data and enters no mean. Areas, weights, the order of sources and the names of
levels are data: `schemas/layouts/preschool/areas.yaml`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from schemas.measure import ALL
from schemas.preschool import NOT_APPLICABLE, confirmed_level

UNIT = ["year", "org_id"]
KEY = [*UNIT, "area", "indicator"]
"""indicator is ALL in an area's row, area and indicator in the row of the preschool's own score."""
MEANS = ("score", "score_self", "score_expert", "expert_pct")
"""What the chain of means carries from the groups up: scores, балл, and the share of levels that experts told, %."""
PLACES = 9  # digits that are compared with a threshold: 3,0 is 3,0 in whatever order the mean was taken


def levels(rows: pd.DataFrame) -> pd.Series:
    """Level of each row of the scales, 0…5: as its criteria confirm, as it says where they are not told; НП is NULL."""
    written = pd.to_numeric(rows["level"].where(rows["level"] != NOT_APPLICABLE), errors="coerce").astype("Float64")
    level = confirmed_level(rows).astype("Float64").fillna(written)
    return level.mask((rows["level"] == NOT_APPLICABLE).fillna(False).astype(bool))


def of_groups(rows: pd.DataFrame, sources: dict[str, Any]) -> pd.DataFrame:
    """One row per group and indicator: KEY, group_name, MEANS; `by_<source>`: whether it told a level.

    score: by sources["rule"] the level of the first source of sources["order"] that tells one (`precedence`), or the
    mean of all (`mean`); score_self, score_expert: what these two tell; expert_pct: 100 where the expert tells, else 0;
    self_gap: self-assessment − expert, where both tell.
    """
    order: list[str] = sources["order"]
    graded = rows.assign(value=levels(rows))
    graded = graded[graded["value"].notna()]
    wide = graded.groupby([*KEY, "group_name", "source"])["value"].mean().unstack("source").reindex(columns=order)
    wide = wide.astype("float64")
    score = wide.bfill(axis=1).iloc[:, 0] if sources["rule"] == "precedence" else wide.mean(axis=1)
    flags = {f"by_{name}": wide[name].notna() for name in order}
    expert = wide["expert"].notna() * 100.0
    both = {"score_self": wide["self"], "score_expert": wide["expert"], "self_gap": wide["self"] - wide["expert"]}
    return pd.DataFrame({"score": score, **both, "expert_pct": expert, **flags}).reset_index()


def scores(rows: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """One row per preschool and indicator, area (indicator ALL), whole (area and indicator ALL).

    rows: facts of the scales. Columns: KEY, MEANS, groups (how many were observed), self_gap, sources and ages (codes
    joined by `; `). An area is the mean of its indicators, a preschool the mean of its areas by their weights; MEANS of
    one source are so over what it tells.
    """
    flags = [f"by_{name}" for name in declared["sources"]["order"]]
    groups = of_groups(rows, declared["sources"])
    means = {name: (name, "mean") for name in (*MEANS, "self_gap")} | {flag: (flag, "any") for flag in flags}
    indicators = groups.groupby(KEY, as_index=False).agg(**means)
    areas = indicators.groupby(KEY[:3], as_index=False).agg(**means).assign(indicator=ALL)
    weight = areas["area"].map({code: area["weight"] for code, area in declared["areas"].items()}).astype("float64")
    counted = areas[weight > 0].assign(weight=weight)
    wholes = counted.groupby(UNIT, as_index=False).agg(**means).assign(area=ALL, indicator=ALL)
    whole = pd.concat([weighted(counted, UNIT, name, "weight") for name in MEANS], axis=1).reset_index()
    wholes = wholes.drop(columns=[*MEANS]).merge(whole, on=UNIT)
    aged = groups.merge(_ages(rows), on=[*UNIT, "group_name"], how="left")
    seen = [
        aged.groupby(by).agg(groups=("group_name", "nunique"), ages=("age", _codes)).reset_index().assign(**filled)
        for by, filled in ((KEY, {}), (KEY[:3], {"indicator": ALL}), (UNIT, {"area": ALL, "indicator": ALL}))
    ]
    score_rows = pd.concat([indicators, areas, wholes], ignore_index=True)
    score_rows = score_rows.merge(pd.concat(seen, ignore_index=True), on=KEY, how="left")
    return score_rows.assign(sources=_joined(score_rows, flags)).drop(columns=flags)


def _ages(rows: pd.DataFrame) -> pd.DataFrame:
    """UNIT, group_name, age: the first that a group's rows tell."""
    return rows.groupby([*UNIT, "group_name"], as_index=False)["age"].first()


def _codes(texts: pd.Series) -> str | None:
    """Codes that are given, joined by `; ` (each may hold several); None where none is."""
    return "; ".join(sorted({code for text in texts if isinstance(text, str) for code in text.split("; ")})) or None


def weighted(rows: pd.DataFrame, by: list[str], value: str, weight: str) -> pd.Series:
    """Mean of a column by weights, per group; NaN where no row has both."""
    complete = rows[rows[value].notna() & rows[weight].notna()]
    product = (complete[value] * complete[weight]).groupby([complete[name] for name in by]).sum()
    return (product / complete.groupby(by)[weight].sum()).rename(value)


def of_towns(of_preschools: pd.DataFrame, home: pd.DataFrame, base_level: float) -> pd.DataFrame:
    """The same of the municipality: mean over its preschools, weighted by children and not.

    of_preschools: `scores` with children (NULL: not told; such a preschool is in the unweighted mean only); home:
    year, org_id, municipality_id. org_id is the municipality's code. Columns as of `scores`, and score_unweighted,
    preschools, weighed (those of them whose children are told) and their children, at_base (preschools not below
    base_level).
    """
    joined = of_preschools.merge(home[[*UNIT, "municipality_id"]], on=UNIT).dropna(subset=["municipality_id"])
    joined["children"] = joined["children"].astype("Float64").astype("float64")
    by = ["year", "municipality_id", "area", "indicator"]
    joined["at_base"] = joined["score"].round(PLACES) >= base_level
    towns = joined.groupby(by).agg(
        score_unweighted=("score", "mean"), preschools=("org_id", "nunique"), at_base=("at_base", "sum"),
        weighed=("children", "count"), children=("children", lambda sizes: sizes.sum(min_count=1)),
        groups=("groups", "sum"), self_gap=("self_gap", "mean"), sources=("sources", _codes), ages=("ages", _codes),
    )  # fmt: skip
    for name in MEANS:
        towns[name] = weighted(joined, by, name, "children")
    return towns.reset_index().rename(columns={"municipality_id": "org_id"})


def level_of(score: pd.Series, named: list[dict[str, Any]]) -> tuple[pd.Series, pd.Series]:
    """Level of each score and its name: the highest whose `from` it reaches; NULL without a score."""
    bounds = [level["from"] for level in named]
    is_scored = score.notna()
    place = np.searchsorted(bounds, score.fillna(0).round(PLACES).to_numpy(dtype=float), side="right") - 1
    numbers = pd.Series([named[at]["level"] for at in place], index=score.index, dtype="Int64")
    titles = pd.Series([named[at]["title"] for at in place], index=score.index, dtype="string")
    return numbers.where(is_scored), titles.where(is_scored)


def _joined(rows: pd.DataFrame, flags: list[str]) -> pd.Series:
    """Codes of the sources whose flags are set."""
    text = pd.Series("", index=rows.index, dtype="string")
    for flag in sorted(flags):
        codes = {True: f"{flag.removeprefix('by_')}; ", False: ""}
        text = text + rows[flag].astype(bool).map(codes).astype("string")
    return text.str.removesuffix("; ")
