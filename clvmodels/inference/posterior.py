"""The log-posterior in log parameters: one definition for the mode, for draws around it and for NUTS."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.likelihood import LogLikelihood
from clvmodels.inference.priors import Prior

Array = NDArray[np.float64]


class LogPosterior:
    """Log-likelihood plus log prior, as a function of the log parameters θ.

    Parameters
    ----------
    likelihood : LogLikelihood
        Over distinct histories with weights.
    priors : dict of str to Prior
        Parameters without one have a flat prior on the log scale.
    of_logs : bool
        Whether a prior counts as a density of θ (with the Jacobian, as Bayes needs it) or of the parameter itself
        (without, so that its maximum is the mode on the natural scale).
    """

    def __init__(self, likelihood: LogLikelihood, priors: Mapping[str, Prior], *, of_logs: bool) -> None:
        self.likelihood = likelihood
        self.priors = priors
        self.of_logs = of_logs
        self._with_prior = [(i, priors[k]) for i, k in enumerate(likelihood.model.PARAMETERS) if k in priors]

    def value(self, theta: Array) -> float:
        """Log-posterior at θ (k,), up to a constant."""
        values = np.exp(theta)
        total = self.likelihood.value(values)
        for i, prior in self._with_prior:
            total += float(prior.log_density(values[i])) + (theta[i] if self.of_logs else 0.0)
        return total

    def derivatives(self, theta: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and Hessian (k, k) in θ."""
        values = np.exp(theta)
        total, gradient, hessian = self.likelihood.derivatives(values, order)
        for i, prior in self._with_prior:
            log_density, first, second = prior.derivatives(float(values[i]))
            total += log_density
            gradient[i] += first
            hessian[i, i] += second
        gradient = values * gradient
        hessian = np.outer(values, values) * hessian + np.diag(gradient)
        if self.of_logs:
            for i, _ in self._with_prior:
                total += theta[i]
                gradient[i] += 1.0
        return total, gradient, hessian
