"""Covariates in the likelihood and in predictions: coefficients and columns become each customer's own parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.models.links import Link
from clvmodels.models.numerics import special


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
    places: Places


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

    @property
    def precision(self) -> Array:
        """Precision of the normal prior of the coefficients, whose mean is 0, shape (c, c)."""
        return np.diag(self.penalty / self.units**2)

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
