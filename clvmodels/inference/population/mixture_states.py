"""Models whose customers, given alive, may be in one of several stages that the history does not tell for sure.

Such a model has ``stages``, itself for customers in each of them, and ``stage_log_weights``. A prediction is the mean
over the stages, and a simulated customer is in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.protocol import PurchaseModel

Array = NDArray[np.float64]


def stages_of(model: PurchaseModel) -> tuple[PurchaseModel, ...]:
    """The model in each stage; a model without stages has one, itself."""
    return cast(tuple[PurchaseModel, ...], getattr(model, "stages", (model,)))


def stage_weights(model: Any, columns: tuple[Array, Array, Array], parameters: Mapping[str, Any]) -> Array:
    """P(stage | history, alive), shape (stages, rows)."""
    return np.asarray(sc.softmax(model.stage_log_weights(*columns, **parameters), axis=0))


def mean_over_stages(
    given_alive: Callable[..., Array],
    model: PurchaseModel,
    parameters: Mapping[str, float],
    base: Any,
    quantity: str,
    *window: float,
    **options: float,
) -> Array:
    """A quantity given alive, of customers who are in one stage or another."""
    weights = stage_weights(model, base.columns, base.parameters(model, parameters))
    each = [given_alive(stage, parameters, base, quantity, *window, **options) for stage in stages_of(model)]
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
    stages = stages_of(model)
    if len(stages) == 1:
        return model.simulate_future(rng, x, T, t, **parameters)
    reached = np.cumsum(stage_weights(model, columns, parameters), axis=0)[:-1]
    place = (rng.random(len(x)) >= reached).sum(axis=0)
    counts = np.zeros(len(x))
    for number, stage in enumerate(stages):
        rows = np.flatnonzero(place == number)
        own = {name: value[rows] if np.ndim(value) else value for name, value in parameters.items()}
        counts[rows] = stage.simulate_future(rng, x[rows], T[rows], t, **own)
    return counts
