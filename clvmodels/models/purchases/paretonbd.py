"""Pareto/NBD: purchases at a gamma-distributed rate, during a lifetime with a gamma-distributed rate of dropout.

Schmittlein, Morrison and Colombo (1987), Counting Your Customers: Who Are They and What Will They Do Next?, Management
Science 33(1). A customer buys at rate λ ~ Gamma(r, alpha) as long as they live, and lives for a time Exp(μ) with
μ ~ Gamma(s, beta). Given that the customer is alive at T, λ ~ Gamma(r + x, alpha + T) and μ ~ Gamma(s, beta + T),
independently: P(alive at T + t) = (1 + t / (beta + T))^-s.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.blocks import by_blocks
from clvmodels.models.numerics.complements import some_or_none
from clvmodels.models.numerics.count_integral import count_and_loss_integral
from clvmodels.models.numerics.lifetime_integrals import log_powers_integral, powers_integral
from clvmodels.models.numerics.simulation import simulate_poisson
from clvmodels.models.purchases import paretonbd_alive
from clvmodels.models.spec import Engine, Spec

SPEC = Spec(
    name="pareto/nbd",
    title="Pareto/NBD",
    source="Schmittlein, Morrison and Colombo (1987), Management Science 33(1)",
    kind="purchases",
    parameters={
        "r": "shape of the purchase rates: the larger, the more alike customers buy",
        "alpha": "scale of the purchase rates: r / alpha is the mean rate",
        "s": "shape of the dropout rates: the larger, the more alike customers leave",
        "beta": "scale of the dropout rates: s / beta is the mean rate",
    },
    scaled=("alpha", "beta"),
    nests={"nbd": "s → 0"},
    covariates={"purchase": links.rate("alpha", "purchase rate"), "dropout": links.rate("beta", "dropout rate")},
    calendar_covariates=True,
    engine=Engine(closed=("survival", "expected_purchases"), nodes=6),  # measured, with 8 to 64 nodes
)


def log_likelihood(
    x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, s: Value, beta: Value, xp: Namespace = special
) -> Value:
    """log L(r, alpha, s, beta | x, t_x, T), Schmittlein, Morrison and Colombo (1987).

    In the integral form of Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, section 3: alive at T, or
    lost at some time between the last purchase and T.
    """
    common = xp.log_rising(r, x) + r * xp.log(alpha) + s * xp.log(beta)
    alive = -(r + x) * xp.log(alpha + T) - s * xp.log(beta + T)
    lost = xp.log(s) + log_powers_integral(alpha, r + x, beta, s + 1.0, t_x, T, xp=xp)
    return common + xp.logaddexp(alive, lost, where=t_x < T)


def diagnose(*, r: float, alpha: float, s: float, beta: float) -> list[str]:
    """Sentences about parameter values that have an unusual consequence."""
    if s > 1e-3:
        return []
    return [
        f"Pareto/NBD: s = {s:.1g}, so next to nobody is ever lost: dropout is not identified in these data. "
        'Try "nbd", which has none, or "bg/nbd".'
    ]


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, s: float, beta: float) -> Array:
    """log P(alive at T) / P(lost by T); infinite where the last purchase is at T."""
    n, a, b, silence = r + x, alpha + t_x, beta + t_x, T - t_x
    log_alive = -n * np.log1p(silence / a) - s * np.log1p(silence / b)
    lost = s / b * by_blocks(lambda a, n, b, t: powers_integral(a, n, b, s + 1.0, t), a, n, b, silence)
    with np.errstate(divide="ignore"):
        return log_alive - np.log(lost)


def survival(x: Array, T: Array, t: float, *, r: float, alpha: float, s: float, beta: float) -> Array:
    """P(alive at T + t | alive at T) = (1 + t / (beta + T))^-s."""
    return paretonbd_alive.survival(s, beta + T, t)


def expected_purchases(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, s: float, beta: float
) -> Array:
    """E[purchases in (T + start, T + start + t] | alive at T], Schmittlein, Morrison and Colombo (1987), equation (22).

    The mean rate times ∫ survival.
    """
    alive = survival(x, T, start, r=r, alpha=alpha, s=s, beta=beta)
    return (r + x) / (alpha + T) * alive * paretonbd_alive.time_alive(s, beta + T + start, t)


def discounted_expected_purchases(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, s: float, beta: float
) -> Array:
    """Discounted purchases in (T + start, T + start + t] | alive at T; t = inf gives DERT given alive.

    The mean rate times ∫ e^(-delta y) survival(y) dy; for life that is Tricomi's Ψ in Fader, Hardie and Lee (2005), RFM
    and CLV, Journal of Marketing Research 42(4), equation (2).
    """
    time = discounted_time_alive(x, T, t, delta, start=start, r=r, alpha=alpha, s=s, beta=beta)
    return (r + x) / (alpha + T) * time


def discounted_time_alive(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, s: float, beta: float
) -> Array:
    """∫ e^(-delta y) P(alive at T + y | alive at T) dy over (start, start + t], in units of time."""
    return changed_time_alive(x, T, t, delta, 1.0, 1.0, start=start, s=s, beta=beta)


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
    s: float,
    beta: float,
) -> Array:
    """Discounted purchases | alive at T, if λ and μ are multiplied by ``purchase_rate`` and ``dropout`` from T on."""
    rate = purchase_rate * (r + x) / (alpha + T)
    return rate * changed_time_alive(x, T, t, delta, purchase_rate, dropout, start=start, s=s, beta=beta)


def changed_time_alive(
    x: Array,
    T: Array,
    t: float,
    delta: float,
    purchase_rate: float,
    dropout: float,
    *,
    start: float = 0.0,
    s: float,
    beta: float,
    **_: float,
) -> Array:
    """Discounted time alive under the same changes: dropout × μ ~ Gamma(s, (beta + T) / dropout)."""
    B = (beta + T) / dropout
    alive = paretonbd_alive.survival(s, B, start)
    return alive * np.exp(-delta * start) * paretonbd_alive.discounted_time_alive(s, B + start, t, delta)


def purchase_probability(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, s: float, beta: float
) -> Array:
    """P(at least one purchase in (T + start, T + start + t] | alive at T)."""
    some, _ = _some_or_none(r + x, alpha + T, s, beta + T + start, t)
    return survival(x, T, start, r=r, alpha=alpha, s=s, beta=beta) * some


def purchases_pmf(x: Array, T: Array, t: float, count: int, *, r: float, alpha: float, s: float, beta: float) -> Array:
    """P(``count`` purchases in (T, T + t] | alive at T).

    Either the customer lives through it, or is lost y after T and has made them by then: Fader, Hardie and Jerath
    (2007), Journal of Interactive Marketing 21(1), without their ₂F₁.
    """
    n, A, B = r + x, alpha + T, beta + T
    if count == 0:
        return _some_or_none(n, A, s, B, t)[1]
    return _pmf(n, A, s, B, t, count)


def simulate_future(
    rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float, s: float, beta: float
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
    rate, life = rng.gamma(r + x, 1.0 / (alpha + T)), _lifetimes(rng, s, beta + T)
    return rng.poisson(rate * np.minimum(life, t)).astype(np.float64)


def simulate(
    rng: np.random.Generator, T: Array, *, r: float, alpha: float, s: float, beta: float
) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    rate, life = rng.gamma(r, 1.0 / alpha, len(T)), _lifetimes(rng, s, np.full(len(T), beta))
    return simulate_poisson(rng, rate, np.minimum(life, T))


# --- private helpers --------------------------------------------------------------------------------------------------


def _lifetimes(rng: np.random.Generator, s: float, B: Array) -> Array:
    """Exponential lifetimes at rates μ ~ Gamma(s, B)."""
    return rng.exponential(1.0, len(B)) / np.maximum(rng.gamma(s, 1.0 / B), 1e-300)


def _some_or_none(n: Array, A: Array, s: float, B: Array, t: float) -> tuple[Array, Array]:
    """P(a purchase in t) and P(none)."""
    some = paretonbd_alive.purchase_probability(n, A, s, B, np.full(len(A), t))
    return some_or_none(some, lambda: _pmf(n, A, s, B, t, 0))


def _pmf(n: Array, A: Array, s: float, B: Array, t: float, count: int) -> Array:
    """P(count purchases in t): having lived through it, or lost at some y before."""
    log_stayed = special.log_negative_binomial(n, t / A, count) - s * np.log1p(t / B)
    log_ways = special.log_rising_rows(n, count) - special.gammaln(count + 1.0)
    return np.exp(log_stayed) + s * np.exp(log_ways) * count_and_loss_integral(count, A, n + count, B, s + 1.0, t)
