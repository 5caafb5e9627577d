"""Discounted customer lifetime value: expected purchases × margin, less costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.inference.asked import Who
from clvmodels.inference.fit import Fit
from clvmodels.transactions.units import Span, span_in_units, units_per_year
from clvmodels.value.attrition import attrition_risk
from clvmodels.value.costs import per_customer

Array = NDArray[np.float64]


def lifetime_value(
    purchases: Fit,
    spend: Fit,
    customers: Who = None,
    *,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: Any = 1.0,
    cost_per_purchase: Any = 0.0,
    retention_cost_per_year: Any = 0.0,
    acquisition_cost: float | None = None,
    risk_horizon: Span = "1Y",
    yearly: bool = False,
) -> pd.DataFrame:
    """Value, risk and what they are made of, one row a customer.

    Value = (margin × expected spend - cost per purchase) × discounted expected purchases - retention cost per year ×
    discounted years alive, from the end of the observation on. Purchases and spend are independent under the
    Gamma-Gamma model. For ``customers="new"`` the first purchase is added and the acquisition cost taken off.

    Parameters
    ----------
    purchases, spend : Fit
        A purchase and a spend model, fitted to the same customers.
    customers : Customers, "new" or None
        Whom to value; None means those that ``purchases`` was fitted to.
    horizon
        A number of the model's units or a span such as "12M" or "1Y"; None means for life.
    annual_discount_rate
        0.10 is 10 % a year, compounded continuously within it.
    margin
        Share of the spend that is earned; a number, or one a customer (a Series by customer_id, or an array).
    cost_per_purchase
        What serving a purchase costs, in the currency of the amounts; a number, or one a customer.
    retention_cost_per_year
        What keeping a customer costs a year while the customer is alive; a number, or one a customer.
    acquisition_cost
        What winning a new customer costs; with ``customers="new"`` only.
    risk_horizon
        For ``horizon=None``: the horizon of counts and risks, which have no meaning for life.
    yearly
        Add ``lifetime_value_year_1``, ``_2``, … for the years of the horizon; they add up to ``lifetime_value``.

    Returns
    -------
    pandas.DataFrame
        ``probability_alive``, ``purchase_probability``, ``attrition_risk`` (no purchase in the horizon),
        ``expected_purchases``, ``expected_spend`` (a purchase) and ``lifetime_value``, the last two in the currency of
        the amounts; ``attrs`` holds currency, horizon and rate.

    Raises
    ------
    ArgumentError, DataError
        A horizon, rate, margin or cost has no meaning, or is missing for some customers.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", observation_end="1997-09-30")
    >>> purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    >>> value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> value.loc[1, ["expected_purchases", "expected_spend", "lifetime_value"]].astype(float).round(2).to_dict()
    {'expected_purchases': 1.56, 'expected_spend': 24.65, 'lifetime_value': 11.06}
    """
    _check_kinds(purchases, spend)
    _check_spend(purchases, spend, customers)
    counted = risk_horizon if horizon is None else horizon
    risk = attrition_risk(purchases, customers, horizon=counted)
    ids = risk.index
    result = pd.DataFrame(
        {
            "probability_alive": purchases.probability_alive(customers),
            "purchase_probability": purchases.purchase_probability(counted, customers),
            "attrition_risk": risk,
            "expected_purchases": purchases.expected_purchases(counted, customers),
            "expected_spend": spend.expected_spend(purchases.customers if customers is None else customers),
        }
    )
    per_purchase = per_customer(margin, ids, "margin") * result["expected_spend"].to_numpy()
    per_purchase = per_purchase - per_customer(cost_per_purchase, ids, "cost_per_purchase")
    keeping = per_customer(retention_cost_per_year, ids, "retention_cost_per_year")

    def between(start: Span, length: Span | None) -> Array:
        """Value of a window, discounted to the end of the observation."""
        window = (annual_discount_rate, length, customers)
        value: Array = per_purchase * purchases.discounted_expected_purchases(*window, start=start).to_numpy()
        if np.any(keeping):
            years = purchases.discounted_time_alive(*window, start=start).to_numpy() / units_per_year(purchases.unit)
            value = value - keeping * years
        return value

    at_once = _first_purchase(per_purchase, customers, acquisition_cost)
    result["lifetime_value"] = between(0, horizon) + at_once
    if yearly:
        for year, (start, length) in enumerate(_years(horizon, purchases.unit), start=1):
            result[f"lifetime_value_year_{year}"] = between(start, length) + (at_once if year == 1 else 0.0)
    result.attrs = {
        "currency": spend.currency,
        "horizon": horizon,
        "counts_horizon": counted,
        "annual_discount_rate": annual_discount_rate,
    }
    return result


def _check_kinds(purchases: Fit, spend: Fit) -> None:
    for fit, kind, example in ((purchases, "purchases", "bg/nbd"), (spend, "spend", "gamma-gamma")):
        if not isinstance(fit, Fit) or kind != fit.definition.KIND:
            found = fit.definition.TITLE if isinstance(fit, Fit) else type(fit).__name__
            raise UnsupportedPrediction(f'{kind} must be a fit of a {kind} model, such as "{example}", not {found}.')


def _check_spend(purchases: Fit, spend: Fit, customers: Who) -> None:
    """Without amounts every customer would silently get the mean of the population."""
    chosen = purchases.customers if customers is None else customers
    if chosen is None or isinstance(chosen, str) or len(chosen) < 100:
        return
    table = chosen.table
    if (table["frequency"] > 0).any() and not (table["spend_frequency"] > 0).any():
        raise DataError("These customers carry no amounts. Summarize the log with amount=, or pass monetary_value.")


def _first_purchase(per_purchase: Array, customers: Who, acquisition_cost: float | None) -> Array | float:
    """What a new customer brings at once: the first purchase less the cost of acquisition."""
    if isinstance(customers, str):
        return per_purchase - float(acquisition_cost or 0.0)
    if acquisition_cost is not None:
        raise ArgumentError('acquisition_cost is for new customers: pass customers="new", or leave it out.')
    return 0.0


def _years(horizon: Span | None, unit: str) -> list[tuple[float, float]]:
    """Starts and lengths of the years of a horizon; the last one may be shorter."""
    if horizon is None:
        raise ArgumentError('yearly=True needs a horizon with an end, such as "5Y".')
    total, year = span_in_units(horizon, unit), units_per_year(unit)
    starts = np.arange(0.0, total * (1.0 - 1e-12), year)
    return [(float(start), float(min(year, total - start))) for start in starts]
