"""Earlier forecasts: the rule fitted on the days before an earlier date, beside what came after it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.errors import ClvError
from clvmodels.forecasting.rules.gate import FittedRule, Rule
from clvmodels.forecasting.rules.log_score import log_score
from clvmodels.forecasting.rules.spend import FittedSpend, fitted_spend
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.forecasting.timeline.schedule import MINIMUM_CUSTOMERS, inner_schedule
from clvmodels.inference.fits.kinds import SpendFit

MOST = 6  # inner holdouts
_OF_LEVEL = 4  # whose mean error of spend goes into the level


@dataclass(frozen=True, eq=False)
class EarlierForecast:
    """What the rule expected on an earlier date, and what came.

    Attributes
    ----------
    origin : pandas.Timestamp
        Last day that it knew.
    days : int
        Length of the holdout after it.
    title : str
        The models.
    purchases, buyers : tuple of float
        Expected and actual.
    revenue : tuple of float
        Expected, before the model's mean is moved to level and season, and actual; both 0 without amounts.
    fitted : FittedRule
        The models of that date.
    spend : FittedSpend or None
        The spend of that date; None without amounts.
    periods : pandas.DataFrame
        The whole calendar periods: ``days``, ``purchases`` expected, and ``purchases_actual``.
    log_score : float
        Of P(a purchase) of each customer, see `log_score`.
    """

    origin: pd.Timestamp
    days: int
    title: str
    purchases: tuple[float, float]
    buyers: tuple[float, float]
    revenue: tuple[float, float]
    fitted: FittedRule
    spend: FittedSpend | None
    periods: pd.DataFrame
    log_score: float

    @property
    def purchases_error(self) -> float:
        """Log error of total purchases."""
        expected, actual = self.purchases
        return float(np.log((actual + 0.5) / (expected + 0.5)))  # finite where there is nothing

    @property
    def spend_error(self) -> float | None:
        """Log error of the mean amount: that of revenue less that of purchases; None without any."""
        modelled, actual = self.revenue
        expected, came = self.purchases
        if min(modelled, actual, expected, came) <= 0:
            return None
        return float(np.log(actual / modelled) - np.log(came / expected))

    def ended_by(self, day: pd.Timestamp) -> bool:
        """Whether the holdout was over on a day."""
        return self.origin + pd.Timedelta(days=self.days) <= day


@dataclass(frozen=True, eq=False)
class EarlierForecasts:
    """All of them, the latest first, and how many dates the rule could not be fitted at."""

    found: tuple[EarlierForecast, ...] = ()
    failed: int = 0

    def spend_correction(self, spend: FittedSpend | None, after: pd.Timestamp, days: int) -> float:
        """By how much the logarithm of a spend model's mean is moved for the ``days`` after a day.

        Half way to what was seen of late and in the latest four holdouts that were over by then, apart from their
        seasons, and to the season of these days.
        """
        if spend is None:
            return 0.0
        over = [one for one in self.found if one.ended_by(after)]
        errors = [error - spend.season(one.origin, one.days) for one in over if (error := one.spend_error) is not None]
        return level_correction(spend.late, level_of(errors)) + spend.season(after, days)

    def spend_corrections(self) -> list[float]:
        """The correction that each date had."""
        return [self.spend_correction(one.spend, one.origin, one.days) for one in self.found]

    def spend_errors(self) -> list[float]:
        """Errors of spend that were left after that."""
        pairs = zip(self.found, self.spend_corrections(), strict=True)
        return [error - correction for one, correction in pairs if (error := one.spend_error) is not None]


def level_of(errors: Sequence[float | None]) -> float:
    """Mean error of spend of the first four that there are."""
    known = [error for error in errors if error is not None][:_OF_LEVEL]
    return float(np.mean(known)) if known else 0.0


def level_correction(late: float, level: float) -> float:
    """By how much the logarithm of a spend model's mean is moved: half way to what was seen of late and in holdouts."""
    return 0.5 * (late + level)


def earlier_forecasts(
    record: PurchaseRecord,
    rule: Rule,
    spend: str | SpendFit | None,
    horizon_days: int,
    by: str,
    latest: FittedRule | None = None,
) -> EarlierForecasts:
    """The rule at up to six earlier dates, half a holdout apart; each fit is searched for near the one after it."""
    every = list(each_earlier(record, rule, spend, horizon_days, by, latest))
    found = tuple(one for one in every if one is not None)
    return EarlierForecasts(found, len(every) - len(found))


def each_earlier(
    record: PurchaseRecord,
    rule: Rule,
    spend: str | SpendFit | None,
    horizon_days: int,
    by: str,
    latest: FittedRule | None = None,
) -> Iterator[EarlierForecast | None]:
    """The same one by one, the latest first; None where the rule could not be fitted."""
    schedule = inner_schedule(record.observed_days, horizon_days, MOST)
    for back in schedule.back:
        origin = record.end - pd.Timedelta(days=back)
        if int((record.first_day <= day_number(origin)).sum()) < MINIMUM_CUSTOMERS:
            continue
        one = None
        with contextlib.suppress(ClvError):
            one = _earlier_forecast(record, rule, spend, origin, schedule.days, by, latest)
            latest = one.fitted
        yield one


def _earlier_forecast(
    record: PurchaseRecord,
    rule: Rule,
    spend: str | SpendFit | None,
    origin: pd.Timestamp,
    days: int,
    by: str,
    near: FittedRule | None,
) -> EarlierForecast:
    """One of them."""
    customers = record.until(origin)
    start = day_number(origin)
    fitted = rule.fit(customers, record.observed_days - (day_number(record.end) - start), near)
    periods = calendar_periods(origin, origin + pd.Timedelta(days=days), by)
    breaks = [0, *np.cumsum(periods["days"]).tolist()]
    expected = fitted.of(customers, breaks)
    known = record.first_day[record.place] <= start
    inside = known & (record.day > start) & (record.day <= start + days)
    place, day = record.place[inside], record.day[inside]
    which = np.searchsorted(np.asarray(breaks[1:]), day - start)
    actual = np.bincount(which, minlength=len(periods)).astype(np.float64)
    each, chance = expected.of_customers()
    modelled, paid, of_spend = 0.0, 0.0, None
    if spend is not None and record.has_amounts:
        of_spend = fitted_spend(record, customers, spend)
        modelled, paid = float(each @ of_spend.mean), float(record.spend[inside].sum())
    return EarlierForecast(
        origin=origin,
        days=days,
        title=fitted.title,
        purchases=(float(each.sum()), float(len(day))),
        buyers=(float(chance.sum()), float(len(np.unique(place)))),
        revenue=(modelled, paid),
        fitted=fitted,
        spend=of_spend,
        periods=periods.assign(purchases=expected.of_periods(), purchases_actual=actual)[periods["whole"]],
        log_score=log_score(customers.table.index.isin(record.customers.table.index[place]), chance),
    )
