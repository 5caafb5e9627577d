"""Estimate: the parameters of a model, and what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from clvmodels import arguments
from clvmodels.arrays import Array
from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.posterior.laplace import Draws, gaussian_draws, laplace_draws
from clvmodels.inference.posterior.log_posterior import LogPosterior, natural, to_theta
from clvmodels.inference.posterior.priors import AnyPrior


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Estimate:
    """Parameters with their uncertainty, and how they were found.

    Attributes
    ----------
    parameters : dict of str to float
        Values on their natural scale: positive parameters first, then coefficients of covariates.
    logs : int
        How many of the parameters are positive, and known by their logarithms.
    covariance_log : ndarray of shape (k, k)
        Covariance of the log parameters (and of coefficients as they are), from the exact Hessian; infinite for
        parameters that are not identified.
    log_likelihood : float
        Log-likelihood of the data in their own unit, without priors.
    n_customers, n_histories : int
        Customers that were used, and how many distinct histories they have.
    method : str
        "mle", "map" (maximum with priors), "laplace" or "nuts".
    iterations : int
        Evaluations of the likelihood over all histories.
    diagnosis : tuple of str
        How the search ended, and warnings; the first sentence is about convergence.
    priors : dict of str to Prior
        Priors, if any.
    theta : ndarray of shape (chains, draws, k) or None
        Draws of the log parameters (and coefficients), for "laplace" and "nuts"; ``parameters`` are then at their mean.
    statistics : dict of str to ndarray of shape (chains, draws)
        Sampler statistics of "nuts".
    pareto_k : float or None
        Shape of the importance weights of "laplace"; above 0.7 its draws can't be trusted.
    seed : int
        Of the draws.
    choices : int
        Whole numbers that were chosen by the likelihood beside the parameters, such as the k of BG/CNBD-k; information
        criteria count each as a parameter.
    """

    parameters: dict[str, float]
    logs: int
    covariance_log: Array
    log_likelihood: float
    n_customers: int
    n_histories: int
    method: str = "mle"
    iterations: int = 0
    diagnosis: tuple[str, ...] = ()
    priors: Mapping[str, AnyPrior] = field(default_factory=dict)
    theta: Array | None = None
    statistics: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    pareto_k: float | None = None
    seed: int = 0
    choices: int = 0
    _around_the_maximum: dict[int, Array] = field(init=False, default_factory=dict)

    @property
    def values(self) -> Array:
        """The parameters as an array of shape (k,)."""
        return np.array(list(self.parameters.values()))

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the parameters on their natural scale."""
        names = list(self.parameters)
        slopes = np.where(np.arange(len(names)) < self.logs, self.values, 1.0)
        return pd.DataFrame(self.covariance_log * np.outer(slopes, slopes), index=names, columns=names)

    @property
    def not_identified(self) -> list[str]:
        """Parameters without a finite variance."""
        finite = np.isfinite(np.diag(self.covariance_log))
        return [name for name, known in zip(self.parameters, finite, strict=True) if not known]

    def table(self, level: float) -> pd.DataFrame:
        """Estimates, standard errors and intervals, one row a parameter; quantiles of the posterior if there is one."""
        level = arguments.level("level", level, "0.95")
        numbers = self._intervals(level) if self.theta is None else self._quantiles(level)
        return pd.DataFrame(numbers, index=pd.Index(self.parameters, name="parameter"))

    def draws(self, n: int, posterior: Callable[[], LogPosterior] | None, judge: Callable[[Draws], None]) -> Array:
        """Parameters on their natural scale, one row a draw, shape (at most n, k).

        Parameters
        ----------
        n
            How many; of a posterior that has fewer, all are returned.
        posterior
            Makes what weighs draws around a maximum; None for those of the Gaussian.
        judge
            Is shown draws around the maximum when they are made.
        """
        if self.theta is not None:
            theta = self.theta.reshape(-1, len(self.parameters))
        else:
            if n not in self._around_the_maximum:
                drawn = self._draw(n, posterior)
                judge(drawn)
                self._around_the_maximum[n] = drawn.theta
            theta = self._around_the_maximum[n]
        rows = np.linspace(0, len(theta) - 1, min(n, len(theta))).round().astype(int)  # evenly over all chains
        return natural(theta[rows], self.logs)

    def _draw(self, n: int, posterior: Callable[[], LogPosterior] | None) -> Draws:
        weak = self.not_identified
        if weak:
            raise UnsupportedPrediction(
                f"{', '.join(weak)} {'are' if len(weak) > 1 else 'is'} not identified, so that there are no intervals. "
                'Fit with method="laplace" or "nuts", whose priors hold every parameter.'
            )
        centre = to_theta(self.values, self.logs)
        if posterior is None:
            return gaussian_draws(centre, self.covariance_log, n, self.seed)
        return laplace_draws(posterior(), centre, self.covariance_log, n, self.seed)

    def _intervals(self, level: float) -> dict[str, Array]:
        theta, errors = to_theta(self.values, self.logs), np.sqrt(np.diag(self.covariance_log))
        reach = special.ndtri((1.0 + level) / 2.0) * errors
        with np.errstate(over="ignore", under="ignore"):
            return {
                "estimate": self.values,
                "std_error": np.where(np.arange(len(theta)) < self.logs, self.values, 1.0) * errors,
                "lower": natural(theta - reach, self.logs),
                "upper": natural(theta + reach, self.logs),
            }

    def _quantiles(self, level: float) -> dict[str, Array]:
        values = natural(np.asarray(self.theta).reshape(-1, len(self.parameters)), self.logs)
        lower, upper = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
        spread = values.std(axis=0, ddof=1)
        return {"estimate": values.mean(axis=0), "std_error": spread, "lower": lower, "upper": upper}
