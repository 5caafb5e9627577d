"""How acquisition or retention answers spending: a rate that rises to a ceiling, rate = ceiling (1 - exp(-k spend))."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from scipy.optimize import brentq

from clvmodels.arguments import finite, shortly
from clvmodels.errors import ArgumentError

_STEEPEST = 600.0  # of k × spend: beyond it exp(-k spend) is 0


@dataclass(frozen=True, kw_only=True)
class ResponseCurve:
    """A rate that answers spending, rate(s) = ceiling (1 - exp(-k s)), Blattberg and Deighton (1996).

    Attributes
    ----------
    ceiling : float
        The rate that no spending exceeds, between 0 and 1.
    k : float
        How fast it is approached, by unit of spending.
    today : float
        What is spent today, on a prospect or on a customer and period.
    """

    ceiling: float
    k: float
    today: float

    @classmethod
    def from_point(cls, spend: float, rate: float, ceiling: float) -> Self:
        """Through today's point, with a ceiling that managers judge.

        Parameters
        ----------
        spend : float
            What is spent today, above 0.
        rate : float
            The rate today, between 0 and the ceiling.
        ceiling : float
            The rate that no spending would exceed, at most 1.

        Returns
        -------
        ResponseCurve
            k = -ln(1 - rate / ceiling) / spend.

        Raises
        ------
        ArgumentError
            There is no such curve.

        Examples
        --------
        >>> import clvmodels as clv
        >>> round(clv.ResponseCurve.from_point(1.0, 0.04, ceiling=0.10).k, 5)
        0.51083
        """
        spent, reached = _point(spend, rate)
        most = finite("ceiling", ceiling, "a rate above the rate today, at most 1", 0.0, 1.0)
        if not most > reached:
            raise ArgumentError(f"ceiling must be above the rate today, {reached:g}, not {most:g}.")
        return cls(ceiling=most, k=-math.log1p(-reached / most) / spent, today=spent)

    @classmethod
    def from_points(cls, today: tuple[float, float], other: tuple[float, float]) -> Self:
        """Through two points, each spending and rate.

        Parameters
        ----------
        today : tuple of float, float
            What is spent today, and the rate.
        other : tuple of float, float
            Another level of spending, tried or judged, and its rate.

        Returns
        -------
        ResponseCurve
            With the ceiling that follows.

        Raises
        ------
        ArgumentError
            No such curve goes through both: the rate must rise by less than spending does, and its ceiling stay at or
            below 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> curve = clv.ResponseCurve.from_points((1.0, 0.04), (2.0, 0.064))
        >>> round(curve.k, 5), round(curve.ceiling, 5)
        (0.51083, 0.1)
        """
        first, second = (_point(*_pair(point)) for point in (today, other))
        (low, low_rate), (high, high_rate) = sorted((first, second))
        ratio = low_rate / high_rate
        if not low / high < ratio < 1.0:
            raise ArgumentError(
                f"No curve goes through {first} and {second}: of two points the one with more spending must have the "
                "higher rate, but a lower rate per unit of spending."
            )
        k = _steepness(low, high, ratio)
        ceiling = -low_rate / math.expm1(-k * low)
        if ceiling > 1.0:
            raise ArgumentError(
                f"The curve through {first} and {second} rises to a rate of {ceiling:.3g}, above 1. Use points further "
                "apart, or one point and a ceiling."
            )
        return cls(ceiling=ceiling, k=k, today=first[0])

    def rate(self, spend: float) -> float:
        """The rate at a level of spending.

        Parameters
        ----------
        spend : float
            0 or more.

        Returns
        -------
        float
            From 0 to the ceiling.

        Examples
        --------
        >>> import clvmodels as clv
        >>> round(clv.ResponseCurve.from_point(1.0, 0.04, ceiling=0.10).rate(2.0), 3)
        0.064
        """
        return -self.ceiling * math.expm1(-self.k * finite("spend", spend, "0 or more", 0.0))

    def slope(self, spend: float) -> float:
        """By how much the rate rises with the next unit of spending, k (ceiling - rate).

        Parameters
        ----------
        spend : float
            0 or more.

        Returns
        -------
        float
            By unit of spending.

        Examples
        --------
        >>> import clvmodels as clv
        >>> round(clv.ResponseCurve.from_point(1.0, 0.04, ceiling=0.10).slope(0.0), 5)
        0.05108
        """
        return self.k * self.ceiling * math.exp(-self.k * finite("spend", spend, "0 or more", 0.0))


def curve_of(given: Any, name: str) -> ResponseCurve:
    """A curve as it is; from (spend, rate, ceiling); or from two points (spend, rate)."""
    if isinstance(given, ResponseCurve):
        return given
    parts = tuple(given) if isinstance(given, tuple | list) else ()
    if len(parts) == 3:
        return ResponseCurve.from_point(*parts)
    if len(parts) == 2:
        return ResponseCurve.from_points(*parts)
    raise ArgumentError(
        f"{name} must be a ResponseCurve, (spend, rate, ceiling), or two points (spend, rate), not {shortly(given)}."
    )


def _pair(point: Any) -> tuple[Any, Any]:
    if not isinstance(point, tuple | list) or len(point) != 2:
        raise ArgumentError(f"A point must be two numbers, spending and rate, not {shortly(point)}.")
    return point[0], point[1]


def _point(spend: Any, rate: Any) -> tuple[float, float]:
    spent = finite("spend", spend, "above 0", 0.0)
    reached = finite("rate", rate, "a rate between 0 and 1", 0.0, 1.0)
    if spent == 0.0 or reached in (0.0, 1.0):
        raise ArgumentError(f"A point needs spending above 0 and a rate between 0 and 1, not {(spent, reached)}.")
    return spent, reached


def _steepness(low: float, high: float, ratio: float) -> float:
    """k, between a curve that is almost straight and one that is flat: the ratio rises with it."""
    least = 1e-9 / high
    if math.expm1(-least * low) / math.expm1(-least * high) >= ratio:
        raise ArgumentError("The two points are too close to a straight line to tell a ceiling. Give the ceiling.")
    return float(
        brentq(lambda k: math.expm1(-k * low) / math.expm1(-k * high) - ratio, least, _STEEPEST / low, xtol=1e-15)
    )
