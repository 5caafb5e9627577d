"""Gauss-Legendre rules: nodes in (0, 1), as many as an integrand needs, or several panels of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.numerics import special

# Numbers of nodes that are good to 1e-11, and to 1e-9 in second derivatives, up to these lengths of the interval and
# falls of the exponent.
_SIZES = (
    (3, 0.1, 0.1), (4, 0.25, 0.5), (5, 0.5, 1.0),
    (8, 2.0, 4.0), (10, 2.0, 8.0), (14, 4.0, 16.0), (20, 4.0, np.inf), (32, 8.0, np.inf), (64, np.inf, np.inf)
)  # fmt: skip
SMALL = ((0.1, 0.1), (0.25, 0.5), (0.5, 1.0))  # of these: lengths and falls for which few nodes are enough
LARGEST = _SIZES[-1][0]


@cache
def unit_rule(size: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and weights that sum to 1, of shape (size,).

    Examples
    --------
    >>> nodes, weights = unit_rule(4)  # exact for polynomials of degree 7
    >>> round(float(weights @ nodes**7), 12)
    0.125
    """
    nodes, weights = np.polynomial.legendre.leggauss(size)
    return (nodes + 1.0) / 2.0, weights / 2.0


@cache
def columns(size: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and log-weights as columns, for functions whose rows run along the last axis."""
    nodes, weights = unit_rule(size)
    return nodes[:, None], np.log(weights)[:, None]


def rule_for(length: float, fall: float) -> tuple[Array, Array]:
    """Nodes and log-weights, as columns, for an interval of this length on which the exponent falls so far."""
    return columns(next((size for size, longest, deepest in _SIZES if length <= longest and fall <= deepest), LARGEST))


def panel_rule(panels: float, most: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and log-weights, as columns, of at least so many equal panels, at most ``most``."""
    panels = int(min(max(np.ceil(panels), 1.0), most))
    nodes, log_weights = columns(20)
    steps = np.arange(panels)[:, None, None]
    return ((steps + nodes) / panels).reshape(-1, 1), np.tile(log_weights - np.log(panels), (panels, 1))


def panel_integral(log_value: Callable[[Array], Array], scale: Array, end: Array) -> Array:
    """∫_0^end exp(log_value(v)) dv, row by row, for what varies with log(1 + v / scale) on the scale of 1."""
    length = np.log1p(end / scale)
    nodes, log_weights = panel_rule(max(special.largest(length), 4.0), most=64)
    u = length * nodes
    return scale * length * np.exp(log_weights + u + log_value(scale * np.expm1(u))).sum(axis=0)
