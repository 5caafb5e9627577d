"""What the models of renewals share: ratios of beta functions without cancellation, and discounted sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.gauss_legendre import unit_rule

_SHIFT = 16  # from here on five terms of Stirling's series leave 1e-15
_DIRECT = 2048  # terms summed one by one; the rest is smooth on the scale of a term
_GREGORY = (1 / 2, 1 / 12, 1 / 24, 19 / 720, 3 / 160, 863 / 60480, 275 / 24192)
_NODES = 16  # a panel
_NEVER = -1e30  # as good as log 0, and finite
_FURTHEST = 45.0  # e^-45 = 3e-20, of a sum that begins with 1


def log_beta_ratio(alpha: Value, v: Value, h: Value, xp: Namespace = special) -> Value:
    """log B(alpha, v + h) - log B(alpha, v) for h >= 0, to full relative accuracy.

    Four log Γ, written so that nothing cancels: the recursion of B takes v up by 16 in steps of
    log(1 + alpha h / (v (v + alpha + h))), and Stirling's series is differenced term by term. It is
    elementary, so that jets read it as well.

    Examples
    --------
    >>> float(log_beta_ratio(1.0, 4.0, 1.0))  # log(4 / 5)
    -0.22314355131420...
    """
    total = 0.0
    for step in range(_SHIFT):
        at = v + step
        total = total - xp.log1p((alpha / at) * (h / (at + alpha + h)))
    v = v + _SHIFT
    far = v + alpha + h
    total = total + (v - 0.5) * xp.log1p((alpha / v) * (h / far))
    total = total - h * xp.log1p(alpha / (v + h)) - alpha * xp.log1p(h / (alpha + v))
    a, b, c, e = 1.0 / v, 1.0 / (v + h), 1.0 / (alpha + v), 1.0 / far
    leading = (alpha * c) * (a * b) * ((v + v + alpha + h) * e)
    return total - h * (leading / 12.0 + (_series(a, b) - _series(c, e)))


def _series(a: Value, b: Value) -> Value:
    """a b (c(b) - c(a)) / (b - a) for the tail c(q) = -q³/360 + q⁵/1260 - q⁷/1680 + q⁹/1188 of Stirling's series.

    (b^(k+2) - a^(k+2)) / (b - a) = (a² + b²) (b^k - a^k) / (b - a) - a² b² (b^(k-2) - a^(k-2)) / (b - a).
    """
    squares, product = a * a + b * b, a * b
    third = squares + product
    fifth = squares * third - product * product
    seventh = squares * fifth - product * product * third
    ninth = squares * seventh - product * product * fifth
    return product * (third / -360.0 + fifth / 1260.0 - seventh / 1680.0 + ninth / 1188.0)


def discounted_sum(log_stay: Callable[[Array], Array], delta: float, count: float) -> float:
    """Σ_{0 <= j < count} exp(log_stay(j) - delta j), where count may be infinite if delta > 0.

    The first terms are added; the rest is an integral over log j with Gregory's correction at both ends.

    Parameters
    ----------
    log_stay
        log P(still there j periods on), for whole and fractional j.
    delta
        Discount rate a period.
    count
        How many terms.
    """

    def term(j: Array) -> Array:
        return np.asarray(np.exp(log_stay(j) - delta * j))

    if delta > 0:
        count = min(count, np.ceil(_FURTHEST / delta))
    with np.errstate(under="ignore"):
        total = float(term(np.arange(min(count, float(_DIRECT)))).sum())
        if count <= _DIRECT:
            return total
        total += _integral(term, float(_DIRECT), count)
        return total + _end_correction(term, float(_DIRECT)) - _end_correction(term, count)


def geometric_sum(leaving: Array, delta: float, first: float, count: float) -> Array:
    """Σ e^(-delta j) (1 - leaving)^j over ``count`` periods j from ``first`` on, which may be infinitely many.

    Parameters
    ----------
    leaving : ndarray
        Probability of leaving in a period, above 0.
    delta : float
        Discount rate a period.
    first, count : float
        The first period, and how many there are.

    Returns
    -------
    ndarray
        In the shape of ``leaving``.

    Examples
    --------
    >>> geometric_sum(np.array([0.5, 1.0]), 0.0, 0.0, 3.0).tolist()
    [1.75, 1.0]
    """
    with np.errstate(divide="ignore", under="ignore"):
        log_stay = np.maximum(np.log1p(-leaving), _NEVER) - delta
        return np.asarray(np.exp(first * log_stay) * np.expm1(count * log_stay) / np.expm1(log_stay))


def _integral(term: Callable[[Array], Array], low: float, high: float) -> float:
    """∫ term over [low, high] in panels of log j."""
    panels = int(np.ceil(4.0 * np.log(high / low)))
    edges = np.linspace(np.log(low), np.log(high), panels + 1)
    nodes, weights = unit_rule(_NODES)
    width = np.diff(edges)[:, None]
    j = np.exp(edges[:-1, None] + width * nodes)
    return float((width * weights * j * term(j)).sum())


def _end_correction(term: Callable[[Array], Array], at: float) -> float:
    """What Σ_{j >= at} exceeds ∫_at^∞ by, from forward differences (Gregory)."""
    values = term(at + np.arange(len(_GREGORY), dtype=np.float64))
    differences = [np.diff(values, k)[0] for k in range(len(_GREGORY))]
    return float(sum((-1) ** k * g * d for k, (g, d) in enumerate(zip(_GREGORY, differences, strict=True))))
