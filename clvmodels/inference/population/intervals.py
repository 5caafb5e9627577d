"""Intervals of predictions: over parameter draws, reduced where they are made.

Rows are taken in blocks, so that no more than a few million numbers (draws × rows of a block) are held at once, however
many customers there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arguments import level
from clvmodels.arrays import Array, Places
from clvmodels.inference.population.population import Chance, Parameters, Population, Quantity, block_size
from clvmodels.inference.population.surrogate import fit_surrogate
from clvmodels.models.numerics.quadrature import coarse

COMPUTED = 256  # draws, about, at which quantities are computed; at the others they follow
Block = tuple[Places, Array, Array]  # places, weights, and values of shape (places, draws)


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bounds per distinct row, and of the sum over customers.

    Attributes
    ----------
    lower, upper : ndarray of shape (rows,)
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
    return level("interval", interval)


def quantiles(values: Array, interval: float) -> tuple[Array, Array]:
    """Lower and upper quantile along the last axis."""
    tail = (1.0 - interval) / 2.0
    lower, upper = np.quantile(values, [tail, 1.0 - tail], axis=-1)
    return lower, upper


def bounds(quantity: Quantity, draws: Sequence[Parameters], population: Population, interval: float) -> Bounds:
    """Bounds of a quantity over draws of the parameters, for each distinct row.

    Parameters
    ----------
    quantity
        What is asked.
    draws
        Sets of parameters.
    population
        Of whom.
    interval
        Level, such as 0.90.
    """
    return reduced(_blocks(quantity, draws, population), len(population), len(draws), interval)


def _blocks(quantity: Quantity, draws: Sequence[Parameters], population: Population) -> Iterator[Block]:
    for rows, part in population.blocks(COMPUTED):
        values = at_draws(quantity, draws, part)
        for some in parts(len(rows), len(draws)):
            yield rows[some], part.weight[some], values(some)


def parts(rows: int, draws: int) -> Iterator[Places]:
    """Places of rows in parts whose values over the draws are held at once."""
    size = block_size(draws)
    for begin in range(0, rows, size):
        yield np.arange(begin, min(begin + size, rows))


def simulated_bounds(
    chance: Chance,
    draws: Sequence[Parameters],
    population: Population,
    interval: float,
    given: Quantity | None = None,
    *,
    seed: int = 0,
) -> Bounds:
    """Bounds of random numbers, one for each draw of the parameters and distinct row.

    Parameters
    ----------
    chance, draws, population, interval
        As in `bounds`, of random numbers.
    given
        What ``chance`` is told of each row, such as P(alive): computed for all draws together.
    seed
        Of the randomness.
    """
    blocks = (
        (rows, part.weight, _simulated(chance, draws, part, given, (seed, number)))
        for number, (rows, part) in enumerate(population.blocks(len(draws)))
    )
    return reduced(blocks, len(population), len(draws), interval)


def reduced(blocks: Iterable[Block], rows: int, draws: int, interval: float) -> Bounds:
    """Quantiles of the values in blocks of rows, and of their weighted sum over all rows."""
    lower, upper, totals = np.empty(rows), np.empty(rows), np.zeros(draws)
    for place, weight, values in blocks:
        lower[place], upper[place] = quantiles(values, interval)
        totals += weight @ values
    low, high = quantiles(totals, interval)
    return Bounds(lower, upper, (float(low), float(high)))


def over_draws(quantity: Quantity | Sequence[Quantity], draws: Sequence[Parameters], population: Population) -> Array:
    """A quantity, or one quantity a draw, at every draw; shape (rows, draws)."""
    return at_draws(quantity, draws, population)(np.arange(len(population)))


def at_draws(
    quantity: Quantity | Sequence[Quantity], draws: Sequence[Parameters], population: Population
) -> Callable[[Places], Array]:
    """The same of some rows, by a surrogate where that is exact enough and the quantity is one for all draws."""
    each = list(quantity) if isinstance(quantity, Sequence) else [quantity] * len(draws)

    def exact(places: Places, rows: Places | None) -> Array:
        some = population if rows is None else population.take(rows)
        return _columns(lambda d: some.evaluate(each[d], draws[d]), places, len(some))

    surrogate = fit_surrogate(exact, draws) if all(one is each[0] for one in each) else None
    return (lambda rows: exact(np.arange(len(draws)), rows)) if surrogate is None else surrogate.values


def _simulated(
    chance: Chance, draws: Sequence[Parameters], population: Population, given: Quantity | None, seed: Sequence[int]
) -> Array:
    """Random numbers of one block at every draw, shape (rows, draws)."""
    known = None if given is None else over_draws(given, draws, population)

    def of_draw(d: int, rng: np.random.Generator) -> Array:
        return population.simulate(chance, draws[d], rng, *([] if known is None else [known[:, d]]))

    return random_columns(of_draw, (len(population), len(draws)), seed)


def random_columns(
    function: Callable[[int, np.random.Generator], Array], shape: tuple[int, int], seed: Sequence[int]
) -> Array:
    """Random numbers of so many rows at so many draws, on all cores: each draw has a generator of its own.

    Parameters
    ----------
    function
        The numbers of one draw, shape (rows,), by its generator.
    shape : tuple of int
        Rows and draws.
    seed : sequence of int
        Of this block.
    """
    rows, draws = shape
    by_draw = np.empty((draws, rows))

    def fill(some: Places) -> None:
        for d in some.tolist():
            by_draw[d] = function(d, np.random.default_rng([*seed, d]))

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(fill, np.array_split(np.arange(draws), cores)))
    return by_draw.T


def _columns(function: Callable[[int], Array], draws: Places, rows: int) -> Array:
    result = np.empty((rows, len(draws)))
    with coarse():  # quantiles of draws don't need the last digits
        for column, d in enumerate(draws):
            result[:, column] = function(d)
    return result
