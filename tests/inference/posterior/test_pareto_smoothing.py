"""Pareto smoothed weights are those of arviz_stats, and k̂ finds the tails that are known."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from clvmodels.inference.posterior.pareto_smoothing import smoothed_log_weights

TWO_ROUTES = 1e-9  # the same formulas, summed in another order
K_ERROR = 0.1  # of the mean of 20 estimates from 189 weights each: 3 times (1 + k) / √(20 · 189)


@pytest.mark.parametrize("size", [200, 1_000, 2_000, 4_321])
@pytest.mark.parametrize("scale", [0.01, 0.5, 1.0, 3.0])
def test_weights_are_those_of_arviz_stats(size, scale):
    log_ratios = scale * np.random.default_rng([size, int(100 * scale)]).standard_t(5, size)
    weights, k = smoothed_log_weights(log_ratios)
    expected, expected_k = array_stats.psislw(-log_ratios)
    np.testing.assert_allclose(weights, expected, rtol=TWO_ROUTES, atol=TWO_ROUTES)
    assert k == pytest.approx(float(expected_k), rel=TWO_ROUTES, abs=TWO_ROUTES)


@pytest.mark.parametrize("k", [0.2, 0.5, 0.9])
def test_the_shape_of_a_known_tail_is_found(k):
    found = [
        smoothed_log_weights(np.log(np.random.default_rng([seed, 1]).pareto(1.0 / k, 4_000) + 1.0))[1]
        for seed in range(20)
    ]
    assert np.mean(found) == pytest.approx(k, abs=K_ERROR)


def test_equal_weights_stay_as_they_are():
    weights, k = smoothed_log_weights(np.zeros(500))
    np.testing.assert_allclose(np.exp(weights), 1 / 500)
    assert k == np.inf


def test_few_weights_are_not_smoothed():
    log_ratios = np.log([1.0, 2.0, 3.0, 4.0])
    weights, k = smoothed_log_weights(log_ratios)
    np.testing.assert_allclose(np.exp(weights), [0.1, 0.2, 0.3, 0.4])
    assert k == np.inf
