"""Pieces of the time ahead in which discounted quantities on a clock are summed."""

from __future__ import annotations

from functools import cache

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.numerics.quadrature import is_coarse

# Length of a piece as a share of how far ahead it is: discounted purchases are then good to about 6e-5, and for
# quantiles over draws to 1.5e-4 (measured against pieces of a day).
_GROWTH, _COARSE_GROWTH = 0.06, 0.12
_WEEK = 7.0
_YEAR = 365.25
_WHOLE_YEARS = 30  # whose ends are ends of pieces
_LAST = 1e-8  # discount beyond which nothing is left


def pieces_of(start: float, t: float, delta: float, days_per_unit: float) -> Array:
    """Ends of the pieces of (start, start + t], in units after the end of the observation.

    Pieces are of a week at first and longer the farther ahead they are; none goes over the end of a year, so that the
    years of a horizon add up.

    Parameters
    ----------
    start, t
        The window, in units; t may be infinite where ``delta`` is above 0.
    delta
        Continuous discount rate a unit.
    days_per_unit
        Days of a unit.

    Examples
    --------
    >>> pieces_of(0.5, 3.0, 0.1, 7.0).tolist()
    [0.5, 1.0, 2.0, 3.0, 3.5]
    """
    until = start + (-np.log(_LAST) / delta if np.isinf(t) else t)
    years = int(np.ceil(until * days_per_unit / _YEAR))
    grid = _grid(1 << max(years, 1).bit_length(), _COARSE_GROWTH if is_coarse() else _GROWTH) / days_per_unit
    near = 1e-6 / days_per_unit
    return np.concatenate(([start], grid[(grid > start + near) & (grid < until - near)], [until]))


@cache
def _grid(years: int, growth: float) -> Array:
    """Ends of all pieces of so many years, in days."""
    ends = [0.0]
    while ends[-1] < years * _YEAR:
        ends.append(ends[-1] + max(_WEEK, growth * ends[-1]))
    grown, whole = np.array(ends), _YEAR * np.arange(1, min(years, _WHOLE_YEARS) + 1)
    near = np.abs(grown[:, None] - whole).min(axis=1) < _WEEK / 2.0
    return np.sort(np.concatenate((grown[~near], whole)))
