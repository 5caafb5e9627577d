"""Pareto/NBD given that a customer is alive, with rates λ ~ Gamma(n, A) of purchases and μ ~ Gamma(s, B) of dropout.

What the static model and the pieces of time with constant covariates share, over a time t from now on.
"""

from __future__ import annotations

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models.numerics.lifetime_integrals import powers_integral
from clvmodels.models.numerics.quadrature import exponential_integral


def survival(s: float, B: Array, t: Array | float) -> Array:
    """P(alive at t) = (1 + t / B)^-s."""
    return np.exp(-s * np.log1p(t / B))


def time_alive(s: float, B: Array, t: Array | float) -> Array:
    """∫_0^t P(alive at y) dy = B (1 - (1 + t / B)^(1-s)) / (s - 1), whose limit at s = 1 is B log(1 + t / B)."""
    w = np.log1p(t / B)
    return np.asarray(B * w * sc.exprel((1.0 - s) * w))


def discounted_time_alive(s: float, B: Array, t: Array | float, delta: float) -> Array:
    """∫_0^t e^(-delta y) P(alive at y) dy; t may be infinite."""
    return np.asarray(B * exponential_integral(s - 1.0, delta * B, t / B))


def purchase_probability(n: Array, A: Array, s: float, B: Array, t: Array) -> Array:
    """P(at least one purchase by t): the first comes at y at the rate n A^n / (A + y)^(n+1), if alive then."""
    return np.asarray(n / A * powers_integral(A, n + 1.0, B, s, t))
