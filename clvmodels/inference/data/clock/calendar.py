"""`Calendar`: what a user says about the clock on which customers buy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.data.clock.holidays import Holidays
from clvmodels.signatures import check_fields, checked

HARMONICS = 8
_MOST_HARMONICS = 52
STEPS = (14.0, 35.0, 70.0, 140.0, 280.0, 560.0, 1120.0, 2240.0)  # days since the first purchase


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A clock that runs faster when customers buy more: by season, by tenure and by cohort.

    A customer i who is alive buys on day t at the rate λ_i · s(t) · a(t - f_i) · exp(κ z_i): λ_i is the customer's own,
    s the season, a the tenure (the time since the first purchase, on day f_i), and z_i the years between f_i and the
    mean first purchase. Where customers leave at purchases, as in BG/NBD, MBG/NBD, BG/CNBD-k and MBG/CNBD-k, or never
    (NBD), the model holds as it is on the clock that runs at this rate. All is estimated together with the model, under
    normal priors on the logs.

    Attributes
    ----------
    season : bool, int or None
        Yearly waves: True for 8 of them (down to 6 weeks), a number, or False for no season at all, without weekdays
        and the end of the year. Default: 8 where the customers were observed for a year or more, else none, because a
        season can't be known from less.
    weekday : bool
        Whether a season has days of the week.
    year_end : bool
        Whether a season has factors for 24 to 28 and for 29 to 31 December.
    tenure : bool or sequence of float
        Whether customers buy more or less often the longer they have been customers, in steps that end 14, 35, 70, 140,
        280, 560, 1120 and 2240 days after the first purchase; or other days.
    cohort : bool
        Whether those who come later buy more or less often from the beginning.
    holidays : str, sequence of dates, mapping or None
        Days with factors of their own: a country such as "GB" or "US-CA" (with the package ``holidays``), a list of
        dates, or a mapping of dates to names. Those of a list recur on the same day of the year after its last year.

    Examples
    --------
    >>> Calendar(season=4, cohort=False)
    Calendar(season=4, weekday=True, year_end=True, tenure=True, cohort=False, holidays=None)
    """

    season: bool | int | None = None
    weekday: bool = True
    year_end: bool = True
    tenure: bool | Sequence[float] = True
    cohort: bool = True
    holidays: Any = None

    def __post_init__(self) -> None:
        check_fields(self)
        season = self.season
        whole = type(season) in (bool, int)
        if season is not None and not (whole and 0 <= season <= _MOST_HARMONICS):
            raise ArgumentError(
                f"season must be True, False or a number of yearly waves up to {_MOST_HARMONICS}, not {season!r}."
            )
        self.steps()
        holidays_of(self.holidays)

    @checked
    def harmonics(self, days: float) -> int:
        """Yearly waves for customers who were observed for so many days.

        Parameters
        ----------
        days : float
            From the first purchase of all to the last day observed.

        Returns
        -------
        int
            0 for no season.

        Examples
        --------
        >>> Calendar().harmonics(400), Calendar().harmonics(300), Calendar(season=3).harmonics(300)
        (8, 0, 3)
        """
        season = days >= 365 if self.season is None else self.season
        return (HARMONICS if season else 0) if isinstance(season, bool | np.bool_) else int(season)

    def steps(self) -> tuple[float, ...]:
        """The days since the first purchase on which the steps of tenure end.

        Returns
        -------
        tuple of float
            None without tenure; the step after the last one goes on.

        Raises
        ------
        ArgumentError
            They don't rise, or are no whole days.

        Examples
        --------
        >>> Calendar(tenure=(30, 365)).steps()
        (30.0, 365.0)
        """
        if isinstance(self.tenure, bool):
            return STEPS if self.tenure else ()
        try:
            steps = tuple(float(day) for day in self.tenure)
        except (TypeError, ValueError):
            steps = (0.0,)
        if any(not low < high < np.inf or high != int(high) for low, high in zip((0.0, *steps), steps, strict=False)):
            raise ArgumentError(
                f"tenure must be True, False or rising whole days such as (30, 90, 365), not {self.tenure!r}."
            )
        return steps


def holidays_of(given: Any) -> Holidays | None:
    """The holidays that a user gave.

    Parameters
    ----------
    given : str, iterable of dates, mapping of dates to names, or None
        A country, or days.

    Raises
    ------
    ArgumentError
        They are none of these.

    Examples
    --------
    >>> holidays_of(["2024-02-14"]).listed
    (('2024-02-14', 'holiday'),)
    """
    if given is None:
        return None
    if not isinstance(given, Iterable):
        raise ArgumentError(f"holidays= must be a country such as 'GB', or dates, not {shortly(given)}.")
    if isinstance(given, str):
        found = Holidays(country=given.strip().upper())
        found.named(2024, 2024)
        return found
    pairs = given.items() if isinstance(given, Mapping) else ((date, "holiday") for date in given)
    try:
        listed = tuple(sorted((str(pd.Timestamp(date).date()), str(name)) for date, name in pairs))
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"holidays= has an entry that is no date: {error}.") from None
    if not listed or any(date == "NaT" for date, _ in listed):
        raise ArgumentError("holidays= must be a country such as 'GB', or dates; it has none, or an empty one.")
    return Holidays(listed=listed)


def clock_of(calendar: Calendar, first_days: Array, end: float) -> Clock:
    """The clock of customers with these days of the first purchase, who were observed until ``end``.

    Parameters
    ----------
    calendar : Calendar
        What the user said.
    first_days : ndarray of shape (n,)
        In days since 1970-01-01.
    end : float
        Last day observed, likewise.
    """
    first = int(first_days.min())
    harmonics = calendar.harmonics(end - first)
    holidays = holidays_of(calendar.holidays)
    seen: dict[str, None] = {}
    if holidays is not None:
        low, high = ((pd.Timestamp(0) + pd.Timedelta(days=day)).date() for day in (first, end))
        named = holidays.named(low.year, high.year)
        seen = dict.fromkeys(name for day, name in sorted(named.items()) if low < day <= high)
    return Clock(
        harmonics=harmonics,
        weekday=bool(harmonics) and calendar.weekday,
        year_end=bool(harmonics) and calendar.year_end,
        cohort=calendar.cohort and bool(np.ptp(first_days) > 0),
        steps=calendar.steps(),
        holidays=holidays,
        holiday_names=tuple(seen),
        first=first,
        end=int(end),
        centre=float(first_days.mean()),
    )
