"""Pareto/NBD with covariates that vary in time: predictions for a customer who is alive.

A customer who is alive at T has rates λ ~ Gamma(n, P) and μ ~ Gamma(s, Q), with n = r + x and the clocks so far in
P = α + A(T) and Q = β + C(T) (`paretonbd_calendar.Alive`). In a stretch of time ahead, with known covariates, the
clocks run on by A and C: P(alive at y) = (1 + C(y) / Q)^-s, and purchases come at the mean rate
g(y) n / P while alive. Bachmann, Meierer and Näf (2021), Marketing Science 40(4), give expected purchases; the rest
follows in the same way, piece by piece as in `clvmodels.models.purchases.paretonbd`.

A window that begins later has a stretch before it that the customer has to live through: multiply by its survival, and
move Q alone (`waited`), since purchases are not known there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.models.numerics import special
from clvmodels.models.numerics.blocks import by_blocks
from clvmodels.models.numerics.complements import some_or_none
from clvmodels.models.numerics.gauss_legendre import panel_integral
from clvmodels.models.purchases import paretonbd_alive
from clvmodels.models.purchases.paretonbd_calendar import Alive, Stretch, log_alive_and_lost, sums_before


def waited(alive: Alive, stretch: Stretch) -> Alive:
    """The same customers, alive at the end of a stretch whose purchases are not known."""
    return Alive(alive.n, alive.P, alive.Q + stretch.clocks()[1])


def survival(alive: Alive, stretch: Stretch, s: float) -> Array:
    """P(alive at the end of the stretch | alive at its beginning), shape (m,)."""
    return paretonbd_alive.survival(s, alive.Q, stretch.clocks()[1])


def time_alive(alive: Alive, stretch: Stretch, s: float, delta: float = 0.0) -> Array:
    """∫ e^(-delta y) P(alive at y) dy over the stretch, in units of time, shape (m,)."""
    return _pieces_alive(alive, stretch, s, delta).sum(axis=1)


def expected_purchases(alive: Alive, stretch: Stretch, s: float, delta: float = 0.0) -> Array:
    """E[purchases in the stretch], each discounted by e^(-delta y) from its time y, shape (m,).

    Examples
    --------
    With factors of 1 this is the static model:

    >>> from clvmodels.models.purchases import paretonbd
    >>> parameters = {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 12.0}
    >>> alive = Alive(np.array([2.5]), np.array([48.0]), np.array([50.0]))
    >>> ones = np.ones((1, 2))
    >>> ahead = Stretch(np.array([[20.0, 32.0]]), ones, ones)
    >>> varying = expected_purchases(alive, ahead, parameters["s"])
    >>> static = paretonbd.expected_purchases(np.array([2.0]), np.array([38.0]), 52.0, **parameters)
    >>> bool(np.abs(varying / static - 1.0).max() < 1e-12)
    True
    """
    return np.asarray(alive.n / alive.P * (stretch.purchase * _pieces_alive(alive, stretch, s, delta)).sum(axis=1))


def purchase_probability(alive: Alive, stretch: Stretch, s: float) -> Array:
    """P(at least one purchase in the stretch), shape (m,).

    The first comes at the rate n g P^n / (P + A)^(n+1), if the customer still lives then.
    """
    return some_or_none(_some(alive, stretch, s), lambda: _none(alive, stretch, s))[0]


def purchases_pmf(alive: Alive, stretch: Stretch, s: float, count: int) -> Array:
    """P(``count`` purchases in the stretch), shape (m,): having lived through it, or lost in one of its pieces."""
    if count == 0:
        return some_or_none(_some(alive, stretch, s), lambda: _none(alive, stretch, s))[1]
    A, _ = stretch.clocks()
    with np.errstate(divide="ignore"):
        stayed = np.exp(special.log_negative_binomial(alive.n, A / alive.P, count)) * survival(alive, stretch, s)
    lost = np.zeros(stretch.length.shape)
    there = stretch.length > 0.0
    lost[there] = by_blocks(lambda *piece: _pmf_if_lost(s, count, *piece), *_rows(alive, stretch, there))
    return np.asarray(stayed + lost.sum(axis=1))


def simulate(rng: np.random.Generator, alive: Alive, stretch: Stretch, s: float) -> tuple[Places, Array]:
    """Random purchases in the stretch: the row of each and its time, sorted by both."""
    rate = rng.gamma(alive.n, 1.0 / alive.P)
    hazard = np.maximum(rng.gamma(s, 1.0 / alive.Q), 1e-300)
    until = _when(stretch.length, stretch.dropout, rng.exponential(1.0, len(rate)) / hazard)
    lived = np.clip(until[:, None] - sums_before(stretch.length), 0.0, stretch.length)
    clock = (lived * stretch.purchase).sum(axis=1)
    row = np.repeat(np.arange(len(rate)), rng.poisson(rate * clock))
    time = _when(lived[row], stretch.purchase[row], rng.random(len(row)) * clock[row])
    order = np.lexsort((time, row))
    return row[order], time[order]


def _pieces_alive(alive: Alive, stretch: Stretch, s: float, delta: float) -> Array:
    """Discounted time alive in each piece, shape (m, K); 0 for pieces without length."""
    Q = alive.Q[:, None] + stretch.clocks_before()[1]
    B = Q / stretch.dropout  # the scale of the piece, in time
    reached = np.exp(-s * np.log(Q / alive.Q[:, None]) - delta * sums_before(stretch.length))
    if delta == 0.0:
        return reached * paretonbd_alive.time_alive(s, B, stretch.length)
    there = stretch.length > 0.0
    result = np.zeros(there.shape)
    result[there] = paretonbd_alive.discounted_time_alive(s, B[there], stretch.length[there], delta)
    return reached * result


def _rows(alive: Alive, stretch: Stretch, there: NDArray[np.bool_]) -> tuple[Array, ...]:
    """Of the pieces that are there: n, P, Q, where the clocks stand, the factors and the length."""
    a, c = stretch.clocks_before()
    columns = (alive.n[:, None], alive.P[:, None], alive.Q[:, None], a, c, stretch.purchase, stretch.dropout)
    return tuple(np.broadcast_to(column, there.shape)[there] for column in (*columns, stretch.length))


def _some(alive: Alive, stretch: Stretch, s: float) -> Array:
    there = stretch.length > 0.0
    first = np.zeros(there.shape)
    first[there] = by_blocks(lambda *piece: _first_in_piece(s, *piece), *_rows(alive, stretch, there))
    return np.asarray(first.sum(axis=1))


def _first_in_piece(s: float, n: Array, P: Array, Q: Array, a: Array, c: Array, g: Array, h: Array, t: Array) -> Array:
    """P(the first purchase comes in this piece)."""
    reached = np.exp(-n * np.log1p(a / P) - s * np.log1p(c / Q))
    return reached * paretonbd_alive.purchase_probability(n, (P + a) / g, s, (Q + c) / h, t)


def _none(alive: Alive, stretch: Stretch, s: float) -> Array:
    """P(no purchase): the likelihood's two terms."""
    scale = alive.n * np.log(alive.P) + s * np.log(alive.Q)
    return np.asarray(np.exp(scale + np.logaddexp(*log_alive_and_lost(alive, stretch, s))))


def _pmf_if_lost(
    s: float, count: int, n: Array, P: Array, Q: Array, a: Array, c: Array, g: Array, h: Array, t: Array
) -> Array:
    """P(lost in this piece, after ``count`` purchases)."""
    ways = np.log(s * h) + s * np.log(Q) + special.log_rising_rows(n, count) - special.gammaln(count + 1.0)

    def log_value(y: Array) -> Array:
        moved = a + g * y
        bought = count * (np.log(moved) - np.log(P + moved)) - n * np.log1p(moved / P)
        return np.asarray(ways + bought - (s + 1.0) * np.log(Q + c + h * y))

    return panel_integral(log_value, np.minimum((P + a) / g, (Q + c) / h), t)


def _when(length: Array, factor: Array, value: Array) -> Array:
    """The time when a clock reaches a value, shape (m,); infinite if it doesn't in these pieces, of shape (m, K)."""
    begins = sums_before(length * factor)
    piece = np.maximum((begins <= value[:, None]).sum(axis=1) - 1, 0)
    rows = np.arange(len(value))
    within = (value - begins[rows, piece]) / factor[rows, piece]
    beyond = (piece == length.shape[1] - 1) & (within > length[rows, piece])
    return np.where(beyond, np.inf, sums_before(length)[rows, piece] + within)
