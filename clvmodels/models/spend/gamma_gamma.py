"""Gamma-Gamma: the mean spend a purchase, independent of how often a customer buys.

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. A customer's purchases are Gamma(p, rate ν) with
ν ~ Gamma(q, rate v), so that the mean m of x purchases carries all there is to know.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.spec import Spec

SPEC = Spec(
    name="gamma-gamma",
    title="Gamma-Gamma",
    source="Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value",
    kind="spend",
    parameters={
        "p": "shape of a customer's spend: the larger, the steadier",
        "q": "shape over customers: the larger, the more alike they spend",
        "v": "scale: p v / (q - 1) is the mean spend",
    },
    data=("x", "m"),
    units=("m",),
    scaled=("v",),
    covariates={"spend": links.amount("v", "mean spend")},
)


def log_likelihood(x: Value, m: Value, *, p: Value, q: Value, v: Value, xp: Namespace = special) -> Value:
    """log L(p, q, v | x, m), Fader and Hardie (2013), equation (1a), for x >= 1 purchases of mean m > 0.

    Their products of powers are written as ratios, so that nothing large cancels.
    """
    spent = x * m
    return -xp.betaln(p * x, q) - p * x * xp.log1p(v / spent) - q * xp.log1p(spent / v) - xp.log(m)


def expected_spend(x: Array, m: Array, *, p: float, q: float, v: float) -> Array:
    """E[mean spend a purchase | x, m] = p (v + x m) / (p x + q - 1), Fader and Hardie (2013), equation (5).

    Infinite where p x + q <= 1: for a new customer if q <= 1.
    """
    weight = p * x + q - 1.0
    with np.errstate(divide="ignore"):
        return np.where(weight > 0, p * (v + x * np.where(x > 0, m, 0.0)) / np.maximum(weight, 0.0), np.inf)


def simulate(rng: np.random.Generator, x: Array, *, p: float, q: float, v: float) -> Array:
    """Mean spend of customers with x purchases each."""
    rate = rng.gamma(q, 1.0 / v, len(x))
    return rng.gamma(p * x) / (np.maximum(rate, 1e-300) * x)


def simulate_future(
    rng: np.random.Generator, x: Array, m: Array, count: Array, *, p: float, q: float, v: float
) -> Array:
    """Random total spend of ``count`` purchases to come, given x purchases with mean m."""
    rate = rng.gamma(p * x + q, 1.0 / (v + x * np.where(x > 0, m, 0.0)))
    return np.where(count > 0, rng.gamma(p * np.maximum(count, 1.0)) / np.maximum(rate, 1e-300), 0.0)


def diagnose(*, p: float, q: float, v: float) -> list[str]:
    """Sentences about parameter values that have an unusual consequence."""
    if q > 1.0:
        return []
    return [
        f"q = {q:.3g} is not above 1, so the mean spend over the population is infinite: spend can't be predicted for "
        'customers without a repeat purchase. Look for a few huge amounts, or pass priors={"q": ("lognormal", 3, 1.5)}.'
    ]
