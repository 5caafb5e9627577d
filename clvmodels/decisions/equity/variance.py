r"""Ranges of sums of today's customers and those to come: what is common to both is drawn once a draw.

.. math:: B_d = B \, r_d \, e^{\sigma z_d}, \qquad
          F_d = \sum_k n_{kd} \, (v_k \, q_d \, e^{\sigma z_d + \tau u_d} - c_k), \qquad T_d = B_d + F_d,

r and q the ratios of a draw of the parameters, z the error of the level (of the times, of spend) that all customers
share, u that of the customers to come alone, n the numbers of new customers, which have one error of their level a
draw. σ and τ come from how far off forecasts at earlier dates were, less what parameters and numbers already hold.
Drawn apart for base and future, the same errors would cancel in the total, and its range be too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.forecasting.result.ranges import PRIOR_OF_TOTAL, PRIOR_WEIGHT, SHARED, Spread

DRAWS = 2_000
PRIOR_OF_NEW = PRIOR_OF_TOTAL  # typical log error of what a new customer brings, besides that which all share


@dataclass(frozen=True, eq=False)
class Common:
    """What all parts of a sum share, one number a draw.

    Attributes
    ----------
    base, new : ndarray of shape (draws,)
        Factors of today's customers and of each customer to come.
    """

    base: Array
    new: Array


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Customers to come, by period.

    Attributes
    ----------
    counts : ndarray of shape (draws, periods)
        Numbers that may come.
    value, cost : ndarray of shape (periods,)
        What each of them earns, and what winning one costs, both discounted to today.
    """

    counts: Array
    value: Array
    cost: Array

    def draws(self, factor: Array) -> Array:
        """The sum over the periods at each draw, shape (draws,)."""
        return np.asarray(factor * (self.counts @ self.value) - self.counts @ self.cost)


def common(
    ratios: tuple[Array, Array], of_base: Spread, chance: float, of_new: Spread, *, number: int, seed: int
) -> Common:
    """Factors from ratios of the parameters' draws and from past errors.

    Parameters
    ----------
    ratios
        Of base and of new customers, at the same draws of the parameters.
    of_base
        How far the base's totals are off, parameters included.
    chance
        Variance of the base's total that is chance.
    of_new
        How far customers to come are off besides.
    number, seed
        How many draws, and their seed.
    """
    rng = np.random.default_rng([seed, 12])
    drawn = rng.integers(0, len(ratios[0]), number)
    base, new = (one[drawn] for one in ratios)
    known = float(np.log(np.maximum(ratios[0], 1e-12)).var())
    shared = _errors(rng, np.log1p(of_base.variance) - known, of_base, number)
    luck = np.exp(np.sqrt(np.log1p(chance)) * rng.standard_normal(number))
    own = _errors(rng, of_new.variance, of_new, number)
    return Common(base * shared * luck, new * shared * own)


def _errors(rng: np.random.Generator, variance: float, spread: Spread, number: int) -> Array:
    """Factors whose logarithm follows Student's t with this variance."""
    freedom = spread.degrees_of_freedom
    scale = np.sqrt(max(variance, 0.0) * (freedom - 2.0) / freedom)
    return np.asarray(np.exp(scale * rng.standard_t(freedom, number)))


def remaining(errors: Array, modelled: float) -> Spread:
    """What customers to come are off besides: a prior, and what errors of earlier dates show beyond a known variance.

    Parameters
    ----------
    errors
        Log errors of the revenue of customers who came after the dates.
    modelled
        Variance of its logarithm by numbers, parameters and what is common to all.
    """
    if not len(errors):
        return Spread(PRIOR_OF_NEW**2)
    number = SHARED * len(errors)
    beyond = float(np.mean(np.square(errors))) - modelled
    return Spread(max((PRIOR_WEIGHT * PRIOR_OF_NEW**2 + number * beyond) / (PRIOR_WEIGHT + number), 0.0), number)


def bounds(draws: Array, level: float) -> tuple[float, float]:
    """Quantiles that hold the level."""
    lower, upper = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(lower), float(upper)
