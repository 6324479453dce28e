"""Heaping at the bounds of marks: more pupils exactly on a bound than a distribution like the region's would have.

A whole region can heap (МА5 of 2021 does), so a school is held against the region's own distribution, tilted to the
school's mean and spread: r_k · exp(θ·k + φ·k²). What the region heaps, the tilted distribution heaps too; an able
school has more pupils above the bound without any of them having been lifted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from msoko_pipeline.numbers.uncertainty import beta_binomial_at_least
from msoko_pipeline.objectivity.sign_rows import KEY, WORK, corrected, rows
from msoko_pipeline.text.russian import ru

Floats = NDArray[np.float64]
Bounds = dict[tuple[Any, ...], tuple[int, ...]]
"""Work → its least scores of 3, 4 and 5; 0 where one is not known."""
STEPS, PRIOR = 40, 1.0  # Newton steps at most; weight of the prior that holds the tilt of a few pupils near zero


def tilted(reference: Floats, counts: Floats, top: ArrayLike | None = None) -> Floats:
    """Reference distributions tilted to each school: schools × scores, rows add up to 1.

    reference: schools × scores, counts of the others; counts: schools × scores; top: the greatest score there is of
    each school's work, by default the last column. Maximum likelihood of θ, φ by Newton's method (the log-likelihood
    is concave), with a normal prior of variance 1 on the scores' standard scale.
    """
    scores = np.arange(counts.shape[1], dtype=float)
    base = reference + 0.5  # no score up to the greatest is impossible
    if top is not None:
        base = np.where(scores <= np.asarray(top)[:, None], base, 0.0)
    base = base / base.sum(axis=1, keepdims=True)
    middle = base @ scores
    spread = np.sqrt(np.maximum(base @ scores**2 - middle**2, 1e-9))
    x = (scores - middle[:, None]) / spread[:, None]
    powers = np.stack([x, x**2], axis=-1)
    n = counts.sum(axis=1)
    seen = np.einsum("sk,skp->sp", counts, powers)
    beta = np.zeros((len(counts), 2))
    with np.errstate(divide="ignore"):
        logs = np.log(base)
    for _ in range(STEPS):
        density = _density(logs, powers, beta)
        expected = np.einsum("sk,skp->sp", density, powers)
        second = np.einsum("sk,skp,skq->spq", density, powers, powers)
        hessian = n[:, None, None] * (second - expected[:, :, None] * expected[:, None, :]) + PRIOR * np.eye(2)
        step = np.linalg.solve(hessian, (seen - n[:, None] * expected - PRIOR * beta)[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta += step / np.maximum(longest, 1.0)  # no step beyond one standard unit
        if longest.max(initial=0) < 1e-9:
            break
    return _density(logs, powers, beta)


def _density(base: Floats, powers: Floats, beta: Floats) -> Floats:
    """Tilted distributions. base: logarithms of the reference ones, -inf where there is no such score."""
    logs = base + np.einsum("skp,sp->sk", powers, beta)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def at_bound(
    counts: Floats, reference: Floats, bound: ArrayLike, below: int, density: Floats | None = None
) -> pd.DataFrame:  # fmt: skip
    """Pupils exactly on a bound, of those on it or up to `below` points under it.

    counts, reference: schools × scores (reference without the school); bound: of all schools, or of each; density: the
    tilted distributions where they are known already. Columns: seen, window (pupils there), expected, excess_pp (п.п.
    of the school's participants), p_value: beta-binomial, so that a small reference is not taken for the truth; window
    0 gives NaN.
    """
    bounds = np.broadcast_to(np.asarray(bound, dtype=np.int64), len(counts))
    density = tilted(reference, counts) if density is None else density
    low, row = np.maximum(bounds - below, 0), np.arange(len(counts))
    seen, window, weight = counts[row, bounds], _within(counts, low, bounds), _within(reference, low, bounds)
    share = density[row, bounds] / _within(density, low, bounds)
    p = beta_binomial_at_least(seen, window, share * weight + 0.5, (1 - share) * weight + 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = (seen - share * window) / counts.sum(axis=1) * 100
    return pd.DataFrame(
        {
            "seen": seen, "window": window, "expected": share * window,
            "excess_pp": excess, "p_value": np.where(window > 0, p, np.nan),
        }
    )  # fmt: skip


def _within(values: Floats, low: NDArray[np.int64], high: NDArray[np.int64]) -> Floats:
    """Sum of each row from column `low` to column `high`, both with."""
    column = np.arange(values.shape[1])
    return np.where((column >= low[:, None]) & (column <= high[:, None]), values, 0.0).sum(axis=1)


def heaping(
    distribution: pd.DataFrame,
    reference: pd.DataFrame,
    official: Bounds,
    declared: dict[str, Any],
    derived: Bounds | None = None,
) -> pd.DataFrame:
    """The strongest excess at a mark bound per school and work: value excess, п.п.; p corrected over the whole year.

    distribution: KEY, primary_score, participants of schools, reference (whose), reference_id; reference: WORK,
    reference_id, primary_score, participants; official, derived: bounds of the works' marks (official ones first). The
    correction is over all schools, works and bounds of the year; chance_pct: that a school without heaping is flagged
    at one of the work's bounds.
    """
    derived = derived or {}
    every = _tests(distribution, reference, {**derived, **official}, declared)
    if every.empty:
        return rows("heaping", distribution.iloc[:0], [], [])
    every["p_adjusted"], every["limit"] = corrected(every["p_value"], every["year"], declared)
    every = every[every["p_value"].notna()]
    every["chance"] = (every["limit"] * every.groupby(KEY)["p_value"].transform("size")).clip(upper=1) * 100
    worst = every.loc[every.groupby(KEY)["p_value"].idxmin()].reset_index(drop=True)
    by_scale = pd.MultiIndex.from_frame(worst[WORK]).isin([*official])
    return rows(
        "heaping", worst, worst["p_adjusted"] < declared["alpha"], np.ones(len(worst), bool),
        value=worst["excess_pp"], threshold=0.0, reference=worst["reference"], basis_n=worst["n"],
        p_value=worst["p_value"], p_adjusted=worst["p_adjusted"],
        chance_pct=worst["chance"], bounds=np.where(by_scale, "official", "derived"),
        detail=[
            f"на границе «{row.mark}» ({row.bound} б.) {row.seen:.0f} из {row.window:.0f}, ожидалось {ru(row.expected)}"
            + ("" if is_official else "; официальной шкалы нет, границы выведены из отметок и баллов")
            for row, is_official in zip(worst.itertuples(), by_scale, strict=True)
        ],
    )  # fmt: skip


def _tests(
    distribution: pd.DataFrame, reference: pd.DataFrame, bounds: Bounds, declared: dict[str, Any]
) -> pd.DataFrame:  # fmt: skip
    """`at_bound` of every school, work and mark: KEY, mark, bound, reference, n (participants), and its columns."""
    works = pd.DataFrame([*bounds], columns=WORK)
    own = distribution.merge(works.assign(work=works.index), on=WORK)
    if own.empty:
        return own
    tops = own.groupby("work")["primary_score"].max()
    others = reference.merge(works.assign(work=works.index), on=WORK)
    others = others[others["primary_score"] <= others["work"].map(tops)]
    width, unit = int(tops.max()) + 1, ["work", "reference_id"]
    counts, schools = _matrix(own, [*unit, "org_id", "reference"], width)
    of_units, units = _matrix(others, unit, width)
    of_units = np.vstack(
        [of_units, np.zeros((1, width))]
    )  # the last row is that of a school with nobody to compare with
    place = pd.MultiIndex.from_frame(units).get_indexer(pd.MultiIndex.from_frame(schools[unit]))
    without = np.maximum(of_units[place] - counts, 0)
    enough = (counts.sum(axis=1) >= declared["least"]) & (without.sum(axis=1) >= declared["least_reference"])
    counts, without, schools = counts[enough], without[enough], schools[enough].reset_index(drop=True)
    top = schools["work"].map(tops).to_numpy()
    density = tilted(without, counts, top)
    schools = schools.join(works, on="work").assign(n=counts.sum(axis=1))
    least = np.array([*bounds.values()])[schools["work"]]
    tests = []
    for mark, bound in zip((3, 4, 5), least.T, strict=True):
        tested = (bound > 0) & (bound <= top)
        results = at_bound(counts[tested], without[tested], bound[tested], declared["below"], density[tested])
        of = schools[tested].reset_index(drop=True).assign(mark=mark, bound=bound[tested])
        tests.append(of.join(results))
    return pd.concat(tests, ignore_index=True)


def _matrix(part: pd.DataFrame, names: list[str], width: int) -> tuple[Floats, pd.DataFrame]:
    """Counts as a matrix of units × scores 0…width-1, and the units in the order of its rows."""
    part = part.dropna(subset=names)
    units = part[names].drop_duplicates(ignore_index=True)
    row = pd.MultiIndex.from_frame(units).get_indexer(pd.MultiIndex.from_frame(part[names]))
    cell = row * width + part["primary_score"].to_numpy(int)
    counts = np.bincount(cell, part["participants"].to_numpy(float), len(units) * width)
    return counts.reshape(len(units), width).astype(float), units
