"""Study: everything a report says, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.decisions.targeting.result import Targeting
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.reporting.options import ReportOptions
from clvmodels.reporting.study.holdout import HoldoutTest
from clvmodels.transactions.customers import Customers
from clvmodels.value.periods.past_value import PastValue


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that the sections of a report say.

    Attributes
    ----------
    options : ReportOptions
        Horizon, valuation and layout.
    customers : Customers
        The summary.
    purchases : PurchaseFit
        The purchase model.
    spend : SpendFit or None
        The spend model, if there is one.
    value : pandas.DataFrame
        One row a customer, as `clvmodels.lifetime_value` returns it; without a spend model only what needs none.
    top_customers : pandas.DataFrame
        The rows of ``value`` of the best customers, with bounds if there are any.
    forecast : Forecast
        Totals with their ranges.
    dated : bool
        Whether the last day of the data is known, so that periods have names.
    holdout_test : HoldoutTest or None
        The model on a holdout, if it was tested.
    missing : tuple of str
        What the report can't tell, and why.
    range_warnings : tuple of str
        Why the ranges can't be trusted.
    code : str
        Python that makes the same numbers.
    past_value : PastValue or None
        Value per customer by period, if amounts of purchases are known.
    equity : CustomerEquity or None
        Value of today's customers and of those to come, if the cost of winning them is known.
    campaign : Targeting or None
        Whom to reach with what, if activities were given.
    """

    options: ReportOptions
    customers: Customers
    purchases: PurchaseFit
    spend: SpendFit | None
    value: pd.DataFrame
    top_customers: pd.DataFrame
    forecast: Forecast
    dated: bool
    holdout_test: HoldoutTest | None
    missing: tuple[str, ...]
    code: str
    range_warnings: tuple[str, ...] = ()
    past_value: PastValue | None = None
    equity: CustomerEquity | None = None
    campaign: Targeting | None = None

    @property
    def currency(self) -> str | None:
        """Label of the amounts."""
        return self.options.currency

    @property
    def fits(self) -> tuple[Fit, ...]:
        """The purchase model, and the spend model if there is one."""
        return self.forecast.fits

    @cached_property
    def horizon_text(self) -> str:
        """The horizon, to follow "the next"."""
        return formats.following(self.options.horizon, self.purchases.unit)

    @cached_property
    def horizon_days(self) -> float:
        """The horizon in days."""
        return float(self.forecast.days)

    def expected(self, quantity: str) -> float:
        """Sum over customers of "purchases", "buyers", "revenue" or "value" in the horizon."""
        table = self.value
        if quantity == "revenue":
            return float((table["expected_purchases"] * table["expected_spend"]).sum())
        column = {"purchases": "expected_purchases", "buyers": "purchase_probability", "value": "lifetime_value"}
        return float(table[column[quantity]].sum())

    def range(self, quantity: str) -> tuple[float, float] | None:
        """Bounds of the same."""
        if quantity != "value":
            return self.forecast.range_of(quantity)[1:]
        total = self.value.attrs.get("total", {}).get("lifetime_value")
        return None if total is None else (total["lower"], total["upper"])

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """``value``, the best customers first."""
        return self.value.sort_values(self.measure, ascending=False, kind="stable")

    @property
    def measure(self) -> str:
        """What customers are ranked by."""
        return "lifetime_value" if self.spend is not None else "expected_purchases"

    def best_share(self, part: float) -> float:
        """Share of the value (or expected purchases) that the best ``part`` of the customers hold."""
        ranked = self.ranked[self.measure].to_numpy()
        total = float(ranked.sum())
        return float(ranked[: max(1, round(part * len(ranked)))].sum()) / total if total > 0 else np.nan
