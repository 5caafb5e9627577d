r"""Ranges of totals: how far a total may be off, from how far earlier forecasts of the same log were off.

On the scale of logarithms the error of a total :math:`\hat E` has the variance

.. math:: s^2 = \log(1 + \varphi / \hat E + \tau^2), \qquad
          \tau^2 = \frac{6 \tau_0^2 + n \max(0, \overline{e^2} - \overline{\varphi / \hat E})}{6 + n},

with e the log errors of the same rule at earlier dates, which count half, since each shares half of its days with the
next. :math:`\varphi / \hat E` is chance: purchases come in bursts, so that their number varies :math:`\varphi` times as
much as that of independent ones; the errors have their own part of it, which is taken out. Since :math:`\tau` is
learned from so few errors, the error itself follows Student's t with :math:`6 + n` degrees of freedom; it is scaled to
have the variance :math:`s^2`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from clvmodels.arrays import Array
from clvmodels.transactions.units import DAYS_PER_UNIT

PRIOR_WEIGHT = 6.0  # errors that what is known of other logs counts as
PRIOR_OF_TOTAL = 0.10  # typical log error of a total
PRIOR_OF_SPEND = 0.08  # typical log error of the mean amount
PRIOR_OF_MONTH = 0.12  # what a month varies around its share of the total
CHANCE_OF_PURCHASES = 4.0  # variance of a number of purchases as a multiple of the mean
CHANCE = {"purchases": CHANCE_OF_PURCHASES, "buyers": 1.0, "revenue": CHANCE_OF_PURCHASES}  # customers buy or don't
SHARED = 0.5  # of two holdouts that follow each other


@dataclass(frozen=True)
class Spread:
    """How far totals of one kind are off.

    Attributes
    ----------
    variance : float
        τ², of the logarithm, beyond chance.
    errors : float
        How many independent errors it was learned from, besides the prior.
    """

    variance: float
    errors: float = 0.0

    @property
    def degrees_of_freedom(self) -> float:
        """Errors behind the variance, the prior's included."""
        return PRIOR_WEIGHT + self.errors

    def __add__(self, other: Spread) -> Spread:
        """The spread of a product of two things that are off independently."""
        return Spread(self.variance + other.variance, min(self.errors, other.errors))


def learned(prior: float, errors: Sequence[float] | Array, chance: Sequence[float] | Array, holdouts: int) -> Spread:
    """The spread from a prior and errors.

    Parameters
    ----------
    prior
        Variance that is expected without any error at hand.
    errors
        Log errors.
    chance
        Variance of each that is chance.
    holdouts
        How many holdouts they are from.

    Examples
    --------
    >>> learned(0.01, [], [], 0)
    Spread(variance=0.01, errors=0.0)
    >>> round(learned(0.01, [0.2, -0.2, 0.2, -0.2], [0.0] * 4, 4).variance, 4)
    0.0175
    """
    if not len(errors):
        return Spread(prior)
    number = SHARED * holdouts
    seen = max(0.0, float(np.mean(np.square(errors))) - float(np.mean(chance)))
    return Spread((PRIOR_WEIGHT * prior + number * seen) / (PRIOR_WEIGHT + number), number)


def period_prior(days: Array | float) -> Array:
    """Variance of the total of a period that is expected without any error at hand.

    What a period varies around its share of the total falls with its length, as a mean of independent days does.
    """
    month = DAYS_PER_UNIT["month"]
    return np.asarray(PRIOR_OF_TOTAL**2 + PRIOR_OF_MONTH**2 * month / np.asarray(days, dtype=np.float64))


def log_error(actual: float, expected: float) -> float:
    """log(actual / expected), with half a purchase added to both, so that none is no infinite error.

    Examples
    --------
    >>> round(log_error(110.0, 100.0), 3), round(log_error(0.0, 3.0), 2)
    (0.095, -1.95)
    """
    return math.log((actual + 0.5) / (expected + 0.5))


def bounds(estimate: Array, spread: Spread, chance: Array, level: float) -> tuple[Array, Array]:
    """Bounds that hold the level.

    Parameters
    ----------
    estimate : ndarray
        Expected totals.
    spread : Spread
        How far they are off beyond chance.
    chance : ndarray
        Relative variance that is chance.
    level
        Such as 0.90.

    Examples
    --------
    >>> lower, upper = bounds(np.array([1000.0]), Spread(0.01), np.array([0.004]), 0.90)
    >>> lower.round(), upper.round()
    (array([829.]), array([1206.]))
    """
    freedom = spread.degrees_of_freedom
    scale = np.sqrt(np.log1p(chance + spread.variance) * (freedom - 2.0) / freedom)
    reach = float(stats.t.ppf((1.0 + level) / 2.0, freedom)) * scale
    return estimate * np.exp(-reach), estimate * np.exp(reach)
