"""The log-posterior in θ: one definition for the mode, for draws around it and for NUTS.

θ holds the logarithms of the model's parameters, which are positive, followed by the coefficients of covariates as they
are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from scipy import linalg

from clvmodels.arrays import Array
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior.priors import AnyPrior
from clvmodels.models.protocol import Model


class Likelihood(Protocol):
    """A log-likelihood of a model's parameters and the coefficients of a design: `LogLikelihood`, or one like it."""

    customers: float

    @property
    def model(self) -> Model: ...
    @property
    def design(self) -> Design | None: ...
    def value(self, values: Array) -> float:
        """Value at parameter values (k,)."""

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and, for ``order=2``, Hessian (k, k)."""

    def pointwise(self, values: Array) -> Array:
        """log L of each row."""

    def sample(self, rows: int) -> Likelihood | None:
        """The same over some rows, where there are many more."""


def natural(theta: Array, logs: int) -> Array:
    """Parameters and coefficients at θ (…, k), of which the first ``logs`` are logarithms."""
    return np.concatenate((np.exp(theta[..., :logs]), theta[..., logs:]), axis=-1)


def to_theta(values: Array, logs: int) -> Array:
    """θ (…, k) of parameters and coefficients: what `natural` undoes."""
    return np.concatenate((np.log(values[..., :logs]), values[..., logs:]), axis=-1)


def mean_and_covariance(theta: Array, logs: int) -> tuple[Array, Array]:
    """Parameters at the mean of draws of θ, shape (chains, draws, k), and the covariance of θ."""
    rows = theta.reshape(-1, theta.shape[-1])
    return natural(rows.mean(axis=0), logs), np.cov(rows.T)


class LogPosterior:
    """Log-likelihood plus log prior, as a function of θ.

    Parameters
    ----------
    likelihood : Likelihood
        Over distinct histories with weights.
    priors : dict of str to Prior
        Parameters without one have a flat prior on the log scale.
    of_logs : bool
        Whether a prior counts as a density of θ (with the Jacobian, as Bayes needs it) or of the parameter itself
        (without, so that its maximum is the mode on the natural scale).

    Attributes
    ----------
    units : ndarray of shape (k,)
        1 for log parameters, and the units of the coefficients.
    """

    def __init__(self, likelihood: Likelihood, priors: Mapping[str, AnyPrior], *, of_logs: bool) -> None:
        self.likelihood = likelihood
        self.logs = len(likelihood.model.spec.parameters)
        self._with_prior = [(i, priors[k]) for i, k in enumerate(likelihood.model.spec.parameters) if k in priors]
        design, logs = likelihood.design, self.logs
        self.units = np.ones(logs) if design is None else np.append(np.ones(logs), design.units)
        flat = np.zeros((logs, logs))  # of the log parameters, whose priors are not normal
        self._precision = flat if design is None else linalg.block_diag(flat, design.precision)
        self._jacobian = np.zeros(len(self.units))  # of a prior on a parameter as a density of its logarithm
        self._jacobian[[i for i, _ in self._with_prior]] = float(of_logs)

    def value(self, theta: Array) -> float:
        """Log-posterior at θ (k,), up to a constant."""
        values = natural(theta, self.logs)
        total = self.likelihood.value(values) + self._of_theta(theta)
        return total + sum(float(prior.log_density(values[i])) for i, prior in self._with_prior)

    def derivatives(self, theta: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and Hessian (k, k) in θ."""
        values, is_log = natural(theta, self.logs), np.arange(len(theta)) < self.logs
        total, gradient, hessian = self.likelihood.derivatives(values, order)
        for i, prior in self._with_prior:
            log_density, first, second = prior.derivatives(float(values[i]))
            total += log_density
            gradient[i] += first
            hessian[i, i] += second
        slopes = np.where(is_log, values, 1.0)
        gradient = slopes * gradient
        hessian = np.outer(slopes, slopes) * hessian + np.diag(np.where(is_log, gradient, 0.0)) - self._precision
        return total + self._of_theta(theta), gradient + self._jacobian - self._precision @ theta, hessian

    def _of_theta(self, theta: Array) -> float:
        """Log-density of the coefficients, and the Jacobian of the priors."""
        return float(self._jacobian @ theta - theta @ self._precision @ theta / 2.0)
