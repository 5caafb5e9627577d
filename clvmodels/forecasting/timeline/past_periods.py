"""What happened by calendar period, to be seen beside a forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number

_COLUMNS = ["first_day", "days", "whole", "purchases", "first_purchases", "buyers", "revenue"]


def past_periods(record: PurchaseRecord | None, by: str) -> pd.DataFrame:
    """Repeat purchases, first purchases, buyers and revenue of every period from the first purchase to the end.

    Parameters
    ----------
    record
        The purchases, if they are known.
    by : {"week", "month", "quarter"}
        Kind of period.

    Returns
    -------
    pandas.DataFrame
        As `Forecast.past`; without rows if the purchases are not known.
    """
    if record is None or not len(record.day):
        return pd.DataFrame(columns=_COLUMNS, index=pd.DatetimeIndex([], name="period_end"))
    before = pd.Timestamp(int(record.day.min()) - 1, unit="D")
    periods = calendar_periods(before, record.end, by)
    last = np.cumsum(periods["days"].to_numpy())
    which = np.searchsorted(last, record.day - day_number(before))
    again, n = ~record.is_first, len(periods)
    pairs = pd.DataFrame({"which": which[again], "place": record.place[again]}).drop_duplicates()
    return periods.assign(
        purchases=np.bincount(which[again], minlength=n),
        first_purchases=np.bincount(which[~again], minlength=n),
        buyers=np.bincount(pairs["which"], minlength=n),
        revenue=np.bincount(which[again], weights=np.nan_to_num(record.spend[again]), minlength=n),
    )
