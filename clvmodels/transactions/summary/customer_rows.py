"""What a log says about each customer, as arrays: the record that the chain and the fast path both make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.transactions.log.dates import days_to_units

Counts = NDArray[np.int64]
Amounts = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class KeptColumn:
    """A column that customers take with them: values of the first purchase, smallest and largest of all purchases."""

    first: Any
    smallest: Any
    largest: Any

    def select(self, chosen: Mask) -> KeptColumn:
        """The values of some of the customers."""
        return KeptColumn(self.first[chosen], self.smallest[chosen], self.largest[chosen])

    def count_several(self) -> int:
        """How many customers have more than one value."""
        smallest, largest = pd.Series(self.smallest), pd.Series(self.largest)
        return int((smallest.notna() & (smallest != largest)).sum())


@dataclass(frozen=True, eq=False)
class PurchaseDays:
    """Every purchase day, sorted as the customers are: what was spent on it (NaN without amounts), how many orders."""

    day: Counts
    spend: Amounts
    orders: Counts

    def select(self, chosen: Mask) -> PurchaseDays:
        """Some of the days."""
        return PurchaseDays(self.day[chosen], self.spend[chosen], self.orders[chosen])


@dataclass(frozen=True, eq=False, kw_only=True)
class CustomerRows:
    """One row a customer who has lines in the period, sorted by id; days are counted since 1970-01-01.

    Attributes
    ----------
    customer : pandas.Index
        The ids.
    first_day, last_day, purchase_days, day_sum : ndarray of int64
        First and last purchase day (meaningless where there is none), number and sum of the purchase days.
    lines, orders, order_days : ndarray of int64
        Lines, orders, and days with an order, refunds included.
    refund_lines, refund_orders, refund_days : ndarray of int64
        Those that are refunds; of the days those with nothing but refunds.
    repeat_spend_days : ndarray of int64
        Purchase days after the first with positive spend.
    spend, repeat_spend : ndarray of float64
        What was spent on the purchase days, and on those after the first.
    bought, refunded, unmatched : ndarray of float64
        Amounts of purchases and of refunds, and the part of the refunds that found no earlier purchase.
    kept : tuple of KeptColumn
        Columns that customers take with them.
    """

    customer: pd.Index[Any]
    first_day: Counts
    last_day: Counts
    purchase_days: Counts
    day_sum: Counts
    lines: Counts
    orders: Counts
    order_days: Counts
    refund_lines: Counts
    refund_orders: Counts
    refund_days: Counts
    repeat_spend_days: Counts
    spend: Amounts
    repeat_spend: Amounts
    bought: Amounts
    refunded: Amounts
    unmatched: Amounts
    kept: tuple[KeptColumn, ...] = ()

    @classmethod
    def of(
        cls, customer: pd.Index[Any], columns: Mapping[str, NDArray[Any]], kept: tuple[KeptColumn, ...] = ()
    ) -> CustomerRows:
        """The rows from the columns that the log has use for.

        Without order numbers every line is an order; without refunds every day with an order is a purchase day and
        what was bought is what was spent; all else that is not there is 0.
        """
        no_count = np.zeros(len(customer), dtype=np.int64)
        no_amount = np.zeros(len(customer))
        absent: dict[str, NDArray[Any]] = {
            "lines": columns["orders"],
            "order_days": columns["purchase_days"],
            "bought": columns.get("spend", no_amount),
            **dict.fromkeys(("refund_lines", "refund_orders", "refund_days", "repeat_spend_days"), no_count),
            **dict.fromkeys(("spend", "repeat_spend", "refunded", "unmatched"), no_amount),
        }
        return cls(customer=customer, kept=kept, **(absent | dict(columns)))

    def __len__(self) -> int:
        return len(self.customer)

    def select(self, chosen: Mask) -> CustomerRows:
        """The rows of some of the customers."""
        if chosen.all():
            return self
        arrays = {one.name: getattr(self, one.name)[chosen] for one in fields(self) if one.name != "kept"}
        return CustomerRows(**arrays, kept=tuple(column.select(chosen) for column in self.kept))

    def purchasers(self) -> CustomerRows:
        """The rows of the customers with a purchase."""
        return self.select(self.purchase_days > 0)

    def summary(self, end: int, unit: str) -> dict[str, Any]:
        """Frequency, recency, T, monetary value and spend frequency of customers with a purchase, until a last day."""
        spend_days = self.repeat_spend_days
        return {
            "frequency": self.purchase_days - 1,
            "recency": days_to_units((self.last_day - self.first_day).astype(np.float64), unit),
            "T": days_to_units((end - self.first_day).astype(np.float64), unit),
            "monetary_value": np.where(spend_days > 0, self.repeat_spend / np.maximum(spend_days, 1), np.nan),
            "spend_frequency": spend_days,
        }

    def mean_purchase_time(self, unit: str) -> Amounts:
        """For each customer the mean time of all purchases since the first."""
        mean: Amounts = days_to_units(self.day_sum / self.purchase_days - self.first_day, unit)
        return mean
