"""The same at earlier dates: what base and new customers were expected to spend, and what they spent."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.decisions.equity.parts.arrivals import Arrivals, arrivals
from clvmodels.decisions.equity.parts.new_customers import NewCustomers, new_customers
from clvmodels.decisions.equity.variance import DRAWS, PRIOR_OF_NEW, common
from clvmodels.decisions.equity.window import Window, window_of
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.result import ranges
from clvmodels.forecasting.result.ranges import Spread, learned, log_error
from clvmodels.forecasting.rules.inner_holdouts import EarlierForecast, level_correction, level_of
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.transactions.customers import Customers

NO_ERRORS = Spread(PRIOR_OF_NEW**2)  # of new customers, where there is no earlier date
_FURTHEST = np.log(10.0)  # where nobody came, or came unforeseen, no more is known than that
_NO_DRAWS = (np.ones(1), np.ones(1))  # of parameters: the errors hold what is not known of them
COLUMNS = ["days", "forecast", "lower", "upper", "actual", "inside"]


@dataclass(frozen=True, eq=False)
class EarlierWindow:
    """A window at an earlier date, and what came.

    Attributes
    ----------
    one : EarlierForecast
        The date with its models.
    window : Window
        What was expected.
    base, new : float
        Revenue that came.
    level : float
        By how much the logarithm of a new customer's revenue was moved.
    of_counts : float or None
        By how much it would have had to be, given how many came; None if nobody came.
    """

    one: EarlierForecast
    window: Window
    base: float
    new: float
    level: float
    of_counts: float | None

    @property
    def base_error(self) -> float:
        """log(actual / forecast)."""
        return log_error(self.base, self.window.base)

    @property
    def new_error(self) -> float | None:
        """The same of new customers; None if none were expected and none came."""
        if self.window.mean <= 0 and self.new <= 0:
            return None
        return float(np.clip(log_error(self.new, self.window.mean), -_FURTHEST, _FURTHEST))


def earlier_windows(
    tried: Sequence[EarlierForecast], table: pd.DataFrame, record: PurchaseRecord, method: str, by: str, seed: int
) -> list[EarlierWindow]:
    """The windows of a forecast's earlier dates, the latest first.

    Parameters
    ----------
    tried : sequence of EarlierForecast
        The dates.
    table : pandas.DataFrame
        What the forecast expected of the base there: `Forecast.earlier`.
    record : PurchaseRecord
        All purchases until today.
    method, by, seed
        How numbers of new customers are forecast, in which periods, and the seed of their draws.
    """
    found: list[EarlierWindow] = []
    expected = table["revenue_expected"]
    for one in reversed(tried):  # the oldest first, so that each has those that had ended
        ended = [other.of_counts for other in reversed(found) if other.one.ended_by(one.origin)]
        with contextlib.suppress(ArgumentError):  # too early to say anything of new customers
            found.append(_window(one, float(expected[one.origin]), record, method, by, seed, ended))
    return found[::-1]


def level_today(earlier: Sequence[EarlierWindow], new: NewCustomers, record: PurchaseRecord) -> float:
    """By how much the logarithm of a new customer's revenue is moved today."""
    late = new.late_level(record, day_number(record.end))
    return level_correction(late, level_of([one.of_counts for one in earlier]))


def spread_of_base(earlier: Sequence[EarlierWindow]) -> Spread:
    """How far the base's revenue is off, from a prior and the dates."""
    errors = [one.base_error for one in earlier]
    chance = [one.window.chance for one in earlier]
    return learned(ranges.PRIOR_OF_TOTAL**2 + ranges.PRIOR_OF_SPEND**2, errors, chance, len(errors))


def chance_of(purchases: float) -> float:
    """Variance of a base's revenue that is chance, relative."""
    return ranges.CHANCE_OF_PURCHASES / max(purchases, 1.0)


def new_errors(earlier: Sequence[EarlierWindow], *, given: bool = False) -> list[float]:
    """Log errors of the revenue of new customers, where there were any; with ``given`` for the numbers that came."""
    if given:
        return [one.of_counts - one.level for one in earlier if one.of_counts is not None]
    return [error for one in earlier if (error := one.new_error) is not None]


def backtest_table(earlier: Sequence[EarlierWindow], scale: float, level: float, seed: int) -> pd.DataFrame:
    """One row an earlier date and part, whose range knows the errors of the windows that were over by then."""
    parts = []
    for one in earlier:
        ended = [other for other in earlier if other.one.ended_by(one.one.origin)]
        of_base, window = spread_of_base(ended), one.window
        of_new = window.spread_of_new(new_errors(ended), _NO_DRAWS, of_base, seed)
        shared = common(_NO_DRAWS, of_base, window.chance, of_new, number=DRAWS, seed=seed)
        part = window.ranges(shared, level).assign(actual=[one.base, one.new, one.base + one.new])
        part["inside"] = (part["lower"] <= part["actual"]) & (part["actual"] <= part["upper"])
        money = ["forecast", "lower", "upper", "actual"]
        part[money] *= scale
        parts.append(pd.concat({one.one.origin: part.assign(days=one.one.days)[COLUMNS]}, names=["origin"]))
    if parts:
        return pd.concat(parts)
    index = pd.MultiIndex.from_arrays([pd.DatetimeIndex([]), []], names=["origin", "part"])
    return pd.DataFrame(columns=COLUMNS, index=index)


def actual_revenue(record: PurchaseRecord, start: int, days: int) -> tuple[float, float]:
    """What those known on a day, and those who came after it, spent in the days that followed."""
    inside = (record.day > start) & (record.day <= start + days)
    known = (record.first_day <= start)[record.place]
    return tuple(float(np.nansum(record.spend[inside & who])) for who in (known, ~known))  # type: ignore[return-value]


def _arrivals(known: Customers, method: str, until: pd.Timestamp, by: str, seed: int) -> Arrivals:
    """New customers after an earlier date; by another model where the one that was named needs a longer history."""
    record = PurchaseRecord.of(known)
    try:
        return arrivals(known, record, method, until, by, draws=DRAWS, seed=seed)
    except ArgumentError:
        return arrivals(known, record, "auto", until, by, draws=DRAWS, seed=seed)


def _window(
    one: EarlierForecast,
    base: float,
    record: PurchaseRecord,
    method: str,
    by: str,
    seed: int,
    ended: list[float | None],
) -> EarlierWindow:
    """The window of one date."""
    start, until = day_number(one.origin), one.origin + pd.Timedelta(days=one.days)
    assert one.spend is not None  # a log without amounts has no equity
    new = new_customers(one.fitted, one.spend.fit, float(one.spend.mean[0]))
    known = record.until(one.origin)
    coming = _arrivals(known, method, until, by, seed)
    level = level_correction(new.late_level(record, start), level_of(ended))
    came = (record.first_day > start) & (record.first_day <= start + one.days)
    _, actual = actual_revenue(record, start, one.days)
    days, number = np.unique(record.first_day[came], return_counts=True)
    of_counts = None
    if actual > 0:
        modelled = number @ new.revenue(days.astype(np.float64), np.array([float(start + one.days)]))[:, 0]
        of_counts = float(np.log(actual / modelled))
    window = window_of(base, one.purchases[0], coming, new, level, until)
    return EarlierWindow(one, window, one.revenue[1], actual, level, of_counts)
