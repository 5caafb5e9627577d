"""Customers under covariates that vary in time (Pareto/NBD)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.data.calendar_covariates import CalendarCovariates
from clvmodels.inference.data.calendar_customers import dated, varying_histories
from clvmodels.inference.data.calendar_histories import Codes, Pieces, VaryingHistories, histories, pieces, stretch
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.design import Design
from clvmodels.inference.population.population import NODES, Parameters, PurchasePopulation, Rows
from clvmodels.models.protocol import Model
from clvmodels.models.purchases import paretonbd_future
from clvmodels.models.purchases.paretonbd_calendar import Alive, Stretch, alive_after, log_odds_alive
from clvmodels.transactions.calendar_covariates import day_of
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

_ROWS = 2_048  # a block: times some 50 pieces
_SLACK = 1e-6  # days: horizons are spans that need not be whole days


@dataclass(frozen=True, eq=False, kw_only=True)
class CalendarPopulation(PurchasePopulation):
    """Histories under time-varying covariates, and what is known of the time ahead.

    Attributes
    ----------
    known : VaryingHistories
        The histories; their calendar goes on beyond the end of the observation.
    end : float
        Last day observed, in days since 1970-01-01.
    days_per_unit : float
        Of horizons.
    design : Design
        Which coefficient belongs to which column.
    """

    known: VaryingHistories
    end: float
    days_per_unit: float
    design: Design
    _windows: dict[tuple[float, float], Pieces] = field(init=False, default_factory=dict)

    @classmethod
    def of(
        cls, customers: Customers, calendar: CalendarCovariates, learned: Learned, model: Model, unit: str
    ) -> CalendarPopulation:
        """Customers under these covariates, in ``unit``."""
        known = varying_histories(customers, calendar.table, learned, unit=unit)
        if calendar.hold:
            known = replace(known, calendar=known.calendar.held())
        return cls(
            ids=customers.table.index,
            weight=known.weight,
            index=known.index,
            known=known,
            end=dated(customers).end,
            days_per_unit=DAYS_PER_UNIT[unit],
            design=learned.design(model),
        )

    def take(self, rows: Rows) -> CalendarPopulation:
        """Some of the histories, by themselves."""
        some = super().take(rows)
        return replace(some, known=self.known.take(rows, some.weight))

    def one_row_each(self) -> CalendarPopulation:
        """A history for each customer."""
        each = super().one_row_each()
        return replace(each, known=replace(each.known, weight=each.weight))

    def as_new(self) -> CalendarPopulation:
        """Customers whose first purchase is on the last day observed: one of each kind, weighted by how many there are.

        So they have the covariates that those who are customers have from then on.
        """
        return self._starting(np.zeros(len(self.known)))

    def log_odds_alive(self, parameters: Parameters) -> Array:
        """log P(alive) / P(lost) at the end of the observation."""
        return self._by_block(parameters, lambda rows, factors: self._log_odds(rows, parameters, factors))

    def given_alive(self, parameters: Parameters, quantity: str, t: float, *rest: float, start: float = 0.0) -> Array:
        """A quantity of `clvmodels.models.protocol.PurchaseModel` over (start, start + t], given alive at the end."""
        s, lead, window = parameters["s"], self._window(0.0, start), self._window(start, start + t)
        compute = _quantity(quantity, s, *rest)
        discount = np.exp(-rest[0] * start) if quantity.startswith("discounted") else 1.0

        def block(rows: Codes, factors: tuple[Array, Array]) -> Array:
            alive, kind = self._alive(rows, parameters, factors), self._kind[rows]
            reached = np.ones(len(rows))
            if start > 0.0:
                before = stretch(*lead.padded(kind), *factors)
                reached = paretonbd_future.survival(alive, before, s)
                alive = paretonbd_future.waited(alive, before)
            return np.asarray(discount * reached * compute(alive, stretch(*window.padded(kind), *factors)))

        return self._by_block(parameters, block)

    def simulate_future(self, rng: np.random.Generator, parameters: Parameters, t: float) -> Array:
        """Random numbers of purchases in (0, t] of customers who are alive at the end."""
        window = self._window(0.0, t)

        def block(rows: Codes, factors: tuple[Array, Array]) -> Array:
            alive, ahead = self._alive(rows, parameters, factors), stretch(*window.padded(self._kind[rows]), *factors)
            return _simulated_counts(rng, alive, ahead, parameters["s"])

        return self._by_block(parameters, block)

    def simulate_past(self, rng: np.random.Generator, parameters: Parameters) -> Array:
        """Random numbers of repeat purchases until the end of the observation, of customers as they began."""

        def block(rows: Codes, factors: tuple[Array, Array]) -> Array:
            return _simulated_counts(rng, *self._begun(rows, parameters, factors, self.end), parameters["s"])

        return self._by_block(parameters, block)

    def since_first(
        self, parameters: Parameters, name: str, *rest: float, until: float | Array = 0.0, nodes: int = NODES
    ) -> tuple[Array, Array]:
        """A quantity over the time since the first purchase: see `Population`."""
        began, ends = self._as_they_began, self.end + np.atleast_1d(until) * self.days_per_unit
        values = np.stack([began._until(parameters, name, float(end), *rest) for end in ends], axis=-1)
        return began.weight, values.reshape(len(began), *np.shape(until))

    def _until(self, parameters: Parameters, quantity: str, until: float, *rest: float) -> Array:
        """A quantity over the time from each customer's first purchase to day ``until``."""
        compute = _quantity(quantity, parameters["s"], *rest)
        return self._by_block(parameters, lambda rows, factors: compute(*self._begun(rows, parameters, factors, until)))

    # --- private helpers ----------------------------------------------------------------------------------------------

    @cached_property
    def _as_they_began(self) -> CalendarPopulation:
        """The customers without what they did since the first purchase: one of each kind and day, weighted."""
        return self._starting(self.known.T)

    def _starting(self, T: Array) -> CalendarPopulation:
        known, zeros, none = self.known, np.zeros(len(T)), np.empty(0, dtype=np.intp)
        days = np.round(T * self.days_per_unit, 6)
        made = histories(
            known.calendar, known.kind, self.end - days, zeros, zeros, days, none, np.empty(0),
            days_per_unit=self.days_per_unit,
        )  # fmt: skip
        weight = known.weight if made.index is None else np.bincount(made.index, known.weight, len(made))
        some = made.take(np.arange(len(made)), weight)
        return replace(self, ids=self.ids[:0], weight=weight, index=None, known=some)

    def _begun(
        self, rows: Codes, parameters: Parameters, factors: tuple[Array, Array], until: float
    ) -> tuple[Alive, Stretch]:
        """New customers, and the time from their first purchase to a day."""
        known, size = self.known, len(rows)
        first = self.end - known.T[rows] * self.days_per_unit
        self._check_known(until)
        passed = pieces(known.calendar, known.kind[rows], first, np.full(size, until), self.days_per_unit)
        new = Alive(*(np.full(size, parameters[name]) for name in ("r", "alpha", "beta")))
        return new, stretch(*passed.padded(np.arange(size)), *factors)

    @cached_property
    def _kinds(self) -> tuple[Codes, Codes]:
        kinds, place = np.unique(self.known.kind, return_inverse=True)
        return kinds, place

    @property
    def _kind(self) -> Codes:
        """The place of each history's kind among those there are."""
        return self._kinds[1]

    def _window(self, low: float, high: float) -> Pieces:
        """The time from ``low`` to ``high`` units after the end, in pieces, for each kind."""
        key = (low, high)
        if key not in self._windows:
            kinds = self._kinds[0]
            begin, until = self.end + low * self.days_per_unit, self.end + high * self.days_per_unit
            last = self._check_known(until)
            ends = np.full(len(kinds), begin), np.full(len(kinds), min(until, last))
            self._windows[key] = pieces(self.known.calendar, kinds, *ends, self.days_per_unit)
        return self._windows[key]

    def _check_known(self, until: float) -> float:
        """The last day of which covariates are known, not before day ``until``."""
        last = float(self.known.calendar.edges[-1])
        if until > last + _SLACK:
            raise UnsupportedPrediction(_beyond(until, last))
        return last

    def _by_block(self, parameters: Parameters, compute: Callable[[Codes, tuple[Array, Array]], Array]) -> Array:
        """A function of rows and the factors of all codes, in blocks of rows."""
        gamma = np.array([parameters[name] for name in self.design.coefficients])
        calendar, of_process = self.known.calendar, {part.process: gamma[part.places] for part in self.design.parts}
        none = np.empty(0)  # the effects on a process without covariates, whose factors are 1
        factors = (
            np.exp(calendar.purchase @ of_process.get("purchase", none)),
            np.exp(calendar.dropout @ of_process.get("dropout", none)),
        )
        blocks = [np.arange(i, min(i + _ROWS, len(self.known))) for i in range(0, len(self.known), _ROWS)]
        with np.errstate(under="ignore"):
            return np.concatenate([none, *(compute(rows, factors) for rows in blocks)])

    def _alive(self, rows: Codes, parameters: Parameters, factors: tuple[Array, Array]) -> Alive:
        """Customers alive at the end of the observation."""
        x, before, after = self._seen(rows, factors)
        own = {name: parameters[name] for name in ("r", "alpha", "beta")}
        return alive_after(x, before, **own).after(after)

    def _log_odds(self, rows: Codes, parameters: Parameters, factors: tuple[Array, Array]) -> Array:
        x, before, after = self._seen(rows, factors)
        own = {name: parameters[name] for name in ("r", "alpha", "s", "beta")}
        return log_odds_alive(x, before, after, **own)

    def _seen(self, rows: Codes, factors: tuple[Array, Array]) -> tuple[Array, Stretch, Stretch]:
        before, after = (stretch(*part.padded(rows), *factors) for part in (self.known.before, self.known.after))
        return self.known.x[rows], before, after


_QUANTITIES: dict[str, Callable[..., Array]] = {
    "survival": paretonbd_future.survival,
    "expected_purchases": paretonbd_future.expected_purchases,
    "purchase_probability": paretonbd_future.purchase_probability,
    "purchases_pmf": paretonbd_future.purchases_pmf,
    "discounted_expected_purchases": paretonbd_future.expected_purchases,
    "discounted_time_alive": paretonbd_future.time_alive,
}


def _quantity(name: str, s: float, *rest: float) -> Callable[[Alive, Stretch], Array]:
    """A quantity as a function of who is alive and the stretch ahead."""
    if name.startswith("changed"):
        raise UnsupportedPrediction(
            "What a change would do is not known where covariates vary in time: give the covariates to come as the "
            "change would make them by fit.with_varying(table) and compare, or fit a model without them."
        )
    if name not in _QUANTITIES:
        raise UnsupportedPrediction(f"Pareto/NBD with time-varying covariates has no {name}.")
    return lambda alive, ahead: _QUANTITIES[name](alive, ahead, s, *rest)


def _simulated_counts(rng: np.random.Generator, alive: Alive, ahead: Stretch, s: float) -> Array:
    row, _ = paretonbd_future.simulate(rng, alive, ahead, s)
    return np.bincount(row, minlength=len(alive.n)).astype(np.float64)


def _beyond(until: float, last: float) -> str:
    horizon = "for life" if np.isinf(until) else f"until {day_of(np.ceil(until - _SLACK)).date()}"
    return (
        f"The prediction is {horizon}, and covariates are known until {day_of(last).date()}. Give those to come by "
        'fit.with_varying(table), or hold the last ones from then on by fit.with_varying(after="hold").'
    )
