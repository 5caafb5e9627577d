"""The invoice to come: whether it comes within a horizon, and what a unit of it is worth now."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.population import quantities
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.models.numerics.gauss_legendre import unit_rule

_NODES = 16  # of the integral over the horizon: values are off by less than 1e-7 of the discount


def discounted_next_purchase(horizon: float, delta: float) -> Quantity:
    """E[e^(-δ t); t < h], t the time to the next purchase: e^(-δ h) F(h) + δ ∫₀ʰ e^(-δ t) F(t) dt.

    Parameters
    ----------
    horizon
        h, in units of the model.
    delta
        δ, the discount rate a unit.
    """

    def within(t: float) -> Quantity:
        return quantities.expected("purchase_probability", t)

    nodes, weights = unit_rule(_NODES)
    # t = h u²: F rises at once where customers buy often
    times, steps = horizon * nodes**2, weights * 2.0 * nodes * horizon

    def quantity(parameters: Parameters, rows: Population) -> Array:
        value = np.exp(-delta * horizon) * within(horizon)(parameters, rows)
        if delta == 0.0:
            return np.asarray(value)
        for t, step in zip(times, steps, strict=True):
            value = value + delta * step * np.exp(-delta * t) * within(float(t))(parameters, rows)
        return np.asarray(value)

    return quantity
