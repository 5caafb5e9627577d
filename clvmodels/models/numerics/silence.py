"""P(a gap longer than that since the last purchase | alive), where the purchase rate is gamma distributed."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array


def gamma_silence(k: int, x: Array, t_x: Array, T: Array, *, r: Any, alpha: Any, **others: Any) -> Array:
    """((α + t_x) / (α + T))^(r + x) where purchases are a Poisson process (k = 1); the Erlang-k tail else.

    Given x purchases until t_x the rate is Gamma(r + k x, α + t_x), whatever the dropout that doesn't depend on it; a
    gap is k steps of the process, so that it is longer than g if fewer than k steps happen in g: a negative binomial
    probability.

    Examples
    --------
    >>> history = np.array([2.0]), np.array([30.43]), np.array([38.86])
    >>> gamma_silence(1, *history, r=0.243, alpha=4.414).round(4)
    array([0.6151])
    """
    shape = r + k * x
    stay = (alpha + t_x) / (alpha + T)
    return np.asarray(sc.betainc(shape, float(k), stay))
