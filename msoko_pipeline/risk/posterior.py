"""True shares behind counted ones: their posteriors, by how much they rose, whether they make a school ШНОР.

A share of n participants has the posterior Beta(k + a, n − k + b). The prior's mean is the town's share in the same
work of the same year, its strength (a + b, in participants) follows from how the town's schools differ in the works of
a procedure together (moments of the beta-binomial, Kleinman, 1973). Numbers are data: `certainty` of the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WORK = ["procedure", "subject", "grade"]
QUANTILES = 16
"""Points of equal weight that stand for a posterior."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)


def _special() -> Any:
    from scipy import special

    return special


def prior(rows: pd.DataFrame, count: str, limits: dict[str, Any]) -> tuple[pd.Series, pd.Series]:
    """a and b of each row's prior. rows: year, municipality_id, WORK, org_id, n and the column `count`, counted of n.

    limits: `schools_from`: with fewer schools in a work the municipalities of the inbox speak together; with fewer
    still the strength is `strength`; `strength_between` bounds it otherwise. NaN without participants.
    """
    names = ["year", "municipality_id", *WORK]
    keys = pd.DataFrame({name: pd.factorize(rows[name], use_na_sentinel=False)[0] for name in names}, rows.index)
    near = _moments(rows, count, keys)
    far = _moments(rows, count, keys.drop(columns="municipality_id"))
    own = (near["schools"] >= limits["schools_from"]) & rows["municipality_id"].notna()
    chosen = near.where(own, far)
    least, most = limits["strength_between"]
    strength = chosen["strength"].clip(least, most)
    strength = strength.where(chosen["schools"] >= limits["schools_from"], float(limits["strength"]))
    # half a participant on each side: a town without a single «2» does not prove that there can be none
    mean = (chosen["part"] + 0.5) / (chosen["whole"] + 1)
    return mean * strength, (1 - mean) * strength


def _moments(rows: pd.DataFrame, count: str, keys: pd.DataFrame) -> pd.DataFrame:
    """Of each row's work in its place: schools, part, whole; strength over the works of the procedure.

    keys: the columns of the place and WORK, numbered.
    """
    frame = pd.DataFrame({"n": rows["n"].astype(float), "k": rows[count].astype(float)})
    frame = frame.where(frame["k"].notna() & (frame["n"] > 0))
    work = frame.groupby(_numbered(keys))
    part, whole, schools = work["k"].transform("sum"), work["n"].transform("sum"), work["n"].transform("count")
    mean = part / whole.where(whole > 0)
    chance = mean * (1 - mean)
    # each row's part of the sums over the works, so that a procedure's sum is a plain sum of rows
    excess = frame["n"] * (frame["k"] / frame["n"] - mean) ** 2 - chance * (schools - 1) / schools
    room = chance * (frame["n"] - frame["n"] ** 2 / whole - (schools - 1) / schools)
    sums = pd.DataFrame({"excess": excess, "room": room}).groupby(_numbered(keys.drop(columns=["subject", "grade"])))
    between, possible = sums["excess"].transform("sum"), sums["room"].transform("sum")
    rho = (between / possible.where(possible > 0)).clip(1e-6, 1)
    return pd.DataFrame({"schools": schools, "part": part, "whole": whole, "strength": (1 - rho) / rho})


def _numbered(keys: pd.DataFrame) -> NDArray[np.int64]:
    """A number for each row, the same where all keys are. keys: columns of whole numbers from 0 on."""
    number = np.zeros(len(keys), dtype="int64")
    for name in keys.columns:
        key = keys[name].to_numpy()
        number = number * (int(key.max(initial=0)) + 1) + key
    return number


def change(both: pd.DataFrame, now: str, before: str, others_from: int) -> tuple[Floats, Floats]:
    """The change of the others since the year before, log odds, and its standard error, for each row.

    both: municipality_id, WORK, n, n_1 and the counts `now`, `before` of the schools that sat the work in both years.
    Matched sums of the municipality's other schools; the error is that of a ratio over schools. With fewer than
    `others_from` others nothing is known of the change: 0 and 0.
    """
    logit = _special().logit
    group = [both[name] for name in ["municipality_id", *WORK]]
    columns = {"k": both[now], "n": both["n"], "k1": both[before], "n1": both["n_1"]}
    frame = pd.DataFrame({name: values.astype(float) for name, values in columns.items()})
    sums = frame.groupby(group, dropna=False)
    total = sums.transform("sum")
    others = (sums["n"].transform("count") - 1).to_numpy(float)
    rest = total - frame
    share, share1 = (rest["k"] + 0.5) / (rest["n"] + 1), (rest["k1"] + 0.5) / (rest["n1"] + 1)
    whole, whole1 = (total["k"] + 0.5) / (total["n"] + 1), (total["k1"] + 0.5) / (total["n1"] + 1)
    pull = (frame["k"] - frame["n"] * whole) / (total["n"] * whole * (1 - whole)) - (
        frame["k1"] - frame["n1"] * whole1
    ) / (total["n1"] * whole1 * (1 - whole1))
    squares = (pull**2).groupby(group, dropna=False).transform("sum") - pull**2
    is_known = (others >= others_from) & both["municipality_id"].notna().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = logit(share.to_numpy()) - logit(share1.to_numpy())
        error = np.sqrt(squares.to_numpy() * others / (others - 1))
    return np.where(is_known, moved, 0.0), np.where(is_known, error, 0.0)


def shifted(share: ArrayLike, delta: ArrayLike) -> Floats:
    """A share, 0…1, moved by delta of log odds; 0 stays 0."""
    special = _special()
    return special.expit(special.logit(np.asarray(share, dtype=float)) + np.asarray(delta, dtype=float))


def moved(
    a: ArrayLike, b: ArrayLike, delta: ArrayLike, error: ArrayLike = 0.0, slope: ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """Posterior Beta(a, b), its log odds times slope moved by delta ± error: points of shares, and their weights.

    Shapes: rows × points, rows × points; each row's weights sum to 1.
    """
    special = _special()
    each = (np.asarray(one, dtype=float)[..., None] for one in np.broadcast_arrays(a, b, delta, error, slope))
    a, b, delta, error, slope = each
    points = special.betaincinv(a, b, (np.arange(QUANTILES) + 0.5) / QUANTILES)
    kept = special.expit(slope * special.logit(points))
    places = shifted(kept[..., None], (delta + error * _NODES)[..., None, :])
    weights = np.broadcast_to(_WEIGHTS / _WEIGHTS.sum() / QUANTILES, places.shape)
    size = len(_NODES) * QUANTILES
    return places.reshape(-1, size), weights.reshape(-1, size)


def below(a: ArrayLike, b: ArrayLike, share: float) -> Floats:
    """P(the share of Beta(a, b) is below `share`, 0…1)."""
    return _special().betainc(np.asarray(a, dtype=float), np.asarray(b, dtype=float), share)


def rose(a: ArrayLike, b: ArrayLike, points: Floats, weights: Floats, by: float) -> Floats:
    """P(the share of Beta(a, b) is at least `by` (0…1) above the one that `points` and `weights` tell)."""
    a, b = (np.asarray(each, dtype=float)[..., None] for each in (a, b))
    bound = points + by
    above = np.where(bound < 1, _special().betaincc(a, b, np.minimum(bound, 1.0)), 0.0)
    return (above * weights).sum(axis=-1)


def shnor(school: ArrayLike, now: Floats, before: Floats, rules: Mapping[str, Any]) -> pd.Series:
    """P(SHNOR_A and SHNOR_B, taken as the mode says, make a school ШНОР), 0…1 by school.

    A row per school and procedure: now, before: probability that its share is low this year and was the year before, 0
    where it is not judged. Procedures are taken as independent of each other once their results are known. Exact:
    procedures are counted one by one.
    """
    a, b = rules["SHNOR_A"], rules["SHNOR_B"]
    several = int(a["procedures_from"])
    schools, place = np.unique(np.asarray(school), return_inverse=True)
    order = pd.Series(place).groupby(place).cumcount().to_numpy()
    chance = np.zeros((2, len(schools), order.max(initial=-1) + 1))
    chance[0, place, order], chance[1, place, order] = now, before
    counted = np.zeros((len(schools), several + 1, 2))  # low procedures (the last: so many or more) × again low or not
    counted[:, 0, 0] = 1
    for one, past in zip(chance[0].T, chance[1].T, strict=True):
        following = np.zeros_like(counted)
        for is_low, was_low in ((0, 0), (0, 1), (1, 0), (1, 1)):
            weight = (one if is_low else 1 - one) * (past if was_low else 1 - past)
            added = is_low + (was_low if a["years"] > 1 else 0)
            for low in range(several + 1):
                for again in range(2):
                    step = min(low + added, several), again | (is_low & was_low)
                    following[:, step[0], step[1]] += weight * counted[:, low, again]
        counted = following
    is_a = np.arange(several + 1)[:, None] >= (several if a["enabled"] else several + 1)
    is_b = np.array([[False, b["enabled"]]])
    made = is_a & is_b if rules["mode"] == "both" and a["enabled"] and b["enabled"] else is_a | is_b
    return pd.Series((counted * made).sum(axis=(1, 2)).clip(0, 1), index=schools)


def counts(chance: ArrayLike) -> Floats:
    """P(0, 1, … of them happen) of independent events with these probabilities."""
    by_count = np.ones(1)
    for p in np.asarray(chance, dtype=float):
        by_count = np.convolve(by_count, [1 - p, p])
    return by_count
