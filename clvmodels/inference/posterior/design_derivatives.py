"""Derivatives of a log-likelihood with covariates.

The model's likelihood is differentiated in its own few parameters, row by row; coefficients come in afterwards by the
chain rule (Z'g and Z'HZ), so that ten covariates cost hardly more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior import jets
from clvmodels.inference.posterior.jet import Jet, composed, parameter_jets
from clvmodels.models.protocol import Model

Array = NDArray[np.float64]
Block = tuple[NDArray[np.intp], Array]


def design_derivatives(
    design: Design, model: Model, columns: Sequence[Any], weight: Array | None, values: Array, order: int
) -> tuple[float, Array, Array]:
    """Weighted sums over rows of the log-likelihood, its gradient and Hessian in parameters and coefficients.

    Parameters
    ----------
    design : Design
        Which covariates move which parameters.
    model : Model
        The model.
    columns : sequence of ndarray of shape (rows,)
        The data of ``model.spec.data``, and then the columns of the design.
    weight : ndarray of shape (rows,) or None
        Customers that share each row; None for one each.
    values : ndarray of shape (k + c,)
        The model's parameters, and the coefficients.
    order
        1 for the gradient alone, 2 for the Hessian as well.
    """
    names = tuple(model.spec.parameters)
    k, d = len(names), len(model.spec.data)
    z = np.column_stack(columns[d:])
    weight = np.ones(len(z)) if weight is None else weight
    rows = rows_under_design(design, model, columns[:d], z, values, order)
    blocks = blocks_of(design, k, z)
    return (
        float(weight @ np.broadcast_to(rows.value, len(z))),
        *summed(blocks, rows, weight, k + len(design.coefficients)),
    )


def rows_under_design(design: Design, model: Model, data: Sequence[Any], z: Array, values: Array, order: int) -> Jet:
    """log L of each row as a jet in the model's parameters (numbers 0 to k - 1) and the linear predictors (from k on).

    Data may be jets themselves, with numbers of their own.
    """
    names = tuple(model.spec.parameters)
    own = parameter_jets(values[: len(names)], order)
    inner = _parameters_by_row(design, names, values, z, order)
    for i, moved in inner.items():
        own[i] = Jet(moved.value, {i: 1.0}, {} if order == 2 else None)
    found = model.log_likelihood(*data, **dict(zip(names, own, strict=True)), xp=jets)
    return composed(found, inner)


def blocks_of(design: Design, k: int, z: Array) -> list[Block]:
    """What the k parameters and the linear predictors are made of."""
    one = np.ones((len(z), 1))
    blocks: list[Block] = [(np.array([i]), one) for i in range(k)]
    return blocks + [(k + part.places, z[:, part.columns]) for part in design.parts]


def _parameters_by_row(design: Design, names: tuple[str, ...], values: Array, z: Array, order: int) -> dict[int, Jet]:
    """The parameters that covariates move, as jets in the model's parameters and the linear predictors."""
    k = len(names)
    whole = parameter_jets(values[:k], order)
    result: dict[int, Jet] = {}
    for p, part in enumerate(design.parts):
        places = [names.index(name) for name in part.link.parameters]
        eta = z[:, part.columns] @ values[k + part.places]
        predictor = Jet(eta, {k + p: 1.0}, {} if order == 2 else None)
        moved = part.link.apply(predictor, *(whole[i] for i in places), xp=jets)
        result.update(zip(places, moved, strict=True))
    return result


def summed(blocks: Sequence[Block], rows: Jet, weight: Array, size: int) -> tuple[Array, Array]:
    """Weighted sums of gradient and Hessian by the chain rule.

    Parameters
    ----------
    blocks : sequence of (places, columns)
        Of each number of the jet: what it is linear in, and by which columns of shape (rows, places).
    rows : Jet
        A value a row.
    weight : ndarray of shape (rows,)
        Customers that share each row.
    size
        Of the gradient.
    """
    gradient, hessian = np.zeros(size), np.zeros((size, size))
    for i, slope in rows.grad.items():
        places, made_of = blocks[i]
        np.add.at(gradient, places, made_of.T @ np.broadcast_to(weight * slope, len(weight)))
    for (i, j), bend in (rows.hess or {}).items():
        (first, u), (second, v) = blocks[i], blocks[j]
        block = u.T @ (np.broadcast_to(weight * bend, len(weight))[:, None] * v)
        np.add.at(hessian, np.ix_(first, second), block)
        if i != j:
            np.add.at(hessian, np.ix_(second, first), block.T)
    return gradient, hessian
