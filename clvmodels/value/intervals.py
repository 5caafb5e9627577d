"""Intervals of value: draws of the purchase and of the spend model in pairs, reduced in blocks of customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.population.intervals import COMPUTED, Block, Bounds, at_draws, parts, random_columns, reduced
from clvmodels.inference.population.population import Parameters, Population, block_size
from clvmodels.value.terms import Draw, Terms

# Random discounted purchases and mean spend of some customers at a draw; and that for their purchases, spend and draws.
Simulate = Callable[[int, np.random.Generator], tuple[Array, Array]]
SimulationOf = Callable[[Population, Population, Sequence[Draw]], Simulate]


def value_bounds(terms: Terms, population: Population, draws: Sequence[Draw], interval: float) -> Bounds:
    """Bounds of the value of each customer and of their sum.

    Parameters
    ----------
    terms : Terms
        What value is made of.
    population : Population
        The customers, as the purchase model or the model of renewals sees them.
    draws
        Of the parameters of that model, of the spend model and of payments.
    interval
        Level, such as 0.90.
    """
    blocks = values_over_draws([terms] * len(draws), population, draws)
    return reduced(blocks, len(population.ids), len(draws), interval)


def values_over_draws(terms: Sequence[Terms], population: Population, draws: Sequence[Draw]) -> Iterator[Block]:
    """Blocks of customers: who, how many each stands for, and the values over draws.

    Parameters
    ----------
    terms : sequence of Terms
        What value is made of at each draw, whose units and years may differ.
    population, draws
        As in `value_bounds`.
    """
    counts = np.broadcast_to(population.counts, len(population.ids))
    of_units, of_income = [draw.purchases for draw in draws], [draw.spend for draw in draws]
    for customers, units, years in _blocks(terms, population, of_units):
        income = terms[0].income.over_draws(of_income, customers)
        yield customers, counts[customers], terms[0].value(customers, units, years, income, draws)


def predictive_bounds(
    terms: Terms,
    simulation: SimulationOf,
    bought: Population,
    spent: Population,
    draws: Sequence[Draw],
    interval: float,
) -> Bounds:
    """The same with the randomness of the customers: simulated numbers of purchases, and what is spent on them.

    Parameters
    ----------
    simulation
        Random discounted purchases and mean spend a purchase of some customers.
    bought, spent : Population
        Purchases and spend of the same customers, a row each.
    terms, draws, interval
        As in `value_bounds`.
    """

    def blocks() -> Iterator[Block]:
        size = block_size(len(draws))
        for number, i in enumerate(range(0, len(bought), size)):
            rows = np.arange(i, min(i + size, len(bought)))
            some = bought.take(rows)
            simulate = simulation(some, spent.take(rows), draws)
            value = partial(_simulated_value, terms, rows, some, simulate, draws)
            yield rows, np.ones(len(rows)), random_columns(value, (len(rows), len(draws)), (0, number))

    return reduced(blocks(), len(bought), len(draws), interval)


def _simulated_value(
    terms: Terms,
    rows: Places,
    some: Population,
    simulate: Simulate,
    draws: Sequence[Draw],
    d: int,
    rng: np.random.Generator,
) -> Array:
    """Random values of some customers at draw ``d``."""
    purchases, spend = simulate(d, rng)
    years = None if terms.years_alive is None else some.evaluate(terms.years_alive, draws[d].purchases)
    return terms.value(rows, purchases, years, spend)


def _blocks(
    terms: Sequence[Terms], population: Population, draws: Sequence[Parameters]
) -> Iterator[tuple[Places, Array, Array | None]]:
    """Blocks of customers: who, and over draws what their histories promise.

    The outer blocks are of histories, whose predictions are dear; the inner ones of the customers who share them.
    """
    owner = population.row_of_id
    by_history = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[by_history], np.arange(len(population) + 1))
    for histories, part in population.blocks(COMPUTED):
        units = at_draws([each.units for each in terms], draws, part)
        alive = [each.years_alive for each in terms if each.years_alive is not None]
        years = at_draws(alive, draws, part) if alive else None
        customers = np.concatenate([by_history[first[h] : first[h + 1]] for h in histories])
        place = np.repeat(np.arange(len(histories)), first[histories + 1] - first[histories])
        for some in parts(len(customers), len(draws)):
            rows, own = np.unique(place[some], return_inverse=True)
            yield customers[some], units(rows)[own], None if years is None else years(rows)[own]
