"""What is known at the day of the fit, and what has come since."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT


@dataclass(frozen=True, eq=False)
class SinceFit:
    """A log on both sides of the last day that the fit has seen.

    Attributes
    ----------
    known : Customers
        The customers at the day of the fit.
    now : Customers
        Those of the whole log, with every purchase.
    """

    known: Customers
    now: Customers

    @classmethod
    def of(cls, log: Any, fit: PurchaseFit, observation_end: Any, columns: dict[str, Any]) -> SinceFit:
        """The log as the fitted one was read.

        Raises
        ------
        ArgumentError
            The fit doesn't know its last day.
        DataError
            Nothing has come since.
        """
        if fit.observation_end is None:
            raise ArgumentError(
                "The fit doesn't know the last day of its customers, so nothing is known to come after."
            )
        now = fit.read(log, observation_end=observation_end, keep_purchases=True, **columns)
        if now.observation_end is None or now.observation_end <= fit.observation_end:
            raise DataError(
                f"The log ends on {now.observation_end:%Y-%m-%d}, and the model was fitted to what was known on "
                f"{fit.observation_end:%Y-%m-%d}. Pass a log that goes on after it."
            )
        return cls(fit.read(log, observation_end=fit.observation_end, **columns), now)

    @property
    def days(self) -> int:
        """Days since the fit."""
        return int((self._end - self._split).days)

    @property
    def horizon(self) -> float:
        """The time since the fit in the unit of the customers."""
        return self.days / DAYS_PER_UNIT[self.known.unit]

    @property
    def _split(self) -> pd.Timestamp:
        assert self.known.observation_end is not None
        return self.known.observation_end

    @property
    def _end(self) -> pd.Timestamp:
        assert self.now.observation_end is not None
        return self.now.observation_end

    @cached_property
    def purchases(self) -> pd.DataFrame:
        """Every purchase day: ``customer_id``, ``spend``, ``time`` in days after the fit (the day itself is 0)."""
        purchases = self.now.purchases
        assert purchases is not None
        time = (purchases["day"] - self._split).dt.days
        return pd.DataFrame({"customer_id": purchases["customer_id"], "spend": purchases["spend"], "time": time})

    @cached_property
    def of_known(self) -> pd.DataFrame:
        """``purchases`` and ``spend`` since the fit of those who were customers then, in their order."""
        later = self.purchases[self.purchases["time"] > 0]
        sums = later.groupby("customer_id")["spend"].agg(["size", "sum"]).reindex(self.known.table.index, fill_value=0)
        return sums.rename(columns={"size": "purchases", "sum": "spend"})

    def spend_between(self, after: int, until: int) -> pd.DataFrame:
        """Logarithms of positive spend in a time, ``total`` and ``number`` of each customer."""
        chosen = self.purchases[self.purchases["time"].between(after + 1, until) & (self.purchases["spend"] > 0)]
        logs = np.log(chosen["spend"]).groupby(chosen["customer_id"]).agg(["sum", "size"])
        return logs.rename(columns={"sum": "total", "size": "number"})

    def came_back(self, after: int, until: int, within: int) -> Array:
        """Of each customer who joined in a time, whether a second purchase came within so many days."""
        first = self.purchases.groupby("customer_id")["time"].transform("min")
        of_new = self.purchases[first.between(after + 1, until)].assign(first=first)
        soon = (of_new["time"] > of_new["first"]) & (of_new["time"] <= of_new["first"] + within)
        return np.asarray(soon.groupby(of_new["customer_id"]).any(), dtype=np.float64)

    def joined(self, after: int, until: int) -> int:
        """How many customers joined in a time."""
        return int(self.purchases.groupby("customer_id")["time"].min().between(after + 1, until).sum())
