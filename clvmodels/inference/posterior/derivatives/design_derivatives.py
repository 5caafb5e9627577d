"""Derivatives of a log-likelihood with covariates.

The model's likelihood is differentiated in its own few parameters and the linear predictors, row by row; coefficients
come in afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.chain_rule import Slopes, totals
from clvmodels.inference.posterior.derivatives.jet import Jet, composed, parameter_jets
from clvmodels.models.protocol import Model


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
    z = np.stack(columns[d:])
    weight = np.ones(z.shape[1]) if weight is None else weight
    rows = rows_under_design(design, model, columns[:d], z, values, order)
    return (
        float(weight @ np.broadcast_to(rows.value, len(weight))),
        *totals(rows, made_of(design, k, z), weight, k + len(design.coefficients)),
    )


def rows_under_design(design: Design, model: Model, data: Sequence[Any], z: Array, values: Array, order: int) -> Jet:
    """log L of each row as a jet in the model's parameters (numbers 0 to k - 1) and the linear predictors (from k on).

    Data may be jets themselves, with numbers of their own; ``z`` has the columns of the design, shape (c, rows).
    """
    names = tuple(model.spec.parameters)
    own = parameter_jets(values[: len(names)], order)
    inner = _parameters_by_row(design, names, values, z, order)
    for i, moved in inner.items():
        own[i] = Jet(moved.value, {i: 1.0}, {} if order == 2 else None)
    found = model.log_likelihood(*data, **dict(zip(names, own, strict=True)), xp=jets)
    return composed(found, inner)


def made_of(design: Design, k: int, z: Array) -> list[Slopes]:
    """What the k parameters and the linear predictors are made of."""
    one = np.ones((1, z.shape[1]))
    numbers = [Slopes(np.array([i]), one) for i in range(k)]
    return numbers + [Slopes(k + part.places, z[part.columns]) for part in design.parts]


def _parameters_by_row(design: Design, names: tuple[str, ...], values: Array, z: Array, order: int) -> dict[int, Jet]:
    """The parameters that covariates move, as jets in the model's parameters and the linear predictors."""
    k = len(names)
    whole = parameter_jets(values[:k], order)
    result: dict[int, Jet] = {}
    for p, part in enumerate(design.parts):
        places = [names.index(name) for name in part.link.parameters]
        eta = values[k + part.places] @ z[part.columns]
        predictor = Jet(eta, {k + p: 1.0}, {} if order == 2 else None)
        moved = part.link.apply(predictor, *(whole[i] for i in places), xp=jets)
        result.update(zip(places, moved, strict=True))
    return result
