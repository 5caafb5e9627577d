"""The structure of a fit with a calendar: a model on a clock, with or without covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.clock.calendar import Calendar, clock_of
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.data.clock.customers import Dates
from clvmodels.inference.data.clock.design import ClockDesign
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.population.clock.population import ClockPopulation
from clvmodels.inference.population.composed import new_customer
from clvmodels.inference.population.covariate_structure import CalendarStructure, CovariateStructure
from clvmodels.inference.population.histories import PurchaseHistories
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.inference.posterior.clock.likelihood import ClockLikelihood
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.units import DAYS_PER_UNIT


@dataclass(frozen=True, eq=False, kw_only=True)
class ClockStructure(Structure):
    """A model on a clock of calendar, tenure and cohort.

    Attributes
    ----------
    clock : Clock
        The clock.
    covariates : Learned or None
        Formulas of covariates and what they have learned.
    """

    clock: Clock
    covariates: Learned | None = None

    @cached_property
    def inner(self) -> Structure:
        """The same without a clock."""
        if self.covariates is None:
            return Structure(name=self.name, unit=self.unit)
        return CovariateStructure(name=self.name, unit=self.unit, covariates=self.covariates)

    @property
    def names(self) -> tuple[str, ...]:
        """The model's parameters, the coefficients of covariates, and those of the clock."""
        return (*self.inner.names, *self.clock.coefficients)

    @property
    def customer_columns(self) -> Sequence[str]:
        """The columns that formulas name."""
        return self.inner.customer_columns

    @cached_property
    def design(self) -> ClockDesign:
        """How covariates move the parameters, and the coefficients of the clock."""
        return ClockDesign.of(self.clock, self.inner.design)

    def population(self, customers: CustomerBase) -> Population:
        """These customers on the clock."""
        assert isinstance(customers, Customers)
        if customers.observation_end is None:
            raise ArgumentError(
                "A fit with a calendar predicts customers by their dates, and the end of the observation is not known. "
                "Make them by clvmodels.summarize, or pass observation_end= to Customers.from_frame."
            )
        end = float((customers.observation_end - pd.Timestamp(0)).days)
        return self._on_clock(self.inner.population(customers), end)

    def of_histories(self, *columns: Array) -> Population:
        """Customers of whom nothing is known but their histories until the end of those fitted."""
        return self._on_clock(self.inner.of_histories(*columns), self.clock.end)

    def new_customer(self, fitted: Customers | None) -> Population:
        """A customer whose first purchase is on the last day observed."""
        if self.covariates is None:
            return self._on_clock(self.inner.new_customer(fitted), self.clock.end)
        if fitted is None:
            return self.inner.new_customer(fitted)  # says what to do
        population = self.population(fitted)
        assert isinstance(population, ClockPopulation)
        return new_customer(population.as_new())

    def data(self, customers: CustomerBase) -> Data:
        """What the model is fitted to: a history for each customer, who differ in the days of their purchases."""
        assert isinstance(customers, Customers)
        grouped, dates = histories_of(self.model, customers, self.covariates), Dates.of(customers)
        seen = replace(self.clock, first=int(dates.first.min()), end=int(dates.end))
        design = ClockDesign.of(seen, self.inner.design)
        likelihood = ClockLikelihood(self.model, grouped, dates, design, DAYS_PER_UNIT[customers.unit])
        each = tuple(grouped.spread(column) for column in grouped.columns)
        return Data(Histories(each, np.ones(len(each[0])), None), likelihood)

    def gap_terms(self, customers: CustomerBase) -> None:
        """None: gaps are those of the clock, and in its likelihood."""

    def to_json(self) -> dict[str, Any]:
        """What a model file holds of it."""
        return {**self.inner.to_json(), "calendar": self.clock.to_json()}

    def with_clock(self, clock: Clock) -> Self:
        """The same on another clock, with the same coefficients."""
        return replace(self, clock=clock)

    def _on_clock(self, rows: Population, end: float) -> ClockPopulation:
        assert isinstance(rows, PurchaseHistories)
        return ClockPopulation.of(rows, self.clock, end, DAYS_PER_UNIT[self.unit])


def clock_structure(plain: Structure, calendar: Calendar, customers: CustomerBase) -> Structure:
    """The structure of a model with the calendar that a user gave.

    Parameters
    ----------
    plain : Structure
        Without the calendar.
    calendar : Calendar
        What the user gave.
    customers : Customers
        Who are fitted.
    """
    model = plain.model
    if not isinstance(calendar, Calendar):
        raise ArgumentError(f"calendar must be clvmodels.Calendar(...), not {type(calendar).__name__}.")
    if not model.spec.operational_time or not isinstance(customers, Customers):
        takes = ", ".join(f'"{name}"' for name in models.names() if models.get(name).spec.operational_time)
        varying = " It takes Covariates(varying=...) instead." if model.spec.calendar_covariates else ""
        raise ArgumentError(
            f"{model.spec.title} takes no calendar: that is for models whose customers leave at purchases or never, "
            f"{takes}.{varying}"
        )
    if not isinstance(plain, CovariateStructure):
        learned = None
    elif isinstance(plain, CalendarStructure):
        raise ArgumentError("calendar= and covariates that vary in time don't go together.")
    else:
        learned = plain.covariates
    dates = Dates.of(customers)
    clock = clock_of(calendar, dates.first, dates.end)
    if not clock.coefficients:
        return plain
    return ClockStructure(name=plain.name, unit=plain.unit, clock=clock, covariates=learned)
