"""The log-likelihood of a model over distinct histories, with exact gradient and Hessian, in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.by_count import by_count
from clvmodels.inference.data.design import Design
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.design_derivatives import design_derivatives
from clvmodels.inference.posterior.derivatives.jet import parameter_jets, weighted_total
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model

# 128 KiB a column: temporaries stay in the cache. Threads gain nothing here: the steps are too short for the lock.
# A model whose likelihood holds a quadrature says in `Engine.nodes` how many values a row becomes.
CHUNK = 16_384


class LogLikelihood:
    """Sum over histories of weight · log L, for parameters on their natural scale.

    Rows are sorted by the count x, so that in most chunks x is one number and all that depends on x alone is
    computed once; counts with few rows share chunks.

    Parameters
    ----------
    model : Model
        The model.
    columns : sequence of ndarray of shape (m,)
        The data of ``model.spec.data``, counts first, and then the columns of the design.
    weight : ndarray of shape (m,)
        Customers that share each row.
    design : Design or None
        Covariates; the values are then the model's parameters followed by their coefficients.
    """

    def __init__(self, model: Model, columns: Sequence[Array], weight: Array, design: Design | None = None) -> None:
        self.model = model
        self.design = design
        self.customers = float(weight.sum())
        self._columns, self._weight = columns, weight
        self._chunks = _chunks(columns, weight, CHUNK // model.spec.engine.nodes)

    def value(self, values: Array) -> float:
        """Value at parameter values (k,)."""
        total = 0.0
        for columns, weight, _ in self._chunks:
            rows = self.rows(columns, values.tolist())
            total += float(rows.sum() if weight is None else weight @ rows)
        return total

    def pointwise(self, values: Array) -> Array:
        """log L of each row, in their order, at parameter values (k,)."""
        parts = range(0, len(self._weight), CHUNK)
        return np.concatenate([self.rows([c[i : i + CHUNK] for c in self._columns], values.tolist()) for i in parts])

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient (k,) and, for ``order=2``, Hessian (k, k) at parameter values (k,)."""
        size, names = len(values), tuple(self.model.spec.parameters)
        parameters = dict(zip(names, parameter_jets(values[: len(names)], order), strict=True))

        value, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            for columns, weight, n in self._chunks:
                if self.design is None:
                    rows = self.model.log_likelihood(*columns, **parameters, xp=jets)
                    part = weighted_total(rows, weight, size, n)
                else:
                    part = design_derivatives(self.design, self.model, columns, weight, values, order)
                value += part[0]
                gradient += part[1]
                hessian += part[2]
        return value, gradient, hessian

    def sample(self, rows: int) -> LogLikelihood | None:
        """The same over so many random rows, where there are more than four times as many."""
        if len(self._weight) <= 4 * rows:
            return None
        some = np.random.default_rng(0).choice(len(self._weight), rows, replace=False)
        return LogLikelihood(self.model, [column[some] for column in self._columns], self._weight[some], self.design)

    def rows(self, columns: Sequence[Any], values: Sequence[Any], *, xp: Any = special) -> Any:
        """log L of some rows of data and columns of the design, at values that ``xp`` computes with."""
        d = len(self.model.spec.data)
        return self.model.log_likelihood(*columns[:d], **self.parameters(values, columns[d:], xp=xp), xp=xp)

    def parameters(self, values: Sequence[Any], z: Sequence[Any], *, xp: Any = special) -> dict[str, Any]:
        """The model's parameters of each row, made of those at z = 0 and the coefficients."""
        own = dict(zip(self.model.spec.parameters, values, strict=False))
        return own if self.design is None else self.design.by_row(own, values[len(own) :], z, xp=xp)


def _chunks(columns: Sequence[Array], weight: Array, size: int) -> list[tuple[list[Any], Array | None, int]]:
    """Chunks of (columns, weight or None when all are 1, rows), the first column a single number where it can be.

    A chunk has about ``size`` rows.
    """
    order, begins = by_count(columns[0])
    columns, n = [column[order] for column in columns], len(order)
    weights = None if np.all(weight == 1.0) else weight[order]
    long = np.diff(begins, append=n) >= size // 8
    begins = begins[long | np.append(True, long)[:-1]]  # counts of few rows stay together
    cuts = [i for start, stop in pairwise([*begins.tolist(), n]) for i in range(start, stop, size)]
    chunks: list[tuple[list[Any], Array | None, int]] = []
    for i, j in pairwise([*cuts, n]):
        counts, *others = (column[i:j] for column in columns)
        first = float(counts[0]) if counts[0] == counts[-1] else counts
        chunks.append(([first, *others], None if weights is None else weights[i:j], j - i))
    return chunks
