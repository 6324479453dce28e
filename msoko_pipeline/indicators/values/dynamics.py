"""Three calendar years of every indicator: changes, slope, whether the change is more than noise, better or worse.

The years are the reporting year, the one before and the one before that; a year without the work is NULL, and the year
before it is not moved up. The least-squares slope needs no sums: over years −2, −1, 0 the middle one has no weight, so
the slope is the change over the span of the years there are, by the length of the span. Hence one test, of that
change, judges the slope as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.home import engine
from msoko_pipeline.home.tables import path_of, years_having
from msoko_pipeline.indicators import insufficient
from msoko_pipeline.indicators.values import changes
from msoko_pipeline.indicators.values.all_works import read_works
from msoko_pipeline.indicators.values.changes import KEY
from msoko_pipeline.numbers.uncertainty import benjamini_hochberg, normal_tail, t_tail
from msoko_pipeline.settings import Settings
from schemas import catalogue
from schemas.indicators import indicators

OF_A_CHANGE = ("change", "matched_schools", "matched_base", "matched_base_then", "reference", "reference_change",
               "relative_change", "change_se", "comparable", "not_compared", "few_marks", "freedom", "t")  # fmt: skip
"""What is told of the change against each of the two earlier years, as `change_1`, `change_2`, …"""
EXACT = 1e-9
"""A difference of two rounded numbers that is a threshold on paper (23,3 − 13,3) may miss it by 1e-15."""
NOT_EQUATED = "у работ разный максимум или разное число заданий, а сравнить изменение не с кем"
ALONE = "сравнить не с кем, а работы разных лет не выровнены по трудности"
NO_ERROR = "ошибка изменения неизвестна"

COLUMNS = {
    **dict.fromkeys(KEY, "string"), "year": "int64", "grade": "int64",
    **dict.fromkeys(("value", "value_1", "value_2", "slope", "base", "base_1", "base_2", "p_value", "p_adjusted",
                     "trend_p_value", "trend_p_adjusted"), "Float64"),
    **{f"{name}_{back}": "Float64" for back in (1, 2)
       for name in ("change", "matched_base", "matched_base_then", "reference_change", "relative_change",
                    "change_se")},
    **{f"matched_schools_{back}": "Int64" for back in (1, 2)},
    **{f"reference_{back}": "string" for back in (1, 2)},
    **dict.fromkeys(("significant", "comparable", "trend_comparable", "negative", "small_base"), "boolean"),
    **dict.fromkeys(("trend", "not_compared", "not_judged"), "string"),
}  # fmt: skip
"""Columns of the table `dynamics` and their types."""


def three_years(changed: pd.DataFrame) -> pd.DataFrame:
    """Values with what changed against one and two years before, a row each: KEY, value, base, and of either year
    value_1, base_1 and OF_A_CHANGE; kind, of_works, better, limit (the least change that counts, in the indicator's
    unit), negative_from. changed: see `changes.changes`, of pairs one and two years apart.
    """
    unit = changed.groupby([*KEY], sort=False).ngroup().to_numpy()
    first = ~pd.Series(unit).duplicated().to_numpy()
    columns = [*KEY, "value", "base", "kind", "better", "negative_from", "of_works"]
    values = changed.loc[first, columns].set_axis(unit[first])
    limit = changed["least"].fillna(changed["least_of_max"] * changed["max_primary"])
    parts = [values.assign(limit=limit[first].to_numpy())]
    for back in (1, 2):
        of_year = (changed["year"] - changed["before"] == back).to_numpy()
        then = changed.loc[of_year, ["value_then", "base_then", *OF_A_CHANGE]].set_axis(unit[of_year])
        then = then.rename(columns={"value_then": "value", "base_then": "base"}).reindex(values.index)
        parts.append(then.add_suffix(f"_{back}"))
    return pd.concat(parts, axis=1)


def judge(rows: pd.DataFrame, thresholds: dict[str, Any]) -> pd.DataFrame:
    """The dynamics of one year, COLUMNS. rows: see `three_years`, and insufficient: why nothing is judged by a work.

    p_value: of the change from the last earlier year there is, two-sided; trend_p_value: of that from the first year
    with which there is a change. Both are of relative_change, and of the change itself where there is none: z of two
    shares of a school (Agresti, Caffo, 2000), t of two means (Welch, 1947), t of a territory with schools − 1 degrees
    of freedom. p_adjusted, trend_p_adjusted: corrected by Benjamini and Hochberg together with all the rows of the same
    level of the year that may be judged, of works or of the same declared mart; significant: p_adjusted < alpha.

    trend: stable where trend_p_adjusted ≥ alpha or the change is below stable_pp % of the indicator's range, else
    better or worse; NULL of an indicator that has no direction, and where not_judged says why nothing is said.
    negative: «отрицательная динамика» of ФИОКО, change_1 from negative_pp on; NULL for other indicators.
    small_base: a base of any year there is below small_base, or unknown.
    """
    limits, least = thresholds["dynamics"], thresholds["small_base"]
    rows = rows.sort_values([*KEY], ignore_index=True)
    there_1, there_2 = rows["value_1"].notna(), rows["value_2"].notna()
    far = rows["change_2"].notna()
    of_trend = {name: rows[f"{name}_2"].where(far, rows[f"{name}_1"]) for name in OF_A_CHANGE}
    why = {back: _why(rows, back, limits, least) for back in (1, 2)}
    p = {back: two_sided(rows[f"t_{back}"], rows[f"freedom_{back}"]) for back in (1, 2)}
    last_p, last_why = np.where(there_1, p[1], p[2]), why[1].where(there_1, why[2])
    trend_p, trend_why = np.where(far, p[2], p[1]), why[2].where(far, why[1].where(there_1, why[2]))
    adjusted, trend_adjusted = (_together(*each, rows) for each in ((last_p, last_why), (trend_p, trend_why)))
    dynamics = rows.assign(
        slope=(rows["change_2"] / 2)
        .fillna(rows["change_1"])
        .where(rows["insufficient"].isna() & of_trend["few_marks"].isna()),
        p_value=last_p,
        p_adjusted=adjusted,
        significant=pd.Series(adjusted < limits["alpha"]).astype("boolean").mask(np.isnan(adjusted)),
        comparable=rows["comparable_1"].where(there_1, rows["comparable_2"]),
        trend_p_value=trend_p,
        trend_p_adjusted=trend_adjusted,
        trend_comparable=of_trend["comparable"].where(far | there_1, rows["comparable_2"]),
        small_base=_small(rows["base"], least)
        | (there_1 & _small(rows["base_1"], least))
        | (there_2 & _small(rows["base_2"], least)),
        not_compared=_joined(rows),
    )
    span = of_trend["relative_change"].fillna(of_trend["change"])
    dynamics["trend"], dynamics["not_judged"] = _trend(rows, span, trend_adjusted, trend_why, limits["alpha"])
    unsure = rows["change_1"].isna() | rows["negative_from"].isna() | rows["insufficient"].notna()
    unsure |= _small(rows["base"], least) | _small(rows["base_1"], least) | rows["few_marks_1"].notna()
    dynamics["negative"] = (rows["change_1"] >= rows["negative_from"] - EXACT).astype("boolean").mask(unsure)
    return dynamics[[*COLUMNS]].astype(COLUMNS)


def two_sided(t: pd.Series, freedom: pd.Series) -> NDArray[np.float64]:
    """Two-sided p of t: Student's where its degrees of freedom are told, else of the standard normal; NaN of NaN."""
    size, degrees = np.abs(t.to_numpy(float)), freedom.to_numpy(float)
    return 2 * np.where(np.isnan(degrees), normal_tail(size), t_tail(size, np.where(np.isnan(degrees), 1, degrees)))


def _together(p: NDArray[np.float64], why: pd.Series, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Benjamini and Hochberg's p of those that may be judged, level by level, works and every declared mart apart: what
    is said of a source does not change with the files of another.
    """
    tested = pd.Series(np.where(why.isna(), p, np.nan))
    marts = rows["indicator_id"].map({name: declared["mart"] or "" for name, declared in indicators().items()})
    together = [rows["level"].to_numpy(), marts.fillna("").to_numpy()]
    return tested.groupby(together).transform(benjamini_hochberg).to_numpy(float)


def _small(base: pd.Series, least: int) -> pd.Series:
    return ~(base >= least)


def _why(rows: pd.DataFrame, back: int, limits: dict[str, Any], least: int) -> pd.Series:
    """Why nothing is judged by the change against a year, NULL where something may be."""
    schools, matched = rows[f"matched_schools_{back}"], rows[f"matched_base_{back}"]
    small = _small(rows["base"], least) | _small(rows[f"base_{back}"], least)
    small |= matched.notna() & (_small(matched, least) | _small(rows[f"matched_base_then_{back}"], least))
    few = (schools < limits["schools_least"]) & (rows["kind"] != "reliability")
    alone = rows[f"reference_{back}"].isna() & rows["of_works"]
    other = (~rows[f"comparable_{back}"]).fillna(value=False)
    reasons = (
        (rows["insufficient"].notna(), rows["insufficient"]),
        (rows[f"few_marks_{back}"].notna(), rows[f"few_marks_{back}"]),
        (rows[f"not_compared_{back}"].notna(), rows[f"not_compared_{back}"]),
        (small, f"малая база: меньше {least} участников в одном из лет"),
        (few, f"общих школ меньше {limits['schools_least']}: разброс между ними неизвестен"),
        (alone & other, NOT_EQUATED),
        (alone & rows["level"].isin(["region", "country"]), ALONE),
    )
    why = pd.Series(None, index=rows.index, dtype=object)
    for holds, reason in reversed(reasons):
        why = why.mask(holds.astype(bool), reason)
    return why


def _joined(rows: pd.DataFrame) -> pd.Series:
    """Why there is no change against the year before and the one before that, each with its year."""
    parts = [
        "к " + (rows["year"] - back).astype("string") + " году: " + rows[f"not_compared_{back}"].astype("string")
        for back in (1, 2)
    ]
    return parts[0].str.cat(parts[1], sep="; ").fillna(parts[0]).fillna(parts[1])


def _trend(
    rows: pd.DataFrame, span: pd.Series, adjusted: NDArray[np.float64], why: pd.Series, alpha: float
) -> tuple[pd.Series, pd.Series]:
    """Better, worse, stable or nothing; and why nothing."""
    little = span.abs() < rows["limit"] - EXACT
    unknown = np.isnan(adjusted) & ~little & why.isna()
    gain = span * rows["better"]
    trend = pd.Series(None, index=rows.index, dtype=object)
    trend = trend.mask(gain > 0, "better").mask(gain < 0, "worse").mask((adjusted >= alpha) | little, "stable")
    return trend.mask(why.notna() | unknown, None), why.mask(unknown, NO_ERROR)


def _insufficient(rows: pd.DataFrame, spoiled: pd.DataFrame, year: int) -> pd.Series:
    """Why nothing is judged by a school's work, NULL where something may be: the reason of the latest of the three
    years that has one. rows: those of the year; spoiled: see `insufficient.insufficient`, of these years and others.
    """
    work = ["org_id", "procedure", "subject", "grade"]
    recent = spoiled[spoiled["year"].between(year - 2, year)].sort_values("year")
    if recent.empty:
        return pd.Series(None, index=rows.index, dtype=object)
    last = recent.drop_duplicates(work, keep="last")
    earlier = (", " + last["year"].astype("string") + " год").where(last["year"] < year, "")
    schools = rows.assign(org_id=rows["unit_id"].where(rows["level"] == "school"))
    return insufficient.reasons_of(schools, last.assign(reason=last["reason"] + earlier), work)


def make_dynamics(settings: Settings, years: Sequence[int]) -> int:
    """dynamics: the years' indicators beside those of the two years before each, whenever these were computed."""
    return sum(_dynamics(settings, together) for together in catalogue.alike(years, catalogue.thresholds))


def _dynamics(settings: Settings, years: Sequence[int]) -> int:
    thresholds = catalogue.thresholds(years[0])
    computed_years = years_having(settings, sorted({year - back for year in years for back in (0, 1, 2)}), "values")
    with engine.connect(settings) as connection:
        changes.register(connection, settings, computed_years, thresholds["dynamics"])
        engine.read_years(connection, "told", computed_years, path_of(settings, "values"))
        connection.execute(
            f"create view pairs as select {', '.join(KEY)}, year - back as before "
            f"from told, (values (1), (2)) as years(back) where year in ({', '.join(map(str, years))})"
        )
        read_works(connection, settings, computed_years)
        rows = three_years(changes.changes(connection, thresholds["dynamics"], settings.region_code))
        spoiled = insufficient.insufficient(connection, settings, computed_years)
        judged = [
            judge(part.assign(insufficient=_insufficient(part, spoiled, int(year))), thresholds)
            for year, part in rows.groupby("year")
        ]
        table = pd.concat(judged) if judged else pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
        return engine.write_frame(connection, table, "dynamics", years, path_of(settings, "dynamics"))
