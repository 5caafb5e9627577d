"""Customers as they stood on one day: the summary, and purchases and value of the time just before it.

Value is spend; in a log without amounts every purchase is worth 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.customer_rows import CustomerRows
from clvmodels.transactions.summary.holdout import Holdout, holdout_split
from clvmodels.transactions.summary.periods import PeriodSummary, summarize_period, summarize_two_periods
from clvmodels.transactions.units import DAYS_PER_UNIT


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers at the end of the day ``end``; later lines of the log have no influence.

    Attributes
    ----------
    log : Log
        The transactions.
    unit : str
        Unit of time of the summary.
    end : pandas.Timestamp
        Last day known, inclusive.
    keep_purchases : bool
        Whether the summary keeps the day and spend of every purchase, for models that need them.
    keep : tuple of str
        Columns that customers take with them, as they were known by then, for covariates.
    """

    log: Log
    unit: str
    end: pd.Timestamp
    keep_purchases: bool = False
    keep: tuple[str, ...] = ()
    _windows: dict[int, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def earlier(self, days: int) -> Snapshot:
        """The snapshot of ``days`` days before."""
        return replace(self, end=self.end - pd.Timedelta(days=days), _windows={})

    @cached_property
    def summary(self) -> PeriodSummary:
        """The rows of the customers until ``end``."""
        return summarize_period(
            self.log,
            unit=self.unit,
            observation_end=self.end,
            keep=self.keep,
            keep_purchases=self.keep_purchases,
        )

    @cached_property
    def customers(self) -> Customers:
        """The summary."""
        return self.summary.customers()

    @cached_property
    def total(self) -> Array:
        """Value of each customer's purchases so far, the first included."""
        return _value(self.summary.rows.purchasers(), self.has_amounts)

    @cached_property
    def currency_scale(self) -> float:
        """A twentieth of the mean purchase: what 1 is in log(1 + value), whatever the currency."""
        purchases = float((self.column("frequency") + 1.0).sum())
        return float(self.total.sum()) / purchases / 20.0 or 1.0

    @property
    def has_amounts(self) -> bool:
        """Whether the log has amounts."""
        return self.log.has_amounts

    def column(self, name: str) -> Array:
        """A column of the summary."""
        return self.customers.table[name].to_numpy(dtype=np.float64)

    @cached_property
    def days_since_last(self) -> Array:
        """Whole days since each customer's last purchase, whatever the unit."""
        return np.round((self.column("T") - self.column("recency")) * DAYS_PER_UNIT[self.unit])

    def daily_rate(self, minimum_days: float = 1.0) -> Array:
        """Repeat purchases a day, x / T; T is taken to be at least ``minimum_days``."""
        days = self.column("T") * DAYS_PER_UNIT[self.unit]
        return self.column("frequency") / np.maximum(days, minimum_days)

    @cached_property
    def mean_value(self) -> Array:
        """Mean value of a customer's purchases, the first included."""
        return self.total / (self.column("frequency") + 1.0)

    @cached_property
    def days(self) -> int:
        """Days from the first purchase of all to ``end``."""
        return round(float(self.column("T").max()) * DAYS_PER_UNIT[self.unit])

    def window(self, days: int) -> tuple[Array, Array]:
        """Purchases and value of the last ``days`` days; of all time if there is no more."""
        days = max(days, 1)
        if days not in self._windows:
            self._windows[days] = self._read_window(days)
        return self._windows[days]

    def _read_window(self, days: int) -> tuple[Array, Array]:
        """The window, read from the log."""
        if days > self.days:
            return self.column("frequency") + 1.0, self.total
        start = self.end - pd.Timedelta(days=days)
        _, last = summarize_two_periods(self.log, unit=self.unit, calibration_end=start, observation_end=self.end)
        return _aligned(last, self.customers.table.index)

    def outcome(self, days: int) -> tuple[Array, Array]:
        """Purchases and value of the ``days`` days after ``end``."""
        until = self.end + pd.Timedelta(days=days)
        return outcome(holdout_split(self.log, unit=self.unit, calibration_end=self.end, observation_end=until))


def outcome(split: Holdout) -> tuple[Array, Array]:
    """Purchases of each customer in the holdout, and their value."""
    counts = split.table["frequency"].to_numpy(dtype=np.float64)
    spend = split.table["spend"].to_numpy(dtype=np.float64)
    return counts, counts if np.isnan(spend).all() else spend


def _aligned(summary: PeriodSummary, ids: pd.Index[Any]) -> tuple[Array, Array]:
    """Purchases and value of a period in the order of ``ids``; 0 where there are none."""
    rows = summary.rows.purchasers()
    place = ids.get_indexer(rows.customer)
    known = place >= 0  # a customer all of whose purchases were taken back has no summary
    counts, spend = np.zeros(len(ids)), np.zeros(len(ids))
    counts[place[known]] = rows.purchase_days[known]
    spend[place[known]] = _value(rows, summary.log.has_amounts)[known]
    return counts, spend


def _value(rows: CustomerRows, has_amounts: bool) -> Array:
    """Spend; without amounts every purchase is worth 1."""
    return np.asarray(rows.spend if has_amounts else rows.purchase_days, dtype=np.float64)
