"""Pareto/NBD with covariates that vary in time, such as a season or a campaign: likelihood and P(alive).

Bachmann, Meierer and Näf (2021), The Role of Time-Varying Contextual Factors in Latent Attrition Models for Customer
Base Analysis, Marketing Science 40(4). A customer with rates λ ~ Gamma(r, α) and μ ~ Gamma(s, β) buys at the rate
λ g(t) and leaves at the hazard μ c(t), with g = exp(γ'z) and c = exp(γ_d'w) constant within each period of the
calendar. So the static model holds with the clocks A(t) = ∫_0^t g and C(t) = ∫_0^t c in the place of time:

    L = Π g(t_j) · Γ(n)/Γ(r) α^r β^s [(α + A(T))^-n (β + C(T))^-s + ∫ s c(y) (α + A(y))^-n (β + C(y))^-(s+1) dy]

with n = r + x, and y, when the customer is lost, from t_x to T. Both clocks are linear within a period. There the
integral is the static model's in another unit of time, and is taken by the same rule, which holds for any parameters.
(The paper and CLVTools write it as a difference of two ₂F₁, which cancels.)

Time comes in pieces with constant covariates, see `Stretch`: a history is the stretch from its first purchase to its
last, and the stretch from there to T. Predictions are in `clvmodels.models.purchases.paretonbd_future`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.models.namespace import Namespace, PiecewiseNamespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.gauss_legendre import SMALL
from clvmodels.models.numerics.lifetime_integrals import log_powers_integral

_BLOCK = 2_048  # pieces, most of which take 3 to 5 nodes
LOG_OF_ZERO = -1e300  # finite, so that derivatives are


class Stretch(NamedTuple):
    """A stretch of time of each of m histories, in K pieces with constant covariates.

    Attributes
    ----------
    length : ndarray of shape (m, K)
        How long each piece lasts; 0 for those that a history doesn't have.
    purchase, dropout : ndarray of shape (m, K)
        The factors g and c on the rates in each piece.
    """

    length: Array
    purchase: Array
    dropout: Array

    def clocks(self) -> tuple[Array, Array]:
        """How far the clocks of purchases and of dropout run in the whole stretch, shape (m,)."""
        a, c = (np.einsum("mk,mk->m", self.length, factor) for factor in (self.purchase, self.dropout))
        return a, c

    def clocks_before(self) -> tuple[Array, Array]:
        """How far they have run when each piece begins, shape (m, K)."""
        return sums_before(self.length * self.purchase), sums_before(self.length * self.dropout)


class Alive(NamedTuple):
    """The posterior of customers who are alive at some time: λ ~ Gamma(n, P), μ ~ Gamma(s, Q); each of shape (m,)."""

    n: Array
    P: Array
    Q: Array

    def after(self, stretch: Stretch) -> Alive:
        """The same customers, alive and without a purchase, at the end of a stretch."""
        a, c = stretch.clocks()
        return Alive(self.n, self.P + a, self.Q + c)


def alive_after(x: Array, stretch: Stretch, *, r: float, alpha: float, beta: float) -> Alive:
    """A customer with x purchases in a stretch, alive at its end."""
    a, c = stretch.clocks()
    return Alive(r + x, alpha + a, beta + c)


def log_likelihood(
    x: Array,
    log_factors: Array,
    before: Stretch,
    after: Stretch,
    *,
    r: float,
    alpha: float,
    s: float,
    beta: float,
) -> Array:
    """log L of each history, Bachmann, Meierer and Näf (2021).

    Parameters
    ----------
    x : ndarray of shape (m,)
        Repeat purchases.
    log_factors : ndarray of shape (m,)
        Σ γ'z over the repeat purchases, each with the covariates of its own period.
    before, after : Stretch
        From the first purchase to the last one, and from there to T.
    r, alpha, s, beta
        Parameters; alpha and beta are those of a customer whose covariates are all 0.

    Returns
    -------
    ndarray of shape (m,)

    Examples
    --------
    Covariates of 0 leave the static model:

    >>> from clvmodels.models.purchases import paretonbd
    >>> parameters = {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 12.0}
    >>> ones = np.ones((1, 2))
    >>> before, after = Stretch(np.array([[8.0, 12.0]]), ones, ones), Stretch(np.array([[8.0, 10.0]]), ones, ones)
    >>> varying = log_likelihood(np.array([2.0]), np.zeros(1), before, after, **parameters)
    >>> static = paretonbd.log_likelihood(np.array([2.0]), np.array([20.0]), np.array([38.0]), **parameters)
    >>> bool(np.abs(varying - static).max() < 1e-12)
    True
    """
    bought = alive_after(x, before, r=r, alpha=alpha, beta=beta)
    common = log_common(x, r=r, alpha=alpha, s=s, beta=beta) + log_factors
    return np.asarray(common + np.logaddexp(*log_alive_and_lost(bought, after, s)))


def log_odds_alive(
    x: Array, before: Stretch, after: Stretch, *, r: float, alpha: float, s: float, beta: float
) -> Array:
    """log P(alive at T) / P(lost by T); infinite where the last purchase is at T."""
    bought = alive_after(x, before, r=r, alpha=alpha, beta=beta)
    log_alive, log_lost = log_alive_and_lost(bought, after, s)
    return np.where(log_lost > LOG_OF_ZERO, log_alive - log_lost, np.inf)


def log_alive_and_lost(alive: Alive, stretch: Stretch, s: float) -> tuple[Array, Array]:
    """Logarithms of the two ways to make no purchase in a stretch, each of shape (m,).

    Living through it, or being lost in one of its pieces; -1e300 for the latter if the stretch is empty.
    """
    there = stretch.length > 0.0
    (P, fast), (Q, losing) = (
        clock(level, factor * stretch.length, there)
        for level, factor in ((alive.P, stretch.purchase), (alive.Q, stretch.dropout))
    )
    log_alive = log_lived(alive.n, s, np.log(P[:, -1]), np.log(Q[:, -1]))
    if not there.any():
        return log_alive, np.full(len(log_alive), LOG_OF_ZERO)
    moved = P[:, :-1] / fast, Q[:, :-1] / losing, np.log(fast), np.log(losing)
    return log_alive, special.logsumexp(log_lost(alive.n[:, None], s, *moved, there))


def clock(level: Array, moves: Array, there: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Where a clock stands as pieces begin and at the end, (m, K + 1), and how far it moves in each, (m, K).

    1 where no piece is, so that nothing is divided by 0.
    """
    return level[:, None] + sums_from_zero(moves), np.where(there, moves, 1.0)


# --- the terms of the likelihood, of which jets take derivatives ------------------------------------------------------


def log_common(x: Array, *, r: Value, alpha: Value, s: Value, beta: Value, xp: Namespace = special) -> Value:
    """log Γ(n)/Γ(r) α^r β^s."""
    return xp.log_rising(r, x) + r * xp.log(alpha) + s * xp.log(beta)


def log_lived(n: Value, s: Value, log_P: Value, log_Q: Value) -> Value:
    """log P^-n Q^-s, for P = α + A(T) and Q = β + C(T)."""
    return -(n * log_P) - s * log_Q


def log_lost(
    n: Value,
    s: Value,
    a: Value,
    b: Value,
    log_fast: Value,
    log_losing: Value,
    there: NDArray[np.bool_],
    *,
    xp: PiecewiseNamespace = special,
) -> Value:
    """log ∫ s c(y) (α + A(y))^-n (β + C(y))^-(s+1) dy over each piece, shape (m, K); -1e300 where none is.

    Parameters
    ----------
    n, s
        r + x, and s.
    a, b
        Where the clocks of purchases and dropout stand as a piece begins, as multiples of how far they move in it.
    log_fast, log_losing
        The logarithms of how far they move.
    there : ndarray of bool of shape (m, K)
        Which pieces are there.
    xp
        Namespace.
    """
    log_integrals = _log_unit_integrals(n, s + 1.0, a, b, there, xp)
    return log_integrals + xp.log(s) - n * log_fast - s * log_losing


def _log_unit_integrals(
    n: Value, q: Value, a: Value, b: Value, there: NDArray[np.bool_], xp: PiecewiseNamespace
) -> Value:
    """`log_unit_integral` of the pieces that are there, in groups by nodes and in blocks that stay in the cache."""
    rows = np.flatnonzero(there)
    columns = [np.broadcast_to(xp.constant(one), there.shape)[there] for one in (n, a, b)]
    blocks = [
        rows[group[i : i + _BLOCK]]
        for group in groups_by_nodes(columns[0], float(xp.constant(q)), *columns[1:])
        for i in range(0, len(group), _BLOCK)
    ]
    return xp.by_rows(lambda *some: log_unit_integral(*some, xp=xp), blocks, n, q, a, b, otherwise=LOG_OF_ZERO)


def groups_by_nodes(n: Array, q: float, a: Array, b: Array) -> list[Places]:
    """Pieces in groups that need about as many nodes: most are short, so that the integrand hardly falls in them."""
    first, second = np.log1p(1.0 / a), np.log1p(1.0 / b)
    length = np.maximum(first, second)
    fall = np.maximum(n * first + q * second, length)
    size = np.zeros(len(length), dtype=np.uint8)
    for longest, deepest in SMALL:
        size += (length > longest) | (fall > deepest)
    groups = (np.flatnonzero(size == i) for i in range(len(SMALL) + 1))
    return [group for group in groups if len(group)]


def log_unit_integral(n: Value, q: Value, a: Value, b: Value, *, xp: PiecewiseNamespace = special) -> Value:
    """log ∫_0^1 (a + t)^-n (b + t)^-q dt, row by row: all that a piece asks of a quadrature."""
    rows = len(xp.constant(a))
    return log_powers_integral(a, n, b, q, np.zeros(rows), np.ones(rows), xp=xp)


def sums_before(pieces: Array) -> Array:
    """Sums of what comes before each piece, along the second axis.

    Examples
    --------
    >>> sums_before(np.array([[1.0, 2.0, 3.0]]))
    array([[0., 1., 3.]])
    """
    return sums_from_zero(pieces)[:, :-1]


def sums_from_zero(pieces: Array) -> Array:
    """Sums of what comes before each piece and, at the end, of all."""
    result = np.zeros((len(pieces), pieces.shape[1] + 1))
    np.cumsum(pieces, axis=1, out=result[:, 1:])
    return result
