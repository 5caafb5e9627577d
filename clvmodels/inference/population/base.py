"""Customers as arrays: their distinct histories with what goes with them, made once and kept as long as they live."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.design import Design
from clvmodels.inference.data.model_data import spend_columns
from clvmodels.inference.population.age_interpolation import Ages
from clvmodels.inference.population.calendar import VaryingRows
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]
Parameters = Mapping[str, float]

ROWS_A_KIND = 100  # from which the ages of a kind of customers are worth an interpolation of their own


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
        if grouped.index is None or len(grouped) * ROWS_A_KIND > len(self):
            return []
        x, _, T = self.columns
        parts = zip(grouped.members(), zip(*grouped.columns, strict=True), strict=True)
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
    own: dict[str, Any] = {name: parameters[name] for name in model.spec.parameters}
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


class _Nothing:
    """Stands for no covariates, since None can't be a weak key."""


_nothing = _Nothing()
_bases: weakref.WeakKeyDictionary[Customers, weakref.WeakKeyDictionary[Any, dict[Any, Base]]] = (
    weakref.WeakKeyDictionary()
)


def made_for(customers: Customers, learned: Learned | None) -> dict[Any, Base]:
    """What has been made of these customers with these covariates: kept as long as both live."""
    return _bases.setdefault(customers, weakref.WeakKeyDictionary()).setdefault(learned or _nothing, {})


def base_of(model: Model, customers: Customers, unit: str, learned: Learned | None = None) -> Base:
    """The histories of customers in ``unit``, made once."""
    made = made_for(customers, learned)
    if unit not in made:
        histories = customers.histories()
        x, t_x, T = histories.columns
        factor = DAYS_PER_UNIT[customers.unit] / DAYS_PER_UNIT[unit]
        if factor != 1.0:
            histories = Histories((x, t_x * factor, T * factor), histories.weight, histories.index)
        made[unit] = _with_covariates(model, histories, customers, learned)
    return made[unit]


def spend_base_of(model: Model, customers: Customers, learned: Learned | None = None) -> Base:
    """Number and mean (0 if there is none) of the purchases with positive spend that the model sees."""
    made = made_for(customers, learned)
    key = ("spend", model.spec.name)
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
