"""Value added by schools: how far a later result lies from what an earlier one of the same pupils foretold.

A lead for the school itself, never a place among schools: what a school adds is estimated of a few dozen pupils, and
who stays in it is no accident.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.numbers.expressions import Z95
from msoko_pipeline.numbers.uncertainty import holm, normal_tail, shrunken_means

Floats = NDArray[np.float64]
FIGURES = ("value", "ci_low", "ci_high", "p_adjusted", "lead")
"""value: standard deviations of a pupil's later result, shrunken; ci_low, ci_high: its 95 % interval; p_adjusted: of no
value added, corrected for the number of schools; lead: above, below, none; all NULL where it is not judged. Interval
and p hold for every reliability of the earlier score in `reliability_range`."""


def of_pupils(pupils: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Value added per school, from its pupils known in both works and all who sat the earlier one.

    pupils: org_id, earlier, later (scores, any units); later is NaN of those who left. Columns: org_id, n (known in
    both), FIGURES. A later score is foretold by the line later ~ earlier within schools, so that what schools add does
    not bend it. Chance in the earlier score flattens that line: a pupil of an abler school is in truth abler than the
    score says. So the school's mean of all who sat the earlier work stands beside the score, with the weight
    slope·(1/r − 1), r the reliability within schools (Kelley, 1927). Of all who sat, because those who stay were
    chosen by their scores.

    The reliability is not known for certain: value is of `reliability`, the interval joins those of both ends of
    `reliability_range` and of `reliability`, p is the greatest of them.
    """
    sat = pupils[pupils["earlier"].notna()]
    of, names = pd.factorize(sat["org_id"], sort=True)
    earlier, later = (sat[name].to_numpy(float, na_value=np.nan) for name in ("earlier", "later"))
    counts = np.bincount(of[~np.isnan(later)], minlength=len(names))
    judged = counts >= rules["least"]
    schools = pd.DataFrame({"org_id": names[judged], "n": counts[judged]})
    if not (len(schools) >= rules["least_schools"] and schools["n"].sum() >= rules["least_reference"]):
        return _unjudged(schools)
    here = judged[of]
    code, earlier, later = (np.cumsum(judged) - 1)[of[here]], earlier[here], later[here]
    stays, x = ~np.isnan(later), _standard(earlier)
    intake, spread, everybody = _within(x, code)
    mean_x, inner_x, n = _within(x[stays], code[stays])
    mean_y, inner_y, _ = _within(_standard(later[stays]), code[stays])
    square = float(inner_x @ inner_x)
    slope = float(inner_x @ inner_y) / square if square > 0 else 0.0
    rest = float(((inner_y - slope * inner_x) ** 2).sum()) / (len(inner_y) - len(n) - 1)
    if not (square > 0 and rest > 0):
        return _unjudged(schools)
    within = float(spread @ spread) / (len(x) - len(n))
    parts = []
    for reliability in (rules["reliability"], *rules["reliability_range"]):
        weight = 1 / max(1 - (1 - reliability) / within, rules["least_reliability"]) - 1
        expected = mean_x + weight * intake
        away = expected - float(np.average(expected, weights=n))
        chance = rest / n + (slope * weight) ** 2 * within / everybody + rest / square * away**2
        parts.append(_pulled(mean_y - slope * expected, np.sqrt(chance)))
    value, low, high, p = (np.stack(values) for values in zip(*parts, strict=True))
    return _judged(schools, value[0], low.min(axis=0), high.max(axis=0), p.max(axis=0), rules)


def _within(values: Floats, code: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """Mean of each school, each value less its school's mean, number of values of each school."""
    n = np.bincount(code).astype(float)
    mean = np.bincount(code, values) / n
    return mean, values - mean[code], n


def _standard(values: Floats) -> Floats:
    spread = float(values.std(ddof=1))
    standard: Floats = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return standard


def _unjudged(schools: pd.DataFrame) -> pd.DataFrame:
    none = schools.assign(**dict.fromkeys(FIGURES))
    return none.astype({"lead": "string"} | dict.fromkeys(FIGURES[:4], "float64"))


def _pulled(residual: Floats, se: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The residuals pulled to the middle of the schools, the ends of their intervals, and p of no value added.

    Empirical Bayes: value = (1 − B)·(residual − median), B = se² / (se² + τ²); one school that adds much does
    not move the median, so that the others would seem to add less. The interval is Morris's (1983): it grows
    by what is not known of the mean and of τ², so that it does not close where τ² is estimated as nothing.
    """
    pulled, count = shrunken_means(residual, se), len(residual)
    between = 1 / pulled.strength if np.isfinite(pulled.strength) else 0.0
    away, whole = residual - float(np.median(residual)), se**2 + between
    pull = (count - 3) / (count - 1) * se**2 / whole
    value = (1 - pull) * away
    doubt = 2 / (count - 3) * pull**2 * (float(np.average(se**2)) + between) / whole * away**2
    half = Z95 * np.sqrt(se**2 * (1 - (count - 1) / count * pull) + doubt)
    of_middle = np.pi / 2 * float(np.average(se**2)) / count
    p = np.minimum(holm(2 * normal_tail(np.abs(away) / np.sqrt(se**2 + of_middle))), 1.0)
    return value, value - half, value + half, p


def _judged(
    schools: pd.DataFrame, value: Floats, low: Floats, high: Floats, p: Floats, rules: dict[str, Any]
) -> pd.DataFrame:
    """A lead lies outside zero with its whole interval, and its p holds after the correction for all schools."""
    sure = p <= rules["alpha"]
    lead = np.select([sure & (low > 0), sure & (high < 0)], ["above", "below"], "none")
    judged = schools.assign(value=value, ci_low=low, ci_high=high, p_adjusted=p)
    return judged.assign(lead=pd.array(lead, dtype="string"))
