"""The NumPy namespace ``xp``: the functions that a ``log_likelihood`` may call, for numbers and arrays.

`clvmodels.models.namespace` lists them; ``clvmodels.inference.posterior.derivatives.jets`` is the same for
derivatives. Functions that only predictions need stand here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import exp, expm1, log, log1p, maximum, minimum, where
from scipy import special as sc

from clvmodels.arrays import Array, Places

__all__ = [
    "betaln",
    "by_rows",
    "constant",
    "exp",
    "expit",
    "expm1",
    "gammaln",
    "largest",
    "log",
    "log1p",
    "log_negative_binomial",
    "log_rising",
    "log_rising_derivatives",
    "log_rising_rows",
    "logaddexp",
    "logsumexp",
    "maximum",
    "minimum",
    "where",
]


expit = sc.expit

_LONGEST_TABLE = 20_000


def gammaln(u: Any) -> Any:
    """log Γ(u)."""
    return sc.gammaln(u)


def betaln(u: Any, v: Any) -> Any:
    """log B(u, v)."""
    return sc.betaln(u, v)


def logsumexp(u: Any, axis: int = -1) -> Any:
    """log Σ exp(u) along an axis, for finite u (SciPy's takes care of more, and four times as long)."""
    top = np.max(u, axis=axis, keepdims=True)
    return np.log(np.exp(u - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def logaddexp(u: Any, v: Any, where: Any = True) -> Any:
    """log(e^u + e^v), and u where the mask is false."""
    return np.where(where, np.logaddexp(u, v), u)


def constant(u: Any) -> Any:
    """u as a constant: a namespace of derivatives leaves them out. For where a quadrature puts its nodes."""
    return u


def largest(u: Any) -> float:
    """The largest of constant values, to choose by; a symbolic namespace, which does not know, answers infinity."""
    return float(np.max(u))


def by_rows(function: Callable[..., Any], groups: Sequence[Places], *columns: Any, otherwise: float = 0.0) -> Any:
    """``function(*columns)``, element by element, computed by itself for each group of (flat) places.

    For functions whose effort grows with the largest of the arguments that they get together. Places in no group hold
    ``otherwise``; numbers are passed on as they are.
    """
    shape = np.broadcast_shapes(*(np.shape(column) for column in columns))
    flat = [np.broadcast_to(column, shape).ravel() if np.ndim(column) else column for column in columns]
    result = np.full(math.prod(shape), otherwise)
    for places in groups:
        result[places] = function(*(column[places] if np.ndim(column) else column for column in flat))
    return result.reshape(shape)


def log_rising(c: Any, x: Any) -> Any:
    """log Γ(c + x) - log Γ(c) for whole x >= 0.

    Examples
    --------
    >>> round(float(log_rising(2.0, 3)), 12)  # log(2 · 3 · 4)
    3.178053830348
    """
    return log_rising_derivatives(c, x)[0]


def log_rising_derivatives(c: Any, x: Any, order: int = 0) -> tuple[Any, ...]:
    """log Γ(c + x) - log Γ(c) and its first ``order`` derivatives in c.

    Since x is a whole number this is Σ_{j<x} log(c + j): for a single c a cumulative sum, looked up by x, which is
    also exact where the difference of two large log Γ is not. So it is for a few different c, one a group of rows; a c
    that differs by row, or an x beyond any table, goes through Γ.
    """
    c, x = np.asarray(c, dtype=np.float64), np.asarray(x)
    longest = int(x.max(initial=0))
    if longest > _LONGEST_TABLE:
        return _differences_of_gamma(c, x, order)
    distinct, code = (c, 0) if c.ndim == 0 else np.unique(c, return_inverse=True)
    if c.ndim and distinct.size * longest > 8 * max(c.size, x.size):
        return _differences_of_gamma(c, x, order)
    steps = np.add.outer(distinct, np.arange(longest))
    terms = [np.log(steps), 1.0 / steps, -1.0 / steps**2][: order + 1]
    if x.ndim == 0:
        return tuple(term.sum(axis=-1)[code if c.ndim else ()] for term in terms)
    index = x.astype(np.intp)
    tables = [_sums_so_far(term) for term in terms]
    return tuple(table[code, index] if c.ndim else table[index] for table in tables)


def _sums_so_far(terms: Array) -> Array:
    """Sums of the first 0, 1, 2, … terms along the last axis."""
    return np.concatenate((np.zeros((*terms.shape[:-1], 1)), np.cumsum(terms, axis=-1)), axis=-1)


def _differences_of_gamma(c: Array, x: Any, order: int) -> tuple[Any, ...]:
    gamma = (sc.gammaln, sc.digamma, lambda u: sc.polygamma(1, u))
    return tuple(np.where(x > 0, f(c + x) - f(c), 0.0) for f in gamma[: order + 1])


def log_rising_rows(c: Any, count: int) -> Any:
    """log Γ(c + count) - log Γ(c) for c that differs by row, term by term where that is exact and short."""
    if count <= 64:
        return np.log(np.add.outer(c, np.arange(count))).sum(axis=-1)
    return sc.gammaln(c + count) - sc.gammaln(c)


def log_negative_binomial(n: Any, z: Any, count: int) -> Any:
    """log P(count purchases), for a rate λ ~ Gamma(n, A) over a time z A; n and z differ by row."""
    log_ways = log_rising_rows(n, count) - sc.gammaln(count + 1.0)
    return log_ways - n * np.log1p(z) + (count * np.log(z / (1.0 + z)) if count else 0.0)
