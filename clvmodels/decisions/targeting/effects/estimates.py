"""Effects of a randomised test: difference in means, with or without what was known of customers before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array


class Estimate(NamedTuple):
    """An effect and its standard error."""

    effect: float
    error: float


def difference(treated: Array, outcome: Array) -> Estimate:
    """Difference in means, √(s₁² / n₁ + s₀² / n₀).

    Parameters
    ----------
    treated : ndarray of shape (n,)
        1 for those treated, else 0.
    outcome : ndarray of shape (n,)
        What came.

    Examples
    --------
    >>> found = difference(np.array([1, 1, 1, 0, 0, 0, 0]), np.array([4, 6, 8, 1, 3, 5, 3]))
    >>> found.effect, round(found.error, 3)
    (3.0, 1.414)
    """
    with_it, without = outcome[treated == 1], outcome[treated == 0]
    error = np.sqrt(with_it.var(ddof=1) / len(with_it) + without.var(ddof=1) / len(without))
    return Estimate(float(with_it.mean() - without.mean()), float(error))


def cuped(treated: Array, outcome: Array, before: Array) -> Estimate:
    """Difference in means of outcome - θ (x - x̄), θ by least squares over all; variance × (1 - ρ²).

    Deng, Xu, Kohavi and Walker (2013), Improving the Sensitivity of Online Controlled Experiments, WSDM.

    Parameters
    ----------
    treated, outcome
        As in `difference`.
    before : ndarray of shape (n, k)
        What was known before the test.
    """
    centred = before - before.mean(axis=0)
    theta = np.linalg.lstsq(centred, outcome - outcome.mean(), rcond=None)[0]
    return difference(treated, outcome - centred @ theta)


def regression(treated: Array, outcome: Array, before: Array) -> Estimate:
    """Regression on w, x - x̄ and w (x - x̄), with HC2 errors.

    Lin (2013), Agnostic Notes on Regression Adjustments to Experimental Data, Annals of Applied Statistics 7(1).

    Parameters
    ----------
    treated, outcome, before
        As in `cuped`.
    """
    centred = before - before.mean(axis=0)
    design = np.column_stack([np.ones(len(outcome)), treated, centred, treated[:, None] * centred])
    q, r = np.linalg.qr(design)
    coefficients = np.linalg.lstsq(design, outcome, rcond=None)[0]
    leverage = np.minimum((q**2).sum(axis=1), 1.0 - 1e-12)
    residuals = outcome - design @ coefficients
    influence = np.linalg.pinv(r)[1] @ q.T  # of each outcome on the effect
    return Estimate(float(coefficients[1]), float(np.sqrt((influence**2 * residuals**2 / (1.0 - leverage)).sum())))


POWER = float(sc.ndtri(0.975) + sc.ndtri(0.80))  # 2.8 standard errors: seen at 5 % with a probability of 80 %


def customers_needed(effect: float, sd: float) -> float:
    """Customers in each of two equal groups to see an effect with a probability of 80 %: 2 (2.8 sd / effect)².

    Examples
    --------
    >>> round(customers_needed(1.0, 10.0))
    1570
    """
    return 2.0 * (POWER * sd / effect) ** 2
