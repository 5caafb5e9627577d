"""MBG/NBD: as BG/NBD, but a customer may also leave right after the first purchase.

Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24(3); Hoppe and Wagner (2007) call it CBG/NBD. After x repeat purchases
there were x + 1 chances to leave, so that p | alive ~ Beta(a, b + x + 1). Nothing else differs for a customer who is
alive: those predictions are BG/NBD's at b + 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.models.numerics import special
from clvmodels.models.purchases import bgnbd

Array = NDArray[np.float64]

SPEC = replace(
    bgnbd.SPEC,
    name="mbg/nbd",
    title="MBG/NBD",
    source="Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24(3)",
)


def log_likelihood(x: Any, t_x: Any, T: Any, *, r: Any, alpha: Any, a: Any, b: Any, xp: Any = special) -> Any:
    """log L(r, alpha, a, b | x, t_x, T), Batislam, Denizel and Filiztekin (2007), equation (3)."""
    common = xp.log_rising(r, x) + r * xp.log(alpha) + xp.log_rising(b, x + 1) - xp.log_rising(a + b, x + 1)
    alive = -(r + x) * xp.log(alpha + T)
    lost = xp.log(a) - xp.log(b + x) - (r + x) * xp.log(alpha + t_x)
    return common + xp.logaddexp(alive, lost)


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float) -> Array:
    """log P(alive at T) / P(lost by T); a new customer is alive with probability b / (a + b)."""
    return np.log(b + x) - np.log(a) - (r + x) * np.log1p((T - t_x) / (alpha + t_x))


def survival(x: Array, T: Array, t: float, *, r: float, alpha: float, a: float, b: float) -> Array:
    """P(alive at T + t | alive at T)."""
    return bgnbd.survival(x, T, t, r=r, alpha=alpha, a=a, b=b + 1.0)


def expected_purchases(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """E[purchases in (T + start, T + start + t] | alive at T], Batislam et al. (2007), equation (8)."""
    return bgnbd.expected_purchases(x, T, t, start=start, r=r, alpha=alpha, a=a, b=b + 1.0)


def discounted_expected_purchases(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """Discounted purchases in (T + start, T + start + t] | alive at T; t = inf gives DERT given alive."""
    return bgnbd.discounted_expected_purchases(x, T, t, delta, start=start, r=r, alpha=alpha, a=a, b=b + 1.0)


def discounted_time_alive(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """∫ e^(-delta s) P(alive at T + s | alive at T) ds over (start, start + t], in units of time."""
    return bgnbd.discounted_time_alive(x, T, t, delta, start=start, r=r, alpha=alpha, a=a, b=b + 1.0)


def purchase_probability(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """P(at least one purchase in (T + start, T + start + t] | alive at T)."""
    return bgnbd.purchase_probability(x, T, t, start=start, r=r, alpha=alpha, a=a, b=b + 1.0)


def purchases_pmf(x: Array, T: Array, t: float, count: int, *, r: float, alpha: float, a: float, b: float) -> Array:
    """P(``count`` purchases in (T, T + t] | alive at T)."""
    return bgnbd.purchases_pmf(x, T, t, count, r=r, alpha=alpha, a=a, b=b + 1.0)


def simulate_future(
    rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float, a: float, b: float
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
    return bgnbd.simulate_future(rng, x, T, t, r=r, alpha=alpha, a=a, b=b + 1.0)


def simulate(rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    rate, p = rng.gamma(r, 1.0 / alpha, len(T)), rng.beta(a, b, len(T))
    stays = np.flatnonzero(rng.random(len(T)) >= p)
    return bgnbd.simulate_until_lost(rng, T, rate, p, stays)
