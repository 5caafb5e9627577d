"""Revenue of a window ahead: what today's customers and those still to come in it spend until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.decisions.equity.parts.arrivals import Arrivals
from clvmodels.decisions.equity.parts.new_customers import NewCustomers
from clvmodels.decisions.equity.variance import DRAWS, Cohorts, Common, bounds, common, remaining
from clvmodels.forecasting.result import ranges
from clvmodels.forecasting.result.ranges import Spread
from clvmodels.forecasting.timeline.purchase_record import day_number

PARTS = ("base", "new", "both")


@dataclass(frozen=True, eq=False)
class Window:
    """Revenue expected in the days after an origin.

    Attributes
    ----------
    base : float
        Of the customers who were known.
    cohorts : Cohorts
        Of those to come.
    mean : float
        Expected of those to come.
    chance : float
        Variance of the base's revenue that is chance, relative.
    """

    base: float
    cohorts: Cohorts
    mean: float
    chance: float

    def spread_of_new(self, errors: Sequence[float], ratios: tuple[Array, Array], of_base: Spread, seed: int) -> Spread:
        """How far customers to come are off besides, from log errors of earlier dates."""
        if self.mean <= 0.0:
            return Spread(0.0)
        shared = common(ratios, of_base, self.chance, Spread(0.0), number=DRAWS, seed=seed)
        modelled = float(np.log(np.maximum(self.cohorts.draws(shared.new), 1e-12)).var())
        return remaining(np.asarray(errors), modelled)

    def ranges(self, shared: Common, level: float) -> pd.DataFrame:
        """Rows "base", "new" and "both": ``forecast``, ``lower`` and ``upper``."""
        base, new = self.base * shared.base, self.cohorts.draws(shared.new)
        rows = [
            (estimate, *bounds(draws, level))
            for estimate, draws in ((self.base, base), (self.mean, new), (self.base + self.mean, base + new))
        ]
        return pd.DataFrame(rows, index=pd.Index(PARTS, name="part"), columns=["forecast", "lower", "upper"])


def window_of(
    base: float, purchases: float, coming: Arrivals, new: NewCustomers, level: float, until: pd.Timestamp
) -> Window:
    """The window of a forecast.

    Parameters
    ----------
    base, purchases : float
        Revenue and purchases expected of the customers who are known.
    coming : Arrivals
        Who come in it.
    new : NewCustomers
        What they spend.
    level : float
        By how much the logarithm of that is moved.
    until : pandas.Timestamp
        Last day of the window.
    """
    first, period = coming.days()
    each = new.revenue(first, np.array([float(day_number(until))]))[:, 0] * np.exp(level)
    value = np.bincount(period, each) / np.bincount(period)
    cohorts = Cohorts(coming.draws, value, np.zeros_like(value))
    chance = ranges.CHANCE_OF_PURCHASES / max(purchases, 1.0)
    return Window(base, cohorts, float(coming.mean @ value), chance)
