"""What customers still to come are worth: cohort by cohort, discounted to today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.decisions.equity.parts.arrivals import Arrivals
from clvmodels.decisions.equity.parts.cohort_value import CohortPurchases, cohort_purchases, years_alive
from clvmodels.decisions.equity.parts.conditions import Conditions
from clvmodels.decisions.equity.parts.new_customers import NewCustomers, amounts_of_draws
from clvmodels.decisions.equity.variance import Cohorts
from clvmodels.errors import UnsupportedPrediction
from clvmodels.forecasting.result.model_range import parameter_draws
from clvmodels.inference.fits.kinds import SpendFit

_PERIODS = 4  # whose new customers show how far parameters are known


@dataclass(frozen=True, eq=False)
class Future:
    """Customers still to come.

    Attributes
    ----------
    new : NewCustomers
        What they do.
    coming : Arrivals
        How many come.
    level : float
        By how much the logarithm of their revenue is moved.
    purchases : CohortPurchases
        Of a customer of each period.
    costs : ndarray of shape (periods,)
        Of winning one.
    """

    new: NewCustomers
    coming: Arrivals
    level: float
    purchases: CohortPurchases
    costs: Array

    def earned(self, conditions: Conditions, rate: float | None = None) -> Array:
        """Margin on the spend of a customer of each period, discounted to today."""
        amount = self.new.amount * np.exp(self.level)
        return conditions.margin * amount * self.purchases.discounted(_rate(conditions, rate))

    def value(self, conditions: Conditions, rate: float | None = None) -> Array:
        """The same less the costs of serving and keeping, before that of acquisition."""
        rate = _rate(conditions, rate)
        value = self.earned(conditions, rate)
        if conditions.cost_per_purchase:
            value = value - conditions.cost_per_purchase * self.purchases.discounted(rate)
        if conditions.retention_cost_per_year:
            years = years_alive(self.new, self.purchases.length, rate)
            value = value - conditions.retention_cost_per_year * years * self.purchases.discount(rate)
        return value

    def cohorts(self, conditions: Conditions, rate: float | None = None) -> Cohorts:
        """Customers to come with their value and cost, discounted to today."""
        discount = self.purchases.discount(_rate(conditions, rate))
        return Cohorts(self.coming.draws, self.value(conditions, rate), self.costs * discount)

    def total(self, conditions: Conditions, rate: float | None = None) -> float:
        """Σ n (value - cost), discounted."""
        found = self.cohorts(conditions, rate)
        return float(self.coming.mean @ (found.value - found.cost))

    def table(self, conditions: Conditions, level: float) -> pd.DataFrame:
        """One row a period: numbers, and value and cost on the day of acquisition."""
        found, mean = self.cohorts(conditions), self.coming.mean
        discount = self.purchases.discount(conditions.annual_discount_rate)
        tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
        lower, upper = np.quantile(self.coming.draws, tails, axis=0)
        clv = found.value / discount
        columns = {
            "new_customers": mean, "new_customers_lower": lower, "new_customers_upper": upper, "clv": clv,
            "value": mean * clv, "cost": mean * self.costs, "discount": discount,
            "discounted_net": mean * (found.value - found.cost),
        }  # fmt: skip
        return pd.DataFrame(columns, index=self.coming.periods.index.rename("period_end"))

    def ratios(self, spend: SpendFit | None, annual_discount_rate: float) -> Array:
        """The value of new customers at draws of the parameters over its mean."""
        try:
            draws = [parameter_draws(fit) for fit in self.new.fitted.fits]
        except UnsupportedPrediction:
            return np.ones(1)
        some, weight = _some(self.coming)
        end, length = self.purchases.end, self.purchases.length
        each = cohort_purchases(self.new, some, end, length, annual_discount_rate, draws)
        made = np.array([weight @ one.discounted(annual_discount_rate) for one in each])
        return made / made.mean() * amounts_of_draws(spend, len(each))


def _some(coming: Arrivals) -> tuple[Arrivals, Array]:
    """A few periods that stand for all where only the spread over draws is asked, and their numbers."""
    rows = np.unique(np.linspace(0, len(coming.mean) - 1, _PERIODS).round().astype(np.intp))
    periods = coming.periods.iloc[rows].assign(days=1)
    some = Arrivals(periods, coming.mean[rows], coming.draws[:, rows], coming.method)
    return some, np.maximum(some.mean, 1e-6)


def _rate(conditions: Conditions, rate: float | None) -> float:
    return conditions.annual_discount_rate if rate is None else rate
