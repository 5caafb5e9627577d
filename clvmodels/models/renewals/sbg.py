"""sBG, shifted beta-geometric: customers renew each period; the probability of leaving differs between them.

Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1). At every renewal a
customer leaves with probability p ~ Beta(alpha, beta), so that those with a large p go first and retention rises
although nobody's p changes. n counts the renewals a customer has made: S(n) = B(alpha, beta + n) / B(alpha, beta), and
given n renewals p ~ Beta(alpha, beta + n). The discounted lifetime from there is ₂F₁(1, beta + n; alpha + beta + n;
e^-delta), Fader and Hardie (2010), Customer-Base Valuation in a Contractual Setting; the sum that the package takes
holds where that function is slow or not finite.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.quadrature import changed_beta_expectation
from clvmodels.models.numerics.renewal_sums import geometric_sum, log_beta_ratio
from clvmodels.models.numerics.simulation import simulate_geometric
from clvmodels.models.spec import Spec

SPEC = Spec(
    name="sbg",
    title="sBG",
    source="Fader and Hardie (2007), Journal of Interactive Marketing 21(1)",
    kind="subscriptions",
    parameters={
        "alpha": "churn at a renewal: alpha / (alpha + beta) is its mean probability for new customers",
        "beta": "churn at a renewal: alpha + beta says how alike customers are in it",
    },
    data=("n", "lost"),
    units=(),
)


def log_likelihood(n: Value, lost: Value, *, alpha: Value, beta: Value, xp: Namespace = special) -> Value:
    """log P(lost at renewal n + 1) where ``lost`` is 1, log S(n) where it is 0; Fader and Hardie (2007), appendix B.

    P = B(alpha + 1, beta + n) / B(alpha, beta) = S(n) alpha / (alpha + beta + n).
    """
    return log_beta_ratio(alpha, beta, n, xp) + lost * (xp.log(alpha) - xp.log(alpha + beta + n))


def log_survival(n: Array, t: Array | float, *, alpha: float, beta: float) -> Array:
    """log P(t more renewals | n renewals made) = log S(n + t) / S(n)."""
    return np.asarray(log_beta_ratio(alpha, beta + n, t))


def changed_lifetime(n: Array, delta: float, count: float, dropout: float, *, alpha: float, beta: float) -> Array:
    """Discounted lifetime, if each customer's p is multiplied by ``dropout`` from now on: E_p[Σ (e^-delta (1 - p))^j].

    Given n renewals p ~ Beta(alpha, beta + n): the change is within that mean, never of the mean.
    """
    return changed_beta_expectation(lambda p: geometric_sum(p, delta, 0.0, count), alpha, beta + n, dropout)


def simulate(rng: np.random.Generator, observed: Array, *, alpha: float, beta: float) -> tuple[Array, Array]:
    """Renewals n and whether lost (1) or still there (0) of new customers who are observed for whole periods."""
    lost_at = simulate_geometric(rng, rng.beta(alpha, beta, len(observed)))
    return np.minimum(lost_at - 1.0, observed), (lost_at <= observed).astype(np.float64)
