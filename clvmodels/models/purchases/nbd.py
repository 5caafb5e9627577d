"""NBD: purchases at a gamma-distributed rate, and no dropout. The null model of those that have dropout.

Ehrenberg (1959), The Pattern of Consumer Purchases, Applied Statistics 8(1). λ ~ Gamma(r, alpha), so that
λ | x, T ~ Gamma(r + x, alpha + T): recency says nothing.
"""

from __future__ import annotations

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.simulation import simulate_poisson
from clvmodels.models.spec import Engine, Spec

SPEC = Spec(
    name="nbd",
    title="NBD",
    source="Ehrenberg (1959), Applied Statistics 8(1)",
    kind="purchases",
    parameters={
        "r": "shape of the purchase rates: the larger, the more alike customers buy",
        "alpha": "scale of the purchase rates: r / alpha is the mean rate",
    },
    scaled=("alpha",),
    covariates={"purchase": links.rate("alpha", "purchase rate")},
    operational_time=True,
    engine=Engine(
        closed=(
            "survival",
            "expected_purchases",
            "discounted_expected_purchases",
            "discounted_time_alive",
            "purchase_probability",
            "purchases_pmf",
        ),
        age_sum="alpha",
    ),
)


def log_likelihood(x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, xp: Namespace = special) -> Value:
    """log L(r, alpha | x, T) of purchases at given times, as the models with dropout have it; t_x plays no part."""
    return xp.log_rising(r, x) - r * xp.log1p(T / alpha) - x * xp.log(alpha + T)


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float) -> Array:
    """Infinite: nobody is ever lost."""
    return np.full(len(x), np.inf)


def survival(x: Array, T: Array, t: float, *, r: float, alpha: float) -> Array:
    """1: nobody is ever lost."""
    return np.ones(len(x))


def expected_purchases(x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float) -> Array:
    """E[purchases in a window of length t] = (r + x) t / (alpha + T)."""
    return (r + x) * t / (alpha + T)


def discounted_expected_purchases(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float
) -> Array:
    """Purchases in (T + start, T + start + t], discounted to T at the continuous rate delta; t may be infinite."""
    return (r + x) / (alpha + T) * discounted_time_alive(x, T, t, delta, start=start, r=r, alpha=alpha)


def discounted_time_alive(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float
) -> Array:
    """∫ e^(-delta s) ds over (start, start + t], in units of time."""
    length = 1.0 / delta if t == np.inf else t * sc.exprel(-delta * t)
    return np.full(len(x), np.exp(-delta * start) * length)


def changed_purchases(
    x: Array,
    T: Array,
    t: float,
    delta: float,
    purchase_rate: float,
    dropout: float,
    *,
    start: float = 0.0,
    r: float,
    alpha: float,
) -> Array:
    """Discounted purchases, if λ is multiplied by ``purchase_rate`` from T on; there is no dropout to change."""
    return purchase_rate * discounted_expected_purchases(x, T, t, delta, start=start, r=r, alpha=alpha)


def changed_time_alive(
    x: Array,
    T: Array,
    t: float,
    delta: float,
    purchase_rate: float,
    dropout: float,
    *,
    start: float = 0.0,
    **own: float,
) -> Array:
    """Discounted time: all of it, whatever changes."""
    return discounted_time_alive(x, T, t, delta, start=start, **own)


def purchase_probability(x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float) -> Array:
    """P(at least one purchase in a window of length t) = 1 - (1 + t / (alpha + T))^-(r+x)."""
    return -np.expm1(-(r + x) * np.log1p(t / (alpha + T)))


def purchases_pmf(x: Array, T: Array, t: float, count: int, *, r: float, alpha: float) -> Array:
    """P(``count`` purchases in (T, T + t]), negative binomial."""
    n, z = r + x, t / (alpha + T)
    return np.exp(special.log_negative_binomial(n, z, count))


def simulate_future(rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float) -> Array:
    """Random numbers of purchases in (T, T + t]."""
    return rng.poisson(rng.gamma(r + x, 1.0 / (alpha + T)) * t).astype(np.float64)


def simulate(rng: np.random.Generator, T: Array, *, r: float, alpha: float) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    return simulate_poisson(rng, rng.gamma(r, 1.0 / alpha, len(T)), T)
