"""Importance weights with a smoothed tail: Vehtari, Simpson, Gelman, Yao and Gabry (2024), Algorithm 1.

The largest weights are replaced by quantiles of the generalized Pareto distribution that fits them, by the nearly
unbiased estimate of Zhang and Stephens (2009), "A new and efficient estimation method for the generalized Pareto
distribution", Technometrics 51(3), with the weak prior of k around ½ that the paper adds.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, softmax

from clvmodels.arrays import Array

_LEAST_TAIL = 5  # weights to which a distribution can be fitted
_PRIOR_K, _PRIOR_WEIGHT = 0.5, 10  # of k, and in how many weights it counts


def smoothed_log_weights(log_ratios: Array) -> tuple[Array, float]:
    """Log weights that add up to 1 in their exponentials, and the shape k̂ of their tail.

    Parameters
    ----------
    log_ratios : ndarray of shape (n,)
        Log of the density wanted over that of the proposals, up to a constant.

    Returns
    -------
    tuple of ndarray and float
        Infinite k̂ means that the tail is none of a Pareto distribution; the weights are then as they were.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.random.default_rng(1).standard_normal(4_000)
    >>> log_weights, k = smoothed_log_weights(0.1 * z)
    >>> bool(k < 0.5), round(float(np.exp(log_weights).sum()), 9)
    (True, 1.0)
    """
    log_weights = log_ratios - log_ratios.max()
    tail = int(min(0.2 * len(log_weights), 3.0 * np.sqrt(len(log_weights))))
    k = np.inf
    if tail >= _LEAST_TAIL:
        order = np.argsort(log_weights, kind="stable")
        largest, cutoff = order[-tail:], np.exp(log_weights[order[-tail - 1]])
        k, sigma = _generalized_pareto(np.exp(log_weights[largest]) - cutoff)
        if np.isfinite(k):
            p = (np.arange(tail) + 0.5) / tail
            quantiles = cutoff + sigma * (np.expm1(-k * np.log1p(-p)) / k if k != 0.0 else -np.log1p(-p))
            log_weights[largest] = np.minimum(np.log(quantiles), 0.0)
    return log_weights - logsumexp(log_weights), k


def _generalized_pareto(x: Array) -> tuple[float, float]:
    """Shape k and scale σ of excesses in ascending order; infinite where they have no such distribution."""
    n, quartile = len(x), x[max(int(len(x) / 4.0 + 0.5) - 1, 0)]
    if quartile <= x[0] or x[-1] <= 0.0:
        return np.inf, np.nan
    points = 30 + int(np.sqrt(n))
    b = 1.0 / x[-1] + (1.0 - np.sqrt(points / (np.arange(points) + 0.5))) / (3.0 * quartile)
    k = np.log1p(-b[:, None] * x).mean(axis=1)
    profile = n * (np.log(-b / k) - k - 1.0)
    mean_b = float(softmax(profile) @ b)
    shape = float(np.log1p(-mean_b * x).mean())
    if not np.isfinite(shape) or mean_b == 0.0:
        return np.inf, np.nan
    return (n * shape + _PRIOR_WEIGHT * _PRIOR_K) / (n + _PRIOR_WEIGHT), -shape / mean_b
