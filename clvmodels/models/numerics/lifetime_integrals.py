"""Integrals over the time at which a customer was, or will be, lost.

Those of Pareto/NBD and models like it are products of powers, ∫ (alpha + y)^-n (beta + y)^-q dy: a ₂F₁, which
libraries get wrong or infinite at large n or nearly equal alpha and beta. With m the smaller of alpha and beta, M the
larger, and
y -> u = log((m + y) / (m + low)), the integrand is exp(-c u) (1 + rho (e^u - 1))^-k with rho = (m + low) / (M + low)
<= 1: log-concave, at its largest 1 at u = 0 (or little above it), and analytic for |Im u| < π, whatever the
parameters. So Gauss-Legendre nodes between 0 and where it has fallen to e^-34 converge geometrically: 16 to 64 of them
are good to 1e-12 for exponents from 1e-3 to 2,000 and scales from 1e-3 to 1e5. The nodes are constants to derivatives:
that of the sum is then the same rule for the integral of the derivative.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.gauss_legendre import rule_for

_FALL = 34.0  # e^-34 = 2e-15: what is left out beyond the last node
_HUGE = 600.0  # beyond it e^u is close to the largest number, and 1 far below it


def log_powers_integral(
    alpha: Value, n: Value, beta: Value, q: Value, low: Value, high: Value, *, xp: Namespace = special
) -> Value:
    """log ∫ (alpha + y)^-n (beta + y)^-q dy from ``low`` to ``high`` > ``low``, row by row.

    Parameters
    ----------
    alpha, n, beta, q
        Positive numbers, or arrays of shape (rows,), or what ``xp`` takes derivatives in; one of n and q above 1 or
        ``high`` within some e^30 of the smaller scale.
    low, high : ndarray of shape (rows,)
        Ages; where they are equal, the result is finite and without meaning.
    xp
        Namespace.

    Returns
    -------
    As ``xp`` has it, shape (rows,).

    Examples
    --------
    >>> ages = np.array([1.0]), np.array([3.0])  # ∫ (1 + y)^-3 dy = (2^-2 - 4^-2) / 2
    >>> float(np.exp(log_powers_integral(1.0, 2.0, 1.0, 1.0, *ages)).round(12)[0])
    0.09375
    """
    a, b = xp.constant(alpha) + low, xp.constant(beta) + low
    u, log_weights = _nodes_of(a, xp.constant(n), b, xp.constant(q), high - low, xp)
    smaller = xp.minimum(a, b)
    y = smaller * xp.exp(u) + (low - smaller)
    log_powers = xp.log(alpha + y) * -n + xp.log(beta + y) * -q
    return xp.logsumexp(log_powers + (u + (log_weights + xp.log(smaller))), axis=0)


def powers_integral(a: Array | float, j: Array | float, b: Array | float, k: Array | float, t: Array | float) -> Array:
    """∫_0^t (1 + v / a)^-j (1 + v / b)^-k dv, row by row; t may be infinite where j + k > 1.

    Examples
    --------
    >>> float(powers_integral(2.0, 2.0, 2.0, 1.0, np.array([2.0])).round(12)[0])  # 2 (1 - 2^-2) / 2
    0.75
    """
    a, j, b, k, t = np.broadcast_arrays(*np.atleast_1d(a, j, b, k, t))
    first = a <= b
    m, M = np.minimum(a, b), np.maximum(a, b)
    return m * decay_integral(np.where(first, j, k) - 1.0, m / M, np.where(first, k, j), np.log1p(t / m))


def decay_integral(c: Array | float, rho: Array | float, k: Array | float, length: Array | float) -> Array:
    """∫_0^length exp(-c u) (1 + rho (e^u - 1))^-k du for c > -1, 0 < rho <= 1, k >= 0, row by row.

    ``length`` may be infinite where c + k > 0; what decays slowly is integrated in panels that double.
    """
    c, rho, k, length = np.broadcast_arrays(*np.atleast_1d(c, rho, k, length))
    end, fall = _end(c, rho, k, length, special)
    longest = float(end.max(initial=0.0))
    panels = [0.0, *(2.0**i for i in range(2, 3 + int(np.log2(longest))))] if longest > 8.0 else [0.0, 8.0]
    total = np.zeros(len(c))
    for low, high in pairwise(panels):
        start, width = np.minimum(low, end), np.clip(end - low, 0.0, high - low)
        nodes, log_weights = rule_for(special.largest(width), special.largest(fall) if low == 0.0 else np.inf)
        u = start + width * nodes
        total += width * np.exp(log_weights - c * u - k * log_stretched(rho, u, special)).sum(axis=0)
    return total


# --- private helpers --------------------------------------------------------------------------------------------------


def _nodes_of(a: Value, j: Value, b: Value, k: Value, length: Value, xp: Namespace) -> tuple[Value, Value]:
    """Nodes u and log-weights for (1 + v / a)^-j (1 + v / b)^-k over 0 < v < length, v = min(a, b) (e^u - 1)."""
    first = a <= b
    smaller, larger = xp.minimum(a, b), xp.maximum(a, b)
    inner, outer = xp.where(first, j, k), xp.where(first, k, j)
    c, end = inner - 1.0, xp.log1p(length / smaller)
    fall = xp.maximum(c * end + outer * xp.log1p(length / larger), -c * end)
    if xp.largest(fall) > _FALL:
        end, fall = _end(c, smaller / larger, outer, end, xp)
    nodes, log_weights = rule_for(xp.largest(end), xp.largest(fall))
    return end * nodes, log_weights + xp.log(xp.maximum(end, 1e-300))


def _end(c: Value, rho: Value, k: Value, length: Value, xp: Namespace) -> tuple[Value, Value]:
    """Where exp(-c u) (1 + rho (e^u - 1))^-k is e^-34, if before ``length``, and how far the exponent moves till then.

    The search begins right of that place: where one of the two parts of the convex exponent passes 34 or, for c < 0,
    where (c + k) u + k log(rho) does. Newton steps come closer and never pass it.
    """
    by_first = _FALL / xp.maximum(c, 1e-200)
    enough = _FALL / xp.maximum(k, 1e-200)
    by_second = xp.log1p(xp.expm1(xp.minimum(enough, _HUGE)) / rho) + xp.maximum(enough - _HUGE, 0.0)
    if_rising = (_FALL - k * xp.log(rho)) / xp.maximum(c + k, 1e-200)
    end = xp.minimum(length, xp.where(c > 0.0, xp.minimum(by_first, by_second), if_rising))
    for _ in range(2):
        fall = c * end + k * log_stretched(rho, end, xp)
        grown = rho * xp.exp(xp.minimum(end, _HUGE))
        slope = c + k * grown / (1.0 - rho + grown)
        end = xp.where(fall > _FALL, end - (fall - _FALL) / xp.maximum(slope, 1e-200), end)
    return end, xp.maximum(c * end + k * log_stretched(rho, end, xp), -c * end)


def log_stretched(rho: Value, u: Value, xp: Namespace) -> Value:
    """log(1 + rho (e^u - 1))."""
    return xp.log1p(rho * xp.expm1(xp.minimum(u, _HUGE))) + xp.maximum(u - _HUGE, 0.0)
