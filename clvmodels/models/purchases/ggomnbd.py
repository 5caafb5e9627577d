"""GGom/NBD: purchases at a gamma-distributed rate, during a Gompertz lifetime with a gamma-distributed scale.

Bemmaor and Glady (2012), Modeling Purchasing Behavior with Sudden "Death": A Flexible Customer Lifetime Model,
Management Science 58(5). The risk of dropout of a customer of age y is η b e^(b y), with η ~ Gamma(s, beta): customers
grow old at the rate b. P(alive at y) = (1 + (e^(b y) - 1) / beta)^-s, which for b -> 0 and beta = b beta' is
Pareto/NBD's (1 + y / beta')^-s.

Given that the customer is alive at T, η e^(b T) ~ Gamma(s, k) with k = beta e^(-b T) + 1 - e^(-b T), so that the
future looks like that of a new customer with k for beta. The expectation as published in 2012 is wrong (Adler 2022,
Comment on "Modeling Purchasing Behavior with Sudden 'Death'", Management Science 68(3)); here it is the mean rate times
the integral of that survival.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.blocks import by_blocks
from clvmodels.models.numerics.complements import some_or_none
from clvmodels.models.numerics.gauss_legendre import panel_integral, panel_rule
from clvmodels.models.numerics.lifetime_integrals import decay_integral, log_stretched
from clvmodels.models.numerics.simulation import simulate_poisson
from clvmodels.models.spec import Engine, Spec

SPEC = Spec(
    name="ggom/nbd",
    title="GGom/NBD",
    source="Bemmaor and Glady (2012), Management Science 58(5)",
    kind="purchases",
    parameters={
        "r": "shape of the purchase rates: the larger, the more alike customers buy",
        "alpha": "scale of the purchase rates: r / alpha is the mean rate",
        "b": "rate of ageing: the risk of dropout grows e-fold in a time of 1 / b",
        "s": "shape of the dropout risks: the larger, the more alike customers leave",
        "beta": "scale of the dropout risks: s b / beta is the mean risk of a new customer",
    },
    scaled=("alpha",),
    rates=("b",),
    nests={"pareto/nbd": "b → 0 at constant beta / b", "nbd": "s → 0"},
    covariates={"purchase": links.rate("alpha", "purchase rate"), "dropout": links.rate("beta", "dropout risk")},
    # predictions depend on alpha + T and on k, which begins to change after about beta / b or 1 / b
    engine=Engine(
        closed=("survival",), nodes=12, age_offset=lambda *, alpha, b, beta, **_: min(alpha, min(beta, 1.0) / b)
    ),
)

_FALL = 36.0  # e^-36 = 2e-16: what is left out beyond the last node


def log_likelihood(
    x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, b: Value, s: Value, beta: Value, xp: Namespace = special
) -> Value:
    """log L(r, alpha, b, s, beta | x, t_x, T), Bemmaor and Glady (2012), equation (6).

    Alive at T, or lost at some y between the last purchase and T; with k(y) = beta e^(-b y) + 1 - e^(-b y), the risk
    of a customer of age y is s b / k(y) and survival (beta e^(-b y) / k(y))^s.
    """
    n = r + x

    def log_alive(y: Value) -> tuple[Value, Value]:
        log_k = xp.log(_k(y, b, beta, xp))
        return -n * xp.log(alpha + y) - s * (b * y + log_k), log_k

    common = xp.log_rising(r, x) + r * xp.log(alpha) + s * xp.log(beta)
    alive, _ = log_alive(T)
    fixed_n, fixed_alpha, fixed_b, fixed_s, fixed_beta = (xp.constant(v) for v in (n, alpha, b, s, beta))
    y, log_weights = _nodes(fixed_n, fixed_alpha, fixed_b, fixed_s, fixed_beta, t_x, T, xp)
    density, log_k = log_alive(y)
    lost = xp.log(s * b) + xp.logsumexp(density - log_k + log_weights, axis=0)
    return common + xp.logaddexp(alive, lost, where=t_x < T)


def diagnose(*, r: float, alpha: float, b: float, s: float, beta: float) -> list[str]:
    """Sentences about parameter values that have an unusual consequence."""
    if b * alpha > 1e-4:
        return []
    return [
        f"GGom/NBD: b = {b:.1g}, so customers do not grow old within the data, and only s and beta / b = "
        f'{beta / b:.4g} count: this is Pareto/NBD with its s and beta. Fit "pareto/nbd".'
    ]


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, b: float, s: float, beta: float) -> Array:
    """log P(alive at T) / P(lost by T); infinite where the last purchase is at T."""
    n, A, k, silence = r + x, alpha + t_x, _k(t_x, b, beta), T - t_x
    log_alive = -n * np.log1p(silence / A) - s * log_stretched(1.0 / k, b * silence, special)
    lost = by_blocks(lambda A, n, k, t: _loss_integral(0, A, n, b, s, k, t), A, n, k, silence)
    with np.errstate(divide="ignore"):
        return log_alive - np.log(lost)


def survival(x: Array, T: Array, t: float, *, b: float, s: float, beta: float, **_: float) -> Array:
    """P(alive at T + t | alive at T) = (1 + (e^(b t) - 1) / k)^-s."""
    return np.exp(-s * log_stretched(1.0 / _k(T, b, beta), b * t, special))


def discounted_expected_purchases(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, r: float, alpha: float, **dropout: float
) -> Array:
    """Discounted purchases in (T + start, T + start + t] | alive at T; t = inf gives DERT given alive.

    At a rate of 0 it is the expectation of Bemmaor and Glady (2012) as corrected by Adler (2022).
    """
    return (r + x) / (alpha + T) * discounted_time_alive(x, T, t, delta, start=start, **dropout)


def discounted_time_alive(
    x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, b: float, s: float, beta: float, **_: float
) -> Array:
    """∫ e^(-delta y) P(alive at T + y | alive at T) dy over (start, start + t], in units of time."""
    return changed_time_alive(x, T, t, delta, 1.0, 1.0, start=start, b=b, s=s, beta=beta)


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
    **ageing: float,
) -> Array:
    """Discounted purchases | alive at T, if λ and η are multiplied by ``purchase_rate`` and ``dropout`` from T on."""
    rate = purchase_rate * (r + x) / (alpha + T)
    return rate * changed_time_alive(x, T, t, delta, purchase_rate, dropout, start=start, **ageing)


def changed_time_alive(
    x: Array,
    T: Array,
    t: float,
    delta: float,
    purchase_rate: float,
    dropout: float,
    *,
    start: float = 0.0,
    b: float,
    s: float,
    beta: float,
    **_: float,
) -> Array:
    """Discounted time alive under the same changes: dropout × η e^(b T) ~ Gamma(s, k / dropout).

    For k >= 1 over u = b y, else over u = log(1 + (e^(b y) - 1) / k): either way it is exp(-c u) (1 + rho (e^u - 1))^-q
    with rho <= 1, as for Pareto/NBD.
    """
    now = _k(T, b, beta) / dropout
    k = _k(start, b, now)
    late = k >= 1.0
    integral = decay_integral(
        np.where(late, delta / b, s - 1.0),
        np.where(late, 1.0 / k, k),
        np.where(late, s, 1.0 + delta / b),
        np.where(late, b * t, log_stretched(1.0 / k, b * t, special)),
    )
    alive = np.exp(-s * log_stretched(1.0 / now, b * start, special))
    return alive * np.exp(-delta * start) * np.where(late, 1.0, k) / b * integral


def purchase_probability(
    x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, b: float, s: float, beta: float
) -> Array:
    """P(at least one purchase in (T + start, T + start + t] | alive at T)."""
    some, _ = _some_or_none(r + x, alpha + T, b, s, _k(T + start, b, beta), t)
    return survival(x, T, start, b=b, s=s, beta=beta) * some


def purchases_pmf(
    x: Array, T: Array, t: float, count: int, *, r: float, alpha: float, b: float, s: float, beta: float
) -> Array:
    """P(``count`` purchases in (T, T + t] | alive at T): lives through it, or is lost having made them."""
    n, A, k = r + x, alpha + T, _k(T, b, beta)
    return _some_or_none(n, A, b, s, k, t)[1] if count == 0 else _pmf(n, A, b, s, k, t, count)


def simulate_future(
    rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float, b: float, s: float, beta: float
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
    rate, life = rng.gamma(r + x, 1.0 / (alpha + T)), _lifetimes(rng, b, s, _k(T, b, beta))
    return rng.poisson(rate * np.minimum(life, t)).astype(np.float64)


def simulate(
    rng: np.random.Generator, T: Array, *, r: float, alpha: float, b: float, s: float, beta: float
) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    rate, life = rng.gamma(r, 1.0 / alpha, len(T)), _lifetimes(rng, b, s, np.full(len(T), beta))
    return simulate_poisson(rng, rate, np.minimum(life, T))


# --- private helpers --------------------------------------------------------------------------------------------------


def _k(y: Value, b: Value, beta: Value, xp: Namespace = special) -> Value:
    """What beta has become at age y."""
    return beta * xp.exp(-b * y) - xp.expm1(-b * y)


def _lifetimes(rng: np.random.Generator, b: float, s: float, k: Array) -> Array:
    """Remaining Gompertz lifetimes: risks η b e^(b y) with η ~ Gamma(s, k)."""
    return np.log1p(rng.exponential(1.0, len(k)) / np.maximum(rng.gamma(s, 1.0 / k), 1e-300)) / b


def _some_or_none(n: Array, A: Array, b: float, s: float, k: Array, t: float) -> tuple[Array, Array]:
    """P(a purchase in t) and P(none), for customers with rates Gamma(n, A) and risks Gamma(s, k).

    The first purchase comes at y at the rate n A^n / (A + y)^(n+1), if the customer still lives then.
    """

    def log_value(y: Array) -> Array:
        return -(n + 1.0) * np.log1p(y / A) - s * log_stretched(1.0 / k, b * y, special)

    some = n / A * panel_integral(log_value, _scale(A, b, k, special), _last(0, A, n + 1.0, b, s, k, t, special))
    return some_or_none(some, lambda: _pmf(n, A, b, s, k, t, 0))


def _pmf(n: Array, A: Array, b: float, s: float, k: Array, t: float, count: int) -> Array:
    """P(count purchases in t): having lived through it, or lost at some y before."""
    log_stayed = special.log_negative_binomial(n, t / A, count) - s * log_stretched(1.0 / k, b * t, special)
    log_ways = special.log_rising_rows(n, count) - special.gammaln(count + 1.0)
    return np.exp(log_stayed) + np.exp(log_ways) * _loss_integral(count, A, n + count, b, s, k, t)


def _loss_integral(count: int, A: Array, j: Array, b: float, s: float, k: Array, t: Array | float) -> Array:
    """∫_0^t (y / A)^count (1 + y / A)^-j f(y) dy with the density f of lifetimes with risks Gamma(s, k)."""

    def log_value(y: Array) -> Array:
        powers = (count * np.log(y / A) if count else 0.0) - j * np.log1p(y / A)
        return powers + b * y - (s + 1.0) * log_stretched(1.0 / k, b * y, special)

    last = _last(count, A, j, b, s, k, t, special)
    return s * b / k * panel_integral(log_value, _scale(A, b, k, special), last)


def _scale(A: Value, b: Value, k: Value, xp: Namespace) -> Value:
    """The time in which rates or risks begin to change."""
    return xp.minimum(A, xp.minimum(k, 1.0) / b)


def _last(count: int, A: Value, j: Value, b: Value, s: Value, k: Value, t: Value, xp: Namespace) -> Value:
    """Where (y / A)^count (1 + y / A)^-j times the density of lifetimes has fallen to e^-36 for good, or t before it.

    Beyond twice the place of its peak z^count (1 + z)^-j falls at least half as fast as (1 + z)^-(j - count) does; the
    density first grows, by less than k, where k > 1, and falls in the end as e^(-s b y).
    """
    growth = xp.log(xp.maximum(k, 1.0))
    fall = (2.0 if count else 1.0) * (_FALL + growth)
    spare = j - count
    by_purchases = A * xp.expm1(xp.minimum(xp.log1p(2.0 * count / spare) + fall / spare, 600.0))
    by_age = (fall + (s + 1.0) * growth + 2.0 * count) / (s * b)
    last = xp.minimum(t, xp.minimum(by_purchases, by_age))
    few = s > 2.0 * count
    steep = xp.where(few, s - count, 1.0)
    by_risk = log_stretched(k, xp.log1p(2.0 * count / steep) + (fall + growth) / steep, xp) / b
    return xp.where(few, xp.minimum(last, by_risk), last)


def _nodes(
    n: Value, alpha: Value, b: Value, s: Value, beta: Value, low: Value, high: Value, xp: Namespace
) -> tuple[Value, Value]:
    """Ages between ``low`` and ``high`` and log-weights for the time of loss in the likelihood."""
    k = _k(low, b, beta, xp)
    scale = _scale(alpha + low, b, k, xp)
    last = _last(0, alpha + low, n, b, s, k, high - low, xp)
    length = xp.log1p(last / scale)
    fall = n * xp.log1p(last / (alpha + low)) + s * log_stretched(1.0 / k, b * last, xp)
    sudden = 1.0 + xp.maximum(xp.log(k) - 1.0, 0.0) / 4.0  # for large k death comes within 1 / b, after log(k) / b
    nodes, log_weights = panel_rule(max(xp.largest(length * sudden) / 2.0, xp.largest(fall) / 30.0), most=12)
    u = length * nodes
    return low + scale * xp.expm1(u), log_weights + u + xp.log(xp.maximum(scale * length, 1e-300))
