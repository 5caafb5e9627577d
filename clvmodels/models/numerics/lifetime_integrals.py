"""Integrals over the time at which a customer was, or will be, lost.

Those of Pareto/NBD and its kin are products of powers, ∫ (alpha + y)^-n (beta + y)^-q dy: a ₂F₁, which libraries get
wrong or infinite at large n or nearly equal alpha and beta. With m the smaller of alpha and beta and M the larger, and
y -> u = log((m + y) / (m + low)), the integrand is exp(-c u) (1 + rho (e^u - 1))^-k with rho = (m + low) / (M + low)
<= 1: log-concave, at its largest 1 at u = 0 (or little above it), and analytic for |Im u| < π, whatever the
parameters. So Gauss-Legendre nodes between 0 and where it has fallen to e^-34 converge geometrically: 16 to 64 of them
hold 1e-12 for exponents from 1e-3 to 2,000 and scales from 1e-3 to 1e5. The nodes are constants to the derivatives:
that of the sum is then the same rule for the integral of the derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.models.numerics import special

Array = NDArray[np.float64]

_FALL = 34.0  # e^-34 = 2e-15: what is left out beyond the last node
_BLOCK = 512  # rows
_HUGE = 600.0  # beyond it e^u is close to the largest number, and 1 far below it
# Nodes that hold 1e-11, and 1e-9 in second derivatives, up to these lengths of the interval and falls of the exponent.
_SIZES = (
    (3, 0.1, 0.1), (4, 0.25, 0.5), (5, 0.5, 1.0),
    (8, 2.0, 4.0), (10, 2.0, 8.0), (14, 4.0, 16.0), (20, 4.0, np.inf), (32, 8.0, np.inf), (64, np.inf, np.inf)
)  # fmt: skip
SMALL = ((0.1, 0.1), (0.25, 0.5), (0.5, 1.0))  # of these: lengths and falls that few nodes hold
_GAUSS = {}
for _size, _, _ in _SIZES:
    _nodes, _weights = np.polynomial.legendre.leggauss(_size)
    _GAUSS[_size] = (_nodes[:, None] + 1.0) / 2.0, np.log(_weights[:, None] / 2.0)


def log_powers_integral(alpha: Any, n: Any, beta: Any, q: Any, low: Any, high: Any, *, xp: Any = special) -> Any:
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


def powers_integral(a: Any, j: Any, b: Any, k: Any, t: Any) -> Array:
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


def decay_integral(c: Any, rho: Any, k: Any, length: Any) -> Array:
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
        nodes, log_weights = _rule(special.largest(width), special.largest(fall) if low == 0.0 else np.inf)
        u = start + width * nodes
        total += width * np.exp(log_weights - c * u - k * log_stretched(rho, u, special)).sum(axis=0)
    return total


def _nodes_of(a: Any, j: Any, b: Any, k: Any, length: Any, xp: Any) -> tuple[Any, Any]:
    """Nodes u and log-weights for (1 + v / a)^-j (1 + v / b)^-k over 0 < v < length, v = min(a, b) (e^u - 1)."""
    first = a <= b
    smaller, larger = xp.minimum(a, b), xp.maximum(a, b)
    inner, outer = xp.where(first, j, k), xp.where(first, k, j)
    c, end = inner - 1.0, xp.log1p(length / smaller)
    fall = xp.maximum(c * end + outer * xp.log1p(length / larger), -c * end)
    if xp.largest(fall) > _FALL:
        end, fall = _end(c, smaller / larger, outer, end, xp)
    nodes, log_weights = _rule(xp.largest(end), xp.largest(fall))
    return end * nodes, log_weights + xp.log(xp.maximum(end, 1e-300))


def _end(c: Any, rho: Any, k: Any, length: Any, xp: Any) -> tuple[Any, Any]:
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


def log_stretched(rho: Any, u: Any, xp: Any) -> Any:
    """log(1 + rho (e^u - 1))."""
    return xp.log1p(rho * xp.expm1(xp.minimum(u, _HUGE))) + xp.maximum(u - _HUGE, 0.0)


def panel_rule(panels: float, most: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and log-weights, as columns, of at least so many equal panels, at most ``most``."""
    panels = int(min(max(np.ceil(panels), 1.0), most))
    nodes, log_weights = _GAUSS[20]
    steps = np.arange(panels)[:, None, None]
    return ((steps + nodes) / panels).reshape(-1, 1), np.tile(log_weights - np.log(panels), (panels, 1))


def panel_integral(log_value: Callable[[Array], Array], scale: Array, end: Array) -> Array:
    """∫_0^end exp(log_value(v)) dv, row by row, for what varies with log(1 + v / scale) on the scale of 1."""
    length = np.log1p(end / scale)
    nodes, log_weights = panel_rule(max(special.largest(length), 4.0), most=64)
    u = length * nodes
    return scale * length * np.exp(log_weights + u + log_value(scale * np.expm1(u))).sum(axis=0)


def by_blocks(function: Callable[..., Array], *columns: Array) -> Array:
    """``function(*columns)`` in blocks of rows, so that rows times nodes stay in the cache."""
    blocks = range(0, max(len(columns[0]), 1), _BLOCK)
    return np.concatenate([function(*(column[i : i + _BLOCK] for column in columns)) for i in blocks])


def some_or_none(some: Array, none: Callable[[], Array]) -> tuple[Array, Array]:
    """A probability and that of the contrary: the smaller of them as it is known best, the other as what is left."""
    rare = some < 0.5
    contrary = 1.0 - some if rare.all() else np.where(rare, 1.0 - some, none())
    return np.where(rare, some, 1.0 - contrary), contrary


def _rule(length: float, fall: float) -> tuple[Array, Array]:
    """Nodes in (0, 1) and log-weights that hold for such an interval, as columns: rows run along the last axis."""
    size = next((size for size, longest, deepest in _SIZES if length <= longest and fall <= deepest), _SIZES[-1][0])
    return _GAUSS[size]


def count_and_loss_integral(count: int, a: Any, j: Any, b: Any, k: Any, t: float) -> Array:
    """∫_0^t (y / a)^count (1 + y / a)^-j (1 + y / b)^-k dy / b for j >= count, k > 0, row by row.

    Over u = log y the integrand is log-concave and analytic for |Im u| < π. Nodes lie between the two places where it
    has fallen by e^-34 from its peak, which are found by bisection.
    """
    a, j, b, k = np.broadcast_arrays(*np.atleast_1d(a, j, b, k))

    def log_value(u: Array) -> Array:
        y = np.exp(u)
        return (count + 1.0) * u - count * np.log(a) - np.log(b) - j * np.log1p(y / a) - k * np.log1p(y / b)

    def slope(u: Array) -> Array:
        y = np.exp(u)
        return count + 1.0 - j * y / (a + y) - k * y / (b + y)

    right = np.full_like(a, np.log(t))
    early = np.minimum(np.log((count + 1.0) / (j / a + k / b)), right)  # the slope is positive up to here
    peak = _bisect(lambda u: slope(u) > 0.0, early, right)
    level = log_value(peak) - _FALL
    # further left the slope is at least (count + 1) / 2
    left = early - np.log(2.0) - 2.0 * (_FALL + log_value(peak) - log_value(early)) / (count + 1.0)
    low = _bisect(lambda u: log_value(u) > level, peak, left)
    high = _bisect(lambda u: log_value(u) > level, peak, right)
    nodes, log_weights = _GAUSS[_SIZES[-1][0]]
    halves = (peak - low, high - peak)
    total = np.zeros(len(a))
    for start, width in zip((low, peak), halves, strict=True):
        total += width * np.exp(log_weights + log_value(start + width * nodes)).sum(axis=0)
    return total


def _bisect(holds: Callable[[Array], NDArray[np.bool_]], near: Array, far: Array) -> Array:
    """Where a condition that holds at ``near`` ceases to hold on the way to ``far``; ``far`` if it never does."""
    for _ in range(40):
        middle = (near + far) / 2.0
        inside = holds(middle)
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return far
