"""Subscribers by the number of renewals they have made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.population.population import NEW, Parameters, Population, Rows
from clvmodels.models.protocol import RenewalModel
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions


@dataclass(frozen=True, eq=False, kw_only=True)
class RenewalPopulation(Population):
    """Customers who are still there at the end of the observation; or a new one.

    Attributes
    ----------
    model : RenewalModel
        The model.
    made : ndarray of shape (rows,)
        Renewals made: the distinct numbers.
    new : bool
        Whether the first period begins now, rather than that the next renewal is due.
    """

    model: RenewalModel
    made: Array
    new: bool = False

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        return replace(super().take(rows), made=self.made[rows])

    def log_survival(self, parameters: Parameters, periods: float | Array) -> Array:
        """log P(the next ``periods`` renewals are made)."""
        made = self.made if np.ndim(periods) == 0 else self.made[:, None]
        return self.model.log_survival(made, periods, **parameters)

    def discounted_periods(self, parameters: Parameters, delta: float, count: float) -> Array:
        """Expected discounted periods: of a new customer from the first one on, else from the next renewal on."""
        if self.new:
            return self.model.discounted_lifetime(self.made, delta, count, **parameters)
        renewed = np.exp(self.model.log_survival(self.made, 1.0, **parameters))
        return renewed * self.model.discounted_lifetime(self.made + 1.0, delta, count, **parameters)


def new_subscriber(model: RenewalModel) -> RenewalPopulation:
    """A customer whose first period begins now."""
    one = np.ones(1)
    return RenewalPopulation(ids=NEW, weight=one, model=model, made=0.0 * one, new=True)


def subscribers(model: RenewalModel, subscriptions: Subscriptions, unit: str) -> RenewalPopulation:
    """Those who are still there, one row each (one a cohort of a survival table)."""
    if subscriptions.unit != unit:
        raise ArgumentError(
            f"These customers renew each {subscriptions.unit}, the model was fitted to renewals each {unit}. Fit it to "
            "these, or make Subscriptions with the same unit."
        )
    active = subscriptions.table[subscriptions.table["active"]]
    made, index = np.unique(active["periods"].to_numpy(dtype=np.float64), return_inverse=True)
    customers = active["customers"].to_numpy(dtype=np.float64)
    weight = np.bincount(index, weights=customers, minlength=len(made))
    return RenewalPopulation(ids=active.index, weight=weight, index=index, model=model, made=made, counts=customers)
