"""The log-likelihood of Pareto/NBD with time-varying covariates, over distinct histories."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.inference.data.calendar_histories import VaryingHistories, stretch
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior.calendar_derivatives import Chunk, Rates, derivatives
from clvmodels.models.purchases.paretonbd_calendar import log_likelihood

Array = NDArray[np.float64]

_PIECES = 4_096  # a chunk: some 8 nodes each, so that temporaries are about 256 KiB


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
        self.model = models.get("pareto/nbd")
        self.design = design
        self.customers = float(histories.weight.sum())
        self._rows = len(histories)
        self._z, self._w = histories.calendar.purchase, histories.calendar.dropout
        self._inner = _columns_of_coefficients(design)
        self._chunks = _chunks(histories)

    def value(self, values: Array) -> float:
        """Value at parameter values (4 + coefficients,)."""
        return float(sum(self._chunks[i].weight @ rows for i, rows in enumerate(self._by_chunk(values))))

    def pointwise(self, values: Array) -> Array:
        """log L of each history, in their order."""
        result = np.empty(self._rows)
        for chunk, rows in zip(self._chunks, self._by_chunk(values), strict=True):
            result[chunk.place] = rows
        return result

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient and, for ``order=2``, Hessian at parameter values (4 + coefficients,)."""
        inner = self._inner @ values
        value, gradient, hessian = 0.0, np.zeros(len(inner)), np.zeros((len(inner), len(inner)))
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            rates = Rates.at(inner, self._z, self._w)
            for chunk in self._chunks:
                part = derivatives(chunk, rates, inner, order)
                value += part[0]
                gradient += part[1]
                hessian += part[2]
        return value, self._inner.T @ gradient, self._inner.T @ hessian @ self._inner

    def sample(self, rows: int) -> None:
        """None: a search over these begins with all of them."""

    def _by_chunk(self, values: Array) -> list[Array]:
        inner = self._inner @ values
        r, alpha, s, beta = inner[:4].tolist()
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            rates = Rates.at(inner, self._z, self._w)
            return [
                log_likelihood(
                    chunk.x,
                    chunk.factors @ inner[4 : 4 + self._z.shape[1]],
                    stretch(*chunk.before, rates.purchase, rates.dropout),
                    stretch(*chunk.after, rates.purchase, rates.dropout),
                    r=r, alpha=alpha, s=s, beta=beta,
                )
                for chunk in self._chunks
            ]  # fmt: skip


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
