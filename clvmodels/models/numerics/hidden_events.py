"""Expectations over the events of a hidden Poisson process of which every k-th is a purchase, in two ways.

`Counts` sums over the number of events, `Waves` is closed in it for a given p, by roots of unity: with
φ = (1 - p)^(1/k) and ω = e^(2πi/k), E[(φ ω^l)^M] = (1 + (1 - φ ω^l) t / A)^-n. The first is quick and exact where few
events are expected, where the terms of the second cancel; the second costs the same however long the time. `erlang`
says what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.numerics.quadrature import beta_expectation

Array = NDArray[np.float64]

FALL = 38.0  # e^-38 = 3e-17: what is left out beyond the last event
_LEAVING = 0.75  # above it hardly anybody stays for many purchases:
_FEW = 64  # 4^-64 = 3e-39


@dataclass(frozen=True)
class State:
    """Customers who are alive: arrays of shape (rows,) and two whole numbers.

    The hidden rate is λ ~ Gamma(n, A), the probability of leaving after a purchase p ~ Beta(a, b), and ``stage`` events
    have come since the last purchase, of the ``k`` that make the next.
    """

    n: Array
    A: Array
    a: Array
    b: Array
    k: int
    stage: int

    def rows(self, chosen: Any) -> Self:
        """Some of them."""
        return type(self)(self.n[chosen], self.A[chosen], self.a[chosen], self.b[chosen], self.k, self.stage)


def most_events(n: Array, z: Array) -> Array:
    """A number of events beyond which all others together have a probability below e^-38 (Bernstein's bound)."""
    return n * z + np.sqrt(2.0 * FALL * n * z * (1.0 + z)) + FALL * (1.0 + z)


class Counts:
    """Tables by the number of hidden events, m = 0, …, size - 1: arrays of shape (rows, size)."""

    def __init__(self, alive: State, size: int) -> None:
        self.alive = alive
        self.m = np.arange(float(size))
        steps = np.log((alive.n[:, None] + self.m[:-1]) / self.m[1:])
        self.log_ways = np.concatenate((np.zeros((len(alive.n), 1)), np.cumsum(steps, axis=1)), axis=1)
        self._made = ((alive.stage + np.arange(size)) // alive.k).astype(np.intp)
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

    def some(self, start: float, t: float) -> Array:
        """Alive after them, and a purchase in the time t that then comes."""
        alive = self.alive
        missing = alive.k - (alive.stage + self.m) % alive.k
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


class Waves:
    """The same expectations in closed form given p, for many hidden events."""

    def __init__(self, alive: State, t: Array) -> None:
        self.alive = alive
        self.t = t
        self.z = (t / alive.A)[:, None]

    def purchases(self) -> Array:
        k, missing = self.alive.k, self.alive.k - self.alive.stage

        def wave(root: Any, rest: Any, p: Array) -> Any:
            """(1 - (1 + z rest)^-n) / rest, with root = φ ω^l and rest = 1 - root."""
            return root ** (1 - missing) * -np.expm1(-self.alive.n[:, None] * np.log1p(self.z * rest)) / rest

        share = (self.z / (1.0 + self.z))[:, :, None]
        needed = missing + k * np.arange(_FEW)
        at_once = sc.betainc(needed, self.alive.n[:, None, None], share)[:, 0]
        return self._over_p(wave, at_once)

    def survival(self) -> Array:
        def wave(root: Any, rest: Any, p: Array) -> Any:
            log_none = -self.alive.n[:, None] * np.log1p(self.z * rest)
            return p / (1.0 - p) / rest * root ** (1 + self.alive.stage) * np.exp(log_none)

        return self._over_p(wave, self._by_purchases(np.ones(1)))

    def some(self, t: float) -> Array:
        alive, k = self.alive, self.alive.k
        n = alive.n[:, None]

        def wave(root: Any, rest: Any, p: Array) -> Any:
            """The stage at the beginning of the window, and the events that are missing then."""
            z = t / (alive.A[:, None] + self.t[:, None] * rest)
            fewer = np.exp(-n * np.log1p(z))
            enough, total = -np.expm1(-n * np.log1p(z)), 0.0
            for missing in range(1, k + 1):
                total = total + root ** (alive.stage - k + missing) * enough
                fewer = fewer * (n + missing - 1.0) / missing * z / (1.0 + z)
                enough = enough - fewer
            return np.exp(-n * np.log1p(self.z * rest)) * total

        counts = Counts(alive, k * _FEW)
        share = (t / (alive.A + self.t + t))[:, None]
        missing = k - (alive.stage + counts.m) % k
        return self._over_p(wave, self._by_purchases(sc.betainc(missing, n + counts.m, share)))

    def _by_purchases(self, values: Array) -> Array:
        """E[values[M]; N = i] for i = 0, 1, …, shape (rows, few)."""
        alive = self.alive
        counts = Counts(alive, alive.k * _FEW)
        log_pmf = counts.log_ways + counts.m * np.log(self.z / (1.0 + self.z)) - alive.n[:, None] * np.log1p(self.z)
        weighted = np.exp(log_pmf) * values
        starts = np.maximum(np.arange(_FEW) * alive.k - alive.stage, 0)
        return np.add.reduceat(weighted[:, : _FEW * alive.k - alive.stage], starts, axis=1)

    def _over_p(self, wave: Callable[[Any, Any, Array], Any], at_once: Array) -> Array:
        """E over p of the mean of the waves, or of Σ_i (1 - p)^i at_once[i] where most leave at each purchase."""
        k = self.alive.k

        def given_p(p: Array) -> Array:
            leaving = p > _LEAVING
            log_root = np.log1p(-np.where(leaving, 0.5, p)) / k
            root, safe = np.exp(log_root), np.where(leaving, 0.5, p)
            total = wave(root, -np.expm1(log_root), safe)
            for wind in range(1, k // 2 + 1):  # the others are their conjugates
                turned = root * np.exp(2j * np.pi * wind / k)
                total = total + (1.0 if 2 * wind == k else 2.0) * wave(turned, 1.0 - turned, safe).real
            total = total / k
            if leaving.any():
                polynomial = np.zeros_like(p)
                for coefficient in at_once.T[::-1]:
                    polynomial = polynomial * (1.0 - p) + coefficient[:, None]
                total = np.where(leaving, polynomial, total)
            return np.asarray(total)

        return beta_expectation(given_p, self.alive.a, self.alive.b)
