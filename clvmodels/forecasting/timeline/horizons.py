"""Horizons that end on a day of the calendar, and the weeks, months or quarters in them."""

from __future__ import annotations

import re

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

_WHOLE_MONTHS = re.compile(r"\s*(\d+)\s*([MY])\s*")
_DAY = pd.Timedelta(days=1)
PERIODS = {"week": "W-SUN", "month": "ME", "quarter": "QE-DEC"}


def horizon_end(observation_end: pd.Timestamp, horizon: Span, unit: str = "day") -> pd.Timestamp:
    """The last day of a horizon that begins on the day after ``observation_end``.

    Whole months and years are those of the calendar, so that a year after the last day of a year ends on the last day
    of the next; everything else is rounded to whole days, at least one.

    Parameters
    ----------
    observation_end
        Last day of the data, inclusive.
    horizon
        A number of ``unit``, or a span such as "1Y", "6M", "39W" or "182D".
    unit
        Of a number.

    Examples
    --------
    >>> day = pd.Timestamp("2011-12-31")
    >>> [f"{horizon_end(day, span):%Y-%m-%d}" for span in ("1Y", "365D", "2M")]
    ['2012-12-31', '2012-12-30', '2012-02-29']
    """
    whole = _WHOLE_MONTHS.fullmatch(horizon.upper()) if isinstance(horizon, str) else None
    length = span_in_units(horizon, unit)  # an error for what is no span
    if length == 0:
        raise ArgumentError(f"horizon must be longer than {horizon!r}.")
    try:
        if whole is None:
            return observation_end + pd.Timedelta(days=max(round(length * DAYS_PER_UNIT[unit]), 1))
        months = int(whole[1]) * (12 if whole[2] == "Y" else 1)
        last_of_month = observation_end == observation_end + pd.offsets.MonthEnd(0)
        end = observation_end + pd.DateOffset(months=months)
        return end + pd.offsets.MonthEnd(0) if last_of_month else end
    except (OverflowError, ValueError):  # of pandas and of dateutil
        raise ArgumentError(f"horizon {horizon!r} ends after all the dates that can be written.") from None


def horizon_in_units(observation_end: pd.Timestamp | None, horizon: Span, unit: str) -> float:
    """A horizon as a number of ``unit``: to a day of the calendar where the end of the data is known.

    Examples
    --------
    >>> horizon_in_units(pd.Timestamp("2011-12-31"), "1Y", "day"), horizon_in_units(None, "1Y", "day")
    (366.0, 365.25)
    """
    if observation_end is None or not isinstance(horizon, str):
        return span_in_units(horizon, unit)
    return (horizon_end(observation_end, horizon, unit) - observation_end).days / DAYS_PER_UNIT[unit]


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
