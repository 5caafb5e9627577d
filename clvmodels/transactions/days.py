"""Calendar days as whole numbers, in one definition for every engine: days since 1970-01-01."""

from __future__ import annotations

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.transactions.units import DAYS_PER_UNIT

_EPOCH = dt.date(1970, 1, 1)
_ISO = r"^\s*(\d{8}|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?)\s*$"


def day_number(column: str, dtype: Any) -> nw.Expr:
    """Days since 1970-01-01 of a date, timestamp, ISO text or YYYYMMDD number; null where it is none."""
    value = nw.col(column)
    if dtype == nw.Date or dtype == nw.Datetime:
        return _from_civil(
            value.dt.year().cast(nw.Int64), value.dt.month().cast(nw.Int64), value.dt.day().cast(nw.Int64)
        )
    if dtype == nw.String:
        digits = value.str.strip_chars().str.replace_all("-", "", literal=True).str.slice(0, 8)
        value = nw.when(value.str.contains(_ISO)).then(digits).otherwise(nw.lit(None, dtype=nw.String))
    number = value.cast(nw.Int64)
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    year, month, day = year.cast(nw.Int64), month.cast(nw.Int64), day.cast(nw.Int64)
    real = _is_civil(year, month, day)
    return nw.when(real).then(_from_civil(year, month, day)).otherwise(nw.lit(None, dtype=nw.Int64))


def _from_civil(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 in the Gregorian calendar, counting years from March (so that leap days come last)."""
    early = (month <= 2).cast(nw.Int64)
    year, month = year - early, month + 12 * early - 3
    leap_days = (year // 4) - (year // 100) + (year // 400)
    return (365 * year + leap_days + (153 * month + 2) // 5 + day - 719_469).cast(nw.Int64)


def _is_civil(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    short = (month == 4) | (month == 6) | (month == 9) | (month == 11)
    in_month = (
        (day <= 28)
        | ((day <= 30) & (month != 2))
        | ((day == 31) & ~short & (month != 2))
        | ((day == 29) & (month == 2) & leap)
    )
    return (year >= 1000) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & in_month


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
        raise ArgumentError(f'{name} must be a date such as "1997-09-30", not {value!r}.')
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
