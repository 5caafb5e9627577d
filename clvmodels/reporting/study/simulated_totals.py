"""Totals of all customers, and by month, in futures that are simulated customer by customer.

A future takes a draw of the parameters of both models, so that ranges hold parameter uncertainty, and then a random
number of purchases and random amounts for each customer, so that they hold chance as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import quantiles, records
from clvmodels.inference.population.population import Population
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

Array = NDArray[np.float64]

LEVEL = 0.90
LEVELS = (0.50, LEVEL)
_FUTURES = (100, 400)  # least and most
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
    end = span_in_units(horizon, purchases.unit)
    breaks = _breaks(months, purchases.unit)
    windows = np.unique([*breaks, end])
    inside, ends = windows <= end, np.searchsorted(windows, breaks)
    profile = _profile(purchases, customers, windows)
    try:
        draws = _draws(purchases, spend, _number(len(customers)))
    except UnsupportedPrediction:
        return None
    earning = np.broadcast_to(np.asarray(value_per_spend, dtype=np.float64), len(customers))
    bought = purchases.population(customers).one_row_each()
    spent = None if spend is None else spend.population(customers).one_row_each()
    rng = np.random.default_rng(1)
    rows = [_future(bought, spent, pair, windows, profile, inside, earning, rng) for pair in draws]
    counts, paid = (np.array([row[i] for row in rows]) for i in (0, 1))
    has_spend = spend is not None
    return Futures(
        purchases=counts[:, inside].sum(axis=1),
        buyers=np.array([row[2] for row in rows]),
        revenue=paid[:, inside].sum(axis=1) if has_spend else None,
        value=np.array([row[3] for row in rows]) if has_spend else None,
        monthly_purchases=_by_month(counts, ends),
        monthly_revenue=_by_month(paid, ends) if has_spend else None,
    )


def _future(
    bought: Population,
    spent: Population | None,
    draw: tuple[Any, Any],
    windows: Array,
    profile: Array,
    inside: NDArray[np.bool_],
    earning: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array, float, float]:
    """Purchases and revenue by window, buyers in the horizon and value, in one future."""
    counts = bought.simulate(quantities.simulated_purchases(float(windows[-1])), draw[0], rng)
    some = np.flatnonzero(counts)
    by_window = rng.multinomial(counts[some].astype(np.int64), profile[some]).astype(np.float64)
    within = by_window[:, inside].sum(axis=1)
    buyers = float((within > 0).sum())
    if spent is None:
        return by_window.sum(axis=0), np.zeros(len(windows)), buyers, 0.0
    each = spent.take(some).simulate(quantities.simulated_spend(), draw[1], rng, counts[some])
    return by_window.sum(axis=0), each @ by_window, buyers, float((earning[some] * each) @ within)


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


def _by_month(values: Array, ends: NDArray[np.intp]) -> Array:
    """Values by window as values by month; a month that the horizon cuts has two windows."""
    until = np.cumsum(values, axis=1)[:, ends]
    return np.diff(until, axis=1, prepend=0.0)


def _number(customers: int) -> int:
    least, most = _FUTURES
    return int(np.clip(_WORK // max(customers, 1), least, most))


def _draws(purchases: PurchaseFit, spend: SpendFit | None, number: int) -> Sequence[tuple[Any, Any]]:
    """Parameters of both models, draw by draw."""
    first = records(purchases.draws(number))
    second = [None] * len(first) if spend is None else records(spend.draws(number))
    return list(zip(first, second, strict=False))
