"""Do customers spend more or less a purchase as time goes on? Spend models take each customer's mean as constant."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from clvmodels.transactions.checks.findings import Finding

_Array = NDArray[np.float64]

_SURE = 0.01
_LEAST_TREND = 0.05  # a year
_LEAST_CUSTOMERS = 30
_LEAST_DAYS = 180


def spend_trend(purchases: pd.DataFrame) -> Finding | None:
    """The finding about amounts of repeat purchases over time; None without amounts.

    The slope of the log amount in time within customers, each against his own mean, with customers as the independent
    units; tested two-sided at 1 %, and below 5 % a year nothing is said. Within customers, since big spenders may come
    early or late.

    Examples
    --------
    >>> day = pd.date_range("2020-01-01", periods=25, freq="20D")
    >>> purchases = pd.DataFrame({"customer_id": np.repeat(np.arange(40), 25), "day": np.tile(day, 40)})
    >>> noise = np.random.default_rng(1).normal(0, 0.3, 1000)
    >>> purchases["spend"] = np.exp(0.2 * np.tile(np.arange(25) * 20 / 365.25, 40) + noise)
    >>> spend_trend(purchases).sentence
    'Customers spend 21% more on a purchase than a year before ...
    """
    rows = purchases[purchases["spend"].to_numpy(dtype=np.float64) > 0]
    if not len(rows):
        return None
    name, day = "trend in spend", rows["day"].to_numpy().astype("M8[D]").astype(np.int64)
    who = pd.factorize(rows["customer_id"])[0]
    first = np.full(int(who.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, who, day)
    again = day > first[who]
    who, day, spend = who[again], day[again], np.log(rows["spend"].to_numpy(dtype=np.float64)[again])
    number = np.bincount(who, minlength=1)
    if (number >= 2).sum() < _LEAST_CUSTOMERS or np.ptp(day) < _LEAST_DAYS:
        sentence = "Too few repeat purchases, or too short a time, to see a trend in spend."
        return Finding(name, math.nan, "unknown", sentence)
    slope, p_value = _slope(who, day / 365.25, spend, number)
    change = math.expm1(slope)
    if p_value >= _SURE or abs(change) < _LEAST_TREND:
        sentence = f"Customers spend about as much on a purchase as a year before (p = {p_value:.2g})."
        return Finding(name, change, "ok", sentence)
    more, low = ("more", "low") if change > 0 else ("less", "high")
    return Finding(
        name,
        change,
        "look",
        f"Customers spend {abs(change):.0%} {more} on a purchase than a year before (p = {p_value:.2g}). Spend models "
        f"take their means as constant, so revenue would be forecast too {low}; clv.forecast moves spend half way to "
        "the level of the last year.",
    )


def _slope(who: NDArray[np.intp], years: _Array, spend: _Array, number: NDArray[np.intp]) -> tuple[float, float]:
    """Slope within customers, and its p-value."""

    def within(values: _Array) -> _Array:
        return np.asarray(values - (np.bincount(who, values) / np.maximum(number, 1))[who])

    t, y = within(years), within(spend)
    total = float(t @ t)
    slope = float(t @ y) / total
    each = np.bincount(who, t * (y - slope * t))
    return slope, float(2.0 * stats.norm.sf(abs(slope) * total / max(float(np.linalg.norm(each)), 1e-300)))
