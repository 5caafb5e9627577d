"""Where the sampler of a partially pooled fit starts, and its covariance there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.posterior.hierarchical import SPREAD_SD, GaussianApproximation, GroupedPosterior
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.log_posterior import LogPosterior
from clvmodels.models.protocol import Model
from clvmodels.transactions.histories import Histories

_NEWTON_STEPS = 4
_LONGEST = 1.0  # of a step, in a log parameter
_SPREAD = 0.2  # where log s begins …
_SPREAD_VARIANCE = 0.5  # … and how wide it is taken to be
_STEP = 1e-4  # of differences of the gradient: far above its rounding, far below the posterior's width


def approximate_groups(model: Model, groups: Sequence[Histories], pooled: Array) -> GaussianApproximation:
    """Each group's likelihood, expanded near its mode under a prior around the pooled log parameters (k,)."""
    found = [_approximate(model, histories, pooled) for histories in groups]
    return GaussianApproximation(np.array([one[0] for one in found]), np.array([one[1] for one in found]))


def _approximate(model: Model, histories: Histories, pooled: Array) -> tuple[Array, Array]:
    """Information and score of one group, after a few Newton steps."""
    likelihood = LogPosterior(LogLikelihood(model, histories.columns, histories.weight), {}, of_logs=False)
    theta = pooled.copy()
    for step in range(_NEWTON_STEPS + 1):
        _, gradient, hessian = likelihood.derivatives(theta)
        values, directions = np.linalg.eigh(-hessian)
        information = (directions * np.maximum(values, 0.0)) @ directions.T
        if step < _NEWTON_STEPS:
            precision = information + np.eye(len(theta)) / SPREAD_SD**2
            move = np.linalg.solve(precision, gradient - (theta - pooled) / SPREAD_SD**2)
            theta += move * min(1.0, _LONGEST / max(float(np.abs(move).max()), 1e-300))
    return information, gradient + information @ theta


def starting_point(posterior: GroupedPosterior, pooled: Array) -> tuple[Array, Array]:
    """A first u, and a covariance: from the Hessian of all but the spreads, whose posterior is not Gaussian."""
    k = len(posterior.names)
    at = np.concatenate((pooled, np.full(k, np.log(_SPREAD)), np.zeros(posterior.size - 2 * k)))
    free = np.r_[0:k, 2 * k : posterior.size]
    hessian = np.empty((len(free), len(free)))
    for row, i in enumerate(free):
        step = np.zeros(posterior.size)
        step[i] = _STEP
        slopes = posterior.derivatives(at + step)[1] - posterior.derivatives(at - step)[1]
        hessian[row] = slopes[free] / (2.0 * _STEP)
    values, directions = np.linalg.eigh(-(hessian + hessian.T) / 2.0)
    covariance = np.eye(posterior.size) * _SPREAD_VARIANCE
    covariance[np.ix_(free, free)] = (directions / np.maximum(values, 0.1)) @ directions.T
    return at, covariance
