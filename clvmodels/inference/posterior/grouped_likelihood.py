"""The log-likelihood of groups of customers, each with parameters of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.posterior.log_posterior import Likelihood
from clvmodels.models.protocol import Model


class GroupedLikelihood:
    """Sum of the log-likelihoods of groups, as a function of the parameters of all groups.

    Parameters
    ----------
    model : Model
        The model of each group.
    parts : sequence of (ndarray of int, Likelihood)
        The places of each group's parameters among all, and its likelihood.
    """

    design = None

    def __init__(self, model: Model, parts: Sequence[tuple[Places, Likelihood]]) -> None:
        self.model = model
        self.customers = float(sum(part.customers for _, part in parts))
        self._parts = parts

    def value(self, values: Array) -> float:
        """Value at the parameters of all groups, shape (k,)."""
        return sum(part.value(values[place]) for place, part in self._parts)

    def pointwise(self, values: Array) -> Array:
        """log L of each row, one group after the other."""
        return np.concatenate([part.pointwise(values[place]) for place, part in self._parts])

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and, for ``order=2``, Hessian (k, k)."""
        value, gradient, hessian = 0.0, np.zeros(len(values)), np.zeros((len(values), len(values)))
        for place, part in self._parts:
            found = part.derivatives(values[place], order)
            value += found[0]
            gradient[place] += found[1]
            hessian[np.ix_(place, place)] += found[2]
        return value, gradient, hessian

    def sample(self, rows: int) -> None:
        """None: a search over these begins with all of them."""
