"""What today's customers are worth: the lifetime value of a forecast's models, summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.decisions.equity.parts.conditions import Conditions
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.result.values import values_of_forecast
from clvmodels.forecasting.rules.gate import FittedRule
from clvmodels.forecasting.timeline.purchase_record import sampled_customers
from clvmodels.transactions.customers import Customers

_SAMPLE = 2_000  # customers who stand for all where a rate changes


@dataclass(frozen=True, eq=False)
class Base:
    """Today's customers and the forecast that values them.

    Attributes
    ----------
    forecast : Forecast
        Models, spend and errors.
    customers : Customers
        Who are known.
    days : int or None
        Days that count; None for life.
    """

    forecast: Forecast
    customers: Customers
    days: int | None

    def value(self, conditions: Conditions) -> float:
        """Σ lifetime value."""
        return self._value(self.customers, conditions)

    def earned(self, conditions: Conditions, value: float) -> float:
        """The part of that value which grows with spend: without the costs of serving and keeping."""
        if not conditions.has_costs:
            return value
        free = Conditions(**vars(conditions) | {"cost_per_purchase": 0.0, "retention_cost_per_year": 0.0})
        return self.value(free)

    def at_rate(self, conditions: Conditions, value: float, rate: float) -> float:
        """The value at another discount rate, from its ratio in a sample of the customers."""
        some = sampled_customers(self.customers, _SAMPLE, 0)
        before = self._value(some, conditions)
        after = self._value(some, Conditions(**vars(conditions) | {"annual_discount_rate": rate}))
        return value * after / before if before != 0 else value

    def ratios(self) -> Array:
        """The base's revenue at draws of the parameters over its mean; 1 where these are not identified."""
        own = self.forecast.own_range
        found = {} if own is None else own.relative
        of_revenue, of_purchases = found.get("revenue", []), found.get("purchases", [1.0])
        return np.array(of_revenue if len(of_revenue) == len(of_purchases) else of_purchases)

    def _value(self, customers: Customers, conditions: Conditions) -> float:
        forecast = self.forecast
        each = _each(forecast, customers, self.days)
        table = values_of_forecast(
            each,
            forecast.purchase_fits,
            forecast.spend_fit,
            customers,
            forecast.days if self.days is None else self.days,
            for_life=self.days is None,
            margin=conditions.margin,
            annual_discount_rate=conditions.annual_discount_rate,
            cost_per_purchase=conditions.cost_per_purchase,
            retention_cost_per_year=conditions.retention_cost_per_year,
        )
        return float(table["lifetime_value"].sum())


def _each(forecast: Forecast, customers: Customers, days: int | None) -> pd.DataFrame:
    """The forecast's table of customers, of other customers and for another horizon."""
    index = customers.table.index
    amounts = forecast.customers["expected_spend"].loc[index]
    if days is None or days == forecast.days:
        return forecast.customers.loc[index]
    purchases, probability = FittedRule(forecast.purchase_fits).of(customers, (0, days)).of_customers()
    return pd.DataFrame(
        {"expected_purchases": purchases, "purchase_probability": probability, "expected_spend": amounts}, index=index
    )
