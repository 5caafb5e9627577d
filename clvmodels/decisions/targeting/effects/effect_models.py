"""Models of effects from elsewhere, by their methods: `.effect(X)` as in EconML, `.predict(X)` as in CausalML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.decisions.targeting.effects.effect_errors import CustomerEffects, SharedError
from clvmodels.decisions.targeting.effects.learned_effect import LearnedEffect
from clvmodels.errors import ArgumentError, DataError

_ALPHA = 0.1


def is_effect_model(value: Any) -> bool:
    """Whether it has a method that gives effects.

    Examples
    --------
    >>> is_effect_model(0.1)
    False
    """
    return any(callable(getattr(value, name, None)) for name in ("effect", "predict"))


def model_effects(model: Any, features: pd.DataFrame, name: str, place: int, among: int) -> CustomerEffects:
    """Effects by customer, with errors where the model gives intervals.

    Parameters
    ----------
    model
        With ``effect(X)``, and ``effect_interval(X, alpha=)`` if it has one; or with ``predict(X)``, whose result has
        one column, or one an activity.
    features : pandas.DataFrame
        X, one row a customer.
    name : str
        Of the activity.
    place, among : int
        Which of the activities that this model is given for, and how many these are.

    Raises
    ------
    ArgumentError
        The model fails, or gives another number of columns than there are activities.
    DataError
        An effect is missing or not finite.
    """
    ask = "effect" if callable(getattr(model, "effect", None)) else "predict"
    mean = _column(_asked(model, ask, features, name), len(features), place, among, f"{name}: {ask}(X)")
    source = model.source if isinstance(model, LearnedEffect) else f"a model ({type(model).__name__})"
    return CustomerEffects(mean, _errors(model, features, name, place, among), source)


# --- private helpers --------------------------------------------------------------------------------------------------


def _asked(model: Any, method: str, features: pd.DataFrame, name: str, **options: Any) -> Any:
    try:
        return getattr(model, method)(features, **options)
    except Exception as error:
        raise ArgumentError(
            f"The model of activity {name!r} can't be asked: {method}(X) says {shortly(str(error))}. It gets "
            f"features=, or else the columns of the values: {list(map(str, features.columns))[:10]}."
        ) from error


def _errors(model: Any, features: pd.DataFrame, name: str, place: int, among: int) -> tuple[SharedError, ...]:
    """From the intervals; the errors of all customers are taken to go together: no sum can be less sure."""
    if not callable(getattr(model, "effect_interval", None)):
        return ()
    lower, upper = (
        _column(bound, len(features), place, among, f"{name}: effect_interval(X)")
        for bound in _asked(model, "effect_interval", features, name, alpha=_ALPHA)
    )
    sd = np.maximum(upper - lower, 0.0) / (2.0 * float(sc.ndtri(1.0 - _ALPHA / 2.0)))
    return (SharedError(sd, np.zeros(len(sd), dtype=np.intp)),)


def _column(found: Any, size: int, place: int, among: int, what: str) -> Array:
    """One value a customer, of the column of this activity where there are several."""
    try:
        values = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what} must give numbers, not {shortly(found)}.") from None
    values = values.reshape(size, -1) if values.ndim != 2 and size and values.size % size == 0 else values
    if values.ndim != 2 or len(values) != size or values.shape[1] not in (1, among):
        raise ArgumentError(f"{what} has shape {np.shape(found)}; it must be ({size},) or ({size}, {among}).")
    column = values[:, place if values.shape[1] > 1 else 0]
    if not np.isfinite(column).all():
        raise DataError(f"{what} is missing or not finite for {int((~np.isfinite(column)).sum()):,} customers.")
    return column
