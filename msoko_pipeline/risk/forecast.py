"""The chance that a school becomes (or stays) ШНОР next year, with an interval; no chance where it would be a guess.

Formula: the multilevel model of `multilevel.py` over the years known by then, the chance by the rules as `outlook.py`
draws it. Priors and limits: `schemas/layouts/risk/forecast.yaml`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.risk import multilevel, outlook

COLUMNS = {
    "year": "int64", "org_id": "string", "municipality_id": "string", "forecast_year": "int64", "category": "string",
    "probability_pct": "float64", "ci_low": "float64", "ci_high": "float64", "procedures": "Int64", "basis": "string",
    "withheld": "string",
}  # fmt: skip
NO_FORECASTS = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
EXAMS = ("OGE", "EGE")
WITHHELD = {
    "variant": "правила варианта сравнивают школы между собой: прогноза по ним нет",
    "years": "лет подряд с результатами в процедурах правил: {known}, для прогноза нужно не меньше {needed}",
    "schools": "школ, о которых можно судить в процедурах правил: {known}, для прогноза нужно не меньше {needed}",
    "no_procedure": "нет процедуры правил, о которой можно судить в этом году",
    "small": "параллель, которая будет писать через год, меньше {needed} человек",
}
DIGITS = 4
"""Decimals of a chance in %: what is smaller is not known from some hundreds of draws."""


def forecast(
    procedures: pd.DataFrame, schools: pd.DataFrame, rules: dict[str, Any], declared: dict[str, Any], last: int
) -> pd.DataFrame:
    """One row per school of `schools`: COLUMNS.

    procedures: as `procedures.procedures` gives them; rows after `last` are not looked at. schools: org_id,
    municipality_id, category in `last`. rules, declared: `catalogue.risk_rules`, `catalogue.forecast` in force in
    `last`. probability_pct: P(ШНОР in last + 1); ci_low, ci_high: 95 % of what it may be, so far as the data know the
    school, the works and how much both change; withheld: why there is none.
    """
    rows = known_rows(procedures, declared, last)
    judged = rows[(rows["year"] == last) & rows["listed"] & rows["judged"]]
    forecasts = schools[["org_id", "municipality_id", "category"]].assign(year=last, forecast_year=last + 1)
    forecasts["withheld"] = pd.Series(
        _withheld(procedures, last, rules, declared), index=forecasts.index, dtype="string"
    )
    forecasts["withheld"] = forecasts["withheld"].mask(
        forecasts["withheld"].isna() & ~forecasts["org_id"].isin(judged["org_id"]), WITHHELD["no_procedure"]
    )
    if forecasts["withheld"].isna().any():
        targets = _targets(judged, rows[rows["year"] == last], rules)
        lacking = forecasts["withheld"].isna() & ~forecasts["org_id"].isin(targets["org_id"])
        forecasts.loc[lacking, "withheld"] = WITHHELD["small"].format(needed=rules["min_n"])
        if forecasts["withheld"].isna().any():
            forecasts = forecasts.merge(_chances(rows, targets, rules, declared, last), on="org_id", how="left")
            of_none = forecasts["withheld"].notna()
            forecasts[["probability_pct", "ci_low", "ci_high"]] = forecasts[
                ["probability_pct", "ci_low", "ci_high"]
            ].mask(of_none)
            forecasts["basis"] = _basis(forecasts, rows).mask(of_none)
    return forecasts.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def known_rows(procedures: pd.DataFrame, declared: dict[str, Any], last: int) -> pd.DataFrame:
    """Rows the model learns from: all ВПР, of exams those of the rules, not before the years looked back at.

    Optional exams are left out: who takes them is not the school's usual pupil. Columns added: `work`, the code.
    """
    rows = procedures[procedures["year"].between(last - declared["years_back"] + 1, last)]
    rows = rows[rows["n"].ge(declared["least_n"]) & rows["failed"].notna()]
    rows = rows[~rows["procedure"].isin(EXAMS) | rows["listed"]]
    if "not_judged" in rows:
        rows = rows[rows["not_judged"].isna()]
    schools = rows.groupby(["code", "grade", "year"])["org_id"].transform("size")
    rows = rows[schools >= declared["least_schools"]]
    return rows.assign(
        subject=rows["subject"].astype(str).replace(declared["same_subject"]), work=rows["code"].astype(str),
        grade=rows["grade"].astype("int64"), year=rows["year"].astype("int64"),
    )  # fmt: skip


def _withheld(procedures: pd.DataFrame, last: int, rules: dict[str, Any], declared: dict[str, Any]) -> Any:
    """Why nobody has a forecast; NULL where nothing stands against it."""
    judged = procedures[procedures["listed"] & procedures["judged"] & procedures["year"].le(last)]
    years = set(judged["year"])
    in_row = next(ago for ago in range(len(years) + 1) if last - ago not in years)
    count = judged.loc[judged["year"] == last, "org_id"].nunique()
    if rules["SHNOR_Q"]["enabled"]:
        return WITHHELD["variant"]
    if in_row < declared["years_from"]:
        return WITHHELD["years"].format(known=in_row, needed=declared["years_from"])
    if count < declared["schools_from"]:
        return WITHHELD["schools"].format(known=count, needed=declared["schools_from"])
    return pd.NA


def _targets(judged: pd.DataFrame, now: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """The procedures of this year as they will be sat next year: by the children of the grade below, where known.

    Columns added: n, who will sit; was_low; cohort. Too small parallels are left out.
    """
    below = now.loc[~now["procedure"].isin(EXAMS), ["org_id", "subject", "grade", "n"]]
    below = below.assign(grade=below["grade"] + 1).rename(columns={"n": "n_below"})
    below = below.groupby(["org_id", "subject", "grade"], as_index=False)["n_below"].max()
    targets = judged.merge(below, on=["org_id", "subject", "grade"], how="left")
    targets["n"] = targets["n_below"].fillna(targets["n"]).astype(float)
    targets["was_low"] = targets["low"].fillna(False).astype(bool)
    targets["cohort"] = targets["year"] + 1 - targets["grade"]
    return targets[targets["n"] >= rules["min_n"]]


def _chances(
    rows: pd.DataFrame, targets: pd.DataFrame, rules: dict[str, Any], declared: dict[str, Any], last: int
) -> pd.DataFrame:
    laid = multilevel.layout(rows, last, declared["fading"])
    priors = [declared["variances"][name] for name in multilevel.COMPONENTS]
    fitted = multilevel.fit(
        laid, np.array([prior["median"] for prior in priors]), np.array([prior["sd"] for prior in priors])
    )
    coded = targets.assign(
        school=laid.schools.get_indexer(targets["org_id"]),
        subject=np.searchsorted(np.sort(rows["subject"].unique()), targets["subject"]),
        work=np.searchsorted(np.sort(rows["work"].unique()), targets["work"]),
    )
    chances = outlook.chances(fitted, coded, rules_of(rules), declared["shifts"])
    drawn = 100 * np.clip(chances, 0, 1)  # sums of products may step over by 1e-16
    schools = pd.DataFrame({"org_id": laid.schools, **interval(drawn)})
    counts = targets.groupby("org_id").size()
    schools["procedures"] = schools["org_id"].map(counts).astype("Int64")
    return schools[schools["org_id"].isin(targets["org_id"])]


def interval(drawn: np.ndarray) -> dict[str, np.ndarray]:
    """probability_pct, ci_low and ci_high (%, DIGITS) of chances drawn in rows, a column per school.

    The mean of a skewed chance may lie outside the middle 95 % of it (one draw of fifty tells all of it): the interval
    is then carried to it.
    """
    mean = drawn.mean(axis=0)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    bounds = {"probability_pct": mean, "ci_low": np.minimum(low, mean), "ci_high": np.maximum(high, mean)}
    return {name: each.round(DIGITS) for name, each in bounds.items()}


def rules_of(rules: dict[str, Any]) -> outlook.Rules:
    """What of `catalogue.risk_rules` the outlook needs."""
    by_count, by_repeat = rules["SHNOR_A"], rules["SHNOR_B"]
    return outlook.Rules(
        low_from=rules["low"]["from"],
        several=by_count["procedures_from"] if by_count["enabled"] else None,
        again=by_repeat["enabled"],
        together=rules["mode"] == "both" and by_count["enabled"] and by_repeat["enabled"],
        earlier=by_count["enabled"] and by_count["years"] > 1,
    )


def _basis(forecasts: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """What the chance rests on, in words."""
    years = f"{rows['year'].min()}–{rows['year'].max()}"
    own = forecasts["org_id"].map(rows.groupby("org_id").size()).fillna(0).astype(int).astype(str)
    works, schools = rows["work"].nunique(), rows["org_id"].nunique()
    return (
        f"Результаты {years} годов, школ: {schools}, работ: {works}; у школы результатов: "
        + own + ", процедур правил: " + forecasts["procedures"].astype("string")
    ).astype("string")  # fmt: skip
