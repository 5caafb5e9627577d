"""Operational time with its exact derivatives in the clock's coefficients, over whole days.

The logarithm of the intensity is linear in the coefficients, so that every derivative of operational time is a sum over
days of the intensity times what the coefficients are multiplied by. Sums of many customers are taken day by day: first
as differences where each customer's days begin and end, then accumulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.data.clock.clock import Clock


@dataclass(frozen=True, eq=False)
class Points:
    """Days of customers, of which the clock is read.

    Attributes
    ----------
    cohort : ndarray of int of shape (n,)
        Place of the day of the first purchase among the distinct ones.
    day : ndarray of int of shape (n,)
        Days after the clock's first one.
    step : ndarray of int of shape (n,)
        The step of tenure in which the day lies.
    """

    cohort: Places
    day: Places
    step: Places

    def __len__(self) -> int:
        return len(self.day)

    def __getitem__(self, rows: slice | Places) -> Points:
        return Points(self.cohort[rows], self.day[rows], self.step[rows])


@dataclass(frozen=True, eq=False)
class Cohorts:
    """The clock and the distinct days of the first purchase.

    Attributes
    ----------
    clock : Clock
        The clock.
    first : ndarray of int of shape (cohorts,)
        Distinct days of the first purchase, after the clock's first one.
    """

    clock: Clock
    first: Places

    @property
    def length(self) -> int:
        """Days after the clock's first one."""
        return self.clock.end - self.clock.first

    @cached_property
    def columns(self) -> Array:
        """Columns of the days 0, …, length; the first one counts for nobody."""
        return self.clock.day_columns(self.clock.first, self.clock.end)

    @cached_property
    def years(self) -> Array:
        """z of each cohort."""
        return self.clock.years((self.first + self.clock.first).astype(np.float64))

    @cached_property
    def bounds(self) -> tuple[Places, Places]:
        """Where each step of tenure begins and ends for each cohort, shape (cohorts, steps)."""
        edges = np.minimum(self.first[:, None] + self.clock.edges, self.length).astype(np.intp)
        return edges[:, :-1], edges[:, 1:]

    def points(self, cohort: Places, day: Places) -> Points:
        """These days of customers of these cohorts."""
        step = np.searchsorted(self.clock.edges, day - self.first[cohort], side="left") - 1
        return Points(cohort, day, np.maximum(step, 0))

    def at(self, gamma: Any, xp: Any = np) -> ClockDerivatives:
        """Operational time at these coefficients; by PyTensor (``xp``) its value alone."""
        return ClockDerivatives(self, gamma, xp)


class ClockDerivatives:
    """Operational time of points in days, with its first and second derivatives in the coefficients.

    Parameters
    ----------
    cohorts : Cohorts
        The clock and the cohorts.
    gamma : ndarray of shape (c,)
        The coefficients.
    xp : module
        NumPy, or PyTensor's tensors.
    """

    def __init__(self, cohorts: Cohorts, gamma: Any, xp: Any = np) -> None:
        clock = cohorts.clock
        self._cohorts, self._size, self._xp = cohorts, len(clock.coefficients), xp
        q, b = len(clock.day_names), len(clock.steps)
        self._intensity: Any = xp.exp(xp.dot(cohorts.columns, gamma[:q]))
        self._of_steps: Any = xp.exp(xp.concatenate([gamma[q : q + b], np.zeros(1)]))
        self._factor: Any = xp.exp(gamma[-1] * cohorts.years) if clock.cohort else np.ones(len(cohorts.first))
        self._running: Any = xp.cumsum(self._intensity) - self._intensity[0]

    def value(self, points: Points) -> Any:
        """Operational days, shape (n,)."""
        passed, begun = self._passed(self._running), self._cohorts.bounds[0]
        within = self._running[points.day] - self._running[begun[points.cohort, points.step]]
        before = passed[points.cohort, points.step]
        return self._factor[points.cohort] * (before + self._of_steps[points.step] * within)

    def jacobian(self, points: Points) -> Array:
        """First derivatives, shape (n, c)."""
        q, b = len(self._cohorts.clock.day_names), len(self._cohorts.clock.steps)
        result = np.empty((len(points), self._size))
        factor, begun = self._factor[points.cohort], self._cohorts.bounds[0][points.cohort, points.step]
        if q:
            running, passed = self._running_columns
            within = running[points.day] - running[begun]
            within *= self._of_steps[points.step][:, None]
            within += passed[points.cohort, points.step]
            result[:, :q] = within * factor[:, None]
        if b:
            low, high = self._cohorts.bounds
            whole = (self._running[high] - self._running[low]) * self._of_steps
            within = self._of_steps[points.step] * (self._running[points.day] - self._running[begun])
            of_steps = np.where(np.arange(b + 1) < points.step[:, None], whole[points.cohort], 0.0)
            of_steps[np.arange(len(points)), points.step] = within
            result[:, q : q + b] = of_steps[:, :b] * factor[:, None]
        if self._cohorts.clock.cohort:
            result[:, -1] = self._cohorts.years[points.cohort] * self.value(points)
        return result

    def contracted(self, points: Points, weight: Array, order: int = 2) -> tuple[Array, Array]:
        """Σ weight · first derivatives (c,), and for ``order=2`` Σ weight · second derivatives (c, c)."""
        clock, columns = self._cohorts.clock, self._cohorts.columns
        moments = self._by_day(points, weight, (order + 1) if clock.cohort else 1)
        q, b = len(clock.day_names), len(clock.steps)
        gradient, hessian = np.zeros(self._size), np.zeros((self._size, self._size))
        by_day, by_step = moments[0].sum(axis=1), moments[0].sum(axis=0)[:b]
        gradient[:q], gradient[q : q + b] = columns.T @ by_day, by_step
        if clock.cohort:
            gradient[-1] = moments[1].sum()
        if order < 2:
            return gradient, hessian
        hessian[:q, :q] = columns.T @ (by_day[:, None] * columns)
        hessian[:q, q : q + b] = columns.T @ moments[0][:, :b]
        hessian[q : q + b, q : q + b] = np.diag(by_step)
        if clock.cohort:
            hessian[:q, -1] = columns.T @ moments[1].sum(axis=1)
            hessian[q : q + b, -1] = moments[1].sum(axis=0)[:b]
            hessian[-1, -1] = moments[2].sum()
        upper = np.triu(hessian)
        return gradient, upper + np.triu(upper, 1).T

    # --- private helpers ----------------------------------------------------------------------------------------------

    def _passed(self, running: Any) -> Any:
        """What each cohort has passed when each step of tenure begins, shape (cohorts, steps, …)."""
        low, high = self._cohorts.bounds
        pieces = running[high[:, :-1]] - running[low[:, :-1]]
        a = self._of_steps[:-1].reshape((1, -1, *([1] * (running.ndim - 1))))
        return self._xp.concatenate([running[low[:, :1]] * 0.0, self._xp.cumsum(a * pieces, axis=1)], axis=1)

    @cached_property
    def _running_columns(self) -> tuple[Array, Array]:
        """Running sums of intensity times columns, and what of them each cohort has passed at each step."""
        each = self._intensity[:, None] * self._cohorts.columns
        running = np.cumsum(each, axis=0) - each[0]
        return running, self._passed(running)

    def _by_day(self, points: Points, weight: Array, moments: int) -> Array:
        """Σ weight · intensity of each day and step, times powers of z, shape (moments, days, steps)."""
        length, steps = self._cohorts.length, len(self._cohorts.clock.steps) + 1
        low, high = self._cohorts.bounds
        weights = [weight * self._factor[points.cohort]]
        for _ in range(1, moments):
            weights.append(weights[-1] * self._cohorts.years[points.cohort])
        result = np.zeros((moments, length + 1, steps))
        for step in range(steps):
            there = np.flatnonzero(points.step >= step) if step else slice(None)
            cohort = points.cohort[there]
            ends = np.minimum(points.day[there], high[cohort, step])
            for moment, each in enumerate(weights):
                began = np.bincount(low[cohort, step], each[there], length + 1)
                over = np.cumsum(began - np.bincount(ends, each[there], length + 1))
                result[moment, 1:, step] = over[:-1] * self._of_steps[step]
        return np.asarray(result * self._intensity[:, None])
