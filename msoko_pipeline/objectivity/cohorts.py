"""The same parallel a year later: signs 11–14 of ФИОКО, the regression on last year, and ВПР 8 against ОГЭ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.home.tables import among
from msoko_pipeline.indicators.parallels import split
from msoko_pipeline.numbers.uncertainty import normal_tail, t_tail
from msoko_pipeline.objectivity.sign_rows import KEY, WORK, corrected, of_works, rows
from msoko_pipeline.text.russian import ru


def pairs(schools: pd.DataFrame) -> pd.DataFrame:
    """Each parallel with its own result of a year before: grade N in year − 1 → grade N + 1 in year.

    schools: KEY, n, completion (%), max_primary, sd, peer_unit. Returns the later rows with n1, completion_1, se_1
    and se_2: standard errors of completion, %. A parallel a part of which sat the advanced work in one of the two years
    only is not there: of the base work there are other pupils.
    """
    parallels = schools.assign(
        se=schools["sd"] / np.sqrt(schools["n"].where(schools["n"] > 0)) / schools["max_primary"] * 100
    )
    before = parallels.assign(year=parallels["year"] + 1, grade=parallels["grade"] + 1).rename(
        columns={"n": "n1", "completion": "completion_1", "se": "se_1"}
    )
    later = parallels.rename(columns={"se": "se_2"})
    paired = later.merge(before[[*KEY, "n1", "completion_1", "se_1"]], on=KEY)
    now = split(schools)
    before = now.assign(year=now["year"] + 1, grade=now["grade"] + 1)
    return paired[(among(paired, now, KEY) == among(paired, before, KEY)).to_numpy(bool)].reset_index(drop=True)


def cohort_change(sign: str, paired: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """K = S(N, year − 1) / S(N + 1, year) beyond Q1 − 3·IQR (rise) or Q3 + 3·IQR (drop) of the schools (ФИОКО, 2019).

    paired: see `pairs`. The quartiles are over the schools of `peer_unit`; value K, threshold the fence. basis_n:
    the smaller of the two bases; chance_pct: how often sampling alone carries a school with the median K past it.
    """
    parallels = of_works(paired, declared).copy()
    parallels = parallels[parallels["completion"].gt(0)]
    parallels["k"] = parallels["completion_1"] / parallels["completion"]
    parallels["base"] = parallels[["n", "n1"]].min(axis=1)
    group = parallels[parallels["base"] >= declared["least"]].groupby([*WORK, "peer_unit"])["k"]
    bounds = group.agg(q1=lambda k: k.quantile(0.25), q3=lambda k: k.quantile(0.75), middle="median", schools="size")
    parallels = parallels.merge(bounds.reset_index(), on=[*WORK, "peer_unit"], how="left")
    spread = declared["fences"] * (parallels["q3"] - parallels["q1"])
    rise = sign == "cohort_rise"
    fence = parallels["q1"] - spread if rise else parallels["q3"] + spread
    relative = np.sqrt(
        (parallels["se_1"] / parallels["completion_1"]) ** 2 + (parallels["se_2"] / parallels["completion"]) ** 2
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (fence - parallels["middle"]).abs() / (parallels["middle"] * relative)
    judged = (parallels["base"] >= declared["least"]) & (parallels["schools"] >= declared["least_schools"])
    beyond = parallels["k"] < fence if rise else parallels["k"] > fence
    return rows(
        sign, parallels, beyond, judged,
        value=parallels["k"], threshold=fence, reference=parallels["peers"], basis_n=parallels["base"],
        chance_pct=normal_tail(z.to_numpy(float)) * 100,
        detail=[
            f"выполнение {ru(before)} % год назад, {ru(now)} % сейчас, N = {base:.0f}"
            for before, now, base in parallels[["completion_1", "completion", "base"]].itertuples(index=False)
        ],
    )  # fmt: skip


def regression(
    first: np.ndarray, second: np.ndarray, n1: np.ndarray, n2: np.ndarray, *, freedom: str = "pupils"
) -> pd.DataFrame:
    """Weighted least squares second ~ first, weights n1 + n2: predicted, slope, resid_z, resid_t, p_value (two-sided).

    resid_z: internally studentised residual e·√w / (s·√(1 − h)); resid_t: externally studentised, its own school left
    out of s. p_value: Student's; freedom `pupils`: the smaller of n1 and n2, less one, as the analysis of The Atlanta
    Journal-Constitution («Cheating our children», 2012) judged hundreds of schools; `least`: the smaller of that and
    schools − 3, which is right for a town of a dozen. Needs four schools and two different values of `first`.
    """
    weight = (n1 + n2).astype(float)
    design = np.column_stack([np.ones(len(first)), first - np.average(first, weights=weight)])
    root = np.sqrt(weight)
    q, r = np.linalg.qr(design * root[:, None])
    line = np.linalg.solve(r, q.T @ (second * root))
    predicted = design @ line
    left = len(first) - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (second - predicted) * root
        s = np.sqrt((residual**2).sum() / left)
        z = residual / (s * np.sqrt(1 - (q**2).sum(axis=1)))
        t = z * np.sqrt((left - 1) / (left - z**2))
    of_pupils = np.minimum(n1, n2).astype(float) - 1
    p = 2 * t_tail(np.abs(t), of_pupils if freedom == "pupils" else np.minimum(of_pupils, left - 1))
    return pd.DataFrame({"predicted": predicted, "slope": line[1], "resid_z": z, "resid_t": t, "p_value": p})


def regressions(parallels: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Rows of `parallels` with what `regression` of completion on completion_1 finds, one for each work and reference
    unit of `least_schools` schools; the others are left out.

    parallels: KEY, n, n1, completion, completion_1, peer_unit, of `least` pupils both times.
    """
    parallels = parallels[(parallels[["n", "n1"]].min(axis=1) >= declared["least"]) & parallels["completion_1"].notna()]
    parts = [parallels.iloc[:0]]
    for _, part in parallels.groupby([*WORK, "peer_unit"]):
        enough = len(part) >= max(4, declared["least_schools"]) and part["completion_1"].nunique() > 1
        if enough and part["completion"].notna().all():
            arrays = (part[name].to_numpy(float) for name in ("completion_1", "completion", "n1", "n"))
            fitted = regression(*arrays, freedom=declared["freedom"])
            parts.append(pd.concat([part.reset_index(drop=True), fitted], axis=1))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def cohort_regression(sign: str, paired: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """Parallels whose result is not what last year's foretells: value resid_t, one direction as declared.

    paired: see `pairs`. One regression per work and reference unit with `least_schools` schools of `least` pupils in
    both years. The correction is over all schools and works of the year.
    """
    parallels = regressions(of_works(paired, declared), declared)
    if parallels.empty:
        return rows(sign, parallels, [], [])
    adjusted, limit = corrected(parallels["p_value"], parallels["year"], declared)
    flagged = (adjusted < declared["alpha"]) & (np.sign(parallels["resid_t"]) == declared["direction"])
    return rows(
        sign, parallels, flagged, parallels["p_value"].notna(),
        value=parallels["resid_t"], reference=parallels["peers"], basis_n=parallels[["n", "n1"]].min(axis=1),
        p_value=parallels["p_value"], p_adjusted=adjusted, chance_pct=limit / 2 * 100,
        detail=[
            f"выполнение {ru(now)} %, по прошлому году ожидалось {ru(expected)} %, N = {n:.0f}"
            for now, expected, n in zip(parallels["completion"], parallels["predicted"], parallels["n"], strict=True)
        ],
    )  # fmt: skip


def vpr_oge_gap(schools: pd.DataFrame, declared: dict[str, Any]) -> pd.DataFrame:
    """ОГЭ of the year below what the school's own ВПР 8 of the year before foretells: value the residual, п.п.

    schools: KEY, n, sd, completion, max_primary, peer_unit, of both procedures; an eighth grade of which a part sat
    the advanced work is not asked. p_value: the greater of two (so that
    both must hold): Student's of the residual among the schools, and the normal tail of the residual by the chance of
    pupils; so a swap of neighbours is none. The correction is over all schools and subjects of the year.
    """
    results = schools.assign(
        se=schools["sd"] / np.sqrt(schools["n"].where(schools["n"] > 0)) / schools["max_primary"] * 100
    )
    eighth = results[(results["procedure"] == "VPR") & (results["grade"] == 8) & ~among(results, split(results), KEY)]
    key = ["org_id", "year", "subject"]
    before = eighth.assign(year=eighth["year"] + 1)[[*key, "n", "completion", "se"]]
    before = before.rename(columns={"n": "n1", "completion": "completion_1", "se": "se_1"})
    both = results[results["procedure"] == "OGE"].merge(before, on=key)
    exams = regressions(both[both["completion"].notna()], declared)
    if exams.empty:
        return rows("vpr_oge_gap", exams, [], [])
    gap = exams["completion"] - exams["predicted"]
    by_school = np.where(exams["resid_t"] < 0, exams["p_value"] / 2, 1 - exams["p_value"] / 2)
    by_pupil = normal_tail(-gap / np.sqrt(exams["se"] ** 2 + (exams["slope"] * exams["se_1"]) ** 2))
    p = pd.Series(np.maximum(by_school, by_pupil), index=exams.index)
    adjusted, limit = corrected(p, exams["year"], declared)
    return rows(
        "vpr_oge_gap", exams, adjusted < declared["alpha"], p.notna(),
        value=gap, threshold=0.0, reference=exams["peers"], basis_n=exams[["n", "n1"]].min(axis=1),
        p_value=p, p_adjusted=adjusted, chance_pct=limit * 100,
        detail=[
            f"на ОГЭ выполнено {ru(now)} %, по ВПР 8 класса ожидалось {ru(expected)} %, N = {n:.0f}"
            for now, expected, n in zip(exams["completion"], exams["predicted"], exams["n"], strict=True)
        ],
    )  # fmt: skip
