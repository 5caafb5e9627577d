"""The log-likelihood of Pareto/NBD with time-varying covariates, over distinct histories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.inference.data.calendar_histories import Codes, VaryingHistories
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior import jets
from clvmodels.inference.posterior.jet import Jet, parameter_jets, weighted_total
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model
from clvmodels.models.purchases.paretonbd_calendar import Stretch, log_likelihood

Array = NDArray[np.float64]

_PIECES = 8_192  # a chunk, measured: fewer leave more to Python, more do not fit the cache


@dataclass(frozen=True)
class _Chunk:
    """Histories with about as many pieces; before and after are lengths and codes of shape (m, K)."""

    place: Codes
    x: Array
    factors: Array
    weight: Array
    before: tuple[Array, Codes]
    after: tuple[Array, Codes]


class VaryingLikelihood:
    """Sum over histories of weight · log L, as a function of (r, alpha, s, beta) and coefficients, as they are.

    Parameters
    ----------
    histories : VaryingHistories
        The data.
    design : Design
        Which coefficient belongs to which column of the calendar's covariates.
    """

    def __init__(self, histories: VaryingHistories, design: Design) -> None:
        self.model: Model = models.get("pareto/nbd")
        self.design = design
        self.customers = float(histories.weight.sum())
        self._rows = len(histories)
        self._covariates = [
            np.ascontiguousarray(z.T) for z in (histories.calendar.purchase, histories.calendar.dropout)
        ]
        self._columns = _columns_of_coefficients(design)
        self._chunks = _chunks(histories)

    def value(self, values: Array) -> float:
        """Value at parameter values (4 + coefficients,)."""
        return float(sum(chunk.weight @ rows for chunk, rows in self._by_chunk(values)))

    def pointwise(self, values: Array) -> Array:
        """log L of each history, in their order."""
        result = np.empty(self._rows)
        for chunk, rows in self._by_chunk(values):
            result[chunk.place] = rows
        return result

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient and, for ``order=2``, Hessian at parameter values (4 + coefficients,)."""
        size = len(self._columns)
        value, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
        for chunk, rows in self._by_chunk(values, order):
            part = weighted_total(rows, chunk.weight, size, len(chunk.x))
            value += part[0]
            gradient += part[1]
            hessian += part[2]
        return value, self._columns.T @ gradient, self._columns.T @ hessian @ self._columns

    def sample(self, rows: int) -> None:
        """None: a search over these begins with all of them."""

    def _by_chunk(self, values: Array, order: int = 0) -> Iterator[tuple[_Chunk, Any]]:
        """Each chunk, with log L of its histories: an array, or for ``order`` 1 or 2 a jet."""
        inner = self._columns @ values
        own = parameter_jets(inner[:4], order) if order else inner[:4].tolist()
        parameters = dict(zip(self.model.spec.parameters, own, strict=True))
        p = len(self._covariates[0])
        gamma = inner[4 : 4 + p], inner[4 + p :]
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            factors = [np.exp(one @ columns) for one, columns in zip(gamma, self._covariates, strict=True)]
        for chunk in self._chunks:
            log_factors: Any = chunk.factors @ gamma[0]
            if order:
                slopes = {4 + i: column for i, column in enumerate(chunk.factors.T)}
                log_factors = Jet(log_factors, slopes, {} if order == 2 else None)
            with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
                before, after = (
                    Stretch(length, *(_factor(factors[k], self._covariates[k], code, 4 + k * p, order) for k in (0, 1)))
                    for length, code in (chunk.before, chunk.after)
                )
                xp = jets if order else special
                rows = log_likelihood(chunk.x, log_factors, before, after, **parameters, xp=xp)
            yield chunk, rows


def _factor(factors: Array, covariates: Array, code: Codes, first: int, order: int) -> Any:
    """exp(γ'z) of each code, as an array or as a jet in γ, whose numbers begin with ``first``."""
    value = factors[code]
    if not order:
        return value
    z = [column[code] for column in covariates]
    grad = {first + i: one * value for i, one in enumerate(z)}
    if order == 1:
        return Jet(value, grad, None)
    pairs = combinations_with_replacement(range(len(z)), 2)
    return Jet(value, grad, {(first + i, first + j): z[i] * grad[first + j] for i, j in pairs})


def _columns_of_coefficients(design: Design) -> Array:
    """The coefficient of each column, as a matrix that also leaves the four parameters as they are."""
    places = [part.places for process in ("purchase", "dropout") for part in design.parts if part.process == process]
    matrix = np.zeros((4 + sum(map(len, places)), 4 + len(design.coefficients)))
    matrix[np.arange(len(matrix)), np.concatenate([np.arange(4), *(4 + place for place in places)])] = 1.0
    return matrix


def _chunks(histories: VaryingHistories) -> list[_Chunk]:
    """Histories in the order of their pieces, so that what is padded is little."""
    after, before = histories.after.count, histories.before.count
    order = np.lexsort((histories.x, before, after))
    size = np.cumsum(after[order] + before[order] // 4 + 1)
    return [
        _Chunk(
            rows,
            histories.x[rows],
            histories.factors[rows],
            histories.weight[rows],
            histories.before.padded(rows),
            histories.after.padded(rows),
        )
        for rows in np.split(order, np.flatnonzero(np.diff(size // _PIECES)) + 1)
    ]
