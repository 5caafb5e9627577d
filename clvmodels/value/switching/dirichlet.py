"""Dirichlet-multinomial: shares that differ between units, estimated from counts."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from clvmodels.arrays import Array

_BOUND = 12.0  # of log concentrations: beyond e^12 the units are alike, below e^-12 each has one category


def log_likelihood(counts: Array, alpha: Array) -> float:
    """log P(counts) of units whose shares are Dirichlet(alpha), in the order in which they were seen.

    Minka (2000), Estimating a Dirichlet distribution, section 3.

    Parameters
    ----------
    counts : ndarray of shape (units, categories)
        How often each category was seen.
    alpha : ndarray of shape (categories,) or (units, categories)
        The concentrations.
    """
    total, number = alpha.sum(axis=-1), counts.sum(axis=1)
    each = (gammaln(alpha + counts) - gammaln(alpha)).sum(axis=1)
    return float((each + gammaln(total) - gammaln(total + number)).sum())


def fit_concentrations(counts: Array) -> Array:
    """The concentrations alpha, shape (categories,), that make the counts of the units most likely."""
    mean = (counts.sum(axis=0) + 1.0) / (counts.sum() + counts.shape[1])

    def objective(log_alpha: Array) -> tuple[float, Array]:
        alpha = np.exp(log_alpha)
        total, number = alpha.sum(), counts.sum(axis=1)
        slope = (digamma(alpha + counts) - digamma(alpha)).sum(axis=0)
        slope += (digamma(total) - digamma(total + number)).sum()
        return -log_likelihood(counts, alpha), -slope * alpha

    found = minimize(objective, np.log(mean), jac=True, method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)] * len(mean))
    return np.asarray(np.exp(found.x))


def fit_concentration(counts: Array, mean: Array) -> float:
    """The total concentration κ of Dirichlet(κ ``mean``) that makes the counts of the units most likely."""

    def objective(log_kappa: Array) -> tuple[float, Array]:
        kappa = float(np.exp(log_kappa[0]))
        alpha, number = kappa * mean, counts.sum(axis=1)
        slope = (mean * (digamma(alpha + counts) - digamma(alpha))).sum()
        slope += (digamma(kappa) - digamma(kappa + number)).sum()
        return -log_likelihood(counts, alpha), np.array([-slope * kappa])

    found = minimize(objective, np.zeros(1), jac=True, method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)])
    return float(np.exp(found.x[0]))
