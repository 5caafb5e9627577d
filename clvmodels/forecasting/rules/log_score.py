"""Log score: how far probabilities of a purchase are from what customers did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array

_SMALLEST = 1e-12  # of a probability whose logarithm is taken


def log_score(bought: NDArray[np.bool_], probability: Array) -> float:
    """Mean of -log(probability of what came), the smaller the better (Good 1952); of at least one customer.

    Parameters
    ----------
    bought : ndarray of bool of shape (n,)
        Who bought.
    probability : ndarray of shape (n,)
        P(at least one purchase).

    Returns
    -------
    float
        In nats a customer.

    Examples
    --------
    >>> round(log_score(np.array([True, False]), np.array([0.8, 0.1])), 4)  # (-log .8 - log .9) / 2
    0.1643
    """
    chance = np.clip(probability, _SMALLEST, 1.0 - _SMALLEST)
    return float(-np.where(bought, np.log(chance), np.log1p(-chance)).mean())
