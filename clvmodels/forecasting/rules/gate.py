"""Which models make a forecast: by default those that the length of the log allows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, ConvergenceError, IdentificationWarning
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population import quantities
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

AUTO = "auto"
_DRAWS = 400  # whose mean is enough for a forecast
WHOLE_YEAR = 365  # days from which a log can show a season
_ROWS = 1_000  # histories whose later windows are computed one by one
_EXPECTED, _PROBABILITY = "expected_purchases", "purchase_probability"


@dataclass(frozen=True)
class Rule:
    """How to forecast from the customers of a day.

    A year or more of data shows a season: MBG/NBD with season, tenure and cohort. With less, a season learned from what
    was seen would be wrong for the rest of the year, and tenure and cohorts are told apart poorly: the geometric mean
    of BG/NBD with and without both.

    Attributes
    ----------
    model : str
        Name of a purchase model, or "auto": what the length of the log allows.
    calendar : Calendar or None
        The calendar of a named model.
    """

    model: str = AUTO
    calendar: Calendar | None = None

    def models(self, observed_days: int, *, dated: bool = True) -> tuple[tuple[str, Calendar | None], ...]:
        """Names and calendars of the models for a log of so many days, in which the days of purchases are known."""
        if self.model != AUTO:
            return ((self.model, self.calendar),)
        if not dated:
            return (("bg/nbd", None),)
        if observed_days >= WHOLE_YEAR:
            return (("mbg/nbd", Calendar(season=True)),)
        return (("bg/nbd", None), ("bg/nbd", Calendar(season=False)))

    def fit(self, customers: Customers, observed_days: int) -> FittedRule:
        """The rule, fitted to customers who were observed for so many days.

        Raises
        ------
        ConvergenceError
            A model has no maximum, not even with priors.
        """
        models = self.models(observed_days, dated=customers.purchases is not None)
        return FittedRule(tuple(_fit(customers, name, calendar) for name, calendar in models))


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

    def of(self, customers: Customers) -> Expectations:
        """What the models expect of these customers."""
        return Expectations(tuple(_OneModel(fit.population(customers), fit.parameters, fit.unit) for fit in self.fits))


@dataclass(frozen=True, eq=False)
class _OneModel:
    """One model's expectations of customers, at one set of parameters."""

    population: Any
    parameters: Mapping[str, float]
    unit: str

    def by_row(self, name: str, begin: float, days: float) -> Array:
        """A quantity of each distinct row in ``days`` from ``begin`` on."""
        unit = DAYS_PER_UNIT[self.unit]
        quantity = quantities.expected(name, days / unit, start=begin / unit)
        return self.population.evaluate(quantity, self.parameters)

    def total(self, name: str, begin: float, days: float) -> float:
        """The same of all customers."""
        return float(self.population.weight @ self.by_row(name, begin, days))

    def buyers(self, begin: float, days: float, seed: int) -> float:
        """Customers who buy in ``days`` from ``begin`` on."""
        if begin == 0 or len(self.population) <= _ROWS:
            return self.total(_PROBABILITY, begin, days)
        rows = np.sort(np.random.default_rng(seed).choice(len(self.population), _ROWS, replace=False))
        some = replace(self, population=self.population.take(rows))
        share = _ratio(some.total(_PROBABILITY, begin, days), some.total(_EXPECTED, begin, days))
        share *= _ratio(self.total(_PROBABILITY, 0, days), self.total(_EXPECTED, 0, days))
        share /= _ratio(some.total(_PROBABILITY, 0, days), some.total(_EXPECTED, 0, days))
        return min(share, 1.0) * self.total(_EXPECTED, begin, days)


def _ratio(part: float, whole: float) -> float:
    """A share, 1 where there is nothing."""
    return part / whole if whole > 0 and part > 0 else 1.0


@dataclass(frozen=True, eq=False)
class Expectations:
    """Purchases and buyers that fitted models expect of some customers; of several models the geometric mean."""

    parts: tuple[_OneModel, ...]
    _scales: dict[int, float] = field(default_factory=dict)

    def of_customers(self, days: int) -> tuple[Array, Array]:
        """Expected purchases and P(at least one) of each customer in the next ``days``."""
        scale = self.scale(days)
        expected, probability = (
            scale * np.mean([one.population.spread(one.by_row(name, 0, days)) for one in self.parts], axis=0)
            for name in (_EXPECTED, _PROBABILITY)
        )
        return expected, probability

    def of_periods(self, breaks: Sequence[int]) -> Array:
        """Purchases of all customers between days after the end; the last day is that of the horizon."""
        windows = [(begin, end - begin) for begin, end in pairwise(breaks)]
        totals = [[one.total(_EXPECTED, *window) for window in windows] for one in self.parts]
        return np.asarray(self.scale(breaks[-1]) * np.mean(totals, axis=0))

    def buyers_of_periods(self, breaks: Sequence[int], seed: int) -> Array:
        """Customers who buy between days after the end; who buys in several periods counts in each.

        P(at least one purchase) in a later window is dear. Of more than a thousand histories it is computed for a
        random thousand, as a multiple of what a window from now on gives, which is computed for all.
        """
        found = [[one.buyers(begin, end - begin, seed) for begin, end in pairwise(breaks)] for one in self.parts]
        return np.asarray(self.scale(breaks[-1]) * np.mean(found, axis=0))

    def scale(self, days: int) -> float:
        """Geometric over arithmetic mean of the totals of the models, at most 1."""
        if len(self.parts) == 1:
            return 1.0
        if days not in self._scales:
            totals = np.array([one.total(_EXPECTED, 0, days) for one in self.parts])
            positive = bool((totals > 0).all())
            self._scales[days] = float(np.exp(np.log(totals).mean()) / totals.mean()) if positive else 1.0
        return self._scales[days]


def _title(fit: PurchaseFit) -> str:
    """The model, and what its calendar has."""
    title, clock = fit.definition.spec.title, getattr(fit.structure, "clock", None)
    if clock is None:
        return title
    has = {name.split(":")[0] for name in clock.coefficients}
    parts = [name for name in ("season", "tenure", "cohort") if name in has] or ["holidays"]
    return f"{title} with a calendar of {' and '.join([', '.join(parts[:-1]), parts[-1]] if parts[1:] else parts)}"


def _fit(customers: Customers, model: str, calendar: Calendar | None) -> PurchaseFit:
    """A model by maximum likelihood; with weak priors where that has no maximum or leaves a parameter open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        try:
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
