"""Expectations over a dropout probability p ~ Beta(a, b), to about 1e-12 for any a and b.

The rule is the trapezoidal one in logit p, where the beta density is analytic and falls off exponentially, so that
equal steps converge geometrically. Two things make it accurate for all parameters: the range follows the density
*and* the function, and where a tail falls off slowly (a or b small) the function's value at that end is subtracted and
integrated exactly, which speeds up the fall by one power.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models.numerics import special
from clvmodels.models.numerics.gauss_legendre import unit_rule

Mask = NDArray[np.bool_]

_EXPONENT = 34.0  # e^-34 = 2e-15: what is left out beyond the ends
_STEP = 0.26
_SLOW_TAIL = 0.7
_SMALLEST = 1e-200
_COARSE = 1.7  # times fewer nodes
_CUT = 40.0
_BELOW_MEAN = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])  # in log p

_is_coarse: ContextVar[bool] = ContextVar("_is_coarse", default=False)


@contextmanager
def coarse() -> Iterator[None]:
    """Within this, quadratures are good to about 1e-6 at half the cost or less: for quantiles over draws."""
    token = _is_coarse.set(True)
    try:
        yield
    finally:
        _is_coarse.reset(token)


def is_coarse() -> bool:
    """Whether this runs within `coarse`."""
    return _is_coarse.get()


def beta_expectation(function: Callable[[Array], Array], a: Array | float, b: Array | float) -> Array:
    """E[function(p)] for p ~ Beta(a, b), row by row.

    Parameters
    ----------
    function
        Takes p of shape (rows, nodes) and returns the same shape; positive, falling in p, and smooth on the scale of
        logit p. Values at p = 0 are taken at p = 1e-200.
    a, b : float or ndarray of shape (rows,)
        Parameters of the beta distribution.

    Returns
    -------
    ndarray of shape (rows,)
    """
    a, b = (np.asarray(u, dtype=np.float64)[:, None] for u in np.broadcast_arrays(a, b))
    at_0 = function(np.full_like(a, _SMALLEST))
    at_1 = function(np.ones_like(a))
    growth = _growth(function, at_0, a, b)
    # Subtracting the value at 0 costs as many digits as it is larger than the answer: only where needed or cheap.
    left, right = (a < _SLOW_TAIL) | ((a < 4.0) & (growth < 6.0)), b < 4.0
    low, high = _range(a, b, left, right, growth)
    nodes = _count_of_nodes(a, high - low)
    step = (high - low) / (nodes - 1)
    logit = low + step * np.arange(nodes)
    p = special.expit(logit)
    log_density = a * logit - (a + b) * np.logaddexp(0.0, logit) - special.betaln(a, b)
    value_0, value_1 = np.where(left, at_0, 0.0), np.where(right, at_1, 0.0)
    remainder = function(np.maximum(p, _SMALLEST)) - value_0 * special.expit(-logit) - value_1 * p
    inner = (np.exp(log_density) * remainder).sum(axis=1, keepdims=True) * step
    return (inner + value_0 * b / (a + b) + value_1 * a / (a + b))[:, 0]


def changed_beta_expectation(
    function: Callable[[Array], Array], a: Array | float, b: Array | float, factor: float
) -> Array:
    """E[function(min(1, factor p))] for p ~ Beta(a, b), row by row: a probability that is multiplied by a factor.

    Above 1 the part of the density with factor p < 1 is that of q = factor p, q^(a-1) (1 - q / factor)^(b-1), and at
    the others the function is function(1): the edge between them does not lie within the rule.

    Parameters
    ----------
    function, a, b
        As in `beta_expectation`.
    factor : float
        Above 0.

    Returns
    -------
    ndarray of shape (rows,)

    Examples
    --------
    >>> changed_beta_expectation(lambda p: 1.0 - p, 1.0, 1.0, 2.0).round(12)  # p uniform: ∫ (1 - 2 p) dp up to 1/2
    array([0.25])
    """
    if factor == 1.0:
        return beta_expectation(function, a, b)
    if factor < 1.0:
        return beta_expectation(lambda p: function(np.maximum(factor * p, _SMALLEST)), a, b)
    a, b = (np.atleast_1d(np.asarray(u, dtype=np.float64)) for u in np.broadcast_arrays(a, b))
    scale = np.exp(-a * np.log(factor) - special.betaln(a, b)) / a
    below = beta_expectation(
        lambda q: function(q) * np.exp((b - 1.0)[:, None] * np.log1p(-q / factor)), a, np.ones_like(a)
    )
    at_1 = function(np.ones((len(a), 1)))[:, 0]
    return np.asarray(scale * below + at_1 * sc.betaincc(a, b, 1.0 / factor))


def _count_of_nodes(a: Array, width: Array) -> int:
    """As many for all rows as the one needs whose range is widest for its step."""
    step = np.minimum(_STEP, 0.6 / np.sqrt(np.maximum(a, 1e-3))) * (_COARSE if is_coarse() else 1.0)
    return int(np.ceil((width / step).max())) + 1


def _growth(function: Callable[[Array], Array], at_0: Array, a: Array, b: Array) -> Array:
    """How many times its expectation the function can be on the left, as a logarithm: the range has to reach that far.

    A function that falls in p is at least function(p) P(p' < p) on average, for any p; or about what it is at the mean.
    """
    p = np.maximum(a / (a + b) * np.exp(-_BELOW_MEAN), _SMALLEST)
    with np.errstate(divide="ignore", under="ignore"):
        least = np.log(function(p))
        least[:, 1:] += np.log(sc.betainc(a, b, p[:, 1:]))
        return np.maximum(np.log(at_0) - np.maximum(least.max(axis=1, keepdims=True), -700.0), 0.0)


def _range(a: Array, b: Array, left: Mask, right: Mask, growth: Array) -> tuple[Array, Array]:
    """Where the density times what the function can add falls e^-34 below its peak, in logit p."""
    a, b = a + left, b + right
    peak = np.log(a / b)
    top = a * peak - (a + b) * np.logaddexp(0.0, peak)

    def edge(sign: float, fall: Array, slope: Array, offset: Array) -> Array:
        # The log density is concave, so that Newton steps from beyond the edge stay beyond it.
        at = peak + sign * (fall + offset) / slope
        for _ in range(4):
            excess = a * at - (a + b) * np.logaddexp(0.0, at) - (top - fall)
            at = at - excess / (a - (a + b) * special.expit(at))
        return at

    fall = _EXPONENT + growth * np.where(left, 2.0, 1.0)
    low = edge(-1.0, fall, a, (a + b) * np.log1p(a / b))
    return low, edge(1.0, np.full_like(a, _EXPONENT), b, (a + b) * np.log1p(b / a))


def exponential_integral(m: Array | float, c: Array, y: Array) -> Array:
    """∫_0^y e^(-c u) (1 + u)^-(m+1) du for c >= 0, m > -1; y may be infinite where c > 0.

    With u = e^w - 1 the integrand is exp(-c (e^w - 1) - m w), which is smooth: Gauss-Legendre nodes up to where the
    exponent passes 40 are enough, fewer where it stays small.

    Parameters
    ----------
    m : float or ndarray of shape (rows, nodes)
        Exponent.
    c : ndarray of shape (rows, nodes)
        Discount rate in units of the scale.
    y : ndarray of shape (rows, nodes)
        Upper limit in units of the scale.

    Returns
    -------
    ndarray of shape (rows, nodes)
    """
    m = np.broadcast_to(m, c.shape)
    with np.errstate(divide="ignore", over="ignore"):
        width = np.minimum(np.log1p(y), np.log1p(_CUT / c))
        width = np.where(m > 0, np.minimum(width, _CUT / np.maximum(m, 1e-300)), width)
    size = _nodes_for_exponential(m, c, width)
    nodes, weights = unit_rule(size // 2 if is_coarse() else size)
    total = np.zeros(c.shape)
    for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):  # so that the arrays stay in the cache
        w = width * node
        exponent = np.expm1(w)
        exponent *= -c
        exponent -= np.multiply(w, m, out=w)
        total += np.multiply(np.exp(exponent, out=exponent), weight, out=exponent)
    return np.asarray(total * width)


def _nodes_for_exponential(m: Array, c: Array, width: Array) -> int:
    """How many nodes `exponential_integral` needs: fewer where the exponent stays small."""
    if m.min(initial=0.0) < 0.0 and width.max(initial=0.0) > 4.0:  # for m < 0 the peak may lie far out
        return 96
    largest = (c * np.expm1(width) + np.maximum(m, 0.0) * width).max(initial=0.0)
    return 32 if largest > 8.0 else 16
