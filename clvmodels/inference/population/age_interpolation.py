"""Functions of (x, T) for millions of customers: computed once per distinct pair, and interpolated where ages abound.

What a customer will do, given that they are alive, depends on their count x and age T alone, and smoothly on T. So
where one x has more distinct ages than nodes, the function is computed at Chebyshev nodes of log(T + offset), checked,
and read off from there to about 1e-12, or 1e-7 where `quadrature.coarse` says that it is enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from clvmodels.arrays import Array
from clvmodels.inference.data.by_count import by_count
from clvmodels.models.numerics.quadrature import is_coarse
from clvmodels.transactions.histories import group_histories

OfAges = Callable[[Array, Array, dict[str, Any]], Array]  # of counts, ages and parameters
type Span = tuple[int, int]  # from one row up to another

_DEGREES, _COARSE_DEGREES = (12, 24, 48), (8, 16, 32)
_TOLERANCE, _COARSE_TOLERANCE = 1e-12, 1e-7
_BLOCK = 16_384  # rows whose interpolation stays in the cache
_ROWS = 32  # rows of a quadrature at a time
_WORTH_THREADS = 1_000  # rows


class Ages:
    """The (x, T) pairs of many customers, ready to evaluate functions of them.

    Parameters
    ----------
    x, T : ndarray of shape (n,)
        Counts and ages.
    """

    def __init__(self, x: Array, T: Array) -> None:
        self._grouped = group_histories(x, T)
        x, T = self._grouped.columns
        self._order, begins = by_count(x)
        self._x, self._T = x[self._order], T[self._order]
        self._spans = list(pairwise([*begins.tolist(), len(x)]))

    def evaluate(self, function: OfAges, parameters: dict[str, Any], offset: float) -> Array:
        """Values of ``function(x, T, parameters)`` for every pair, shape (n,).

        Parameters
        ----------
        function
            Positive, and smooth in log(T + offset); takes and returns arrays of one shape.
        parameters
            The same for all pairs.
        offset
            The age below which the function hardly changes.
        """

        def of_ages(x: Array, T: Array) -> Array:
            return function(x, T, parameters)

        result, unsorted = np.empty(len(self._x)), np.empty(len(self._x))
        degrees = _COARSE_DEGREES if is_coarse() else _DEGREES
        direct, many = _split(self._spans, 2 * degrees[0])
        for degree in degrees:
            few, many = _split(self._interpolate(of_ages, offset, many, degree, result), 4 * degree)
            direct += few
        rows = np.concatenate([np.arange(i, j) for i, j in direct + many] or [np.empty(0, dtype=np.intp)])
        result[rows] = in_parallel(of_ages, self._x[rows], self._T[rows])
        unsorted[self._order] = result
        return self._grouped.spread(unsorted)

    def _interpolate(
        self, function: Callable[[Array, Array], Array], offset: float, spans: list[Span], degree: int, result: Array
    ) -> list[Span]:
        """Fill ``result`` for the spans where interpolation holds and return the others."""
        if not spans:
            return []
        nodes = chebyshev.chebpts1(degree + 1)
        ages = [self._T[i:j] for i, j in spans]
        low = np.log(np.array([T.min() for T in ages]) + offset)
        high = np.log(np.array([T.max() for T in ages]) + offset)
        at = np.maximum(np.exp(low[:, None] + (high - low)[:, None] * (nodes + 1.0) / 2.0) - offset, 0.0)
        counts = np.repeat([self._x[i] for i, _ in spans], degree + 1)
        values = in_parallel(function, counts, at.ravel()).reshape(at.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            coefficients = np.log(values) @ np.linalg.inv(chebyshev.chebvander(nodes, degree)).T
        tolerance = _COARSE_TOLERANCE if is_coarse() else _TOLERANCE
        holds = np.abs(coefficients[:, -3:]).max(axis=1) <= tolerance
        for k in np.flatnonzero(holds):
            middle, half = (low[k] + high[k]) / 2.0, (high[k] - low[k]) / 2.0 or 1.0
            self._read_off(coefficients[k], middle, half, offset, spans[k], result)
        return [span for span, held in zip(spans, holds, strict=True) if not held]

    def _read_off(
        self, coefficients: Array, middle: float, half: float, offset: float, span: Span, result: Array
    ) -> None:
        """Fill ``result`` for one span from its polynomial in the log of the age."""
        for i in range(span[0], span[1], _BLOCK):
            block = slice(i, min(i + _BLOCK, span[1]))
            u = (np.log(self._T[block] + offset) - middle) / half
            result[block] = np.exp(chebyshev.chebval(u, coefficients))


def _split(spans: list[Span], size: int) -> tuple[list[Span], list[Span]]:
    """Spans of at most ``size`` rows, and longer ones."""
    return [(i, j) for i, j in spans if j - i <= size], [(i, j) for i, j in spans if j - i > size]


def in_parallel(function: Callable[..., Array], *columns: Array) -> Array:
    """``function(*columns)`` in pieces small enough for the cache, on all cores."""
    if len(columns[0]) == 0:
        return np.empty(0)
    starts = range(0, len(columns[0]), _ROWS)

    def piece(i: int) -> Array:
        return function(*(column[i : i + _ROWS] for column in columns))

    if len(columns[0]) < _WORTH_THREADS:
        return np.concatenate([piece(i) for i in starts])
    context = copy_context()  # threads begin without it, and `coarse` is in it
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.concatenate(list(pool.map(lambda i: context.copy().run(piece, i), starts)))


def by_age(function: Callable[[float], float], ages: Array, nodes: int) -> Array:
    """``function`` at each age, one call for each distinct one.

    Beyond ``nodes`` distinct ages it is called at as many and read off from a cubic spline in between: for expectations
    of the models 400 are good to about 1e-6 of the largest value, far below the width of a line.

    Examples
    --------
    >>> by_age(lambda t: t**2, np.array([3.0, 0.0, 3.0]), 400).tolist()
    [9.0, 0.0, 9.0]
    """
    distinct, place = np.unique(ages, return_inverse=True)
    if len(distinct) <= nodes:
        return np.array([function(float(age)) for age in distinct])[place]
    from scipy.interpolate import CubicSpline

    # more of them at small ages, where curves bend
    at = distinct[0] + (distinct[-1] - distinct[0]) * np.linspace(0.0, 1.0, nodes) ** 2
    return np.asarray(CubicSpline(at, [function(float(age)) for age in at])(distinct)[place])
