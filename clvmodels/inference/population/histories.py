"""Customers by their histories: plain, and with covariates that move each row's parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.design import Design
from clvmodels.inference.population.age_interpolation import Ages, OfAges, by_age, in_parallel
from clvmodels.inference.population.mixture_states import mean_over_states, simulate_future
from clvmodels.inference.population.population import NODES, Parameters, Population, PurchasePopulation, Rows
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model, PaymentModel, PurchaseModel, SpendModel
from clvmodels.transactions.histories import Histories, group_histories

ROWS_A_KIND = 100  # from which the ages of a kind of customers are worth an interpolation of their own


@dataclass(frozen=True, eq=False, kw_only=True)
class HistoryRows(Population):
    """Distinct rows of what a model sees of customers, who all have the same parameters.

    Attributes
    ----------
    model : Model
        The model.
    columns : tuple of ndarray of shape (rows,)
        Purchases: x, t_x and T in the unit of the model. Spend: number and mean (0 if there is none).
    """

    model: Model
    columns: tuple[Array, ...]

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        return replace(super().take(rows), columns=tuple(column[rows] for column in self.columns))

    def order(self) -> Rows:
        """Rows of one count together."""
        return np.argsort(self.columns[0], kind="stable")

    def own_parameters(self, parameters: Parameters) -> dict[str, Any]:
        """The model's parameters: numbers, or arrays of shape (rows,) where they differ by row."""
        return {name: parameters[name] for name in self.model.spec.parameters}

    def log_likelihood(self, parameters: Parameters) -> Array:
        """log L of each row."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchaseHistories(HistoryRows, PurchasePopulation):
    """Repeat purchases x, recency t_x and age T of customers."""

    model: PurchaseModel
    _log_odds: dict[tuple[float, ...], Array] = field(init=False, default_factory=dict)

    def log_odds_alive(self, parameters: Parameters) -> Array:
        """log P(alive) / P(lost), kept for the next quantity at the same parameters."""
        key = tuple(parameters.values())
        if key not in self._log_odds:
            found = self.model.log_odds_alive(*self.columns, **self.own_parameters(parameters))
            self._log_odds.clear()
            self._log_odds[key] = found
        return self._log_odds[key]

    def log_likelihood(self, parameters: Parameters) -> Array:
        """log L of each history."""
        return np.asarray(self.model.log_likelihood(*self.columns, **self.own_parameters(parameters)))

    def given_alive(self, parameters: Parameters, quantity: str, t: float, *rest: float, start: float = 0.0) -> Array:
        """A quantity of the model, given that the customer is alive."""
        options = {"start": start} if start else {}
        x, t_x, T = self.columns

        def of_state(state: PurchaseModel) -> Array:
            function = getattr(state, quantity)
            with np.errstate(under="ignore"):
                if quantity in state.spec.engine.closed and not start:
                    return np.asarray(function(x, T, t, *rest, **self.own_parameters(parameters)))
                return self._along_age(state, parameters, lambda x, T, own: function(x, T, t, *rest, **options, **own))

        return mean_over_states(self.model, (x, t_x, T), lambda: self.own_parameters(parameters), of_state)

    def silence(self, parameters: Parameters) -> Array:
        """P(a gap longer than the time since the last purchase), given that the customer is alive."""
        return self.model.silence(*self.columns, **self.own_parameters(parameters))

    def simulate_future(self, rng: np.random.Generator, parameters: Parameters, t: float) -> Array:
        """Random numbers of purchases in the next t of customers who are alive."""
        x, t_x, T = self.columns
        return simulate_future(self.model, rng, (x, t_x, T), t, self.own_parameters(parameters))

    def simulate_past(self, rng: np.random.Generator, parameters: Parameters) -> Array:
        """Random numbers of repeat purchases of new customers who are observed as long as these were."""
        return np.asarray(self.model.simulate(rng, self.columns[2], **self.own_parameters(parameters))[0])

    def since_first(
        self, parameters: Parameters, name: str, *rest: float, until: float | Array = 0.0, nodes: int = NODES
    ) -> tuple[Array, Array]:
        """A quantity over the time since the first purchase: see `Population`."""
        grouped = group_histories(self.columns[2])
        ages = np.round(np.maximum(np.add.outer(grouped.columns[0], until), 0.0), 9)
        return grouped.total(self.weight), by_age(self.of_new(parameters, name, *rest), ages, nodes)

    def of_new(self, parameters: Parameters, name: str, *rest: float) -> Callable[[float], float]:
        """A quantity of a new customer as a function of the time since the first purchase."""
        new, is_none = self.as_new(), name == "purchases_pmf" and rest[0] == 0
        log_odds = new.log_odds_alive(parameters)

        def of_age(age: float) -> float:
            if age == 0.0:
                return float(is_none)
            each = special.expit(log_odds) * new.given_alive(parameters, name, age, *rest)
            return float(new.weight @ (each + special.expit(-log_odds) if is_none else each))

        return of_age

    def as_new(self) -> Self:
        """A customer at the moment of the first purchase: nothing repeated, no time passed."""
        zeros = np.zeros(1)
        return replace(self.take(np.zeros(1, np.intp)), columns=(zeros,) * len(self.columns), weight=np.ones(1))

    def _along_age(self, state: PurchaseModel, parameters: Parameters, function: OfAges) -> Array:
        """A function of x, T and the parameters, read off along T where ages abound."""
        own = self.own_parameters(parameters)
        return self._ages.evaluate(function, own, state.spec.age_offset(**own))

    @cached_property
    def _ages(self) -> Ages:
        x, _, T = self.columns
        return Ages(x, T)


@dataclass(frozen=True, eq=False, kw_only=True)
class SpendHistories(HistoryRows):
    """Number and mean of the purchases with positive spend that a spend model sees."""

    model: SpendModel

    def log_likelihood(self, parameters: Parameters) -> Array:
        """Log density of each mean; 0 where there is none."""
        x, m, *_ = self.columns
        spent = np.where(x > 0, m, 1.0)
        log_density = self.model.log_density_of_mean(np.maximum(x, 1.0), spent, **self.own_parameters(parameters))
        return np.where(x > 0, log_density, 0.0)

    def expected_spend(self, parameters: Parameters) -> Array:
        """E[mean spend a purchase | history]."""
        x, m, *_ = self.columns
        return self.model.expected_spend(x, m, **self.own_parameters(parameters))

    def simulate_spend(self, rng: np.random.Generator, parameters: Parameters, number: Array) -> Array:
        """Random mean amounts of the next ``number`` purchases, of shape (rows,)."""
        x, m, *_ = self.columns
        return self.model.simulate_future(rng, x, m, number, **self.own_parameters(parameters)) / number

    def simulate_past(self, rng: np.random.Generator, parameters: Parameters) -> Array:
        """Random mean spend of customers with as many purchases."""
        return self.model.simulate(rng, self.columns[0], **self.own_parameters(parameters))


@dataclass(frozen=True, eq=False, kw_only=True)
class PaymentHistories(HistoryRows):
    """Invoices not paid, k, of n."""

    model: PaymentModel

    def log_likelihood(self, parameters: Parameters) -> Array:
        """log L of each history."""
        return np.asarray(self.model.log_likelihood(*self.columns, **self.own_parameters(parameters)))

    def default_probability(self, parameters: Parameters) -> Array:
        """P(the next invoice is not paid | k of n were not)."""
        k, n = self.columns
        return self.model.default_probability(k, n, **self.own_parameters(parameters))

    def simulate_defaults(self, rng: np.random.Generator, parameters: Parameters, count: Array) -> Array:
        """Random numbers of unpaid ones among the next ``count`` invoices, of shape (rows,)."""
        k, n = self.columns
        return self.model.simulate_future(rng, k, n, count, **self.own_parameters(parameters))


@dataclass(frozen=True, eq=False, kw_only=True)
class RowsWithCovariates(HistoryRows):
    """Rows whose parameters covariates move.

    Attributes
    ----------
    design : Design
        Which columns move which parameters.
    z : tuple of ndarray of shape (rows,)
        The columns of the design.
    """

    design: Design
    z: tuple[Array, ...]

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        return replace(super().take(rows), z=tuple(column[rows] for column in self.z))

    def own_parameters(self, parameters: Parameters) -> dict[str, Any]:
        """The model's parameters of each row, made of parameters and coefficients."""
        return moved_parameters(self.model, self.design, parameters, self.z)


@dataclass(frozen=True, eq=False, kw_only=True)
class SpendWithCovariates(RowsWithCovariates, SpendHistories):
    """Spend of customers with covariates."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PaymentsWithCovariates(RowsWithCovariates, PaymentHistories):
    """Payments of customers with covariates."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchasesWithCovariates(RowsWithCovariates, PurchaseHistories):
    """Purchases of customers with covariates."""

    @property
    def dear_windows(self) -> bool:
        """Whether P(a purchase) in a window that begins later costs a quadrature for every row."""
        return not self._kinds

    def as_new(self) -> Self:
        """New customers with the covariates of these; their weights sum to 1."""
        kinds = group_histories(*self.z)
        weight = kinds.total(self.weight)
        zeros = (np.zeros(len(kinds)),) * len(self.columns)
        some = self.take(np.zeros(len(kinds), np.intp))
        return replace(some, columns=zeros, z=kinds.columns, weight=weight / weight.sum())

    @cached_property
    def _cells(self) -> Histories:
        """The distinct (x, T, covariates): what customers who are alive differ by."""
        x, _, T = self.columns
        return group_histories(x, T, *self.z)

    @cached_property
    def _kinds(self) -> list[tuple[Rows, Ages, tuple[float, ...]]]:
        """Where covariates make few kinds of customers: the rows of each, their ages, and the covariates."""
        grouped = group_histories(*self.z)
        if grouped.index is None or len(grouped) * ROWS_A_KIND > len(self):
            return []
        x, _, T = self.columns
        parts = zip(grouped.members(), zip(*grouped.columns, strict=True), strict=True)
        return [(rows, Ages(x[rows], T[rows]), tuple(map(float, z))) for rows, z in parts]

    def _along_age(self, state: PurchaseModel, parameters: Parameters, function: OfAges) -> Array:
        """By kinds of customers if they are few, else along T and the scale that T adds to, else row by row."""
        if self._kinds:
            result = np.empty(len(self))
            for rows, ages, z in self._kinds:
                own = moved_parameters(self.model, self.design, parameters, z)
                result[rows] = ages.evaluate(function, own, state.spec.age_offset(**own))
            return result
        x, T, *z_columns = self._cells.columns
        own = moved_parameters(self.model, self.design, parameters, tuple(z_columns))
        return self._cells.spread(by_row(state, own, x, T, function))


def moved_parameters(model: Model, design: Design, parameters: Parameters, z: tuple[Any, ...]) -> dict[str, Any]:
    """The model's parameters under covariates ``z``: columns of shape (rows,), or numbers for one row."""
    own = {name: parameters[name] for name in model.spec.parameters}
    return design.by_row(own, [parameters[name] for name in design.coefficients], z)


def by_row(state: PurchaseModel, own: dict[str, Any], x: Array, T: Array, function: OfAges) -> Array:
    """A function of x, T and parameters that differ by row: along T and the scale that it adds to, or row by row."""
    by_scale = _along_age_and_scale(state, own, x, T, function)
    if by_scale is not None:
        return by_scale
    moved = [name for name, value in own.items() if np.ndim(value)]

    def piece(x: Array, T: Array, *values: Array) -> Array:
        return function(x, T, {**own, **dict(zip(moved, values, strict=True))})

    return in_parallel(piece, x, T, *(own[name] for name in moved))


def _along_age_and_scale(
    state: PurchaseModel, own: dict[str, Any], x: Array, T: Array, function: OfAges
) -> Array | None:
    """A function along T + scale, where T enters only as that sum and the other parameters are few; else None."""
    scale = state.spec.engine.age_sum
    if scale is None or not np.ndim(own[scale]):
        return None
    others = [name for name, value in own.items() if np.ndim(value) and name != scale]
    alike = group_histories(*(own[name] for name in others)).members() if others else [np.arange(len(x))]
    if len(alike) > 1 and len(alike) * ROWS_A_KIND > len(x):
        return None
    result = np.empty(len(x))
    for rows in alike:
        smallest = float(own[scale][rows].min())
        same = {**own, **{name: float(own[name][rows[0]]) for name in others}, scale: smallest}
        ages = Ages(x[rows], T[rows] + (own[scale][rows] - smallest))
        result[rows] = ages.evaluate(function, same, smallest)
    return result
