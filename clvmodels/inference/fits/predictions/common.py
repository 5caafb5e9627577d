"""Predictions: what every kind of fitted model has in common when it is asked about customers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.fits.predictions.unsupported import unsupported
from clvmodels.inference.population.intervals import Bounds, bounds, check_level, records, simulated_bounds
from clvmodels.inference.population.population import Chance, Parameters, Population, Quantity
from clvmodels.inference.population.selection import Start, chosen_customers, last_day_of, start_in_units
from clvmodels.inference.population.structure import Structure, Who
from clvmodels.models.protocol import Model
from clvmodels.transactions.horizons import horizon_in_units
from clvmodels.transactions.units import DAYS_PER_UNIT, Span

type Answer = Any  # a Series, or a DataFrame for several columns and for intervals

_KIND_OF_METHOD: dict[str, str] = {}  # which kind of model answers a question, to name it where another one is asked


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Predictions:
    """A model with parameter values, and what it says about customers.

    Attributes
    ----------
    structure : Structure
        Which model, and how each customer's parameters follow from those that are estimated.
    customers : Customers, Subscriptions or None
        Those fitted; None after `clvmodels.load`, since a file holds no data.
    observation_end : pandas.Timestamp or None
        Last day of the data.
    """

    structure: Structure
    customers: Any = None
    observation_end: pd.Timestamp | None = None
    kind: ClassVar[str] = ""

    def __init_subclass__(cls, kind: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if kind:
            cls.kind = kind
            for name, value in vars(cls).items():
                if callable(value) and not name.startswith("_"):
                    _KIND_OF_METHOD.setdefault(name, kind)

    def __getattr__(self, name: str) -> Any:
        """Say which kind of model has what this one has not."""
        kind = _KIND_OF_METHOD.get(name)
        if kind is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise unsupported(self.definition, name, kind)

    @property
    def parameters(self) -> dict[str, float]:
        """Values on their natural scale, times in ``unit``.

        With covariates those of a customer whose covariates are all 0 (categories at their first level), followed by
        the coefficients; with groups those of each group.
        """
        raise NotImplementedError

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.structure.name

    @property
    def unit(self) -> str:
        """Unit of time."""
        return self.structure.unit

    @property
    def definition(self) -> Model:
        """The model."""
        return self.structure.model

    @property
    def own_parameters(self) -> dict[str, float]:
        """The model's own parameters, without the coefficients of covariates."""
        return {name: self.parameters[name] for name in self.definition.spec.parameters}

    def draws(self, n: int = 1_000) -> pd.DataFrame:
        """Draws of the parameters, which bare parameters don't have.

        Parameters
        ----------
        n : int
            How many.

        Raises
        ------
        UnsupportedPrediction
            Always; a `Fit` has draws.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> fit.draws()
        Traceback (most recent call last):
        clvmodels.errors.UnsupportedPrediction: Bare parameters have no uncertainty: intervals come with a Fit.
        """
        raise UnsupportedPrediction("Bare parameters have no uncertainty: intervals come with a Fit.")

    def population(self, customers: Who = None) -> Population:
        """The customers to predict, as distinct rows with their parameters: what every prediction is computed on.

        Parameters
        ----------
        customers : Customers, Subscriptions, "new" or None
            Whom to predict; None means those fitted, "new" a customer at the moment of the first purchase. A
            Population is returned as it is, so that several predictions of the same customers share one.

        Returns
        -------
        Population
            Distinct rows with the parameters of each, and how many customers share them.

        Raises
        ------
        ArgumentError
            There are no customers, or they are of another type than the model takes.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> len(fit.population(customers))
        2
        """
        if isinstance(customers, Population):
            return customers
        chosen = chosen_customers(customers, self.customers, self.unit, self.kind)
        if chosen is self.customers:
            return self._fitted_population
        if isinstance(chosen, str):
            return self._new_customer
        return self.structure.population(chosen)

    # --- private helpers ----------------------------------------------------------------------------------------------

    @cached_property
    def _fitted_population(self) -> Population:
        return self.structure.population(self.customers)

    @cached_property
    def _new_customer(self) -> Population:
        return self.structure.new_customer(self.customers)

    @cached_property
    def _records(self) -> list[Parameters]:
        """A thousand draws as sets of parameters."""
        return records(self.draws())

    def _answer(
        self,
        name: str,
        quantity: Quantity,
        customers: Who,
        interval: float | None,
        chance: Chance | None = None,
        given: Quantity | None = None,
    ) -> Answer:
        """A quantity at the parameters, with bounds over draws of it, or of what ``chance`` makes of it."""
        population = self.population(customers)
        point = series(population, population.evaluate(quantity, self.parameters), name)
        if interval is None:
            return point
        level = check_level(interval)
        if chance is None:
            found = bounds(quantity, self._records, population, level)
            return self._with_bounds(name, point, population, found)
        each = population.one_row_each()
        return self._with_bounds(name, point, each, simulated_bounds(chance, self._records, each, level, given))

    def _with_bounds(self, name: str, point: pd.Series[float], population: Population, found: Bounds) -> pd.DataFrame:
        columns = {
            name: point,
            f"{name}_lower": series(population, found.lower, name),
            f"{name}_upper": series(population, found.upper, name),
        }
        result = pd.DataFrame(columns)
        estimate = float((point.to_numpy() * population.counts).sum())
        result.attrs["total"] = {name: {"estimate": estimate, "lower": found.total[0], "upper": found.total[1]}}
        return result

    def _each(
        self, name: str, asked: Any, quantity: Callable[[Any], Quantity], customers: Who, interval: float | None
    ) -> Answer:
        """One answer, or a column for each of several that are asked for."""
        if np.ndim(asked) == 0:
            return self._answer(name, quantity(asked), customers, interval)
        if interval is not None:
            raise ArgumentError("interval= goes with one horizon at a time, and one number of purchases.")
        population = self.population(customers)
        values = {key: population.evaluate(quantity(key), self.parameters) for key in asked}
        return pd.DataFrame({key: population.spread(each) for key, each in values.items()}, index=population.ids)

    def _span(self, horizon: Span, customers: Who, start: float = 0.0) -> float:
        """A horizon in units: to the day of the calendar, where the customers' last day is known."""
        after = last_day_of(customers, self.customers, self.observation_end)
        if after is not None and start:
            after += pd.Timedelta(days=start * DAYS_PER_UNIT[self.unit])
        return horizon_in_units(after, horizon, self.unit)

    def _start(self, start: Start) -> float:
        return start_in_units(start, self.unit, self.observation_end)


def series(population: Population, values: Array, name: str) -> pd.Series[float]:
    """Values per distinct row as a Series over the ids."""
    return pd.Series(population.spread(values), index=population.ids, name=name)
