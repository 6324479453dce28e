"""What changed in preschools against the year before: of a town over the preschools that were there both years, and of
scores only where experts told as great a share of them. Bounds are data: `changes` of preschool/areas.yaml.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from msoko_pipeline.indicators.matched import matched

GROUP = ["year", "municipality_id", "area", "indicator"]
ROW = ["year", "unit_level", "org_id", "area", "indicator"]
COMPARED = {"change": "score", "change_self": "score_self", "change_expert": "score_expert", "experts": "expert_pct"}
"""What is compared → the column of a score that it compares; a share or a count has `change` alone."""
COUNTED = {"change": "matched", "change_self": "matched_self", "change_expert": "matched_expert"}
"""What is compared → the column of how many preschools of a town it rests on."""


def with_changes(values: pd.DataFrame, before: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """The rows with previous (what the score or the value was a year before), the changes since and not_compared.

    values: of the years; before: of the years before them; declared: `changes`. A preschool's change is the
    difference. A town's is that over the preschools of both years (matched, matched_self, matched_expert: how many),
    weighted as its score is, with its standard error change_se; NULL where they are less than matched_from_pct of
    those of either year. change, of scores, is NULL where the share of levels told by experts differs by more than
    experts_apart_pp; change_self and change_expert compare one source with itself. NULL, too, where nothing is judged
    by one of the years (not_judged).
    """
    both_years = pd.concat([before, values], ignore_index=True)
    then = both_years.assign(year=both_years["year"] + 1, value=both_years["score"].combine_first(both_years["value"]))
    kept = {"value": "previous", "not_judged": "then", **{name: f"{name}_then" for name in COMPARED.values()}}
    new = ["previous", "change_se", "not_compared", *COUNTED, *COUNTED.values()]
    whole = values.drop(columns=new, errors="ignore").merge(
        then[[*ROW, *kept]].rename(columns=kept), on=ROW, how="left"
    )
    now = whole["score"].combine_first(whole["value"])
    whole["change"] = now - whole["previous"]
    for name in ("change_self", "change_expert", "experts"):
        whole[name] = whole[COMPARED[name]] - whole[f"{COMPARED[name]}_then"]
    whole = _of_towns(whole, _over_matched(both_years), declared["matched_from_pct"])
    apart = (whole["experts"].abs() > declared["experts_apart_pp"] + 1e-9).fillna(False)
    whole["not_compared"] = whole["not_compared"].fillna(_apart(whole["experts"]).where(apart))
    whole["change"] = whole["change"].mask(apart)
    unjudged = whole["not_judged"].notna() | whole["then"].notna()
    for name in COUNTED:
        whole[name] = whole[name].mask(unjudged)
    whole["change_se"] = whole["change_se"].where(whole["change"].notna())
    whole["not_compared"] = whole["not_compared"].where(whole["previous"].notna() & ~unjudged)
    whole["not_judged"] = whole["not_judged"].fillna("год назад: " + whole["then"])
    return whole


def _over_matched(values: pd.DataFrame) -> pd.DataFrame:
    """GROUP, what (of COMPARED): the columns of `matched` for the preschools of each town, a row per year."""
    members = values[
        (values["unit_level"] == "preschool") & values["not_judged"].isna() & values["municipality_id"].notna()
    ]
    is_score = members["kind"] == "score"
    base = members["children"].astype("Float64").where(is_score, members["base"]).mask(members["kind"] == "count", 1.0)
    parts = []
    for what, column in COMPARED.items():
        rate = members[column] if what != "change" else members[column].combine_first(members["value"])
        parts.append(members[[*GROUP, "org_id"]].assign(what=what, top=rate * base, base=base))
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["top", "base"])
    rows = rows[rows["base"] > 0].astype({"top": "float64", "base": "float64", "year": "int64"})
    now, then = (nw.from_native(each).lazy() for each in (rows, rows.assign(year=rows["year"] + 1)))
    return nw.to_native(matched(now, then, [*GROUP, "what"], "org_id").collect())


def _of_towns(whole: pd.DataFrame, over: pd.DataFrame, least_pct: float) -> pd.DataFrame:
    """The rows with the changes of towns that have preschools in the place of the plain differences."""
    is_town = whole["unit_level"] == "municipality"
    whole = whole.assign(change_se=pd.NA, not_compared=pd.NA)
    for what in COMPARED:
        mine = over[over["what"] == what].drop(columns="what")
        both = whole[GROUP].merge(mine, on=GROUP, how="left").set_axis(whole.index)
        there = is_town & (both["units"] + both["units_then"] > 0)
        most = both[["units", "units_then"]].max(axis=1)
        enough = both["matched"] * 100 >= least_pct * most
        times = both["matched"].where(whole["kind"] == "count", 1.0)  # of a count the sum, not the mean
        change = (both["matched_change"] * times).where(enough)
        whole[what] = whole[what].where(~there, change)
        if what in COUNTED:
            whole[COUNTED[what]] = both["matched"].where(there & (both["units_then"] > 0))
        if what == "change":
            whole["change_se"] = (both["matched_error"] * times).where(there & enough)
            whole["not_compared"] = _other(both["matched"], most).where(there & ~enough & (both["units_then"] > 0))
    return whole


def _other(count: pd.Series, most: pd.Series) -> pd.Series:
    numbers = [each.fillna(0).astype("int64").astype("string") for each in (count, most)]
    return "состав садов иной: в обоих годах " + numbers[0] + " из " + numbers[1]


def _apart(points: pd.Series) -> pd.Series:
    """`доля оценок эксперта изменилась на +25,0 п.п.`"""
    texts = points.astype("float64").map(lambda value: f"{value:+.1f}".replace(".", ",").replace("-", "−"))
    return "доля оценок эксперта изменилась на " + texts.astype("string") + " п.п."
