"""The maximum of a log-likelihood: a trust-region Newton search in log parameters, with exact derivatives.

Coefficients of covariates are not logarithms; the search takes them in units of their columns' standard deviations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from clvmodels.arrays import Array
from clvmodels.inference.posterior.log_posterior import Likelihood, LogPosterior, natural, to_theta
from clvmodels.inference.posterior.priors import AnyPrior

# Half the squared distance to the optimum in standard errors. The last Newton step squares it; below about n · 1e-16
# the mean log-likelihood no longer tells two points apart.
_DECREMENT = 1e-10
_ROUNDING = 1e-14
_STEPS = 200
_NEGLIGIBLE = 1e-4  # of log-likelihood: too small a difference to be seen in data
_DIVERGED = 20.0  # |log parameter| from the start beyond which a parameter has diverged
_SAMPLE = 20_000  # rows of a first search that finds the start of the full one
_STARTS = ((0.0, 0.0), (-1.5, 0.5), (1.5, 0.5), (-3.0, 1.0), (0.0, 2.0))  # mean and spread of log parameters


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    posterior : LogPosterior
        What was maximised.
    theta : ndarray of shape (k,)
        Log parameters, and coefficients.
    hessian : ndarray of shape (k, k)
        Second derivatives of the log-posterior in θ / ``posterior.units``.
    decrement : float
        Newton decrement, g'H⁻¹g / 2 on the log scale.
    converged : bool
        Whether it is a maximum, to far below a standard error.
    diverged : ndarray of bool, shape (k,)
        Parameters that diverged: the search took them beyond all bounds.
    iterations : int
        Evaluations over all rows.
    """

    posterior: LogPosterior
    theta: Array
    hessian: Array
    decrement: float
    converged: bool
    diverged: NDArray[np.bool_]
    iterations: int

    @property
    def at_boundary(self) -> bool:
        """Whether a parameter diverged with nothing left to gain: the maximum is at a boundary, such as no dropout."""
        return bool(self.diverged.any() and self.decrement < _NEGLIGIBLE)

    @cached_property
    def log_likelihood(self) -> float:
        """Without priors; not finite where the search has left the range of numbers."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self.posterior.likelihood.value(self.values)

    @property
    def values(self) -> Array:
        """Parameters on their natural scale, and coefficients."""
        return natural(self.theta, self.posterior.logs)


class Objective:
    """Minus the log-posterior a customer in φ = θ / units, with exact derivatives.

    Those of the last two points are kept: a search returns to the point before after a step that it refuses.
    """

    def __init__(self, posterior: LogPosterior) -> None:
        self.posterior = posterior
        self.customers = posterior.likelihood.customers
        self._at = lru_cache(maxsize=2)(self._derivatives)

    @property
    def evaluations(self) -> int:
        """How many points were evaluated."""
        return self._at.cache_info().misses

    def value(self, phi: Array) -> float:
        return self._at(phi.tobytes())[0]

    def gradient(self, phi: Array) -> Array:
        return self._at(phi.tobytes())[1]

    def hessian(self, phi: Array) -> Array:
        return self._at(phi.tobytes())[2]

    def newton(self, phi: Array) -> tuple[float, Array]:
        """Newton decrement over all customers, and the step; infinite where there is none."""
        if not np.isfinite(self.value(phi)):
            return np.inf, np.zeros_like(phi)
        try:
            factor = np.linalg.cholesky(self.hessian(phi))
        except np.linalg.LinAlgError:
            return np.inf, np.zeros_like(phi)
        half = np.linalg.solve(factor, self.gradient(phi))
        return float(half @ half) * self.customers / 2.0, -np.linalg.solve(factor.T, half)

    def _derivatives(self, phi: bytes) -> tuple[float, Array, Array]:
        n, units, at = self.customers, self.posterior.units, np.frombuffer(phi)
        value, gradient, hessian = self.posterior.derivatives(at * units)
        gradient, hessian = gradient * units, hessian * np.outer(units, units)
        if np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all():
            return -value / n, -gradient / n, -hessian / n
        return np.inf, np.zeros(len(at)), np.eye(len(at))


def maximise(
    likelihood: Likelihood,
    priors: Mapping[str, AnyPrior],
    scales: Array,
    *,
    of_logs: bool = False,
    near: Array | None = None,
) -> Optimum:
    """Maximise, from more starting points if the first finds no maximum; large data start from a sample's maximum.

    ``scales`` is the size of the data's units in each parameter: the search begins there, so that a unit is only that.
    It begins at the parameters ``near`` where they are given, such as those of a little less data.
    """
    coefficients = 0 if likelihood.design is None else len(likelihood.design.coefficients)
    origin = start = np.concatenate((np.log(scales), np.zeros(coefficients)))
    if near is not None:
        objective = Objective(LogPosterior(likelihood, priors, of_logs=of_logs))
        begin = to_theta(near, len(scales)) / objective.posterior.units
        if not _has_diverged(begin, origin).any() and (nearest := _search(objective, begin, origin)).converged:
            return nearest
    from_sample = _from_sample(likelihood, priors, origin, of_logs=of_logs)
    at_boundary = from_sample is not None and from_sample.at_boundary
    if from_sample is not None and (from_sample.converged or at_boundary):
        found = from_sample.theta / from_sample.posterior.units
        start = origin + np.clip(found - origin, -_DIVERGED / 2.0, _DIVERGED / 2.0)
    objective = Objective(LogPosterior(likelihood, priors, of_logs=of_logs))
    best = _search(objective, start, origin)
    if best.converged or (at_boundary and best.at_boundary):
        return best
    return _from_starts(objective, start, origin, best=best)


def _from_sample(
    likelihood: Likelihood, priors: Mapping[str, AnyPrior], origin: Array, *, of_logs: bool
) -> Optimum | None:
    """The maximum of a sample of large data; None of others."""
    sample = likelihood.sample(_SAMPLE)
    if sample is None:
        return None
    return _from_starts(Objective(LogPosterior(sample, priors, of_logs=of_logs)), origin, origin, enough=1e-6)


def _from_starts(
    objective: Objective, start: Array, origin: Array, enough: float = _DECREMENT, best: Optimum | None = None
) -> Optimum:
    """Search from further points until one finds a maximum, or two come to the same boundary; the best of all."""
    best = best or _search(objective, start, origin, enough)
    for elsewhere in _further_points(origin, objective.posterior.logs):
        if best.converged:
            break
        if np.array_equal(elsewhere, start):
            continue
        other = _search(objective, elsewhere, origin, enough)
        same = best.at_boundary and other.at_boundary and abs(other.log_likelihood - best.log_likelihood) < _NEGLIGIBLE
        if other.converged or other.log_likelihood > best.log_likelihood:
            best = other
        if same:
            break
    return best


def _further_points(origin: Array, logs: int) -> Iterator[Array]:
    """Where to search from: random points around the origin, in the first ``logs`` parameters."""
    is_log = np.arange(len(origin)) < logs
    rng = np.random.default_rng(0)
    for mean, spread in _STARTS:
        yield origin + np.where(is_log, mean + spread * rng.standard_normal(len(origin)), 0.0)


def _search(objective: Objective, start: Array, origin: Array, enough: float = _DECREMENT) -> Optimum:
    """One search, stopped by the Newton decrement and not by SciPy's own flags."""
    enough += _ROUNDING * objective.customers
    evaluations, units = objective.evaluations, objective.posterior.units

    def done(phi: Array) -> bool:
        return bool(objective.newton(phi)[0] < enough or _has_diverged(phi, origin).any())

    can_move = np.isfinite(objective.value(start)) and not done(start)
    phi = _walk(objective, start, done) if can_move else start
    decrement, step = objective.newton(phi)
    converged = bool(decrement < max(enough, 1e-8) and not _has_diverged(phi, origin).any())
    return Optimum(
        posterior=objective.posterior,
        theta=(phi + step if converged else phi) * units,  # the last step costs nothing
        hessian=-objective.hessian(phi) * objective.customers,
        decrement=decrement,
        converged=converged,
        diverged=_has_diverged(phi, origin),
        iterations=objective.evaluations - evaluations,
    )


def _walk(objective: Objective, start: Array, done: Callable[[Array], bool]) -> Array:
    """Trust-region Newton steps until a point is ``done``."""
    reached = [start]

    def stop(intermediate_result: Any) -> None:
        reached.append(np.asarray(intermediate_result.x))
        if done(reached[-1]):
            raise StopIteration

    options = {"maxiter": _STEPS, "gtol": 0.0, "initial_trust_radius": 1.0, "max_trust_radius": 4.0}
    # UnboundLocalError: SciPy's trust-exact at a Hessian that is singular to the last digit
    with np.errstate(all="ignore"), suppress(UnboundLocalError):
        return optimize.minimize(
            objective.value, start, jac=objective.gradient, hess=objective.hessian, method="trust-exact", callback=stop,
            options=options,
        ).x  # fmt: skip
    return reached[-1]


def _has_diverged(phi: Array, origin: Array) -> NDArray[np.bool_]:
    return np.abs(phi - origin) > _DIVERGED
