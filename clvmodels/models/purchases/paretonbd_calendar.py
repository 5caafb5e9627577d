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
last, and the stretch from there to T. What lies ahead is in `clvmodels.models.purchases.paretonbd_future`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from clvmodels.models.numerics import special
from clvmodels.models.numerics.gauss_legendre import SMALL
from clvmodels.models.numerics.lifetime_integrals import log_powers_integral

Array = NDArray[np.float64]

_BLOCK = 2_048  # pieces, most of which take 3 to 5 nodes


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
        return (self.length * self.purchase).sum(axis=1), (self.length * self.dropout).sum(axis=1)

    def clocks_before(self) -> tuple[Array, Array]:
        """How far they have run when each piece begins, shape (m, K)."""
        return sums_before(self.length * self.purchase), sums_before(self.length * self.dropout)


class Alive(NamedTuple):
    """What a customer who is alive at some time brings along: λ ~ Gamma(n, P), μ ~ Gamma(s, Q); each of shape (m,)."""

    n: Array
    P: Array
    Q: Array

    def after(self, stretch: Stretch) -> Alive:
        """The same customers, alive and without a purchase, at the end of a stretch."""
        a, c = stretch.clocks()
        return Alive(self.n, self.P + a, self.Q + c)


def alive_after(x: Array, stretch: Stretch, *, r: float, alpha: float, beta: float) -> Alive:
    """A customer with x purchases in a stretch, alive at its end."""
    return Alive(r + x, np.full(len(x), alpha), np.full(len(x), beta)).after(stretch)


def log_likelihood(
    x: Array, log_factors: Array, before: Stretch, after: Stretch, *, r: float, alpha: float, s: float, beta: float
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
    common = special.log_rising(r, x) + r * np.log(alpha) + s * np.log(beta) + log_factors
    bought = alive_after(x, before, r=r, alpha=alpha, beta=beta)
    return np.asarray(common + np.logaddexp(log_alive(bought, after, s), log_lost(bought, after, s)))


def log_odds_alive(
    x: Array, before: Stretch, after: Stretch, *, r: float, alpha: float, s: float, beta: float
) -> Array:
    """log P(alive at T) / P(lost by T); infinite where the last purchase is at T."""
    bought = alive_after(x, before, r=r, alpha=alpha, beta=beta)
    return log_alive(bought, after, s) - log_lost(bought, after, s)


def log_alive(alive: Alive, stretch: Stretch, s: float) -> Array:
    """log (P + A)^-n (Q + C)^-s: living through a stretch without a purchase."""
    end = alive.after(stretch)
    return -end.n * np.log(end.P) - s * np.log(end.Q)


def log_lost(alive: Alive, stretch: Stretch, s: float) -> Array:
    """log ∫ s c(y) (P + A(y))^-n (Q + C(y))^-(s+1) dy: lost in a stretch, before any purchase; -inf if it is empty."""
    there = stretch.length > 0.0
    if not there.any():
        return np.full(len(there), -np.inf)
    a, b = stretch.clocks_before()
    n = np.broadcast_to(alive.n[:, None], there.shape)[there]
    fast, losing = (stretch.length * stretch.purchase)[there], (stretch.length * stretch.dropout)[there]
    pieces = np.full(there.shape, -np.inf)
    pieces[there] = (
        np.log(s)
        - n * np.log(fast)
        - s * np.log(losing)
        + _log_unit_integrals(n, s + 1.0, (alive.P[:, None] + a)[there] / fast, (alive.Q[:, None] + b)[there] / losing)
    )
    top = np.maximum(pieces.max(axis=1), -1e300)  # a history without pieces keeps its -inf
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(pieces - top[:, None]).sum(axis=1)) + top)


def _log_unit_integrals(n: Array, q: float, a: Array, b: Array) -> Array:
    """That of `log_unit_integral`, in groups that are alike and in blocks that stay in the cache."""
    result = np.empty(len(n))
    for group in alike(n, q, a, b):
        for i in range(0, len(group), _BLOCK):
            some = group[i : i + _BLOCK]
            result[some] = log_unit_integral(n[some], q, a[some], b[some])
    return result


def alike(n: Array, q: float, a: Array, b: Array) -> list[NDArray[np.intp]]:
    """Pieces in groups that need about as many nodes: most are short, so that the integrand hardly falls in them."""
    length = np.log1p(1.0 / np.minimum(a, b))
    fall = np.maximum(n * np.log1p(1.0 / a) + q * np.log1p(1.0 / b), length)
    size = sum(((length > longest) | (fall > deepest)).astype(np.intp) for longest, deepest in SMALL)
    groups = (np.flatnonzero(size == i) for i in range(len(SMALL) + 1))
    return [group for group in groups if len(group)]


def log_unit_integral(n: Any, q: Any, a: Any, b: Any, *, xp: Any = special) -> Any:
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
    result = np.zeros_like(pieces)
    np.cumsum(pieces[:, :-1], axis=1, out=result[:, 1:])
    return result
