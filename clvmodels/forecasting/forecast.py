"""`forecast`: from a log, customers or a fit to a `Forecast`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from clvmodels import models
from clvmodels.arguments import whole
from clvmodels.errors import ArgumentError, ClvWarning
from clvmodels.forecasting.acquisition.counts import checked_counts
from clvmodels.forecasting.build import Request, build
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.gate import AUTO, RULES, FittedRule, Rule
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population.intervals import check_level
from clvmodels.inference.population.structure import Structure
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_end
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.summary.warn_of_log import pointed_out
from clvmodels.transactions.units import Span
from clvmodels.user_warning import point_out


@takes_log
@checked
def forecast(
    log: Any,
    *,
    customers: Customers | None = None,
    observation_end: Any = None,
    horizon: Span = "1Y",
    interval: float = 0.90,
    by: str = "month",
    model: str = AUTO,
    calendar: Calendar | None = None,
    spend: str | SpendFit | None = DEFAULT,
    new_customers: bool | Sequence[float] = False,
    unit: str = "week",
    seed: int = 0,
    **columns: Unpack[LogKeywords],
) -> Forecast:
    """Purchases, buyers and revenue of today's customers by calendar period, with ranges that earlier errors bear out.

    Ranges come from how far the same rule was off when it was fitted at earlier dates of the same log; what is known of
    other logs counts as six such errors of 10 %. Customers who first buy after the end of the observation are in no
    number but those of ``new_customers``.

    Parameters
    ----------
    log : Log, frame, path, Customers or PurchaseFit
        The transactions; or customers, who carry their purchases if earlier dates are to be tried
        (``keep_purchases=True`` in `clvmodels.summarize`); or a fit of a purchase model, which then makes the forecast.
    customers : Customers, optional
        With a fit: whom to forecast. Default: those fitted.
    observation_end : date-like, optional
        Last day of the log that is used, inclusive. Default: its last day.
    horizon : float or str, default "1Y"
        A span such as "1Y", "6M" or "182D", or a number of ``unit``. Whole months and years end on the day of the
        calendar.
    interval : float, default 0.90
        Level of the ranges.
    by : {"week", "month", "quarter"}, default "month"
        Periods of the table.
    model : str, default "auto"
        Name of a purchase model. "by-length" takes what the length of the log allows: from 365 days on MBG/NBD with a
        calendar of season, tenure and cohort; else the geometric mean of BG/NBD with and without one of tenure and
        cohort, because less than a year shows no season. Parts of the calendar that the data speak against, by their
        marginal likelihood, are left out. "auto" takes the same, unless BG/NBD or MBG/NBD without a calendar had better
        probabilities of a purchase at every earlier date, and totals no further off; ``choice`` of the forecast says
        why.
    calendar : Calendar, optional
        The calendar of a model that is named.
    spend : str, SpendFit or None, default "gamma-gamma-amounts"
        Name of a spend model, or a fit of one; None for purchases alone. Not used if there are no amounts.
    new_customers : bool or sequence of float, default False
        Forecast customers still to come as well, in a part by itself (``Forecast.new_customers``): how many, by the
        simple model that was least off at earlier dates (`clvmodels.forecast_acquisition`), and what they buy. One
        number a period of the table takes these as the numbers of new customers.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time of the models.
    seed : int, default 0
        Of the sample of customers that models are fitted to where there are more than 100,000, and of the simulation
        behind the models' own range.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Forecast
        ``table`` has one row a period, ``total`` the sums with their ranges, ``customers`` one row a customer,
        ``earlier`` the forecasts of earlier dates beside what came; printed, it says so in sentences.

    Raises
    ------
    ArgumentError
        An argument has no meaning here, or customers don't know their last day.
    DataError
        The log can't be used.
    ConvergenceError
        A model has no maximum, not even with priors.

    Warns
    -----
    ClvWarning
        Something about the data asks for a look, such as one day with a large share of all purchases.

    See Also
    --------
    lifetime_value : Discounted value of each customer.
    evaluate : Whether forecasts hold on days that they have not seen.

    Examples
    --------
    >>> import clvmodels as clv
    >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount",
    ...                         observation_end="1997-09-30", horizon="39W")
    >>> forecast.total.round(0).loc["purchases"].to_dict()
    {'estimate': 1711.0, 'lower': 1399.0, 'upper': 2094.0}
    >>> forecast.table["purchases"].head(3).round(0).tolist()
    [227.0, 210.0, 207.0]
    """
    level = check_level(interval)
    fit = log if isinstance(log, PurchaseFit) else None
    known = _customers(log, customers, observation_end, unit, **columns)
    if known.observation_end is None:
        raise ArgumentError(
            "These customers don't know the last day observed, so periods can't be named. Pass observation_end= to "
            "Customers.from_frame."
        )
    if isinstance(spend, str) and (kind := models.get(spend).spec.kind) != "spend":
        raise ArgumentError(f'spend must be a model of spend such as "gamma-gamma", and {spend!r} is one of {kind}.')
    end = horizon_end(known.observation_end, horizon, known.unit)
    calendar_periods(known.observation_end, end, by)  # an error before any work
    if fit is not None and model != AUTO:
        raise ArgumentError("A fit brings its own model. Leave model= out.")
    if calendar is not None and model in RULES:
        raise ArgumentError('calendar= goes with a model that is named, such as model="mbg/nbd".')
    request = Request(
        customers=known,
        rule=Rule(model, calendar) if fit is None else Rule(fit.model),
        fitted=None if fit is None else FittedRule((fit,)),
        spend=spend,
        again=fit is None or type(fit.structure) is Structure,
        horizon_end=end,
        interval=level,
        by=by,
        new_customers=_new_customers(new_customers, known),
        seed=whole("seed", seed),
    )
    found = build(request)
    for sentence in found.warnings:
        point_out(sentence, ClvWarning)
    return found


def _new_customers(asked: Any, known: Customers) -> bool | Sequence[float]:
    """Whether to forecast customers still to come, or how many come."""
    if not isinstance(asked, bool | np.bool_):
        return checked_counts(asked, "new_customers").values.tolist()
    if asked and known.purchases is None:
        raise ArgumentError(
            "new_customers=True needs the days of purchases. Pass the log, or keep_purchases=True to "
            "clvmodels.summarize."
        )
    return bool(asked)


def _customers(
    log: Any, customers: Customers | None, observation_end: Any, unit: str, **columns: Unpack[LogKeywords]
) -> Customers:
    """Whom to forecast."""
    if isinstance(log, PurchaseFit | Customers):
        if columns or observation_end is not None:
            given = [*columns, *([] if observation_end is None else ["observation_end"])]
            raise ArgumentError(f"{', '.join(f'{name}=' for name in given)}: only for a log.")
        chosen = customers if customers is not None else log.customers if isinstance(log, PurchaseFit) else log
        if chosen is None:
            raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
        if not isinstance(chosen, Customers):
            raise ArgumentError(f"customers must be Customers, not {type(chosen).__name__}.")
        return chosen
    if customers is not None:
        raise ArgumentError("customers= goes with a fit: pass customers in the place of the log, or leave them out.")
    made = summarize(Log.of(log, **columns), unit=unit, observation_end=observation_end, keep_purchases=True)
    return pointed_out(made)
