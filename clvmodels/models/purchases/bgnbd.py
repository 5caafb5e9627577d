"""BG/NBD: purchases at a gamma-distributed rate, dropout after a purchase with a beta-distributed probability.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). A customer buys at rate
λ ~ Gamma(r, alpha) and after each *repeat* purchase leaves for good with probability p ~ Beta(a, b). Given that the
customer is alive at T, λ ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x), independently; every prediction is an
expectation over those two. The one over λ is closed, the one over p is taken by `quadrature.beta_expectation`: the
₂F₁ forms of the literature lose all digits at large x, at large t / T and at a = 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array, Places
from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.clock import on_clock
from clvmodels.models.numerics.quadrature import beta_expectation, changed_beta_expectation, exponential_integral
from clvmodels.models.numerics.simulation import simulate_geometric
from clvmodels.models.spec import Engine, Spec

SPEC = Spec(
    name="bg/nbd",
    title="BG/NBD",
    source="Fader, Hardie and Lee (2005), Marketing Science 24(2)",
    kind="purchases",
    parameters={
        "r": "shape of the purchase rates: the larger, the more alike customers buy",
        "alpha": "scale of the purchase rates: r / alpha is the mean rate",
        "a": "dropout after a purchase: a / (a + b) is its mean probability",
        "b": "dropout after a purchase: a + b says how alike customers are in it",
    },
    scaled=("alpha",),
    nests={"nbd": "a → 0"},
    covariates={
        "purchase": links.rate("alpha", "purchase rate"),
        "dropout": links.odds("a", "b", "odds of leaving after a purchase"),
    },
    operational_time=True,
    engine=Engine(closed=("purchase_probability", "purchases_pmf"), age_sum="alpha"),
)


def log_likelihood(
    x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, a: Value, b: Value, xp: Namespace = special
) -> Value:
    """log L(r, alpha, a, b | x, t_x, T), Fader, Hardie and Lee (2005), equation (6)."""
    common = xp.log_rising(r, x) + r * xp.log(alpha) + xp.log_rising(b, x) - xp.log_rising(a + b, x)
    alive = -(r + x) * xp.log(alpha + T)
    lost = xp.log(a) - xp.log(b + xp.maximum(x - 1, 0)) - (r + x) * xp.log(alpha + t_x)
    return common + xp.logaddexp(alive, lost, where=x > 0)  # lost counts only after a repeat purchase


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float) -> Array:
    """log P(alive at T) / P(lost by T), Fader, Hardie and Lee (2008).

    Infinite without a repeat purchase: under BG/NBD such a customer is alive with certainty.
    """
    log_odds = np.log(b + np.maximum(x - 1, 0)) - np.log(a) - (r + x) * np.log1p((T - t_x) / (alpha + t_x))
    return np.where(x > 0, log_odds, np.inf)


def survival(x: Array, T: Array, t: float, *, r: float, alpha: float, a: float, b: float) -> Array:
    """P(alive at T + t | alive at T) = E_p[(1 + p t / (alpha + T))^-(r+x)]."""
    n, z = (r + x)[:, None], (t / (alpha + T))[:, None]
    return beta_expectation(lambda p: np.exp(-n * np.log1p(p * z)), a, b + x)


def expected_purchases(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """E[purchases in (T + start, T + start + t] | alive at T], Fader, Hardie and Lee (2005), equation (10).

    E_p[S(p) (1 - (1 + p t / (A + p start))^-n) / p] with n = r + x, A = alpha + T and S(p) = (1 + p start / A)^-n.
    """
    return _mean_at(start, lambda n, A, p: -np.expm1(-n * np.log1p(p * t / A)) / p, x, T, r, alpha, a, b)


def discounted_expected_purchases(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """Discounted purchases in (T + start, T + start + t] | alive at T; t = inf gives DERT given alive.

    ∫ e^(-delta s) dE[X(s)], discounted to T, with delta the continuous rate a unit of time.
    """
    return changed_purchases(x, T, t, delta, 1.0, 1.0, start=start, r=r, alpha=alpha, a=a, b=b)


def discounted_time_alive(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """∫ e^(-delta s) P(alive at T + s | alive at T) ds over (start, start + t], in units of time."""
    return changed_time_alive(x, T, t, delta, 1.0, 1.0, start=start, r=r, alpha=alpha, a=a, b=b)


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
    a: float,
    b: float,
) -> Array:
    """Discounted purchases | alive at T, if λ and p are multiplied by ``purchase_rate`` and ``dropout`` from T on.

    λ and p given the history stay Gamma(r + x, alpha + T) and Beta(a, b + x): a faster clock, and another value at p.
    """
    t, delta, start = on_clock(purchase_rate, t, delta, start)

    def from_start(n: Array, A: Array, p: Array) -> Array:
        return n / p * exponential_integral(n, delta * A / p, p * t / A)

    return np.exp(-delta * start) * _mean_at(start, from_start, x, T, r, alpha, a, b, dropout)


def changed_time_alive(
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
    a: float,
    b: float,
) -> Array:
    """Discounted time alive | alive at T under the same changes, in units of time."""
    t, delta, start = on_clock(purchase_rate, t, delta, start)

    def from_start(n: Array, A: Array, p: Array) -> Array:
        return A / p * exponential_integral(n - 1.0, delta * A / p, p * t / A)

    return np.exp(-delta * start) * _mean_at(start, from_start, x, T, r, alpha, a, b, dropout) / purchase_rate


def purchase_probability(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
) -> Array:
    """P(at least one purchase in (T + start, T + start + t] | alive at T).

    1 - (A / (A + t))^(r+x) from now on; for a window that begins later, the same at A + p start, averaged over p.
    """
    if start == 0.0:
        return -np.expm1(-(r + x) * np.log1p(t / (alpha + T)))
    return _mean_at(start, lambda n, A, p: -np.expm1(-n * np.log1p(t / A)), x, T, r, alpha, a, b)


def purchases_pmf(x: Array, T: Array, t: float, count: int, *, r: float, alpha: float, a: float, b: float) -> Array:
    """P(``count`` purchases in (T, T + t] | alive at T).

    Fader, Hardie and Lee (2005), equation (8), at r + x, alpha + T, a, b + x.
    Either the customer stays after each of them and the NBD count is just that, or leaves with the last.
    """
    n, z = r + x, t / (alpha + T)
    if count == 0:
        return np.exp(-n * np.log1p(z))
    share = z / (1.0 + z)
    b_x = b + x
    log_nbd = special.log_negative_binomial(n, z, count)
    log_stayed = special.log_rising_rows(b_x, count) - special.log_rising_rows(a + b_x, count)
    stayed = np.exp(log_nbd + log_stayed)
    log_left = np.log(a) - np.log(b_x + (count - 1)) + log_stayed
    return stayed + np.exp(log_left) * sc.betainc(count, n, share)


def simulate_future(
    rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float, a: float, b: float
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
    rate, p = rng.gamma(r + x, 1.0 / (alpha + T)), rng.beta(a, b + x)
    purchases = rng.poisson(rate * t)
    return np.minimum(purchases, simulate_geometric(rng, p)).astype(np.float64)


def simulate(rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    rate, p = rng.gamma(r, 1.0 / alpha, len(T)), rng.beta(a, b, len(T))
    return simulate_until_lost(rng, T, rate, p, np.arange(len(T)))


def simulate_until_lost(
    rng: np.random.Generator, T: Array, rate: Array, p: Array, active: Places
) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x at given rates, of the rows that are ``active`` after the first purchase."""
    x, t_x, clock = (np.zeros(len(T)) for _ in range(3))
    while len(active):
        clock[active] += rng.exponential(1.0, len(active)) / np.maximum(rate[active], 1e-300)
        active = active[clock[active] <= T[active]]
        x[active] += 1
        t_x[active] = clock[active]
        active = active[rng.random(len(active)) >= p[active]]
    return x, t_x


# --- private helpers --------------------------------------------------------------------------------------------------


def _mean_at(
    start: float,
    value: Callable[[Array, Array, Array], Array],
    x: Array,
    T: Array,
    r: float,
    alpha: float,
    a: float,
    b: float,
    dropout: float = 1.0,
) -> Array:
    """E_p[S(p) value(n, A + p start, p)]: a mean over customers who are alive at T, as they are at T + start.

    n = r + x, A = alpha + T, and S(p) = (1 + p start / A)^-n is the probability to stay until then; p is what a
    customer's own is times ``dropout``, at most 1.
    """
    n, A = (r + x)[:, None], (alpha + T)[:, None]
    if start == 0.0:  # all are there: nothing to multiply by
        return changed_beta_expectation(lambda p: value(n, A, p), a, b + x, dropout)

    def given_p(p: Array) -> Array:
        stay = np.exp(-n * np.log1p(p * (start / A)))
        return stay * value(n, A + p * start, p)

    return changed_beta_expectation(given_p, a, b + x, dropout)
