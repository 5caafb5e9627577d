"""The integral over the time of loss of customers who have made a number of purchases by then."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.models.numerics.gauss_legendre import LARGEST, columns

_FALL = 34.0  # e^-34 = 2e-15: what is left out beyond the last node


def count_and_loss_integral(count: int, a: Array, j: Array, b: Array, k: Array | float, t: float) -> Array:
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
    nodes, log_weights = columns(LARGEST)
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
