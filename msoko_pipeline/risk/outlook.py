"""From a fitted model to the chance that the rules of ШНОР fire next year: draws of what is not known.

Two kinds of not knowing are kept apart. What the data have not told yet (variances, a school's lasting effects, the
level of a work) differs from draw to draw: the spread of the draws is the interval. What next year brings (its works,
its shift for everybody, chance among the pupils) is averaged inside each draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from msoko_pipeline.risk.multilevel import (
    COMPONENTS,
    LASTING,
    PASSING,
    Block,
    Fit,
    Floats,
    Layout,
    Solved,
    covariances,
    laid,
    residuals,
    solve,
)
from msoko_pipeline.risk.procedures import least_low

SEED = 1
VARIANCES, STATES = 16, 25  # draws of the variances; of everything else under each
NODES = 9  # of the quadrature over what a year shifts for the whole school
AHEAD = 1


@dataclass(frozen=True)
class Shifts:
    """How works change from year to year: variance of a work's own change and of the change of all, with the weight
    of each in years: inverse-gamma posteriors.
    """

    work: float
    work_weight: float
    year: float
    year_weight: float


@dataclass(frozen=True)
class Rules:
    """What of the rules a forecast needs; `earlier`: low procedures of this year count for SHNOR_A next year."""

    low_from: float
    several: int | None
    again: bool
    together: bool
    earlier: bool


def shifts(layout: Layout, solved: Solved, prior: dict[str, Any]) -> Shifts:
    """Variances of the works' effects about work + year, the error of the effects subtracted; the prior joins in.

    prior: `work`, `year`, each with `variance` and `weight` (how many observed changes it is worth).
    """
    seen = layout.is_seen.sum(axis=1)
    rows = np.flatnonzero(seen[layout.works["work"]] > 1)
    own, common = (dict(prior[name]) for name in ("work", "year"))
    sums, counts = {"work": 0.0, "year": 0.0}, {"work": 0, "year": 0}
    if len(rows):
        effects, error = solved.effects[rows], solved.covariance[np.ix_(rows, rows)]
        by_work = pd.get_dummies(layout.works["work"].iloc[rows]).to_numpy(float)
        by_year = pd.get_dummies(layout.works["year"].iloc[rows]).to_numpy(float)
        within = np.eye(len(rows)) - by_work @ np.linalg.pinv(by_work)
        both = np.hstack([by_work, by_year])
        rest = np.eye(len(rows)) - both @ np.linalg.pinv(both)
        counts["work"], counts["year"] = round(np.trace(rest)), round(np.trace(within - rest))
        sums["work"] = max(0.0, float(effects @ rest @ effects - np.trace(rest @ error)))
    work = (own["weight"] * own["variance"] + sums["work"]) / (own["weight"] + counts["work"])
    if counts["year"]:
        of_years = within - rest
        seen_years = float(effects @ of_years @ effects - np.trace(of_years @ error)) - work * counts["year"]
        scale = float(np.trace(by_year.T @ of_years @ by_year)) / counts["year"]
        sums["year"] = max(0.0, seen_years / scale)
    year = (common["weight"] * common["variance"] + sums["year"]) / (common["weight"] + counts["year"])
    return Shifts(work, own["weight"] + counts["work"], year, common["weight"] + counts["year"])


def chances(fitted: Fit, targets: pd.DataFrame, rules: Rules, prior: dict[str, Any]) -> Floats:
    """P(ШНОР next year), draws × schools of the layout; 0 for a school without targets.

    targets: school (place in layout.schools), subject and work (codes of the layout's factorisation), cohort, n (who
    will sit), was_low. The same data give the same numbers: the draws have a fixed seed.
    """
    rng = np.random.default_rng(SEED)
    layout = fitted.layout
    moved = shifts(layout, fitted.solved, prior)
    root = np.linalg.cholesky(fitted.spread)
    wanted_of = [_wanted(block, targets) for block in layout.blocks]
    draws = []
    for variances, solved in _posterior(fitted, rng, root):
        own = moved.work * moved.work_weight / rng.chisquare(moved.work_weight)
        common = moved.year * moved.year_weight / rng.chisquare(moved.year_weight)
        effects = _normal(rng, solved.effects, solved.covariance, STATES)
        levels = _levels(layout, effects, own, common, rng)
        of_draw = np.zeros((STATES, len(layout.schools)))
        for block, inverse, wanted in zip(layout.blocks, solved.inverses, wanted_of, strict=True):
            if wanted is None:
                continue
            logits = _logits(block, inverse, wanted, variances, effects, layout.fading, rng)
            logits = logits + levels[:, wanted["work"]]
            passing = dict(zip(COMPONENTS, variances, strict=True))
            shared = np.sqrt(passing["year"] + common)
            alone = own + sum(passing[name] for name in PASSING if name != "year")
            of_draw[:, block.schools] = _fires(logits, shared, alone, wanted, rules)
        draws.append(of_draw)
    return np.concatenate(draws)


def _posterior(fitted: Fit, rng: np.random.Generator, root: Floats) -> Iterator[tuple[Floats, Solved]]:
    """Draws of the variances, with what follows from each."""
    for _ in range(VARIANCES):
        variances = fitted.variances * np.exp(root @ rng.standard_normal(len(COMPONENTS)))
        yield variances, solve(fitted.layout, variances)


def _normal(rng: np.random.Generator, mean: Floats, covariance: Floats, count: int) -> Floats:
    return mean + rng.standard_normal((count, len(mean))) @ np.linalg.cholesky(covariance).T


def _levels(layout: Layout, effects: Floats, own: float, common: float, rng: np.random.Generator) -> Floats:
    """draws × works: the level about which a work's effect of next year lies, the mean of its years."""
    work, seen = layout.works["work"].to_numpy(), layout.is_seen.sum(axis=1)
    sums = np.zeros((len(effects), len(seen)))
    np.add.at(sums.T, work, effects.T)
    of_work = rng.standard_normal(sums.shape) * np.sqrt(own / seen)
    return sums / seen + of_work + rng.standard_normal((len(effects), 1)) * np.sqrt(common / seen.max())


def _wanted(block: Block, targets: pd.DataFrame) -> dict[str, Any] | None:
    """The targets of the block's schools as arrays schools × targets; None without any."""
    place = pd.Series(np.arange(len(block.schools)), index=block.schools)
    here = targets[targets["school"].isin(block.schools)]
    if here.empty:
        return None
    at = (here["school"].map(place).to_numpy(), here.groupby("school").cumcount().to_numpy())
    shape = (len(block.schools), int(at[1].max()) + 1)
    arrays = {name: laid(here[name].to_numpy(), at, shape) for name in ("subject", "work", "cohort", "n", "was_low")}
    return arrays | {"used": laid(np.ones(len(here), dtype=bool), at, shape), "year": np.full(shape, AHEAD)}


def _logits(
    block: Block, inverse: Floats, wanted: dict[str, Any], variances: Floats, effects: Floats, fading: float,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """draws × schools × targets: what of the schools lasts, without the work's level, drawn from its posterior."""
    of_target = {name: wanted[name] for name in block.place}
    left = {name: values[:, :, None] for name, values in of_target.items()}
    right = {name: values[:, None, :] for name, values in of_target.items()}
    rows = {name: values[:, None, :] for name, values in block.place.items()}
    to_rows = _weighed(left, rows, variances, fading) * (wanted["used"][:, :, None] & block.used[:, None, :])
    to_targets = _weighed(left, right, variances, fading) * (wanted["used"][:, :, None] & wanted["used"][:, None, :])
    pull = to_rows @ inverse
    rest = to_targets - pull @ to_rows.transpose(0, 2, 1)
    places = np.arange(rest.shape[1])
    rest[:, places, places] += np.where(wanted["used"], 1e-9, 1.0)
    means = np.einsum("sji,dsi->dsj", pull, residuals(block, effects))
    return means + np.einsum("sjk,dsk->dsj", np.linalg.cholesky(rest), rng.standard_normal(means.shape))


def _weighed(left: Any, right: Any, variances: Floats, fading: float) -> Floats:
    weight = dict(zip(COMPONENTS, variances, strict=True))
    lasting = [weight[name] * kernel for name, kernel in covariances(left, right, fading) if name in LASTING]
    return np.sum(np.broadcast_arrays(*lasting), axis=0)


def _fires(logits: Floats, shared: float, alone: float, wanted: dict[str, Any], rules: Rules) -> Floats:
    """draws × schools: the chance of ШНОР, next year's own changes averaged.

    shared: standard deviation of what shifts all procedures of a school together; alone: variance of what shifts one.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    logit, spread = bounds(wanted["n"], rules.low_from)
    from scipy.special import ndtr

    margin = (logits - logit)[..., None] + shared * nodes
    low = ndtr(margin / np.sqrt(alone + spread)[..., None]) * wanted["used"][..., None]
    return _category(low, wanted["was_low"], rules) @ (weights / weights.sum())


def bounds(n: Floats, pct: float) -> tuple[Floats, Floats]:
    """A share whose logit is x is low with chance Φ((x − logit) / √spread): (logit, spread).

    So many of n or more are below the minimum exactly where a beta variate is below the share; its logit is near to
    normal, with digamma differences as the mean and trigamma sums as the variance.
    """
    from scipy.special import digamma, polygamma

    least = least_low(np.maximum(n, 1), pct)
    rest = np.maximum(n, 1) - least + 1
    return digamma(least) - digamma(rest), polygamma(1, least) + polygamma(1, rest)


def _category(low: Floats, was_low: Floats, rules: Rules) -> Floats:
    """Chance that the rules fire, given each procedure's chance to be low (draws × schools × targets × nodes).

    Procedures are gone through one by one; kept is the chance of each (count of low ones, one of them low again).
    """
    most = rules.several if rules.several is not None else 0
    shape = (low.shape[0], low.shape[1], low.shape[3])
    states = {(count, again): np.zeros(shape) for count in range(most + 1) for again in (False, True)}
    first = np.minimum(was_low.sum(axis=1), most) if rules.earlier else np.zeros(low.shape[1])
    for count in range(most + 1):
        states[count, False] += (first == count)[None, :, None]
    for target in range(low.shape[2]):
        chance, again_now = low[:, :, target], was_low[:, target].astype(float)[None, :, None]
        after = {state: share * (1 - chance) for state, share in states.items()}
        for (count, again), share in states.items():
            more = min(count + 1, most)
            after[more, True] += share * chance * (1.0 if again else again_now)
            if not again:
                after[more, False] += share * chance * (1 - again_now)
        states = after
    fired = np.zeros(shape)
    for (count, again), share in states.items():
        named = [count >= most] * (rules.several is not None) + [again] * rules.again
        if named and (all(named) if rules.together else any(named)):
            fired += share
    return fired
