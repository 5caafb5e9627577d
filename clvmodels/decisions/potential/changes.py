"""What changes from now on, and the terms of value under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.decisions.potential.effects import Effect, MarginChange
from clvmodels.inference.population.population import Parameters
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.terms import Income, Terms
from clvmodels.value.valuation import Valuation


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes of a scenario.

    Attributes
    ----------
    purchase_rate, dropout, spend : Effect
        Shares by which each customer's rate of purchase, probability (or risk) of leaving and spend a purchase change.
    margin : MarginChange or None
        What replaces the share of the spend that is earned; None if that stays.
    """

    purchase_rate: Effect
    dropout: Effect
    spend: Effect
    margin: MarginChange | None = None

    @classmethod
    def of(cls, purchase_rate: Any, dropout: Any, spend: Any) -> Self:
        """From the arguments of `clvmodels.scenario`."""
        return cls(
            purchase_rate=Effect.of("purchase_rate", purchase_rate),
            dropout=Effect.of("dropout", dropout),
            spend=Effect.of("spend", spend),
        )

    @property
    def named(self) -> dict[str, Effect | MarginChange]:
        """Those that change anything, by what they change."""
        every = {"purchase rate": self.purchase_rate, "dropout": self.dropout, "spend": self.spend}
        found: dict[str, Effect | MarginChange] = {name: one for name, one in every.items() if one != Effect(0.0)}
        return found if self.margin is None else {**found, "margin": self.margin}

    def with_margin(self, valuation: Valuation, margin: PerCustomer | None) -> Changes:
        """The same with another margin, from the argument of `clvmodels.scenario`; None leaves it."""
        if margin is None:
            return self
        before = valuation.terms((0.0, valuation.horizon)).costs.margin
        return replace(self, margin=MarginChange(before, each_customer(margin, valuation.population.ids, "margin")))

    def first(self, names: Sequence[str]) -> Changes:
        """Only the changes of these names."""
        none = Effect(0.0)
        return Changes(
            purchase_rate=self.purchase_rate if "purchase rate" in names else none,
            dropout=self.dropout if "dropout" in names else none,
            spend=self.spend if "spend" in names else none,
            margin=self.margin if "margin" in names else None,
        )

    def terms(self, valuation: Valuation) -> Terms:
        """The terms of value under the changes as they are expected."""
        factors = (1.0 + self.purchase_rate.mean, 1.0 + self.dropout.mean)
        return self._paid(_changed(valuation, *factors), np.array(1.0 + self.spend.mean))

    def terms_at_draws(self, valuation: Valuation, draws: int, seed: int) -> list[Terms]:
        """The terms of value under draws of the changes."""
        rng = np.random.default_rng(seed)
        rate, dropout, spend = (e.factors(rng, draws) for e in (self.purchase_rate, self.dropout, self.spend))
        each = [_changed(valuation, *pair) for pair in zip(rate.tolist(), dropout.tolist(), strict=True)]
        return [self._paid(each[0], spend), *each[1:]]

    def _paid(self, terms: Terms, factor: Array) -> Terms:
        """With what is then paid a purchase, and earned of it."""
        costs = terms.costs if self.margin is None else replace(terms.costs, margin=self.margin.after)
        return replace(terms, income=ChangedIncome(terms.income, factor), costs=costs)


@dataclass(frozen=True)
class ChangedIncome:
    """What a customer pays a purchase, times a factor: a number, or one a draw."""

    income: Income
    factor: Array

    def point(self) -> Array:
        """At the parameters themselves, shape (n,)."""
        return self.income.point() * self.factor

    def over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """Of some customers at every draw, shape (customers, draws)."""
        return self.income.over_draws(draws, customers) * self.factor


def _changed(valuation: Valuation, rate: float, dropout: float) -> Terms:
    """The terms of the whole horizon under other rates; those as they are where nothing changes."""
    window = (0.0, valuation.horizon)
    return valuation.terms(window) if rate == dropout == 1.0 else valuation.terms(window, rate, dropout)
