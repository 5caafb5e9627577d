"""Ranges of sums: the worked numbers, and what is common to all parts."""

from __future__ import annotations

import numpy as np
import pytest

from clvmodels.decisions.equity.variance import PRIOR_OF_NEW, Cohorts, bounds, common, remaining
from clvmodels.forecasting.result.ranges import Spread

DRAWS = 200_000
OF_SIMULATION = 15.0  # of quantiles of totals near 3,000 with a standard deviation of 330 to 550, 200,000 draws
PERIODS = np.arange(1, 25)
DISCOUNT = 1.01**-PERIODS
ONE = np.ones(1)


def _counts(rng: np.random.Generator, level: float = 0.0) -> np.ndarray:
    """24 cohorts of mean 100, negative binomial of size 20, with one lognormal error of the level a draw."""
    mean = 100.0 * np.exp(level * rng.standard_normal(DRAWS))[:, None]
    return rng.poisson(rng.gamma(20.0, mean / 20.0, (DRAWS, 24))).astype(float)


@pytest.mark.parametrize(
    ("level", "together", "lower", "upper"),
    [(0.0, True, 2_587, 3_674), (0.0, False, 2_706, 3_556), (0.2, True, 2_354, 4_155)],
)
def test_total_variance_of_base_and_cohorts(level: float, together: bool, lower: float, upper: float) -> None:
    """Drawn apart for base and future, one error of 10 % makes the range a fifth too narrow."""
    rng = np.random.default_rng(1)
    counts, factor = _counts(rng, level), rng.normal(1.0, 0.1, DRAWS)
    other = factor if together else rng.normal(1.0, 0.1, DRAWS)
    cohorts = Cohorts(counts, DISCOUNT, np.zeros(24))
    found = bounds(1_000.0 * factor + cohorts.draws(other), 0.90)
    assert found == pytest.approx((lower, upper), abs=OF_SIMULATION * (1.0 if level == 0 else 2.0))


def test_discounted_sum_of_equal_cohorts() -> None:
    """100 customers a period who bring 30 net, at 1 % a period: 24 cohorts, and for ever n v / d."""
    some = Cohorts(np.full((1, 24), 100.0), 50.0 * DISCOUNT, 20.0 * DISCOUNT)
    assert float(some.draws(ONE)[0]) == pytest.approx(63_730.16, abs=0.005)  # stated to the cent
    ever = 1.01 ** -np.arange(1.0, 4_001.0)
    many = Cohorts(np.full((1, 4_000), 100.0), 30.0 * ever, 0.0 * ever)
    assert float(many.draws(ONE)[0]) == pytest.approx(300_000.0, rel=1e-12)  # 1.01^-4000 is 5e-18


def test_costs_do_not_move_with_the_level_of_value() -> None:
    found = Cohorts(np.array([[10.0], [20.0]]), np.array([3.0]), np.array([1.0])).draws(np.array([1.0, 2.0]))
    assert found.tolist() == [20.0, 100.0]


def test_what_is_common_is_shared_by_base_and_new() -> None:
    shared = common((ONE, ONE), Spread(0.04), 0.0, Spread(0.0), number=50_000, seed=3)
    assert np.array_equal(shared.base, shared.new)
    own = common((ONE, ONE), Spread(0.04), 0.0, Spread(0.05), number=50_000, seed=3)
    correlation = np.corrcoef(np.log(own.base), np.log(own.new))[0, 1]
    # .04 of .09 is shared; the logarithm of 1.04 is a little less
    assert correlation == pytest.approx(np.sqrt(np.log(1.04) / (np.log(1.04) + 0.05)), abs=0.02)
    assert np.log(own.new).var() == pytest.approx(np.log(1.04) + 0.05, rel=0.05)  # 50,000 draws of a t with 6 degrees


def test_parameters_are_not_counted_twice() -> None:
    """Past errors hold what is not known of the parameters, so that the base is as wide with their draws as without."""
    draws = np.exp(np.random.default_rng(5).normal(0.0, 0.1, 1_000))
    wide = common((draws, draws), Spread(0.04), 0.0, Spread(0.0), number=50_000, seed=3)
    assert np.log(wide.base).var() == pytest.approx(np.log(1.04), rel=0.06)  # 50,000 draws of a t, as above


def test_chance_is_of_the_base_alone() -> None:
    shared = common((ONE, ONE), Spread(0.0), 0.02, Spread(0.0), number=50_000, seed=3)
    assert np.log(shared.base).var() == pytest.approx(np.log(1.02), rel=0.03)  # 50,000 draws
    assert np.all(shared.new == 1.0)


def test_errors_of_new_customers_beyond_what_is_known() -> None:
    assert remaining(np.array([]), 0.3) == Spread(PRIOR_OF_NEW**2)
    errors = np.array([0.5, -0.5, 0.5, -0.5])  # count as two: (6 · .01 + 2 · (.25 - .09)) / 8
    assert remaining(errors, 0.09).variance == pytest.approx(0.0475)
    assert remaining(errors, 0.09).errors == 2.0
    assert remaining(np.zeros(20), 0.5).variance == 0.0  # never below what is modelled
