"""Structure: which model, and how the parameters of customers follow from those that are estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.arrays import Array
from clvmodels.inference.data.design import Design
from clvmodels.inference.data.log_gaps import log_gap_terms
from clvmodels.inference.data.model_data import histories_of, spend_columns
from clvmodels.inference.data.resolution import group_times
from clvmodels.inference.population.composed import NEW
from clvmodels.inference.population.histories import PaymentHistories, PurchaseHistories, SpendHistories
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.renewals import new_subscriber, subscribers
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.log_posterior import Likelihood
from clvmodels.models.protocol import Model, PaymentModel, PurchaseModel, RenewalModel, SpendModel
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions
from clvmodels.transactions.units import DAYS_PER_UNIT

type Who = CustomerBase | Population | Literal["new"] | None


class Data(NamedTuple):
    """Distinct histories, and the log-likelihood over them (which knows how many customers share each)."""

    histories: Histories
    likelihood: Likelihood


@dataclass(frozen=True, eq=False, kw_only=True)
class Structure:
    """A model whose parameters are the same for all customers; the base of those in which they differ.

    Attributes
    ----------
    name : str
        Name of the model.
    unit : str
        Unit of time.
    resolution : float or None
        Step in units to which times are grouped for a fit; see `inference.data.resolution`.
    """

    name: str
    unit: str
    resolution: float | None = None

    @cached_property
    def model(self) -> Model:
        """The model."""
        return models.get(self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is estimated."""
        return tuple(self.model.spec.parameters)

    @property
    def logs(self) -> int:
        """How many of these are positive, and known by their logarithms; they come first."""
        return len(self.model.spec.parameters)

    @property
    def design(self) -> Design | None:
        """How covariates move the parameters, if there are any."""
        return None

    @property
    def customer_columns(self) -> Sequence[str]:
        """Columns of the customers that their parameters depend on."""
        return ()

    def population(self, customers: CustomerBase) -> Population:
        """These customers, as distinct rows."""
        if isinstance(customers, Subscriptions):
            return subscribers(cast(RenewalModel, self.model), customers, self.unit)
        ids = customers.table.index
        if isinstance(customers, Payments):
            return _plain(self.model, customers.histories(), ids)
        histories = model_histories(self.model, customers, self.unit)
        return _plain(self.model, histories, ids)

    def of_histories(self, *columns: Array) -> Population:
        """Customers of whom nothing is known but their histories: for pictures of all that there can be.

        Parameters
        ----------
        *columns : ndarray of shape (n,)
            x, t_x and T in the unit of the model; of spend, number and mean; of payments, unpaid and all invoices.
        """
        return _plain(self.model, Histories(columns, np.ones(len(columns[0])), None), pd.RangeIndex(len(columns[0])))

    def new_customer(self, fitted: Customers | None) -> Population:
        """A customer at the moment of the first purchase, of a first contract, or without an invoice."""
        if self.model.spec.kind == "subscriptions":
            return new_subscriber(cast(RenewalModel, self.model))
        zero = (np.zeros(1),) * len(self.model.spec.data)
        return _plain(self.model, Histories(zero, np.ones(1), None), NEW)

    def data(self, customers: CustomerBase) -> Data:
        """What the model is fitted to."""
        histories = histories_of(self.model, customers)
        if self.resolution is not None:
            histories = group_times(histories, self.resolution).grouped
        return Data(histories, LogLikelihood(self.model, histories.columns, histories.weight))

    def as_variables(self, values: Array) -> tuple[dict[str, Array], dict[str, list[str]], dict[str, Any]]:
        """Values of shape (chains, draws, k) as variables of ArviZ, with their dimensions and coordinates."""
        return {name: values[..., i] for i, name in enumerate(self.names)}, {}, {}

    def from_variables(self, variables: Mapping[str, Any]) -> Array:
        """Values of shape (chains, draws, k): what `as_variables` undoes."""
        return np.stack([np.asarray(variables[name]) for name in self.names], axis=-1)

    def gap_terms(self, customers: CustomerBase) -> Array | None:
        """What each customer's gaps add to the log-likelihood and no parameter touches; see `log_gap_terms`."""
        return log_gap_terms(self.model, customers)

    def to_json(self) -> dict[str, Any]:
        """What a model file holds of it."""
        return {"covariates": None, **({} if self.resolution is None else {"resolution": self.resolution})}


def model_histories(model: Model, customers: Customers, unit: str) -> Histories:
    """What predictions see: (x, t_x, T) in ``unit``, or number and mean (0 if there is none) of the spend."""
    if model.spec.kind == "spend":
        x, m, *_ = spend_columns(model, customers)
        return group_histories(x, m)
    histories = customers.histories()
    factor = DAYS_PER_UNIT[customers.unit] / DAYS_PER_UNIT[unit]
    if factor == 1.0:
        return histories
    x, t_x, T = histories.columns
    return Histories((x, t_x * factor, T * factor), histories.weight, histories.index)


def _plain(model: Model, histories: Histories, ids: pd.Index[Any]) -> Population:
    rows: dict[str, Any] = {"ids": ids, "weight": histories.weight, "index": histories.index}
    if model.spec.kind == "spend":
        return SpendHistories(**rows, columns=histories.columns, model=cast(SpendModel, model))
    if model.spec.kind == "payments":
        return PaymentHistories(**rows, columns=histories.columns, model=cast(PaymentModel, model))
    return PurchaseHistories(**rows, columns=histories.columns, model=cast(PurchaseModel, model))
