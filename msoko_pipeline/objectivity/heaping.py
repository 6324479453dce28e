"""Heaping at the bounds of marks: more pupils exactly on a bound than a distribution like the region's would have.

A whole region can heap (МА5 of 2021 does), so a school is held against the region's own distribution, tilted to the
school's mean and spread: r_k · exp(θ·k + φ·k²). What the region heaps, the tilted distribution heaps too; an able
school has more pupils above the bound without any of them having been lifted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from msoko_pipeline.objectivity.rows import KEY, WORK, rows, ru
from msoko_pipeline.uncertainty import beta_binomial_at_least, holm

Floats = NDArray[np.float64]
STEPS, PRIOR = 40, 1.0  # Newton steps at most; weight of the prior that holds the tilt of a few pupils near zero


def tilted(reference: Floats, counts: Floats) -> Floats:
    """Reference distributions tilted to each school: schools × scores, rows add up to 1.

    reference: schools × scores, counts of the others; counts: schools × scores. Maximum likelihood of θ, φ by Newton's
    method (the log-likelihood is concave), with a normal prior of variance 1 on the scores' standard scale.
    """
    scores = np.arange(counts.shape[1], dtype=float)
    base = (reference + 0.5) / (reference + 0.5).sum(axis=1, keepdims=True)  # no score is impossible
    middle = base @ scores
    spread = np.sqrt(np.maximum(base @ scores**2 - middle**2, 1e-9))
    x = (scores - middle[:, None]) / spread[:, None]
    powers = np.stack([x, x**2], axis=-1)
    n = counts.sum(axis=1)
    seen = np.einsum("sk,skp->sp", counts, powers)
    beta = np.zeros((len(counts), 2))
    for _ in range(STEPS):
        density = _density(base, powers, beta)
        expected = np.einsum("sk,skp->sp", density, powers)
        second = np.einsum("sk,skp,skq->spq", density, powers, powers)
        hessian = n[:, None, None] * (second - expected[:, :, None] * expected[:, None, :]) + PRIOR * np.eye(2)
        step = np.linalg.solve(hessian, (seen - n[:, None] * expected - PRIOR * beta)[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta += step / np.maximum(longest, 1.0)  # no step beyond one standard unit
        if longest.max(initial=0) < 1e-9:
            break
    return _density(base, powers, beta)


def _density(base: Floats, powers: Floats, beta: Floats) -> Floats:
    logs = np.log(base) + np.einsum("skp,sp->sk", powers, beta)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def at_bound(counts: Floats, reference: Floats, bound: int, below: int) -> pd.DataFrame:
    """Pupils exactly on a bound, of those on it or up to `below` points under it.

    counts, reference: schools × scores (reference without the school). Columns: seen, window (pupils there), expected,
    excess_pp (п.п. of the school's participants), p_value: beta-binomial, so that a small reference is not taken for
    the truth; window 0 gives NaN.
    """
    low = max(0, bound - below)
    density = tilted(reference, counts)
    share = density[:, bound] / density[:, low : bound + 1].sum(axis=1)
    seen, window = counts[:, bound], counts[:, low : bound + 1].sum(axis=1)
    weight = reference[:, low : bound + 1].sum(axis=1)
    p = beta_binomial_at_least(seen, window, share * weight + 0.5, (1 - share) * weight + 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = (seen - share * window) / counts.sum(axis=1) * 100
    return pd.DataFrame(
        {
            "seen": seen, "window": window, "expected": share * window,
            "excess_pp": excess, "p_value": np.where(window > 0, p, np.nan),
        }
    )  # fmt: skip


def heaping(
    distribution: pd.DataFrame, reference: pd.DataFrame, bounds: dict[tuple[Any, ...], tuple[int, ...]],
    declared: dict[str, Any],
) -> pd.DataFrame:  # fmt: skip
    """The strongest excess at a mark bound per school and work: value excess, п.п.; p corrected over the whole year.

    distribution: KEY, primary_score, participants of schools, reference (whose), reference_id; reference: WORK,
    reference_id, primary_score, participants; bounds: (year, procedure, subject, grade) → least scores of 3, 4 and 5
    (official ones only). Holm's correction is over all schools, works and bounds of the year, so that with no heaping
    at all the chance of even one flag in the year is at most `alpha`.
    """
    tests = []
    for work, part in distribution.groupby(WORK):
        if work not in bounds:
            continue
        top = int(part["primary_score"].max())
        counts, schools = _matrix(part, ["org_id", "reference_id", "reference"], top)
        others = reference[(reference[WORK] == work).all(axis=1)]
        known, units = _matrix(others, ["reference_id"], top)
        place = pd.Index(units["reference_id"]).get_indexer(pd.Index(schools["reference_id"]))
        if not len(units):
            continue
        without = np.maximum(known[place] - counts, 0) * (place >= 0)[:, None]
        enough = (counts.sum(axis=1) >= declared["least"]) & (without.sum(axis=1) >= declared["least_reference"])
        if not enough.any():
            continue
        for mark, bound in zip((3, 4, 5), bounds[work], strict=True):
            if not 0 < bound <= top:
                continue
            found = at_bound(counts[enough], without[enough], bound, declared["below"])
            told = (
                schools[enough]
                .reset_index(drop=True)
                .assign(**dict(zip(WORK, work, strict=True)), mark=mark, bound=bound)
            )
            tests.append(pd.concat([told, found.assign(n=counts[enough].sum(axis=1))], axis=1))
    if not tests:
        return rows("heaping", distribution.iloc[:0], [], [])
    every = pd.concat(tests, ignore_index=True)
    every["p_adjusted"] = every.groupby("year")["p_value"].transform(lambda p: holm(p))
    every["tests"] = every.groupby("year")["p_value"].transform("count")
    every = every[every["p_value"].notna()]
    worst = every.loc[every.groupby(KEY)["p_value"].idxmin()].reset_index(drop=True)
    return rows(
        "heaping", worst, worst["p_adjusted"] < declared["alpha"], np.ones(len(worst), bool),
        value=worst["excess_pp"], threshold=0.0, reference=worst["reference"], basis_n=worst["n"],
        p_value=worst["p_value"], p_adjusted=worst["p_adjusted"],
        chance_pct=declared["alpha"] / worst["tests"] * 100,
        detail=[
            f"на границе «{row.mark}» ({row.bound} б.) {row.seen:.0f} из {row.window:.0f}, ожидалось {ru(row.expected)}"
            for row in worst.itertuples()
        ],
    )  # fmt: skip


def _matrix(part: pd.DataFrame, names: list[str], top: int) -> tuple[Floats, pd.DataFrame]:
    """Counts as a matrix of units × scores 0…top, and the units in the order of its rows."""
    wide = part[part["primary_score"] <= top].pivot_table(
        index=names, columns="primary_score", values="participants", aggfunc="sum", fill_value=0
    )
    wide = wide.reindex(columns=range(top + 1), fill_value=0)
    return wide.to_numpy(float), wide.index.to_frame(index=False)
