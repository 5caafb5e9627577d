"""Customers on a clock of calendar, tenure and cohort: what a model says in operational time, over calendar time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.data.clock.time import ClockDays, ClockTime
from clvmodels.inference.population.age_interpolation import by_age
from clvmodels.inference.population.clock.pieces import pieces_of
from clvmodels.inference.population.histories import PurchaseHistories, by_row
from clvmodels.inference.population.mixture_states import mean_over_states, simulate_future
from clvmodels.inference.population.population import NODES, Parameters, PurchasePopulation, Rows
from clvmodels.models.protocol import PurchaseModel

_PIECES = 16  # of the time ahead that are computed together
_HELD = 500_000  # rows × pieces at once
_NO_TIME = 1e-290  # operational time by which other times can be divided


@dataclass(frozen=True, eq=False)
class Shown:
    """What the clock shows for some customers at one set of parameters.

    Attributes
    ----------
    time : ClockTime
        The clock.
    columns : tuple of ndarray of shape (rows,)
        x, and t_x and T in operational units.
    own : dict
        The model's parameters, numbers or arrays of shape (rows,).
    log_odds : ndarray of shape (rows,)
        log P(alive) / P(lost) at the end.
    """

    time: ClockTime
    columns: tuple[Array, Array, Array]
    own: dict[str, Any]
    log_odds: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class ClockPopulation(PurchasePopulation):
    """Customers whose purchases follow a clock.

    Attributes
    ----------
    rows : PurchaseHistories
        Their histories in calendar time, and the parameters of each.
    days : ClockDays
        The clock, and the days until which they were observed and beyond.
    days_per_unit : float
        Of horizons and histories.
    """

    rows: PurchaseHistories
    days: ClockDays
    days_per_unit: float
    _shown: dict[tuple[float, ...], Shown] = field(init=False, default_factory=dict)

    @classmethod
    def of(cls, rows: PurchaseHistories, clock: Clock, end: float, days_per_unit: float) -> ClockPopulation:
        """Customers who were observed until ``end``, in days since 1970-01-01."""
        longest = float(rows.columns[2].max(initial=0.0)) * days_per_unit
        days = ClockDays(clock, np.floor(end - longest), end)
        same: dict[str, Any] = {"ids": rows.ids, "weight": rows.weight, "index": rows.index}
        return cls(**same, rows=rows, days=days, days_per_unit=days_per_unit)

    @property
    def dear_windows(self) -> bool:
        """Whether P(a purchase) in a window that begins later costs a quadrature for every row; see `_buys_later`."""
        model = self.rows.model
        return model.spec.engine.age_sum is None or model.mixture_log_weights is not None

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        return replace(super().take(rows), rows=self.rows.take(rows))

    def order(self) -> Rows:
        """Rows of one count together."""
        return self.rows.order()

    def log_odds_alive(self, parameters: Parameters) -> Array:
        """log P(alive) / P(lost) at the end of the observation."""
        return self._at(parameters).log_odds

    def log_likelihood(self, parameters: Parameters) -> Array:
        """log L of each history, apart from the log intensity on the days of the purchases."""
        shown = self._at(parameters)
        return np.asarray(self.rows.model.log_likelihood(*shown.columns, **shown.own))

    def given_alive(self, parameters: Parameters, quantity: str, t: float, *rest: float, start: float = 0.0) -> Array:
        """A quantity of `clvmodels.models.protocol.PurchaseModel` over (start, start + t], given alive at the end."""
        if start + t == 0.0 and quantity == "survival":
            return np.ones(len(self))
        shown = self._at(parameters)
        if quantity == "discounted_expected_purchases":
            return self._discounted_purchases(shown, t, rest[0], start, "expected_purchases")
        if quantity == "changed_purchases":
            return self._discounted_purchases(shown, t, rest[0], start, quantity, 0.0, *rest[1:])
        if quantity == "changed_time_alive":
            raise UnsupportedPrediction(
                "Under a calendar a cost while alive has no scenario: retention_cost_per_year=0."
            )
        if quantity == "discounted_time_alive":
            return self._discounted_time(shown, t, rest[0], start)
        if not start:
            return self._until(shown, quantity, t, *rest)
        if quantity == "expected_purchases":
            return np.maximum(self._until(shown, quantity, start + t) - self._until(shown, quantity, start), 0.0)
        return self._later(shown, quantity, t, *rest, start=start)

    def purchases_until(self, parameters: Parameters, ends: Sequence[float]) -> Array:
        """E[purchases in (0, end]], given alive at the end of the observation, for several ends: shape (ends, rows)."""
        shown, all_ends = self._at(parameters), np.concatenate(([0.0], ends))
        found = [
            self._over_several(shown, "expected_purchases", self._lengths(shown, some, since_end=True))
            for some in self._blocks_of(all_ends)
        ]
        return np.vstack(found)

    def silence(self, parameters: Parameters) -> Array:
        """P(a gap longer than the time since the last purchase), given that the customer is alive."""
        shown = self._at(parameters)
        return self.rows.model.silence(*shown.columns, **shown.own)

    def simulate_future(self, rng: np.random.Generator, parameters: Parameters, t: float) -> Array:
        """Random numbers of purchases in the next t of customers who are alive at the end."""
        shown = self._at(parameters)
        columns, own = self._scaled(shown, self._length(shown, t))
        return simulate_future(self.rows.model, rng, columns, 1.0, own)

    def simulate_past(self, rng: np.random.Generator, parameters: Parameters) -> Array:
        """Random numbers of repeat purchases of new customers who are observed as long as these were."""
        shown = self._at(parameters)
        return np.asarray(self.rows.model.simulate(rng, shown.columns[2], **shown.own)[0])

    def since_first(
        self, parameters: Parameters, name: str, *rest: float, until: float | Array = 0.0, nodes: int = NODES
    ) -> tuple[Array, Array]:
        """A quantity over the time since the first purchase: see `Population`."""
        first, place = self._first
        began = first.reshape(-1, *(1,) * np.ndim(until))
        days = np.maximum(self.days.end + until * self.days_per_unit, began)
        ages = self._at(parameters).time.elapsed(began, days) / self.days_per_unit
        return np.bincount(place, self.weight), by_age(self.rows.of_new(parameters, name, *rest), ages, nodes)

    def as_new(self) -> Self:
        """Customers whose first purchase is on the last day observed: one of each kind, weighted by how many."""
        kinds = self.rows.as_new()
        return replace(self, ids=kinds.ids, weight=kinds.weight, index=None, rows=kinds)

    # --- private helpers ----------------------------------------------------------------------------------------------

    @cached_property
    def _first(self) -> tuple[Array, Rows]:
        """The distinct days of the first purchase, and whose is which."""
        return np.unique(np.round(self.days.end - self.rows.columns[2] * self.days_per_unit, 6), return_inverse=True)

    def _at(self, parameters: Parameters) -> Shown:
        """The clock at these parameters, kept for the next quantity."""
        key = tuple(parameters.values())
        if key not in self._shown:
            self._shown.clear()
            self._shown[key] = self._show(parameters)
        return self._shown[key]

    def _show(self, parameters: Parameters) -> Shown:
        time = self.days.at(np.array([parameters[name] for name in self.days.clock.coefficients]))
        x, t_x, _ = self.rows.columns
        first, place = self._first
        T = (time.elapsed(first, np.full(len(first), self.days.end)) / self.days_per_unit)[place]
        began = first[place]
        t_x = np.minimum(time.elapsed(began, began + t_x * self.days_per_unit) / self.days_per_unit, T)
        own = self.rows.own_parameters(parameters)
        return Shown(time, (x, t_x, T), own, self.rows.model.log_odds_alive(x, t_x, T, **own))

    def _length(self, shown: Shown, t: float) -> Array:
        """Operational units of the next t, of each row."""
        return self._lengths(shown, np.array([0.0, t]))[0]

    def _lengths(self, shown: Shown, ends: Array, rate: float = 0.0, *, since_end: bool = False) -> Array:
        """Operational units between neighbouring ``ends`` after the end of the observation, shape (pieces, rows).

        With ``since_end`` from the end of the observation to each of them but the first.
        """
        first, place = self._first
        until = np.concatenate(([0.0], ends[1:])) if since_end else ends
        days = np.broadcast_to(self.days.end + until[:, None] * self.days_per_unit, (len(until), len(first)))
        passed = shown.time.elapsed(first, days, rate / self.days_per_unit)
        lengths = passed[1:] - passed[0] if since_end else np.diff(passed, axis=0)
        return np.asarray(lengths[:, place] / self.days_per_unit)

    def _scaled(self, shown: Shown, length: Array) -> tuple[tuple[Array, Array, Array], dict[str, Any]]:
        """Histories and parameters in units of each row's window, which is then of length 1."""
        x, t_x, T = shown.columns
        length = np.maximum(length, _NO_TIME)
        return (x, t_x / length, T / length), scaled_parameters(self.rows.model, shown.own, length)

    def _until(self, shown: Shown, quantity: str, t: float, *rest: float) -> Array:
        """A quantity over the next t."""
        return self._over(shown, quantity, self._length(shown, t), *rest)

    def _over(self, shown: Shown, quantity: str, length: Array, *rest: float, start: float = 0.0) -> Array:
        """A quantity over windows of ``length`` that begin ``start`` times as much later."""
        columns, own = self._scaled(shown, length)
        options = {"start": start} if start else {}

        def of_state(state: PurchaseModel) -> Array:
            function = getattr(state, quantity)
            x, _, T = columns
            with np.errstate(under="ignore"):
                if quantity in state.spec.engine.closed and not start:
                    return np.asarray(function(x, T, 1.0, *rest, **own))
                return by_row(state, own, x, T, lambda x, T, own: function(x, T, 1.0, *rest, **options, **own))

        return mean_over_states(self.rows.model, columns, lambda: own, of_state)

    def _later(self, shown: Shown, quantity: str, t: float, *rest: float, start: float) -> Array:
        """A quantity over a window that begins later: together those whose waiting is as many times as long."""
        waiting, length = self._lengths(shown, np.array([0.0, start, start + t]))
        if quantity == "purchase_probability" and not self.dear_windows:
            return self._buys_later(shown, waiting, length)
        ratios, group = np.unique(np.round(waiting / length, 12), return_inverse=True)
        result = np.empty(len(length))
        for number, ratio in enumerate(ratios.tolist()):
            rows = np.flatnonzero(group == number)
            own = {name: value[rows] if np.ndim(value) else value for name, value in shown.own.items()}
            x, t_x, T = (column[rows] for column in shown.columns)
            some = replace(shown, columns=(x, t_x, T), own=own)
            result[rows] = self._over(some, quantity, length[rows], *rest, start=ratio)
        return result

    def _buys_later(self, shown: Shown, waiting: Array, length: Array) -> Array:
        """P(a purchase in the ``length`` after ``waiting``), where rates are gamma and leaving goes with purchases.

        E[e^(-λ p w) (1 - e^(-λ t))]: the chance to stay, less that to stay and be silent, which is the same in either
        order: silent first, and then there as a customer who is known to have been.
        """
        x, t_x, T = shown.columns
        silent = 1.0 - self._over(shown, "purchase_probability", length)
        after = replace(shown, columns=(x, t_x, T + length))
        stays = self._over(shown, "survival", waiting)
        return np.maximum(stays - silent * self._over(after, "survival", waiting), 0.0)

    def _discounted_purchases(
        self, shown: Shown, t: float, delta: float, start: float, quantity: str, *rest: float
    ) -> Array:
        """Purchases in pieces of time, each discounted by the mean discount of its intensity."""
        ends = pieces_of(start, t, delta, self.days_per_unit)
        total, before = np.zeros(len(self)), np.zeros(len(self))
        if start:
            before = self._until(shown, quantity, start, *rest)
        for some in self._blocks_of(ends):
            lengths = self._lengths(shown, some)
            discounts = self._lengths(shown, some, delta) / lengths if delta else np.ones_like(lengths)
            until = self._over_several(shown, quantity, self._lengths(shown, some, since_end=True), *rest)
            made = np.diff(np.vstack((before[None], until)), axis=0)
            total += np.einsum("ij,ij->j", discounts, made)
            before = until[-1]
        return total

    def _discounted_time(self, shown: Shown, t: float, delta: float, start: float) -> Array:
        """Time alive in pieces of time, in each of which survival goes on a straight line."""
        ends = pieces_of(start, t, delta, self.days_per_unit)
        total, before = np.zeros(len(self)), np.ones(len(self))
        if start:
            before = self._until(shown, "survival", start)
        for some in self._blocks_of(ends):
            width = np.diff(some)
            weights = np.exp(-delta * some[:-1]) * (-np.expm1(-delta * width) / delta if delta else width)
            until = self._over_several(shown, "survival", self._lengths(shown, some, since_end=True))
            total += weights @ (np.vstack((before[None], until[:-1])) + until) / 2.0
            before = until[-1]
        return total

    def _blocks_of(self, ends: Array) -> list[Array]:
        """Ends of pieces, a few at a time: enough to share an interpolation, and not more than fit the memory."""
        size = int(np.clip(_HELD // max(len(self), 1), 1, _PIECES))
        return [ends[at : at + size + 1] for at in range(0, len(ends) - 1, size)]

    def _over_several(self, shown: Shown, quantity: str, lengths: Array, *rest: float) -> Array:
        """A quantity over windows of several lengths, shape (windows, rows) as they are."""
        times = len(lengths)
        columns = tuple(np.tile(column, times) for column in shown.columns)
        own = {name: np.tile(value, times) if np.ndim(value) else value for name, value in shown.own.items()}
        x, t_x, T = columns
        found = self._over(replace(shown, columns=(x, t_x, T), own=own), quantity, lengths.ravel(), *rest)
        return found.reshape(lengths.shape)


def scaled_parameters(model: PurchaseModel, own: Mapping[str, Any], length: Array) -> dict[str, Any]:
    """Parameters in units of each row's ``length``."""
    result = dict(own)
    for name in model.spec.scaled:
        result[name] = result[name] / length
    for name in model.spec.rates:
        result[name] = result[name] * length
    return result
