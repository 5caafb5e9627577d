"""Every purchase of the customers as arrays, from which the customers of any earlier day are made again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

Days = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PurchaseRecord:
    """Purchase days of customers until ``end``; each is a row, sorted by customer and day.

    A purchase that a later refund took back is not among them on any earlier day either.

    Attributes
    ----------
    customers : Customers
        The customers, who carry their purchases.
    purchases : pandas.DataFrame
        These, as `clvmodels.Customers` has them.
    place : ndarray of int
        Place of the customer of each purchase.
    day : ndarray of int
        Days since 1970-01-01.
    spend : ndarray of float
        What was spent; NaN without amounts.
    end : pandas.Timestamp
        Last day observed.
    """

    customers: Customers
    purchases: pd.DataFrame
    place: NDArray[np.intp]
    day: Days
    spend: Array
    end: pd.Timestamp

    @classmethod
    def of(cls, customers: Customers) -> PurchaseRecord | None:
        """The record of customers who carry their purchases and know their last day; None of others."""
        purchases, end = customers.purchases, customers.observation_end
        if purchases is None or end is None:
            return None
        place = customers.table.index.get_indexer(pd.Index(purchases["customer_id"]))
        day = purchases["day"].to_numpy().astype("M8[D]").astype(np.int64)
        spend = purchases["spend"].to_numpy(dtype=np.float64)
        known = np.flatnonzero(place >= 0)
        order = known[np.lexsort((day[known], place[known]))]
        return cls(customers, purchases.iloc[order], place[order], day[order], spend[order], end)

    @cached_property
    def is_first(self) -> NDArray[np.bool_]:
        """Whether a purchase is its customer's first."""
        first = np.ones(len(self.place), dtype=bool)
        first[1:] = self.place[1:] != self.place[:-1]
        return first

    @cached_property
    def first_day(self) -> Days:
        """Day of each customer's first purchase."""
        days = np.zeros(len(self.customers), dtype=np.int64)
        days[self.place[self.is_first]] = self.day[self.is_first]
        return days

    @property
    def has_amounts(self) -> bool:
        """Whether there is a purchase with positive spend."""
        return bool((self.spend > 0).any())

    @property
    def observed_days(self) -> int:
        """Days from that of the first purchase of all to the end, both included."""
        return int(day_number(self.end) - self.day.min()) + 1 if len(self.day) else 0

    def until(self, end: pd.Timestamp) -> Customers:
        """The customers as they stood at the end of an earlier day, with their purchases."""
        kept = self.day <= day_number(end)
        place, day, spend, first = self.place[kept], self.day[kept], self.spend[kept], self.is_first[kept]
        n, unit = len(self.customers), self.customers.unit
        number = np.bincount(place, minlength=n)
        known = number > 0
        last = np.zeros(n, dtype=np.int64)
        last[place] = day  # sorted by day: the last one stays
        paid = ~first & (spend > 0)
        paid_number = np.bincount(place[paid], minlength=n)
        paid_sum = np.bincount(place[paid], weights=spend[paid], minlength=n)
        table = pd.DataFrame(
            {
                "frequency": number - 1,
                "recency": (last - self.first_day) / DAYS_PER_UNIT[unit],
                "T": (day_number(end) - self.first_day) / DAYS_PER_UNIT[unit],
                "monetary_value": np.where(paid_number > 0, paid_sum / np.maximum(paid_number, 1), np.nan),
                "spend_frequency": paid_number,
            },
            index=self.customers.table.index,
        )[known]
        return replace(
            self.customers,
            table=table,
            purchases=self.purchases[kept].reset_index(drop=True),
            observation_end=end,
            report=None,
            mean_purchase_time=None,
        )


def sampled_customers(customers: Customers, number: int, seed: int) -> Customers:
    """A random sample of the customers, with their purchases if they carry them; all of them if they are no more."""
    n = len(customers)
    if number >= n:
        return customers
    chosen = np.sort(np.random.default_rng(seed).choice(n, number, replace=False))
    table, purchases = customers.table.iloc[chosen], customers.purchases
    if purchases is not None:
        purchases = purchases[purchases["customer_id"].isin(table.index)]
    return replace(customers, table=table, purchases=purchases, report=None, mean_purchase_time=None)


def day_number(day: pd.Timestamp) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))
