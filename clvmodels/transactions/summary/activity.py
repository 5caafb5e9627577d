"""What happened when: a log becomes purchases by day and activity by cohort.

The purchase days are those of the summary, made by the same chain where the data are; what comes back has a row a day
or a row a pair of months, however many customers there are.
"""

from __future__ import annotations

from typing import Any, Unpack

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.engine import collect, to_engine
from clvmodels.transactions.log.forms.typed import read_forms
from clvmodels.transactions.log.lines import read_lines
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.copies import read_lines_once
from clvmodels.transactions.summary.left_out import leave_out
from clvmodels.transactions.summary.profile import profile_lines, used_lines
from clvmodels.transactions.summary.purchase_days import Rules, purchase_days

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@takes_log
def purchases_by_day(
    log: Any,
    *,
    calibration_end: Any = None,
    observation_end: Any = None,
    **columns: Unpack[LogKeywords],
) -> pd.DataFrame:
    """New customers, repeat purchases and spend of every day.

    Parameters
    ----------
    log
    calibration_end : str or date, optional
        Count only the customers who had bought by this day, as `clvmodels.holdout_split` does; refunds after it
        then have no influence on what was before.
    observation_end : str or date, optional
        Last day, inclusive. Default: the last day of the log.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

    Returns
    -------
    pandas.DataFrame
        One row a calendar day from the first purchase on, days without purchases included: ``customers`` (first
        purchases), ``purchases`` (repeat purchase days) and ``spend`` (on both; NaN without amounts).

    Raises
    ------
    ArgumentError
        ``refunds`` is "error", or a date is none.
    DataError
        Nobody has a purchase by ``calibration_end``, or the log can't be used as it is.

    Examples
    --------
    >>> import clvmodels as clv
    >>> days = purchases_by_day(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                         calibration_end="1997-09-30")
    >>> int(days["customers"].sum()), int(days.loc["1997-10-01":, "purchases"].sum())
    (2357, 1882)
    """
    split = None if calibration_end is None else parse_day(calibration_end, "calibration_end")
    read = bound_log(log, **columns)
    days, end = _purchase_days(read, observation_end, split)
    if split is not None:
        days = days.filter(nw.col("first") <= split)
    is_first = nw.col("purchase_day") == nw.col("first")
    one, none = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    days = days.with_columns(new=nw.when(is_first).then(one).otherwise(none))
    table = collect(
        days.group_by("purchase_day")
        .agg(customers=nw.col("new").sum(), all=nw.len().cast(nw.Int64), spend=nw.col("spend").sum())
        .sort("purchase_day")
    ).to_pandas()
    if len(table) == 0:
        raise DataError("No customer has a purchase left in this log until the end of the calibration.")
    every_day = np.arange(int(table["purchase_day"].iloc[0]), end + 1)
    table = table.set_index("purchase_day").reindex(every_day, fill_value=0)
    return pd.DataFrame(
        {
            "customers": table["customers"].to_numpy(dtype=np.int64),
            "purchases": (table["all"] - table["customers"]).to_numpy(dtype=np.int64),
            "spend": table["spend"].to_numpy(dtype=np.float64) if read.has_amounts else np.nan,
        },
        index=_dates(every_day, "date"),
    )


@takes_log
def cohort_activity(
    log: Any,
    *,
    period: str = "month",
    observation_end: Any = None,
    **columns: Unpack[LogKeywords],
) -> pd.DataFrame:
    """How many of those who first bought in one period bought in each later one.

    Parameters
    ----------
    log
    period : {"month", "quarter", "year"}, default "month"
        A period of the calendar.
    observation_end : str or date, optional
        Last day, inclusive. Default: the last day of the log.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

    Returns
    -------
    pandas.DataFrame
        One row a ``cohort`` (first day of the period of the first purchase) and ``age`` (periods since then, 0 the
        first): ``customers`` (who bought in it), ``purchases``, ``spend`` (NaN without amounts) and ``whole`` (the
        period lies within the observation to its last day).

    Raises
    ------
    ArgumentError
        ``period`` is none of these, ``refunds`` is "error", or ``observation_end`` is no date.
    DataError
        The log can't be used as it is.

    Examples
    --------
    >>> import clvmodels as clv
    >>> table = cohort_activity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
    >>> table.loc[("1997-01-01", [0, 1]), "customers"].tolist()
    [781, 124]
    """
    if period not in _MONTHS:
        raise ArgumentError(f'period must be "month", "quarter" or "year", not {period!r}.')
    read = bound_log(log, **columns)
    days, end = _purchase_days(read, observation_end)
    size = _MONTHS[period]
    days = _with_month(_with_month(days, "purchase_day", "period"), "first", "cohort")
    days = days.with_columns(period=nw.col("period") // size, cohort=nw.col("cohort") // size)
    each = days.group_by("customer", "cohort", "period").agg(
        purchases=nw.len().cast(nw.Int64), spend=nw.col("spend").sum()
    )
    counts = {"customers": nw.len().cast(nw.Int64), "purchases": nw.col("purchases").sum()}
    table = collect(each.group_by("cohort", "period").agg(**counts, spend=nw.col("spend").sum())).to_pandas()
    return _every_age(table, size, end, read.has_amounts)


def _purchase_days(log: Log, observation_end: Any, split: int | None = None) -> tuple[nw.LazyFrame[Any], int]:
    """One row a customer and purchase day, with the day of the first purchase and the spend; the last day observed."""
    if log.refunds not in ("net", "drop"):
        raise ArgumentError(f'refunds must be "net" or "drop", not {log.refunds!r}.')
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    frame, columns, _ = read_lines_once(log)
    frame, columns, _ = read_forms(frame, columns, log)
    lines = read_lines(to_engine(frame, columns.moments, log.timezone), columns)
    lines, _ = leave_out(lines, columns)
    profile = profile_lines(lines, columns, end, log)
    rules = Rules(
        has_amounts=bool(columns.amount),
        has_orders=columns.order is not None,
        refunds=log.refunds if profile.refunds else None,
        split=split,
    )
    days = purchase_days(used_lines(lines, profile), rules).filter(~nw.col("purchase_day").is_null())
    if not columns.amount:
        days = days.with_columns(spend=nw.lit(0.0))
    days = days.select("customer", "purchase_day", "spend")
    return days.with_columns(first=nw.col("purchase_day").min().over("customer")), profile.end


def _with_month(frame: nw.LazyFrame[Any], day: str, name: str) -> nw.LazyFrame[Any]:
    """Months since the year 0 of days since 1970, in whole numbers that every engine has.

    A year begins in March, so that leap days come last; Hinnant's algorithm, the inverse of `days._civil_to_day`.
    """
    frame = frame.with_columns(z=nw.col(day) + 719_468)
    frame = frame.with_columns(era=nw.col("z") // 146_097)
    frame = frame.with_columns(doe=nw.col("z") - nw.col("era") * 146_097)
    doe = nw.col("doe")
    frame = frame.with_columns(yoe=(doe - doe // 1_460 + doe // 36_524 - doe // 146_096) // 365)
    yoe = nw.col("yoe")
    frame = frame.with_columns(doy=doe - (365 * yoe + yoe // 4 - yoe // 100))
    month = (5 * nw.col("doy") + 2) // 153 + 2 + 12 * (yoe + 400 * nw.col("era"))
    return frame.with_columns(month.cast(nw.Int64).alias(name)).drop("z", "era", "doe", "yoe", "doy")


def _every_age(table: pd.DataFrame, size: int, end: int, has_amounts: bool) -> pd.DataFrame:
    """The activity with a row for every age of a cohort until the end, also where nobody bought."""
    last_day = to_timestamp(end)
    last = (12 * last_day.year + last_day.month - 1) // size
    cohorts = np.sort(table["cohort"].unique())
    cells = [(cohort, period) for cohort in cohorts for period in range(cohort, last + 1)]
    index = pd.MultiIndex.from_tuples(cells, names=["cohort", "period"])
    filled = table.set_index(["cohort", "period"]).reindex(index, fill_value=0)
    cohort = index.get_level_values("cohort").to_numpy()
    period = index.get_level_values("period").to_numpy()
    following = _month_start((period + 1) * size)
    return pd.DataFrame(
        {
            "customers": filled["customers"].to_numpy(dtype=np.int64),
            "purchases": filled["purchases"].to_numpy(dtype=np.int64),
            "spend": filled["spend"].to_numpy(dtype=np.float64) if has_amounts else np.nan,
            "whole": np.asarray(following - pd.Timedelta(days=1) <= last_day),
        },
        index=pd.MultiIndex.from_arrays([_month_start(cohort * size), period - cohort], names=["cohort", "age"]),
    )


def _month_start(months: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((np.asarray(months, dtype=np.int64) - 12 * 1970).astype("M8[M]").astype("M8[s]"))


def _dates(days: Any, name: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.asarray(days, dtype=np.int64).astype("M8[D]").astype("M8[s]"), name=name)
