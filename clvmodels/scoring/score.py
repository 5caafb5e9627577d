"""`score`: from a log, customers or fits to one row a customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.scoring.columns import in_order, meaning
from clvmodels.scoring.places import places
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_in_units
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units
from clvmodels.value.costs import PerCustomer
from clvmodels.value.lifetime_value import lifetime_value
from clvmodels.value.next_purchase.next_purchase import next_purchase
from clvmodels.value.next_purchase.stages import StageRules
from clvmodels.value.purchase_table import purchase_table

_RISK_HORIZON = "1Y"  # of counts and risks where values are for life
type Fits = PurchaseFit | Sequence[PurchaseFit | SpendFit]


@takes_log
@checked
def score(
    log: Any,
    fits: Fits | None = None,
    *,
    observation_end: Any = None,
    horizon: Span | None = "1Y",
    annual_discount_rate: float = 0.10,
    margin: PerCustomer = 1.0,
    cost_per_purchase: PerCustomer = 0.0,
    retention_cost_per_year: PerCustomer = 0.0,
    interval: float | None = None,
    stages: StageRules | None = None,
    model: str = AUTO,
    spend: str | None = DEFAULT,
    unit: str = "week",
    seed: int = 0,
    **columns: Unpack[LogKeywords],
) -> pd.DataFrame:
    """What each customer has done, will do and is worth: one row a customer.

    Without fits the scores are each customer's part of `clvmodels.forecast`, and add up to it. With fits they are what
    `clvmodels.lifetime_value` says of them.

    Parameters
    ----------
    log : Log, frame, path or Customers
        The transactions, or customers (with ``keep_purchases=True`` those who were won back are told from others, and
        forecasts know how far they were off).
    fits : Fit or sequence of Fit, optional
        A fit of a purchase model, or that and a fit of a spend model. A log is then read as the fitted one was.
    observation_end : date-like, optional
        Last day of the log that is used, inclusive. Default: its last day.
    horizon : float, str or None, default "1Y"
        A span such as "1Y", "6M" or "182D", or a number of units. Whole months and years end on the day of the
        calendar. None lets the value be for life, and everything else be of a year.
    annual_discount_rate : float, default 0.10
        0.10 is 10 % a year.
    margin : float, pandas.Series or sequence, default 1
        Share of the spend that is earned; a number, or one a customer.
    cost_per_purchase : float, pandas.Series or sequence, default 0
        What serving a purchase costs, in the currency of the amounts; a number, or one a customer.
    retention_cost_per_year : float, pandas.Series or sequence, default 0
        What keeping a customer costs a year; a number, or one a customer.
    interval : float, optional
        With fits: level of bounds (``_lower``, ``_upper``) of what is predicted, such as 0.90.
    stages : StageRules, optional
        Thresholds of the stages.
    model : str, default "auto"
        Purchase model of the forecast that is made where there are no fits, see `clvmodels.forecast`.
    spend : str or None, default "gamma-gamma-amounts"
        Spend model of that forecast; None for purchases alone.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time of its models.
    seed : int, default 0
        Of its random numbers.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``customer_id``, in the order of the customers: ``first_purchase`` and ``last_purchase`` (days; where
        the last day observed is known), ``purchases`` (so far, the first included), ``mean_spend`` (of those after the
        first), ``probability_alive``, ``purchase_probability``, ``attrition_risk``, ``expected_purchases``,
        ``expected_spend`` and ``lifetime_value`` (in the currency of the amounts, where there is a spend model),
        ``expected_next_purchase`` (a day), ``overdue``, ``stage``, ``rank`` (1 is best), ``tier`` and ``group`` (as
        `clvmodels.segment` makes them by "value" and "value_risk"). ``attrs["columns"]`` says what each means.

    Raises
    ------
    ArgumentError
        The fits are not one of purchases and at most one of spend, or an argument has no meaning here.
    DataError
        The log can't be used.

    See Also
    --------
    forecast : Totals by period, with ranges that earlier errors bear out.
    lifetime_value : Values of fits, also of new customers and of subscriptions.

    Examples
    --------
    >>> import clvmodels as clv
    >>> scores = clv.score(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount",
    ...                    observation_end="1997-09-30")
    >>> best = scores.nsmallest(3, "rank")
    >>> best[["purchases", "purchase_probability", "lifetime_value"]].round(2)
                 purchases  purchase_probability  lifetime_value
    customer_id
    509                 19                  0.95         1233.73
    1560                 9                  0.89         1095.66
    1081                12                  0.93         1024.50
    """
    conditions = {
        "annual_discount_rate": annual_discount_rate,
        "margin": margin,
        "cost_per_purchase": cost_per_purchase,
        "retention_cost_per_year": retention_cost_per_year,
    }
    if fits is not None:
        found = _by_fits(log, fits, horizon, {"observation_end": observation_end, **columns})
        return _scores(found, found.predict(interval=interval, **conditions), stages)
    if interval is not None:
        raise ArgumentError("interval= needs fits: pass fits=[purchases, spend]. For ranges of totals use forecast().")
    how = {"observation_end": observation_end, "model": model, "spend": spend, "unit": unit, "seed": seed, **columns}
    found = _by_forecast(log, horizon, how)
    return _scores(found, found.predict(**conditions), stages)


@dataclass(frozen=True)
class _Source:
    """Whom the scores are about, the model of their purchases, the horizon of counts and risks, and the prediction."""

    customers: Customers
    purchases: PurchaseFit
    ahead: float
    predict: Callable[..., pd.DataFrame]


def _by_forecast(log: Any, horizon: Span | None, how: dict[str, Any]) -> _Source:
    made = forecast(log, horizon=_RISK_HORIZON if horizon is None else horizon, **how)
    assert made.known is not None  # a forecast that has just been made knows its customers
    first = made.purchase_fits[0]
    predict = partial(made.lifetime_value, for_life=horizon is None)
    return _Source(made.known, first, made.days / DAYS_PER_UNIT[first.unit], predict)


def _by_fits(log: Any, fits: Fits, horizon: Span | None, how: dict[str, Any]) -> _Source:
    purchases, spend = purchases_and_spend(fits)
    known = log if isinstance(log, Customers) else purchases.read(log, keep_purchases=True, **how)
    ahead = horizon_in_units(known.observation_end, _RISK_HORIZON if horizon is None else horizon, purchases.unit)
    ahead = span_in_units(ahead, purchases.unit)
    if spend is None:
        return _Source(known, purchases, ahead, lambda **_: purchase_table(purchases, known, ahead))
    value = None if horizon is None else ahead
    predict = partial(lifetime_value, purchases, spend, known, horizon=value, risk_horizon=ahead)
    return _Source(known, purchases, ahead, predict)


def purchases_and_spend(fits: Fits) -> tuple[PurchaseFit, SpendFit | None]:
    """The fit of purchases and that of spend, in any order."""
    every = list(fits) if isinstance(fits, list | tuple) else [fits]
    purchases = [fit for fit in every if isinstance(fit, PurchaseFit)]
    spend = [fit for fit in every if isinstance(fit, SpendFit)]
    if len(purchases) != 1 or len(spend) > 1 or len(purchases) + len(spend) != len(every):
        raise ArgumentError("fits must be a fit of a purchase model, or that and a fit of a spend model.")
    return purchases[0], spend[0] if spend else None


def _scores(source: _Source, predicted: pd.DataFrame, stages: StageRules | None) -> pd.DataFrame:
    """What is known and what is predicted, side by side."""
    known = source.customers
    ahead = next_purchase(source.purchases, known, horizon=source.ahead, stages=stages).table
    scores = _past(known).join(predicted).join(ahead[["overdue", "stage"]])
    if "date_median" in ahead:
        scores["expected_next_purchase"] = ahead["date_median"]
    scores = in_order(scores.join(places(scores)))
    scores.attrs = {**predicted.attrs, "columns": {name: meaning(name) for name in ("customer_id", *scores)}}
    return scores


def _past(customers: Customers) -> pd.DataFrame:
    """What each customer did so far."""
    table, days = customers.table, DAYS_PER_UNIT[customers.unit]
    past = pd.DataFrame({"purchases": table["frequency"] + 1}, index=table.index)
    if customers.observation_end is not None:
        since = {"first_purchase": table["T"], "last_purchase": table["T"] - table["recency"]}
        for name, time in since.items():
            ago = pd.to_timedelta(np.round(time * days), unit="D")
            past[name] = pd.Series(customers.observation_end - ago, table.index)
    if "monetary_value" in table:
        past["mean_spend"] = table["monetary_value"]
    return past
