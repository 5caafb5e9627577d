"""The columns of a risk table, at the parameters themselves and over draws of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.inference.population.intervals import over_draws, quantiles
from clvmodels.inference.population.population import Parameters, Population, Quantity, block_size
from clvmodels.value.risk.invoices import Invoices
from clvmodels.value.terms import Draw, Terms

MONEY = ("exposure", "expected_loss", "lifetime_value", "value_at_risk", "value_lost_to_attrition",
         "value_after_credit_loss")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Worth:
    """Value in the terms of one valuation, and the customers as it sees them."""

    terms: Terms
    population: Population


@dataclass(frozen=True, eq=False)
class Leaving:
    """How customers are lost.

    Attributes
    ----------
    name : str
        "attrition_risk" or "cancellation_risk".
    population : Population
        The customers.
    stays : Quantity
        P(a purchase in the horizon), or P(all renewals in it are made).
    comes : Quantity
        P(the next purchase or payment comes): value is 0 if it doesn't.
    discounted : Quantity
        The same, each discounted to now.
    """

    name: str
    population: Population
    stays: Quantity
    comes: Quantity
    discounted: Quantity


@dataclass(frozen=True, eq=False)
class RiskColumns:
    """What a risk table has columns of; what is None has none.

    Attributes
    ----------
    leaving : Leaving or None
        How customers are lost.
    worth : Worth or None
        What they are worth before credit loss.
    after : Worth or None
        … and after it.
    invoices : Invoices or None
        What they may not pay.
    exact_loss : bool
        Whether value is 0 without a next purchase, so that what attrition takes is known.
    """

    leaving: Leaving | None
    worth: Worth | None
    after: Worth | None
    invoices: Invoices | None
    exact_loss: bool

    def at(self, point: At, customers: Places) -> dict[str, Array]:
        """The columns of some customers, each of shape (customers, draws)."""
        found: dict[str, Array] = {}
        income = None if self.worth is None else point.income(self.worth.terms, customers)
        if self.leaving is not None:
            stays = point.of(self.leaving.stays, self.leaving.population, customers)
            found[self.leaving.name] = np.clip(1.0 - stays, 0.0, 1.0)
        if self.invoices is not None:
            found |= self._credit(self.invoices, point, customers, income)
        if self.worth is not None and self.leaving is not None and income is not None:
            found |= self._value(self.worth, self.leaving, point, customers, found[self.leaving.name])
        if self.after is not None:
            found["value_after_credit_loss"] = point.value(self.after, customers)
        return found

    def _value(self, worth: Worth, leaving: Leaving, point: At, customers: Places, risk: Array) -> dict[str, Array]:
        """Value, and what of it is at risk; who costs more than is earned has nothing at risk."""
        value = point.value(worth, customers)
        found = {"lifetime_value": value, "value_at_risk": np.maximum(value, 0.0) * risk}
        if self.exact_loss:  # E[V | comes] - E[V], with V = 0 if the next purchase doesn't come
            comes = point.of(leaving.comes, leaving.population, customers)
            lost = np.maximum(value, 0.0) * (1.0 - comes) / np.maximum(comes, 1e-300)
            found["value_lost_to_attrition"] = np.where(comes > 0.0, lost, 0.0)
        return found

    def _credit(self, invoices: Invoices, point: At, customers: Places, income: Array | None) -> dict[str, Array]:
        """Probability of default, exposure and expected loss."""
        credit, opened = invoices.terms, invoices.open_amount[customers][:, None]
        probability = credit.probability_over_draws([draw.payments for draw in point.draws], customers)
        exposure, discounted = opened, opened * invoices.open_discount
        if income is not None and self.leaving is not None:
            invoice = income * credit.share_on_credit[customers][:, None]
            comes, valued = (
                point.of(quantity, self.leaving.population, customers)
                for quantity in (self.leaving.comes, self.leaving.discounted)
            )
            exposure = exposure + invoice * comes
            discounted = discounted + invoice * valued * invoices.next_discount[customers][:, None]
        lost = probability * credit.loss_given_default[customers][:, None] * discounted
        return {"default_probability": probability, "exposure": exposure, "expected_loss": lost}


@dataclass(frozen=True, eq=False)
class At:
    """Parameters at which columns are computed: the estimates, or draws.

    Attributes
    ----------
    draws : sequence of Draw
        The parameters; one for the estimates.
    exact : bool
        Whether these are the estimates.
    """

    draws: Sequence[Draw]
    exact: bool

    def of(self, quantity: Quantity, population: Population, customers: Places) -> Array:
        """A quantity of some customers, shape (customers, draws)."""
        rows, place = np.unique(population.row_of_id[customers], return_inverse=True)
        part = population.take(rows)
        parameters: list[Parameters] = [draw.purchases for draw in self.draws]
        if self.exact:
            return np.stack([part.evaluate(quantity, each) for each in parameters], axis=1)[place]
        return over_draws(quantity, parameters, part)[place]

    def income(self, terms: Terms, customers: Places) -> Array:
        """What some customers pay a purchase or a period."""
        if self.exact:
            return terms.income.point()[customers][:, None]
        return terms.income.over_draws([draw.spend for draw in self.draws], customers)

    def value(self, worth: Worth, customers: Places) -> Array:
        """The value of some customers."""
        terms, population = worth.terms, worth.population
        years = None if terms.years_alive is None else self.of(terms.years_alive, population, customers)
        units = self.of(terms.units, population, customers)
        return terms.value(customers, units, years, self.income(terms, customers), self.draws)


def point_table(columns: RiskColumns, estimates: Draw, ids: pd.Index) -> pd.DataFrame:
    """The columns at the estimates, one row a customer."""
    found = columns.at(At([estimates], exact=True), np.arange(len(ids)))
    return pd.DataFrame({name: np.broadcast_to(values, (len(ids), 1))[:, 0] for name, values in found.items()}, ids)


def bounds_tables(
    columns: RiskColumns, draws: Sequence[Draw], order: Places, counts: Array, level: float
) -> tuple[dict[str, tuple[Array, Array]], dict[str, tuple[Array, Array]]]:
    """Bounds of each column, and of the sums over customers of those in money.

    Parameters
    ----------
    columns
        The columns.
    draws
        Of the parameters.
    order
        The customers, those alike beside each other.
    counts
        How many each stands for.
    level
        Level of the bounds.
    """
    point, n = At(draws, exact=False), len(order)
    lower: dict[str, Array] = {}
    upper: dict[str, Array] = {}
    sums: dict[str, Array] = {}
    for customers in _blocks(order, block_size(len(draws))):
        for name, values in columns.at(point, customers).items():
            values = np.broadcast_to(values, (len(customers), len(draws)))
            low, high = quantiles(values, level)
            lower.setdefault(name, np.empty(n))[customers] = low
            upper.setdefault(name, np.empty(n))[customers] = high
            if name in MONEY:
                sums[name] = sums.get(name, np.zeros(len(draws))) + counts[customers] @ values
    totals = {name: quantiles(each, level) for name, each in sums.items()}
    return {name: (lower[name], upper[name]) for name in lower}, totals


def _blocks(order: Places, size: int) -> Iterator[Places]:
    for i in range(0, len(order), size):
        yield order[i : i + size]
