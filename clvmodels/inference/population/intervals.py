"""Intervals of predictions: over parameter draws, reduced where they are made.

Histories are taken in blocks, so that no more than a few million numbers (draws × histories of a block) are held at
once, however many customers there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError
from clvmodels.inference.population.base import Base, Parameters
from clvmodels.inference.population.quantities import Compute
from clvmodels.models.numerics.quadrature import coarse

Array = NDArray[np.float64]

HELD = 4_000_000  # numbers at once: 32 MB


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bounds per distinct history, and of the sum over customers.

    Attributes
    ----------
    lower, upper : ndarray of shape (m,)
        Quantiles over the draws.
    total : tuple of float
        Lower and upper bound of the sum over customers, summed draw by draw.
    """

    lower: Array
    upper: Array
    total: tuple[float, float]


def records(draws: pd.DataFrame) -> list[Parameters]:
    """Draws as sets of parameters."""
    return [dict(zip(draws.columns, row, strict=True)) for row in draws.to_numpy().tolist()]


def check_level(interval: float) -> float:
    """The level of an interval, or an error that says how to write it."""
    if not isinstance(interval, int | float) or not 0.0 < interval < 1.0:
        raise ArgumentError(f"interval must lie between 0 and 1, such as 0.90, not {interval!r}.")
    return float(interval)


def quantiles(values: Array, interval: float) -> tuple[Array, Array]:
    """Lower and upper quantile along the last axis."""
    tail = (1.0 - interval) / 2.0
    lower, upper = np.quantile(values, [tail, 1.0 - tail], axis=-1)
    return lower, upper


def bounds(compute: Compute, draws: Sequence[Parameters], base: Base, interval: float) -> Bounds:
    """Bounds of what ``compute`` returns for a set of parameters and a base.

    Parameters
    ----------
    compute
        Values per distinct history, shape (m,), for one set of parameters.
    draws
        Sets of parameters.
    base
        Customers.
    interval
        Level, such as 0.90.
    """
    lower, upper = np.empty(len(base)), np.empty(len(base))
    totals = np.zeros(len(draws))
    for rows, part in blocks(base, len(draws)):
        values = over_draws(compute, draws, part)
        lower[rows], upper[rows] = quantiles(values, interval)
        totals += part.histories.weight @ values
    low, high = quantiles(totals, interval)
    return Bounds(lower, upper, (float(low), float(high)))


def over_draws(compute: Compute, draws: Sequence[Parameters], base: Base) -> Array:
    """Values of every draw, shape (m, n)."""
    result = np.empty((len(base), len(draws)))
    with coarse():  # quantiles of draws don't need the last digits
        for d, parameters in enumerate(draws):
            result[:, d] = compute(parameters, base)
    return result


def blocks(base: Base, n_draws: int) -> Iterator[tuple[NDArray[np.intp], Base]]:
    """The distinct rows in blocks, those of one count together: places, and a base of just these."""
    order = np.argsort(base.histories.columns[0], kind="stable")
    size = max(1, HELD // max(n_draws, 1))
    for i in range(0, len(order), size):
        yield order[i : i + size], base.rows(order[i : i + size])
