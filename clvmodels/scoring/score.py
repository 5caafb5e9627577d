"""`score`: from a log, customers or fits to one row a customer."""

from __future__ import annotations

from typing import Any, Unpack

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.scoring.columns import in_order, meaning
from clvmodels.scoring.frame import purchase_columns, value_columns
from clvmodels.scoring.in_place.score_in_place import score_in_place
from clvmodels.scoring.of_fits import RISK_HORIZON, Fits, purchases_and_spend, terms_of
from clvmodels.scoring.places import places
from clvmodels.scoring.predicted import Terms
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.lazy.lazy_customers import LazyCustomers
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.units import DAYS_PER_UNIT, Span
from clvmodels.value.costs import PerCustomer
from clvmodels.value.lifetime_value import lifetime_value
from clvmodels.value.next_purchase.stages import StageRules


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
) -> Any:
    """What each customer has done, will do and is worth: one row a customer.

    Without fits the scores are each customer's part of `clvmodels.forecast`, and add up to it. With fits they are what
    `clvmodels.lifetime_value` says of them.

    Parameters
    ----------
    log : Log, frame, path, Customers or LazyCustomers
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

        Of LazyCustomers, which need fits, without rank, tier and group: on Spark a DataFrame whose rows are scored by
        the workers when it is read or written, else a pyarrow.RecordBatchReader. The schema says what columns mean.

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
    if isinstance(log, LazyCustomers):
        return _lazily(log, fits, horizon, conditions, stages, interval)
    if fits is not None:
        known = {"observation_end": observation_end, **columns}
        return _placed(*_by_fits(log, fits, horizon, known, conditions, stages or StageRules(), interval))
    if interval is not None:
        raise ArgumentError("interval= needs fits: pass fits=[purchases, spend]. For ranges of totals use forecast().")
    how = {"observation_end": observation_end, "model": model, "spend": spend, "unit": unit, "seed": seed, **columns}
    return _by_forecast(log, horizon, how, conditions, stages or StageRules())


def _lazily(
    customers: LazyCustomers,
    fits: Fits | None,
    horizon: Span | None,
    conditions: dict[str, Any],
    stages: StageRules | None,
    interval: float | None,
) -> Any:
    if fits is None or interval is not None:
        raise ArgumentError(
            "Lazy customers are scored by fits, without interval=: pass fits=[purchases, spend]. clvmodels.summarize "
            "brings customers into memory."
        )
    return score_in_place(customers, fits, horizon=horizon, stages=stages, **conditions)


type _Halves = tuple[pd.DataFrame, pd.DataFrame]
"""What is known of each customer's purchases, and what overrides it or comes beside it, with its attributes."""


def _by_forecast(
    log: Any, horizon: Span | None, how: dict[str, Any], conditions: dict[str, Any], stages: StageRules
) -> pd.DataFrame:
    made = forecast(log, horizon=RISK_HORIZON if horizon is None else horizon, **how)
    return scores_of(made, for_life=horizon is None, stages=stages, **conditions)


def scores_of(made: Forecast, *, for_life: bool, stages: StageRules | None = None, **conditions: Any) -> pd.DataFrame:
    """Each customer's part of a forecast that has just been made; dates and stages are those of its first model.

    Parameters
    ----------
    made
        The forecast.
    for_life
        Whether value is for life.
    stages
        Thresholds of the stages.
    **conditions
        ``annual_discount_rate``, ``margin`` and costs, as in `score`.
    """
    assert made.known is not None  # a forecast that has just been made knows its customers
    first = made.purchase_fits[0]
    terms = Terms(unit=first.unit, horizon=made.days / DAYS_PER_UNIT[first.unit], stages=stages or StageRules())
    return _placed(purchase_columns(first, made.known, terms), made.lifetime_value(for_life=for_life, **conditions))


def _by_fits(
    log: Any,
    fits: Fits,
    horizon: Span | None,
    how: dict[str, Any],
    conditions: dict[str, Any],
    stages: StageRules,
    interval: float | None,
) -> _Halves:
    purchases, spend = purchases_and_spend(fits)
    known = log if isinstance(log, Customers) else purchases.read(log, keep_purchases=True, **how)
    terms = terms_of(purchases, horizon, known.observation_end, conditions, stages, known.table.index)
    own = purchase_columns(purchases, known, terms)
    if spend is None:
        return own, own[[]]
    value = value_columns(purchases, spend, known, terms)
    if interval is None:
        return own, value
    ahead = None if terms.for_life else terms.horizon
    bounds = lifetime_value(
        purchases, spend, known, horizon=ahead, risk_horizon=terms.horizon, interval=interval, **conditions
    )
    return own, bounds


def _placed(own: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """What is known and what is predicted, side by side, and each customer's place among the others."""
    scores = own.drop(columns=[name for name in own if name in beside]).join(beside)
    scores = scores.join(places(scores))
    scores = scores[in_order(scores.columns)]
    scores.attrs = {**beside.attrs, "columns": {name: meaning(name) for name in ("customer_id", *scores)}}
    return scores
