"""The maximum of a log-likelihood: a trust-region Newton search in log parameters, with exact derivatives.

Coefficients of covariates are not logarithms; the search takes them in units of their columns' standard deviations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from clvmodels.arrays import Array
from clvmodels.inference.posterior.log_posterior import Likelihood, LogPosterior, natural
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
        Second derivatives of the log-posterior in ``theta / units``.
    units : ndarray of shape (k,)
        1 for log parameters, and the units of the coefficients.
    log_likelihood : float
        Without priors.
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
    units: Array
    log_likelihood: float
    decrement: float
    converged: bool
    diverged: NDArray[np.bool_]
    iterations: int

    @property
    def at_boundary(self) -> bool:
        """Whether a parameter diverged with nothing left to gain: the maximum is at a boundary, such as no dropout."""
        return bool(self.diverged.any() and self.decrement < _NEGLIGIBLE)

    @property
    def values(self) -> Array:
        """Parameters on their natural scale, and coefficients."""
        return natural(self.theta, self.posterior.logs)


class Objective:
    """Minus the log-posterior a customer in φ = θ / units, with each point's derivatives computed once."""

    def __init__(self, posterior: LogPosterior) -> None:
        self.posterior = posterior
        design = posterior.likelihood.design
        self.units = np.concatenate((np.ones(posterior.logs), np.empty(0) if design is None else design.units))
        self.customers = posterior.likelihood.customers
        self.evaluations = 0
        self._at: Array | None = None
        self._known: tuple[Any, ...] = ()  # the point before, where a search returns after a step that it refuses
        self._value, self._gradient, self._hessian = 0.0, np.empty(0), np.empty((0, 0))

    def value(self, phi: Array) -> float:
        self._evaluate(phi)
        return self._value

    def gradient(self, phi: Array) -> Array:
        self._evaluate(phi)
        return self._gradient

    def hessian(self, phi: Array) -> Array:
        self._evaluate(phi)
        return self._hessian

    def _evaluate(self, phi: Array) -> None:
        if self._at is not None and np.array_equal(phi, self._at):
            return
        known, self._known = self._known, (self._at, self._value, self._gradient, self._hessian)
        if known and known[0] is not None and np.array_equal(phi, known[0]):
            self._at, self._value, self._gradient, self._hessian = known
            return
        value, gradient, hessian = self.posterior.derivatives(phi * self.units)
        gradient, hessian = gradient * self.units, hessian * np.outer(self.units, self.units)
        self.evaluations += 1
        self._at = phi.copy()
        finite = np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all()
        if finite:
            n = self.customers
            self._value, self._gradient, self._hessian = -value / n, -gradient / n, -hessian / n
        else:
            self._value, self._gradient, self._hessian = np.inf, np.zeros(len(phi)), np.eye(len(phi))


def maximise(
    likelihood: Likelihood, priors: Mapping[str, AnyPrior], scales: Array, *, of_logs: bool = False
) -> Optimum:
    """Maximise, from more starting points if the first finds no maximum; large data start from a sample's maximum.

    ``scales`` is the size of the data's units in each parameter: the search begins there, so that a unit is only that.
    """
    coefficients = 0 if likelihood.design is None else len(likelihood.design.coefficients)
    origin = start = np.concatenate((np.log(scales), np.zeros(coefficients)))
    at_boundary = False
    sample = likelihood.sample(_SAMPLE)
    if sample is not None:
        first = _from_starts(Objective(LogPosterior(sample, priors, of_logs=of_logs)), start, origin, enough=1e-6)
        at_boundary = first.at_boundary
        if first.converged or at_boundary:
            start = origin + np.clip(first.theta / first.units - origin, -_DIVERGED / 2.0, _DIVERGED / 2.0)
    objective = Objective(LogPosterior(likelihood, priors, of_logs=of_logs))
    best = _search(objective, start, origin)
    if best.converged or (at_boundary and best.at_boundary):
        return best
    return _from_starts(objective, start, origin, best=best)


def _from_starts(
    objective: Objective, start: Array, origin: Array, enough: float = _DECREMENT, best: Optimum | None = None
) -> Optimum:
    """Search from further points until one finds a maximum, or two come to the same boundary; the best of all."""
    best = best or _search(objective, start, origin, enough)
    is_log = np.arange(len(origin)) < objective.posterior.logs
    rng = np.random.default_rng(0)
    for mean, spread in _STARTS:
        if best.converged:
            break
        elsewhere = origin + np.where(is_log, mean + spread * rng.standard_normal(len(start)), 0.0)
        if np.array_equal(elsewhere, start):
            continue
        other = _search(objective, elsewhere, origin, enough)
        same = best.at_boundary and other.at_boundary and abs(other.log_likelihood - best.log_likelihood) < _NEGLIGIBLE
        if other.converged or other.log_likelihood > best.log_likelihood:
            best = other
        if same:
            break
    return best


def _search(objective: Objective, start: Array, origin: Array, enough: float = _DECREMENT) -> Optimum:
    """One search, stopped by the Newton decrement and not by SciPy's own flags."""
    n = objective.customers
    enough += _ROUNDING * n
    evaluations = objective.evaluations

    reached = [start]

    def stop(intermediate_result: Any) -> None:
        phi = np.asarray(intermediate_result.x)
        reached.append(phi)
        near = _newton(objective.gradient(phi), objective.hessian(phi), n)[0] < enough
        if near or np.abs(phi - origin).max() > _DIVERGED:
            raise StopIteration

    phi = start
    near = _newton(objective.gradient(phi), objective.hessian(phi), n)[0] < enough
    if not near:
        options = {"maxiter": _STEPS, "gtol": 0.0, "initial_trust_radius": 1.0, "max_trust_radius": 4.0}
        with np.errstate(all="ignore"):
            try:
                phi = optimize.minimize(
                    objective.value, start, jac=objective.gradient, hess=objective.hessian, method="trust-exact",
                    callback=stop, options=options,
                ).x  # fmt: skip
            except UnboundLocalError:  # SciPy's trust-exact at a Hessian that is singular to the last digit
                phi = reached[-1]
    decrement, step = _newton(objective.gradient(phi), objective.hessian(phi), n)
    converged = bool(decrement < max(enough, 1e-8) and np.abs(phi - origin).max() <= _DIVERGED)
    end = phi + step if converged else phi  # the last step costs nothing
    return Optimum(
        posterior=objective.posterior,
        theta=end * objective.units,
        hessian=-objective.hessian(phi) * n,
        units=objective.units,
        log_likelihood=objective.posterior.likelihood.value(natural(end * objective.units, objective.posterior.logs)),
        decrement=decrement,
        converged=converged,
        diverged=np.abs(phi - origin) > _DIVERGED,
        iterations=objective.evaluations - evaluations,
    )


def _newton(gradient: Array, hessian: Array, n: float) -> tuple[float, Array]:
    """Newton decrement over n customers, and the step; infinite where the Hessian is not positive definite."""
    try:
        factor = np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros_like(gradient)
    half = np.linalg.solve(factor, gradient)
    step = -np.linalg.solve(factor.T, half)
    return float(half @ half) * n / 2.0, step
