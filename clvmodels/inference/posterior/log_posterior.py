"""The log-posterior in θ: one definition for the mode, for draws around it and for NUTS.

θ holds the logarithms of the model's parameters, which are positive, followed by the coefficients of covariates as they
are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

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
    """

    def __init__(self, likelihood: Likelihood, priors: Mapping[str, AnyPrior], *, of_logs: bool) -> None:
        self.likelihood = likelihood
        self.priors = priors
        self.of_logs = of_logs
        self.logs = len(likelihood.model.spec.parameters)
        self._with_prior = [(i, priors[k]) for i, k in enumerate(likelihood.model.spec.parameters) if k in priors]
        design = likelihood.design
        self._precision = np.empty((0, 0)) if design is None else design.precision

    def value(self, theta: Array) -> float:
        """Log-posterior at θ (k,), up to a constant."""
        values = natural(theta, self.logs)
        gamma = theta[self.logs :]
        total = self.likelihood.value(values) - float(gamma @ self._precision @ gamma) / 2.0
        for i, prior in self._with_prior:
            total += float(prior.log_density(values[i])) + (theta[i] if self.of_logs else 0.0)
        return total

    def derivatives(self, theta: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and Hessian (k, k) in θ."""
        values = natural(theta, self.logs)
        total, gradient, hessian = self.likelihood.derivatives(values, order)
        for i, prior in self._with_prior:
            log_density, first, second = prior.derivatives(float(values[i]))
            total += log_density
            gradient[i] += first
            hessian[i, i] += second
        slopes = np.concatenate((values[: self.logs], np.ones(len(values) - self.logs)))
        gradient = slopes * gradient
        bends = np.where(np.arange(len(values)) < self.logs, gradient, 0.0)
        hessian = np.outer(slopes, slopes) * hessian + np.diag(bends)
        if len(self._precision):
            gamma = theta[self.logs :]
            total -= float(gamma @ self._precision @ gamma) / 2.0
            gradient[self.logs :] -= self._precision @ gamma
            hessian[self.logs :, self.logs :] -= self._precision
        if self.of_logs:
            for i, _ in self._with_prior:
                total += theta[i]
                gradient[i] += 1.0
        return total, gradient, hessian
