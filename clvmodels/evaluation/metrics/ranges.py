"""Ranges of totals beside what came: coverage, width and interval score."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.arrays import Array


def range_scores(estimate: Array, lower: Array, upper: Array, actual: Array, level: float) -> pd.DataFrame:
    """How each range did, relative to its estimate.

    The interval score of Gneiting and Raftery (2007), section 6.2, is the width plus 2 / (1 - level) for every unit
    that the outcome lies outside: lower is better, and stating the level honestly is best.

    Parameters
    ----------
    estimate, lower, upper, actual : ndarray of shape (n,)
        Totals, their ranges, and what came.
    level : float
        What the ranges are to hold.

    Returns
    -------
    pandas.DataFrame
        One row a total: ``log_error`` (log(actual / estimate)), ``covered``, ``width`` and ``interval_score`` (both
        relative to the estimate).

    Examples
    --------
    >>> from numpy import array
    >>> range_scores(array([100.0, 100.0]), array([80.0] * 2), array([120.0] * 2), array([110.0, 125.0]), 0.9).round(2)
       log_error  covered  width  interval_score
    0       0.10     True    0.4             0.4
    1       0.22    False    0.4             1.4
    """
    unit = np.maximum(estimate, 1e-12)
    outside = np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0)
    with np.errstate(divide="ignore"):
        log_error = np.log(np.maximum(actual, 0.0) / unit)
    return pd.DataFrame(
        {
            "log_error": log_error,
            "covered": (lower <= actual) & (actual <= upper),
            "width": (upper - lower) / unit,
            "interval_score": (upper - lower + 2.0 / (1.0 - level) * outside) / unit,
        }
    )
