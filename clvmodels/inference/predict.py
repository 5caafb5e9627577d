"""Predictions as arrays: one value a distinct history, for one set of parameters.

Everything here takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go
through the same code.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.inference.ages import Ages, in_parallel
from clvmodels.inference.covariates import Learned
from clvmodels.inference.design import Design
from clvmodels.inference.rows import spend_columns
from clvmodels.inference.stages import mean_over_stages, simulate_future, stages_of
from clvmodels.inference.varying_base import VaryingRows
from clvmodels.models.protocol import Model, PurchaseModel, SpendModel
from clvmodels.models.special import expit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]
Parameters = Mapping[str, float]


Compute = Callable[[Parameters, "Base"], Array]

_ROWS_A_KIND = 100  # from which the ages of a kind of customers are worth an interpolation of their own


@dataclass(frozen=True, eq=False)
class Base:
    """Distinct rows of customers, in the unit of a model, and the way back to the customers.

    With covariates ``design`` and its columns ``z`` go with the rows. A new customer is then one of a ``mixture`` of
    rows, weighted by how many customers have their covariates. Covariates that vary in time are in ``varying``.
    """

    histories: Histories
    ids: pd.Index[Any]
    log_odds: dict[tuple[Any, ...], Array] = field(default_factory=dict)
    design: Design | None = None
    z: tuple[Array, ...] = ()
    mixture: Base | None = None
    varying: VaryingRows | None = None

    def __len__(self) -> int:
        return len(self.histories)

    @property
    def columns(self) -> tuple[Array, Array, Array]:
        """x, t_x and T of each distinct history."""
        x, t_x, T = self.histories.columns
        return x, t_x, T

    @cached_property
    def ages(self) -> Ages:
        x, _, T = self.columns
        return Ages(x, T)

    @cached_property
    def cells(self) -> Histories:
        """The distinct (x, T, covariates): what customers who are alive differ by."""
        x, _, T = self.columns
        return group_histories(x, T, *self.z)

    @cached_property
    def kinds(self) -> list[tuple[NDArray[np.intp], Ages, tuple[float, ...]]]:
        """Where covariates make few kinds of customers: the rows of each, their ages, and the covariates."""
        grouped = group_histories(*self.z)
        if grouped.index is None or len(grouped) * _ROWS_A_KIND > len(self):
            return []
        order = np.argsort(grouped.index, kind="stable")
        ends = np.cumsum(grouped.weight).astype(np.intp)
        x, _, T = self.columns
        parts = zip(np.split(order, ends[:-1]), zip(*grouped.columns, strict=True), strict=True)
        return [(rows, Ages(x[rows], T[rows]), tuple(map(float, z))) for rows, z in parts]

    def parameters(self, model: Model, parameters: Parameters) -> dict[str, Any]:
        """The model's parameters: numbers, or arrays of shape (rows,) where covariates move them."""
        return own_parameters(model, parameters, self.design, self.z)

    def rows(self, rows: NDArray[np.intp]) -> Base:
        """Some of the distinct rows, by themselves."""
        columns = tuple(column[rows] for column in self.histories.columns)
        histories = Histories(columns, self.histories.weight[rows], None)
        z = tuple(column[rows] for column in self.z)
        varying = None if self.varying is None else self.varying.take(rows, histories.weight)
        return Base(histories, self.ids[:0], design=self.design, z=z, mixture=self.mixture, varying=varying)

    def apart(self) -> Base:
        """One row a customer, also for those who share a history."""
        columns = tuple(self.histories.spread(column) for column in self.histories.columns)
        z = tuple(self.histories.spread(column) for column in self.z)
        histories = Histories(columns, np.ones(len(columns[0])), None)
        rows = np.arange(len(self)) if self.histories.index is None else self.histories.index
        varying = None if self.varying is None else self.varying.take(rows, histories.weight)
        return Base(histories, self.ids, design=self.design, z=z, mixture=self.mixture, varying=varying)

    def series(self, values: Array, name: str) -> pd.Series[float]:
        """Values per distinct row as one row a customer."""
        return pd.Series(self.histories.spread(values), index=self.ids, name=name)


def own_parameters(model: Model, parameters: Parameters, design: Design | None, z: tuple[Any, ...]) -> dict[str, Any]:
    """The model's parameters of each row, made of parameters and coefficients."""
    own: dict[str, Any] = {name: parameters[name] for name in model.PARAMETERS}
    return own if design is None else design.by_row(own, [parameters[name] for name in design.coefficients], z)


def new_customer(model: Model, columns: int, learned: Learned | None, table: pd.DataFrame | None) -> Base:
    """A customer at the moment of the first purchase: nothing repeated, no time passed.

    With covariates one of the customers of ``table``, whoever that is.
    """
    zero, ids = np.zeros(1), pd.Index(["new"], name="customer_id")
    alone = Base(Histories((zero,) * columns, np.ones(1), None), ids)
    if learned is None or table is None:
        return alone
    kinds = group_histories(*learned.columns(table))
    zeros = (np.zeros(len(kinds)),) * columns
    mixture = Base(Histories(zeros, kinds.weight, None), ids[:0], design=learned.design(model), z=kinds.columns)
    return replace(alone, mixture=mixture)


_bases: weakref.WeakKeyDictionary[Customers, dict[Any, Base]] = weakref.WeakKeyDictionary()


def base_of(model: Model, customers: Customers, unit: str, learned: Learned | None = None) -> Base:
    """The histories of customers in ``unit``, made once."""
    made = _bases.setdefault(customers, {})
    key = (unit, learned)
    if key not in made:
        histories = customers.histories()
        x, t_x, T = histories.columns
        factor = DAYS_PER_UNIT[customers.unit] / DAYS_PER_UNIT[unit]
        if factor != 1.0:
            histories = Histories((x, t_x * factor, T * factor), histories.weight, histories.index)
        made[key] = _with_covariates(model, histories, customers, learned)
    return made[key]


def spend_base_of(model: Model, customers: Customers, learned: Learned | None = None) -> Base:
    """Number and mean (0 if there is none) of the purchases with positive spend that the model sees."""
    made = _bases.setdefault(customers, {})
    key = ("spend", model.NAME, learned)
    if key not in made:
        x, m, *_ = spend_columns(model, customers)
        made[key] = _with_covariates(model, group_histories(x, m), customers, learned)
    return made[key]


def _with_covariates(model: Model, histories: Histories, customers: Customers, learned: Learned | None) -> Base:
    ids = customers.table.index
    if learned is None:
        return Base(histories, ids)
    n = len(histories.columns)
    columns = [histories.spread(column) for column in histories.columns]
    grouped = group_histories(*columns, *learned.columns(customers.table))
    plain = Histories(grouped.columns[:n], grouped.weight, grouped.index)
    return Base(plain, ids, design=learned.design(model), z=grouped.columns[n:])


def log_odds_alive(model: PurchaseModel, parameters: Parameters, base: Base) -> Array:
    """log P(alive) / P(lost), kept for the next quantity at the same parameters."""
    key = (model.NAME, *parameters.values())
    found = base.log_odds.get(key)
    if found is None:
        if base.varying is not None:
            found = base.varying.log_odds_alive(parameters)
        else:
            x, t_x, T = base.columns
            found = model.log_odds_alive(x, t_x, T, **base.parameters(model, parameters))
        base.log_odds.clear()
        base.log_odds[key] = found
    return found


def given_alive(
    model: PurchaseModel, parameters: Parameters, base: Base, quantity: str, *window: float, **options: float
) -> Array:
    """A quantity of the model's protocol, given that the customer is alive."""
    if base.varying is not None:
        return base.varying.given_alive(parameters, quantity, *window, **options)
    if len(stages_of(model)) > 1:
        return mean_over_stages(given_alive, model, parameters, base, quantity, *window, **options)
    function = getattr(model, quantity)
    closed = quantity in model.CLOSED and not options.get("start")
    with np.errstate(under="ignore"):
        if closed:
            x, _, T = base.columns
            return np.asarray(function(x, T, *window, **base.parameters(model, parameters)))
        if base.design is not None:
            return _by_covariates(model, parameters, base, lambda x, T, own: function(x, T, *window, **options, **own))
        return base.ages.evaluate(
            lambda x, T: function(x, T, *window, **options, **parameters), model.age_offset(**parameters)
        )


def _by_covariates(
    model: PurchaseModel,
    parameters: Parameters,
    base: Base,
    function: Callable[[Array, Array, dict[str, Any]], Array],
) -> Array:
    """A function of x, T and the parameters of each row: by kinds of customers if they are few, else row by row."""
    if base.kinds:
        result = np.empty(len(base))
        for rows, ages, z in base.kinds:
            own = own_parameters(model, parameters, base.design, z)
            at = ages.evaluate(lambda x, T, own=own: function(x, T, own), model.age_offset(**own))  # type: ignore[misc]
            result[rows] = at
        return result
    x, T, *z_columns = base.cells.columns
    own = own_parameters(model, parameters, base.design, tuple(z_columns))
    moved = [name for name, value in own.items() if np.ndim(value)]

    def piece(x: Array, T: Array, *values: Array) -> Array:
        return function(x, T, {**own, **dict(zip(moved, values, strict=True))})

    return base.cells.spread(in_parallel(piece, x, T, *(own[name] for name in moved)))


# --- what can be asked, as functions of parameters and customers ------------------------------------------------------


def of_new_too(compute: Compute) -> Compute:
    """The same, and for a new customer the mean over the covariates that new customers have."""

    def mean_of_mixture(parameters: Parameters, base: Base) -> Array:
        if base.mixture is None:
            return compute(parameters, base)
        weight = base.mixture.histories.weight
        return np.full(len(base), weight @ compute(parameters, base.mixture) / weight.sum())

    return mean_of_mixture


def probability_alive(model: PurchaseModel) -> Compute:
    """P(alive)."""
    return of_new_too(lambda parameters, base: expit(log_odds_alive(model, parameters, base)))


def expected(model: PurchaseModel, quantity: str, *window: float, **options: float) -> Compute:
    """P(alive) times a quantity of the protocol that is 0 for lost customers, and 0 for no time."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if window[0] == 0.0 and quantity != "survival":
            return np.zeros(len(base))
        alive = expit(log_odds_alive(model, parameters, base))
        return np.asarray(alive * given_alive(model, parameters, base, quantity, *window, **options))

    return of_new_too(compute)


def purchases_pmf(model: PurchaseModel, t: float, count: int) -> Compute:
    """P(count purchases in t): lost customers make none."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if t == 0.0:
            return np.full(len(base), float(count == 0))
        log_odds = log_odds_alive(model, parameters, base)
        alive = expit(log_odds) * given_alive(model, parameters, base, "purchases_pmf", t, count)
        return np.asarray(alive + expit(-log_odds) if count == 0 else alive)

    return of_new_too(compute)


def simulated_purchases(model: PurchaseModel, t: float, seed: int) -> Compute:
    """Random numbers of purchases in t."""

    def compute(parameters: Parameters, base: Base) -> Array:
        base = _one_of_mixture(base, seed)
        rng = _random(seed, parameters, base.columns[0])
        alive = expit(log_odds_alive(model, parameters, base))
        if base.varying is not None:
            counts = base.varying.simulate_future(rng, parameters, t)
        else:
            counts = simulate_future(model, rng, base.columns, t, base.parameters(model, parameters))
        counts[rng.random(len(counts)) >= alive] = 0.0
        return counts

    return compute


def expected_spend(model: SpendModel) -> Compute:
    """Expected spend a purchase."""

    def compute(parameters: Parameters, base: Base) -> Array:
        x, m, *_ = base.histories.columns
        return model.expected_spend(x, m, **base.parameters(model, parameters))

    return of_new_too(compute)


def simulated_spend(model: SpendModel, seed: int, count: Array | float = 1.0) -> Compute:
    """Random mean amounts of the next ``count`` purchases."""

    def compute(parameters: Parameters, base: Base) -> Array:
        base = _one_of_mixture(base, seed)
        x, m, *_ = base.histories.columns
        counts = np.broadcast_to(np.asarray(count, dtype=np.float64), x.shape)
        own = base.parameters(model, parameters)
        return model.simulate_future(_random(seed, parameters, x), x, m, counts, **own) / counts

    return compute


def _one_of_mixture(base: Base, seed: int) -> Base:
    """A new customer with covariates that some customer has."""
    if base.mixture is None:
        return base
    weight = base.mixture.histories.weight
    chosen = np.random.default_rng([seed, 1]).choice(len(weight), len(base), p=weight / weight.sum())
    return base.mixture.rows(chosen)


def _random(seed: int, parameters: Parameters, x: Array) -> np.random.Generator:
    """Randomness of its own for each draw and block of customers, whatever thread they fall to."""
    numbers = np.array([*parameters.values(), float(len(x)), float(x.sum())])
    return np.random.default_rng([seed, *numbers.view(np.uint32).tolist()])
