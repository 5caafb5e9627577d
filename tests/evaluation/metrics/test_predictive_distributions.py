"""Coverage, CRPS and PIT of counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from clvmodels.evaluation.metrics.predictive_distributions import from_pmf
from tests.reference.tolerances import SPECIAL_FUNCTIONS


def test_crps_of_a_poisson_equals_its_definition():
    y, rate, k = 3.0, 2.5, np.arange(200)
    pmf = stats.poisson.pmf(k, rate)
    error = (pmf * np.abs(k - y)).sum()
    apart = (pmf[:, None] * pmf[None, :] * np.abs(k[:, None] - k[None, :])).sum()
    compared = from_pmf([y], lambda n: [pmf[n]])
    assert compared.crps[0] == pytest.approx(error - apart / 2, abs=1e-6)  # the sum stops at 1e-6
    assert compared.below[0] == pytest.approx(stats.poisson.cdf(2, rate), rel=SPECIAL_FUNCTIONS)
    assert compared.up_to[0] == pytest.approx(stats.poisson.cdf(3, rate), rel=SPECIAL_FUNCTIONS)


def test_pit_of_the_right_model_is_uniform_and_of_a_wrong_one_not():
    rng = np.random.default_rng(7)
    rate = rng.gamma(2.0, 1.0, 2000)
    y = rng.poisson(rate)
    right = from_pmf(y, lambda n: stats.poisson.pmf(n, rate))
    wrong = from_pmf(y, lambda n: stats.poisson.pmf(n, 0.7 * rate))
    assert stats.kstest(right.pit(seed=1), "uniform").pvalue > 0.01
    assert stats.kstest(wrong.pit(seed=1), "uniform").pvalue < 1e-6
    assert wrong.crps.mean() > right.crps.mean()


def test_central_intervals_of_the_right_model_cover_at_least_their_level():
    rng = np.random.default_rng(8)
    y = rng.poisson(4.0, 4000)
    coverage = from_pmf(y, lambda n: np.full(4000, stats.poisson.pmf(n, 4.0))).coverage()["coverage"]
    for level, share in coverage.items():
        low, high = stats.poisson.ppf([(1 - level) / 2, (1 + level) / 2], 4.0)
        assert share == np.mean((y >= low) & (y <= high))
        assert share > level - 0.02  # 4 standard errors of 4,000 customers
