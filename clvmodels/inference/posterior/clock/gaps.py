"""Logs of the gaps between purchases in operational time, which models of regular buyers have in their likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.clock.customers import Dates
from clvmodels.inference.posterior.clock.derivatives import ClockDerivatives, Cohorts

_CHUNK = 65_536  # gaps whose derivatives are held at once


class LogGaps:
    """Power times the sum of the log gaps.

    Parameters
    ----------
    power : int
        `clvmodels.models.spec.Spec.log_gaps`.
    cohorts : Cohorts
        The clock and the days of the first purchase.
    dates : Dates
        When customers bought.
    days_per_unit
        Unit in which gaps are measured.
    """

    def __init__(self, power: int, cohorts: Cohorts, dates: Dates, days_per_unit: float) -> None:
        self._power, self._unit, self._dates = float(power), days_per_unit, dates
        first = np.round(dates.first).astype(np.intp)[dates.buyer] - cohorts.clock.first
        place = np.searchsorted(cohorts.first, first)
        self._points = cohorts.points(place, (dates.day - cohorts.clock.first).astype(np.intp))
        self._again = np.append(False, dates.buyer[1:] == dates.buyer[:-1])[: len(dates.buyer)]

    def each(self, time: ClockDerivatives) -> Array:
        """What the gaps of each customer add to the log-likelihood, shape (n,)."""
        logs = self._power * np.log(self._gaps(time) / self._unit)
        return np.bincount(self._dates.buyer, logs, len(self._dates.first))

    def derivatives(self, time: ClockDerivatives, order: int) -> tuple[float, Array, Array]:
        """Sum, gradient (c,) and, for ``order=2``, Hessian (c, c)."""
        gaps = self._gaps(time)
        ending = 1.0 / gaps
        beginning = np.append(np.where(self._again, ending, 0.0)[1:], 0.0)
        gradient, hessian = time.contracted(self._points, ending - beginning, order)
        for at in range(0, len(gaps) if order == 2 else 0, _CHUNK):
            some = np.arange(at, min(at + _CHUNK, len(gaps)))
            before = time.jacobian(self._points[np.maximum(some - 1, 0)])
            change = time.jacobian(self._points[some]) - np.where(self._again[some, None], before, 0.0)
            change *= ending[some, None]
            hessian -= change.T @ change
        value = float(np.log(gaps / self._unit).sum())
        return self._power * value, self._power * gradient, self._power * hessian

    def symbolic(self, time: ClockDerivatives, xp: Any) -> Any:
        """The sum by PyTensor."""
        return self._power * xp.log(self._gaps(time, xp) / self._unit).sum()

    def _gaps(self, time: ClockDerivatives, xp: Any = np) -> Any:
        """Operational days from the purchase before."""
        reached = time.value(self._points)
        return reached - xp.concatenate([reached[:1] * 0.0, reached[:-1]]) * self._again
