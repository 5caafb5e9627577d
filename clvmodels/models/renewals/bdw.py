"""BdW, beta-discrete-Weibull: as sBG, but a customer's own churn may rise or fall with the time as a customer.

Fader, Hardie, Liu, Davin and Steenburgh (2018), "How to Project Customer Retention" Revisited: The Role of Duration
Dependence, Journal of Interactive Marketing 43. A customer stays n periods with probability (1 - p)^(n^c),
p ~ Beta(alpha, beta), so that S(n) = B(alpha, beta + n^c) / B(alpha, beta): c > 1 is churn that rises with time, c < 1
churn that falls, c = 1 sBG. Given n renewals p ~ Beta(alpha, beta + n^c).
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.quadrature import beta_expectation
from clvmodels.models.numerics.renewal_sums import log_beta_ratio
from clvmodels.models.spec import Spec

SPEC = Spec(
    name="bdw",
    title="BdW",
    source="Fader, Hardie, Liu, Davin and Steenburgh (2018), Journal of Interactive Marketing 43",
    kind="subscriptions",
    parameters={
        "alpha": "churn at the first renewal: alpha / (alpha + beta) is its mean probability",
        "beta": "churn at the first renewal: alpha + beta says how alike customers are in it",
        "c": "a customer's own churn rises with time (above 1), falls (below 1) or is constant (1: sBG)",
    },
    data=("n", "lost"),
    units=(),
    nests={"sbg": "c = 1"},
)

_REST = 1e-13  # of a sum, below which what is left is left out
_LARGEST = 1e290  # n^c, beyond which survival is 0 in all but name


def log_likelihood(n: Value, lost: Value, *, alpha: Value, beta: Value, c: Value, xp: Namespace = special) -> Value:
    """log (S(n) - S(n + 1)) where ``lost`` is 1, log S(n) where it is 0; Fader et al. (2018).

    log S(n) + log(1 - S(n + 1) / S(n)), with both ratios of beta functions taken whole.
    """
    late = np.asarray(n, dtype=np.float64) > 0
    safe = np.maximum(n, 1.0)
    made = xp.exp(c * np.log(safe)) * np.where(late, 1.0, 0.0)  # n^c, and 0 at n = 0
    step = xp.where(late, made * xp.expm1(c * np.log1p(1.0 / safe)), 1.0)  # (n + 1)^c - n^c
    leave = xp.log(-xp.expm1(log_beta_ratio(alpha, beta + made, step, xp)))
    return log_beta_ratio(alpha, beta, made, xp) + lost * leave


def log_survival(n: Array, t: Array | float, *, alpha: float, beta: float, c: float) -> Array:
    """log P(t more renewals | n renewals made) = log S(n + t) / S(n)."""
    n, t = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(t, dtype=np.float64))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # each where the other is taken
        made, first = np.exp(c * np.log(n)), np.exp(c * np.log(t))
        more = np.where(n > 0, made * np.expm1(c * np.log1p(t / np.maximum(n, 1.0))), first)  # (n + t)^c - n^c
    return np.asarray(log_beta_ratio(alpha, beta + np.minimum(made, _LARGEST), np.minimum(more, _LARGEST)))


def changed_lifetime(
    n: Array, delta: float, count: float, dropout: float, *, alpha: float, beta: float, c: float
) -> Array:
    """Discounted lifetime, if each customer leaves at each renewal with ``dropout`` times the own probability.

    E_p[Σ_j e^(-delta j) Π_{i<j} (1 - min(1, dropout h(n + i)))] with the own h(i) = 1 - (1 - p)^((i + 1)^c - i^c), and
    p ~ Beta(alpha, beta + n^c).
    """
    with np.errstate(over="ignore"):
        b = beta + np.minimum(n**c, _LARGEST)
    return beta_expectation(lambda p: _changed_sum(p, n[:, None], delta, count, dropout, c), alpha, b)


def simulate(rng: np.random.Generator, observed: Array, *, alpha: float, beta: float, c: float) -> tuple[Array, Array]:
    """Renewals n and whether lost (1) or still there (0) of new customers who are observed for whole periods."""
    p = rng.beta(alpha, beta, len(observed))
    with np.errstate(divide="ignore", over="ignore"):
        exposure = np.log1p(-rng.random(len(p))) / np.log1p(-np.maximum(p, 1e-300))
        lost_at = np.maximum(np.ceil(exposure ** (1.0 / c)), 1.0)
    return np.minimum(lost_at - 1.0, observed), (lost_at <= observed).astype(np.float64)


# --- private helpers --------------------------------------------------------------------------------------------------


def _changed_sum(p: Array, n: Array, delta: float, count: float, dropout: float, c: float) -> Array:
    """Σ_{0 <= j < count} e^(-delta j) P(j more renewals | p, n renewals made), period by period."""
    stay, total, j = np.ones_like(p), np.ones_like(p), 1
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        log_stay = np.log1p(-p)
        while j < count:
            made = n + (j - 1.0)
            step = np.where(made > 0, made**c * np.expm1(c * np.log1p(1.0 / np.maximum(made, 1.0))), 1.0)
            stay = stay * (1.0 - np.minimum(-np.expm1(np.minimum(step, _LARGEST) * log_stay) * dropout, 1.0))
            total += (term := stay * np.exp(-delta * j))
            if delta > 0.0 and term.max() < _REST * delta:  # all that is left is less than term / delta
                break
            j += 1
    return total
