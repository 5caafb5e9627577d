"""Predictions as arrays: one value a distinct history, for one set of parameters.

Everything here takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go
through the same code.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.inference.ages import Ages
from clvmodels.models.protocol import PurchaseModel, SpendModel
from clvmodels.models.special import expit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]
Parameters = Mapping[str, float]


Compute = Callable[[Parameters, "Base"], Array]


@dataclass(frozen=True, eq=False)
class Base:
    """Distinct rows of customers, in the unit of a model, and the way back to the customers."""

    histories: Histories
    ids: pd.Index[Any]
    log_odds: dict[tuple[Any, ...], Array] = field(default_factory=dict)

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

    def rows(self, rows: NDArray[np.intp]) -> Base:
        """Some of the distinct rows, by themselves."""
        columns = tuple(column[rows] for column in self.histories.columns)
        return Base(Histories(columns, self.histories.weight[rows], None), self.ids[:0])

    def apart(self) -> Base:
        """One row a customer, also for those who share a history."""
        columns = tuple(self.histories.spread(column) for column in self.histories.columns)
        return Base(Histories(columns, np.ones(len(columns[0])), None), self.ids)

    def series(self, values: Array, name: str) -> pd.Series[float]:
        """Values per distinct row as one row a customer."""
        return pd.Series(self.histories.spread(values), index=self.ids, name=name)


def new_customer(columns: int = 3) -> Base:
    """A customer at the moment of the first purchase: nothing repeated, no time passed."""
    zero = np.zeros(1)
    return Base(Histories((zero,) * columns, np.ones(1), None), pd.Index(["new"], name="customer_id"))


_bases: weakref.WeakKeyDictionary[Customers, dict[str, Base]] = weakref.WeakKeyDictionary()


def base_of(customers: Customers, unit: str) -> Base:
    """The histories of customers in ``unit``, made once."""
    made = _bases.setdefault(customers, {})
    if unit not in made:
        histories = customers.histories()
        factor = DAYS_PER_UNIT[customers.unit] / DAYS_PER_UNIT[unit]
        if factor != 1.0:
            x, t_x, T = histories.columns
            histories = Histories((x, t_x * factor, T * factor), histories.weight, histories.index)
        made[unit] = Base(histories, customers.table.index)
    return made[unit]


def spend_base_of(customers: Customers) -> Base:
    """Number and mean (0 if there is none) of the repeat purchases with positive spend."""
    made = _bases.setdefault(customers, {})
    if "spend" not in made:
        x = customers.table["spend_frequency"].to_numpy(dtype=np.float64)
        m = np.where(x > 0, customers.table["monetary_value"].to_numpy(dtype=np.float64), 0.0)
        made["spend"] = Base(group_histories(x, m), customers.table.index)
    return made["spend"]


def log_odds_alive(model: PurchaseModel, parameters: Parameters, base: Base) -> Array:
    """log P(alive) / P(lost), kept for the next quantity at the same parameters."""
    key = (model.NAME, *parameters.values())
    found = base.log_odds.get(key)
    if found is None:
        x, t_x, T = base.columns
        found = model.log_odds_alive(x, t_x, T, **parameters)
        base.log_odds.clear()
        base.log_odds[key] = found
    return found


def given_alive(
    model: PurchaseModel, parameters: Parameters, base: Base, quantity: str, *window: float, **options: float
) -> Array:
    """A quantity of the model's protocol, given that the customer is alive."""
    function = getattr(model, quantity)
    with np.errstate(under="ignore"):
        if quantity in model.CLOSED and not options.get("start"):
            x, _, T = base.columns
            return np.asarray(function(x, T, *window, **parameters))
        return base.ages.evaluate(
            lambda x, T: function(x, T, *window, **options, **parameters), model.age_offset(**parameters)
        )


# --- what can be asked, as functions of parameters and customers ------------------------------------------------------


def probability_alive(model: PurchaseModel) -> Compute:
    """P(alive)."""
    return lambda parameters, base: expit(log_odds_alive(model, parameters, base))


def expected(model: PurchaseModel, quantity: str, *window: float, **options: float) -> Compute:
    """P(alive) times a quantity of the protocol that is 0 for lost customers, and 0 for no time."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if window[0] == 0.0 and quantity != "survival":
            return np.zeros(len(base))
        alive = expit(log_odds_alive(model, parameters, base))
        return np.asarray(alive * given_alive(model, parameters, base, quantity, *window, **options))

    return compute


def purchases_pmf(model: PurchaseModel, t: float, count: int) -> Compute:
    """P(count purchases in t): lost customers make none."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if t == 0.0:
            return np.full(len(base), float(count == 0))
        log_odds = log_odds_alive(model, parameters, base)
        alive = expit(log_odds) * given_alive(model, parameters, base, "purchases_pmf", t, count)
        return np.asarray(alive + expit(-log_odds) if count == 0 else alive)

    return compute


def simulated_purchases(model: PurchaseModel, t: float, seed: int) -> Compute:
    """Random numbers of purchases in t."""

    def compute(parameters: Parameters, base: Base) -> Array:
        x, _, T = base.columns
        rng = _random(seed, parameters, x)
        alive = expit(log_odds_alive(model, parameters, base))
        counts = model.simulate_future(rng, x, T, t, **parameters)
        counts[rng.random(len(counts)) >= alive] = 0.0
        return counts

    return compute


def expected_spend(model: SpendModel) -> Compute:
    """Expected spend a purchase."""

    def compute(parameters: Parameters, base: Base) -> Array:
        x, m = base.histories.columns
        return model.expected_spend(x, m, **parameters)

    return compute


def simulated_spend(model: SpendModel, seed: int, count: Array | float = 1.0) -> Compute:
    """Random mean amounts of the next ``count`` purchases."""

    def compute(parameters: Parameters, base: Base) -> Array:
        x, m = base.histories.columns
        counts = np.broadcast_to(np.asarray(count, dtype=np.float64), x.shape)
        return model.simulate_future(_random(seed, parameters, x), x, m, counts, **parameters) / counts

    return compute


def _random(seed: int, parameters: Parameters, x: Array) -> np.random.Generator:
    """Randomness of its own for each draw and block of customers, whatever thread they fall to."""
    numbers = np.array([*parameters.values(), float(len(x)), float(x.sum())])
    return np.random.default_rng([seed, *numbers.view(np.uint32).tolist()])
