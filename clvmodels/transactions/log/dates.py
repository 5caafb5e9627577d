"""Calendar days as whole numbers, in one definition for every engine: days since 1970-01-01."""

from __future__ import annotations

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.transactions.units import DAYS_PER_UNIT

type DateLike = str | dt.date | np.datetime64
"""A day that a user gives: ISO text, date or timestamp (a pandas Timestamp is a date)."""

_EPOCH = dt.date(1970, 1, 1)
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-6]\d([.,]\d+)?)?|24:00(:00([.,]0+)?)?"
_ISO = rf"^\s*(\d{{8}}|\d{{4}}-\d{{2}}-\d{{2}}([T ]({_TIME}))?)\s*$"


def with_day(frame: nw.LazyFrame[Any], dtype: Any) -> nw.LazyFrame[Any]:
    """Add ``day``, days since 1970-01-01 of the dates, timestamps, ISO texts or YYYYMMDD numbers in ``date``.

    It is null where there is none. Each step is a column of its own: nested in one another the expressions would grow
    to thousands of terms.
    """
    date = nw.col("date")
    if dtype == nw.Date or dtype == nw.Datetime:
        parts = {"year": date.dt.year(), "month": date.dt.month(), "day": date.dt.day()}
        return _civil_to_day(frame.with_columns(**{name: part.cast(nw.Int64) for name, part in parts.items()}))
    if dtype == nw.String:
        digits = date.str.strip_chars().str.replace_all("-", "", literal=True).str.slice(0, 8)
        frame = frame.with_columns(number=nw.when(date.str.contains(_ISO)).then(digits))
    else:
        frame = frame.with_columns(number=date)
    number = nw.col("number")
    frame = frame.with_columns(number=number.cast(nw.Int64))
    frame = frame.with_columns(
        year=(number // 10_000).cast(nw.Int64),
        month=(number // 100 % 100).cast(nw.Int64),
        day=(number % 100).cast(nw.Int64),
    )
    frame = frame.with_columns(real=_is_civil(nw.col("year"), nw.col("month"), nw.col("day")))
    return _civil_to_day(frame).with_columns(day=nw.when(nw.col("real")).then(nw.col("day")))


def _civil_to_day(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Year, month and day of the Gregorian calendar as a number; years begin in March, so that leap days come last."""
    year, month = nw.col("year"), nw.col("month")
    early = nw.when(month <= 2).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64))
    frame = frame.with_columns(early=early)
    frame = frame.with_columns(year=year - nw.col("early"), month=month + 12 * nw.col("early") - 3)
    leap_days = (year // 4) - (year // 100) + (year // 400)
    day = 365 * year + leap_days + (153 * month + 2) // 5 + nw.col("day") - 719_469
    return frame.with_columns(day=day.cast(nw.Int64))


def _is_civil(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    short = (month == 4) | (month == 6) | (month == 9) | (month == 11)
    in_month = (day <= 28) | ((month != 2) & ((day <= 30) | ((day == 31) & ~short))) | (leap & (day == 29))
    return (year >= 1000) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & in_month


def parse_day(value: Any, name: str) -> int:
    """A date given by the user (text, date or timestamp) as days since 1970-01-01.

    Examples
    --------
    >>> parse_day("1970-01-03", "observation_end")
    2
    """
    if isinstance(value, str):
        try:
            return (dt.datetime.fromisoformat(value.strip()).date() - _EPOCH).days
        except ValueError:
            raise ArgumentError(f'{name} {value!r} is not a date. Write it as "1997-09-30".') from None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if value is pd.NaT or not isinstance(value, dt.date):
        raise ArgumentError(f'{name} must be a date such as "1997-09-30", not {shortly(value)}.')
    return (dt.date(value.year, value.month, value.day) - _EPOCH).days


def to_timestamp(day: int) -> pd.Timestamp:
    """Days since 1970-01-01 as a pandas timestamp.

    Examples
    --------
    >>> to_timestamp(2)
    Timestamp('1970-01-03 00:00:00')
    """
    return pd.Timestamp(_EPOCH + dt.timedelta(days=int(day)))


def days_to_units(days: Any, unit: str) -> Any:
    """Whole days as an exact fraction of the unit (days / 7 in weeks, days × 24 in hours)."""
    size = DAYS_PER_UNIT[unit]
    return days / size if size >= 1 else days * float(round(1 / size))
