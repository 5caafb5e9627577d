"""Pareto/NBD with time-varying covariates, simulated by brute force: day by day, every purchase at its own moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """Customers and their repeat purchases; times in days.

    Attributes
    ----------
    first : ndarray of shape (n,)
        Day of the first purchase.
    life : ndarray of shape (n,)
        Time from the end of that day to when the customer leaves; infinite if not within the days simulated.
    buyer, time : ndarray of shape (purchases,)
        Who made each repeat purchase, and when (time since 1970-01-01: day d runs from d - 1 to d).
    """

    first: Array
    life: Array
    buyer: NDArray[np.intp]
    time: Array

    @property
    def day(self) -> Array:
        """The day of each purchase."""
        return np.ceil(self.time)

    def upto(self, end: float) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
        """x, t_x and T at the end of day ``end``, in days, and which purchases were before."""
        seen = self.time <= end
        x = np.bincount(self.buyer[seen], minlength=len(self.first)).astype(np.float64)
        t_x = np.zeros(len(x))
        np.maximum.at(t_x, self.buyer[seen], self.time[seen] - self.first[self.buyer[seen]])
        return x, t_x, end - self.first, seen


def simulate(
    rng: np.random.Generator,
    first: Array,
    purchase: Array,
    dropout: Array,
    *,
    r: float,
    alpha: float,
    s: float,
    beta: float,
    days_per_unit: float,
) -> Simulated:
    """``purchase`` and ``dropout`` are the factors on each day from 0 on; ``alpha`` and ``beta`` are in units."""
    n = len(first)
    rate, hazard = rng.gamma(r, 1.0 / alpha, n) / days_per_unit, rng.gamma(s, 1.0 / beta, n) / days_per_unit
    life, buyer, time = np.full(n, np.inf), [], []
    for day in range(int(first.min()) + 1, len(purchase)):
        here = np.flatnonzero((first < day) & np.isinf(life))
        left = rng.exponential(1.0, len(here)) / np.maximum(hazard[here] * dropout[day], 1e-300)
        gone = left < 1.0
        life[here[gone]] = day - 1 - first[here[gone]] + left[gone]
        stay = np.minimum(left, 1.0)
        who = np.repeat(np.arange(len(here)), rng.poisson(rate[here] * purchase[day] * stay))
        buyer.append(here[who])
        time.append(day - 1 + stay[who] * rng.random(len(who)))
    return Simulated(first, life, np.concatenate(buyer), np.concatenate(time))


def log_of(simulated: Simulated, origin: str = "2020-01-05") -> pd.DataFrame:
    """First and repeat purchases as a log with ``customer_id`` and ``date``; ``origin`` is day 0."""
    first = simulated.first
    customer = np.concatenate([np.arange(len(first)), simulated.buyer])
    day = np.concatenate([first, simulated.day])
    return pd.DataFrame({"customer_id": customer, "date": pd.Timestamp(origin) + pd.to_timedelta(day, unit="D")})
