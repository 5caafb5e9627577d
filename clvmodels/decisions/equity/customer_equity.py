"""`customer_equity`: what today's customers and those still to come are worth together."""

from __future__ import annotations

import warnings
from typing import Any, Literal, Unpack

import pandas as pd

from clvmodels import arguments
from clvmodels.decisions.equity.build import equity_of, outlook
from clvmodels.decisions.equity.parts.arrivals import METHODS, check_method, given_counts
from clvmodels.decisions.equity.parts.conditions import Conditions, check_by
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.errors import ArgumentError, ClvWarning
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_end
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.summary.warn_of_log import pointed_out
from clvmodels.transactions.units import DAYS_PER_UNIT, Span

_LEAST_WINDOW = 28  # days of a window at earlier dates
_OF_LOG = 4  # parts of the log, of which a window is at most one: then there are up to five earlier dates


@takes_log
def customer_equity(
    log: Any,
    *,
    acquisition_cost: Any,
    annual_discount_rate: float,
    margin: float = 1.0,
    horizon: Span = "3Y",
    value_horizon: Span | None = "3Y",
    counts: Any = "auto",
    cost_per_purchase: float = 0.0,
    retention_cost_per_year: float = 0.0,
    by: Literal["month", "quarter"] = "month",
    interval: float = 0.90,
    observation_end: Any = None,
    model: str = AUTO,
    spend: str = DEFAULT,
    unit: str = "week",
    seed: int = 0,
    **columns: Unpack[LogKeywords],
) -> CustomerEquity:
    """Value of today's customers and of those still to come, with a range that earlier dates bear out.

    Equity = Σ residual value of today's customers + Σ n_k (CLV_k - CAC_k) over the periods k of the horizon, n_k the
    new customers of a period and CLV_k what each is worth; all is discounted to the end of the observation. Today's
    customers are valued by the models of `clvmodels.forecast`, and new ones by the same without their trend of
    cohorts, moved half way to the level of those who came of late. It is the value of customers, not that of a firm.

    The range holds what is not known of parameters, of the numbers of new customers and of the level of both, which
    they share; the last from how far the same was off at earlier dates of the log (``backtest``).

    Parameters
    ----------
    log : Log, frame, path or Customers
        The transactions, with amounts; or customers, who carry their purchases if earlier dates are to be tried
        (``keep_purchases=True`` in `clvmodels.summarize`).
    acquisition_cost : float or sequence of float
        What winning a new customer costs, in the currency of the amounts: one number, or one a period.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin : float, default 1
        Share of the spend that is earned.
    horizon : float or str, default "3Y"
        How long new customers are counted: a span, or a number of ``unit``. 3 to 5 years are usual.
    value_horizon : float, str or None, default "3Y"
        How long each customer counts, today's from now and new ones from their first purchase; None means for life.
    counts : {"auto", "last_year", "recent_mean", "trend"} or sequence of float, default "auto"
        How many new customers come: a model of `clvmodels.forecast_acquisition`, "auto" for the one that was least off;
        or one number a period, which is taken as known but for chance (of a table its column ``new_customers``).
    cost_per_purchase : float, default 0
        What serving a purchase costs.
    retention_cost_per_year : float, default 0
        What keeping a customer costs a year while alive.
    by : {"month", "quarter"}, default "month"
        Periods of the cohorts, those of the calendar.
    interval : float, default 0.90
        Level of the ranges.
    observation_end : date-like, optional
        Last day of the log that is used, inclusive. Default: its last day.
    model : str, default "auto"
        Name of a purchase model, as in `clvmodels.forecast`.
    spend : str, default "gamma-gamma-amounts"
        Name of a spend model.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time of the models.
    seed : int, default 0
        Of samples and draws.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    CustomerEquity
        ``table`` (base, future, total), ``cohorts`` (a row a period), ``sensitivities``, ``backtest``; printed, it says
        so in sentences.

    Raises
    ------
    ArgumentError
        A number, horizon or count has no meaning, or nothing says how many customers come.
    DataError
        The log can't be used, or has no amounts.
    ConvergenceError
        A model has no maximum, not even with priors.

    Warns
    -----
    ClvWarning
        Something about the data asks for a look: the log begins with old customers, or nobody has been new for long.

    See Also
    --------
    lifetime_value : Value of each customer.
    unit_economics : Value of a new customer beside the cost of winning one.
    forecast_acquisition : How many new customers come.

    Examples
    --------
    >>> import clvmodels as clv
    >>> equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                              amount="amount", observation_end="1997-09-30", counts=[100.0] * 12, horizon="12M",
    ...                              acquisition_cost=10.0, annual_discount_rate=0.10, margin=0.30)
    >>> equity.table["estimate"].round(-2).to_dict()
    {'base': 48900.0, 'future': 27600.0, 'total': 76500.0}
    """
    conditions = Conditions(
        acquisition_cost=acquisition_cost,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=retention_cost_per_year,
    )
    check_by(by)
    level, seed = arguments.level("interval", interval), arguments.whole("seed", seed)
    customers = _customers(log, observation_end, unit, **columns)
    until, days = _horizons(customers, horizon, value_horizon, conditions)
    method = _checked_counts(counts, customers, until, by, conditions)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ClvWarning)
        window = window_days(customers, days)
        known = outlook(customers, window, model=model, spend=spend, method=method, by=by, seed=seed)
    found = equity_of(known, conditions, counts, until, value_horizon, level)
    for sentence in (*(str(one.message) for one in caught), *found.warnings):
        warnings.warn(sentence, ClvWarning, stacklevel=3)
    return found


def window_days(customers: Customers, days: int | None) -> int:
    """Days of the windows at earlier dates: a quarter of the log, at most what is counted of a customer."""
    observed = round(float(customers.table["T"].max()) * DAYS_PER_UNIT[customers.unit]) + 1
    window = max(observed // _OF_LOG, min(_LEAST_WINDOW, observed))
    return window if days is None else min(window, days)


def _horizons(
    customers: Customers, horizon: Span, value_horizon: Span | None, conditions: Conditions
) -> tuple[pd.Timestamp, int | None]:
    """The day until which new customers are counted, and how many days of each customer."""
    end = customers.observation_end
    if end is None:
        raise ArgumentError(
            "These customers don't know the last day observed. Pass observation_end= to Customers.from_frame."
        )
    until = horizon_end(end, horizon, customers.unit)
    if value_horizon is not None:
        return until, (horizon_end(end, value_horizon, customers.unit) - end).days
    if conditions.annual_discount_rate == 0:
        raise ArgumentError(
            "For life and without discounting a customer's value can be infinite. Pass a value_horizon= with an end."
        )
    return until, None


def _checked_counts(counts: Any, customers: Customers, until: pd.Timestamp, by: str, conditions: Conditions) -> str:
    """The model of the numbers of new customers at earlier dates; errors in counts and costs come before any work."""
    assert customers.observation_end is not None  # checked before
    periods = calendar_periods(customers.observation_end, until, by)
    conditions.costs_of(periods.index, by)
    if isinstance(counts, str):
        check_method(counts)
        return counts
    given_counts(counts, periods, by)
    return METHODS[0]


def _customers(log: Any, observation_end: Any, unit: str, **columns: Unpack[LogKeywords]) -> Customers:
    """Who are known."""
    if not isinstance(log, Customers):
        made = summarize(Log.of(log, **columns), unit=unit, observation_end=observation_end, keep_purchases=True)
        return pointed_out(made)
    if columns or observation_end is not None:
        given = [*columns, *([] if observation_end is None else ["observation_end"])]
        raise ArgumentError(f"{', '.join(f'{name}=' for name in given)}: only for a log.")
    return log
