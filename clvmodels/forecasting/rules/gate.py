"""Which models make a forecast: by default those that the length of the log allows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, ConvergenceError, IdentificationWarning
from clvmodels.forecasting.rules.borne_out import borne_out
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.estimation.fit import fit, fit_near
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population import quantities
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

AUTO = "auto"
BY_LENGTH = "by-length"
RULES = (AUTO, BY_LENGTH)  # what may be named in the place of a model
_DRAWS = 400  # whose mean is enough for a forecast
WHOLE_YEAR = 365  # days from which a log can show a season
_ROWS = 1_000  # histories whose later windows are computed one by one


@dataclass(frozen=True)
class Rule:
    """How to forecast from the customers of a day.

    A year or more of data shows a season: MBG/NBD with season, tenure and cohort. With less, a season learned from what
    was seen would be wrong for the rest of the year, and tenure and cohorts are told apart poorly: the geometric mean
    of BG/NBD with and without both. Of the calendar only those parts stay that the data bear out (`borne_out`): where
    there is no season, the noise of one that was estimated would only add to the error.

    Attributes
    ----------
    model : str
        Name of a purchase model, or "by-length": what the length of the log allows, with which "auto" begins too
        (`choice` puts it to the test).
    calendar : Calendar or None
        The calendar of a named model.
    """

    model: str = AUTO
    calendar: Calendar | None = None

    def models(self, observed_days: int, *, dated: bool = True) -> tuple[tuple[str, Calendar | None], ...]:
        """Names and calendars of the models for a log of so many days, in which the days of purchases are known."""
        if self.model not in RULES:
            return ((self.model, self.calendar),)
        if not dated:
            return (("bg/nbd", None),)
        if observed_days >= WHOLE_YEAR:
            return (("mbg/nbd", Calendar(season=True)),)
        return (("bg/nbd", None), ("bg/nbd", Calendar(season=False)))

    def fit(self, customers: Customers, observed_days: int, near: FittedRule | None = None) -> FittedRule:
        """The rule, fitted to customers who were observed for so many days, searched for near a fit of other days.

        Raises
        ------
        ConvergenceError
            A model has no maximum, not even with priors.
        """
        chosen = self.models(observed_days, dated=customers.purchases is not None)
        fits: list[PurchaseFit] = []
        for name, calendar in chosen:  # of alike models the later ones begin where the first one ended
            known = next((fit for fit in (*fits, *(near.fits if near else ())) if fit.model == name), None)
            fitted = _fit(customers, name, calendar, known)
            if self.model in RULES and calendar is not None:
                fits += self._with_what_holds(customers, fitted, calendar, fits)
            else:
                fits.append(fitted)
        return FittedRule(tuple(fits))

    @staticmethod
    def _with_what_holds(
        customers: Customers, found: PurchaseFit, calendar: Calendar, fits: Sequence[PurchaseFit]
    ) -> list[PurchaseFit]:
        """The fit with those parts of its calendar that the data bear out; nothing where that is one of ``fits``."""
        held = borne_out(found, calendar)
        if held == calendar:
            return [found]
        if held is None and any(fit.model == found.model for fit in fits):
            return []
        return [_fit(customers, found.model, held, found)]


@dataclass(frozen=True, eq=False)
class FittedRule:
    """Fitted models; of several, the geometric mean of their totals.

    Attributes
    ----------
    fits : tuple of PurchaseFit
        The models.
    """

    fits: tuple[PurchaseFit, ...]

    @property
    def title(self) -> str:
        """The models in words."""
        return " and ".join(_title(fit) for fit in self.fits)

    @property
    def with_priors(self) -> bool:
        """Whether a model needed priors, since these data don't identify all of its parameters."""
        return any(fit.method == "laplace" for fit in self.fits)

    def of(self, customers: Customers, breaks: Sequence[int]) -> Expectations:
        """What the models expect of these customers between ``breaks``: days after the end, the first of which is 0."""
        parts = tuple(_OneModel.of(fit, customers, breaks[1:]) for fit in self.fits)
        return Expectations(parts, tuple(breaks))


@dataclass(frozen=True, eq=False)
class _OneModel:
    """One model's expectations of customers, at one set of parameters.

    Attributes
    ----------
    population : PurchasePopulation
        The customers.
    parameters : dict
        Of the model.
    unit : str
        Of its time.
    until : dict of int to ndarray of shape (rows,)
        Expected purchases of each distinct row until some days after the end.
    """

    population: Any
    parameters: Mapping[str, float]
    unit: str
    until: Mapping[int, Array]

    @classmethod
    def of(cls, fit: PurchaseFit, customers: Customers, days: Sequence[int]) -> _OneModel:
        """What a fit expects of customers until each of these days: together, since much is computed once then."""
        population, parameters = fit.population(customers), fit.parameters
        ends = [day / DAYS_PER_UNIT[fit.unit] for day in days]
        rows = population.evaluate(quantities.purchases_until(ends), parameters)
        return cls(population, parameters, fit.unit, dict(zip(days, rows, strict=True)))

    def purchases(self, begin: int, end: int) -> Array:
        """Expected purchases of each distinct row after the day ``begin`` until ``end``."""
        return np.maximum(self.until[end] - self.until[begin], 0.0) if begin else self.until[end]

    def buys(self, begin: int, end: int) -> Array:
        """P(at least one purchase) of each distinct row after the day ``begin`` until ``end``."""
        unit = DAYS_PER_UNIT[self.unit]
        quantity = quantities.expected("purchase_probability", (end - begin) / unit, start=begin / unit)
        return np.asarray(self.population.evaluate(quantity, self.parameters))

    def total(self, begin: int, end: int) -> float:
        """Expected purchases of all customers."""
        return float(self.population.weight @ self.purchases(begin, end))

    def buyers(self, begin: int, end: int, seed: int) -> float:
        """Customers who buy after the day ``begin`` until ``end``."""
        weight, size = self.population.weight, len(self.population)
        if begin == 0 or size <= _ROWS or not self.population.dear_windows:
            return float(weight @ self.buys(begin, end))
        rows = np.sort(np.random.default_rng(seed).choice(size, _ROWS, replace=False))
        some = replace(self, population=self.population.take(rows))
        now = self.buys(0, end - begin)
        share = _ratio(weight[rows] @ some.buys(begin, end), weight[rows] @ now[rows])
        return min(share * float(weight @ now), self.total(begin, end))


def _ratio(part: float, whole: float) -> float:
    """A share, 1 where there is nothing."""
    return part / whole if whole > 0 and part > 0 else 1.0


@dataclass(frozen=True, eq=False)
class Expectations:
    """Purchases and buyers that fitted models expect of some customers; of several models the geometric mean.

    Attributes
    ----------
    parts : tuple of _OneModel
        The models.
    breaks : tuple of int
        Days after the end between which periods lie: 0 first, and the last one of the horizon.
    """

    parts: tuple[_OneModel, ...]
    breaks: tuple[int, ...]

    def of_customers(self) -> tuple[Array, Array]:
        """Expected purchases and P(at least one) of each customer in the horizon."""
        days = self.breaks[-1]
        expected = [one.population.spread(one.purchases(0, days)) for one in self.parts]
        probability = [one.population.spread(one.buys(0, days)) for one in self.parts]
        return self.scale * np.mean(expected, axis=0), self.scale * np.mean(probability, axis=0)

    def of_periods(self) -> Array:
        """Purchases of all customers in each period."""
        totals = [[one.total(*days) for days in pairwise(self.breaks)] for one in self.parts]
        return np.asarray(self.scale * np.mean(totals, axis=0))

    def buyers_of_periods(self, seed: int) -> Array:
        """Customers who buy in each period; who buys in several counts in each.

        Where P(at least one purchase) in a later window is dear, it is computed for a random thousand histories, as a
        multiple of what it is in a window as long from now on, which is computed for all.
        """
        found = [[one.buyers(*days, seed) for days in pairwise(self.breaks)] for one in self.parts]
        return np.asarray(self.scale * np.mean(found, axis=0))

    @cached_property
    def scale(self) -> float:
        """Geometric over arithmetic mean of the totals of the models, at most 1."""
        totals = np.array([one.total(0, self.breaks[-1]) for one in self.parts])
        if len(totals) == 1 or not (totals > 0).all():
            return 1.0
        return float(np.exp(np.log(totals).mean()) / totals.mean())


def _title(fit: PurchaseFit) -> str:
    """The model, and what its calendar has."""
    title, clock = fit.definition.spec.title, getattr(fit.structure, "clock", None)
    if clock is None:
        return title
    has = {name.split(":")[0] for name in clock.coefficients}
    parts = [name for name in ("season", "tenure", "cohort") if name in has] or ["holidays"]
    return f"{title} with a calendar of {' and '.join([', '.join(parts[:-1]), parts[-1]] if parts[1:] else parts)}"


def _fit(customers: Customers, model: str, calendar: Calendar | None, near: PurchaseFit | None) -> PurchaseFit:
    """A model by maximum likelihood; with weak priors where that has no maximum or leaves a parameter open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        try:
            if near is not None:
                found = fit_near(customers, model, calendar, near.parameters)
            else:
                found = fit(customers, model, calendar=calendar)
        except ConvergenceError:
            found = None
        if found is None or (found.kind == "purchases" and found.estimate.not_identified):
            found = fit(customers, model, calendar=calendar, method="laplace", draws=_DRAWS)
    if not isinstance(found, PurchaseFit):
        raise ArgumentError(
            f'A forecast needs a purchase model such as "bg/nbd", and {model!r} is one of {found.kind}.'
        )
    return found
