"""MBG/NBD: as BG/NBD, but a customer may also leave right after the first purchase.

Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24(3); Hoppe and Wagner (2007) call it CBG/NBD. After x repeat purchases
there were x + 1 chances to leave, so that p | alive ~ Beta(a, b + x + 1). Nothing else differs for a customer who is
alive: those predictions are BG/NBD's at b + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.purchases import bgnbd

SPEC = replace(
    bgnbd.SPEC,
    name="mbg/nbd",
    title="MBG/NBD",
    source="Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24(3)",
)


def log_likelihood(
    x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, a: Value, b: Value, xp: Namespace = special
) -> Value:
    """log L(r, alpha, a, b | x, t_x, T), Batislam, Denizel and Filiztekin (2007), equation (3)."""
    common = xp.log_rising(r, x) + r * xp.log(alpha) + xp.log_rising(b, x + 1) - xp.log_rising(a + b, x + 1)
    alive = -(r + x) * xp.log(alpha + T)
    lost = xp.log(a) - xp.log(b + x) - (r + x) * xp.log(alpha + t_x)
    return common + xp.logaddexp(alive, lost)


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float) -> Array:
    """log P(alive at T) / P(lost by T); a new customer is alive with probability b / (a + b)."""
    return np.log(b + x) - np.log(a) - (r + x) * np.log1p((T - t_x) / (alpha + t_x))


def _at_b_plus_1(function: Callable[..., Array]) -> Callable[..., Array]:
    """A function of BG/NBD for customers who are alive, with the one more chance to leave that they had here."""

    @wraps(function)
    def shifted(*arguments: Any, b: float, **options: Any) -> Array:
        return function(*arguments, b=b + 1.0, **options)

    return shifted


survival = _at_b_plus_1(bgnbd.survival)
expected_purchases = _at_b_plus_1(bgnbd.expected_purchases)
discounted_expected_purchases = _at_b_plus_1(bgnbd.discounted_expected_purchases)
discounted_time_alive = _at_b_plus_1(bgnbd.discounted_time_alive)
changed_purchases = _at_b_plus_1(bgnbd.changed_purchases)
changed_time_alive = _at_b_plus_1(bgnbd.changed_time_alive)
purchase_probability = _at_b_plus_1(bgnbd.purchase_probability)
purchases_pmf = _at_b_plus_1(bgnbd.purchases_pmf)
simulate_future = _at_b_plus_1(bgnbd.simulate_future)


def simulate(rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    rate, p = rng.gamma(r, 1.0 / alpha, len(T)), rng.beta(a, b, len(T))
    stays = np.flatnonzero(rng.random(len(T)) >= p)
    return bgnbd.simulate_until_lost(rng, T, rate, p, stays)
