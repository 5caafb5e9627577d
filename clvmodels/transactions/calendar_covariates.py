"""Covariates that vary in time, as a table: one row a period, or one a customer and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import to_pandas
from clvmodels.transactions.validation import name_ids

Array = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class VaryingTable:
    """A checked table of covariates by period.

    Attributes
    ----------
    starts : ndarray of shape (k + 1,)
        First day of each period in days since 1970-01-01, and the day after the last one.
    frame : pandas.DataFrame
        The covariates.
    ids : pandas.Index or None
        The customers, if covariates differ by customer.
    places : ndarray of int of shape (customers, k) or (1, k)
        The row of ``frame`` for each customer and period; -1 where there is none.
    """

    starts: Array
    frame: pd.DataFrame
    ids: pd.Index[Any] | None
    places: Places

    @property
    def begin(self) -> pd.Timestamp:
        """The first day."""
        return day_of(self.starts[0])

    @property
    def end(self) -> pd.Timestamp:
        """The last day."""
        return day_of(self.starts[-1] - 1)


def read_varying(table: Any) -> VaryingTable:
    """Read a table of covariates by period.

    Parameters
    ----------
    table
        pandas, polars or PyArrow frame with ``date``, the first day of a period (or a pandas Period), and the
        covariates that hold until the next one's. With ``customer_id`` covariates differ by customer, and each has a
        row for every period from the first purchase on; without it they are the same for all. The last period is as
        long as the one before it, in calendar months where all periods are.

    Returns
    -------
    VaryingTable

    Raises
    ------
    ArgumentError
        There is no ``date``, or nothing else.
    DataError
        A date can't be read, a row is there twice, a value or the row of a period between others is missing.

    Examples
    --------
    >>> weeks = pd.DataFrame({"date": ["2024-01-01", "2024-01-08"], "campaign": [0, 1]})
    >>> read_varying(weeks).end.date()
    datetime.date(2024, 1, 14)
    """
    frame = _with_columns(to_pandas(table, "A table of covariates by period"))
    day = _days(frame["date"])
    of_customer = "customer_id" in frame.columns
    starts = np.unique(day)
    if len(starts) < 2:
        raise DataError("varying= holds a single period. Covariates that don't vary belong to customers.join(table).")
    covariates = frame.drop(columns=["date", "customer_id"], errors="ignore").reset_index(drop=True)
    row, ids = pd.factorize(frame["customer_id"]) if of_customer else (np.zeros(len(frame), dtype=np.intp), None)
    if (row < 0).any():
        raise DataError(f"varying= has {int((row < 0).sum()):,} rows without a customer_id.")
    places = np.full((1 if ids is None else len(ids), len(starts)), -1)
    period = np.searchsorted(starts, day)
    places[row, period] = np.arange(len(frame))
    index = None if ids is None else pd.Index(ids, name="customer_id")
    _check_once(places, row, period, starts, index)
    _check_values(covariates, day)
    _check_gaps(places, starts, index)
    return VaryingTable(np.append(starts, _next(starts)).astype(np.float64), covariates, index, places)


def day_of(day: float) -> pd.Timestamp:
    """A number of days since 1970-01-01 as a date."""
    return pd.Timestamp(int(day), unit="D")


def _with_columns(frame: pd.DataFrame) -> pd.DataFrame:
    named = [name for name in frame.index.names if name in ("date", "customer_id")]
    frame = frame.reset_index(level=named) if named else frame
    if "date" not in frame.columns:
        raise ArgumentError(
            f"varying= has no column 'date', the first day of each period. Columns: {', '.join(map(str, frame))}."
        )
    if not set(frame.columns) - {"date", "customer_id"}:
        raise ArgumentError("varying= holds no covariates: add a column for each, such as 'campaign'.")
    return frame


def _days(dates: pd.Series[Any]) -> NDArray[np.int64]:
    """Days since 1970-01-01."""
    if isinstance(dates.dtype, pd.PeriodDtype):
        dates = dates.dt.start_time
    if pd.api.types.is_numeric_dtype(dates.dtype):
        raise DataError(f"Column 'date' of varying= holds numbers such as {dates.iloc[0]!r}. Make them dates.")
    try:
        stamps = pd.to_datetime(dates, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise DataError(f"Column 'date' of varying= can't be read as dates: {str(error).splitlines()[0]}") from None
    if stamps.isna().any():
        raise DataError(f"Column 'date' of varying= is empty in {int(stamps.isna().sum()):,} rows.")
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_localize(None)
    return stamps.to_numpy().astype("datetime64[D]").astype(np.int64)


def _next(starts: NDArray[np.int64]) -> int:
    """The day after the last period."""
    dates = starts.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    in_month = dates - months.astype("datetime64[D]")
    steps = np.diff(months.astype(np.int64))
    if (in_month == in_month[0]).all() and (steps == steps[0]).all():
        following = (months[-1] + steps[-1]).astype("datetime64[D]") + in_month[0]
        return int(following.astype(np.int64))
    return int(2 * starts[-1] - starts[-2])


def _check_once(
    places: Places, row: Places, period: Places, starts: NDArray[np.int64], ids: pd.Index[Any] | None
) -> None:
    twice = places[row, period] != np.arange(len(row))
    if twice.any():
        first = int(np.flatnonzero(twice)[0])
        whose = "" if ids is None else f" for customer {ids[row[first]]}"
        hint = " Differ by customer? Then add customer_id." if ids is None else ""
        raise DataError(
            f"varying= has {int(twice.sum()):,} rows more than once, the first on "
            f"{day_of(float(starts[period[first]])).date()}{whose}.{hint}"
        )


def _check_values(covariates: pd.DataFrame, day: NDArray[np.int64]) -> None:
    for name in covariates.columns:
        absent = covariates[name].isna().to_numpy()
        if absent.any():
            raise DataError(
                f"Column {name!r} of varying= has no value in {int(absent.sum()):,} rows, the first on "
                f"{day_of(float(day[absent].min())).date()}. Fill it in, or leave the column out."
            )


def _check_gaps(places: Places, starts: NDArray[np.int64], ids: pd.Index[Any] | None) -> None:
    """Customers have rows for every period from their first to the end."""
    there = places >= 0
    gaps = ~there & (np.cumsum(there, axis=1) > 0)
    if ids is not None and gaps.any():
        who, which = np.nonzero(gaps)
        raise DataError(
            f"varying= lacks {len(who):,} rows of {len(np.unique(who)):,} customers ({name_ids(ids[np.unique(who)])}); "
            f"the first is that of {ids[who[0]]} on {day_of(float(starts[which[0]])).date()}. Every customer needs a "
            "row for each period."
        )
