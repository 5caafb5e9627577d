"""How often ranges held, with an interval that knows that holdouts overlap."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array


def coverage_interval(
    covered: Array, block: int, level: float = 0.9, draws: int = 2_000, seed: int = 0
) -> tuple[float, float]:
    """Interval of the coverage of ranges that follow each other in time, by a moving-block bootstrap.

    Holdouts of neighbouring origins overlap, so that they are covered or missed together: blocks of as many as overlap
    are drawn rather than single ones (Künsch 1989).

    Parameters
    ----------
    covered : ndarray of shape (n,)
        Whether each range held, in the order of time.
    block : int
        Length of a block.
    level : float
        Of the interval.
    draws, seed : int
        How many bootstrap samples, and their seed.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Examples
    --------
    >>> coverage_interval(np.array([1.0, 1.0, 1.0, 0.0] * 5), block=2)
    (0.65, 0.9)
    """
    n = len(covered)
    block = max(1, min(block, n))
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, n - block + 1, (draws, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :n]
    means = np.asarray(covered, dtype=np.float64)[rows].mean(axis=1)
    lower, upper = np.quantile(means, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(lower), float(upper)
