"""Outcomes and predictions as arrays of one length, and what several metrics share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError


def paired(y: ArrayLike, predicted: ArrayLike) -> tuple[Array, Array]:
    """Outcomes and predictions as arrays, or an `ArgumentError` if they do not go together or are not finite."""
    actual, expected = (np.asarray(values, dtype=np.float64) for values in (y, predicted))
    if actual.shape != expected.shape or actual.ndim != 1 or len(actual) == 0:
        raise ArgumentError(
            f"Outcomes and predictions must be as many, one a customer; their shapes are {actual.shape} and "
            f"{expected.shape}."
        )
    if not (np.isfinite(actual).all() and np.isfinite(expected).all()):
        raise ArgumentError("Outcomes and predictions must be finite; some are NaN or infinite.")
    return actual, expected
