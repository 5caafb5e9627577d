"""The chain rule from the few numbers that a likelihood is a function of to many parameters and coefficients.

Jets differentiate the likelihood in those numbers, row by row; what they are made of comes in as products of matrices
(Z'g and Z'HZ), so that ten covariates cost hardly more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.posterior.derivatives.jet import Jet


class Slopes(NamedTuple):
    """First derivatives of a number in the parameters that it depends on.

    Attributes
    ----------
    places : ndarray of int of shape (d,)
        Which of all parameters these are.
    by_row : ndarray of shape (d, ...)
        The derivative in each, for each row.
    """

    places: Places
    by_row: Array


def totals(u: Jet, numbers: Sequence[Slopes], weight: Array, size: int) -> tuple[Array, Array]:
    """Weighted sums of gradient and Hessian in ``size`` parameters, of a function of numbers that are linear in them.

    Parameters
    ----------
    u : Jet
        The function of the numbers, row by row.
    numbers : sequence of Slopes
        What each number is made of; a place may stand twice in one.
    weight : ndarray of shape (...)
        The weight of each row.
    size
        How many parameters there are.
    """
    gradient, hessian = np.zeros(size), np.zeros((size, size))
    for i, slope in u.grad.items():
        np.add.at(gradient, numbers[i].places, _flat(numbers[i].by_row) @ np.ravel(weight * slope))
    for (i, j), bend in (u.hess or {}).items():
        block = product(numbers[i].by_row, weight * bend, numbers[j].by_row)
        np.add.at(hessian, np.ix_(numbers[i].places, numbers[j].places), block)
        if i != j:
            np.add.at(hessian, np.ix_(numbers[j].places, numbers[i].places), block.T)
    return gradient, hessian


def slopes_of(u: Jet, numbers: Sequence[Slopes], size: int) -> Array:
    """The gradient in ``size`` parameters, shape (size, ...); no place may stand twice in a number."""
    result = np.zeros((size, *np.shape(u.value)))
    for i, slope in u.grad.items():
        result[numbers[i].places] += numbers[i].by_row * slope
    return result


def product(u: Array, weight: Array, v: Array) -> Array:
    """Σ weight u v' over all rows, for u and v of shapes (d, ...) and (e, ...)."""
    return np.asarray((_flat(u) * np.ravel(weight)) @ _flat(v).T)


def _flat(columns: Array) -> Array:
    return columns.reshape(len(columns), math.prod(columns.shape[1:]))
