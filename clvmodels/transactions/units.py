"""Units of time: days a unit, spans such as "90D" or "1Y", discount rates a unit."""

from __future__ import annotations

import math

from clvmodels.arguments import finite, shortly
from clvmodels.errors import ArgumentError
from clvmodels.formats import span_parts

_LARGEST_RATE = 1e100  # far beyond any at which something is left of the purchases to come

DAYS_PER_UNIT: dict[str, float] = {
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 365.25 / 12,
    "year": 365.25,
}

type Span = float | int | str

_LONGEST_DAYS = 1e6 * 365.25


def check_unit(unit: str) -> str:
    """Return ``unit`` if it is a unit of time, else raise.

    Examples
    --------
    >>> check_unit("week")
    'week'
    """
    if not isinstance(unit, str) or unit not in DAYS_PER_UNIT:
        raise ArgumentError(f"Unknown unit {shortly(unit)}. Use one of {', '.join(DAYS_PER_UNIT)}.")
    return unit


def span_in_units(span: Span, unit: str, *, name: str = "horizon") -> float:
    """A span of time as a number of ``unit``.

    Parameters
    ----------
    span
        A number of units, or a text: ``"90D"``, ``"39W"``, ``"12M"``, ``"1Y"``, ``"6 months"`` (a day is 1 day, a week
        7, a year 365.25, a month a twelfth of a year, whatever the date).
    unit
        The unit of the answer.
    name
        What the span is called in an error.

    Examples
    --------
    >>> span_in_units("1Y", "week")
    52.17857142857143
    >>> span_in_units(39, "week")
    39.0
    """
    check_unit(unit)
    if isinstance(span, str):
        parts = span_parts(span)
        if parts is None:
            raise ArgumentError(
                f'{name} {span!r} is not a span. Write a number and D, W, M or Y, such as "90D", "1Y" or "6 months", '
                f"or a number of {unit}s."
            )
        value = parts[0] * DAYS_PER_UNIT[parts[1]] / DAYS_PER_UNIT[unit]
    else:
        try:
            value = float(span)
        except (TypeError, ValueError, OverflowError):
            raise ArgumentError(
                f'{name} must be a number of {unit}s or a span such as "1Y", not {shortly(span)}.'
            ) from None
    if not math.isfinite(value) or value < 0:
        raise ArgumentError(f"{name} must be finite and not negative, not {shortly(span)}.")
    if value * DAYS_PER_UNIT[unit] > _LONGEST_DAYS:
        raise ArgumentError(f"{name} {shortly(span)} is longer than a million years.")
    return value


def units_per_year(unit: str) -> float:
    """How many ``unit`` a year of 365.25 days has.

    Examples
    --------
    >>> units_per_year("month")
    12.0
    """
    return 365.25 / DAYS_PER_UNIT[check_unit(unit)]


def discount_rate_per_unit(annual_discount_rate: float, unit: str) -> float:
    """Continuous discount rate per unit, ln(1 + annual rate) / (units per year).

    Examples
    --------
    >>> round(discount_rate_per_unit(0.10, "week"), 6)
    0.001827
    """
    rate = finite("annual_discount_rate", annual_discount_rate, "0 or more (0.10 is 10 % a year)", 0.0, _LARGEST_RATE)
    return math.log1p(rate) / units_per_year(unit)
