"""The scores that depend on one customer alone, as arrays: computed from populations, without a frame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.population import quantities
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.transactions.units import DAYS_PER_UNIT, discount_rate_per_unit, span_in_units, units_per_year
from clvmodels.value.next_purchase.stages import StageRules, stages_of
from clvmodels.value.next_purchase.times import days_ahead, quantiles_within
from clvmodels.value.worth import worth

type Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is asked of each customer.

    Attributes
    ----------
    unit : str
        Of times and horizons.
    horizon : float
        Of counts and risks.
    for_life : bool
        Whether the value is for life, and not for the horizon.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin, cost_per_purchase, retention_cost_per_year : float or ndarray of shape (n,)
        As `clvmodels.lifetime_value` has them.
    stages : StageRules
        Thresholds of the stages.
    """

    unit: str
    horizon: float
    for_life: bool = False
    annual_discount_rate: float = 0.10
    margin: float | Array = 1.0
    cost_per_purchase: float | Array = 0.0
    retention_cost_per_year: float | Array = 0.0
    stages: StageRules = field(default_factory=StageRules)

    def __post_init__(self) -> None:
        if span_in_units(self.horizon, self.unit) <= 0.0:
            raise ArgumentError(f"horizon must be longer than no time at all, not {self.horizon!r}.")
        if self.for_life and self.rate == 0.0:
            raise ArgumentError(
                "Without discounting, what a customer does for life can be infinite. Pass a horizon or a rate above 0."
            )

    @property
    def rate(self) -> float:
        """The discount rate a unit."""
        return discount_rate_per_unit(self.annual_discount_rate, self.unit)

    def discounted(self, name: str) -> Quantity:
        """A discounted quantity of the horizon of the value."""
        return quantities.expected(name, math.inf if self.for_life else self.horizon, self.rate)


def predicted(population: Population, parameters: Parameters, terms: Terms) -> Columns:
    """Purchases and risks: ``probability_alive`` to ``expected_purchases``, and what the next purchase is known by.

    Parameters
    ----------
    population
        Who buy, as a purchase model sees them.
    parameters
        Of that model.
    terms
        What is asked.

    Returns
    -------
    dict of ndarray of shape (n,)
        ``probability_alive``, ``purchase_probability``, ``attrition_risk``, ``expected_purchases``, ``silence``
        (probability of so long a silence if the customer is alive) and ``days_ahead`` (until the next purchase, NaN
        where it is unlikely).
    """
    asked = {
        "probability_alive": quantities.probability_alive(),
        "purchase_probability": quantities.expected("purchase_probability", terms.horizon),
        "attrition_risk": quantities.purchases_pmf(terms.horizon, 0),
        "expected_purchases": quantities.expected("expected_purchases", terms.horizon),
        "silence": quantities.silence(),
    }
    columns = {name: population.evaluate(quantity, parameters) for name, quantity in asked.items()}
    reached, median = quantiles_within(population, parameters, terms.horizon, 0.5)
    columns["days_ahead"] = days_ahead(median, reached, DAYS_PER_UNIT[terms.unit])
    return {name: population.spread(values) for name, values in columns.items()}


def valued(bought: Population, purchases: Parameters, spent: Population, spend: Parameters, terms: Terms) -> Columns:
    """Spend and value: ``expected_spend`` and ``lifetime_value``.

    Parameters
    ----------
    bought, purchases
        The customers as a purchase model sees them, and its parameters.
    spent, spend
        The same customers as a spend model sees them, and its parameters.
    terms
        What is asked.

    Raises
    ------
    UnsupportedPrediction
        An expected spend is infinite.
    """
    income = spent.spread(spent.evaluate(quantities.expected_spend(), spend))
    infinite = int(np.isinf(income).sum())
    if infinite:
        raise UnsupportedPrediction(
            f"The expected spend of {infinite:,} of {len(income):,} customers is infinite: q of the spend model is "
            "1 or less."
        )
    units = bought.spread(bought.evaluate(terms.discounted("discounted_expected_purchases"), purchases))
    years = None
    if np.any(terms.retention_cost_per_year):
        alive = bought.evaluate(terms.discounted("discounted_time_alive"), purchases)
        years = bought.spread(alive / units_per_year(terms.unit))
    costs: Mapping[str, Any] = {"a_purchase": terms.cost_per_purchase, "a_year": terms.retention_cost_per_year}
    return {"expected_spend": income, "lifetime_value": worth(income, units, years, margin=terms.margin, **costs)}


def known(frequency: Array, recency: Array, T: Array, days_a_unit: float, end: int | None) -> Columns:
    """What the customers did so far: ``purchases``, and the days of the first and the last one.

    Parameters
    ----------
    frequency, recency, T : ndarray of shape (n,)
        Repeat purchases, and times in a unit.
    days_a_unit
        Days in that unit.
    end
        The last day observed, in days since 1970-01-01; None if it is not known.

    Examples
    --------
    >>> known(np.array([2.0]), np.array([1.0]), np.array([3.0]), 7.0, 100)
    {'purchases': array([3]), 'first_purchase': array([79], dtype=int32), 'last_purchase': array([86], dtype=int32)}
    """
    columns: Columns = {"purchases": (frequency + 1).astype(np.int64)}
    if end is not None:
        columns["first_purchase"] = (end - np.round(T * days_a_unit)).astype(np.int32)
        columns["last_purchase"] = (end - np.round((T - recency) * days_a_unit)).astype(np.int32)
    return columns


def staged(
    frequency: Array, silent_for: Array, of: Columns, rules: StageRules, unit: str, last_gap: Array | None = None
) -> Columns:
    """``overdue``, and ``stage`` by its place in `clvmodels.value.next_purchase.stages.STAGES`.

    Parameters
    ----------
    frequency, silent_for : ndarray of shape (n,)
        Repeat purchases, and the time since the last purchase.
    of
        What `predicted` found.
    rules
        Thresholds.
    unit
        Of that time.
    last_gap : ndarray of shape (n,), optional
        The silence before the last purchase when it ended, where purchases are known.
    """
    codes = stages_of(
        frequency,
        silent_for,
        rules,
        window=span_in_units(rules.window, unit, name="window"),
        probability=of["purchase_probability"],
        silence=of["silence"],
        last_gap=last_gap,
    )
    return {"overdue": of["silence"] < rules.overdue, "stage": codes}
