"""Predictive distributions of counts against outcomes: coverage, CRPS and PIT.

From a probability mass function, or from random futures, such as draws from a posterior. Either comes one array of
customers at a time and only sums are kept, never futures × customers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError

_MOST = 10_000  # purchases
_LEFT = 1e-6


@dataclass(frozen=True, eq=False)
class Predictive:
    """What predictive distributions say about the outcomes, each of shape (customers,).

    Attributes
    ----------
    below, up_to : ndarray
        P(Y < y) and P(Y ≤ y) of the predictive distribution at the outcome y.
    crps : ndarray
        Continuous ranked probability score, E|Y - y| - E|Y - Y'| / 2 (Gneiting, Raftery 2007): the error of a whole
        distribution, in the unit of the outcome.
    """

    below: Array
    up_to: Array
    crps: Array

    def coverage(self, levels: Sequence[float] = (0.5, 0.8, 0.9, 0.95)) -> pd.DataFrame:
        """Share of outcomes within the central intervals; of counts these cover more than their level."""
        rows = []
        for level in levels:
            if not 0.0 < level < 1.0:
                raise ArgumentError(f"A level must lie between 0 and 1, such as 0.9, not {level!r}.")
            tail = (1.0 - level) / 2.0
            inside = (self.up_to >= tail) & (self.below < 1.0 - tail)
            rows.append((level, float(inside.mean())))
        return pd.DataFrame(rows, columns=["level", "coverage"]).set_index("level")

    def pit(self, seed: int = 0) -> Array:
        """Randomised probability integral transform (Czado, Gneiting, Held 2009): uniform if the model is right."""
        rng = np.random.default_rng(seed)
        return self.below + rng.random(len(self.below)) * (self.up_to - self.below)


def from_pmf(y: ArrayLike, pmf: Callable[[int], ArrayLike]) -> Predictive:
    """Compare counts with their probability mass function.

    CRPS = Σ_k (F(k) - 1{y ≤ k})² (Czado, Gneiting, Held 2009), summed until what is left is below 1e-6 a customer.

    Parameters
    ----------
    y : array_like of shape (customers,)
        Outcomes.
    pmf : callable
        P(Y = k) of every customer, shape (customers,), for a whole number k.

    Examples
    --------
    >>> compared = from_pmf([1.0], lambda k: [[0.25, 0.5, 0.25][k] if k < 3 else 0.0])
    >>> compared.below.tolist(), compared.up_to.tolist(), compared.crps.tolist()
    ([0.25], [0.75], [0.125])
    """
    actual = np.asarray(y, dtype=np.float64)
    below, up_to, crps, total = (np.zeros(len(actual)) for _ in range(4))
    largest = actual.max(initial=0.0)
    for k in range(_MOST):
        below = np.where(actual == k, total, below)
        total = np.minimum(total + np.asarray(pmf(k), dtype=np.float64), 1.0)
        up_to = np.where(actual == k, total, up_to)
        crps += np.square(total - (actual <= k))
        left = 1.0 - total
        if k >= largest and np.square(left).mean() * (k + 1) < _LEFT:
            break
    return Predictive(below, up_to, crps)
