"""Structures with covariates: of customers, and of periods of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.data.calendar_covariates import CalendarCovariates
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.design import Design
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.population.calendar import CalendarPopulation
from clvmodels.inference.population.composed import new_customer
from clvmodels.inference.population.histories import (
    PaymentsWithCovariates,
    PurchasesWithCovariates,
    RowsWithCovariates,
    SpendWithCovariates,
)
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Data, Structure, model_histories
from clvmodels.inference.posterior.calendar_likelihood import VaryingLikelihood
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

_ROWS: dict[str, type[RowsWithCovariates]] = {
    "purchases": PurchasesWithCovariates,
    "spend": SpendWithCovariates,
    "payments": PaymentsWithCovariates,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class CovariateStructure(Structure):
    """Parameters that covariates move, customer by customer.

    Attributes
    ----------
    covariates : Learned
        Formulas and what they have learned.
    """

    covariates: Learned

    @property
    def names(self) -> tuple[str, ...]:
        """The model's parameters, of a customer whose covariates are all 0, and the coefficients."""
        return (*self.model.spec.parameters, *self.covariates.coefficients)

    @cached_property
    def design(self) -> Design:
        """How covariates move the parameters."""
        return self.covariates.design(self.model)

    @property
    def customer_columns(self) -> Sequence[str]:
        """The columns that formulas name, without those that vary in time."""
        named = {name for formula in self.covariates.formulas.values() for name in formula.variables}
        return sorted(named - set(self.covariates.varying))

    def population(self, customers: CustomerBase) -> Population:
        """These customers with their covariates."""
        assert not isinstance(customers, Subscriptions)
        if isinstance(customers, Payments):
            histories = customers.histories()
        else:
            histories = model_histories(self.model, customers, self.unit)
        columns = [histories.spread(column) for column in histories.columns]
        together = group_histories(*columns, *self.covariates.columns(customers.table))
        return self._population(together, len(columns), customers.table.index)

    def new_customer(self, fitted: Customers | None) -> Population:
        """One of those who were fitted, whoever that is."""
        if fitted is None:
            raise ArgumentError(
                "A loaded fit doesn't know what covariates new customers have. Pass Customers with their covariates "
                "and frequency, recency and T of 0."
            )
        kinds = group_histories(*self.covariates.columns(fitted.table))
        zeros = (np.zeros(len(kinds)),) * len(self.model.spec.data)
        histories = Histories((*zeros, *kinds.columns), kinds.weight, None)
        return new_customer(self._population(histories, len(zeros), fitted.table.index[:0]))

    def data(self, customers: CustomerBase) -> Data:
        """What the model is fitted to, with the columns of the covariates."""
        histories = histories_of(self.model, customers, self.covariates)
        return Data(histories, LogLikelihood(self.model, histories.columns, histories.weight, self.design))

    def to_json(self) -> dict[str, Any]:
        """What a model file holds of it."""
        return {"covariates": self.covariates.to_json()}

    def _population(self, together: Histories, n: int, ids: pd.Index[Any]) -> Population:
        """Rows whose first ``n`` columns are the history, and the others the covariates."""
        return _ROWS[self.model.spec.kind](
            ids=ids,
            weight=together.weight,
            index=together.index,
            model=self.model,
            columns=together.columns[:n],
            design=self.design,
            z=together.columns[n:],
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class CalendarStructure(CovariateStructure):
    """Parameters that covariates move, customer by customer and period by period.

    Attributes
    ----------
    calendar : CalendarCovariates or None
        The covariates by period; None after `clvmodels.load`, since a file holds no data.
    """

    calendar: CalendarCovariates | None

    def population(self, customers: CustomerBase) -> CalendarPopulation:
        """These customers under the covariates of the calendar."""
        if self.calendar is None:
            raise ArgumentError(
                f"{', '.join(map(repr, self.covariates.varying))} vary in time, and a loaded fit carries no data. Give "
                "the table of periods by fit.with_varying(table)."
            )
        assert isinstance(customers, Customers)
        return CalendarPopulation.of(customers, self.calendar, self.covariates, self.model, self.unit)

    def new_customer(self, fitted: Customers | None) -> Population:
        """A customer who comes at the end of the observation, with the covariates that these have from then on."""
        if self.calendar is not None and fitted is None:
            raise ArgumentError("A loaded fit doesn't know what covariates new customers have. Pass Customers instead.")
        return new_customer(self.population(cast(Customers, fitted)).as_new())

    def data(self, customers: CustomerBase) -> Data:
        """What the model is fitted to, under the covariates of the calendar."""
        rows = self.population(customers)
        histories = Histories((rows.known.x, rows.known.t_x, rows.known.T), rows.weight, rows.index)
        return Data(histories, VaryingLikelihood(rows.known, self.design))

    def changed(self, table: Any, after: str | None) -> Self:
        """The same under another table of periods."""
        return replace(self, calendar=CalendarCovariates.changed(self.calendar, table, after))
