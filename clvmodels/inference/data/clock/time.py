"""Operational time: what the clock of a fit shows, at given coefficients."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.clock.clock import Clock

_AHEAD = 3_653  # days after the end of which each one is known; then the mean of the last years goes on
_MEAN_OF = 1_461  # days: four years


class ClockDays:
    """The columns of all days that predictions may need, made once for many sets of coefficients.

    Parameters
    ----------
    clock : Clock
        The clock.
    first, end : float
        First day of a purchase, and last day observed.
    """

    def __init__(self, clock: Clock, first: float, end: float) -> None:
        self.clock = clock
        self.first, self.last = int(np.floor(first)), int(np.ceil(end)) + _AHEAD
        self.end = end
        self._columns = clock.day_columns(self.first + 1, self.last)
        self._changes = clock.changed(self.first + 1, self.last)

    def at(self, gamma: Array) -> ClockTime:
        """What the clock shows at these coefficients."""
        of_days, of_steps, of_cohort = self.clock.split(gamma)
        intensity = np.exp(self._columns @ of_days + self._changes)
        return ClockTime(self, intensity, np.exp(of_steps), of_cohort)


class ClockTime:
    """What the clock shows at given coefficients.

    Parameters
    ----------
    days : ClockDays
        Which days.
    intensity : ndarray of shape (days,)
        s of each day.
    of_steps : ndarray of shape (steps,)
        a of each step of tenure.
    of_cohort : float
        κ, a year.
    """

    def __init__(self, days: ClockDays, intensity: Array, of_steps: Array, of_cohort: float) -> None:
        self._days, self._intensity = days, intensity
        self._of_steps, self._of_cohort = of_steps, of_cohort
        self._times = np.arange(days.first, days.last + 1, dtype=np.float64)
        self._mean = float(intensity[-_MEAN_OF:].mean())
        self._sums: dict[float, Array] = {}

    def elapsed(self, first: Array, until: Array, rate: float = 0.0) -> Array:
        """Operational days from the first purchase to ``until``.

        Parameters
        ----------
        first, until : ndarray of shape (n,)
            Days since 1970-01-01; each ends at its number.
        rate
            Continuous rate a day at which they are discounted to the end of the observation.
        """
        edges = self._days.clock.edges
        if len(edges) == 2:
            total = self._running(until, rate) - self._running(first, rate)
        else:
            total, below = np.zeros(np.shape(until)), self._running(first, rate)
            for a, edge in zip(self._of_steps, edges[1:], strict=True):
                above = self._running(np.minimum(until, first + edge), rate)
                total += a * (above - below)
                below = above
        return np.asarray(np.exp(self._of_cohort * self._days.clock.years(first)) * total)

    def _running(self, time: Array, rate: float) -> Array:
        """∫ of the season's intensity until each time, of any shape."""
        last, end = float(self._days.last), self._days.end
        found = np.interp(time, self._times, self._sum(rate))
        beyond = np.maximum(time - last, 0.0)
        if not beyond.any():
            return np.asarray(found)
        length = np.exp(-rate * (last - end)) * -np.expm1(-rate * beyond) / rate if rate else beyond
        return np.asarray(found + self._mean * length)

    def _sum(self, rate: float) -> Array:
        if rate not in self._sums:
            each = self._intensity
            if rate:
                passed = np.arange(len(each)) + (self._days.first - self._days.end)
                each = each * (np.exp(-rate * passed) * -np.expm1(-rate) / rate)
            self._sums[rate] = np.concatenate(([0.0], np.cumsum(each)))
        return self._sums[rate]
