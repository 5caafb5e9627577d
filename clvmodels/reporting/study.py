"""Study: everything a report says, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.inference.fits.fit import Fit
from clvmodels.reporting.simulated_totals import Futures
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units


@dataclass(frozen=True)
class Terms:
    """What is asked, and on which terms.

    Attributes
    ----------
    horizon
        How far to look ahead.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin
        Share of the spend that is earned: a number, or one a customer.
    currency : str or None
        Label of the amounts.
    title : str
        Of the report.
    top : int
        How many customers to list.
    """

    horizon: Span
    annual_discount_rate: float
    margin: Any
    currency: str | None
    title: str
    top: int


@dataclass(frozen=True, eq=False)
class Trial:
    """The model on a holdout.

    Attributes
    ----------
    evaluation : Evaluation
        The model beside naive baselines.
    tracking : pandas.DataFrame
        What `clvmodels.plots.tracking_table` returned.
    chosen : bool
        The end of the calibration was chosen here.
    """

    evaluation: Evaluation
    tracking: pd.DataFrame
    chosen: bool

    @property
    def what(self) -> str:
        """What customers are ranked by on the holdout: "value", or "purchases" if the log has no amounts."""
        return "purchases" if self.evaluation.holdout.table["spend"].isna().all() else "value"


@dataclass(frozen=True, eq=False)
class Study:
    """What the sections read.

    Attributes
    ----------
    terms : Terms
        What is asked.
    customers : Customers
        The summary.
    purchases, spend : Fit
        The models; None if there is no spend model.
    value : pandas.DataFrame
        One row a customer, as `clvmodels.lifetime_value` returns it; without a spend model only what needs none.
    best : pandas.DataFrame
        The rows of ``value`` with the customers at the top, with bounds if there are any.
    months : pandas.DataFrame or None
        The forecast by month; None if the days are not known.
    futures : Futures or None
        Simulated futures; None if a parameter is not identified.
    trial : Trial or None
        The holdout, if there is one.
    missing : tuple of str
        What the report can't tell, and why.
    doubts : tuple of str
        Why the ranges can't be trusted.
    recipe : str
        Python that makes the same numbers.
    """

    terms: Terms
    customers: Customers
    purchases: Fit
    spend: Fit | None
    value: pd.DataFrame
    best: pd.DataFrame
    months: pd.DataFrame | None
    futures: Futures | None
    trial: Trial | None
    missing: tuple[str, ...]
    recipe: str
    doubts: tuple[str, ...] = ()

    @property
    def currency(self) -> str | None:
        """Label of the amounts."""
        return self.terms.currency

    @property
    def fits(self) -> tuple[Fit, ...]:
        """The models there are."""
        return (self.purchases,) if self.spend is None else (self.purchases, self.spend)

    @cached_property
    def ahead(self) -> str:
        """The horizon, to follow "the next"."""
        return formats.following(self.terms.horizon, self.purchases.unit)

    @cached_property
    def horizon_days(self) -> float:
        """The horizon in days."""
        return span_in_units(self.terms.horizon, self.purchases.unit) * DAYS_PER_UNIT[self.purchases.unit]

    def expected(self, quantity: str) -> float:
        """Sum over customers of "purchases", "buyers", "revenue" or "value" in the horizon."""
        table = self.value
        if quantity == "revenue":
            return float((table["expected_purchases"] * table["expected_spend"]).sum())
        column = {"purchases": "expected_purchases", "buyers": "purchase_probability", "value": "lifetime_value"}
        return float(table[column[quantity]].sum())

    def range(self, quantity: str) -> tuple[float, float] | None:
        """Bounds of the same."""
        return None if self.futures is None else self.futures.range(quantity)

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
