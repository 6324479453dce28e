"""A multilevel model of the shares below the minimum over all works of all years: what of a result is the school's own.

failed of n ~ binomial; its logit = effect of the work in the year + effects of the school: its own, one that fades
from year to year, a slope over the years, those of a subject, of a work, of a cohort of children (year − grade), of a
cohort in a subject, of a year, of a subject in a year, and noise. Effects of a school are independent normal ones
with a variance each; of two rows of a school the covariance is the sum of the variances of what they share
(COMPONENTS). Works are independent given a weak prior on their level.

Fitted by penalised quasi-likelihood (Breslow, Clayton, 1993); variances by average-information restricted maximum
likelihood (Gilmour, Thompson, Cullis, 1995) with a log-normal prior on each, so that a small town leans on the prior.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Places = Mapping[str, NDArray[Any]]

LASTING = ("school", "fading", "slope", "subject", "work", "cohort", "subject_cohort")
"""What of a school is still there a year later, wholly or in part."""
PASSING = ("year", "subject_year", "noise")
COMPONENTS = (*LASTING, *PASSING)
SHARED = {
    "subject": ("subject",), "work": ("work",), "cohort": ("cohort",), "subject_cohort": ("subject", "cohort"),
    "year": ("year",), "subject_year": ("subject", "year"), "noise": ("work", "year"),
}  # fmt: skip
"""Component → what two rows of a school must have alike to share it."""
LEVEL, LEVEL_PRECISION = -1.5, 0.25  # of a work: logit, 1/variance; a share of «2» of 18 % (3–65 % in two sd)
UTMOST_LOGIT, UTMOST_STEP = 4.0, 2.0  # a share of 0 or 100 % has no logit: the working response is kept within these
ROUNDS, LEAST_ROUNDS, STEP, CLOSE, CLOSE_LOGIT = 25, 3, 0.7, 0.005, 0.05
CHUNK = 64  # schools whose matrices are held at once


def covariances(left: Places, right: Places, fading: float) -> Iterator[tuple[str, NDArray[Any]]]:
    """Per component what two rows share, 0…1 (`slope`: product of years). Places broadcast against each other."""
    for name in COMPONENTS:
        if name == "school":
            yield name, np.ones(np.broadcast(left["year"], right["year"]).shape)
        elif name == "fading":
            yield name, fading ** np.abs(left["year"] - right["year"])
        elif name == "slope":
            yield name, left["year"] * right["year"].astype(float)
        else:
            yield name, np.logical_and.reduce([left[key] == right[key] for key in SHARED[name]])


@dataclass
class Block:
    """Schools with about as many rows each, as arrays schools × places; `used`: a place that holds a row.

    place: year (0 the last, −1 the one before), subject, work, cohort; work_year: number of the fixed effect.
    """

    schools: Ints
    used: NDArray[np.bool_]
    n: Floats
    failed: Floats
    work_year: Ints
    place: dict[str, Ints]
    shared: list[NDArray[Any]]
    logit: Floats = field(init=False)
    response: Floats = field(init=False)
    weight: Floats = field(init=False)


@dataclass
class Layout:
    """The rows of the schools in blocks. works: work_year → work, year (from the last); schools: org_id."""

    blocks: list[Block]
    schools: pd.Index
    works: pd.DataFrame
    last: int
    fading: float

    @cached_property
    def is_seen(self) -> Floats:
        """works × years: 1 where the work was written in the year, the last year last."""
        ago = -self.works["year"].to_numpy()
        seen = np.zeros((int(self.works["work"].max()) + 1, int(ago.max()) + 1))
        seen[self.works["work"], ago.max() - ago] = 1
        return seen


def layout(rows: pd.DataFrame, last: int, fading: float) -> Layout:
    """rows: org_id, year, subject, work, grade, n, failed; one row per school, work and year."""
    school, schools = pd.factorize(rows["org_id"], sort=True)
    work_year, works = pd.factorize(pd.MultiIndex.from_frame(rows[["work", "year"]]), sort=True)
    numbered = pd.DataFrame({"work": pd.factorize(works.get_level_values(0), sort=True)[0]})
    numbered["year"] = works.get_level_values(1).to_numpy() - last
    codes = {
        "year": rows["year"].to_numpy() - last, "subject": pd.factorize(rows["subject"], sort=True)[0],
        "work": numbered["work"].to_numpy()[work_year], "cohort": (rows["year"] - rows["grade"]).to_numpy(),
    }  # fmt: skip
    order = np.argsort(school, kind="stable")
    counts = np.bincount(school, minlength=len(schools))
    position = np.empty(len(rows), dtype=np.int64)
    position[order] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    blocks = []
    for chosen in np.array_split(np.argsort(counts, kind="stable"), max(1, -(-len(schools) // CHUNK))):
        of_block = np.full(len(schools), -1)
        of_block[chosen] = np.arange(len(chosen))
        here = of_block[school] >= 0
        at, shape = (of_block[school[here]], position[here]), (len(chosen), int(counts[chosen].max()))
        used = laid(np.ones(int(here.sum()), dtype=bool), at, shape)
        place = {name: laid(code[here], at, shape) for name, code in codes.items()}
        both = used[:, :, None] & used[:, None, :]
        pairs = covariances(
            {k: v[:, :, None] for k, v in place.items()}, {k: v[:, None, :] for k, v in place.items()}, fading
        )
        n, failed = (laid(rows[name].to_numpy(float)[here], at, shape) for name in ("n", "failed"))
        shared = [kernel * both for _, kernel in pairs]
        blocks.append(Block(chosen, used, n, failed, laid(work_year[here], at, shape), place, shared))
    return Layout(blocks, schools, numbered, last, fading)


def laid(values: NDArray[Any], at: tuple[Ints, Ints], shape: tuple[int, int]) -> NDArray[Any]:
    """The values in an array of that shape, 0 elsewhere."""
    array = np.zeros(shape, dtype=values.dtype)
    array[at] = values
    return array


@dataclass
class Solved:
    """Given variances: works' effects with their covariance; per block V⁻¹."""

    effects: Floats
    covariance: Floats
    inverses: list[Floats]


@dataclass
class Fit:
    """variances: in the order of COMPONENTS; spread: covariance of their logarithms."""

    layout: Layout
    variances: Floats
    spread: Floats
    solved: Solved


def solve(layout: Layout, variances: Floats) -> Solved:
    """Generalised least squares of the works' effects, the blocks' working responses and weights as they stand."""
    count = len(layout.works)
    inverses: list[Floats] = []
    information: Floats = np.diag(np.full(count, LEVEL_PRECISION)).ravel()
    right_side = np.full(count, LEVEL * LEVEL_PRECISION)
    for block in layout.blocks:
        places = np.arange(block.used.shape[1])
        whole = np.zeros((len(block.used), len(places), len(places)))
        for variance, shared in zip(variances, block.shared, strict=True):
            whole += variance * shared
        whole[:, places, places] += np.where(block.used, 1 / block.weight, 1.0)
        inverse = np.linalg.inv(whole)
        inverses.append(inverse)
        both = block.used[:, :, None] & block.used[:, None, :]
        pairs = block.work_year[:, :, None] * count + block.work_year[:, None, :]
        information = information + np.bincount(pairs[both], weights=inverse[both], minlength=count * count)
        right_side += _summed(block, _times(inverse, block.response), count)
    covariance = np.linalg.inv(information.reshape(count, count))
    return Solved(covariance @ right_side, covariance, inverses)


def _times(matrices: Floats, vectors: Floats) -> Floats:
    products: Floats = matrices @ vectors[..., None]
    return products[..., 0]


def _summed(block: Block, values: Floats, count: int) -> Floats:
    """Sums of the rows' values by fixed effect."""
    return np.bincount(block.work_year[block.used], weights=values[block.used], minlength=count).astype(np.float64)


def residuals(block: Block, effects: Floats) -> Floats:
    """Working response less the works' effects; effects may have leading axes (draws × work-years)."""
    return np.where(block.used, block.response - effects[..., block.work_year], 0.0)


def fit(layout: Layout, means: Floats, sds: Floats) -> Fit:
    """Variances at the mode of their posterior. means, sds: prior of each variance, log-normal (median, sd of the log).

    The steps stop when no variance moves by more than CLOSE and no logit by more than CLOSE_LOGIT, or after ROUNDS.
    """
    logs, before = np.log(means), np.zeros(len(means))
    for block in layout.blocks:
        block.logit = _first_logit(block, layout)
    for turn in range(ROUNDS):
        for block in layout.blocks:
            _respond(block)
        variances = np.exp(logs)
        solved = solve(layout, variances)
        score, information, moved = _slopes(layout, solved)
        hessian = information * np.outer(variances, variances) + np.diag(1 / sds**2)
        step = np.linalg.solve(hessian, score * variances - (logs - np.log(means)) / sds**2)
        if turn < LEAST_ROUNDS - 1:  # the logits first come near
            continue
        if np.abs(step * variances).max() < CLOSE and moved < CLOSE_LOGIT:
            break
        step = np.where(step * before < 0, step / 3, step)  # to and fro about the mode: shorter steps
        before = np.clip(step, -STEP, STEP)
        logs = logs + before
    return Fit(layout, variances, np.linalg.inv(hessian), solved)


def _first_logit(block: Block, layout: Layout) -> Floats:
    """Logit of the share pulled to that of all rows, as if four more participants had it."""
    failed = sum(float(one.failed.sum()) for one in layout.blocks)
    share = (failed + 1) / (sum(float(one.n.sum()) for one in layout.blocks) + 2)
    pulled = (block.failed + 4 * share) / (block.n + 4)
    return np.clip(np.log(pulled / (1 - pulled)), -UTMOST_LOGIT, UTMOST_LOGIT)


def _respond(block: Block) -> None:
    """Working response and weight at the present logit."""
    share = 1 / (1 + np.exp(-block.logit))
    block.weight = np.where(block.used, block.n * share * (1 - share), 1.0)
    step = np.clip((block.failed - block.n * share) / block.weight, -UTMOST_STEP, UTMOST_STEP)
    block.response = np.where(block.used, block.logit + step, 0.0)


def _slopes(layout: Layout, solved: Solved) -> tuple[Floats, Floats, float]:
    """Slope and average information of the restricted likelihood by the variances; moves the blocks' logits to the
    fitted ones and tells by how much at most.
    """
    count, kinds, moved = len(layout.works), len(COMPONENTS), 0.0
    score, information, crossed = np.zeros(kinds), np.zeros((kinds, kinds)), np.zeros((kinds, count))
    for block, inverse in zip(layout.blocks, solved.inverses, strict=True):
        left = _times(inverse, residuals(block, solved.effects))
        both = block.used[:, :, None] & block.used[:, None, :]
        of_works = solved.covariance[block.work_year[:, :, None], block.work_year[:, None, :]] * both
        projected = inverse - inverse @ of_works @ inverse
        pulls = [_times(shared.astype(float), left) for shared in block.shared]
        solved_pulls = [_times(inverse, pull) for pull in pulls]
        for kind, (shared, pull) in enumerate(zip(block.shared, pulls, strict=True)):
            score[kind] += 0.5 * (np.sum(left * pull) - np.sum(projected * shared))
            crossed[kind] += _summed(block, solved_pulls[kind], count)
            information[kind] += [0.5 * np.sum(pull * other) for other in solved_pulls]
        fitted = np.where(block.used, block.response - left / block.weight, 0.0)
        fitted = np.clip(fitted, -UTMOST_LOGIT, UTMOST_LOGIT)
        moved = max(moved, float(np.abs(fitted - block.logit).max()))
        block.logit = fitted
    return score, information - 0.5 * crossed @ solved.covariance @ crossed.T, moved
