"""What the base was worth by period, and what it and customers to come are worth today."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
import pandas as pd

from clvmodels.decisions.equity.customer_equity import customer_equity
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.errors import ClvError, ClvWarning
from clvmodels.reporting.options import LEVEL, ReportOptions
from clvmodels.transactions.customers import Customers
from clvmodels.value.periods.past_value import PastValue
from clvmodels.value.periods.value_per_customer import value_per_customer

_MOST_QUARTERS = 16  # rows that one reads; of a longer log by year
_LEAST_MONTHS = 7  # of a shorter log by month


def past_value_of(customers: Customers, options: ReportOptions) -> PastValue | None:
    """Value per customer by quarter (by month or year of a short or long log); None without purchases or amounts."""
    purchases = customers.purchases
    if purchases is None or purchases["spend"].isna().all() or purchases.empty:
        return None
    margin = options.margin
    return value_per_customer(customers, costs=options.costs, margin=margin, period=_period(purchases), interval=LEVEL)


def equity_of(customers: Customers, options: ReportOptions, past: PastValue | None, model: str) -> CustomerEquity | str:
    """Customer equity, if it is known what winning a customer costs; else why there is none, or ""."""
    cost = 0.0 if past is None else float(past.total["cost_of_acquisition"] / past.total["new_customers"])
    if not cost > 0.0:
        return ""
    if not isinstance(options.margin, int | float):
        return "Customers to come were not valued, since the margin is one a customer."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClvWarning)  # they are in the result's own words
            return _equity(customers, options, cost, float(options.margin), model)
    except ClvError as problem:
        return f"Customers to come were not valued: {problem}"


def _equity(customers: Customers, options: ReportOptions, cost: float, margin: float, model: str) -> CustomerEquity:
    an_order = 0.0 if options.costs is None else options.costs.per_order
    return customer_equity(
        customers,
        acquisition_cost=cost,
        annual_discount_rate=options.annual_discount_rate,
        margin=margin,
        cost_per_purchase=float(np.mean(np.asarray(an_order, dtype=np.float64))),
        interval=LEVEL,
        by="quarter",
        model=model,
        unit=customers.unit,
    )


def _period(purchases: pd.DataFrame) -> Literal["month", "quarter", "year"]:
    first, last = purchases["day"].min(), purchases["day"].max()
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months < _LEAST_MONTHS:
        return "month"
    return "quarter" if months <= 3 * _MOST_QUARTERS else "year"
