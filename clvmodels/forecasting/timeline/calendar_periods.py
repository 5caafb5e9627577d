"""The weeks, months or quarters of a time to come."""

from __future__ import annotations

import pandas as pd

from clvmodels.errors import ArgumentError

_DAY = pd.Timedelta(days=1)
PERIODS = {"week": "W-SUN", "month": "ME", "quarter": "QE-DEC"}


def calendar_periods(after: pd.Timestamp, until: pd.Timestamp, by: str) -> pd.DataFrame:
    """The calendar periods of the days after ``after`` until ``until``.

    Parameters
    ----------
    after, until
        The day before the first, and the last day.
    by : {"week", "month", "quarter"}
        Weeks end on Sundays.

    Returns
    -------
    pandas.DataFrame
        One row a period, indexed by its last day (``period_end``): ``first_day``, ``days`` and ``whole``, False where
        only a part of the calendar period lies in these days.

    Examples
    --------
    >>> calendar_periods(pd.Timestamp("2024-01-15"), pd.Timestamp("2024-02-29"), "month")
                first_day  days  whole
    period_end
    2024-01-31 2024-01-16    16  False
    2024-02-29 2024-02-01    29   True
    """
    if by not in PERIODS:
        raise ArgumentError(f'by must be "week", "month" or "quarter", not {by!r}.')
    full = list(pd.date_range(after + _DAY, until, freq=PERIODS[by]))
    ends = full if full and full[-1] == until else [*full, until]
    firsts = [before + _DAY for before in (after, *ends[:-1])]
    period = pd.tseries.frequencies.to_offset(PERIODS[by])
    whole = [
        period.rollforward(end) == end and period.rollback(first - _DAY) == first - _DAY
        for first, end in zip(firsts, ends, strict=True)
    ]
    return pd.DataFrame(
        {
            "first_day": pd.DatetimeIndex(firsts),
            "days": [(end - first).days + 1 for first, end in zip(firsts, ends, strict=True)],
            "whole": whole,
        },
        index=pd.DatetimeIndex(ends, name="period_end"),
    )
