"""When inner holdouts begin: the days from which earlier forecasts can be compared with what came."""

from __future__ import annotations

from dataclasses import dataclass

_LATEST_START = 0.75  # largest share of the time observed that may lie after the start
MINIMUM_CUSTOMERS = 50


@dataclass(frozen=True)
class InnerSchedule:
    """Length of the inner holdouts, and how many days before the end each of them begins, the latest first."""

    days: int
    back: tuple[int, ...]


def inner_schedule(observed_days: int, horizon_days: int, most: int) -> InnerSchedule:
    """Inner holdouts as long as the horizon, at most half of the time observed, each half its length before the next.

    Parameters
    ----------
    observed_days
        Days from the first purchase of all to the end.
    horizon_days
        Days of the horizon.
    most
        How many, if the log is long enough: the first quarter of it always lies before them.

    Examples
    --------
    >>> inner_schedule(730, 182, 6)
    InnerSchedule(days=182, back=(182, 273, 364, 455, 546))
    >>> inner_schedule(545, 365, 6)
    InnerSchedule(days=272, back=(272, 408))
    """
    length = min(horizon_days, observed_days // 2)
    back = (round(length * (1.0 + number / 2.0)) for number in range(most))
    return InnerSchedule(length, tuple(days for days in back if 0 < days <= _LATEST_START * observed_days))
