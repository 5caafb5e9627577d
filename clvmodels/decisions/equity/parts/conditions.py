"""Conditions of an equity: margins, costs and discounting, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import finite, shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError


@dataclass(frozen=True, eq=False, kw_only=True)
class Conditions:
    """What customers earn and cost; `clvmodels.customer_equity` says what each means.

    Attributes
    ----------
    acquisition_cost : float or sequence of float
        Of a new customer, one number or one a period.
    annual_discount_rate, margin, cost_per_purchase, retention_cost_per_year : float
        Of everybody.
    """

    acquisition_cost: Any
    annual_discount_rate: float
    margin: float
    cost_per_purchase: float
    retention_cost_per_year: float

    def __post_init__(self) -> None:
        finite("annual_discount_rate", self.annual_discount_rate, "0 or more (0.10 is 10 % a year)", 0.0, 100.0)
        finite("margin", self.margin, "a share of the revenue, above 0 and up to 1", 1e-12, 1.0)
        for name in ("cost_per_purchase", "retention_cost_per_year"):
            finite(name, getattr(self, name), "0 or more", 0.0)

    @property
    def has_costs(self) -> bool:
        """Whether customers cost anything but their acquisition."""
        return self.cost_per_purchase > 0 or self.retention_cost_per_year > 0

    def costs_of(self, periods: pd.Index[Any], by: str) -> Array:
        """The cost of acquisition of a customer of each period."""
        given = self.acquisition_cost
        if isinstance(given, pd.Series):
            given = given.to_numpy()
        if isinstance(given, str | bytes | dict) or not hasattr(given, "__len__"):
            each = finite("acquisition_cost", given, f"a number, 0 or more, or one a {by}", 0.0)
            return np.full(len(periods), each)
        if len(given) != len(periods):
            raise ArgumentError(
                f"acquisition_cost has {formats.plural(len(given), 'number')}, and the horizon {len(periods)} {by}s. "
                "Give one number each, or one for all."
            )
        return np.array([finite("acquisition_cost", one, f"0 or more in each {by}", 0.0) for one in given])


def check_by(by: Any) -> None:
    """Raise unless it is a kind of period."""
    if by not in ("month", "quarter"):
        raise ArgumentError(f'by must be "month" or "quarter", not {shortly(by)}.')
