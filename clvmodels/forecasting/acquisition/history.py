"""New customers a period of a log, as far as its first customers are new ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.acquisition.means import quarter_of
from clvmodels.forecasting.timeline.calendar_periods import PERIODS
from clvmodels.forecasting.timeline.past_periods import past_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from clvmodels.transactions.checks.check import customers_before_the_log
from clvmodels.transactions.customers import Customers

SEASONS = {"week": 52, "month": 12, "quarter": 4}


@dataclass(frozen=True, eq=False)
class AcquisitionHistory:
    """New customers of the whole periods of a log.

    Attributes
    ----------
    counts : pandas.Series
        Numbers, indexed by the last day of each period.
    left_out : int
        Periods at the beginning that are not in it, because they show old customers as new ones.
    note : str
        What to know about it; empty if there is nothing.
    """

    counts: pd.Series[float]
    left_out: int
    note: str


def acquisition_history(customers: Customers, by: str = "month") -> AcquisitionHistory:
    """First purchases by whole period; without the first year of a log that begins with old customers.

    A log that begins in the middle of a business shows those who bought before as new. Where first purchases come more
    than twice as fast in its first tenth as in its second half (`clvmodels.Customers.check`, "customers before the
    log"), its first year is left out; at least a quarter of a year stays, and then the note warns.

    Parameters
    ----------
    customers : Customers
        Who carry their purchases and know their last day.
    by : {"week", "month", "quarter"}
        Periods.
    """
    record = PurchaseRecord.of(customers)
    if record is None:
        raise ArgumentError(
            "New customers by period need the days of purchases. Pass the log, or keep_purchases=True to "
            "clvmodels.summarize."
        )
    past = past_periods(record, by)
    counts = past.loc[past["whole"].to_numpy(dtype=bool), "first_purchases"].astype(np.float64)
    counts.index = pd.DatetimeIndex(counts.index, freq=PERIODS[by])
    return _without_old_customers(counts, customers, SEASONS[by])


def _without_old_customers(counts: pd.Series[float], customers: Customers, season: int) -> AcquisitionHistory:
    """The counts without the first year, where that shows old customers."""
    if customers_before_the_log(customers.table, customers.unit).verdict in ("ok", "unknown"):
        return AcquisitionHistory(counts, 0, "")
    left_out = max(0, min(season, len(counts) - quarter_of(season)))
    note = "The log seems to begin with old customers, whose first purchase in it is not their first"
    if left_out == season:
        note += "; its first year doesn't count for how many new customers come."
    else:
        note += ", and is too short to leave out a whole year: fewer new customers may come than are forecast."
    return AcquisitionHistory(counts.iloc[left_out:], left_out, note)
