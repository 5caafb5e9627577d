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
    """

    n: Array
    A: Array
    a: Array
    b: Array
    k: int
    passed: int

    def rows(self, chosen: NDArray[np.bool_]) -> Self:
        """Some of them."""
        return type(self)(self.n[chosen], self.A[chosen], self.a[chosen], self.b[chosen], self.k, self.passed)


def most_events(n: Array, z: Array) -> Array:
    """A number of events beyond which all others together have a probability below e^-38 (Bernstein's bound)."""
    return n * z + np.sqrt(2.0 * FALL * n * z * (1.0 + z)) + FALL * (1.0 + z)


class EventSums:
    """Tables by the number of hidden events, m = 0, …, size - 1: arrays of shape (rows, size)."""

    def __init__(self, alive: State, size: int) -> None:
        self.alive = alive
        self.m = np.arange(float(size))
        steps = np.log((alive.n[:, None] + self.m[:-1]) / self.m[1:])
        self.log_ways = np.concatenate((np.zeros((len(alive.n), 1)), np.cumsum(steps, axis=1)), axis=1)
        self._made = ((alive.passed + np.arange(size)) // alive.k).astype(np.intp)
        i = np.arange(self._made[-1])
        a, b = alive.a[:, None], alive.b[:, None]
        log_stays = np.cumsum(np.log1p(-a / (a + b + i)), axis=1)
        self._stays = np.concatenate((np.ones((len(a), 1)), np.exp(log_stays)), axis=1)  # E[(1 - p)^i]

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
