"""Periods of a subscription: whole days, weeks, calendar months and years between two days."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
PERIODS = (*_DAYS, *_MONTHS)


def check_period(unit: Any) -> str:
    """Return ``unit`` if a subscription can be renewed each such period, else raise."""
    if unit not in PERIODS:
        found = "" if unit is None else f", not {unit!r}"
        raise ArgumentError(f"Pass unit=, the period from one renewal to the next: one of {', '.join(PERIODS)}{found}.")
    return str(unit)


def whole_periods(
    first: NDArray[np.int64], last: NDArray[np.int64], unit: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many periods fit between two days, and whether the second day is the end of one exactly.

    Months and years are those of the calendar: from 31 January one month is over on the last day of February.

    Parameters
    ----------
    first, last : ndarray of int64
        Days since 1970-01-01, last >= first.
    unit
        "day", "week", "month" or "year".

    Examples
    --------
    >>> day = lambda text: np.array([text], dtype="datetime64[D]").astype(np.int64)
    >>> whole_periods(day("2023-01-31"), day("2023-02-28"), "month")
    (array([1]), array([ True]))
    >>> whole_periods(day("2020-02-29"), day("2021-02-27"), "year")
    (array([0]), array([False]))
    """
    if unit in _DAYS:
        whole, rest = np.divmod(last - first, _DAYS[unit])
        return whole, rest == 0
    (start_month, start_day, _), (end_month, end_day, end_length) = _civil(first), _civil(last)
    due_day = np.minimum(start_day, end_length)
    months = end_month - start_month - (end_day < due_day)
    whole, rest = np.divmod(months, _MONTHS[unit])
    return whole, (rest == 0) & (end_day == due_day)


def _civil(day: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Number of the month, day of the month from 0, and its last day."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    begins, ends = month.astype("datetime64[D]"), (month + np.timedelta64(1, "M")).astype("datetime64[D]")
    of_month = (date - begins).astype(np.int64)
    return month.astype(np.int64), of_month, (ends - begins).astype(np.int64) - 1
