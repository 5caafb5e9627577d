"""Predictions and outcomes of the same customers, checked and in one order."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import DataError


def matched(
    prediction: ArrayLike, actual: ArrayLike, names: tuple[str, str] = ("prediction", "actual")
) -> tuple[Array, Array]:
    """Two columns of numbers as arrays; two Series are matched by their index.

    Examples
    --------
    >>> left, right = matched(pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([9.0, 8.0], index=["b", "a"]))
    >>> right.tolist()
    [8.0, 9.0]
    """
    if isinstance(prediction, pd.Series) and isinstance(actual, pd.Series):
        missing = prediction.index.difference(actual.index)
        if len(missing) or len(prediction) != len(actual):
            raise DataError(
                f"{names[0]} has {len(prediction):,} customers, {names[1]} {len(actual):,}, and {len(missing):,} of "
                "the former are not among the latter. Pass both for the same customers."
            )
        actual = actual.reindex(prediction.index)
    left, right = numbers(prediction, names[0]), numbers(actual, names[1])
    if left.shape != right.shape or left.ndim != 1:
        raise DataError(
            f"{names[0]} has shape {left.shape}, {names[1]} {right.shape}. Pass one number a customer each."
        )
    if len(left) == 0:
        raise DataError("There are no customers.")
    for name, values in zip(names, (left, right), strict=True):
        bad = int((~np.isfinite(values)).sum())
        if bad:
            raise DataError(f"{name} is missing or not finite for {bad:,} of {len(values):,} customers.")
    return left, right


def numbers(values: ArrayLike, name: str) -> Array:
    """Values as an array.

    Examples
    --------
    >>> numbers(["much"], "actual")
    Traceback (most recent call last):
    clvmodels.errors.DataError: actual must be one number a customer, not ['much'].
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{name} must be one number a customer, not {shortly(values)}.") from None
