"""Ranges hold their level where the errors are as assumed, and widen with what was seen."""

import numpy as np
import pytest

from clvmodels.forecasting.result.ranges import Spread, bounds, learned, log_error, period_prior


@pytest.mark.parametrize("level", [0.5, 0.9])
@pytest.mark.parametrize("errors", [0, 3])
def test_ranges_hold_their_level_when_the_spread_of_logs_is_what_the_prior_says(level: float, errors: int) -> None:
    rng = np.random.default_rng(7)
    inside = []
    freedom = 6.0
    for _ in range(4_000):
        # τ² of a log: inverse gamma with six degrees of freedom and the mean of the prior, as a t of that variance has
        variance = 0.1**2 * (freedom - 2.0) / rng.chisquare(freedom)
        seen = rng.normal(0.0, np.sqrt(variance), 2 * errors)
        spread = learned(0.1**2, seen, np.zeros(len(seen)), len(seen))
        lower, upper = bounds(np.array([1.0]), spread, np.zeros(1), level)
        inside.append(lower[0] <= np.exp(rng.normal(0.0, np.sqrt(variance))) <= upper[0])
    # errors count half and the scale is the mean of the variance, so that it holds a little more than the level
    assert level - 0.02 <= np.mean(inside) <= level + 0.06


def test_chance_is_not_counted_twice() -> None:
    rng = np.random.default_rng(1)
    actual = rng.poisson(100.0, 6).astype(float)  # off by chance alone
    errors = [log_error(one, 100.0) for one in actual]
    by_chance = learned(0.1**2, errors, [0.04] * 6, 6)
    assert by_chance.variance == pytest.approx(0.1**2 * 6 / 9)


def test_bounds_are_finite_and_never_negative() -> None:
    estimate = np.array([0.0, 1e-9, 0.3, 1e9])
    lower, upper = bounds(estimate, Spread(0.01), 4.0 / np.maximum(estimate, 1e-12), 0.9)
    assert np.isfinite(lower).all()
    assert np.isfinite(upper).all()
    assert (lower >= 0).all()
    assert (lower <= estimate).all()
    assert (upper >= estimate).all()
    assert upper[2] < 10.0  # a third of a purchase is not hundreds


def test_shorter_periods_vary_more() -> None:
    week, month, quarter = period_prior(np.array([7.0, 365.25 / 12, 365.25 / 4]))
    assert week > month > quarter
    assert month == pytest.approx(0.10**2 + 0.12**2)


def test_large_errors_widen_and_small_ones_narrow_the_range() -> None:
    wide = learned(0.01, [0.5] * 6, [0.0] * 6, 6)
    narrow = learned(0.01, [0.01] * 6, [0.0] * 6, 6)
    assert narrow.variance < 0.01 < wide.variance
