"""Subscribers by the number of renewals they have made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.interpolate import BarycentricInterpolator

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.population.composed import NEW
from clvmodels.inference.population.population import Parameters, Population, Rows
from clvmodels.models.protocol import RenewalModel
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

_NODES = 32  # distinct rates, up to which each is computed by itself; else values are read off, within 1e-6 of theirs


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
    kept : ndarray of shape (rows,) or None
        P(a customer who would renew is not stopped, for example for an unpaid invoice) at each renewal after the next
        payment; None where nobody is.
    """

    model: RenewalModel
    made: Array
    new: bool = False
    kept: Array | None = None

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        return replace(super().take(rows), made=self.made[rows], kept=None if self.kept is None else self.kept[rows])

    def stopped_with(self, probability: Array) -> Self:
        """The same customers, stopped after each payment with a probability of their own, of shape (n,).

        Who is stopped makes no further payment; rows are then the distinct pairs of renewals made and probability.
        """
        pairs = np.stack([self.made[self.row_of_id], 1.0 - probability], axis=1)
        distinct, index = np.unique(pairs, axis=0, return_inverse=True)
        counts = np.broadcast_to(self.counts, len(self.ids))
        weight = np.bincount(index, weights=counts, minlength=len(distinct))
        return replace(self, weight=weight, index=index, made=distinct[:, 0], kept=distinct[:, 1])

    def log_survival(self, parameters: Parameters, periods: float | Array) -> Array:
        """log P(the next ``periods`` renewals are made)."""
        made = self.made if np.ndim(periods) == 0 else self.made[:, None]
        return self.model.log_survival(made, periods, **parameters)

    def discounted_periods(self, parameters: Parameters, delta: float, count: float, dropout: float = 1.0) -> Array:
        """Expected discounted periods: of a new customer from the first one on, else from the next renewal on.

        With ``dropout`` times each customer's own probability of leaving at a renewal, from now on.
        """
        if self.kept is None:
            return self._discounted_periods(parameters, delta, count, dropout)
        # being stopped with probability 1 - kept at each renewal is one more discount
        rates = delta - np.log(np.maximum(self.kept, 1e-300))
        if len(np.unique(rates)) > _NODES:
            return self._interpolated(parameters, rates, count, dropout)
        values = np.empty(len(self))
        for rate in np.unique(rates):
            rows = np.flatnonzero(rates == rate)
            values[rows] = self.take(rows)._discounted_periods(parameters, float(rate), count, dropout)
        return values

    def _interpolated(self, parameters: Parameters, rates: Array, count: float, dropout: float) -> Array:
        """Each row at a rate of its own, read off a polynomial in log(rate + 1 / length) through Chebyshev's nodes."""
        values = np.empty(len(self))
        shift = 1.0 / min(count, 1.0 / max(rates.min(), 1e-9))
        at = np.log(rates + shift)
        middle, half = 0.5 * (at.max() + at.min()), 0.5 * (at.max() - at.min())
        nodes = middle + half * np.cos(np.pi * np.arange(_NODES) / (_NODES - 1))
        for made in np.unique(self.made):
            rows = np.flatnonzero(self.made == made)
            one = replace(self.take(rows[:1]), kept=None)
            exact = [
                one._discounted_periods(parameters, float(rate), count, dropout)[0] for rate in np.exp(nodes) - shift
            ]
            values[rows] = BarycentricInterpolator(nodes, np.array(exact), random_state=0)(at[rows])
        return values

    def _discounted_periods(self, parameters: Parameters, delta: float, count: float, dropout: float) -> Array:
        if dropout != 1.0:
            first = 0.0 if self.new else 1.0  # the period under way is certain, and no period to come
            lifetime = self.model.changed_lifetime(self.made, delta, count + first, dropout, **parameters)
            return np.asarray(np.exp(delta * first) * (lifetime - first))
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
