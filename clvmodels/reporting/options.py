"""What a report is asked for: its options, and a log with the models to fit to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.arguments import instance
from clvmodels.decisions.targeting.activity import Activity, activities_of
from clvmodels.decisions.targeting.pairs import check_budget
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.rules.gate import RULES
from clvmodels.transactions.log.dates import DateLike
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.units import Span, span_in_units
from clvmodels.value.costs import each_customer, per_customer
from clvmodels.value.periods.period_costs import Costs

LEVEL = 0.90  # of every range

type Margin = float | Sequence[float] | pd.Series[float]


@dataclass(frozen=True)
class CampaignRequest:
    """What can be done with customers, and for how much.

    Attributes
    ----------
    activities : tuple of Activity
        The activities.
    budget : float or None
        Of all costs together.
    """

    activities: tuple[Activity, ...]
    budget: float | None


@dataclass(frozen=True)
class ReportOptions:
    """Horizon, valuation and layout of a report.

    Attributes
    ----------
    horizon : float or str
        How far to look ahead.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin : float or sequence of float or Series
        Share of the spend that is earned: a number, or one a customer.
    currency : str or None
        Label of the amounts.
    title : str
        Of the report.
    top : int
        How many customers to list.
    costs : Costs or None
        What serving orders and winning customers costs, if it is known.
    campaign : CampaignRequest or None
        What can be done with customers, if something can.
    """

    horizon: Span
    annual_discount_rate: float
    margin: Margin
    currency: str | None
    title: str
    top: int
    costs: Costs | None = None
    campaign: CampaignRequest | None = None

    @property
    def takes_off_orders(self) -> bool:
        """Whether values are after what orders cost to serve."""
        costs = self.costs
        return costs is not None and bool(costs.share_of_revenue > 0.0 or np.any(np.asarray(costs.per_order) > 0.0))

    def of_each(self, ids: pd.Index[Any]) -> ReportOptions:
        """The same with margins and costs of orders, where they are one a customer, by these customers."""
        margin = per_customer(self.margin, ids, "margin")
        told = self if isinstance(margin, float) else replace(self, margin=pd.Series(margin, ids))
        if self.costs is None or isinstance(self.costs.per_order, int | float):
            return told
        return replace(told, costs=replace(self.costs, per_order=self.costs.order_cost(ids)))

    def conditions(self, ids: pd.Index[Any]) -> dict[str, Any]:
        """Discount rate, margin and cost of an order of these customers, as `clvmodels.lifetime_value` takes them."""
        rate: dict[str, Any] = {"annual_discount_rate": self.annual_discount_rate}
        if self.costs is None:
            return {**rate, "margin": each_customer(self.margin, ids, "margin")}
        margin = each_customer(self.margin, ids, "margin") - self.costs.share_of_revenue
        return {**rate, "margin": margin, "cost_per_purchase": self.costs.order_cost(ids).to_numpy()}


@dataclass(frozen=True)
class LogRequest:
    """A log to report on, and the models to fit to it.

    Attributes
    ----------
    log : Log
        The transactions.
    unit : str
        Unit of time.
    observation_end : date-like or None
        Last day to use; None is the last day of the log.
    calibration_end : date-like or None
        Last day of the calibration in the test on a holdout; None leaves the choice to the report.
    model, spend : str
        Names of the purchase model ("auto" or "by-length", see `clvmodels.forecast`) and the spend model.
    """

    log: Log
    unit: str
    observation_end: DateLike | None
    calibration_end: DateLike | None
    model: str
    spend: str


def report_options(
    horizon: Span | None,
    annual_discount_rate: float,
    margin: Margin,
    currency: str | None,
    title: str,
    top: int,
    unit: str,
    costs: Costs | None = None,
    campaign: CampaignRequest | None = None,
) -> ReportOptions:
    """The options, or an `ArgumentError` that says what has no meaning; a number as horizon counts ``unit``."""
    if horizon is None:
        raise ArgumentError('A report needs a horizon with an end, such as "1Y" or "3Y".')
    if not span_in_units(horizon, unit) > 0:
        raise ArgumentError(f'horizon must be longer than nothing, such as "1Y", not {horizon!r}.')
    if top != int(top) or top < 1:
        raise ArgumentError(f"top must be a whole number of customers, 1 or more, not {top!r}.")
    if costs is not None:
        instance("costs", costs, Costs, "clvmodels.Costs")
    return ReportOptions(horizon, annual_discount_rate, margin, currency, title, int(top), costs, campaign)


def campaign_request(activities: Any, budget: float | None) -> CampaignRequest | None:
    """The activities and the budget, or an `ArgumentError`; None without activities."""
    if activities is None:
        if budget is not None:
            raise ArgumentError("A budget is for a campaign, and there are no activities. Name them as well.")
        return None
    check_budget(budget)
    return CampaignRequest(tuple(activities_of(activities)), budget)


def log_request(
    log: Log, unit: str, observation_end: DateLike | None, calibration_end: DateLike | None, model: str, spend: object
) -> LogRequest:
    """The request, or an `ArgumentError` if a model is not one of its kind."""
    if model not in RULES and models.get(model).spec.kind != "purchases":
        raise ArgumentError(f'model must be a purchase model, such as "bg/nbd", not {model!r}.')
    if spend is None:
        raise ArgumentError("spend=None goes with a fit. To report on the purchases of a log only, leave amount= out.")
    if not isinstance(spend, str):
        raise ArgumentError("A fit of a spend model goes with a fit of a purchase model. For a log pass its name.")
    if models.get(spend).spec.kind != "spend":
        raise ArgumentError(f'spend must be a spend model, such as "gamma-gamma", not {spend!r}.')
    names = model if model in RULES else models.get(model).spec.name, models.get(spend).spec.name
    return LogRequest(log, unit, observation_end, calibration_end, *names)
