"""A `CustomerEquity` is put together: base, customers to come, what is common to both, and earlier dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.decisions.equity import earlier as earlier_dates
from clvmodels.decisions.equity.earlier import EarlierWindow
from clvmodels.decisions.equity.parts.arrivals import Arrivals, arrivals
from clvmodels.decisions.equity.parts.base import Base
from clvmodels.decisions.equity.parts.cohort_value import cohort_purchases
from clvmodels.decisions.equity.parts.conditions import Conditions
from clvmodels.decisions.equity.parts.future import Future
from clvmodels.decisions.equity.parts.new_customers import NewCustomers, new_customers
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.decisions.equity.sensitivities import sensitivities
from clvmodels.decisions.equity.variance import DRAWS, Common, bounds, common
from clvmodels.decisions.equity.window import Window, window_of
from clvmodels.errors import DataError
from clvmodels.forecasting.build import LARGE
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.gate import FittedRule
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number, sampled_customers
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_end
from clvmodels.transactions.units import Span


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlook:
    """A forecast, what new customers bring, and how both did at earlier dates.

    Attributes
    ----------
    forecast : Forecast
        Of today's customers, over a window.
    record : PurchaseRecord or None
        Purchases of all, if they are known.
    new : NewCustomers
        What customers to come do.
    level : float
        By how much the logarithm of their revenue is moved.
    earlier : list of EarlierWindow
        The same window at earlier dates.
    scale : float
        All customers over those whom the models were fitted to.
    method, by, seed
        How numbers of new customers are forecast where they are not given, in which periods, and the seed.
    """

    forecast: Forecast
    record: PurchaseRecord | None
    new: NewCustomers
    level: float
    earlier: list[EarlierWindow]
    scale: float
    method: str
    by: str
    seed: int

    def window(self) -> Window:
        """Revenue of the window ahead."""
        made = self.forecast
        coming = self.arrivals(self.method, made.horizon_end)
        revenue, purchases = (float(made.estimates[name]) for name in ("revenue", "purchases"))
        return window_of(revenue, purchases, coming, self.new, self.level, made.horizon_end)

    def arrivals(self, counts: Any, until: pd.Timestamp) -> Arrivals:
        """New customers until a day."""
        known = self.forecast.known
        assert known is not None  # made here
        return arrivals(known, self.record, counts, until, self.by, draws=DRAWS, seed=self.seed)

    def common(self, ratios: tuple[Array, Array], *, given: bool) -> Common:
        """What base and customers to come share; with ``given`` their numbers are known."""
        of_base = self.forecast.spreads.total["revenue"]
        chance = self.window_chance
        of_new = self._spread_of_new(ratios, given=given)
        return common(ratios, of_base, chance, of_new, number=DRAWS, seed=self.seed)

    @property
    def window_chance(self) -> float:
        """Relative variance of the base's revenue in the window that is chance."""
        return earlier_dates.chance_of(float(self.forecast.estimates["purchases"]))

    def _spread_of_new(self, ratios: tuple[Array, Array], *, given: bool) -> Any:
        window_errors = earlier_dates.new_errors(self.earlier, given=given)
        if self.record is None:
            return earlier_dates.NO_ERRORS
        window = self.window()
        if given:
            certain = replace(window.cohorts, counts=window.cohorts.counts.mean(axis=0, keepdims=True))
            window = replace(window, cohorts=certain)
        return window.spread_of_new(window_errors, ratios, self.forecast.spreads.total["revenue"], self.seed)


def outlook(customers: Customers, days: int, *, model: str, spend: Any, method: str, by: str, seed: int) -> Outlook:
    """The forecast of a window, with new customers and earlier dates.

    Parameters
    ----------
    customers : Customers
        Who are known, with their purchases if earlier dates are to be looked at.
    days : int
        Length of the window.
    model, spend, method, by, seed
        As in `clvmodels.customer_equity`.
    """
    made = forecast(customers, horizon=f"{days}D", model=model, spend=spend, seed=seed)
    if not made.has_revenue:
        raise DataError("Without amounts there is no equity. Summarize the log with amount=, and pass spend=.")
    some = PurchaseRecord.of(sampled_customers(customers, LARGE, seed))
    found: list[EarlierWindow] = []
    new = new_customers(FittedRule(made.purchase_fits), made.spend_fit, float(made.customers["expected_spend"].mean()))
    level = 0.0
    if some is not None:
        found = earlier_dates.earlier_windows(made.tried, made.earlier, some, method, by, seed)
        level = earlier_dates.level_today(found, new, some)
    return Outlook(
        forecast=made,
        record=PurchaseRecord.of(customers),
        new=new,
        level=level,
        earlier=found,
        scale=len(customers) / (made.sample or len(customers)),
        method=method,
        by=by,
        seed=seed,
    )


def future_of(
    known: Outlook, counts: Any, until: pd.Timestamp, length: float, conditions: Conditions
) -> Future:  # fmt: skip
    """Customers to come until a day, each of whom counts for ``length`` days."""
    coming = known.arrivals(counts, until)
    end, rate = float(day_number(known.forecast.observation_end)), conditions.annual_discount_rate
    (purchases,) = cohort_purchases(known.new, coming, end, length, rate)
    return Future(known.new, coming, known.level, purchases, conditions.costs_of(coming.periods.index, known.by))


def paired(base: Array, new: Array) -> tuple[Array, Array]:
    """Ratios of the same draws; of one that has none, ones."""
    number = max(len(base), len(new))
    first, second = (one if len(one) == number else np.ones(number) for one in (base, new))
    return first, second


def equity_table(
    value: float, future: Future, shared: Common, conditions: Conditions, level: float
) -> pd.DataFrame:  # fmt: skip
    """Rows "base", "future" and "total": estimate, lower and upper."""
    base, coming = value * shared.base, future.cohorts(conditions).draws(shared.new)
    estimate = future.total(conditions)
    rows = {
        "base": (value, *bounds(base, level)),
        "future": (estimate, *bounds(coming, level)),
        "total": (value + estimate, *bounds(base + coming, level)),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "lower", "upper"]).rename_axis("part")


def days_of(value_horizon: Span | None, made: Forecast) -> int | None:
    """Days of a horizon after the end of a forecast's observation; None for life."""
    if value_horizon is None:
        return None
    end = made.observation_end
    return (horizon_end(end, value_horizon, made.purchase_fits[0].unit) - end).days


def base_of(known: Outlook, days: int | None) -> Base:
    """Today's customers, each of whom counts for so many days; None for life."""
    assert known.forecast.known is not None
    return Base(known.forecast, known.forecast.known, days)


def equity_of(
    known: Outlook,
    conditions: Conditions,
    counts: Any,
    until: pd.Timestamp,
    value_horizon: Span | None,
    level: float,
) -> CustomerEquity:
    """The equity from everything that it needs."""
    made = known.forecast
    days, unit = days_of(value_horizon, made), known.new.fitted.fits[0].unit
    future = future_of(known, counts, until, np.inf if days is None else float(days), conditions)
    base = base_of(known, days)
    value = base.value(conditions)
    ratios = paired(base.ratios(), future.ratios(made.spend_fit, conditions.annual_discount_rate))
    shared = known.common(ratios, given=future.coming.method == "given")
    return CustomerEquity(
        table=equity_table(value, future, shared, conditions, level),
        cohorts=future.table(conditions, level),
        sensitivities=sensitivities(base, value, future, conditions),
        backtest=earlier_dates.backtest_table(known.earlier, known.scale, level, known.seed),
        forecast=made,
        method=future.coming.method,
        horizon_end=until,
        value_horizon=value_horizon,
        unit=unit,
        interval=level,
        by=known.by,
        currency=made.currency,
        notes=made.notes,
        warnings=future.coming.notes,
    )
