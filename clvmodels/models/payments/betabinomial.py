"""Beta-binomial: each customer leaves a share of the invoices unpaid, and the share differs between customers.

A customer's probability of default p ~ Beta(a, b), and of n invoices k are not paid: P(k | n) = C(n, k)
B(a + k, b + n - k) / B(a, b); Skellam (1948), A Probability Distribution Derived from the Binomial Distribution by
Regarding the Probability of Success as Variable between the Sets of Trials, Journal of the Royal Statistical Society B
10(2). Given k of n the probability of default is (a + k) / (a + b + n): customers with few invoices are drawn to the
mean a / (a + b).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.models import links
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.spec import Spec

Array = NDArray[np.float64]

SPEC = Spec(
    name="beta-binomial",
    title="Beta-binomial",
    source="Skellam (1948), Journal of the Royal Statistical Society B 10(2)",
    kind="payments",
    parameters={
        "a": "default: a / (a + b) is the mean probability that an invoice is not paid",
        "b": "default: a + b says how alike customers are in it",
    },
    data=("k", "n"),
    units=(),
    covariates={"default": links.odds("a", "b", "odds of default")},
)


def log_likelihood(k: Value, n: Value, *, a: Value, b: Value, xp: Namespace = special) -> Value:
    """log P(k of n invoices unpaid, in the order in which they were): log B(a + k, b + n - k) - log B(a, b).

    Without log C(n, k), which no parameter changes.
    """
    return xp.log_rising(a, k) + xp.log_rising(b, n - k) - xp.log_rising(a + b, n)


def default_probability(k: Array, n: Array, *, a: float | Array, b: float | Array) -> Array:
    """P(the next invoice is not paid | k of n were not): (a + k) / (a + b + n)."""
    return np.asarray((a + k) / (a + b + n))


def simulate(rng: np.random.Generator, n: Array, *, a: float | Array, b: float | Array) -> Array:
    """Random numbers k of unpaid invoices of new customers with n invoices each."""
    return rng.binomial(n.astype(np.int64), rng.beta(a, b, len(n))).astype(np.float64)


def simulate_future(rng: np.random.Generator, k: Array, n: Array, count: Array, *, a: float, b: float) -> Array:
    """Random numbers of unpaid ones among ``count`` invoices to come, of customers with k of n unpaid."""
    return rng.binomial(count.astype(np.int64), rng.beta(a + k, b + n - k)).astype(np.float64)
