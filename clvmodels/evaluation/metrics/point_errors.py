"""How far predictions are from outcomes: totals, single customers, probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clvmodels.errors import ArgumentError
from clvmodels.evaluation.metrics.arrays import paired


def bias(y: ArrayLike, predicted: ArrayLike) -> float:
    """ΣE / ΣY - 1; NaN if nothing was bought.

    Examples
    --------
    >>> bias([1, 3], [1, 2])
    -0.25
    """
    actual, expected = paired(y, predicted)
    return float(expected.sum() / actual.sum() - 1.0) if actual.sum() > 0 else np.nan


def mae(y: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error.

    Examples
    --------
    >>> mae([1, 3], [1, 2])
    0.5
    """
    actual, expected = paired(y, predicted)
    return float(np.abs(expected - actual).mean())


def rmse(y: ArrayLike, predicted: ArrayLike) -> float:
    """Root of the mean squared error.

    Examples
    --------
    >>> rmse([0, 0, 0, 0], [0, 0, 0, 2])
    1.0
    """
    actual, expected = paired(y, predicted)
    return float(np.sqrt(np.square(expected - actual).mean()))


POINT_ERRORS = {"bias": bias, "mae": mae, "rmse": rmse}


def brier(bought: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared error of probabilities: 0 is perfect.

    Examples
    --------
    >>> brier([0, 1], [0.0, 0.5])
    0.125
    """
    outcome, p = paired(bought, probability)
    if p.min() < 0 or p.max() > 1:
        raise ArgumentError(f"Probabilities must lie between 0 and 1; these run from {p.min():g} to {p.max():g}.")
    return float(np.square(p - (outcome > 0)).mean())
