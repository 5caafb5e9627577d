"""Totals of all customers, and by month, in futures that are simulated customer by customer.

A future takes a draw of the parameters of both models, so that ranges hold parameter uncertainty, and then a random
number of purchases and random amounts for each customer, so that they hold chance as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import quantiles, records
from clvmodels.inference.population.population import Parameters, Population
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

LEVEL = 0.90
LEVELS = (0.50, LEVEL)
_FUTURES = (100, 400)  # least and most
_SEED = 1
_WORK = 8_000_000  # customers × futures


@dataclass(frozen=True)
class Futures:
    """Simulated futures.

    Attributes
    ----------
    purchases, buyers : ndarray of shape (futures,)
        Purchases in the horizon, and customers who make one.
    revenue, value : ndarray of shape (futures,) or None
        Their spend in the horizon, and the discounted margin of it; None without a spend model.
    monthly_purchases, monthly_revenue : ndarray of shape (futures, months) or None
        The same by month.
    """

    purchases: Array
    buyers: Array
    revenue: Array | None
    value: Array | None
    monthly_purchases: Array
    monthly_revenue: Array | None

    def __len__(self) -> int:
        return len(self.purchases)

    def range(self, quantity: str, level: float = LEVEL) -> tuple[float, float] | None:
        """Lower and upper bound of a quantity."""
        values = getattr(self, quantity)
        if values is None:
            return None
        lower, upper = quantiles(values, level)
        return float(lower), float(upper)

    def fan(self, quantity: str, months: pd.Index[Any]) -> dict[float, pd.DataFrame]:
        """Bounds by month and level, as `clvmodels.plots.forecast` takes them."""
        values = getattr(self, f"monthly_{quantity}")
        bounds = {level: quantiles(values.T, level) for level in LEVELS}
        return {level: pd.DataFrame({"lower": low, "upper": high}, months) for level, (low, high) in bounds.items()}


def simulate(
    purchases: PurchaseFit,
    spend: SpendFit | None,
    customers: Customers,
    *,
    horizon: Span,
    months: pd.DataFrame | None,
    value_per_spend: Array | float = 1.0,
) -> Futures | None:
    """Futures of all customers; None if a parameter is not identified.

    Parameters
    ----------
    purchases : PurchaseFit
        The purchase model.
    spend : SpendFit or None
        The spend model, if there is one.
    customers : Customers
        Whom to simulate.
    horizon : float or str
        Of the sums.
    months : pandas.DataFrame or None
        What `clvmodels.plots.forecast_table` returned.
    value_per_spend : ndarray of shape (customers,) or float
        Present value of a unit of money that a customer spends in the horizon: margin × discount.

    Notes
    -----
    A customer's purchases are simulated for the whole time and then assigned to the months at random, with
    probabilities in proportion to the model's expectation.
    """
    breaks = _breaks(months, purchases.unit)
    end = span_in_units(horizon, purchases.unit)
    windows = np.unique([*breaks, end])
    inside, ends = windows <= end, np.searchsorted(windows, breaks)
    try:
        draws = _draws(purchases, spend, _number(len(customers)))
    except UnsupportedPrediction:
        return None
    simulation = _Simulation(
        purchases=purchases.population(customers).one_row_each(),
        spend=None if spend is None else spend.population(customers).one_row_each(),
        windows=windows,
        inside=inside,
        profile=_profile(purchases, customers, windows),
        value_per_spend=np.broadcast_to(np.asarray(value_per_spend, dtype=np.float64), len(customers)),
    )
    futures = [simulation.future(number, *draw) for number, draw in enumerate(draws)]
    bought, buyers, paid, value = (np.array(part) for part in zip(*futures, strict=True))
    return Futures(
        purchases=bought[:, inside].sum(axis=1),
        buyers=buyers,
        revenue=None if spend is None else paid[:, inside].sum(axis=1),
        value=None if spend is None else value,
        monthly_purchases=_by_month(bought, ends),
        monthly_revenue=None if spend is None else _by_month(paid, ends),
    )


class _Future(NamedTuple):
    """Purchases and revenue by window, buyers in the horizon and value, in one future."""

    purchases: Array
    buyers: float
    revenue: Array | None
    value: float


@dataclass(frozen=True)
class _Simulation:
    """What all futures have in common: customers, windows of time, shares of purchases by window."""

    purchases: Population
    spend: Population | None
    windows: Array
    inside: NDArray[np.bool_]
    profile: Array
    value_per_spend: Array

    def future(self, number: int, parameters: Parameters, of_spend: Parameters | None) -> _Future:
        """The future of all customers with this number, at one draw of the parameters."""
        rng = np.random.default_rng([_SEED, number])
        counts = self.purchases.simulate(quantities.simulated_purchases(float(self.windows[-1])), parameters, rng)
        some = np.flatnonzero(counts)
        by_window = rng.multinomial(counts[some].astype(np.int64), self.profile[some]).astype(np.float64)
        within = by_window[:, self.inside].sum(axis=1)
        total, buyers = by_window.sum(axis=0), float((within > 0).sum())
        if self.spend is None or of_spend is None:
            return _Future(total, buyers, None, 0.0)
        each = self.spend.take(some).simulate(quantities.simulated_spend(), of_spend, rng, counts[some])
        return _Future(total, buyers, each @ by_window, float((self.value_per_spend[some] * each) @ within))


def _profile(purchases: PurchaseFit, customers: Customers, windows: Array) -> Array:
    """Share of each customer's expected purchases that falls between the windows, shape (customers, windows)."""
    until = purchases.expected_purchases(windows.tolist(), customers).to_numpy(dtype=np.float64)
    between = np.maximum(np.diff(until, axis=1, prepend=0.0), 0.0)
    total = between.sum(axis=1, keepdims=True)
    length = np.diff(windows, prepend=0.0) / windows[-1]
    return np.asarray(np.where(total > 0, between / np.where(total > 0, total, 1.0), length))


def _breaks(months: pd.DataFrame | None, unit: str) -> Array:
    """Ends of the months, in units after the end of the observation."""
    if months is None:
        return np.empty(0)
    days = (months.index - months.attrs["observation_end"]).days
    return np.asarray(days, dtype=np.float64) / DAYS_PER_UNIT[unit]


def _by_month(values: Array, ends: Places) -> Array:
    """Values by window as values by month; a month that the horizon cuts has two windows."""
    until = np.cumsum(values, axis=1)[:, ends]
    return np.diff(until, axis=1, prepend=0.0)


def _number(customers: int) -> int:
    """How many futures: the more, the fewer customers."""
    least, most = _FUTURES
    return int(np.clip(_WORK // max(customers, 1), least, most))


def _draws(purchases: PurchaseFit, spend: SpendFit | None, number: int) -> list[tuple[Parameters, Parameters | None]]:
    """Parameters of both models, draw by draw."""
    first = records(purchases.draws(number))
    second = [None] * len(first) if spend is None else records(spend.draws(number))
    return list(zip(first, second, strict=False))
