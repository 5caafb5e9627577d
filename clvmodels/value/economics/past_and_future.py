"""Margin of cohorts to date and still to come, a customer, discounted to the day of the first purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, discount_rate_per_unit
from clvmodels.value.conditions import Conditions
from clvmodels.value.intervals import values_over_draws
from clvmodels.value.of_purchases import purchase_valuation

_SAMPLE = 20_000  # customers who show how far draws vary
_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Customers by the period of their first purchase.

    Attributes
    ----------
    customers : Customers
        With their purchases.
    names : ndarray of str
        Of the cohorts, the oldest first.
    place : ndarray of int of shape (n,)
        Each customer's cohort.
    number : ndarray of shape (cohorts,)
        How many customers each has.
    discount : ndarray of shape (n,)
        From today to each customer's first purchase.
    """

    customers: Customers
    names: Array
    place: Places
    number: Places
    discount: Array

    @classmethod
    def of(cls, customers: Customers, frequency: str, annual_discount_rate: float) -> Cohorts:
        """The cohorts of customers who know the end of the observation."""
        unit, end = customers.unit, customers.observation_end
        assert end is not None  # checked before
        age = customers.table["T"].to_numpy(dtype=np.float64)
        first = end.normalize() - pd.to_timedelta(np.round(age * DAYS_PER_UNIT[unit]), unit="D")
        names, place = np.unique(pd.DatetimeIndex(first).to_period(frequency).astype(str), return_inverse=True)
        discount = np.exp(-discount_rate_per_unit(annual_discount_rate, unit) * age)
        return cls(customers, names, place, np.bincount(place), discount)

    def means(self, values: Array) -> Array:
        """Means by cohort of one value a customer."""
        return np.bincount(self.place, values, minlength=len(self.names)) / self.number


def realised(cohorts: Cohorts, conditions: Conditions) -> Array:
    """Margin to date, a customer."""
    customers = cohorts.customers
    days, end = customers.purchases, customers.observation_end
    assert days is not None  # checked before
    assert end is not None
    place = customers.table.index.get_indexer(pd.Index(days["customer_id"]))
    age = (end.normalize() - days["day"]).dt.days.to_numpy() / DAYS_PER_UNIT[customers.unit]
    since_first = np.maximum(customers.table["T"].to_numpy()[place] - age, 0.0)
    rate = discount_rate_per_unit(conditions.annual_discount_rate, customers.unit)
    spent = np.nan_to_num(days["spend"].to_numpy(dtype=np.float64))
    earned = float(conditions.margin) * spent - float(conditions.cost_per_purchase)  # type: ignore[arg-type]
    return cohorts.means(np.bincount(place, earned * np.exp(-rate * since_first), minlength=len(customers)))


def residual(cohorts: Cohorts, purchases: Any, spend: Any, conditions: Conditions) -> Array:
    """Margin still to come, a customer."""
    valuation = purchase_valuation(purchases, spend, cohorts.customers, conditions)
    terms = valuation.terms((0.0, valuation.horizon))
    return cohorts.means(cohorts.discount * terms.point(valuation.population, valuation.parameters))


def residual_draws(cohorts: Cohorts, purchases: Any, spend: Any, conditions: Conditions) -> Array:
    """The same at draws of the parameters over its mean, shape (cohorts, draws); of a sample where there are many."""
    customers = cohorts.customers
    rows = np.arange(len(customers))
    if len(rows) > _SAMPLE:
        rows = np.sort(np.random.default_rng(0).choice(rows, _SAMPLE, replace=False))
        customers = customers[customers.table.index[rows]]
    valuation = purchase_valuation(purchases, spend, customers, conditions)
    draws = valuation.draws()
    draws = draws[:: max(1, len(draws) // _DRAWS)]
    sums = np.zeros((len(cohorts.names), len(draws)))
    terms = valuation.terms((0.0, valuation.horizon))
    for some, _, values in values_over_draws([terms] * len(draws), valuation.population, draws):
        np.add.at(sums, cohorts.place[rows[some]], cohorts.discount[rows[some], None] * values)
    total = sums.sum(axis=0)
    means = sums.mean(axis=1, keepdims=True)
    return np.where(means > 0.0, sums / np.where(means > 0.0, means, 1.0), total / total.mean())
