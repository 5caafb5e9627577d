"""What a new customer has earned by a time, and when that reaches the cost of acquisition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from clvmodels.arrays import Array
from clvmodels.inference.population.intervals import over_draws
from clvmodels.value.terms import Draw
from clvmodels.value.valuation import Valuation

_POINTS = 24  # of the curves of draws, in equal steps of log(1 + t); between them they are interpolated
_FIRST = 0.05  # units of time: the earliest that is told from now


@dataclass(frozen=True, eq=False)
class EarningsCurve:
    """M(t) = margin · E[spend] (1 + D(t)) - retention to t of a new customer, before the cost of acquisition.

    Attributes
    ----------
    valuation : Valuation
        Of a new customer.
    latest : float
        The longest time that is asked for, in units of the model.
    whole : bool
        Of subscriptions: what is paid at the beginning of each period is all there is, so that times are whole periods.
    """

    valuation: Valuation
    latest: float
    whole: bool = False

    def at(self, t: float) -> float:
        """M(t) at the parameters themselves."""
        terms = self.valuation.terms((0.0, t))
        return float(terms.point(self.valuation.population, self.valuation.parameters)[0])

    def of_draws(self, t: float | None, draws: list[Draw]) -> Array:
        """M(t) at each draw, shape (draws,)."""
        terms, new = self.valuation.terms((0.0, t)), self.valuation.population
        first = np.zeros(1, dtype=np.intp)
        units = over_draws(terms.units, [draw.purchases for draw in draws], new)
        years = (
            None
            if terms.years_alive is None
            else over_draws(terms.years_alive, [draw.purchases for draw in draws], new)
        )
        income = terms.income.over_draws([draw.spend for draw in draws], first)
        return np.asarray(terms.value(first, units, years, income, draws)[0])

    def times(self) -> Array:
        """Where the curves of draws are computed."""
        if self.whole:
            return np.arange(1.0, np.floor(self.latest) + 1.0)
        return np.append(0.0, np.geomspace(_FIRST, self.latest, _POINTS - 1))

    def payback(self, cost: float) -> float:
        """The first time at which M(t) reaches a cost; infinite if it never does.

        Where retention costs more than purchases earn M falls again, so the first crossing is looked for.
        """
        times = self.times()
        earned = np.array([self.at(t) for t in times])
        reached = np.flatnonzero(earned >= cost)
        if len(reached) == 0:
            return np.inf
        if self.whole:
            return float(reached[0])  # paid with the payment at the beginning of this period
        if reached[0] == 0:
            return 0.0
        low, high = times[reached[0] - 1], times[reached[0]]
        return float(brentq(lambda t: self.at(t) - cost, low, high, xtol=1e-6 * high))

    def payback_of_draws(self, cost: float, curves: Array) -> Array:
        """The same for curves of draws, shape (times, draws), by monotone interpolation between the times."""
        if self.whole:
            return np.where((curves >= cost).any(axis=0), (curves >= cost).argmax(axis=0), np.inf)
        axis = np.log1p(self.times())
        fine = np.linspace(0.0, axis[-1], 2_000)
        values = PchipInterpolator(axis, curves)(fine)
        above = values >= cost
        first = above.argmax(axis=0)
        draw = np.arange(curves.shape[1])
        before = np.maximum(first - 1, 0)
        rise = values[first, draw] - values[before, draw]
        share = np.where(rise > 0.0, (cost - values[before, draw]) / np.where(rise > 0.0, rise, 1.0), 0.0)
        t = np.expm1(fine[before] + np.clip(share, 0.0, 1.0) * (fine[first] - fine[before]))
        return np.where(above.any(axis=0), np.where(first == 0, 0.0, t), np.inf)
