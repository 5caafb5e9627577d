"""Expectations over the events of a hidden Poisson process of which every k-th is a purchase, as sums.

`EventSums` sums over the number of events: quick and exact where few are expected. Where there are many,
`roots_of_unity` has the same expectations in closed form. `erlang` says what they are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.arrays import Array

_STEP = 0.26
FALL = 38.0  # e^-38 = 3e-17: what is left out beyond the last event


@dataclass(frozen=True)
class State:
    """Customers who are alive.

    Attributes
    ----------
    n, A : ndarray of shape (rows,)
        The rate of hidden events is λ ~ Gamma(n, A).
    a, b : ndarray of shape (rows,)
        The probability of leaving after a purchase is p ~ Beta(a, b).
    k : int
        Every k-th event is a purchase.
    passed : int
        Events since the last purchase.
    dropout : float
        What p is multiplied by from now on; at most 1.
    """

    n: Array
    A: Array
    a: Array
    b: Array
    k: int
    passed: int
    dropout: float = 1.0

    def rows(self, chosen: NDArray[np.bool_]) -> Self:
        """Some of them."""
        columns = (self.n[chosen], self.A[chosen], self.a[chosen], self.b[chosen])
        return type(self)(*columns, self.k, self.passed, self.dropout)

    def stays(self, purchases: int) -> Array:
        """E[(1 - p)^i] for i = 0, …, purchases, shape (rows, purchases + 1); p as it is from now on.

        1 - factor p = (1 - factor) + factor (1 - p): a binomial mixture of the powers of 1 - p, for factors below 1.
        """
        a, b, i = self.a[:, None], self.b[:, None], np.arange(purchases)
        if self.dropout > 1.0:
            return _powers_up_to_1(self.a, self.b, self.dropout, purchases)
        log_stays = np.cumsum(np.log1p(-a / (a + b + i)), axis=1)
        powers = np.concatenate((np.ones((len(a), 1)), np.exp(log_stays)), axis=1)
        return powers if self.dropout == 1.0 else powers @ _binomial(purchases, self.dropout).T


def most_events(n: Array, z: Array) -> Array:
    """A number of events beyond which all others together have a probability below e^-38 (Bernstein's bound)."""
    return n * z + np.sqrt(2.0 * FALL * n * z * (1.0 + z)) + FALL * (1.0 + z)


def _powers_up_to_1(a: Array, b: Array, factor: float, most: int) -> Array:
    """E[(1 - min(1, factor p))^i] for i = 0, …, most and a factor above 1, shape (rows, most + 1).

    What is missing to 1, by the trapezoidal rule over the logit of q = factor p: it vanishes with q and with 1 - q.
    """
    step = min(_STEP, 0.6 / float(np.sqrt(a.max())))
    logit = np.arange(-FALL - np.log(most + 1.0), FALL, step)
    log_q, log_rest = sc.log_expit(logit), sc.log_expit(-logit)
    scale = np.log(step) - a * np.log(factor) - sc.betaln(a, b)
    log_weights = scale[:, None] + a[:, None] * log_q + log_rest
    log_weights += (b - 1.0)[:, None] * np.log1p(-np.exp(log_q) / factor)
    missing = -np.expm1(np.arange(most + 1.0) * log_rest[:, None])
    beyond = np.append(0.0, np.ones(most)) * sc.betaincc(a, b, 1.0 / factor)[:, None]
    return np.asarray(1.0 - np.exp(log_weights) @ missing - beyond)


def _binomial(most: int, share: float) -> Array:
    """P(j of i) at a probability ``share`` each, for i and j = 0, …, most."""
    result = np.zeros((most + 1, most + 1))
    result[0, 0] = 1.0
    for i in range(1, most + 1):
        result[i] = (1.0 - share) * result[i - 1]
        result[i, 1:] += share * result[i - 1, :-1]
    return result


class EventSums:
    """Tables by the number of hidden events, m = 0, …, size - 1: arrays of shape (rows, size)."""

    def __init__(self, alive: State, size: int) -> None:
        self.alive = alive
        self.m = np.arange(float(size))
        steps = np.log((alive.n[:, None] + self.m[:-1]) / self.m[1:])
        self.log_ways = np.concatenate((np.zeros((len(alive.n), 1)), np.cumsum(steps, axis=1)), axis=1)
        self._made = ((alive.passed + np.arange(size)) // alive.k).astype(np.intp)
        self._stays = alive.stays(int(self._made[-1]))  # E[(1 - p)^i]

    @cached_property
    def stays(self) -> Array:
        """E[(1 - p)^N]."""
        return self._stays[:, self._made]

    @cached_property
    def purchases(self) -> Array:
        """Purchases that the customer stays for: the i-th of N with E[(1 - p)^(i-1)]."""
        sums = np.cumsum(self._stays, axis=1)
        return np.concatenate((np.zeros((len(sums), 1)), sums), axis=1)[:, self._made]

    @cached_property
    def next_is_purchase(self) -> Array:
        """(n + m) if the next event is a purchase, else 0: n + m is (A + t) times the rate of events after m in t."""
        alive = self.alive
        return (alive.n[:, None] + self.m) * ((alive.passed + self.m + 1.0) % alive.k == 0.0)

    @cached_property
    def next_purchase(self) -> Array:
        """The same, if the customer has stayed for all purchases so far."""
        return self.stays * self.next_is_purchase

    def purchase_probability(self, start: float, t: float) -> Array:
        """P(alive at the end of the time ``start`` in which they came, and a purchase in the time t from there on)."""
        alive = self.alive
        missing = alive.k - (alive.passed + self.m) % alive.k
        share = (t / (alive.A + start + t))[:, None]
        return self.stays * sc.betainc(missing, alive.n[:, None] + self.m, share)

    def expectation(self, values: Array, t: Array) -> Array:
        """E[values[M]] with M the number of hidden events in t."""
        z = (t / self.alive.A)[:, None]
        log_share = np.log(np.maximum(z / (1.0 + z), 1e-300))
        size = values.shape[1]
        log_pmf = self.log_ways[:, :size] + self.m[:size] * log_share
        log_pmf -= self.alive.n[:, None] * np.log1p(z)
        return np.einsum("ij,ij->i", np.exp(log_pmf, out=log_pmf), values)
