"""What new customers are expected to do: a function of their age, or of their dates under calendar covariates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.fits.predictions import Predictions
from clvmodels.inference.population.calendar import VaryingRows
from clvmodels.inference.population.selection import base_for
from clvmodels.transactions.customers import Customers

Array = NDArray[np.float64]

_NODES = 400


def at_each_age(function: Callable[[float], float], ages: Array, nodes: int = _NODES) -> Array:
    """``function`` at each age, one call for each distinct one.

    Beyond ``nodes`` distinct ages it is called at as many and interpolated by a cubic spline: for expectations of the
    models 400 are accurate to about 1e-6 of the largest value, far below the width of a line.

    Examples
    --------
    >>> at_each_age(lambda t: t**2, np.array([3.0, 0.0, 3.0])).tolist()
    [9.0, 0.0, 9.0]
    """
    distinct, place = np.unique(ages, return_inverse=True)
    if len(distinct) <= nodes:
        return np.array([function(float(age)) for age in distinct])[place]
    from scipy.interpolate import CubicSpline

    # More of them at small ages, where curves bend.
    at = distinct[0] + (distinct[-1] - distinct[0]) * np.linspace(0.0, 1.0, nodes) ** 2
    return np.asarray(CubicSpline(at, [function(float(age)) for age in at])(distinct))[place]


def first_purchases(fit: Predictions, customers: Customers | None = None) -> VaryingRows | None:
    """Customers as they were at their first purchase, under calendar covariates; None for a fit without them."""
    if fit.covariates is None or not fit.covariates.varying:
        return None
    rows = base_for(fit, customers, fit.customers).varying
    return None if rows is None else rows.starters()
