"""Conditions of a valuation: horizon, rate, margins and costs, and the windows of its years."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.inference.population.selection import last_day_of
from clvmodels.transactions.horizons import horizon_in_units
from clvmodels.transactions.units import Span
from clvmodels.value.costs import Costs, PerCustomer, acquisition, each_customer
from clvmodels.value.credit_loss import CreditLoss
from clvmodels.value.credit_terms import CreditTerms, credit_terms

_LEAP_DAY = 1.0 / 365.25  # of a year: calendar years are at most so much longer than theirs

type Window = tuple[float, float | None]  # begin and length, in units of the model; None is for life


@dataclass(frozen=True, eq=False)
class Conditions:
    """What value is asked under; `clvmodels.lifetime_value` says what each means."""

    horizon: Span | None
    annual_discount_rate: float
    margin: PerCustomer
    cost_per_purchase: PerCustomer
    retention_cost_per_year: PerCustomer
    acquisition_cost: float | None
    until_renewal: PerCustomer
    risk_horizon: Span
    interval: float | None
    predictive: bool
    credit_loss: CreditLoss | None = None

    @property
    def counts_horizon(self) -> Span:
        """The horizon of counts and risks, which have no meaning for life."""
        return self.risk_horizon if self.horizon is None else self.horizon

    def to_the_day(self, purchases: Any, customers: Any) -> Conditions:
        """The same with horizons that end on the day of the calendar, where the last day of the data is known."""
        end, unit = last_day_of(customers, purchases.customers, purchases.observation_end), purchases.unit
        whole = None if self.horizon is None else horizon_in_units(end, self.horizon, unit)
        return replace(self, horizon=whole, risk_horizon=horizon_in_units(end, self.risk_horizon, unit))

    def credit(self, ids: pd.Index[Any], *, new: bool) -> CreditTerms | None:
        """The credit loss of each of these customers, if there is any."""
        return None if self.credit_loss is None else credit_terms(self.credit_loss, ids, new=new)

    def costs(self, ids: pd.Index[Any], *, new: bool) -> Costs:
        """Margins and costs of each of these customers."""
        return Costs(
            margin=each_customer(self.margin, ids, "margin"),
            a_purchase=each_customer(self.cost_per_purchase, ids, "cost_per_purchase"),
            a_year=each_customer(self.retention_cost_per_year, ids, "retention_cost_per_year"),
            acquisition=acquisition(self.acquisition_cost, new=new),
        )


def years_of(horizon: float, year: float, *, whole: bool = False) -> list[Window]:
    """The windows of the years of a horizon, of which the last one may be shorter, or longer by a leap day.

    Examples
    --------
    >>> years_of(2.5, 1.0), years_of(100, 52.18, whole=True), years_of(366, 365.25)
    ([(0.0, 1.0), (1.0, 1.0), (2.0, 0.5)], [(0.0, 52.0), (52.0, 48.0)], [(0.0, 366.0)])
    """
    ends = [year * number for number in range(1, int(np.ceil(horizon / year - _LEAP_DAY)))]
    if whole:
        ends = [float(np.floor(end + 1e-9)) for end in ends]
    return [(begin, end - begin) for begin, end in pairwise([0.0, *ends, float(horizon)])]
