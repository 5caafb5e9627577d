"""Models whose customers, given alive, are in one of several states that the history does not tell for sure.

Such a model has ``mixture_states``, a model of customers in each of them, and ``mixture_log_weights``. A prediction is
the mean over the states, and a simulated customer is in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models import mixtures
from clvmodels.models.protocol import PurchaseModel

Columns = tuple[Array, Array, Array]


def mean_over_states(
    model: PurchaseModel,
    columns: Columns,
    parameters: Callable[[], Mapping[str, Any]],
    of_state: Callable[[PurchaseModel], Array],
) -> Array:
    """A quantity given alive, of customers who are in one state or another."""
    if model.mixture_log_weights is None:
        return of_state(model)
    weights = mixtures.probabilities(model.mixture_log_weights, *columns, parameters())
    return np.asarray((weights * np.stack([of_state(state) for state in model.mixture_states])).sum(axis=0))


def simulate_future(
    model: PurchaseModel, rng: np.random.Generator, columns: Columns, t: float, parameters: Mapping[str, Any]
) -> Array:
    """Random numbers of purchases in the next t of customers who are alive."""
    if model.mixture_log_weights is None:
        x, _, T = columns
        return model.simulate_future(rng, x, T, t, **parameters)
    return mixtures.simulate_future(model.mixture_states, model.mixture_log_weights, rng, columns, t, parameters)
