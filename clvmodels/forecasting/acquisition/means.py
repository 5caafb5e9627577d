"""Simple models of the number of new customers a period: the recent mean, last year again, a trend with a season.

A growth or trend is carried on for one year and held from then on: a business does not grow at one rate for ever.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clvmodels.arrays import Array

_HARMONICS = 2  # of the season of a trend


def quarter_of(season: int) -> int:
    """Periods in a quarter of a year, at least one.

    Examples
    --------
    >>> [quarter_of(season) for season in (52, 12, 4, 1)]
    [13, 3, 1, 1]
    """
    return max(1, round(season / 4))


def last_year(counts: Array, periods: int, season: int) -> Array | None:
    """The same periods of last year, times growth; None with less than a year.

    Growth is that of the periods that have one a year before them, at most the last year; none is taken from less than
    a quarter of a year.

    Examples
    --------
    >>> last_year(np.array([10.0, 20.0, 30.0, 40.0, 11.0, 22.0]), 5, 4)
    array([33. , 44. , 12.1, 24.2, 33. ])
    """
    n = len(counts)
    if n < season:
        return None
    overlap, growth = min(n - season, season), 1.0
    if overlap >= quarter_of(season):
        now, before = counts[n - overlap :].sum(), counts[n - season - overlap : n - season].sum()
        growth = float(now / before) if before > 0 else 1.0
    return np.asarray(growth * counts[n - season :][np.arange(periods) % season])


def recent_mean(counts: Array, periods: int, season: int) -> Array | None:
    """The mean of the last quarter of a year.

    Examples
    --------
    >>> recent_mean(np.array([10.0, 20.0, 30.0, 40.0]), 2, 12)
    array([30., 30.])
    """
    return np.full(periods, float(counts[-quarter_of(season) :].mean()))


def trend(counts: Array, periods: int, season: int) -> Array | None:
    """A line through the logarithms of the last two years, with a season of two harmonics where there are two years.

    None with less than a year, in which a season looks like a trend, or less than four periods. Logarithms are of half
    a customer more; the level is that which gives the sum of the years it was fitted to.

    Examples
    --------
    >>> trend(1000.0 * 1.1 ** np.arange(12), 2, 12).round()
    array([3138., 3452.])
    """
    used = counts[-2 * season :]
    n = len(used)
    if n < max(season, 4) or used.sum() == 0:
        return None
    harmonics = min(_HARMONICS, (season - 1) // 2) if n == 2 * season else 0
    at = np.arange(n + periods, dtype=np.float64)
    waves = [wave(2 * np.pi * (k + 1) * at / season) for k in range(harmonics) for wave in (np.sin, np.cos)]
    design = np.column_stack([np.ones_like(at), np.minimum(at, n - 1 + season), *waves])
    coefficients, *_ = np.linalg.lstsq(design[:n], np.log(used + 0.5), rcond=None)
    fitted = np.exp(design @ coefficients)
    return np.asarray(fitted[n:] * used.sum() / fitted[:n].sum())


# In the order in which they are preferred where none is known to be better.
METHODS: dict[str, Callable[[Array, int, int], Array | None]] = {
    "last_year": last_year,
    "recent_mean": recent_mean,
    "trend": trend,
}
