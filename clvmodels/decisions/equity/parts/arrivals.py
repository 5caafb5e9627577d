"""How many new customers come in each period ahead: given, or forecast from those who came before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import shortly
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.acquisition.forecast_acquisition import forecast_acquisition, given_acquisition
from clvmodels.forecasting.acquisition.history import SEASONS, acquisition_history
from clvmodels.forecasting.timeline.calendar_periods import PERIODS, calendar_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.frames import to_pandas

METHODS = ("auto", "last_year", "recent_mean", "trend")
_MONTH = 28  # days
_MISSED = 30.0  # new customers that the pace until then would have brought
_DAY = pd.Timedelta(days=1)
_NODES = 10  # days between the days of a period on which its customers come


@dataclass(frozen=True, eq=False)
class Arrivals:
    """New customers of the periods ahead.

    Attributes
    ----------
    periods : pandas.DataFrame
        As `calendar_periods` has them.
    mean : ndarray of shape (periods,)
        Expected numbers.
    draws : ndarray of shape (draws, periods)
        Numbers that may come, one error of the level a draw.
    method : str
        "given", "none", or the model of the numbers.
    notes : tuple of str
        What to know about them.
    """

    periods: pd.DataFrame
    mean: Array
    draws: Array
    method: str
    notes: tuple[str, ...] = ()

    def days(self) -> tuple[Array, Places]:
        """Days (since 1970-01-01) on which customers come, a few in each period, and the period of each."""
        found = [
            day_number(first) + np.arange(0.5, number := max(1, round(days / _NODES))) * (days / number) - 0.5
            for first, days in zip(self.periods["first_day"], self.periods["days"], strict=True)
        ]
        return np.floor(np.concatenate(found)), np.repeat(np.arange(len(found)), [len(one) for one in found])


def arrivals(
    customers: Customers,
    record: PurchaseRecord | None,
    counts: Any,
    until: pd.Timestamp,
    by: str,
    *,
    draws: int,
    seed: int,
) -> Arrivals:
    """New customers from the day after the end of the observation until a day.

    Parameters
    ----------
    customers : Customers
        Who are known.
    record : PurchaseRecord or None
        Their purchases, if they carry them.
    counts
        The name of a model, or one number a period.
    until, by
        The last day, and the kind of period.
    draws, seed
        How many draws, and their seed.
    """
    end = customers.observation_end
    assert end is not None  # checked where the forecast was made
    periods = calendar_periods(end, until, by)
    if not isinstance(counts, str):
        found = given_acquisition(given_counts(counts, periods, by), draws=draws, seed=seed)
        return Arrivals(periods, found.means["new_customers"].to_numpy(), found.draws, "given")
    if record is None:
        raise ArgumentError(
            "How many new customers come can't be forecast of customers who don't carry their purchases. Pass counts=, "
            "the log, or keep_purchases=True to clvmodels.summarize."
        )
    if (sentence := closed(record)) is not None:
        return Arrivals(periods, np.zeros(len(periods)), np.zeros((draws, len(periods))), "none", (sentence,))
    return _forecast(customers, counts, periods, by, draws, seed)


def check_method(name: str) -> None:
    """Raise unless it is a model of the numbers."""
    if name not in METHODS:
        raise ArgumentError(
            f"counts must be one of {', '.join(map(repr, METHODS))}, or one number a period, not {shortly(name)}."
        )


def given_counts(counts: Any, periods: pd.DataFrame, by: str) -> pd.Series[float]:
    """Numbers that a user gives, one a period; of a table its column ``new_customers``."""
    if hasattr(counts, "columns"):
        table = to_pandas(counts, "A table of new customers")
        if "new_customers" not in table:
            raise ArgumentError(f"counts has no column 'new_customers'. Columns: {list(table.columns)}.")
        counts = table["new_customers"]
    numbers = counts.to_numpy() if isinstance(counts, pd.Series) else counts
    if not hasattr(numbers, "__len__") or isinstance(numbers, bytes | dict):
        raise ArgumentError(f"counts must hold one number a {by}, not {shortly(counts)}.")
    if len(numbers) != len(periods):
        first, last = periods.index[0], periods.index[-1]
        raise ArgumentError(
            f"counts has {formats.plural(len(numbers), 'number')}, and the horizon {len(periods)} {by}s, from that "
            f"which ends on {first:%Y-%m-%d} to {last:%Y-%m-%d}. Give one number each."
        )
    return pd.Series(numbers, index=periods.index)


def closed(record: PurchaseRecord) -> str | None:
    """A sentence where nobody has been new for so long that acquisition must have stopped; else None."""
    last, begin = int(record.first_day.max()), int(record.day.min())
    silent = day_number(record.end) - last
    expected = len(record.customers) * silent / (last - begin + 1)
    if silent < _MONTH or expected < _MISSED:
        return None
    day = pd.Timestamp(last, unit="D")
    return (
        f"Nobody has been new since {day:%Y-%m-%d}, {silent} days before the end, in which the pace until then would "
        f"have brought {formats.count(expected)}: the log holds those who came until then and nobody else, so "
        "no new customers are forecast. Pass counts= if you know how many will come."
    )


def _forecast(customers: Customers, method: str, periods: pd.DataFrame, by: str, draws: int, seed: int) -> Arrivals:
    """Numbers forecast for whole periods, of which those at the ends may be only a part."""
    history = acquisition_history(customers, by)
    if not len(history.counts):
        raise ArgumentError(f"The log has no whole {by}, so it says nothing of new customers to come. Pass counts=.")
    ahead = calendar_periods(history.counts.index[-1], periods.index[-1], by)
    found = forecast_acquisition(
        history.counts, len(ahead), method=method, periods_per_year=SEASONS[by], draws=draws, seed=seed
    )
    rows = np.searchsorted(ahead.index.to_numpy(), periods.index.to_numpy())
    share = periods["days"].to_numpy() / _whole_days(periods, by)
    return Arrivals(
        periods,
        found.means["new_customers"].to_numpy()[rows] * share,
        found.draws[:, rows] * share,
        found.method,
        (history.note,) if history.note else (),
    )


def _whole_days(periods: pd.DataFrame, by: str) -> Array:
    """Days of the calendar periods that these are or are parts of."""
    period = pd.tseries.frequencies.to_offset(PERIODS[by])
    pairs = zip(periods["first_day"], periods.index, strict=True)
    return np.array([(period.rollforward(end) - period.rollback(first - _DAY)).days for first, end in pairs])
