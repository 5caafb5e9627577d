"""What new customers of each period ahead are worth today: their purchases, each discounted from its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.decisions.equity.parts.arrivals import Arrivals
from clvmodels.decisions.equity.parts.new_customers import NewCustomers
from clvmodels.inference.population.population import Parameters
from clvmodels.transactions.units import discount_rate_per_unit, units_per_year

_MONTH = 30.4375  # days: pieces of the time ahead …
_FINE = 731.0  # … until so long after the last customers have come, and from then on growing
_GROWTH = 0.06
_LAST = 1e-6  # discount beyond which nothing is left


@dataclass(frozen=True, eq=False)
class CohortPurchases:
    """Purchases of a new customer of each period, by when they are made.

    Attributes
    ----------
    end : float
        Last day known.
    first, period : ndarray of shape (k,)
        Days on which customers come, and the period of each.
    ends : ndarray of shape (t,)
        Ends of pieces of time ahead.
    made : ndarray of shape (k, t)
        E[repeat purchases] until each.
    length : float
        Days from the first purchase that count; infinite for life.
    """

    end: float
    first: Array
    period: Places
    ends: Array
    made: Array
    length: float

    def discounted(self, annual_discount_rate: float) -> Array:
        """Purchases of a customer of each period, the first one included, discounted to today, shape (periods,)."""
        delta = discount_rate_per_unit(annual_discount_rate, "day")
        stop = self.first[:, None] + self.length
        edges = np.clip(np.concatenate(([self.end], self.ends)), self.first[:, None], stop)
        middle = (edges[:, 1:] + edges[:, :-1]) / 2.0
        made = np.diff(np.hstack((np.zeros((len(self.first), 1)), self.made)), axis=1)
        # Of the piece in which the length ends, the part until then counts.
        begins = np.maximum(np.concatenate(([self.end], self.ends[:-1])), self.first[:, None])
        part = np.clip(np.diff(edges, axis=1) / np.maximum(self.ends - begins, 1e-9), 0.0, 1.0)
        repeat = (made * part * np.exp(-delta * (middle - self.end))).sum(axis=1)
        return _means(np.exp(-delta * (self.first - self.end)) + repeat, self.period)

    def discount(self, annual_discount_rate: float) -> Array:
        """Discount from the day on which customers of each period come to today, shape (periods,)."""
        delta = discount_rate_per_unit(annual_discount_rate, "day")
        return _means(np.exp(-delta * (self.first - self.end)), self.period)


def cohort_purchases(
    new: NewCustomers, coming: Arrivals, end: float, length: float, annual_discount_rate: float,
    draws: Sequence[Sequence[Parameters]] | None = None,
) -> list[CohortPurchases]:  # fmt: skip
    """The purchases of new customers at the models' own parameters, or at each of the draws.

    Parameters
    ----------
    new : NewCustomers
        The models.
    coming : Arrivals
        When they come.
    end : float
        Last day known.
    length : float
        Days from the first purchase that count; infinite for life.
    annual_discount_rate : float
        Which says how far ahead a life is looked at.
    draws
        Sets of parameters of each model.
    """
    first, period = coming.days()
    ends = _pieces(end, float(first[-1]), length, annual_discount_rate)
    found = new.repeat_purchases(first, ends, draws)
    each = found[None] if draws is None else found
    return [CohortPurchases(end, first, period, ends, made, length) for made in each]


def years_alive(new: NewCustomers, length: float, annual_discount_rate: float) -> float:
    """Discounted years that a new customer is alive, from the first purchase on: the mean of the models."""
    found = []
    for fit in new.fitted.fits:
        per_year = units_per_year(fit.unit)
        horizon = None if np.isinf(length) else length / 365.25 * per_year
        alive = fit.discounted("discounted_time_alive", annual_discount_rate, horizon)
        found.append(float(fit.population("new").evaluate(alive, fit.parameters)[0]) / per_year)
    return float(np.mean(found))


def _pieces(end: float, last: float, length: float, annual_discount_rate: float) -> Array:
    """Ends of months, and later of growing pieces, until everything that counts is over."""
    delta = discount_rate_per_unit(annual_discount_rate, "day")
    until = last + (-np.log(_LAST) / delta if np.isinf(length) else length)
    ends = [end + _MONTH]
    while ends[-1] < until:
        step = _MONTH if ends[-1] <= last + _FINE else max(_MONTH, _GROWTH * (ends[-1] - last))
        ends.append(ends[-1] + step)
    return np.array(ends)


def _means(values: Array, period: Places) -> Array:
    """Means by period."""
    return np.bincount(period, values) / np.bincount(period)
