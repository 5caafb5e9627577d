"""Is one order of customers better than another, or was it chance? The paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from clvmodels.arrays import Array

_DRAWS = 100  # enough for a standard deviation
_LARGE = 20_000  # customers of which no more are drawn


class Difference(NamedTuple):
    """By how much one prediction is ahead of another, with a range."""

    estimate: float
    lower: float
    upper: float


def paired_difference(
    y: Array, one: Array, other: Array, metric: Callable[[Array, Array], float], *, level: float = 0.95, seed: int = 0
) -> Difference:
    """Difference of a metric of two predictions of the same customers, who are drawn again together.

    Normal range with the standard deviation of 100 bootstrap samples (Efron and Tibshirani 1993, chapter 13). Of more
    than 20,000 customers so many are drawn, and the deviation is scaled to all (m out of n).

    Parameters
    ----------
    y, one, other : ndarray of shape (n,)
        Outcomes and the two predictions.
    metric : callable
        Of outcomes and a prediction; the higher the better.
    level
        Of the range.
    seed
        Of the samples.

    Examples
    --------
    >>> y = np.arange(200.0)
    >>> difference = paired_difference(y, y, np.roll(y, 5), lambda a, b: float(np.corrcoef(a, b)[0, 1]))
    >>> bool(difference.lower > 0)
    True
    """
    rng, n = np.random.default_rng(seed), len(y)
    size = min(n, _LARGE)
    found = []
    for _ in range(_DRAWS):
        rows = rng.integers(0, n, size)
        found.append(metric(y[rows], one[rows]) - metric(y[rows], other[rows]))
    known = np.array(found)[np.isfinite(found)]  # in a sample without a buyer nothing is told
    spread = float(known.std(ddof=1)) * np.sqrt(size / n) if len(known) > 1 else np.inf
    estimate, z = metric(y, one) - metric(y, other), float(stats.norm.isf((1.0 - level) / 2.0))
    return Difference(estimate, estimate - z * spread, estimate + z * spread)
