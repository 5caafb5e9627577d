"""Activities: what can be done with a customer, what it costs and what it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import finite, shortly
from clvmodels.decisions.targeting.effects.effect_models import is_effect_model
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError
from clvmodels.transactions.frames import to_pandas
from clvmodels.value.costs import PerCustomer

type Amount = PerCustomer | str | Callable[[pd.DataFrame], Any]


@dataclass(frozen=True, eq=False)
class Activity:
    """Something that can be done with a customer, such as a call, a letter or a discount.

    What it brings is effect × worth - cost. An effect that is a number is a share of each customer's value (worth is
    that value); one from a test or a model is in money (worth is 1), unless ``worth`` says otherwise.

    Attributes
    ----------
    name : str
        What it is called.
    cost : float, str, Series, sequence or callable
        What it costs a customer: a number, a column of the values, one number a customer, or a function of the table of
        customers.
    effect : float, (float, float), str, Series, RandomisedTest, LearnedEffect or object
        What it does: a number that is assumed, or its mean and standard deviation; a column or one number a customer; a
        randomised test, or what was learned from one; or a model with ``effect(X)`` (EconML) or ``predict(X)``
        (CausalML).
    worth : float, str, Series, sequence, callable or None
        What a unit of the effect is worth, as ``cost``: the profit of a purchase where the outcome was a purchase, the
        column "lifetime_value" where it was staying. None is the customer's value for a number or column, and 1 for a
        test or a model, whose outcome was money.
    limit : int or None
        Customers it can reach at most.

    Examples
    --------
    >>> Activity("call", cost=5.0, effect=(0.10, 0.03)).name
    'call'
    """

    name: str
    _: KW_ONLY
    cost: Amount
    effect: Any
    worth: Amount | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ArgumentError(f"The name of an activity must be a text, not {shortly(self.name)}.")
        if self.effect is None or isinstance(self.effect, bool | bytes):
            raise ArgumentError(f"The effect of {self.name!r} must be a number, a column, a test or a model.")
        if self.limit is not None:
            finite(f"The limit of {self.name!r}", self.limit, "a number of customers, 0 or more", 0.0)

    @property
    def is_measured(self) -> bool:
        """Whether the effect is from a test or a model, rather than a number."""
        return isinstance(self.effect, RandomisedTest) or is_effect_model(self.effect)


def activities_of(given: Any) -> list[Activity]:
    """Activities as they are, or from a table with one row each.

    Parameters
    ----------
    given
        One `Activity` or several; or a frame with columns ``name``, ``cost``, ``effect`` and, if wanted, ``effect_sd``
        (how unsure the effect is), ``worth`` and ``limit``.

    Raises
    ------
    ArgumentError
        There is none, a name stands twice, or it is something else.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["call", "letter"], "cost": [5.0, 1.0], "effect": [0.10, 0.02]})
    >>> [activity.name for activity in activities_of(table)]
    ['call', 'letter']
    >>> activities_of(table.assign(effect_sd=[0.03, None]))[0].effect
    (0.1, 0.03)
    """
    found = _listed(given)
    names = [activity.name for activity in found]
    if not found:
        raise ArgumentError("There are no activities. Pass clv.Activity(name=..., cost=..., effect=...).")
    if len(set(names)) < len(names):
        raise ArgumentError(f"Some activities have the same name: {', '.join(names)}.")
    return found


# --- private helpers --------------------------------------------------------------------------------------------------


def _listed(given: Any) -> list[Activity]:
    if isinstance(given, Activity):
        return [given]
    if isinstance(given, Iterable) and not isinstance(given, pd.DataFrame | str | dict):
        several = list(given)
        if all(isinstance(activity, Activity) for activity in several):
            return several
    frame = to_pandas(given, "Activities")
    if missing := {"name", "cost", "effect"} - set(frame.columns):
        raise ArgumentError(
            f"A table of activities has columns name, cost and effect; {', '.join(sorted(missing))} is missing. "
            f"Columns: {list(frame.columns)}."
        )
    known = [name for name in _COLUMNS if name in frame]
    return [_of_row(row) for row in frame[known].to_dict("records")]


_COLUMNS = ("name", "cost", "effect", "effect_sd", "worth", "limit")


def _of_row(row: Mapping[Hashable, Any]) -> Activity:
    """An activity from a row, in which empty cells are not there and numbers may be written as text."""
    given: dict[str, Any] = {
        str(name): value if name == "name" else _number(value) for name, value in row.items() if _is_given(name, value)
    }
    sd = given.pop("effect_sd", None)
    return Activity(**given if sd is None else {**given, "effect": (given["effect"], sd)})


def _number(value: Any) -> Any:
    """The number that a text is, as in a column of a file that holds numbers and names; else what it is."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _is_given(name: Any, value: Any) -> bool:
    """Whether an optional cell of the table is filled."""
    empty = value is None or value is pd.NA or (isinstance(value, float | np.floating) and math.isnan(value))
    return name in ("name", "cost", "effect") or not empty
