"""Covariates in the likelihood and in predictions: coefficients and columns become each customer's own parameters.

The model's likelihood is differentiated in its own few parameters, row by row; coefficients come in afterwards by the
chain rule (Z'g and Z'HZ), so that ten covariates cost hardly more than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.posterior import jets
from clvmodels.models.links import Link
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """The covariates of one process.

    Attributes
    ----------
    process : str
        "purchase", "dropout" or "spend".
    link : Link
        How they enter.
    columns : slice
        Their place among all columns of the design.
    places : ndarray of int
        For each column, the place of its coefficient among all coefficients.
    """

    process: str
    link: Link
    columns: slice
    places: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Design:
    """Which covariates move which parameters.

    Attributes
    ----------
    coefficients : tuple of str
        Their names.
    parts : tuple of Part
        One a process.
    units : ndarray of shape (c,)
        The size of each coefficient's unit: 1 / standard deviation of its column.
    penalty : float
        Ridge: half of it times the sum of the squared coefficients of columns with unit standard deviation is taken
        off the log-likelihood. It is the precision of a normal prior.
    """

    coefficients: tuple[str, ...]
    parts: tuple[Part, ...]
    units: Array
    penalty: float = 0.0

    def by_row(self, parameters: Mapping[str, Any], gamma: Any, z: Sequence[Any], xp: Any = special) -> dict[str, Any]:
        """The parameters of each row: those that covariates move are arrays, the others as they are.

        Parameters
        ----------
        parameters
            The model's parameters at z = 0.
        gamma : sequence of length c
            The coefficients.
        z : sequence of ndarray of shape (rows,)
            The columns of the design; or numbers, for one row.
        """
        result = dict(parameters)
        for part in self.parts:
            eta = sum(gamma[place] * column for place, column in zip(part.places, z[part.columns], strict=True))
            moved = part.link.apply(eta, *(parameters[name] for name in part.link.parameters), xp=xp)
            result.update(zip(part.link.parameters, moved, strict=True))
        return result

    def derivatives(
        self, model: Model, columns: Sequence[Any], weight: Array | None, values: Array, order: int
    ) -> tuple[float, Array, Array]:
        """Weighted sums over rows of the log-likelihood, its gradient and Hessian in parameters and coefficients."""
        names = tuple(model.PARAMETERS)
        k, d = len(names), len(model.DATA)
        z = np.column_stack(columns[d:])
        weight = np.ones(len(z)) if weight is None else weight
        etas = [z[:, part.columns] @ values[k + part.places] for part in self.parts]
        inner = self._moved(names, values, etas, order)
        own = jets.parameters(values[:k], order)
        for i, moved in inner.items():
            own[i] = jets.Jet(moved.value, {i: 1.0}, {} if order == 2 else None)
        found = model.log_likelihood(*columns[:d], **dict(zip(names, own, strict=True)), xp=jets)
        rows = jets.composed(found, inner)
        return (float(weight @ np.broadcast_to(rows.value, len(z))), *self._summed(rows, weight, z, k))

    def _moved(self, names: tuple[str, ...], values: Array, etas: Sequence[Array], order: int) -> dict[int, jets.Jet]:
        """The parameters that covariates move, as jets in the model's parameters and the linear predictors."""
        k = len(names)
        whole = jets.parameters(values[:k], order)
        result: dict[int, jets.Jet] = {}
        for p, (part, eta) in enumerate(zip(self.parts, etas, strict=True)):
            places = [names.index(name) for name in part.link.parameters]
            predictor = jets.Jet(eta, {k + p: 1.0}, {} if order == 2 else None)
            moved = part.link.apply(predictor, *(whole[i] for i in places), xp=jets)
            result.update(zip(places, moved, strict=True))
        return result

    def _summed(self, rows: jets.Jet, weight: Array, z: Array, k: int) -> tuple[Array, Array]:
        """Gradient and Hessian: derivatives in linear predictors times the columns they are made of."""
        size = k + len(self.coefficients)
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        one = np.ones((len(z), 1))
        blocks = [(np.array([i]), one) for i in range(k)]
        blocks += [(k + part.places, z[:, part.columns]) for part in self.parts]
        for i, slope in rows.grad.items():
            places, made_of = blocks[i]
            np.add.at(gradient, places, made_of.T @ np.broadcast_to(weight * slope, len(z)))
        for (i, j), bend in (rows.hess or {}).items():
            (first, u), (second, v) = blocks[i], blocks[j]
            block = u.T @ (np.broadcast_to(weight * bend, len(z))[:, None] * v)
            np.add.at(hessian, np.ix_(first, second), block)
            if i != j:
                np.add.at(hessian, np.ix_(second, first), block.T)
        return gradient, hessian
