"""BG/BB: at each opportunity one purchase or none, as long as the customer is alive; both probabilities are beta.

Fader, Hardie and Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science
29(6). At the beginning of each period a customer leaves for good with probability θ ~ Beta(gamma, delta), and else buys
in it with probability p ~ Beta(alpha, beta). Time is counted in opportunities: T of them have passed, and a horizon
holds as many as whole periods end in it. Given that the customer is alive after T periods,
p ~ Beta(alpha + x, beta + T - x) and θ ~ Beta(gamma, delta + T), independently.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.complements import some_or_none
from clvmodels.models.numerics.quadrature import changed_beta_expectation
from clvmodels.models.numerics.renewal_sums import discounted_sum, geometric_sum, log_beta_ratio
from clvmodels.models.spec import Engine, Spec

SPEC = Spec(
    name="bg/bb",
    title="BG/BB",
    source="Fader, Hardie and Shang (2010), Marketing Science 29(6)",
    kind="purchases",
    parameters={
        "alpha": "purchase at an opportunity: alpha / (alpha + beta) is its mean probability",
        "beta": "purchase at an opportunity: alpha + beta says how alike customers are in it",
        "gamma": "dropout before an opportunity: gamma / (gamma + delta) is its mean probability",
        "delta": "dropout before an opportunity: gamma + delta says how alike customers are in it",
    },
    units=(),
    discrete=True,
    engine=Engine(closed=("survival",), nodes=16, age_offset=("beta", "delta")),
)

_NEVER = -1e30  # as good as log 0, and finite


def log_likelihood(
    x: Value, t_x: Value, T: Value, *, alpha: Value, beta: Value, gamma: Value, delta: Value, xp: Namespace = special
) -> Value:
    """log L(alpha, beta, gamma, delta | x, t_x, T), Fader, Hardie and Shang (2010), equation (7).

    Alive throughout, or lost before period t_x + i + 1 with t_x + i - x opportunities passed up.
    """
    alive, lost = _alive_and_lost(x, t_x, T, alpha, beta, gamma, delta, xp)
    return xp.log_rising(alpha, x) + xp.logaddexp(alive, lost, where=t_x < T)


def silence(x: Array, t_x: Array, T: Array, *, alpha: Any, beta: Any, gamma: Any = None, delta: Any = None) -> Array:
    """P(no purchase at the opportunities since t_x), had the customer stayed alive: a ratio of beta functions.

    B(alpha + x, beta + T - x) / B(alpha + x, beta + t_x - x).
    """
    return np.asarray(np.exp(log_beta_ratio(alpha + x, beta + t_x - x, T - t_x)))


def check_histories(x: Array, t_x: Array, T: Array) -> None:
    """Raise a DataError unless all times are whole numbers of opportunities and there are enough of them."""
    bad = (np.floor(t_x) != t_x) | (np.floor(T) != T) | (x > t_x)
    if bad.any():
        i = int(np.argmax(bad))
        raise DataError(
            f"BG/BB counts opportunities, of which each brings one purchase or none, but {int(bad.sum()):,} of "
            f"{len(x):,} histories don't, such as frequency {x[i]:g}, recency {t_x[i]:g}, T {T[i]:g}. recency and T "
            "must be whole numbers of opportunities and recency at least frequency. From a log "
            'clvmodels.summarize_opportunities makes them; for any times there is "bg/nbd".'
        )


def log_odds_alive(x: Array, t_x: Array, T: Array, *, alpha: float, beta: float, gamma: float, delta: float) -> Array:
    """log P(alive after T periods) / P(lost by then); infinite where there was a purchase in the last period."""
    check_histories(x, t_x, T)
    alive, lost = _alive_and_lost(x, t_x, T, alpha, beta, gamma, delta, special)
    return np.where(t_x < T, alive - lost, np.inf)


def survival(x: Array, T: Array, t: float, *, gamma: float, delta: float, **_: float) -> Array:
    """P(alive at T + t | alive at T) = B(gamma, delta + T + j) / B(gamma, delta + T) in the j-th period from T on."""
    return np.exp(log_beta_ratio(gamma, delta + T, np.ceil(t)))


def discounted_expected_purchases(
    x: Array,
    T: Array,
    t: float,
    rate: float,
    /,
    *,
    start: float = 0.0,
    alpha: float,
    beta: float,
    gamma: float,
    delta: float,
) -> Array:
    """Purchases in (T + start, T + start + t] | alive at T, discounted to T at a continuous rate a period.

    Fader, Hardie and Shang (2010), equation (14), where the first purchase, at T + 1, is discounted by one period; t
    may be infinite. At a rate of 0 it is equation (13).
    """
    return (alpha + x) / (alpha + beta + T) * _alive_at(T, rate, *_opportunities(start, t), 1.0, gamma, delta)


def discounted_time_alive(
    x: Array, T: Array, t: float, rate: float, /, *, start: float = 0.0, gamma: float, delta: float, **_: float
) -> Array:
    """∫ e^(-rate y) P(alive at T + y | alive at T) dy over (start, start + t]; whoever is not lost lives a period."""
    return changed_time_alive(x, T, t, rate, 1.0, 1.0, start=start, gamma=gamma, delta=delta)


def changed_purchases(
    x: Array,
    T: Array,
    t: float,
    rate: float,
    purchase_rate: float,
    dropout: float,
    /,
    *,
    start: float = 0.0,
    alpha: float,
    beta: float,
    gamma: float,
    delta: float,
) -> Array:
    """Discounted purchases | alive at T, if p and θ are multiplied by ``purchase_rate`` and ``dropout`` from T on.

    Both stay at most 1: E[min(1, purchase_rate p)] times the discounted sum of P(alive at an opportunity).
    """
    mean = _changed_mean(alpha + x, beta + T - x, purchase_rate)
    return mean * _alive_at(T, rate, *_opportunities(start, t), dropout, gamma, delta)


def changed_time_alive(
    x: Array,
    T: Array,
    t: float,
    rate: float,
    purchase_rate: float,
    dropout: float,
    /,
    *,
    start: float = 0.0,
    gamma: float,
    delta: float,
    **_: float,
) -> Array:
    """Discounted time alive | alive at T under the same changes, in periods."""

    def span(low: float, high: float) -> Array:
        """Within one period."""
        alive = _alive_at(T, 0.0, float(np.ceil(high)), 1.0, dropout, gamma, delta)
        return alive * np.exp(-rate * low) * (high - low) * sc.exprel(-rate * (high - low))

    end, whole = start + t, float(np.ceil(start))
    if end <= whole:
        return span(start, end)
    total = span(start, whole) if start < whole else np.zeros(len(T))
    if (count := float(np.floor(end)) - whole) > 0:
        at_ends = _alive_at(T, rate, whole + 1.0, count, dropout, gamma, delta)
        total = total + np.exp(rate) * sc.exprel(-rate) * at_ends
    return total + span(np.floor(end), end) if np.isfinite(end) and end > np.floor(end) else total


def purchase_probability(
    x: Array, T: Array, t: float, *, start: float = 0.0, alpha: float, beta: float, gamma: float, delta: float
) -> Array:
    """P(at least one purchase in (T + start, T + start + t] | alive at T)."""
    return _some_or_none(x, T, t, start, alpha, beta, gamma, delta)[0]


def purchases_pmf(
    x: Array, T: Array, t: float, count: int, *, alpha: float, beta: float, gamma: float, delta: float
) -> Array:
    """P(``count`` purchases in (T, T + t] | alive at T), Fader, Hardie and Shang (2010), equation (12)."""
    if count == 0:
        return _some_or_none(x, T, t, 0.0, alpha, beta, gamma, delta)[1]
    return _pmf(x, T, np.floor(t), count, alpha, beta, gamma, delta)


def simulate_future(
    rng: np.random.Generator, x: Array, T: Array, t: float, *, alpha: float, beta: float, gamma: float, delta: float
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
    p, leaving = rng.beta(alpha + x, beta + T - x), rng.beta(gamma, delta + T)
    lives = np.minimum(_periods(rng, leaving), np.floor(t))
    return rng.binomial(lives.astype(np.int64), p).astype(np.float64)


def simulate(
    rng: np.random.Generator, T: Array, *, alpha: float, beta: float, gamma: float, delta: float
) -> tuple[Array, Array]:
    """Purchases x and the period t_x of the last, of new customers with T opportunities."""
    p, lives = rng.beta(alpha, beta, len(T)), _periods(rng, rng.beta(gamma, delta, len(T)))
    x, t_x = np.zeros(len(T)), np.zeros(len(T))
    for period in range(1, int(T.max(initial=0.0)) + 1):
        buys = (rng.random(len(T)) < p) & (period <= np.minimum(lives, T))
        x[buys] += 1.0
        t_x[buys] = period
    return x, t_x


# --- private helpers --------------------------------------------------------------------------------------------------


def _alive_and_lost(
    x: Value, t_x: Value, T: Value, alpha: Value, beta: Value, gamma: Value, delta: Value, xp: Namespace
) -> tuple[Value, Value]:
    """Logs of the two parts of the likelihood, over B(alpha + x, ·) / B(alpha, ·) in common; ``lost`` where t_x < T."""

    def after(periods: Value) -> Value:
        """x purchases in so many periods."""
        return xp.log_rising(beta, periods - x) - xp.log_rising(alpha + beta, periods)

    def stays(periods: Value) -> Value:
        return xp.log_rising(delta, periods) - xp.log_rising(gamma + delta, periods)

    longest = max(int(np.max(T - t_x, initial=0.0)), 1)
    i = np.arange(longest, dtype=np.float64)[:, None]
    until = np.minimum(t_x + i, T)
    leaves = stays(until) + xp.log(gamma) - xp.log(gamma + delta + until)
    lost = xp.where(t_x + i < T, after(until) + leaves, _NEVER)
    return after(T) + stays(T), xp.logsumexp(lost, axis=0)


def _opportunities(start: float, t: float) -> tuple[float, float]:
    """The first opportunity in (start, start + t], and how many there are."""
    return float(np.floor(start)) + 1.0, float(np.floor(start + t) - np.floor(start))


def _alive_at(T: Array, rate: float, first: float, count: float, dropout: float, gamma: float, delta: float) -> Array:
    """Σ e^(-rate j) P(alive at T + j | alive at T) over ``count`` opportunities from the ``first`` on.

    That is a sum of ratios of beta functions or, where θ is changed, of powers of 1 - θ: for a given θ a closed one.
    """
    if dropout == 1.0:

        def one(age: float) -> float:
            return discounted_sum(lambda j: log_beta_ratio(gamma, delta + age, first + j), rate, count)

        return np.asarray(np.exp(-rate * first) * _by_age(one, T))
    return changed_beta_expectation(lambda p: geometric_sum(p, rate, first, count), gamma, delta + T, dropout)


def _changed_mean(a: Array, b: Array, factor: float) -> Array:
    """E[min(1, factor p)] for p ~ Beta(a, b)."""
    mean = factor * a / (a + b)
    if factor <= 1.0:
        return np.asarray(mean)
    edge = 1.0 / factor
    return np.asarray(mean * sc.betainc(a + 1.0, b, edge) + sc.betaincc(a, b, edge))


def _by_age(one: Callable[[float], float], T: Array) -> Array:
    """A function of T alone, once for each."""
    distinct, index = np.unique(T, return_inverse=True)
    return np.array([one(age) for age in distinct])[index]


def _some_or_none(
    x: Array, T: Array, t: float, start: float, alpha: float, beta: float, gamma: float, delta: float
) -> tuple[Array, Array]:
    """P(a purchase in the window) and P(none), given alive at T.

    The first purchase comes at the (i + 1)-th opportunity of the window, if the customer is still alive by then.
    """
    first, count = _opportunities(start, t)

    def one(a: float, b: float, d: float) -> float:
        def log_first(i: Array) -> Array:
            passed = log_beta_ratio(a, b, i) + np.log(a) - np.log(a + b + i)
            return np.asarray(passed + log_beta_ratio(gamma, d, first + i))

        return discounted_sum(log_first, 0.0, count)

    rows = zip((alpha + x).tolist(), (beta + T - x).tolist(), (delta + T).tolist(), strict=True)
    some = np.array([one(*row) for row in rows])
    if start > 0.0:
        return some, 1.0 - some
    return some_or_none(some, lambda: _pmf(x, T, count, 0, alpha, beta, gamma, delta))


def _pmf(
    x: Array, T: Array, periods: float, count: int, alpha: float, beta: float, gamma: float, delta: float
) -> Array:
    """P(count purchases in so many periods): alive through them, or lost before the (i + 1)-th with count made."""
    if count > periods:
        return np.zeros(len(x))

    def one(a: float, b: float, d: float) -> float:
        def log_count(i: Array | float) -> Array | float:
            """log P(count of i opportunities taken)."""
            ways = special.gammaln(i + 1.0) - special.gammaln(i - count + 1.0) - special.gammaln(count + 1.0)
            return ways + log_beta_ratio(b, a, float(count)) + log_beta_ratio(a + count, b, i - count)

        def log_lost(j: Array) -> Array:
            i = count + j
            return np.asarray(log_count(i) + log_beta_ratio(gamma, d, i) + np.log(gamma) - np.log(gamma + d + i))

        stayed = float(np.exp(log_count(periods) + log_beta_ratio(gamma, d, periods)))
        return stayed + (discounted_sum(log_lost, 0.0, periods - count) if periods > count else 0.0)

    rows = zip((alpha + x).tolist(), (beta + T - x).tolist(), (delta + T).tolist(), strict=True)
    return np.array([one(*row) for row in rows])


def _periods(rng: np.random.Generator, leaving: Array) -> Array:
    """How many periods customers live who leave before each with a probability of their own."""
    with np.errstate(divide="ignore"):
        return np.floor(np.log1p(-rng.random(len(leaving))) / np.log1p(-np.maximum(leaving, 1e-300)))
