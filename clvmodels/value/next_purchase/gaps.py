"""Histories as they were just before the last purchase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.population import quantities
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import days_to_units


def before_the_last(customers: Customers) -> tuple[Places, Customers] | None:
    """Who has bought again, and their histories when the last purchase was about to come; None without purchases.

    Parameters
    ----------
    customers
        With their purchases, sorted by customer and day.
    """
    purchases, table = customers.purchases, customers.table
    if purchases is None:
        return None
    repeaters = np.flatnonzero((table["frequency"] > 0).to_numpy())
    if len(repeaters) == 0:
        return None
    last = np.cumsum(table["frequency"].to_numpy() + 1)[repeaters] - 1
    day = purchases["day"].to_numpy(dtype="M8[D]").astype(np.float64)
    gap = days_to_units(day[last] - day[last - 1], customers.unit)
    some = table.iloc[repeaters]
    then = some.assign(
        frequency=some["frequency"] - 1, recency=np.maximum(some["recency"] - gap, 0.0), T=some["recency"]
    )
    return repeaters, replace(customers, table=then, mean_purchase_time=None, purchases=None)


def last_gap(purchases: Any, customers: Customers) -> Array | None:
    """The silence before the last purchase when it ended; 1 for customers with one purchase.

    Parameters
    ----------
    purchases
        A fit of a purchase model.
    customers
        Without their purchases it isn't known, and None comes back.
    """
    earlier = before_the_last(customers)
    if earlier is None:
        return None
    repeaters, then = earlier
    values = np.ones(len(customers))
    rows = purchases.population(then)
    values[repeaters] = rows.spread(rows.evaluate(quantities.silence(), purchases.parameters))
    return values
