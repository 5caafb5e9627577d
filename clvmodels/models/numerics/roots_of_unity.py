"""Expectations over many events of a hidden Poisson process of which every k-th is a purchase, in closed form.

For a given p the sum over the number of events is closed, by roots of unity: with φ = (1 - p)^(1/k) and ω = e^(2πi/k),
E[(φ ω^l)^M] = (1 + (1 - φ ω^l) t / A)^-n, and what depends on ⌊M / k⌋ is a mean of such terms over l. It costs the same
however long the time; where few events are expected the terms cancel, and `hidden_events.EventSums` is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models.numerics.hidden_events import EventSums, State
from clvmodels.models.numerics.quadrature import changed_beta_expectation

_LEAVING = 0.75  # above it hardly anybody stays for many purchases:
_FEW = 64  # 4^-64 = 3e-39


class RootsOfUnity:
    """Expectations over the hidden events in the time t, shape (rows,)."""

    def __init__(self, alive: State, t: Array) -> None:
        self.alive = alive
        self.t = t
        self.z = (t / alive.A)[:, None]

    def purchases(self) -> Array:
        """E[purchases in t]."""
        k, missing = self.alive.k, self.alive.k - self.alive.passed

        def term(root: Any, rest: Any, p: Array) -> Any:
            """(1 - (1 + z rest)^-n) / rest, with root = φ ω^l and rest = 1 - root."""
            return root ** (1 - missing) * -np.expm1(-self.alive.n[:, None] * np.log1p(self.z * rest)) / rest

        share = (self.z / (1.0 + self.z))[:, :, None]
        needed = missing + k * np.arange(_FEW)
        at_once = sc.betainc(needed, self.alive.n[:, None, None], share)[:, 0]
        return self._mean_over_p(term, at_once)

    def survival(self) -> Array:
        """P(alive after t)."""

        def term(root: Any, rest: Any, p: Array) -> Any:
            log_none = -self.alive.n[:, None] * np.log1p(self.z * rest)
            return p / (1.0 - p) / rest * root ** (1 + self.alive.passed) * np.exp(log_none)

        return self._mean_over_p(term, self._by_purchases(np.ones(1)))

    def next_purchase(self) -> Array:
        """(A + t) times the rate of purchases at t."""
        n, missing = self.alive.n[:, None], self.alive.k - self.alive.passed

        def term(root: Any, rest: Any, p: Array) -> Any:
            return root ** (1 - missing) * n * (1.0 + self.z) * np.exp(-(n + 1.0) * np.log1p(self.z * rest))

        sums = EventSums(self.alive, self.alive.k * _FEW)
        return self._mean_over_p(term, self._by_purchases(sums.next_is_purchase))

    def purchase_probability(self, t: float) -> Array:
        """P(at least one purchase in a further time t)."""
        alive, k = self.alive, self.alive.k
        n = alive.n[:, None]

        def term(root: Any, rest: Any, p: Array) -> Any:
            """Summed over the events that are missing for a purchase when the window begins."""
            z = t / (alive.A[:, None] + self.t[:, None] * rest)
            fewer = np.exp(-n * np.log1p(z))
            enough, total = -np.expm1(-n * np.log1p(z)), 0.0
            for missing in range(1, k + 1):
                total = total + root ** (alive.passed - k + missing) * enough
                fewer = fewer * (n + missing - 1.0) / missing * z / (1.0 + z)
                enough = enough - fewer
            return np.exp(-n * np.log1p(self.z * rest)) * total

        sums = EventSums(alive, k * _FEW)
        share = (t / (alive.A + self.t + t))[:, None]
        missing = k - (alive.passed + sums.m) % k
        return self._mean_over_p(term, self._by_purchases(sc.betainc(missing, n + sums.m, share)))

    def _by_purchases(self, values: Array) -> Array:
        """E[values[M]; N = i] for i = 0, 1, …, shape (rows, few)."""
        alive = self.alive
        sums = EventSums(alive, alive.k * _FEW)
        log_pmf = sums.log_ways + sums.m * np.log(self.z / (1.0 + self.z)) - alive.n[:, None] * np.log1p(self.z)
        weighted = np.exp(log_pmf) * values
        starts = np.maximum(np.arange(_FEW) * alive.k - alive.passed, 0)
        return np.add.reduceat(weighted[:, : _FEW * alive.k - alive.passed], starts, axis=1)

    def _mean_over_p(self, term: Callable[[Any, Any, Array], Any], at_once: Array) -> Array:
        """E over p of the mean of the terms, or of Σ_i (1 - p)^i at_once[i] where most leave at each purchase."""
        k = self.alive.k

        def given_p(p: Array) -> Array:
            leaving = p > _LEAVING
            log_root = np.log1p(-np.where(leaving, 0.5, p)) / k
            root, safe = np.exp(log_root), np.where(leaving, 0.5, p)
            total = term(root, -np.expm1(log_root), safe)
            for wind in range(1, k // 2 + 1):  # the others are their conjugates
                turned = root * np.exp(2j * np.pi * wind / k)
                total = total + (1.0 if 2 * wind == k else 2.0) * term(turned, 1.0 - turned, safe).real
            total = total / k
            if leaving.any():
                polynomial = np.zeros_like(p)
                for coefficient in at_once.T[::-1]:
                    polynomial = polynomial * (1.0 - p) + coefficient[:, None]
                total = np.where(leaving, polynomial, total)
            return np.asarray(total)

        return changed_beta_expectation(given_p, self.alive.a, self.alive.b, self.alive.dropout)
