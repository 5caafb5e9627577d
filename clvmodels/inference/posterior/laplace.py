"""Draws of the parameters around the mode, set right by importance resampling.

Proposals have the centre and shape of the Gaussian of the exact Hessian in the log parameters (Laplace), and the
tails of a t distribution: posteriors of log parameters are skewed, and a Gaussian would miss the longer side. Each is
weighted by the true posterior over its own density, the weights are smoothed (Vehtari, Simpson, Gelman, Yao and Gabry
2024, Pareto smoothed importance sampling), and their Pareto shape k̂ tells whether the draws can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.posterior.log_posterior import LogPosterior
from clvmodels.inference.posterior.pareto_smoothing import smoothed_log_weights

TRUSTED_K = 0.7
_PROPOSALS = 2  # a draw
_LEAST = 200  # proposals: weights of fewer can't be smoothed
_FREEDOM = 5.0  # of the t distribution


@dataclass(frozen=True)
class Draws:
    """Parameter draws.

    Attributes
    ----------
    theta : ndarray of shape (n, k)
        Log parameters.
    pareto_k : float or None
        Shape of the importance weights: below 0.5 good, above 0.7 not to be trusted; None if nothing was weighted.
    """

    theta: Array
    pareto_k: float | None


def gaussian_draws(centre: Array, covariance: Array, n: int, seed: int) -> Draws:
    """Plain draws, where there are no data to weigh them by."""
    rng = np.random.default_rng(seed)
    return Draws(centre + rng.standard_normal((n, len(centre))) @ np.linalg.cholesky(covariance).T, None)


def laplace_draws(posterior: LogPosterior, centre: Array, covariance: Array, n: int, seed: int) -> Draws:
    """Draws around ``centre`` (k,), resampled by their importance.

    Parameters
    ----------
    posterior : LogPosterior
        The density that the draws are to follow.
    centre, covariance : ndarray of shapes (k,) and (k, k)
        Of the Gaussian in log parameters.
    n : int
        Number of draws.
    seed : int
        Seed of the randomness.
    """
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((max(_PROPOSALS * n, _LEAST), len(centre)))
    z /= np.sqrt(rng.chisquare(_FREEDOM, len(z)) / _FREEDOM)[:, None]
    theta = centre + z @ np.linalg.cholesky(covariance).T
    log_proposal = -(_FREEDOM + len(centre)) / 2.0 * np.log1p((z**2).sum(axis=1) / _FREEDOM)
    log_ratios = np.array([posterior.value(row) for row in theta]) - log_proposal
    log_ratios -= np.nanmax(log_ratios)
    log_ratios = np.where(log_ratios > -700.0, log_ratios, -700.0)
    log_weights, k = smoothed_log_weights(log_ratios)
    weights = np.exp(log_weights)
    places = np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(n) + rng.random()) / n)
    chosen = rng.permutation(np.minimum(places, len(theta) - 1))
    return Draws(theta[chosen], k)
