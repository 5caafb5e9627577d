"""Horizons that end on a day of the calendar."""

from __future__ import annotations

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.formats import span_parts
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units


def horizon_end(observation_end: pd.Timestamp, horizon: Span, unit: str = "day") -> pd.Timestamp:
    """The last day of a horizon that begins on the day after ``observation_end``.

    Whole months and years are those of the calendar, so that a year after the last day of a year ends on the last day
    of the next; everything else is rounded to whole days, at least one.

    Parameters
    ----------
    observation_end
        Last day of the data, inclusive.
    horizon
        A number of ``unit``, or a span such as "1Y", "6M", "39W" or "182D".
    unit
        Of a number.

    Examples
    --------
    >>> day = pd.Timestamp("2011-12-31")
    >>> [f"{horizon_end(day, span):%Y-%m-%d}" for span in ("1Y", "365D", "2M")]
    ['2012-12-31', '2012-12-30', '2012-02-29']
    """
    months = _whole_months(horizon)
    length = span_in_units(horizon, unit)  # an error for what is no span
    if length == 0:
        raise ArgumentError(f"horizon must be longer than {horizon!r}.")
    try:
        if months is None:
            return observation_end + pd.Timedelta(days=max(round(length * DAYS_PER_UNIT[unit]), 1))
        last_of_month = observation_end == observation_end + pd.offsets.MonthEnd(0)
        end = observation_end + pd.DateOffset(months=months)
        return end + pd.offsets.MonthEnd(0) if last_of_month else end
    except (OverflowError, ValueError):  # of pandas and of dateutil
        raise ArgumentError(f"horizon {horizon!r} ends after all the dates that can be written.") from None


def horizon_in_units(after: pd.Timestamp | None, horizon: Span, unit: str) -> float:
    """A horizon as a number of ``unit``: whole months and years to the day of the calendar, if that is known.

    Parameters
    ----------
    after
        The day before the first one of the horizon, which is the last day of the data; None if it is not known.
    horizon, unit
        As in `span_in_units`.

    Examples
    --------
    >>> horizon_in_units(pd.Timestamp("2011-12-31"), "1Y", "day"), horizon_in_units(None, "1Y", "day")
    (366.0, 365.25)
    """
    length = span_in_units(horizon, unit)
    if after is None or not _whole_months(horizon):
        return length
    return (horizon_end(after, horizon, unit) - after).days / DAYS_PER_UNIT[unit]


def _whole_months(horizon: Span) -> int | None:
    """A text of whole months or years, in months; None of anything else."""
    parts = span_parts(horizon) if isinstance(horizon, str) else None
    if parts is None or parts[1] not in ("month", "year") or parts[0] != int(parts[0]):
        return None
    return int(parts[0]) * (12 if parts[1] == "year" else 1)
