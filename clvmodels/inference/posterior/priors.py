"""Priors on parameters, written once for every way of fitting: (distribution, mean, sd) on the natural scale."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.model_data import sizes
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import parameter_jets
from clvmodels.inference.posterior.pymc_prior import PyMCPrior
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model
from clvmodels.transactions.units import DAYS_PER_UNIT

PriorLike = tuple[str, float, float]

_DEFAULT_LOG_SD = 1.5
_WIDE_LOG_SD = 4.0
_WIDE_SCALE = math.e**2  # weeks


@dataclasses.dataclass(frozen=True)
class Prior:
    """A distribution of a positive parameter, by its mean and standard deviation.

    Examples
    --------
    >>> Prior("gamma", 2.0, 1.0)
    Prior(distribution='gamma', mean=2.0, sd=1.0)
    """

    distribution: str
    mean: float
    sd: float

    def log_density(self, value: Any, *, xp: Any = special) -> Any:
        """Log-density up to a constant, of a number, an array, or whatever ``xp`` computes with."""
        return _LOG_DENSITIES[self.distribution](value, self, xp)

    def derivatives(self, value: float) -> tuple[float, float, float]:
        """Log-density up to a constant, and its first two derivatives."""
        found = self.log_density(parameter_jets(np.array([value]))[0], xp=jets)
        return found.value, found.grad[0], found.hess[0, 0]

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Random values."""
        if self.distribution == "lognormal":
            log_mean, log_sd = self.of_logs()
            return np.exp(rng.normal(log_mean, log_sd, n))
        if self.distribution == "gamma":
            return rng.gamma((self.mean / self.sd) ** 2, self.sd**2 / self.mean, n)
        below = ndtr(-self.mean / self.sd)  # the normal is cut off at 0
        return self.mean + self.sd * ndtri(below + (1.0 - below) * rng.random(n))

    def to_json(self) -> list[Any]:
        """As a model file holds it."""
        return [self.distribution, self.mean, self.sd]

    def of_logs(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm of a lognormal."""
        variance = math.log1p((self.sd / self.mean) ** 2)
        return math.log(self.mean) - variance / 2.0, math.sqrt(variance)


type AnyPrior = Prior | PyMCPrior


def all_priors(
    priors: Mapping[str, Any] | None, parameters: Collection[str], scales: Iterable[float]
) -> dict[str, AnyPrior]:
    """Priors of all parameters: those given, else the default.

    The default is lognormal with the unit of the data as its median (1 for shapes; the mean age or mean spend for
    scales) and a log-sd of 1.5: a factor of 19 either way is its 95 % interval. It moves with the unit, so that days or
    weeks, dollars or cents give the same predictions.
    """
    return {**_lognormals(parameters, scales, _DEFAULT_LOG_SD), **check_priors(priors, parameters)}


def wide_priors(model: Model, unit: str) -> dict[str, AnyPrior]:
    """Priors that hold parameters which the data leave open, and hardly move the others.

    Lognormal with a log-sd of 4, so that each is worth a sixteenth of an observation of the log parameter: around 1,
    and 7.4 weeks for scales of time.
    """
    weeks = DAYS_PER_UNIT["week"] / DAYS_PER_UNIT[unit]
    return _lognormals(model.spec.parameters, sizes(model, _WIDE_SCALE * weeks), _WIDE_LOG_SD)


def _lognormals(parameters: Iterable[str], medians: Iterable[float], log_sd: float) -> dict[str, AnyPrior]:
    mean, ratio = math.exp(log_sd**2 / 2.0), math.sqrt(math.expm1(log_sd**2))
    by_name = zip(parameters, medians, strict=True)
    return {name: Prior("lognormal", float(one) * mean, float(one) * mean * ratio) for name, one in by_name}


def check_priors(priors: Mapping[str, Any] | None, parameters: Collection[str]) -> dict[str, AnyPrior]:
    """Priors by parameter name, or an error that says how to write them; PyMC distributions go as they are."""
    if not isinstance(priors, Mapping | None):
        raise ArgumentError(f'priors= are by parameter, such as {{"r": ("gamma", 2, 1)}}, not {shortly(priors)}.')
    unknown = [name for name in priors or {} if name not in parameters]
    if unknown:
        raise ArgumentError(f"Prior for {unknown[0]!r}, which is no parameter of this model: {', '.join(parameters)}.")
    return {name: _checked(name, prior) for name, prior in (priors or {}).items()}


def _checked(name: str, prior: Any) -> AnyPrior:
    if type(prior).__module__.startswith("pytensor"):
        return PyMCPrior(prior)
    try:
        distribution, mean, sd = dataclasses.astuple(prior) if isinstance(prior, Prior) else prior
        checked = Prior(str(distribution), float(mean), float(sd))
    except (TypeError, ValueError):
        raise ArgumentError(
            f'Prior of {name}: {prior!r} is not (distribution, mean, sd), such as ("gamma", 2, 1).'
        ) from None
    if checked.distribution not in _LOG_DENSITIES:
        raise ArgumentError(f"Prior of {name}: {distribution!r} is none of {', '.join(_LOG_DENSITIES)}.")
    if not (0 < checked.mean < math.inf and 0 < checked.sd < math.inf):
        raise ArgumentError(f"Prior of {name}: mean and sd must be positive and finite, not {mean!r} and {sd!r}.")
    return checked


def _gamma(value: Any, prior: Prior, xp: Any) -> Any:
    rate = prior.mean / prior.sd**2
    return (prior.mean * rate - 1.0) * xp.log(value) - rate * value


def _lognormal(value: Any, prior: Prior, xp: Any) -> Any:
    log_mean, log_sd = prior.of_logs()
    log_value = xp.log(value)
    z = (log_value - log_mean) / log_sd
    return z * z * -0.5 - log_value


def _normal(value: Any, prior: Prior, xp: Any) -> Any:
    z = (value - prior.mean) / prior.sd
    return z * z * -0.5


_LOG_DENSITIES = {"gamma": _gamma, "lognormal": _lognormal, "normal": _normal}
