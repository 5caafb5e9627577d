"""Models whose customers, given alive, may be in one of several states that the history does not tell for sure.

Such a model has ``mixture_states``, a model of customers in each of them, and ``mixture_log_weights``. A prediction is
the mean over the states, and a simulated customer is in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.protocol import PurchaseModel

Array = NDArray[np.float64]


def state_weights(model: PurchaseModel, columns: tuple[Array, Array, Array], parameters: Mapping[str, Any]) -> Array:
    """P(state | history, alive), shape (states, rows), of a model that has states."""
    if model.mixture_log_weights is None:
        raise TypeError(f"{model.spec.title} has no mixture states.")
    return np.asarray(sc.softmax(model.mixture_log_weights(*columns, **parameters), axis=0))


def mean_over_states(
    given_alive: Callable[..., Array],
    model: PurchaseModel,
    parameters: Mapping[str, float],
    base: Any,
    quantity: str,
    *window: float,
    **options: float,
) -> Array:
    """A quantity given alive, of customers who are in one state or another."""
    weights = state_weights(model, base.columns, base.parameters(model, parameters))
    each = [given_alive(state, parameters, base, quantity, *window, **options) for state in model.mixture_states]
    return np.asarray((weights * np.stack(each)).sum(axis=0))


def simulate_future(
    model: PurchaseModel,
    rng: np.random.Generator,
    columns: tuple[Array, Array, Array],
    t: float,
    parameters: Mapping[str, Any],
) -> Array:
    """Random numbers of purchases in the next t of customers who are alive."""
    x, _, T = columns
    if not model.mixture_states:
        return model.simulate_future(rng, x, T, t, **parameters)
    reached = np.cumsum(state_weights(model, columns, parameters), axis=0)[:-1]
    place = (rng.random(len(x)) >= reached).sum(axis=0)
    counts = np.zeros(len(x))
    for number, state in enumerate(model.mixture_states):
        rows = np.flatnonzero(place == number)
        own = {name: value[rows] if np.ndim(value) else value for name, value in parameters.items()}
        counts[rows] = state.simulate_future(rng, x[rows], T[rows], t, **own)
    return counts
