"""What each customer's part of a forecast is worth today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.lifetime_value import lifetime_value
from clvmodels.value.purchase_table import purchase_table


def values_of_forecast(
    each: pd.DataFrame,
    purchases: Sequence[PurchaseFit],
    spend: SpendFit | None,
    customers: Customers,
    days: int,
    *,
    for_life: bool = False,
    margin: PerCustomer = 1.0,
    **conditions: Any,
) -> pd.DataFrame:
    """The table of `clvmodels.lifetime_value` in which purchases, probabilities and spend are those of a forecast.

    Of several models it is their mean, scaled as the forecast's purchases are; the spend model's means are moved to the
    level of the forecast, and the margin with them.

    Parameters
    ----------
    each : pandas.DataFrame
        `Forecast.customers`.
    purchases, spend
        The fits of the forecast.
    customers : Customers
        Whom it is about.
    days : int
        Of the horizon.
    for_life : bool
        Let the value, and nothing else, be for life.
    margin : float, Series or sequence of float
        Share of the spend that is earned.
    **conditions
        Discount rate and costs, as `clvmodels.lifetime_value` takes them.
    """
    if spend is None or "expected_spend" not in each:
        tables = [purchase_table(fit, customers, days / DAYS_PER_UNIT[fit.unit]) for fit in purchases]
        return _as_forecast(_mean(tables, each), each)
    level = each["expected_spend"].to_numpy() / spend.expected_spend(customers).to_numpy()
    earned = each_customer(margin, each.index, "margin") * level
    tables = [
        lifetime_value(
            fit,
            spend,
            customers,
            horizon=None if for_life else days / DAYS_PER_UNIT[fit.unit],
            risk_horizon=days / DAYS_PER_UNIT[fit.unit],
            margin=earned,
            **conditions,
        )
        for fit in purchases
    ]
    found = _as_forecast(_mean(tables, each), each).assign(expected_spend=each["expected_spend"])
    found.attrs = tables[0].attrs
    return found


def range_of_values(value: pd.DataFrame, revenue: tuple[float, float, float], interval: float) -> dict[str, Any]:
    """Bounds of the sum of the values, as far from it in proportion as those of the revenue; empty if either is 0.

    Parameters
    ----------
    value : pandas.DataFrame
        With a column ``lifetime_value``.
    revenue : (float, float, float)
        Estimate, lower and upper bound.
    interval : float
        Level of the bounds.

    Examples
    --------
    >>> value = pd.DataFrame({"lifetime_value": [20.0, 10.0]})
    >>> range_of_values(value, (100.0, 90.0, 120.0), 0.9)["total"]["lifetime_value"]
    {'estimate': 30.0, 'lower': 27.0, 'upper': 36.0}
    """
    total = float(value["lifetime_value"].sum())
    expected, lower, upper = revenue
    if not (expected > 0.0 and total > 0.0):
        return {}
    bounds = {"estimate": total, "lower": total * lower / expected, "upper": total * upper / expected}
    return {"interval": interval, "total": {"lifetime_value": bounds}}


def _mean(tables: Sequence[pd.DataFrame], each: pd.DataFrame) -> pd.DataFrame:
    """The mean of the tables of several models, its value scaled as the purchases of the forecast are."""
    if len(tables) == 1:
        return tables[0]
    mean = pd.DataFrame({name: np.mean([table[name] for table in tables], axis=0) for name in tables[0]}, each.index)
    total = float(mean["expected_purchases"].sum())
    scale = float(each["expected_purchases"].sum()) / total if total > 0 else 1.0
    return mean.assign(lifetime_value=scale * mean["lifetime_value"]) if "lifetime_value" in mean else mean


def _as_forecast(table: pd.DataFrame, each: pd.DataFrame) -> pd.DataFrame:
    """The same with the forecast's purchases and probabilities."""
    probability = each["purchase_probability"]
    return table.assign(
        purchase_probability=probability,
        attrition_risk=1.0 - probability,
        expected_purchases=each["expected_purchases"],
    )
