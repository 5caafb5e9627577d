"""Gradient and Hessian of the likelihood of Pareto/NBD with calendar covariates, in chunks of histories.

A history's likelihood is a sum of terms: lost in one of the K pieces of time since the last purchase, or alive at T.
Each is a function of six numbers (`_Number`), in which jets differentiate it; parameters and coefficients come in by
the chain rule, as products of matrices. Of the six only where a clock stands is not linear in the coefficients: its
curvature is Σ moves z z', so that what it weighs is summed by row of covariates, and multiplied once for all chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.chain_rule import Slopes, product, slopes_of, totals
from clvmodels.inference.posterior.derivatives.jet import Jet, parameter_jets, weighted_total
from clvmodels.models.purchases.paretonbd_calendar import clock, log_common, log_lived, log_lost, sums_from_zero

Totals = tuple[float, Array, Array]

_SCALES = (1, 3)  # alpha and beta among (r, alpha, s, beta)


@dataclass(frozen=True)
class Chunk:
    """Histories with about as many pieces; before and after are lengths and codes of shape (m, K)."""

    place: Places
    x: Array
    factors: Array
    weight: Array
    before: tuple[Array, Places]
    after: tuple[Array, Places]


class _Number(IntEnum):
    """What a term is a function of: n = r + x, s, and where each clock stands and how far it moves, as logarithms.

    A and B are where the clocks of purchases and of dropout stand as a piece begins, as multiples of how far they move
    in it (FAST, LOSING).
    """

    N = 0
    S = 1
    A = 2
    B = 3
    FAST = 4
    LOSING = 5


class _Clock(NamedTuple):
    """One of the two clocks, in the m histories of a chunk.

    Attributes
    ----------
    level : ndarray of shape (m, K + 1)
        Where it stands as each piece begins, and at the end.
    move : ndarray of shape (m, K)
        How far it moves in each piece; 1 where no piece is.
    log_level : ndarray of shape (1 + p, m, K + 1)
        Derivatives of log(level) in its scale (alpha or beta) and in the coefficients.
    z : ndarray of shape (p, m, K)
        The covariates, which are the derivatives of log(move).
    past, ahead : ndarray of shapes (m, J) and (m, K)
        How far it moves in the pieces of both stretches; 0 where no piece is.
    """

    level: Array
    move: Array
    log_level: Array
    z: Array
    past: Array
    ahead: Array


class _Term(NamedTuple):
    """Log terms of m histories as jets in the six numbers, shape (m, K), and what these are made of."""

    rows: Jet
    numbers: list[Slopes]


@dataclass(frozen=True)
class Point:
    """Where derivatives are taken.

    Attributes
    ----------
    values : ndarray of shape (4 + p + q,)
        (r, alpha, s, beta), and the coefficients of the covariates of purchases and of dropout.
    covariates : tuple of two ndarray, of shapes (p, rows) and (q, rows)
        The distinct rows of covariates.
    factors : tuple of two ndarray of shape (rows,)
        The factors on both rates that they come to.
    order : int
        1 for the gradient alone, 2 for the Hessian as well.
    """

    values: Array
    covariates: tuple[Array, Array]
    factors: tuple[Array, Array]
    order: int

    def coefficients(self, k: int) -> Places:
        """The places of the coefficients of purchases (0) or dropout (1)."""
        p = len(self.covariates[0])
        return np.arange(4, 4 + p) if k == 0 else np.arange(4 + p, len(self.values))

    def jet(self, value: float | Array, number: _Number) -> Jet:
        """A jet in one of the six numbers, which is its value."""
        return Jet(value, {number: 1.0}, {} if self.order == 2 else None)

    def exp_jet(self, value: Array, number: _Number) -> Jet:
        """A jet in one of the six numbers, which is the logarithm of its value."""
        return Jet(value, {number: value}, {(number, number): value} if self.order == 2 else None)


def calendar_derivatives(chunks: Iterable[Chunk], at: Point) -> Totals:
    """Value, gradient and Hessian (0 if not asked for) of Σ weight · log L in parameters and coefficients."""
    value, gradient, hessian = 0.0, np.zeros(len(at.values)), np.zeros((len(at.values), len(at.values)))
    curvature = tuple(np.zeros(len(factor)) for factor in at.factors)
    for chunk in chunks:
        for part in (_common(chunk, at), _piecewise(chunk, at, curvature)):
            value += part[0]
            gradient += part[1]
            hessian += part[2]
    for k, (z, weight) in enumerate(zip(at.covariates, curvature, strict=True)):
        places = at.coefficients(k)
        hessian[np.ix_(places, places)] += product(z, weight, z)
    return value, gradient, hessian


# --- private helpers --------------------------------------------------------------------------------------------------


def _common(chunk: Chunk, at: Point) -> Totals:
    """What does not depend on when the customer is lost."""
    r, alpha, s, beta = parameter_jets(at.values[:4], at.order)
    rows = log_common(chunk.x, r=r, alpha=alpha, s=s, beta=beta, xp=jets)
    value, gradient, hessian = weighted_total(rows, chunk.weight, len(at.values), len(chunk.x))
    purchases, slope = at.coefficients(0), chunk.weight @ chunk.factors
    gradient[purchases] += slope
    return value + float(slope @ at.values[purchases]), gradient, hessian


def _piecewise(chunk: Chunk, at: Point, curvature: Sequence[Array]) -> Totals:
    """The sum of all terms of each history; ``curvature`` gets what is multiplied by the covariates at the end."""
    clocks = [_clock(chunk, at, k) for k in (0, 1)]
    terms = [_lost(chunk, at, *clocks), _alive(chunk, at, *clocks)]
    rows, shares = _shares([term.rows.value for term in terms])
    weights = [share * chunk.weight[:, None] for share in shares]
    size = len(at.values)
    parts = [totals(term.rows, term.numbers, weight, size) for term, weight in zip(terms, weights, strict=True)]
    gradient, hessian = (sum(part) for part in zip(*parts, strict=True))
    if at.order == 2:
        hessian += _between_terms(terms, shares, chunk.weight, size)
        for k, number in enumerate((_Number.A, _Number.B)):
            slope = [term.rows.grad[number] * weight for term, weight in zip(terms, weights, strict=True)]
            places = np.append(_SCALES[k], at.coefficients(k))
            hessian[np.ix_(places, places)] += _add_curvature(chunk, k, clocks[k], np.hstack(slope), curvature[k])
    return float(chunk.weight @ rows), gradient, hessian


def _clock(chunk: Chunk, at: Point, k: int) -> _Clock:
    covariates, factor = at.covariates[k], at.factors[k]
    (length_before, code_before), (length, code) = chunk.before, chunk.after
    past, ahead = length_before * factor[code_before], length * factor[code]
    level, move = clock(at.values[_SCALES[k]] + past.sum(axis=1), ahead, length > 0.0)
    z = np.empty((len(covariates), *code.shape))
    log_level = np.ones((1 + len(z), *level.shape))
    for i, column in enumerate(covariates):
        z[i] = column[code]
        bought = np.einsum("mk,mk->m", past, column[code_before])
        log_level[1 + i] = bought[:, None] + sums_from_zero(ahead * z[i])
    return _Clock(level, move, log_level / level, z, past, ahead)


def _lost(chunk: Chunk, at: Point, buying: _Clock, losing: _Clock) -> _Term:
    there = chunk.after[0] > 0.0
    n, s = at.jet(at.values[0] + chunk.x[:, None], _Number.N), at.jet(float(at.values[2]), _Number.S)
    a = at.exp_jet(buying.level[:, :-1] / buying.move, _Number.A)
    b = at.exp_jet(losing.level[:, :-1] / losing.move, _Number.B)
    log_fast = at.jet(np.log(buying.move), _Number.FAST)
    log_losing = at.jet(np.log(losing.move), _Number.LOSING)
    rows = log_lost(n, s, a, b, log_fast, log_losing, there, xp=jets)
    return _Term(rows, _made_of(at, buying, losing, slice(0, -1)))


def _alive(chunk: Chunk, at: Point, buying: _Clock, losing: _Clock) -> _Term:
    n, s = at.jet(at.values[0] + chunk.x[:, None], _Number.N), at.jet(float(at.values[2]), _Number.S)
    log_P, log_Q = at.jet(np.log(buying.level[:, -1:]), _Number.A), at.jet(np.log(losing.level[:, -1:]), _Number.B)
    return _Term(log_lived(n, s, log_P, log_Q), _made_of(at, buying, losing, slice(-1, None)))


def _made_of(at: Point, buying: _Clock, losing: _Clock, pieces: slice) -> list[Slopes]:
    """Derivatives of the six numbers, of pieces or of the end."""
    one = np.ones((1, *buying.level[:, pieces].shape))
    result = [Slopes(np.array([0]), one), Slopes(np.array([2]), one)]
    moves = []
    for k, one_clock in enumerate((buying, losing)):
        slope, places = one_clock.log_level[:, :, pieces], at.coefficients(k)
        if pieces.start == 0:
            slope = slope.copy()
            slope[1:] -= one_clock.z
            moves.append(Slopes(places, one_clock.z))
        result.append(Slopes(np.append(_SCALES[k], places), slope))
    return [*result, *moves]


def _shares(terms: Sequence[Array]) -> tuple[Array, list[Array]]:
    """log Σ exp of all terms of each history, shape (m,), and the share of each term in the sum."""
    top = np.hstack(terms).max(axis=1, keepdims=True)
    shares = [np.exp(term - top) for term in terms]
    total = sum(share.sum(axis=1, keepdims=True) for share in shares)
    return (np.log(total) + top)[:, 0], [share / total for share in shares]


def _between_terms(terms: Sequence[_Term], shares: Sequence[Array], weight: Array, size: int) -> Array:
    """Σ weight · covariance of the terms' gradients within a history, which a log of a sum adds to its Hessian."""
    mean, result = np.zeros((size, len(weight))), np.zeros((size, size))
    for term, share in zip(terms, shares, strict=True):
        slope = slopes_of(term.rows, term.numbers, size)
        mean += np.einsum("dmk,mk->dm", slope, share)
        result += product(slope, share * weight[:, None], slope)
    return result - product(mean, weight, mean)


def _add_curvature(chunk: Chunk, k: int, one_clock: _Clock, slope: Array, curvature: Array) -> Array:
    """Σ slope · ∂² log(level): -Σ slope (∂ log level)(∂ log level)', and to ``curvature`` the weight of each row."""
    each = slope / one_clock.level
    later = np.cumsum(each[:, :0:-1], axis=1)[:, ::-1]  # what all terms after a piece weigh
    for code, weight in (
        (chunk.before[1], one_clock.past * each.sum(axis=1, keepdims=True)),
        (chunk.after[1], one_clock.ahead * later),
    ):
        curvature += np.bincount(code.ravel(), weight.ravel(), minlength=len(curvature))
    return -product(one_clock.log_level, slope, one_clock.log_level)
