"""Gradient and Hessian of the log-likelihood of Pareto/NBD with time-varying covariates, in chunks of histories.

A history's likelihood is a sum of terms: lost in one of the pieces of time since the last purchase, or alive at T. Each
is (fast)^-n (losing)^-s Λ(n, s, a, b) with a = P / fast and b = Q / losing, where the clocks stand at P and Q when the
piece begins and move by ``fast`` and ``losing`` in it (1 for the last term, which has none). Only Λ, a quadrature,
needs jets, and these in four numbers; the rest is the chain rule, as products of matrices with a row a term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.data.calendar_histories import Codes
from clvmodels.inference.posterior import jets
from clvmodels.inference.posterior.jets import Jet
from clvmodels.models.numerics import special
from clvmodels.models.purchases.paretonbd_calendar import alike, log_unit_integral

Array = NDArray[np.float64]

R, ALPHA, S, BETA = range(4)


class Rates(NamedTuple):
    """The distinct rows of covariates, and the factors that they come to."""

    z: Array
    w: Array
    purchase: Array
    dropout: Array

    @classmethod
    def at(cls, values: Array, z: Array, w: Array) -> Rates:
        p = z.shape[1]
        with np.errstate(over="ignore", under="ignore"):
            return cls(z, w, np.exp(z @ values[4 : 4 + p]), np.exp(w @ values[4 + p :]))


@dataclass(frozen=True)
class Chunk:
    """Histories with about as many pieces; before and after are lengths and codes of shape (m, K)."""

    place: Codes
    x: Array
    factors: Array
    weight: Array
    before: tuple[Array, Codes]
    after: tuple[Array, Codes]


class _Clock(NamedTuple):
    """One of the two clocks, at each of a history's K pieces after the last purchase and at the end.

    Attributes
    ----------
    level, step : ndarray of shape (m, K + 1)
        Where it stands at the beginning of a piece, and how far it moves in it (1 at the end, and where no piece is).
    level_gradient, gradient : ndarray of shape (m, K + 1, D)
        Of log level, and of log(level / step).
    place : slice
        The coefficients of its covariates.
    before, after : tuple of two ndarray
        How far it moves in each piece of both stretches, shape (m, K), with the covariates there, shape (m, K, p).
    """

    level: Array
    step: Array
    level_gradient: Array
    gradient: Array
    place: slice
    before: tuple[Array, Array]
    after: tuple[Array, Array]


def _clock(scale: float, at: int, place: slice, rows: Array, factor: Array, chunk: Chunk, size: int) -> _Clock:
    (length_before, code_before), (length, code) = chunk.before, chunk.after
    past, moves = length_before * factor[code_before], length * factor[code]
    z_past, z = rows[code_before], rows[code]
    m, K = moves.shape
    level, step = np.empty((m, K + 1)), np.ones((m, K + 1))
    level[:] = scale + past.sum(axis=1, keepdims=True)
    level[:, 1:] += np.cumsum(moves, axis=1)
    step[:, :K] = np.where(length > 0.0, moves, 1.0)
    level_gradient = np.zeros((m, K + 1, size))
    level_gradient[..., at] = 1.0
    level_gradient[..., place] = np.einsum("mk,mkp->mp", past, z_past)[:, None]
    level_gradient[:, 1:, place] += np.cumsum(moves[..., None] * z, axis=1)
    level_gradient /= level[..., None]
    gradient = level_gradient.copy()
    gradient[:, :K, place] -= z
    return _Clock(level, step, level_gradient, gradient, place, (past, z_past), (moves, z))


class _Lambda(NamedTuple):
    """log Λ of each term, of shape (m, K + 1), with derivatives in n, s, log a and log b, in this order."""

    value: Array
    first: list[Array]
    second: list[list[Array]]


def _log_lambda(n: Array, s: float, a: Array, b: Array, there: NDArray[np.bool_], order: int) -> _Lambda:
    """That of the quadrature for the pieces that are there, and -n log a - s log b for the last term."""
    shape = a.shape
    value = np.full(shape, -np.inf)
    first = [np.zeros(shape) for _ in range(4)]
    second = [[np.zeros(shape) for _ in range(4)] for _ in range(4)]
    n = np.broadcast_to(n, shape)
    if there.any():
        begin: Any = {} if order == 2 else None
        row, piece = np.nonzero(there)
        for group in alike(n[row, piece], s + 1.0, a[row, piece], b[row, piece]):
            at = row[group], piece[group]
            rows = [n[at], np.full(len(group), s + 1.0), a[at], b[at]]
            jet = log_unit_integral(*(Jet(column, {i: 1.0}, begin) for i, column in enumerate(rows)), xp=jets)
            factor = [1.0, 1.0, rows[2], rows[3]]  # derivatives in the logarithms of a and b
            value[at] = np.log(s) + jet.value
            for i in range(4):
                first[i][at] = jet.grad[i] * factor[i] + (1.0 / s if i == 1 else 0.0)
            for (i, j), term in (jet.hess or {}).items():
                term = term * factor[i] * factor[j]
                if i == j:
                    term = term + (jet.grad[i] * factor[i] if i > 1 else -1.0 / s**2 if i == 1 else 0.0)
                second[i][j][at] = second[j][i][at] = term
    log_a, log_b = np.log(a[:, -1]), np.log(b[:, -1])
    value[:, -1] = -n[:, -1] * log_a - s * log_b
    first[0][:, -1], first[1][:, -1], first[2][:, -1], first[3][:, -1] = -log_a, -log_b, -n[:, -1], -s
    for i, j in ((0, 2), (2, 0), (1, 3), (3, 1)):
        second[i][j][:, -1] = -1.0
    return _Lambda(value, first, second)


def derivatives(chunk: Chunk, rates: Rates, values: Array, order: int) -> tuple[float, Array, Array]:
    """Value, gradient and Hessian of a chunk."""
    size, p = len(values), rates.z.shape[1]
    r, alpha, s, beta = values[:4].tolist()
    of_purchase, of_dropout = slice(4, 4 + p), slice(4 + p, size)
    n = r + chunk.x[:, None]
    buying = _clock(alpha, ALPHA, of_purchase, rates.z, rates.purchase, chunk, size)
    losing = _clock(beta, BETA, of_dropout, rates.w, rates.dropout, chunk, size)
    a, b = buying.level / buying.step, losing.level / losing.step
    inner = _log_lambda(n, s, a, b, chunk.after[0] > 0.0, order)
    log_fast, log_losing = np.log(buying.step), np.log(losing.step)
    terms = inner.value - n * log_fast - s * log_losing
    top = terms.max(axis=1, keepdims=True)
    share = np.exp(terms - top)
    total = share.sum(axis=1, keepdims=True)
    share /= total

    slope = inner.first[2][..., None] * buying.gradient + inner.first[3][..., None] * losing.gradient
    slope[..., R] += inner.first[0] - log_fast
    slope[..., S] += inner.first[1] - log_losing
    slope[:, :-1, of_purchase] -= n[..., None] * buying.after[1]
    slope[:, :-1, of_dropout] -= s * losing.after[1]
    mean = np.einsum("mk,mkd->md", share, slope)

    weight = chunk.weight
    rising = special.log_rising_derivatives(r, chunk.x, order)
    value = weight @ (np.log(total[:, 0]) + top[:, 0] + rising[0] + chunk.factors @ values[of_purchase])
    value += weight.sum() * (r * np.log(alpha) + s * np.log(beta))
    gradient = weight @ mean
    gradient[[R, ALPHA, S, BETA]] += weight.sum() * np.array([np.log(alpha), r / alpha, np.log(beta), s / beta])
    gradient[R] += weight @ rising[1]
    gradient[of_purchase] += weight @ chunk.factors
    if order < 2:
        return float(value), gradient, np.zeros((size, size))

    share *= weight[:, None]
    hessian = _product(share, slope, slope) - (mean * weight[:, None]).T @ mean
    first, second = [share * term for term in inner.first], [[share * term for term in row] for row in inner.second]
    across = _product(second[2][3], buying.gradient, losing.gradient)
    hessian += _product(second[2][2], buying.gradient, buying.gradient) + across + across.T
    hessian += _product(second[3][3], losing.gradient, losing.gradient)
    for i, at, of_step, z in ((0, R, of_purchase, buying.after[1]), (1, S, of_dropout, losing.after[1])):
        row = np.einsum("mk,mkd->d", second[i][2], buying.gradient) + np.einsum(
            "mk,mkd->d", second[i][3], losing.gradient
        )
        row[of_step] -= np.einsum("mk,mkp->p", share[:, :-1], z)
        hessian[at] += row
        hessian[:, at] += row
        hessian[at, at] += second[i][i].sum()
    hessian[[R, S], [S, R]] += second[0][1].sum()
    for clock, weights in ((buying, first[2]), (losing, first[3])):
        hessian += _curvature(clock, weights)
    counts, m = weight.sum(), weight @ rising[2]
    hessian[[R, ALPHA, BETA], [R, ALPHA, BETA]] += np.array([m, -counts * r / alpha**2, -counts * s / beta**2])
    hessian[[R, ALPHA, S, BETA], [ALPHA, R, BETA, S]] += counts / np.array([alpha, alpha, beta, beta])
    return float(value), gradient, hessian


def _product(weights: Array, u: Array, v: Array) -> Array:
    """Σ weights u v' over all terms."""
    rows = weights.size
    return np.asarray((u * weights[..., None]).reshape(rows, u.shape[-1]).T @ v.reshape(rows, v.shape[-1]))


def _curvature(clock: _Clock, weights: Array) -> Array:
    """Σ weights ∂² log level."""
    result = -_product(weights, clock.level_gradient, clock.level_gradient)
    each = weights / clock.level
    later = np.cumsum(each[:, :0:-1], axis=1)[:, ::-1]  # what all terms after a piece weigh
    (past, z_past), (moves, z) = clock.before, clock.after
    result[clock.place, clock.place] += _product(past * each.sum(axis=1, keepdims=True), z_past, z_past)
    result[clock.place, clock.place] += _product(moves * later, z, z)
    return np.asarray(result)
