"""What a calendar does, in numbers and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special

from clvmodels import arguments
from clvmodels.arrays import Array
from clvmodels.inference.data.clock.clock import WEEKDAYS, YEAR_ENDS, Clock
from clvmodels.inference.fits.estimate import Estimate

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_STEP = 1e-4  # factors are smooth on the scale of 1: differences good to 1e-8
_YEAR = 365


def calendar_table(estimate: Estimate, clock: Clock, level: float) -> pd.DataFrame:
    """Factors of months, weekdays, days, steps of tenure and cohorts, with their bounds and in words.

    Parameters
    ----------
    estimate : Estimate
        Its last parameters are the coefficients of the clock.
    clock : Clock
        The clock.
    level : float
        Level of the bounds.
    """
    arguments.level("level", level)
    size = len(clock.coefficients)
    gamma, covariance = estimate.values[-size:], estimate.covariance_log[-size:, -size:]
    rows = _Rows(clock)
    logs, steps = rows.logs(gamma), _STEP * np.eye(size)
    slopes = np.stack([(rows.logs(gamma + h) - rows.logs(gamma - h)) / (2.0 * _STEP) for h in steps], axis=-1)
    reach = special.ndtri((1.0 + level) / 2.0) * np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))
    table = pd.DataFrame(
        {"part": rows.parts, "factor": np.exp(logs), "lower": np.exp(logs - reach), "upper": np.exp(logs + reach)},
        index=pd.Index(rows.names, name="calendar"),
    )
    table["effect"] = [_effect(*row) for row in zip(rows.parts, rows.names, table["factor"].tolist(), strict=True)]
    return table


def in_words(clock: Clock, table: pd.DataFrame) -> list[str]:
    """The main effects, a sentence each."""
    sentences = [*_highest_and_lowest(table)]
    for name, factor in table[table["part"].isin(["year end", "holiday"])]["factor"].items():
        if not 0.67 < factor < 1.5:
            sentences.append(f"{name}: {_times(factor)} what the season and the day of the week alone would make it.")
    if clock.steps:
        sentences.append(_of_tenure(clock, table))
    if clock.cohort:
        change = _change(table["factor"].iloc[-1])
        sentences.append(f"Those who come a year later buy {change} from the beginning.")
    return sentences


def _highest_and_lowest(table: pd.DataFrame) -> Iterator[str]:
    """A sentence about the months, and one about the weekdays."""
    for part, other in (("month", "an average month"), ("weekday", "an average day")):
        rows = table[table["part"] == part]["factor"].sort_values()
        if len(rows):
            (low, lowest), (top, highest) = rows.iloc[[0, -1]].items()
            yield f"{top} {_times(highest)} {other}, {low} {_times(lowest)}."


class _Rows:
    """The rows of the table, as functions of the coefficients."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        days = np.arange(np.datetime64("2021-01-01"), np.datetime64("2025-01-01"))  # four years
        first, last = (int(day.astype(np.int64)) for day in (days[0], days[-1]))
        self._columns = clock.day_columns(first, last)
        self._months = pd.DatetimeIndex(days).month.to_numpy() - 1
        names = _names(clock)
        self.parts = [part for part, inside in names.items() for _ in inside]
        self.names = [name for inside in names.values() for name in inside]

    def logs(self, gamma: Array) -> Array:
        """Logs of all factors."""
        of_days, of_steps, of_cohort = self._clock.split(gamma)
        found: list[Array] = []
        if self._clock.harmonics:
            found.append(self._of_months(of_days))
        single = len(of_days) - len(YEAR_ENDS) * self._clock.year_end - len(self._clock.holiday_names)
        if self._clock.weekday:
            week = of_days[single - 6 : single]
            whole = np.append(week, -week.sum())
            found.append(whole - np.log(np.exp(whole).mean()))
        found.append(of_days[single:])
        if self._clock.steps:
            found.append(of_steps - _first_year(self._clock, of_steps))
        found.append(np.array([of_cohort])[: int(self._clock.cohort)])
        return np.concatenate(found)

    def _of_months(self, of_days: Array) -> Array:
        """Logs of the mean factors of the twelve months, against the average month."""
        each = np.exp(self._columns @ of_days)
        means = np.bincount(self._months, each) / np.bincount(self._months)
        return np.asarray(np.log(means) - np.log(means.mean()))


def _names(clock: Clock) -> dict[str, Iterable[str]]:
    """What each part of the calendar has a factor for, in the order of the table."""
    return {
        "month": MONTHS if clock.harmonics else (),
        "weekday": WEEKDAYS if clock.weekday else (),
        "year end": YEAR_ENDS if clock.year_end else (),
        "holiday": clock.holiday_names,
        "tenure": _step_labels(clock),
        "cohort": ("a year later",) if clock.cohort else (),
    }


def _step_labels(clock: Clock) -> list[str]:
    if not clock.steps:
        return []
    begins = [0.0, *clock.steps]
    labels = [f"days {low + 1:.0f} to {high:.0f}" for low, high in pairwise(begins)]
    return [*labels, f"from day {begins[-1] + 1:.0f} on"]


def _first_year(clock: Clock, of_steps: Array) -> float:
    """Log of the mean of a over the first year of tenure, or as much of it as was seen."""
    return float(np.log(_mean_step(clock, np.exp(of_steps), 0, max(min(_YEAR, clock.end - clock.first), 1))))


def _mean_step(clock: Clock, values: Array, low: float, high: float) -> float:
    """The mean of a over the days of tenure from ``low`` to ``high``."""
    edges = np.clip(clock.edges, low, high)
    return float(values @ np.diff(edges) / (high - low))


def _of_tenure(clock: Clock, table: pd.DataFrame) -> str:
    values, seen = table[table["part"] == "tenure"]["factor"].to_numpy(), clock.end - clock.first
    if seen >= 1.5 * _YEAR:
        later = _mean_step(clock, values, _YEAR, min(2 * _YEAR, seen))
        return f"Customers who stay buy {_change(later / _mean_step(clock, values, 0, _YEAR))} in their second year."
    step = int(np.searchsorted(clock.edges, seen, side="left") - 1)
    begin, end = clock.edges[step] + 1, clock.edges[1]
    if step == 0:
        return "Tenure: all were seen in its first step alone."
    change = _change(values[step] / values[0])
    return f"Customers who stay buy {change} from day {begin:.0f} on than in their first {end:.0f} days."


def _effect(part: str, name: str, factor: float) -> str:
    words: dict[str, Callable[[], str]] = {
        "month": lambda: f"{name} {_times(factor)} an average month",
        "weekday": lambda: f"{name} {_times(factor)} an average day",
        "year end": lambda: f"{name} {_times(factor)} the same days without it",
        "holiday": lambda: f"{name} {_times(factor)} the same day without it",
        "tenure": lambda: f"{_change(factor)} than in the first year on average",
        "cohort": lambda: f"{_change(factor)} for each year that customers come later",
    }
    return words[part]()


def _times(factor: float) -> str:
    return f"{factor:.2g} times" if factor < 10 else f"{factor:.0f} times"


def _change(factor: float) -> str:
    """Such as "20 % less often", "half as often" or "2.3 times as often"."""
    if factor >= 1.95:
        return f"{_times(factor)} as often"
    if 0.475 <= factor <= 0.525:
        return "half as often"
    percent = round(100.0 * abs(factor - 1.0))
    return f"{percent} % {'more' if factor > 1.0 else 'less'} often" if percent else "as often"
