"""The log-likelihood of a purchase model on a clock of calendar, tenure and cohort.

Log L of the model itself at (x, C(t_x), C(T)), with C the operational time since the first purchase, plus the log
intensity of the clock on each day of a repeat purchase. A model of regular buyers adds its power of the gaps, which are
gaps on the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.clock.customers import Dates, log_intensities, totals
from clvmodels.inference.data.clock.design import ClockDesign
from clvmodels.inference.posterior.clock.derivatives import ClockDerivatives, Cohorts, Points
from clvmodels.inference.posterior.clock.gaps import LogGaps
from clvmodels.inference.posterior.derivatives import chain_rule
from clvmodels.inference.posterior.derivatives.chain_rule import Slopes
from clvmodels.inference.posterior.derivatives.design_derivatives import made_of, rows_under_design
from clvmodels.inference.posterior.derivatives.jet import Jet
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model
from clvmodels.transactions.histories import Histories

_CHUNK = 16_384  # rows whose derivatives are held at once


@dataclass(frozen=True, eq=False)
class _Rows:
    """Distinct histories, those of one count together, with covariates z and the points of t_x."""

    x: Array
    z: Array
    weight: Array
    last: Points


class ClockLikelihood:
    """Sum over customers of log L, as a function of the model's parameters and coefficients, as they are.

    Parameters
    ----------
    model : Model
        A model that may run on a clock.
    histories : Histories
        Distinct (x, t_x, T) in ``unit``, and covariates.
    dates : Dates
        When each customer came and bought.
    design : ClockDesign
        The coefficients.
    days_per_unit
        Unit of the model's time.
    """

    def __init__(
        self, model: Model, histories: Histories, dates: Dates, design: ClockDesign, days_per_unit: float
    ) -> None:
        assert design.clock is not None
        self.model, self.design, self.clock = model, design, design.clock
        self.customers = float(histories.weight.sum())
        self._dates, self._unit = dates, days_per_unit
        self._histories = histories
        self._logs, self._first = len(model.spec.parameters), len(design.coefficients) - len(self.clock.coefficients)
        ends = np.round(histories.columns[2] * days_per_unit).astype(np.intp)
        distinct, cohort = np.unique(self.clock.end - self.clock.first - ends, return_inverse=True)
        self._cohorts = Cohorts(self.clock, distinct)
        self._ends = self._cohorts.points(np.arange(len(distinct)), np.full(len(distinct), self._cohorts.length))
        order = np.argsort(histories.columns[0], kind="stable")
        last = distinct[cohort] + np.round(histories.columns[1] * days_per_unit).astype(np.intp)
        self._rows = _Rows(
            histories.columns[0][order],
            np.column_stack(histories.columns[3:])[order] if len(histories.columns) > 3 else np.empty((len(order), 0)),
            histories.weight[order],
            self._cohorts.points(cohort, last)[order],
        )
        self._order = order
        self._totals = totals(self.clock, dates)
        power = model.spec.log_gaps
        self._gaps = LogGaps(power, self._cohorts, dates, days_per_unit) if power else None

    def value(self, values: Array) -> float:
        """Value at parameter values (k + c,)."""
        gamma, time = self._at(values)
        total = float(self._totals @ gamma) + (self._gaps.each(time).sum() if self._gaps else 0.0)
        for rows, _, log_l in self._by_chunk(values, time):
            total += float(rows.weight @ log_l)
        return total

    def pointwise(self, values: Array) -> Array:
        """log L of each customer, in their order."""
        gamma, time = self._at(values)
        each = np.empty(len(self._order))
        each[self._order] = np.concatenate([log_l for _, _, log_l in self._by_chunk(values, time)])
        of_gaps = self._gaps.each(time) if self._gaps else 0.0
        return np.asarray(self._histories.spread(each) + log_intensities(self.clock, gamma, self._dates) + of_gaps)

    def derivatives(self, values: Array, order: int = 2) -> tuple[float, Array, Array]:
        """Value, gradient and, for ``order=2``, Hessian at parameter values (k + c,)."""
        gamma, time = self._at(values)
        size, own = len(values), slice(self._logs + self._first, len(values))
        value, gradient, hessian = float(self._totals @ gamma), np.zeros(size), np.zeros((size, size))
        gradient[own] += self._totals
        of_last, of_end = [], np.zeros(len(self._ends))
        number = self._logs + len(self.design.parts)
        ends = time.jacobian(self._ends) / self._unit if order == 2 else np.empty((0, 0))
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            for rows, (t_x, T), _ in self._by_chunk(values, time, log_likelihood=False):
                data = (_count(rows.x), *(_jet(one, number + i, order) for i, one in enumerate((t_x, T))))
                found = rows_under_design(self.design, self.model, data, rows.z.T, values, order)
                value += float(rows.weight @ np.broadcast_to(found.value, len(t_x)))
                slopes = [np.broadcast_to(rows.weight * found.grad.pop(number + i, 0.0), len(t_x)) for i in (0, 1)]
                of_last.append(slopes[0])
                of_end += np.bincount(rows.last.cohort, slopes[1], len(of_end))
                part = chain_rule.totals(found, self._made_of(rows, time, ends, order), rows.weight, size)
                gradient += part[0]
                hessian += part[1]
        for points, slope in ((self._rows.last, np.concatenate(of_last)), (self._ends, of_end)):
            first, second = time.contracted(points, slope / self._unit, order)
            gradient[own] += first
            hessian[own, own] += second
        if self._gaps:
            of_gaps = self._gaps.derivatives(time, order)
            value += of_gaps[0]
            gradient[own] += of_gaps[1]
            hessian[own, own] += of_gaps[2]
        return value, gradient, hessian

    @property
    def distinct(self) -> tuple[Array, ...]:
        """Distinct histories in calendar time, as `symbolic` has them."""
        return tuple(column[self._order] for column in self._histories.columns[: len(self.model.spec.data)])

    def symbolic(self, values: Sequence[Any], gamma: Any, *, xp: Any, tensor: Any) -> tuple[Any, Any]:
        """By PyTensor: weighted log L of each distinct history, and what the days of purchases add to their sum.

        Parameters
        ----------
        values
            The model's parameters and the coefficients of covariates.
        gamma
            The coefficients of the clock, as one vector.
        xp
            The namespace of the models.
        tensor
            PyTensor's tensors.
        """
        rows, time = self._rows, self._cohorts.at(gamma, tensor)
        t_x, until = time.value(rows.last) / self._unit, time.value(self._ends) / self._unit
        own: dict[str, Any] = dict(zip(self.model.spec.parameters, values, strict=False))
        if self.design.parts:
            own = self.design.by_row(own, values[self._logs :], list(rows.z.T), xp=xp)
        log_l = self.model.log_likelihood(rows.x, t_x, until[rows.last.cohort], **own, xp=xp)
        more = tensor.dot(self._totals, gamma)
        return log_l * rows.weight, more + self._gaps.symbolic(time, tensor) if self._gaps else more

    def sample(self, rows: int) -> None:
        """None: a search over these begins with all of them."""

    # --- private helpers ----------------------------------------------------------------------------------------------

    def _at(self, values: Array) -> tuple[Array, ClockDerivatives]:
        gamma = values[self._logs + self._first :]
        return gamma, self._cohorts.at(gamma)

    def _made_of(self, rows: _Rows, time: ClockDerivatives, ends: Array, order: int) -> list[Slopes]:
        numbers = made_of(self.design, self._logs, rows.z.T)
        if order < 2:
            return numbers
        places = np.arange(len(self.clock.coefficients)) + self._logs + self._first
        last = time.jacobian(rows.last) / self._unit
        return [*numbers, Slopes(places, last.T), Slopes(places, ends[rows.last.cohort].T)]

    def _by_chunk(
        self, values: Array, time: ClockDerivatives, *, log_likelihood: bool = True
    ) -> Iterator[tuple[_Rows, tuple[Array, Array], Any]]:
        """Rows in chunks, with t_x and T on the clock, and log L if it is asked for."""
        whole, until = self._rows, time.value(self._ends) / self._unit
        parameters: dict[str, Any] = dict(zip(self.model.spec.parameters, values.tolist(), strict=False))
        gamma = values[self._logs :]
        for at in range(0, len(whole.x), _CHUNK):
            some = slice(at, at + _CHUNK)
            rows = _Rows(whole.x[some], whole.z[some], whole.weight[some], whole.last[some])
            t_x, T = time.value(rows.last) / self._unit, until[rows.last.cohort]
            t_x = np.minimum(t_x, T)
            log_l = None
            if log_likelihood:
                own = self.design.by_row(parameters, gamma, list(rows.z.T)) if self.design.parts else parameters
                log_l = np.asarray(self.model.log_likelihood(_count(rows.x), t_x, T, **own, xp=special))
            yield rows, (t_x, T), log_l


def _count(x: Array) -> Any:
    """One number where all are the same."""
    return float(x[0]) if x[0] == x[-1] else x


def _jet(value: Array, number: int, order: int) -> Jet:
    return Jet(value, {number: 1.0}, {} if order == 2 else None)
