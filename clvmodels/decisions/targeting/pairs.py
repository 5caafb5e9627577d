"""What each pair of customer and activity costs and brings, and what is not known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arguments import finite, shortly
from clvmodels.arrays import Array, Places
from clvmodels.decisions.customer_values import customer_values
from clvmodels.decisions.targeting.activity import Activity, Amount
from clvmodels.decisions.targeting.effects.by_customer import effects_by_customer
from clvmodels.decisions.targeting.effects.effect_errors import CustomerEffects, same_for_all
from clvmodels.decisions.targeting.effects.effect_models import is_effect_model, model_effects
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import customer_ids, numbers, to_pandas
from clvmodels.value.costs import each_customer

_LOWER, _UPPER = "lifetime_value_lower", "lifetime_value_upper"


@dataclass(frozen=True, eq=False)
class Pairs:
    """Customers × activities.

    Attributes
    ----------
    ids : pandas.Index of length n
        The customers.
    activities : list of Activity
        In the order of the columns.
    value : ndarray of shape (n,)
        Of each customer without any of them.
    gross, cost : ndarray of shape (n, activities)
        What a pair brings before its cost, and the cost.
    worth : ndarray of shape (n, activities)
        What a unit of the effect is worth.
    effects : list of CustomerEffects
        By activity.
    value_error : float
        Standard deviation of the error that the values of all customers share, as a share of them.
    on_value : ndarray of bool of shape (activities,)
        Whether what an activity brings is a share of the value, so that its error enters.
    risk : ndarray of shape (n,) or None
        Attrition risk, if it is known.
    """

    ids: pd.Index[Any]
    activities: list[Activity]
    value: Array
    gross: Array
    cost: Array
    worth: Array
    effects: list[CustomerEffects]
    value_error: float
    on_value: np.ndarray[Any, np.dtype[np.bool_]]
    risk: Array | None

    @property
    def net(self) -> Array:
        """What each pair brings, shape (n, activities)."""
        return self.gross - self.cost

    def sd(self, chosen: Places, rows: Places) -> float:
        """Standard deviation of the sum of what some customers' activities bring; errors that are shared add up."""
        variance, on_value = 0.0, 0.0
        for number, effect in enumerate(self.effects):
            some = rows[chosen[rows] == number]
            weight = np.zeros(len(self.ids))
            weight[some] = self.worth[some, number]
            variance += sum(error.variance(weight) for error in effect.errors)
            on_value += float(self.gross[some, number].sum()) if self.on_value[number] else 0.0
        return float(np.sqrt(variance + (on_value * self.value_error) ** 2))

    def pair_sd(self, rows: Places, chosen: Places) -> Array:
        """Of each pair by itself."""
        own = np.stack([effect.sd for effect in self.effects], axis=1)[rows, chosen] * self.worth[rows, chosen]
        shared = np.where(self.on_value[chosen], self.gross[rows, chosen] * self.value_error, 0.0)
        return np.hypot(own, shared)


def pairs_of(value: Any, activities: Sequence[Activity], features: Any) -> Pairs:
    """From the arguments of `clvmodels.target`.

    Parameters
    ----------
    value
        Values by customer: a Series, or a frame whose other columns costs and effects may name.
    activities : sequence of Activity
        What can be done.
    features
        Table for models of effects, by customer; None is the table of the values.
    """
    values = customer_values(value)
    table = _table(value, values)
    known = table if features is None else _features(features, values.index)
    own = np.array(values, dtype=np.float64)
    effects = [_effects(activity, activities, table, known) for activity in activities]
    worth = np.stack([_worth(activity, own, table) for activity in activities], axis=1)
    cost = np.stack([_cost(activity, table) for activity in activities], axis=1)
    gross = np.stack([effect.mean for effect in effects], axis=1) * worth
    on_value = np.array([_is_on_value(activity, str(values.name)) for activity in activities])
    risk = numbers(table, "attrition_risk") if "attrition_risk" in table else None
    error = _value_error(values, table)
    return Pairs(values.index, list(activities), own, gross, cost, worth, effects, error, on_value, risk)


# --- private helpers --------------------------------------------------------------------------------------------------


def _table(value: Any, values: pd.Series[float]) -> pd.DataFrame:
    """The values with what stands beside them, by customer."""
    if isinstance(value, pd.Series):
        return values.to_frame()
    return to_pandas(value).set_axis(values.index, axis=0)


def _features(features: Any, ids: pd.Index[Any]) -> pd.DataFrame:
    """The features of these customers, in their order."""
    frame = to_pandas(features, "features")
    frame = frame.set_axis(customer_ids(frame, None), axis=0).drop(columns="customer_id", errors="ignore")
    place = frame.index.get_indexer(ids) if frame.index.is_unique else np.full(len(ids), -1)
    if (place < 0).any():
        raise DataError(
            f"features has no row, or several, for {int((place < 0).sum()):,} of {len(ids):,} customers. Index it by "
            "customer_id, one row each."
        )
    return frame.iloc[place]


def _amount(given: Amount, table: pd.DataFrame, what: str) -> Array:
    """A number, a column, one number a customer or a function of the table, as one number a customer."""
    if isinstance(given, str):
        if given not in table:
            raise ArgumentError(f"{what} is {given!r}, no column of the values. Columns: {list(table.columns)}.")
        return np.array(each_customer(numbers(table, given), table.index, what))
    found = given(table) if callable(given) else given
    return np.array(each_customer(found, table.index, what))


def _cost(activity: Activity, table: pd.DataFrame) -> Array:
    what = f"The cost of {activity.name!r}"
    cost = _amount(activity.cost, table, what)
    if (cost < 0.0).any():
        raise DataError(f"{what} is negative for {int((cost < 0.0).sum()):,} customers.")
    return cost


def _worth(activity: Activity, own: Array, table: pd.DataFrame) -> Array:
    if activity.worth is not None:
        return _amount(activity.worth, table, f"The worth of {activity.name!r}")
    return np.ones(len(own)) if activity.is_measured else own


def _is_on_value(activity: Activity, column: str) -> bool:
    """Whether a unit of the effect is worth the customer's value."""
    return activity.worth == column if isinstance(activity.worth, str) else _is_default(activity)


def _is_default(activity: Activity) -> bool:
    return activity.worth is None and not activity.is_measured


def _effects(
    activity: Activity, activities: Sequence[Activity], table: pd.DataFrame, features: pd.DataFrame
) -> CustomerEffects:
    effect, what = activity.effect, f"The effect of {activity.name!r}"
    if isinstance(effect, RandomisedTest):
        return effects_by_customer(effect, table)
    if isinstance(effect, str | pd.Series) or (np.ndim(effect) == 1 and not isinstance(effect, tuple)):
        return CustomerEffects(_amount(effect, table, what), (), "one number a customer")
    if is_effect_model(effect):
        same = [other.name for other in activities if other.effect is effect]
        return model_effects(effect, features, activity.name, same.index(activity.name), len(same))
    mean, sd = effect if isinstance(effect, tuple) and len(effect) == 2 else (effect, 0.0)
    known = finite(what, mean, "a number, (mean, sd), a column, a test or a model")
    return same_for_all(known, finite(f"The sd of {activity.name!r}", sd, "0 or more", 0.0), len(table), "assumed")


def _value_error(values: pd.Series[float], table: pd.DataFrame) -> float:
    """From the range of the sum that `lifetime_value` gives, else from those of the customers, taken together."""
    total = values.attrs.get("total", {}).get("lifetime_value")
    level = values.attrs.get("interval")
    if level is None or float(values.sum()) <= 0.0:
        return 0.0
    width = 2.0 * float(sc.ndtri(0.5 + float(level) / 2.0)) * float(values.sum())
    if total is not None:
        return (float(total["upper"]) - float(total["lower"])) / width
    if _LOWER in table and _UPPER in table:
        return float((table[_UPPER] - table[_LOWER]).sum()) / width
    return 0.0


def check_budget(budget: Any) -> float:
    """A budget, infinite for none."""
    if budget is None:
        return float("inf")
    try:
        amount = float(budget)
    except (TypeError, ValueError):
        amount = float("nan")
    if not amount >= 0.0 or isinstance(budget, str | bytes):
        raise ArgumentError(f"budget must be an amount, 0 or more, or None for no budget, not {shortly(budget)}.")
    return amount
