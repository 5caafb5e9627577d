"""What is known of every customer on one day: the summary, and counts and value of the time just before it.

Value is spend; in a log without amounts every purchase is worth 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.holdout import Holdout, holdout_split
from clvmodels.transactions.summary.rows import Ledger, read_ledgers
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Source:
    """A log and how to read it: whatever is made of it, for whatever day, is made in one way.

    Attributes
    ----------
    log
        As in `clvmodels.summarize`.
    options : dict
        ``customer``, ``date``, ``amount``, ``order``, ``unit``, ``refunds``, ``timezone``, and ``keep_purchases`` if
        models ask for them.
    """

    log: Any
    options: dict[str, Any]

    @property
    def unit(self) -> str:
        """Unit of time."""
        return str(self.options["unit"])

    def split(self, calibration_end: pd.Timestamp, observation_end: Any, currency: str | None = None) -> Holdout:
        """Calibration and holdout."""
        return holdout_split(
            self.log,
            calibration_end=calibration_end,
            observation_end=observation_end,
            currency=currency,
            **self.options,
        )

    def ledgers(self, end: pd.Timestamp | None, split: pd.Timestamp | None = None) -> tuple[Ledger, ...]:
        """Rows a customer until ``end`` (None: the last day), in two parts if there is a split."""
        start = None if split is None else parse_day(split, "split")
        columns = {name: value for name, value in self.options.items() if name not in ("unit", "keep_purchases")}
        return read_ledgers(
            Log.of(self.log, **columns),
            unit=self.unit,
            observation_end=end,
            calibration_end=start,
            keep_purchases=self.options.get("keep_purchases", False),
        )


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Customers on the evening of ``end``; lines after it play no part.

    Attributes
    ----------
    source : Source
        The log.
    end : pandas.Timestamp
        Last day known, inclusive.
    """

    source: Source
    end: pd.Timestamp
    _windows: dict[int, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    @cached_property
    def ledger(self) -> Ledger:
        """The rows of the customers until ``end``."""
        (ledger,) = self.source.ledgers(self.end)
        return ledger

    @cached_property
    def customers(self) -> Customers:
        """The summary."""
        return self.ledger.customers()

    @cached_property
    def total(self) -> Array:
        """What each customer has brought so far, the first purchase included."""
        return _value(self.ledger, self.ledger.purchasers())

    @cached_property
    def currency_scale(self) -> float:
        """A twentieth of the mean purchase: what 1 is in log(1 + value), whatever the currency."""
        purchases = float((self.column("frequency") + 1.0).sum())
        return float(self.total.sum()) / purchases / 20.0 or 1.0

    @property
    def has_amounts(self) -> bool:
        """Whether the log has amounts."""
        return self.ledger.has_amounts

    def column(self, name: str) -> Array:
        """A column of the summary."""
        return self.customers.table[name].to_numpy(dtype=np.float64)

    @cached_property
    def days_since_last(self) -> Array:
        """Whole days since each customer's last purchase, whatever the unit."""
        silent: Array = np.round((self.column("T") - self.column("recency")) * DAYS_PER_UNIT[self.source.unit])
        return silent

    def daily_rate(self, minimum_days: float = 1.0) -> Array:
        """Repeat purchases a day, x / T; T is taken to be at least ``minimum_days``."""
        days = self.column("T") * DAYS_PER_UNIT[self.source.unit]
        rate: Array = self.column("frequency") / np.maximum(days, minimum_days)
        return rate

    @cached_property
    def mean_value(self) -> Array:
        """Mean value of a customer's purchases, the first included."""
        mean: Array = self.total / (self.column("frequency") + 1.0)
        return mean

    @cached_property
    def days(self) -> int:
        """Days from the first purchase of all to ``end``."""
        return round(float(self.column("T").max()) * DAYS_PER_UNIT[self.source.unit])

    def window(self, days: int) -> tuple[Array, Array]:
        """Purchases and value of the last ``days`` days; of all time if there is no more."""
        days = max(days, 1)
        if days not in self._windows:
            self._windows[days] = self._read_window(days)
        return self._windows[days]

    def _read_window(self, days: int) -> tuple[Array, Array]:
        if days > self.days:
            return self.column("frequency") + 1.0, self.total
        _, last = self.source.ledgers(self.end, self.end - pd.Timedelta(days=days))
        return _aligned(last, self.customers.table.index)

    def outcome(self, days: int) -> tuple[Array, Array]:
        """Purchases and value of the ``days`` days after ``end``."""
        return outcome(self.source.split(self.end, self.end + pd.Timedelta(days=days)))


def outcome(split: Holdout) -> tuple[Array, Array]:
    """Purchases of each customer in the holdout, and their value."""
    counts = split.table["frequency"].to_numpy(dtype=np.float64)
    spend = split.table["spend"].to_numpy(dtype=np.float64)
    return counts, counts if np.isnan(spend).all() else spend


def snapshot(source: Source, end: Any) -> Snapshot:
    """A snapshot on a day given as text, date or timestamp."""
    return Snapshot(source, to_timestamp(parse_day(end, "end")))


def _aligned(ledger: Ledger, ids: pd.Index[Any]) -> tuple[Array, Array]:
    rows = ledger.purchasers()
    place = ids.get_indexer(pd.Index(rows["customer"]))
    known = place >= 0  # a customer all of whose purchases were taken back has no summary
    counts, spend = np.zeros(len(ids)), np.zeros(len(ids))
    counts[place[known]] = rows["purchase_days"][known]
    spend[place[known]] = _value(ledger, rows)[known]
    return counts, spend


def _value(ledger: Ledger, rows: dict[str, Any]) -> Array:
    """Spend; without amounts every purchase is worth 1."""
    return np.asarray(rows["spend" if ledger.has_amounts else "purchase_days"], dtype=np.float64)
