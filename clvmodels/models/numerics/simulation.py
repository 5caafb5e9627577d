"""Random histories and lifetimes that several models share."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array


def simulate_poisson(rng: np.random.Generator, rate: Array, until: Array) -> tuple[Array, Array]:
    """Counts of purchases at constant rates, and the time of the last, 0 where there is none.

    Given their number the times are uniform, so the last is the largest of as many.
    """
    x = rng.poisson(rate * until).astype(np.float64)
    last = until * rng.random(len(x)) ** (1.0 / np.maximum(x, 1.0))
    return x, np.where(x > 0, last, 0.0)


def simulate_geometric(rng: np.random.Generator, p: Array) -> Array:
    """The number of the purchase (or renewal) after which customers leave, who leave after each with probability p.

    Infinite, or all but infinite, where p is 0.
    """
    with np.errstate(divide="ignore", over="ignore"):
        number = np.where(p > 0, np.ceil(np.log1p(-rng.random(len(p))) / np.log1p(-p)), np.inf)
    return np.maximum(number, 1.0)
