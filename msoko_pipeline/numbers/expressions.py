"""Statistics shared by every family of indicators, as Narwhals expressions. Denominators are guarded: never x/0."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

Z95 = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""


def num(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.Float64)


def flag(condition: nw.Expr) -> nw.Expr:
    """1.0 where true, 0.0 where false or NULL: a count when summed, the same on every engine."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def pos(expr: nw.Expr) -> nw.Expr:
    """The value where it is above zero, else NULL: what may stand under a fraction."""
    return nw.when(expr > 0).then(expr)


def pct(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """part / whole · 100, %."""
    return part / pos(whole) * 100.0


def variance(total: nw.Expr, squares: nw.Expr, n: nw.Expr) -> nw.Expr:
    """Sample variance (n − 1) from Σx and Σx²; NULL for n < 2. Integer sums keep it exact."""
    raw = (squares - total * total / pos(n)) / pos(n - 1.0)
    return nw.when(raw > 0).then(raw).when(raw <= 0).then(nw.lit(0.0))


def sd_of_counts(counts: Mapping[float, nw.Expr], n: nw.Expr) -> nw.Expr:
    """Sample standard deviation of n values told as value → how many have it; NULL for n < 2."""
    total = reduce(add, (value * count for value, count in counts.items()))
    return variance(total, reduce(add, (value * value * count for value, count in counts.items())), n).sqrt()


def widened(k: nw.Expr, n: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """A share with one more of either answer, and its variance: (p̃, p̃·(1 − p̃)/(n + 2)), p̃ = (k + 1)/(n + 2).

    So that 0 of 4 is not surely 0; differences of such shares keep to their level from ten participants on
    (Agresti, Caffo, 2000).
    """
    share = (k + 1.0) / (n + 2.0)
    return share, share * (1.0 - share) / (n + 2.0)


def alpha_error(alpha: nw.Expr, tasks: nw.Expr, n: nw.Expr) -> nw.Expr:
    """Standard error of Cronbach's alpha, (1 − α)·√(2k/((k − 1)(n − 2))) (Bonett, 2002); NULL for n < 3 or k < 2."""
    return (1.0 - alpha) * (2.0 * tasks / pos(tasks - 1.0) / pos(n - 2.0)).sqrt()


def wilson(k: nw.Expr, n: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """Wilson's 95 % interval of a share k/n, in %: (low, high); exactly 0 below none of n, 100 above all of n."""
    share = k / pos(n)
    middle = share + Z95**2 / (2.0 * pos(n))
    half = Z95 * (share * (1.0 - share) / pos(n) + Z95**2 / (4.0 * pos(n) * n)).sqrt()
    scale = 1.0 + Z95**2 / pos(n)
    low = nw.when((k <= 0) & (n > 0)).then(nw.lit(0.0)).otherwise(_unit((middle - half) / scale))
    return low, nw.when((k >= n) & (n > 0)).then(nw.lit(100.0)).otherwise(_unit((middle + half) / scale))


def _unit(share: nw.Expr) -> nw.Expr:
    """A share held within 0…1 (rounding may step over by 1e-17), as %."""
    return nw.when(share <= 0).then(nw.lit(0.0)).when(share > 1).then(nw.lit(1.0)).otherwise(share) * 100.0


def mean_interval(mean: nw.Expr, sd: nw.Expr, n: nw.Expr, least: nw.Expr, greatest: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """mean ± 1,96·s/√n: (low, high), no further than the mean can be: least, greatest (NULL: not known)."""
    half = Z95 * sd / pos(n).sqrt()
    low, high = mean - half, mean + half
    return nw.when(low < least).then(least).otherwise(low), nw.when(high > greatest).then(greatest).otherwise(high)
