"""What value is made of, for purchases and renewals, for point values, intervals and simulated customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.population.intervals import over_draws
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.inference.population.quantities import expected_spend
from clvmodels.value.costs import Costs
from clvmodels.value.credit_terms import CreditTerms
from clvmodels.value.worth import worth


class Draw(NamedTuple):
    """Parameters of the models of purchases (or renewals), of spend and of payments, drawn together."""

    purchases: Parameters
    spend: Parameters
    payments: Parameters


class Income(Protocol):
    """What a customer pays a purchase, or a period."""

    def point(self) -> Array:
        """At the parameters themselves, shape (n,)."""

    def over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """Of some customers at every draw, shape (customers, draws) or (customers, 1)."""


@dataclass(frozen=True)
class ExpectedSpend:
    """Expected spend a purchase, by a spend model.

    Attributes
    ----------
    population : Population
        The customers.
    parameters : dict of str to float
        Of the fit.
    """

    population: Population
    parameters: Parameters

    def point(self) -> Array:
        """At the parameters themselves, shape (n,)."""
        return self.population.spread(self.population.evaluate(expected_spend(), self.parameters))

    def over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """Of some customers at every draw, shape (customers, draws)."""
        rows, place = np.unique(self.population.row_of_id[customers], return_inverse=True)
        return over_draws(expected_spend(), draws, self.population.take(rows))[place]


@dataclass(frozen=True)
class Price:
    """What is paid a period: known, of shape (n,)."""

    amounts: Array

    def point(self) -> Array:
        """The price of each customer."""
        return self.amounts

    def over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """The price of some customers, the same at every draw."""
        return self.amounts[customers][:, None]


@dataclass(frozen=True)
class Terms:
    """The terms of value, by customer.

    Attributes
    ----------
    units : Quantity
        Discounted expected purchases, or periods.
    years_alive : Quantity or None
        Discounted years alive, if keeping a customer costs anything.
    income : Income
        What is paid a unit.
    costs : Costs
        Margins and costs.
    begins : bool
        Whether the customers are won at its beginning, which costs what their acquisition does.
    first_units : float
        Purchases at the very beginning, undiscounted: 1 for new customers, else 0.
    credit : CreditTerms or None
        What is lost on invoices, if it is taken off.
    """

    units: Quantity
    years_alive: Quantity | None
    income: Income
    costs: Costs
    begins: bool
    first_units: float = 0.0
    credit: CreditTerms | None = None

    def value(
        self,
        customers: Places | slice,
        units: Array,
        years: Array | None,
        income: Array,
        draws: Sequence[Draw] | None = None,
    ) -> Array:
        """Value of some customers.

        Parameters
        ----------
        customers
            Which.
        units, years, income : ndarray of shape (n,) or (n, draws)
            Discounted units and years alive, and what is paid a unit.
        draws
            Over which the credit loss varies; None at the parameters themselves.

        Returns
        -------
        ndarray of shape (n,) or (n, draws)
        """
        costs = self.costs
        margin = _of(costs.margin, customers, income) - self._loss(customers, draws)
        value = worth(
            income,
            units + self.first_units,
            years,
            margin=margin,
            a_purchase=_of(costs.a_purchase, customers, income),
            a_year=0.0 if years is None else _of(costs.a_year, customers, years),
        )
        return np.asarray(value - (costs.acquisition if self.begins else 0.0))

    def _loss(self, customers: Places | slice, draws: Sequence[Draw] | None) -> Array | float:
        """The credit loss on a unit of income."""
        if self.credit is None:
            return 0.0
        if draws is None:
            return self.credit.loss[customers]
        assert not isinstance(customers, slice)  # at draws, customers come in blocks
        return self.credit.loss_over_draws([draw.payments for draw in draws], customers)

    def point(self, population: Population, parameters: Parameters) -> Array:
        """Value at the parameters themselves, shape (n,)."""
        years = None
        if self.years_alive is not None:
            years = population.spread(population.evaluate(self.years_alive, parameters))
        units = population.spread(population.evaluate(self.units, parameters))
        return self.value(slice(None), units, years, self.income.point())


def _of(amounts: Array, customers: Places | slice, like: Array) -> Array:
    chosen = amounts[customers]
    return chosen if like.ndim == 1 else chosen[:, None]
