"""A log becomes opportunities, of which each brought a purchase or none: the data of models in discrete time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.periods import PeriodSummary, summarize_period

_CALENDAR = {"month": "M8[M]", "year": "M8[Y]"}
OPPORTUNITIES = ("day", "week", *_CALENDAR)


@takes_log
@checked
def summarize_opportunities(
    log: Any,
    *,
    opportunity: str,
    observation_end: Any = None,
    keep: str | Sequence[str] | None = None,
    **columns: Unpack[LogKeywords],
) -> Customers:
    """Opportunities to buy, those that were taken and the last of them, for every customer: the data of "bg/bb".

    Each day, week, month or year is one opportunity, however much is bought in it. The period of the first purchase is
    none; those after it are numbered 1, 2, …, T. Purchase days are those of `summarize`, made by the same chain where
    the data are.

    Parameters
    ----------
    log
    opportunity : {"day", "week", "month", "year"}
        Its length: a week is seven days, counted back from the end; months and years are those of the calendar.
    observation_end : str or date, optional
        Last day observed, inclusive; the last opportunity is the last one that was over by then, and what came after
        it is left out. Default: the last day of the log.
    keep : str or sequence of str, optional
        Columns that customers take with them, as in `summarize`.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Customers
        In units of opportunities: ``frequency`` is how many of them brought a purchase, ``recency`` the number of the
        last of those (0 if there is none), ``T`` how many there were, ``monetary_value`` the mean spend of those with
        spend.

    Raises
    ------
    ArgumentError
        ``opportunity`` is none of these, or another argument has no meaning here.
    DataError
        No opportunity is over by the end of the log, or the log can't be used as it is.

    References
    ----------
    Fader, Hardie and Shang (2010), Marketing Science 29(6).

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "id": ["ann", "ann", "ann", "bob"],
    ...         "day": ["2024-01-20", "2024-03-05", "2024-03-28", "2024-02-11"],
    ...         "paid": [10.0, 20.0, 5.0, 4.0],
    ...     }
    ... )
    >>> customers = summarize_opportunities(
    ...     log, opportunity="month", customer="id", date="day", amount="paid", observation_end="2024-04-30"
    ... )
    >>> customers.table
                 frequency  recency    T  monetary_value  spend_frequency
    customer_id
    ann                  1      2.0  3.0            25.0                1
    bob                  0      0.0  2.0             NaN                0
    """
    if opportunity not in OPPORTUNITIES:
        raise ArgumentError(f"opportunity must be one of {', '.join(OPPORTUNITIES)}, not {opportunity!r}.")
    read = partial(summarize_period, bound_log(log, **columns), unit=opportunity, keep=keep, keep_purchases=True)
    end = None if observation_end is None else _over_by(parse_day(observation_end, "observation_end"), opportunity)
    period = read(observation_end=None if end is None else to_timestamp(end))
    last = _over_by(period.end, opportunity)
    if last < period.end:
        if last < period.profile.first_day:
            raise DataError(
                f"No {opportunity} was over by {to_timestamp(period.end):%Y-%m-%d}, the last day of the log. Choose a "
                "shorter opportunity, or pass observation_end=."
            )
        period = read(observation_end=to_timestamp(last))
    return _customers(period, opportunity)


def _over_by(day: int, opportunity: str) -> int:
    """Last day of the last period that is over in the evening of ``day``."""
    if opportunity not in _CALENDAR:
        return day
    return int(_period_start(_period(np.array([day + 1]), opportunity, day), opportunity)[0]) - 1


def _period(days: NDArray[np.int64], opportunity: str, end: int) -> NDArray[np.int64]:
    """Numbers of the periods that days lie in, one after the other."""
    if opportunity == "day":
        return days
    if opportunity == "week":
        return (days - end - 1) // 7
    return days.astype("M8[D]").astype(_CALENDAR[opportunity]).astype(np.int64)


def _period_start(periods: NDArray[np.int64], opportunity: str) -> NDArray[np.int64]:
    return periods.astype(_CALENDAR[opportunity]).astype("M8[D]").astype(np.int64)


def _customers(summary: PeriodSummary, opportunity: str) -> Customers:
    by_day, days = summary.customers(), summary.days
    assert days is not None  # they were asked for
    place = np.repeat(np.arange(len(by_day)), by_day.table["frequency"].to_numpy() + 1)
    period = _period(days.day, opportunity, summary.end)
    (until,) = _period(np.array([summary.end]), opportunity, summary.end)
    new = np.append(True, (place[1:] != place[:-1]) | (period[1:] != period[:-1]))  # sorted by customer and day
    spend = np.add.reduceat(days.spend, np.flatnonzero(new))
    place, period = place[new], period[new]
    n = len(by_day)
    birth = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(birth, place, period)
    again = period > birth[place]
    place, number, spend = place[again], (period - birth[place])[again], spend[again]
    last = np.zeros(n)
    np.maximum.at(last, place, number)
    spent = spend > 0
    count = np.bincount(place[spent], minlength=n)
    total = np.bincount(place[spent], weights=spend[spent], minlength=n)
    columns = {
        "frequency": np.bincount(place, minlength=n),
        "recency": last,
        "T": (until - birth).astype(np.float64),
        "monetary_value": np.where(count > 0, total / np.maximum(count, 1), np.nan),
        "spend_frequency": count,
    }
    return Customers(
        table=by_day.table.assign(**columns),
        unit=opportunity,
        observation_end=by_day.observation_end,
        report=by_day.report,
        currency=by_day.currency,
    )
