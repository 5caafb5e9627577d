"""Conditions of a valuation: horizon, rate, margins and costs."""

from __future__ import annotations

from dataclasses import dataclass

from clvmodels.transactions.units import Span
from clvmodels.value.costs import PerCustomer


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

    @property
    def counts_horizon(self) -> Span:
        """The horizon of counts and risks, which have no meaning for life."""
        return self.risk_horizon if self.horizon is None else self.horizon
