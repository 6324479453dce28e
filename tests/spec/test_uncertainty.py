"""Intervals, tails, funnels, shrinkage and corrections against scipy and statsmodels, and at their edges."""

from __future__ import annotations

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from msoko_pipeline.numbers import expressions as stats_of
from msoko_pipeline.numbers import uncertainty
from msoko_pipeline.numbers.expressions import Z95
from schemas import catalogue

SPREAD = catalogue.thresholds(2026)["shrinkage"]["spread"]
RNG = np.random.default_rng(11)
N = RNG.integers(1, 200, 60)
K = RNG.binomial(N, RNG.uniform(0, 1, 60))


def test_wilson_is_statsmodels() -> None:
    low, high = uncertainty.wilson(K, N)
    expected = proportion_confint(K, N, alpha=0.05, method="wilson")
    assert low == pytest.approx(expected[0], abs=1e-12)
    assert high == pytest.approx(expected[1], abs=1e-12)
    assert np.isnan(uncertainty.wilson(0, 0)).all()


@pytest.mark.parametrize("n", [1, 4, 7, 23, 118, 793, 10_007])
def test_wilson_touches_the_edge_where_none_or_all_are_counted(n: int) -> None:
    """0 of n is 0,0 % at least and n of n is 100 % at most: not 5·10⁻¹⁵ %, not 99,99999999999999 %."""
    counts = np.array([0, n])
    of_frame = duckdb.connect().sql(f"select 0.0 as k, {n}.0 as n union all select {n}.0, {n}.0")
    low, high = stats_of.wilson(nw.col("k"), nw.col("n"))
    frame = nw.from_native(of_frame).select(low=low, high=high).collect("pandas").to_native()
    for lows, highs in (uncertainty.wilson(counts, n), (frame["low"] / 100, frame["high"] / 100)):
        assert (lows[0], highs[1]) == (0, 1)
        assert 0 < highs[0] < 1
        assert 0 < lows[1] < 1


def test_binomial_tails_are_scipys() -> None:
    p = RNG.uniform(0, 1, 60)
    assert uncertainty.at_least(K, N, p) == pytest.approx(stats.binom.sf(K - 1, N, p), abs=1e-12)
    assert uncertainty.at_most(K, N, p) == pytest.approx(stats.binom.cdf(K, N, p), abs=1e-12)
    assert uncertainty.at_least(0, 10, 0.3) == 1
    assert uncertainty.at_least(11, 10, 0.3) == 0


def test_beta_binomial_tail_is_scipys() -> None:
    a, b = RNG.uniform(0.5, 30, 60), RNG.uniform(0.5, 30, 60)
    assert uncertainty.beta_binomial_at_least(K, N, a, b) == pytest.approx(stats.betabinom.sf(K - 1, N, a, b), abs=1e-9)


def test_a_share_known_to_be_0_or_1_leaves_no_chance() -> None:
    assert uncertainty.beta_binomial_at_least([0, 1], 10, 0, 5).tolist() == [1, 0]
    assert uncertainty.beta_binomial_at_least([10, 11], 10, 5, 0).tolist() == [1, 0]
    assert uncertainty.beta_binomial_at_least([0, 1], 10, [0.0, 1e-9], 5) == pytest.approx([1, 0], abs=1e-8)


def test_normal_and_student_tails_are_scipys() -> None:
    z, df = RNG.normal(0, 3, 40), RNG.integers(1, 60, 40)
    assert uncertainty.normal_tail(z) == pytest.approx(stats.norm.sf(z), abs=1e-14)
    assert uncertainty.t_tail(z, df) == pytest.approx(stats.t.sf(z, df), abs=1e-12)
    assert np.isnan(uncertainty.t_tail(1.0, 0))


def test_funnel_is_the_score_test_turned_round() -> None:
    """A school on the 95 % limit differs from the town with p = 0.05 by the score test."""
    low, high = uncertainty.funnel(0.2, 50, Z95)
    assert 2 * stats.norm.sf((high - 0.2) / np.sqrt(0.2 * 0.8 / 50)) == pytest.approx(0.05)
    assert (low + high) / 2 == pytest.approx(0.2)
    assert uncertainty.funnel(0.02, 5, Z95)[0] == 0


def test_holm_is_statsmodels() -> None:
    p = RNG.uniform(0, 0.2, 50)
    assert uncertainty.holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-14)
    some = np.array([0.01, np.nan, 0.04])
    assert uncertainty.holm(some) == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)
    assert uncertainty.holm([]).tolist() == []


def test_benjamini_hochberg_is_scipys() -> None:
    p = np.append(RNG.uniform(0, 1, 40), np.repeat([0.0, 0.001, 0.02, 1.0], 3))  # some of them equal
    assert uncertainty.benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-14)
    some = np.array([0.04, np.nan, 0.01, np.nan, 0.03])
    expected = stats.false_discovery_control(some[[0, 2, 4]])
    assert uncertainty.benjamini_hochberg(some)[[0, 2, 4]] == pytest.approx(expected, abs=1e-14)
    assert np.isnan(uncertainty.benjamini_hochberg(some)[[1, 3]]).all()
    assert uncertainty.benjamini_hochberg([]).tolist() == []
    assert np.isnan(uncertainty.benjamini_hochberg([np.nan])).all()


def test_shrunken_means_use_the_tau_of_statsmodels() -> None:
    mean, se = RNG.normal(60, 5, 15), RNG.uniform(1, 4, 15)
    found = uncertainty.shrunken_means(mean, se)
    pooled = combine_effects(mean, se**2, method_re="dl")
    assert 1 / found.strength == pytest.approx(pooled.tau2, rel=1e-9)
    assert found.prior == pytest.approx(pooled.mean_effect_re, rel=1e-9)
    pull = se**2 / (se**2 + pooled.tau2)
    assert found.value == pytest.approx(pull * found.prior + (1 - pull) * mean)


def test_shrinkage_is_kinder_the_smaller_the_school() -> None:
    k, n = np.array([3, 30, 10, 80, 20]), np.array([10, 100, 100, 400, 40])
    found = uncertainty.shrunken_shares(k, n, SPREAD)
    raw = k / n
    pulled = (raw - found.value) / (raw - found.prior)
    assert found.prior == pytest.approx(k.sum() / n.sum())
    assert pulled == pytest.approx(found.strength / (n + found.strength))
    assert (np.argsort(pulled) == np.argsort(-n)).all()


def test_shrunken_shares_find_the_spread_that_made_them() -> None:
    """Schools with shares Beta(6, 24): μ = 0.2, M = 30."""
    rng = np.random.default_rng(2)
    n = rng.integers(20, 120, 4000)
    found = uncertainty.shrunken_shares(rng.binomial(n, rng.beta(6, 24, 4000)), n, SPREAD)
    assert found.prior == pytest.approx(0.2, abs=0.01)
    assert found.strength == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize(
    ("k", "n", "expected"),
    [
        ([5, 5], [50, 50], [0.1, 0.1]),  # both are the mean
        ([0, 0], [10, 20], [0, 0]),
        ([3], [10], [0.3]),  # one school is its own mean
        ([10, 10], [10, 10], [1, 1]),
    ],
)
def test_shrinkage_at_its_edges(k: list[int], n: list[int], expected: list[float]) -> None:
    assert uncertainty.shrunken_shares(k, n, SPREAD).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("k", "n"), [([0, 41], [4, 59]), ([0, 4], [4, 4]), ([3, 0, 2, 0, 0], [4, 4, 10, 10, 13]), ([1, 0, 0], [1, 9, 30])]
)
def test_no_school_keeps_its_own_share_however_few_the_schools(k: list[int], n: list[int]) -> None:
    """0 of 4 beside a school of 41 of 59 is no town of a share of 0: by moments ρ was 1, and nothing was pulled."""
    found = uncertainty.shrunken_shares(k, n, SPREAD)
    own, mean = np.array(k) / np.array(n), sum(k) / sum(n)
    assert 0 < found.strength < np.inf
    assert (np.abs(found.value - mean) < np.abs(own - mean)).all()
    assert (np.sign(found.value - mean) == np.sign(own - mean)).all()
    assert ((found.value > 0) & (found.value < 1)).all()


def test_shares_shrunken_come_nearer_to_the_truth_than_raw_ones_in_a_small_town() -> None:
    """Twelve schools of 4–60 participants, 300 towns: its error is at most four fifths of that of raw shares."""
    rng = np.random.default_rng(7)
    raw, pulled = [], []
    for _ in range(300):
        n, truth = rng.integers(4, 60, 12), rng.beta(1.4, 12.6, 12)
        k = rng.binomial(n, truth)
        raw.append(np.mean((k / n - truth) ** 2))
        pulled.append(np.mean((uncertainty.shrunken_shares(k, n, SPREAD).value - truth) ** 2))
    assert np.sqrt(np.mean(pulled)) < 0.8 * np.sqrt(np.mean(raw))


def test_nothing_to_shrink_is_no_data() -> None:
    assert np.isnan(uncertainty.shrunken_shares([0, 0], [0, 0], SPREAD).value).all()
    assert uncertainty.shrunken_shares([3, 0], [10, 0], SPREAD).value == pytest.approx([0.3, np.nan], nan_ok=True)
    assert np.isnan(uncertainty.shrunken_means([50.0], [np.nan]).value).all()
    assert uncertainty.shrunken_means([50.0, np.nan], [2.0, 2.0]).value == pytest.approx([50, np.nan], nan_ok=True)
