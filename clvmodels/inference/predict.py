"""Predictions as arrays: one value a distinct history, for one set of parameters.

Everything here takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go
through the same code.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.inference.ages import Ages
from clvmodels.models import special
from clvmodels.models.protocol import PurchaseModel
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]
Parameters = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Base:
    """The distinct histories of customers, in the unit of a model, and the way back to the customers."""

    histories: Histories
    ids: pd.Index[Any]
    log_odds: dict[tuple[Any, ...], Array] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Array, Array, Array]:
        x, t_x, T = self.histories.columns
        return x, t_x, T

    @cached_property
    def ages(self) -> Ages:
        x, _, T = self.columns
        return Ages(x, T)

    def series(self, values: Array, name: str) -> pd.Series[float]:
        """Values per distinct history as one row a customer."""
        return pd.Series(self.histories.spread(values), index=self.ids, name=name)


def new_customer() -> Base:
    """A customer at the moment of the first purchase: x = t_x = T = 0."""
    zero = np.zeros(1)
    return Base(Histories((zero, zero, zero), np.ones(1), None), pd.Index(["new"], name="customer_id"))


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


def log_odds_alive(model: PurchaseModel, parameters: Parameters, base: Base) -> Array:
    """log P(alive) / P(lost), kept for the next quantity at the same parameters."""
    key = (model.NAME, *parameters.values())
    if key not in base.log_odds:
        base.log_odds.clear()
        x, t_x, T = base.columns
        base.log_odds[key] = model.log_odds_alive(x, t_x, T, **parameters)
    return base.log_odds[key]


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


def expected(
    model: PurchaseModel, parameters: Parameters, base: Base, quantity: str, *window: float, **options: float
) -> Array:
    """P(alive) times a quantity that is 0 for a lost customer."""
    alive = special.expit(log_odds_alive(model, parameters, base))
    return alive * given_alive(model, parameters, base, quantity, *window, **options)


def purchases_pmf(model: PurchaseModel, parameters: Parameters, base: Base, t: float, count: int) -> Array:
    """P(count purchases in t): lost customers make none."""
    log_odds = log_odds_alive(model, parameters, base)
    alive = special.expit(log_odds) * given_alive(model, parameters, base, "purchases_pmf", t, count)
    return alive + special.expit(-log_odds) if count == 0 else alive
