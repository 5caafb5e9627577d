"""The clock of a fit: which coefficients it has, what is believed of them beforehand, and where each day belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.data.clock.holidays import Holidays, holiday_columns

PARTS = ("season: ", "weekday: ", "year end: ", "holiday: ", "tenure: ", "cohort: ")  # how names begin
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
YEAR_ENDS = {"24 to 28 December": (24, 28), "29 to 31 December": (29, 31)}
DAYS_A_YEAR = 365.25

# Standard deviations of the normal priors of the coefficients, which are logs of how many times as often
_SD_WAVE = 0.4  # of the first; that of the j-th is a j-th of it
_SD_WEEKDAY = 0.5
_SD_DAY = 1.0  # holidays, and the end of the year
_SD_STEP = 0.3  # between neighbouring steps of tenure
_SD_COHORT = 0.3  # a year


@dataclass(frozen=True, eq=False, kw_only=True)
class Clock:
    """A calendar with what is known of the customers that it was fitted to.

    Attributes
    ----------
    harmonics : int
        Yearly waves.
    weekday, year_end, cohort : bool
        Which further parts there are.
    steps : tuple of float
        Days since the first purchase on which the steps of tenure end; the last one goes on from there.
    holidays : Holidays or None
        Which days.
    holiday_names : tuple of str
        Those with coefficients.
    first, end : int
        First day of a purchase, and last day observed, in days since 1970-01-01.
    centre : float
        Mean day of the first purchase.
    changes : dict of int to float
        By day, what is added to the log intensity: for what-ifs.
    """

    harmonics: int
    weekday: bool
    year_end: bool
    cohort: bool
    steps: tuple[float, ...]
    holidays: Holidays | None
    holiday_names: tuple[str, ...]
    first: int
    end: int
    centre: float
    changes: Mapping[int, float] = field(default_factory=dict)

    # --- coefficients -------------------------------------------------------------------------------------------------

    @cached_property
    def day_names(self) -> tuple[str, ...]:
        """Names of the coefficients of the days: season and holidays."""
        waves = [f"season: {wave} {j}" for j in range(1, self.harmonics + 1) for wave in ("sine", "cosine")]
        weekdays = [f"weekday: {name}" for name in WEEKDAYS[:6]] if self.weekday else []
        year_ends = [f"year end: {name}" for name in YEAR_ENDS] if self.year_end else []
        return (*waves, *weekdays, *year_ends, *(f"holiday: {name}" for name in self.holiday_names))

    @property
    def step_names(self) -> tuple[str, ...]:
        """Names of the coefficients of tenure: how often compared with after the last step."""
        return tuple(f"tenure: to {step:.0f} days" for step in self.steps)

    @property
    def coefficients(self) -> tuple[str, ...]:
        """All of them: days, steps of tenure, cohort."""
        return (*self.day_names, *self.step_names, *(("cohort: a year later",) if self.cohort else ()))

    @property
    def units(self) -> Array:
        """The size of each coefficient's unit: the standard deviation of the prior, or of a step's change."""
        waves = np.repeat(_SD_WAVE / np.arange(1, self.harmonics + 1), 2)
        rest = len(self.day_names) - len(waves) - 6 * self.weekday
        return np.concatenate(
            (waves, np.full(6 * self.weekday, _SD_WEEKDAY), np.full(rest, _SD_DAY), np.full(len(self.steps), _SD_STEP))
            + ((np.array([_SD_COHORT]),) if self.cohort else ())
        )

    @property
    def precision(self) -> Array:
        """Precision of the normal prior of the coefficients, whose mean is 0, shape (c, c)."""
        result = np.diag(self.units**-2.0)
        if self.weekday:  # seven exchangeable ones whose sum is 0
            week = slice(2 * self.harmonics, 2 * self.harmonics + 6)
            result[week, week] = (np.eye(6) + 1.0) / _SD_WEEKDAY**2
        q, b = len(self.day_names), len(self.steps)
        change = np.eye(b) - np.eye(b, k=1)  # between neighbouring steps, the last of which is 0
        result[q : q + b, q : q + b] = change.T @ change / _SD_STEP**2
        return result

    def split(self, gamma: Array) -> tuple[Array, Array, float]:
        """Coefficients of the days; logs of all steps of tenure, the last of which is 0; and that of the cohort."""
        q, b = len(self.day_names), len(self.steps)
        return gamma[:q], np.append(gamma[q : q + b], 0.0), float(gamma[-1]) if self.cohort else 0.0

    # --- days ---------------------------------------------------------------------------------------------------------

    @property
    def edges(self) -> Array:
        """Where the steps of tenure begin, and infinity."""
        return np.array([0.0, *self.steps, np.inf])

    def years(self, first_days: Array) -> Array:
        """Years between the mean first purchase and each customer's.

        Who comes after the data is as the last ones who came: a drift between cohorts is not carried on.
        """
        return np.asarray((np.minimum(first_days, self.end) - self.centre) / DAYS_A_YEAR)

    def day_columns(self, first: int, last: int) -> Array:
        """Columns of the days from ``first`` to ``last``, shape (days, day names)."""
        days = np.arange(first, last + 1)
        dates = days.astype("datetime64[D]")
        months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
        begin, following = years.astype("datetime64[D]"), (years + np.timedelta64(1, "Y")).astype("datetime64[D]")
        phase = 2.0 * np.pi * (dates - begin).astype(np.float64) / (following - begin).astype(np.float64)
        columns: list[Array] = []
        for j in range(1, self.harmonics + 1):
            columns += [np.sin(j * phase), np.cos(j * phase)]
        if self.weekday:
            weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
            columns += [(weekday == day) * 1.0 - (weekday == 6) for day in range(6)]
        if self.year_end:
            december = months - years.astype("datetime64[M]") == np.timedelta64(11, "M")
            day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
            columns += [(december & (low <= day) & (day <= high)) * 1.0 for low, high in YEAR_ENDS.values()]
        if self.holidays is not None:
            columns += list(holiday_columns(self.holidays, self.holiday_names, days).T)
        return np.column_stack(columns) if columns else np.empty((len(days), 0))

    def changed(self, first: int, last: int) -> Array:
        """What is added to the log intensity of each day from ``first`` to ``last``."""
        result = np.zeros(last - first + 1)
        for day, value in self.changes.items():
            if first <= day <= last:
                result[day - first] += value
        return result

    def with_changes(self, changes: Mapping[int, float]) -> Self:
        """The same with other changes."""
        return replace(self, changes=dict(changes))

    # --- files --------------------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        plain = ("harmonics", "weekday", "year_end", "cohort", "first", "end", "centre")
        return {
            **{name: getattr(self, name) for name in plain},
            "steps": list(self.steps),
            "holidays": None if self.holidays is None else self.holidays.to_json(),
            "holiday_names": list(self.holiday_names),
            "changes": [[day, value] for day, value in self.changes.items()],
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Clock:
        """What `to_json` wrote."""
        return cls(
            harmonics=int(entry["harmonics"]),
            weekday=bool(entry["weekday"]),
            year_end=bool(entry["year_end"]),
            cohort=bool(entry["cohort"]),
            steps=tuple(map(float, entry["steps"])),
            holidays=Holidays.from_json(entry["holidays"]),
            holiday_names=tuple(map(str, entry["holiday_names"])),
            first=int(entry["first"]),
            end=int(entry["end"]),
            centre=float(entry["centre"]),
            changes={int(day): float(value) for day, value in entry["changes"]},
        )
