"""Customers at a later date, as a fit says that they go on: histories simulated window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.decisions.customer_values import customer_values
from clvmodels.errors import ArgumentError
from clvmodels.inference.population import quantities
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import Span, span_in_units
from clvmodels.value.lifetime_value import lifetime_value

type Valued = Callable[[Customers], Any]  # from customers to their values

_WINDOWS = 12  # within one, the last purchase is taken to be uniform
_SAME = 1e-6  # relative, of values computed twice


def customers_later(purchases: Any, spend: Any, after: Span, seed: int) -> Customers:
    """The customers of a fit, ``after`` later: purchases and spend are random, as the fits say given the history.

    Each window is simulated given the history until then, so that rates and dropout go on as they were.
    """
    customers = _fitted(purchases)
    length = span_in_units(after, purchases.unit, name="after") / _WINDOWS
    rng = np.random.default_rng(seed)
    table = customers.table.copy()
    for _ in range(_WINDOWS):
        now = Customers.from_frame(table, unit=customers.unit)
        bought = purchases.simulate(length, now, seed=int(rng.integers(2**31))).to_numpy()
        table = _after_window(table, now, spend, bought, length, rng)
    return Customers.from_frame(table, unit=customers.unit)


def _after_window(
    table: pd.DataFrame, now: Customers, spend: Any, bought: Any, length: float, rng: np.random.Generator
) -> pd.DataFrame:
    """The summary with the purchases of one more window."""
    chance = quantities.simulated_spend()
    each = spend.population(now).one_row_each()
    amount = each.simulate(chance, spend.parameters, rng, np.maximum(bought, 1.0))
    last = length * rng.random(len(bought)) ** (1.0 / np.maximum(bought, 1.0))  # the latest of uniform moments
    known = table["spend_frequency"].to_numpy(dtype=np.float64)
    spent = np.where(known > 0, np.nan_to_num(table["monetary_value"].to_numpy()) * known, 0.0) + bought * amount
    number = known + bought
    return table.assign(
        frequency=table["frequency"] + bought,
        recency=np.where(bought > 0, table["T"] + last, table["recency"]),
        T=table["T"] + length,
        monetary_value=np.divide(spent, number, out=np.full(len(number), np.nan), where=number > 0),
        spend_frequency=number,
    )


def valued_as(terms: Mapping[str, Any], purchases: Any, spend: Any) -> Valued:
    """How values with these terms were probably computed."""
    if "annual_discount_rate" not in terms:
        raise ArgumentError("Pass value=, a function from Customers to values as those that were segmented.")
    return lambda customers: lifetime_value(purchases, spend, customers, **terms)


def check_valued(valued: Valued, purchases: Any, values: pd.Series[float]) -> None:
    """Raise unless a function gives the customers of a fit the values that are known."""
    found = customer_values(valued(_fitted(purchases)))
    if not np.allclose(found, values.reindex(found.index), rtol=_SAME, atol=0.0):
        raise ArgumentError(
            "The fits don't give the values that were segmented for the customers they were fitted to. Pass value=, a "
            "function from Customers to values with the same margin, horizon and discount rate."
        )


def _fitted(purchases: Any) -> Customers:
    customers = getattr(purchases, "customers", None)
    if not isinstance(customers, Customers):
        raise ArgumentError(
            "purchases must be a fit of the first date that knows its customers (a loaded one doesn't)."
        )
    return customers
