"""Customers: one row a customer, with the unit of time and the end of the observation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from clvmodels.transactions.histories import Histories, group_histories


@dataclass(frozen=True, eq=False)
class Customers:
    """A customer base as recency, frequency and monetary value.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``customer_id``; columns ``frequency`` (int64), ``recency``, ``T`` (float64, in ``unit``),
        ``monetary_value`` (float64, NaN without positive repeat spend) and ``spend_frequency`` (int64).
    unit : str
        "hour", "day", "week", "month" or "year".
    observation_end : pandas.Timestamp or None
        Last day observed, inclusive.
    report : RowReport or None
        What happened to the rows of the log.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    unit: str
    observation_end: pd.Timestamp | None = None
    report: Any = None
    currency: str | None = None

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def _histories(self) -> Histories:
        return group_histories(
            self.table["frequency"].to_numpy(), self.table["recency"].to_numpy(), self.table["T"].to_numpy()
        )

    def histories(self) -> Histories:
        """Distinct (frequency, recency, T) with how many customers share each."""
        return self._histories
