"""Uncertainty on arrays: tails, intervals, funnel limits, shrinkage, corrections for many tests.

Counts k of n, shares 0…1 unless named `pct`. NaN goes in and comes out where there is no data. scipy and statsmodels
are the independent account in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from msoko_pipeline.numbers.expressions import Z95

Floats = NDArray[np.float64]


def _special() -> Any:
    """scipy's special functions, loaded when first asked for: whoever only starts the program does not wait."""
    from scipy import special

    return special


def at_least(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(X ≥ k) of a binomial X(n, p)."""
    k, n, p = (np.asarray(each, dtype=float) for each in (k, n, p))
    tail = _special().betainc(np.maximum(k, 1), np.maximum(n - k + 1, 1), p)
    return np.where(k <= 0, 1.0, np.where(k > n, 0.0, tail))


def at_most(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(X ≤ k) of a binomial X(n, p)."""
    k, n, p = (np.asarray(each, dtype=float) for each in (k, n, p))
    return 1.0 - at_least(k + 1, n, p)


def critical(n: ArrayLike, p: float, alpha: float) -> Floats:
    """The least k with P(X ≥ k) < alpha of a binomial X(n, p); n + 1 where there is none."""
    n = np.asarray(n, dtype=float)
    counts = np.arange(int(np.nanmax(n, initial=0)) + 2)
    reached = (at_least(counts, n[..., None], p) < alpha) & (counts <= n[..., None])
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), n + 1)


def wilson(k: ArrayLike, n: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's interval of a share (low, high), 1927; exactly 0 below none of n, 1 above all of n; NaN for n = 0."""
    k, n = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return np.where((k <= 0) & (n > 0), 0.0, low), np.where((k >= n) & (n > 0), 1.0, high)


def funnel(p: ArrayLike, n: ArrayLike, z: float) -> tuple[Floats, Floats]:
    """Funnel limits of a share: where n participants fall when the true share is p (Spiegelhalter, 2005)."""
    p, n = np.asarray(p, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * np.sqrt(p * (1 - p) / n)
    return np.clip(p - half, 0, 1), np.clip(p + half, 0, 1)


@dataclass(frozen=True)
class Shrunken:
    """Empirical-Bayes estimates. strength: how many participants (of shares) or 1/τ² (of means) the prior weighs."""

    value: Floats
    prior: float
    strength: float


def shrunken_shares(k: ArrayLike, n: ArrayLike, spread: tuple[float, float]) -> Shrunken:
    """Shares pulled to the mean of their group, small bases most: (k + M·μ) / (n + M).

    Beta-binomial: μ = Σk/Σn, M = (1 − ρ)/ρ, where ρ is the mean of its posterior: the likelihood of the counts times
    Beta(a, b), what is known of ρ before them (`spread`). It lies within 0…1 however few the groups, so none keeps its
    own share unpulled. Where all or none of the whole group are counted, all become μ. NaN where n = 0.
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    used = n > 0
    if not used.any():
        return Shrunken(np.full(k.shape, np.nan), np.nan, np.nan)
    prior = float(k[used].sum() / n[used].sum())
    if prior in (0, 1):
        return Shrunken(np.where(used, prior, np.nan), prior, np.inf)
    rho = _between(k[used], n[used], prior, spread)
    strength = (1 - rho) / rho
    return Shrunken(np.where(used, (k + strength * prior) / (n + strength), np.nan), prior, strength)


def _between(k: Floats, n: Floats, mean: float, spread: tuple[float, float]) -> float:
    """Posterior mean of ρ of a beta-binomial with this mean, over a grid of ρ."""
    a, b = spread
    rho = (np.arange(200) + 0.5) / 200
    strength = ((1 - rho) / rho)[:, None]
    hit, missed = mean * strength, (1 - mean) * strength
    betaln = _special().betaln
    logs = (betaln(k + hit, n - k + missed) - betaln(hit, missed)).sum(axis=1)
    logs += (a - 1) * np.log(rho) + (b - 1) * np.log1p(-rho)
    weight = np.exp(logs - logs.max())
    return float((weight * rho).sum() / weight.sum())


def shrunken_means(mean: ArrayLike, se: ArrayLike) -> Shrunken:
    """Means pulled to the mean of their group by B = se² / (se² + τ²), τ² by DerSimonian and Laird (1986).

    se: standard errors; rows without a positive one are left out (NaN).
    """
    mean, se = np.asarray(mean, dtype=float), np.asarray(se, dtype=float)
    used = np.isfinite(mean) & (se > 0)
    if not used.any():
        return Shrunken(np.full(mean.shape, np.nan), np.nan, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(used, 1 / se**2, 0.0)
        fixed = np.nansum(weight * np.nan_to_num(mean)) / weight.sum()
        q = np.nansum(weight * (np.nan_to_num(mean) - fixed) ** 2)
        room = weight.sum() - (weight**2).sum() / weight.sum()
        tau2 = max(0.0, (q - (used.sum() - 1)) / room) if room > 0 else 0.0
        random = np.where(used, 1 / (se**2 + tau2), 0.0)
        prior = float(np.nansum(random * np.nan_to_num(mean)) / random.sum())
        pull = se**2 / (se**2 + tau2)
    value = np.where(used, pull * prior + (1 - pull) * mean, np.nan)
    return Shrunken(value, prior, 1 / tau2 if tau2 > 0 else np.inf)


def holm(p: ArrayLike) -> Floats:
    """Holm's step-down correction of p-values tested together (1979); NaN is not a test and stays NaN."""
    p = np.asarray(p, dtype=float)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's step-up correction of p-values tested together (1995); NaN is not a test and stays NaN.

    Of those at most q no more than a share q is expected to be chance.
    """
    p = np.asarray(p, dtype=float)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(-p[tested], kind="stable")]
    steps = p[order] * len(order) / np.arange(len(order), 0, -1)
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum.accumulate(np.minimum(steps, 1.0))
    return adjusted


def normal_tail(z: ArrayLike) -> Floats:
    """P(Z ≥ z) of the standard normal."""
    return _special().ndtr(-np.asarray(z, dtype=float))


def t_tail(t: ArrayLike, freedom: ArrayLike) -> Floats:
    """P(T ≥ t) of Student's distribution; NaN where freedom < 1."""
    freedom = np.asarray(freedom, dtype=float)
    return np.where(freedom >= 1, _special().stdtr(np.maximum(freedom, 1), -np.asarray(t, dtype=float)), np.nan)


def t_quantile(p: ArrayLike, freedom: ArrayLike) -> Floats:
    """t with P(T ≤ t) = p of Student's distribution; NaN where freedom < 1."""
    freedom = np.asarray(freedom, dtype=float)
    return np.where(freedom >= 1, _special().stdtrit(np.maximum(freedom, 1), np.asarray(p, dtype=float)), np.nan)


def beta_binomial_at_least(k: ArrayLike, n: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(X ≥ k) of a beta-binomial X(n, a, b): a binomial whose share was itself estimated, as a of a + b.

    a = 0: none of n is counted for certain; b = 0: all are.
    """
    k, n, a, b = (np.asarray(each, dtype=float)[..., None] for each in np.broadcast_arrays(k, n, a, b))
    special, x = _special(), np.arange(int(np.nanmax(n, initial=0)) + 1)
    inside = (x >= k) & (x <= n)
    rest = np.maximum(n - x, 0)
    chosen = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(rest + 1)
    with np.errstate(invalid="ignore"):
        logs = chosen + special.betaln(x + a, rest + b) - special.betaln(a, b)
    tail = np.clip(np.where(inside, np.exp(logs), 0.0).sum(axis=-1), 0, 1)
    k, n, a, b = (each[..., 0] for each in (k, n, a, b))
    return np.select([(a == 0) & (b > 0), (b == 0) & (a > 0)], [k <= 0, k <= n], default=tail)
