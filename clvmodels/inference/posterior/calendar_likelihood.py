"""The log-likelihood of Pareto/NBD with time-varying covariates, over distinct histories."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.inference.data.calendar_histories import VaryingHistories, stretch
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior.derivatives.calendar_derivatives import Chunk, Point, calendar_derivatives
from clvmodels.models.protocol import Model
from clvmodels.models.purchases.paretonbd_calendar import log_likelihood

Array = NDArray[np.float64]

_PIECES = 8_192  # a chunk, measured: fewer leave more to Python, more do not fit the cache


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
        calendar = histories.calendar
        self._covariates = np.ascontiguousarray(calendar.purchase.T), np.ascontiguousarray(calendar.dropout.T)
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
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            inner = self._columns @ values
            point = Point(inner, self._covariates, self._factors(inner), order)
            value, gradient, hessian = calendar_derivatives(self._chunks, point)
        return value, self._columns.T @ gradient, self._columns.T @ hessian @ self._columns

    def sample(self, rows: int) -> None:
        """None: a search over these begins with all of them."""

    def _factors(self, inner: Array) -> tuple[Array, Array]:
        """exp(γ'z) of the distinct covariates, on purchases and on dropout."""
        (z, w), p = self._covariates, 4 + len(self._covariates[0])
        return np.exp(inner[4:p] @ z), np.exp(inner[p:] @ w)

    def _by_chunk(self, values: Array) -> Iterator[tuple[Chunk, Array]]:
        """Each chunk, with log L of its histories."""
        inner = self._columns @ values
        parameters = dict(zip(self.model.spec.parameters, inner[:4].tolist(), strict=True))
        gamma = inner[4 : 4 + len(self._covariates[0])]
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            factors = self._factors(inner)
            for chunk in self._chunks:
                before, after = stretch(*chunk.before, *factors), stretch(*chunk.after, *factors)
                yield chunk, log_likelihood(chunk.x, chunk.factors @ gamma, before, after, **parameters)


def _columns_of_coefficients(design: Design) -> Array:
    """The coefficient of each column, as a matrix that also leaves the four parameters as they are."""
    places = [part.places for process in ("purchase", "dropout") for part in design.parts if part.process == process]
    matrix = np.zeros((4 + sum(map(len, places)), 4 + len(design.coefficients)))
    matrix[np.arange(len(matrix)), np.concatenate([np.arange(4), *(4 + place for place in places)])] = 1.0
    return matrix


def _chunks(histories: VaryingHistories) -> list[Chunk]:
    """Histories in the order of their pieces, so that what is padded is little."""
    after, before = histories.after.count, histories.before.count
    order = np.lexsort((histories.x, before, after))
    size = np.cumsum(after[order] + before[order] // 4 + 1)
    return [
        Chunk(
            rows,
            histories.x[rows],
            histories.factors[rows],
            histories.weight[rows],
            histories.before.padded(rows),
            histories.after.padded(rows),
        )
        for rows in np.split(order, np.flatnonzero(np.diff(size // _PIECES)) + 1)
    ]
